"""Those who asked to hear that an item is back."""

from collections.abc import Callable
from datetime import UTC, datetime

from local.world import World
from rapport.adapters import items
from rapport.adapters.ledger import FULL_PAGE, list_key
from rapport.adapters.many_items import write_all
from rapport.domain.customer import Address, Consent, Customer
from rapport.domain.words import Channel, Purpose
from tests.conftest import MONDAY
from tests.stories.people import LONDON, TOKYO, meet


def waiting(name: str, item: str) -> list[items.Item]:
    """Somebody in London who may be sent offers by e-mail and waits for the item, as the ledger knows them."""
    email = Address(channel=Channel.EMAIL, value=f"{name}@example.com")
    leave = Consent(channel=Channel.EMAIL, purpose=Purpose.PROMOTIONAL, given=True, at=MONDAY)
    customer = Customer(id=name, known=True, zones=("Europe/London",), addresses=(email,), consents=(leave,))
    want = {**items.key(list_key("back-in-stock", item), name), "kind": {"S": "want"}, "asked_by": {"S": "w"}}
    return [items.customer_item(customer), want]


def test_who_asked_is_told_and_who_did_not_is_not(world: World) -> None:
    for customer in ("ana", "eve"):
        meet(world, customer, LONDON, "promotional")
    world.happens("stock.wanted", "ana", item="teapot")
    world.happens("stock.back", "*", item="teapot", name="the blue teapot")
    assert [text.text for text in world.texts_to("ana")] == [
        "Fern & Oak: the blue teapot is back, as you asked us to say. Reply STOP to hear no more."
    ]
    assert world.entries("eve") == []


def test_the_eleventh_back_within_the_hour_tells_nobody_twice(world: World) -> None:
    meet(world, "ana", LONDON, "promotional")
    world.happens("stock.wanted", "ana", item="teapot")
    for _ in range(11):
        world.happens("stock.back", "*", item="teapot")
        world.advance("5 minutes")
    assert len(world.carriers.taken) == 1


def test_who_asks_again_after_being_told_is_told_again(world: World) -> None:
    meet(world, "ana", LONDON, "promotional")
    for _ in range(2):
        world.happens("stock.wanted", "ana", item="teapot")
        world.happens("stock.back", "*", item="teapot")
        world.advance("4 days")
    assert len(world.texts_to("ana")) == 2


def test_a_list_of_more_than_one_page_is_told_to_its_end_each_once(make_world: Callable[..., World]) -> None:
    world = make_world(datetime(2026, 11, 23, 12, tzinfo=UTC))
    world.carriers.receipts = False
    names = [f"c{number:03d}" for number in range(FULL_PAGE + 5)]
    puts = [{"PutRequest": {"Item": item}} for name in names for item in waiting(name, "teapot")]
    write_all(world.dynamodb, world.ledger_table, puts)
    world.happens("stock.back", "*", item="teapot")
    world.advance("1 hour")
    assert sorted(mail.to for mail in world.carriers.taken) == [f"{name}@example.com" for name in names]


def test_who_sleeps_hears_of_it_in_the_morning(make_world: Callable[..., World]) -> None:
    world = make_world(datetime(2026, 11, 23, 18, tzinfo=UTC))  # 03:00 in Tokyo
    meet(world, "kenji", TOKYO, "promotional")
    world.happens("stock.wanted", "kenji", item="teapot")
    world.happens("stock.back", "*", item="teapot")
    assert world.texts_to("kenji") == []
    world.advance("1 day")
    [text] = world.texts_to("kenji")
    assert f"{text.local:%H:%M}" == "08:05"


def test_who_said_stop_in_the_night_hears_nothing_in_the_morning(make_world: Callable[..., World]) -> None:
    world = make_world(datetime(2026, 11, 23, 18, tzinfo=UTC))
    meet(world, "kenji", TOKYO, "promotional")
    world.happens("stock.wanted", "kenji", item="teapot")
    world.happens("stock.back", "*", item="teapot")
    world.advance("2 hours")
    world.happens("consent.withdrawn", "kenji", channel="sms", source="STOP")
    world.advance("1 day")
    assert world.carriers.taken == []
    [unsaid] = world.unsaid_to("kenji")
    assert unsaid.message.reason == "no-consent"


def test_three_things_back_in_one_week_are_two_messages(world: World) -> None:
    meet(world, "ana", LONDON, "promotional")
    for item in ("teapot", "lamp", "rug"):
        world.happens("stock.wanted", "ana", item=item)
        world.happens("stock.back", "*", item=item)
    assert len(world.texts_to("ana")) == 2
    [unsaid] = world.unsaid_to("ana")
    assert (unsaid.message.reason, unsaid.message.decision.because) == (
        "capped",
        "2 check-in and promotional messages in 1 week, the cap is 2",
    )
