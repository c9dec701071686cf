"""A list of thousands who asked to hear of one item: told page by page, each once, at the same cost for each."""

from local.template import ROOT
from local.world import World
from rapport.adapters import items
from rapport.adapters.audience import Audience, hashed
from rapport.adapters.content import Content
from rapport.adapters.events_table import EventsTable
from rapport.adapters.ledger import FULL_PAGE, Ledger, list_key
from rapport.adapters.many_items import write_all
from rapport.domain.event import Event

MANY = 1_200


def test_thousands_who_wait_for_one_item_are_told_page_by_page_each_once(world: World) -> None:
    names = [f"c{number:05d}" for number in range(MANY)]
    wants = [{**items.key(list_key("back-in-stock", "teapot"), name), "asked_by": {"S": "w"}} for name in names]
    write_all(world.dynamodb, world.ledger_table, [{"PutRequest": {"Item": want}} for want in wants])
    events_table = world.stack.reference("EventsTable")
    events = EventsTable(world.dynamodb, events_table)
    content = Content(ROOT / "layers" / "content")
    audience = Audience(Ledger(world.dynamodb, world.ledger_table), events, content, lambda: world.now)
    back = Event(id="back", type="stock.back", customer="*", at=world.now, data={"item": "teapot"})
    pages = 0
    while True:
        audience.tell(back)
        pages += 1
        following = {"customer": {"S": "*"}, "id": {"S": hashed("page", back.id)}}
        if "Item" not in world.dynamodb.get_item(TableName=events_table, Key=following):
            break
        back = back.model_copy(update={"id": hashed("page", back.id)})
    assert pages == MANY // FULL_PAGE + 1
    told = world.deployment.table(events_table).items
    assert sorted(customer.value for customer in told if customer.value != "*") == names
    assert all(len(own) == 1 for customer, own in told.items() if customer.value != "*")
