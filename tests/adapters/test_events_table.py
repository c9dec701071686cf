"""The Events table: an event is put once, its id means one thing, and a batch is written whole or loudly not."""

import time
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.world import World
from rapport.adapters import items
from rapport.adapters.events_table import KEPT, ContradictionError, EventsTable, event_item
from rapport.adapters.many_items import write_all
from rapport.domain.event import Event
from tests.adapters.stub import session
from tests.domain.builders import NOON, SECOND, an_event

SCHEDULED = an_event("delivery.scheduled", stars=5, window="noon")


@pytest.fixture
def table(world: World) -> EventsTable:
    return EventsTable(world.dynamodb, world.stack.reference("EventsTable"))


def lying(table: EventsTable) -> list[dict[str, Any]]:
    """What is in the table, in the order of keys."""
    found = [items.from_item(item) for item in table.client.scan(TableName=table.table)["Items"]]
    return sorted(found, key=lambda item: (item["customer"], item["id"]))


def test_an_event_is_put_as_it_is_and_expires_in_thirty_days(table: EventsTable) -> None:
    assert table.put(SCHEDULED, NOON)
    (item,) = lying(table)
    assert Event.model_validate(item) == SCHEDULED
    assert item["expires"] == int((NOON + timedelta(days=30)).timestamp())
    assert timedelta(days=30) == KEPT


def test_the_same_event_twice_is_known_already_and_stays_as_it_was(table: EventsTable) -> None:
    table.put(SCHEDULED, NOON)
    before = lying(table)
    assert not table.put(SCHEDULED, NOON + SECOND)
    assert lying(table) == before


@pytest.mark.parametrize(
    "changes",
    [{"data": {"order": "43"}}, {"data": {}}, {"type": "delivery.moved"}, {"data": {**SCHEDULED.data, "stars": "5"}}],
)
def test_an_id_that_meant_something_else_is_a_contradiction(table: EventsTable, changes: dict[str, Any]) -> None:
    table.put(SCHEDULED, NOON)
    before = lying(table)
    with pytest.raises(ContradictionError, match=r"^id: used before, for another event$"):
        table.put(SCHEDULED.model_copy(update=changes), NOON)
    assert lying(table) == before


def test_the_same_news_told_at_another_time_is_the_same_event(table: EventsTable) -> None:
    table.put(SCHEDULED, NOON)
    assert not table.put(SCHEDULED.model_copy(update={"at": NOON + SECOND}), NOON)


def test_an_id_is_the_customers_own(table: EventsTable) -> None:
    table.put(SCHEDULED, NOON)
    assert table.put(SCHEDULED.model_copy(update={"customer": "bea", "data": {}}), NOON)
    assert [item["customer"] for item in lying(table)] == ["ada", "bea"]


@pytest.mark.parametrize("number", [5.5, -3, 10**20, 0.1])
def test_a_number_doesnt_make_the_same_event_another(table: EventsTable, number: float) -> None:
    event = an_event("reply.received", stars=number, deep=[{"n": number}])
    assert [table.put(event, NOON), table.put(event, NOON)] == [True, False]


@pytest.mark.parametrize("number", [5.0, -0.0, 1e22])
def test_a_whole_number_with_a_point_doesnt_either(table: EventsTable, number: float) -> None:
    event = an_event("reply.received", stars=number)
    assert [table.put(event, NOON), table.put(event, NOON)] == [True, False]


def test_what_lies_there_and_cant_be_read_is_a_contradiction(table: EventsTable) -> None:
    broken = {"customer": "ada", "id": SCHEDULED.id, "type": "Not A Type"}
    table.client.put_item(TableName=table.table, Item=items.to_item(broken))
    with pytest.raises(ContradictionError, match=r"^id: used before, for another event$"):
        table.put(SCHEDULED, NOON)
    assert lying(table) == [broken]


def test_what_somebody_else_put_expires_thirty_days_on_and_keeps_an_end_of_its_own(table: EventsTable) -> None:
    table.client.put_item(TableName=table.table, Item=items.to_item(SCHEDULED.model_dump(mode="json")))
    table.expire("ada", SCHEDULED.id, NOON)
    table.expire("ada", SCHEDULED.id, NOON + SECOND)
    assert lying(table) == [items.from_item(event_item(SCHEDULED, NOON))]


def test_what_is_gone_stays_gone(table: EventsTable) -> None:
    table.expire("ada", "gone", NOON)
    assert lying(table) == []


def many(number: int) -> list[Event]:
    return [SCHEDULED.model_copy(update={"id": f"e{index:03}"}) for index in range(number)]


@pytest.mark.parametrize("number", [0, 1, 25, 26, 60])
def test_many_events_are_all_put(table: EventsTable, number: int) -> None:
    table.put_all(many(number), NOON)
    assert [item["id"] for item in lying(table)] == [event.id for event in many(number)]


def test_putting_many_again_changes_nothing(table: EventsTable) -> None:
    table.put_all(many(3), NOON)
    before = lying(table)
    table.put_all(many(3), NOON)
    assert lying(table) == before


def puts(number: int) -> list[dict[str, Any]]:
    return [{"PutRequest": {"Item": event_item(event, NOON)}} for event in many(number)]


def kept_back(writes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"UnprocessedItems": {"t": writes} if writes else {}}


def stubbed() -> tuple[Any, Stubber]:
    client: Any = boto3.Session.client(session(), "dynamodb")
    return client, Stubber(client)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause would have been."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_what_dynamodb_keeps_back_is_asked_for_again_and_nothing_else(pauses: list[float]) -> None:
    client, stub = stubbed()
    writes = puts(30)
    first, second = writes[:25], writes[25:]
    for asked, back in ((first, first[7:]), (first[7:], first[24:]), (first[24:], []), (second, [])):
        stub.add_response("batch_write_item", kept_back(back), {"RequestItems": {"t": asked}})
    with stub:
        write_all(client, "t", writes)
    stub.assert_no_pending_responses()
    assert len(pauses) == 2


def test_what_dynamodb_keeps_back_for_good_raises_after_ever_longer_pauses(pauses: list[float]) -> None:
    client, stub = stubbed()
    writes = puts(2)
    for _ in range(5):
        stub.add_response("batch_write_item", kept_back(writes), {"RequestItems": {"t": writes}})
    with stub, pytest.raises(TimeoutError, match="kept back"):
        write_all(client, "t", writes)
    stub.assert_no_pending_responses()
    assert len(pauses) == 4
    assert pauses == sorted(pauses)
    assert sum(pauses) < 2


@pytest.mark.usefixtures("pauses")
def test_the_fifth_try_may_still_be_the_one() -> None:
    client, stub = stubbed()
    writes = puts(1)
    for back in (writes, writes, writes, writes, []):
        stub.add_response("batch_write_item", kept_back(back), {"RequestItems": {"t": writes}})
    with stub:
        write_all(client, "t", writes)
    stub.assert_no_pending_responses()


def test_nothing_to_write_asks_for_nothing() -> None:
    client, stub = stubbed()
    with stub:
        write_all(client, "t", [])
