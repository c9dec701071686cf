"""An event to everyone: each who asked is told once, page by page, and then waits no more."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items, planner
from rapport.adapters.audience import Audience, hashed
from rapport.adapters.events_table import EventsTable
from rapport.adapters.ledger import Ledger, list_key
from rapport.adapters.many_items import write_all
from rapport.adapters.telemetry import metrics
from rapport.domain.event import EVERYONE, Event
from tests.adapters.sayings import SHIPPED
from tests.domain.builders import NOON

BACK = Event(id="back-1", type="stock.back", customer=EVERYONE, at=NOON, data={"item": "fern-7", "name": "Fern"})
LIST = ("back-in-stock", "fern-7")


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    """Counts outside of a function would be told by the next one that this process runs."""
    yield
    metrics.clear_metrics()


@pytest.fixture
def audience(world: World) -> Audience:
    events = EventsTable(world.dynamodb, world.stack.reference("EventsTable"))
    return Audience(Ledger(world.dynamodb, world.ledger_table), events, SHIPPED, lambda: NOON)


def ask(audience: Audience, *customers: str, about: str = "fern-7", asked_by: str = "wish") -> None:
    """Puts the customers on the list."""
    wishes = [
        {
            **items.key(list_key("back-in-stock", about), customer),
            **items.to_item({"kind": "want", "asked_by": asked_by}),
        }
        for customer in customers
    ]
    write_all(audience.ledger.client, audience.ledger.table, [{"PutRequest": {"Item": wish}} for wish in wishes])


def events(audience: Audience) -> list[dict[str, Any]]:
    """What is in the Events table."""
    pages = audience.events.client.get_paginator("scan").paginate(TableName=audience.events.table)
    return [items.from_item(item) for page in pages for item in page["Items"]]


def outcome(audience: Audience, event: str = "back-1") -> Any:
    return audience.ledger.outcome(EVERYONE, event)


def test_each_who_asked_gets_an_event_of_their_own_and_leaves_the_list(audience: Audience) -> None:
    ask(audience, "ada", "bea")
    audience.tell(BACK)
    told = sorted(events(audience), key=lambda event: str(event["customer"]))
    assert [event["customer"] for event in told] == ["ada", "bea"]
    assert len({event["id"] for event in told}) == 2
    for event in told:
        assert Event.model_validate(event) == BACK.model_copy(update={name: event[name] for name in ("id", "customer")})
    assert audience.ledger.waiting(LIST) == []
    assert outcome(audience)["notes"] == ["told 2 who asked to hear of it"]


def test_who_asked_for_something_else_goes_on_waiting(audience: Audience) -> None:
    ask(audience, "ada", about="rose-1")
    audience.tell(BACK)
    assert events(audience) == []
    assert audience.ledger.waiting(("back-in-stock", "rose-1")) == [("ada", "wish")]
    assert outcome(audience)["notes"] == ["told 0 who asked to hear of it"]


def test_the_same_event_again_tells_nobody(audience: Audience) -> None:
    ask(audience, "ada")
    audience.tell(BACK)
    ask(audience, "bea")
    audience.tell(BACK)
    assert [event["customer"] for event in events(audience)] == ["ada"]


def test_one_wish_is_answered_by_one_event_however_often_it_is_told(audience: Audience) -> None:
    for number in range(2):
        ask(audience, "ada")
        audience.tell(BACK.model_copy(update={"id": f"back-{number}"}))
    assert len(events(audience)) == 1
    ask(audience, "ada", asked_by="another wish")
    audience.tell(BACK.model_copy(update={"id": "back-9"}))
    assert len(events(audience)) == 2


@pytest.mark.parametrize(("asking", "pages"), [(99, 1), (100, 2), (101, 2), (205, 3)])
def test_a_long_list_is_told_page_by_page_until_nobody_is_left(audience: Audience, asking: int, pages: int) -> None:
    ask(audience, *(f"c{number}" for number in range(asking)))
    event, told = BACK, 0
    while True:
        audience.tell(event)
        told += 1
        rest = [each for each in events(audience) if each["customer"] == EVERYONE]
        fresh = [each for each in rest if not outcome(audience, each["id"])]
        if not fresh:
            break
        event = Event.model_validate(fresh[0])
    assert told == pages
    own = [each["customer"] for each in events(audience) if each["customer"] != EVERYONE]
    assert sorted(own) == sorted(f"c{number}" for number in range(asking))
    assert audience.ledger.waiting(LIST) == []


def test_told_again_after_a_crash_the_page_makes_the_same_events(audience: Audience) -> None:
    ask(audience, "ada", "bea")
    before = audience.ledger.waiting(LIST)
    audience.tell(BACK)
    told = sorted(event["id"] for event in events(audience))
    ask(audience, *(customer for customer, _ in before))
    audience.tell_page(BACK, LIST, NOON)
    assert sorted(event["id"] for event in events(audience)) == told


def test_an_event_that_nobody_can_ask_for_says_so(audience: Audience) -> None:
    moved = Event(id="e-1", type="delivery.completed", customer=EVERYONE, at=NOON, data={"order": "42"})
    audience.tell(moved)
    assert outcome(audience, "e-1")["notes"] == ["nobody can ask to hear of it"]
    assert outcome(audience, "e-1")["outcome"] == "planned"


@pytest.mark.parametrize("changes", [{"data": {}}, {"data": {"item": 5}}, {"type": "un.known"}])
def test_an_event_that_lacks_something_is_rejected_and_tells_nobody(audience: Audience, changes: Any) -> None:
    ask(audience, "ada")
    audience.tell(BACK.model_copy(update=changes))
    assert outcome(audience)["outcome"] == "rejected"
    assert events(audience) == []
    assert audience.ledger.waiting(LIST) == [("ada", "wish")]


def test_an_id_is_made_of_all_its_parts_and_their_borders() -> None:
    made = [hashed("told", "a", "b"), hashed("told", "ab"), hashed("told", "a", "b", ""), hashed("page", "a", "b")]
    assert len(set(made)) == 4
    assert hashed("told", "a", "b") == made[0]
    for name in made:
        assert Event.model_validate({**BACK.model_dump(), "id": name}).id == name


def test_a_rejected_event_comes_again_corrected_and_tells_everyone_once(audience: Audience) -> None:
    ask(audience, "ada")
    wrong = BACK.model_copy(update={"data": {}})
    for event in (wrong, wrong, BACK, BACK, wrong):
        audience.tell(event)
    assert [event["customer"] for event in events(audience)] == ["ada"]
    assert outcome(audience)["notes"] == ["told 1 who asked to hear of it"]


def test_each_rejection_and_each_contradiction_is_counted_once(
    audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(planner, "count", counted.append)
    wrong = BACK.model_copy(update={"data": {}})
    for event in (wrong, wrong):
        audience.tell(event)
    assert counted == ["RejectedEvents"]
    for event in (BACK, BACK, wrong):
        audience.tell(event)
    assert counted == ["RejectedEvents", "ContradictedEvents"]
