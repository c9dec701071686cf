"""plan_messages: what happened becomes runs, messages and a recorded outcome, all of it or nothing."""

from typing import Any

import pytest

from local.world import World
from rapport.adapters import items, many_items
from tests.functions.on_record import CUSTOMER, EMAIL, PHONE, RUN, counted, events, failed, ledger, put, streamed, wake
from tests.functions.trouble import Trouble

PROFILE = (CUSTOMER, "PROFILE")
AT = "2026-11-23T09:00:00+00:00"
TODAY = "2026-11-23T17:30:00+00:00"
LIST = "LIST back-in-stock teapot"
BACK: dict[str, Any] = {
    "id": "teapot-back",
    "type": "stock.back",
    "customer": "*",
    "at": AT,
    "data": {"item": "teapot", "name": "The Quillfeather teapot"},
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before trying again."""
    monkeypatch.setattr(many_items, "pause", lambda _: None)


def happened(kind: str, customer: str = CUSTOMER, **data: Any) -> items.Item:
    """An item of the Events table."""
    event_id = f"{kind}-{customer}"
    return items.to_item({"id": event_id, "type": kind, "customer": customer, "at": AT, "data": data})


def known(customer: str = CUSTOMER) -> items.Item:
    """That a customer has a telephone and is in London."""
    particulars = {"name": "Ana Quillfeather", "country": "GB", "time_zone": "Europe/London"}
    return happened("customer.updated", customer, **particulars, addresses={"sms": PHONE, "email": EMAIL})


def due_today(customer: str = CUSTOMER) -> items.Item:
    """A delivery whose reminder is due at once."""
    return happened("delivery.scheduled", customer, order="7", due_at=TODAY, window="2 to 4 pm")


def plan(world: World, *happenings: items.Item) -> list[str]:
    """Gives the function these items; returns which of them come back."""
    return failed(wake(world, "plan_messages", streamed("plan_messages", *happenings)))


def test_ana_is_known_and_her_reminder_waits_for_the_evening_before(world: World) -> None:
    assert failed(wake(world, "plan_messages")) == []
    there = {key: items.from_item(item) for key, item in ledger(world).items()}
    assert there[PROFILE]["name"] == "Ana"
    assert [address["value"] for address in there[PROFILE]["addresses"]] == [PHONE, EMAIL]
    assert there[CUSTOMER, RUN]["wake_at"] == "2026-11-25T17:00:00Z"
    assert there[CUSTOMER, RUN]["entry"] == "order-1042-scheduled"
    for event in ("c-ana-1", "order-1042-scheduled"):
        assert there[CUSTOMER, f"EVENT#{event}"]["outcome"] == "planned"
    assert {*there[CUSTOMER, "ORDER#1042"]} >= {"due_at", "as_of", "status"}
    assert (f"ADDRESS {PHONE}", CUSTOMER) in there
    assert len(there) == 6


def test_what_is_due_now_is_queued_with_its_words_and_the_reason_for_its_channel(world: World) -> None:
    assert plan(world, known(), due_today()) == []
    there = {sk.split("#")[0]: items.from_item(item) for (_, sk), item in ledger(world).items()}
    message = there["MESSAGE"]
    assert (message["status"], message["channel"], message["address"]) == ("queued", "sms", PHONE)
    assert message["decision"]["because"] == "sms: preferred address, no objection to service messages"
    assert message["text"].startswith("Fern & Oak: hi Ana Quillfeather, your delivery comes on Monday, 2 to 4")
    assert counted(world)["QueuedMessages"] == 1


def test_the_same_records_again_change_nothing(world: World) -> None:
    wake(world, "plan_messages")
    plan(world, due_today())
    before = ledger(world)
    world.clock.shift(3600)
    assert failed(wake(world, "plan_messages")) == []
    assert plan(world, due_today()) == []
    assert ledger(world) == before
    assert counted(world)["QueuedMessages"] == 1


def test_an_event_that_cannot_be_used_is_rejected_on_record_and_its_neighbours_are_planned(world: World) -> None:
    nameless = items.to_item({"id": "x", "type": "Not A Type", "customer": CUSTOMER, "at": AT, "data": {}})
    assert plan(world, known(), nameless, happened("delivery.moved", order="7"), due_today()) == []
    there = ledger(world)
    outcomes = {sk: item["outcome"]["S"] for (_, sk), item in there.items() if sk.startswith("EVENT#")}
    assert outcomes == {
        "EVENT#customer.updated-c-ana": "planned",
        "EVENT#x": "rejected",
        "EVENT#delivery.moved-c-ana": "rejected",
        "EVENT#delivery.scheduled-c-ana": "planned",
    }
    assert counted(world)["RejectedEvents"] == 2


def test_a_list_cannot_be_jammed_by_what_is_put_under_its_name(world: World) -> None:
    poison = {"id": "x", "type": "stock.wanted", "customer": LIST, "at": AT, "data": {}}
    assert plan(world, happened("stock.wanted", item="teapot"), items.to_item(poison), items.to_item(BACK)) == []
    assert [event["customer"] for event in events(world).values()] == [CUSTOMER]
    [(pk, _)] = [key for key in ledger(world) if key[0].startswith("REJECTED ")]
    assert LIST not in pk
    assert counted(world)["RejectedEvents"] == 1


def test_an_event_that_was_rejected_is_planned_when_it_comes_corrected_and_only_once(world: World) -> None:
    right = {**items.from_item(due_today()), "id": "again"}
    unreadable = {name: value for name, value in right.items() if name != "at"}
    lacking = {**right, "data": {"order": "7"}}
    given = [unreadable, unreadable, lacking, lacking, right, right, unreadable, lacking]
    assert plan(world, known(), *(items.to_item(event) for event in given)) == []
    assert ledger(world)[CUSTOMER, "EVENT#again"]["outcome"] == {"S": "planned"}
    assert counted(world)["QueuedMessages"] == 1
    assert counted(world)["RejectedEvents"] == 2
    assert counted(world)["ContradictedEvents"] == 2


def test_an_item_that_a_system_put_goes_thirty_days_on_like_every_other(world: World) -> None:
    table = world.stack.reference("EventsTable")
    for item in (known(), due_today()):
        world.dynamodb.put_item(TableName=table, Item=item)
    in_thirty_days = int(world.now.timestamp()) + 30 * 24 * 3600
    assert plan(world, known(), due_today()) == []
    assert [event["expires"] for event in events(world).values()] == [in_thirty_days] * 2


def test_an_end_that_is_given_to_an_item_plans_nothing_anew_and_the_item_put_again_does(world: World) -> None:
    def planned() -> int:
        return sum('"message":"planned"' in line for line in world.log.lines)

    def rejected() -> int:
        return sum('"message":"rejected"' in line for line in world.log.lines)

    table = world.stack.reference("EventsTable")
    wrong = {**due_today(), "data": {"M": {}}}
    for item, news in ((known(), (1, 0)), (wrong, (1, 1)), (due_today(), (2, 1))):
        world.dynamodb.put_item(TableName=table, Item=item)
        world.settle()
        assert (planned(), rejected()) == news


def test_an_event_of_no_use_is_planned_when_somebody_corrects_it_where_it_lies(world: World) -> None:
    table = world.stack.reference("EventsTable")
    for item in (known(), {**due_today(), "data": {"M": {}}}):
        world.dynamodb.put_item(TableName=table, Item=item)
    world.settle()
    world.dynamodb.update_item(
        TableName=table,
        Key={name: due_today()[name] for name in ("customer", "id")},
        UpdateExpression="SET #data = :data",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":data": due_today()["data"]},
    )
    world.settle()
    assert [each.message.status for each in world.entries(CUSTOMER)] == ["sent"]


def test_when_its_end_cannot_be_written_the_record_comes_back_and_is_not_planned_again(
    world: World, trouble: Trouble
) -> None:
    trouble.fails("DynamoDB.UpdateItem", "InternalServerError", 500, times=10)
    assert plan(world, known(), due_today())[0] == "s0"
    trouble.rules.clear()
    assert plan(world, known(), due_today()) == []
    assert counted(world)["QueuedMessages"] == 1


def test_when_the_ledger_does_not_take_one_plan_the_stream_comes_back_to_that_one(
    world: World, trouble: Trouble
) -> None:
    trouble.fails("DynamoDB.TransactWriteItems", "InternalServerError", 500, about="c-ben")
    assert plan(world, known(), known("c-ben"), due_today()) == ["s1"]
    assert {pk for pk, _ in ledger(world)} == {CUSTOMER, f"ADDRESS {PHONE}"}
    assert (f"ADDRESS {PHONE}", "c-ben") not in ledger(world)
    assert counted(world)["QueuedMessages"] == 1


def test_when_somebody_else_writes_first_it_reads_again_and_plans_on_that(world: World, trouble: Trouble) -> None:
    trouble.fails("DynamoDB.TransactWriteItems", "TransactionCanceledException", times=3)
    assert plan(world, known()) == []
    assert PROFILE in ledger(world)
    assert len(trouble.parameters("DynamoDB.BatchGetItem")) == 4


def test_when_somebody_else_always_writes_first_it_comes_back(world: World, trouble: Trouble) -> None:
    trouble.fails("DynamoDB.TransactWriteItems", "TransactionCanceledException")
    assert plan(world, known()) == ["s0"]
    assert ledger(world) == {}


def test_keys_that_dynamodb_keeps_back_are_asked_for_again(world: World, trouble: Trouble) -> None:
    plan(world, known())
    kept = {"Responses": {}, "UnprocessedKeys": {world.ledger_table: {"Keys": [items.profile_key(CUSTOMER)]}}}
    trouble.answers("DynamoDB.BatchGetItem", kept, times=1)
    assert plan(world, due_today()) == []
    assert counted(world)["QueuedMessages"] == 1
    trouble.answers("DynamoDB.BatchGetItem", kept)
    assert plan(world, happened("delivery.cancelled", order="7")) == ["s0"]
    assert "EVENT#delivery.cancelled-c-ana" not in {sk for _, sk in ledger(world)}


def test_everyone_who_asked_gets_an_event_of_their_own_and_leaves_the_list(world: World) -> None:
    plan(world, happened("stock.wanted", item="teapot"), happened("stock.wanted", "c-ben", item="teapot"))
    assert plan(world, items.to_item(BACK)) == []
    told = events(world).values()
    assert sorted(event["customer"] for event in told) == ["c-ana", "c-ben"]
    assert all(event["data"] == BACK["data"] and event["type"] == "stock.back" for event in told)
    assert LIST not in {pk for pk, _ in ledger(world)}
    assert ledger(world)["*", "EVENT#teapot-back"]["notes"]["L"] == [{"S": "told 2 who asked to hear of it"}]


def test_everyone_is_told_once_however_often_the_record_comes(world: World) -> None:
    plan(world, happened("stock.wanted", item="teapot"))
    plan(world, items.to_item(BACK))
    before = events(world)
    plan(world, happened("stock.wanted", "c-ben", item="teapot"))
    assert plan(world, items.to_item(BACK)) == []
    assert events(world) == before


def test_a_long_list_is_told_page_by_page(world: World) -> None:
    put(world, *({**items.key(LIST, f"c-{i}"), **items.to_item({"asked_by": f"e{i}"})} for i in range(101)))
    assert plan(world, items.to_item(BACK)) == []
    [page] = [event for event in events(world).values() if event["customer"] == "*"]
    assert len(events(world)) == 101
    assert [sk for pk, sk in ledger(world) if pk == LIST] == ["c-99"]
    assert plan(world, items.to_item(page)) == []
    assert "c-99" in {event["customer"] for event in events(world).values()}
    assert LIST not in {pk for pk, _ in ledger(world)}


@pytest.mark.parametrize("kept_back", [1, 4])
def test_writes_that_dynamodb_keeps_back_are_made_again(world: World, trouble: Trouble, kept_back: int) -> None:
    plan(world, happened("stock.wanted", item="teapot"))
    trouble.answers(
        "DynamoDB.BatchWriteItem", lambda asked: {"UnprocessedItems": asked["RequestItems"]}, times=kept_back
    )
    assert plan(world, items.to_item(BACK)) == []
    assert len(events(world)) == 1


def test_when_nobody_can_be_told_the_list_stays_and_the_record_comes_back(world: World, trouble: Trouble) -> None:
    plan(world, happened("stock.wanted", item="teapot"))
    trouble.answers("DynamoDB.BatchWriteItem", lambda asked: {"UnprocessedItems": asked["RequestItems"]})
    assert plan(world, items.to_item(BACK)) == ["s0"]
    there = ledger(world)
    assert (LIST, CUSTOMER) in there
    assert ("*", "EVENT#teapot-back") not in there


def delivery(world: World) -> dict[str, Any]:
    """What is on record of order 7."""
    return items.from_item(ledger(world)[CUSTOMER, "ORDER#7"])


def test_a_delivery_is_on_record_as_the_last_news_has_it(world: World) -> None:
    plan(world, known(), happened("delivery.scheduled", order="7", due_at=TODAY, item="kettle", window="2 to 4 pm"))
    moved = {"id": "later", "type": "delivery.moved", "customer": CUSTOMER, "at": "2026-11-23T09:05:00+00:00"}
    news = items.to_item({**moved, "data": {"order": "7", "due_at": "2026-11-26T12:00:00+00:00"}})
    assert plan(world, news) == []
    found = delivery(world)
    assert (found["due_at"], found["item"], found["status"]) == ("2026-11-26T12:00:00+00:00", "kettle", "ahead")
    assert "window" not in found
    assert plan(world, happened("delivery.cancelled", order="7")) == []  # told late, and older than the move
    assert delivery(world) == found


@pytest.mark.parametrize(
    "data",
    [
        {"destination": {"street": "12 Quillfeather Lane"}},
        {"destination": ""},
        {"destination": "x" * 201},
        {"changeable_until": "noon"},
        {"changeable_until": "2026-11-23T12:00:00"},
    ],
)
def test_what_cannot_be_used_of_a_delivery_is_left_out_and_its_reminder_comes(
    world: World, data: dict[str, Any]
) -> None:
    assert plan(world, known(), happened("delivery.scheduled", order="7", due_at=TODAY, item="kettle", **data)) == []
    assert (delivery(world)["item"], counted(world)["QueuedMessages"]) == ("kettle", 1)
    assert not data.keys() & delivery(world).keys()


def test_a_number_is_known_as_its_owners_for_as_long_as_it_is_theirs(world: World) -> None:
    plan(world, known())
    assert (f"ADDRESS {PHONE}", CUSTOMER) in ledger(world)
    other = {"id": "new-number", "type": "customer.updated", "customer": CUSTOMER, "at": "2026-11-23T09:05:00+00:00"}
    assert plan(world, items.to_item({**other, "data": {"addresses": {"sms": "+447700900999"}}})) == []
    assert [pk for pk, _ in ledger(world) if pk.startswith("ADDRESS")] == ["ADDRESS +447700900999"]
