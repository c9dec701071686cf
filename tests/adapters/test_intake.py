"""What comes in: read as an event or told apart at once, and what is wrong is said without what was given."""

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.events_table import EventsTable
from rapport.adapters.intake import MAX_BODY_BYTES, MAX_LETTER_BYTES, Intake, read_body, take_item
from rapport.adapters.ledger import ConflictError
from rapport.adapters.planner import Planner
from rapport.adapters.telemetry import metrics
from rapport.domain.event import Event, EventError
from tests.domain.builders import NOON, an_event

SECRET = "+33612345678"
PLAIN: dict[str, Any] = {
    "id": "e-1",
    "type": "delivery.completed",
    "customer": "ada",
    "at": "2026-11-24T12:00:00+01:00",
    "data": {"order": "42"},
}
WHOLE = Event(id="e-1", type="delivery.completed", customer="ada", at=NOON, data={"order": "42"})
DEEP = '{"id": "e", "type": "a.b", "customer": "ada", "at": "2026-11-24T12:00:00Z", "data": {"x": %s}}'


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    """Counts outside of a function would be told by the next one that this process runs."""
    yield
    metrics.clear_metrics()


def envelope(**detail: Any) -> str:
    """An event of EventBridge's, around this detail."""
    outside = {"version": "0", "id": "bridge-1", "detail-type": "delivery.completed", "source": "shop"}
    return json.dumps({**outside, "time": "2026-11-24T11:00:00Z", "resources": [], "detail": detail})


def test_a_plain_event_is_read() -> None:
    assert read_body(json.dumps(PLAIN)) == WHOLE


def test_an_event_from_the_bus_borrows_what_it_lacks() -> None:
    event = read_body(envelope(customer="ada", data={"order": "42"}))
    assert event == WHOLE.model_copy(update={"id": "bridge-1"})


def test_an_event_from_the_bus_keeps_what_it_has() -> None:
    own = {"id": "e-7", "type": "delivery.moved", "at": "2026-11-23T11:00:00Z"}
    event = read_body(envelope(customer="ada", data={"order": "42"}, **own))
    assert (event.id, event.type, event.at.day) == ("e-7", "delivery.moved", 23)


def test_a_field_called_detail_makes_no_envelope() -> None:
    assert read_body(json.dumps({**PLAIN, "detail": {"customer": "bea"}})).customer == "ada"


@pytest.mark.parametrize("body", ["", "not json", "{", '{"id": "e-1"', f"{SECRET}", "\x00", '"x" "y"'])
def test_what_isnt_json_is_told_of(body: str) -> None:
    with pytest.raises(EventError, match=r"^body: expected JSON"):
        read_body(body)


@pytest.mark.parametrize("body", ["[]", f'["{SECRET}"]', "5", "null", "true", f'"{SECRET}"'])
def test_json_that_is_no_object_is_told_of(body: str) -> None:
    with pytest.raises(EventError, match=r"^body: expected a JSON object") as caught:
        read_body(body)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("field", ["id", "type", "customer", "at"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(EventError, match=f"^{field}: Field required$"):
        read_body(json.dumps({name: value for name, value in PLAIN.items() if name != field}))


@pytest.mark.parametrize("field", ["id", "type", "customer", "at", "data"])
@pytest.mark.parametrize("wrong", [None, 5, [SECRET], f"\n{SECRET}", {"x": SECRET}, "", True, SECRET * 100])
def test_a_field_of_the_wrong_kind_is_named_and_never_repeated(field: str, wrong: Any) -> None:
    if (field, wrong) == ("data", {"x": SECRET}):
        return
    with pytest.raises(EventError) as caught:
        read_body(json.dumps({**PLAIN, field: wrong}))
    assert str(caught.value).startswith(f"{field}: ")
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("at", ["2026-11-24T12:00:00", "2026-11-24", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
def test_a_time_without_offset_or_sense_is_refused(at: str) -> None:
    with pytest.raises(EventError, match=r"^at: "):
        read_body(json.dumps({**PLAIN, "at": at}))


def test_every_mistake_is_told_of_at_once() -> None:
    with pytest.raises(EventError) as caught:
        read_body(json.dumps({"id": "", "type": "X", "at": "now"}))
    assert [part.split(":")[0] for part in str(caught.value).split("; ")] == ["id", "type", "customer", "at"]


@pytest.fixture
def intake(world: World) -> Intake:
    events = EventsTable(world.dynamodb, world.stack.reference("EventsTable"))
    return Intake(events, world.sqs, world.stack.reference("IntakeDeadLetters"), lambda: NOON)


def letters(intake: Intake) -> list[tuple[str, str]]:
    """What lies in the dead letters, with the reason."""
    found = intake.sqs.receive_message(
        QueueUrl=intake.dead_letters, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return [
        (letter["Body"], letter["MessageAttributes"]["reason"]["StringValue"]) for letter in found.get("Messages", [])
    ]


def put(intake: Intake) -> list[str]:
    return [item["id"]["S"] for item in intake.events.client.scan(TableName=intake.events.table)["Items"]]


def test_an_event_goes_into_the_table_once_and_nothing_to_the_dead_letters(intake: Intake) -> None:
    for _ in range(2):
        intake.take(json.dumps(PLAIN))
    assert (put(intake), letters(intake)) == (["e-1"], [])


def test_what_cant_be_an_event_goes_to_the_dead_letters_as_it_came_with_the_reason(intake: Intake) -> None:
    intake.take(f'["{SECRET}"]')
    assert letters(intake) == [
        (f'["{SECRET}"]', "body: expected a JSON object with id, type, customer, at and data"),
    ]
    assert put(intake) == []


def test_a_contradiction_goes_to_the_dead_letters_too(intake: Intake) -> None:
    intake.take(json.dumps(PLAIN))
    other = json.dumps({**PLAIN, "data": {"order": "43"}})
    intake.take(other)
    assert letters(intake) == [(other, "id: used before, for another event")]


UNHOLDABLE = ["NaN", "Infinity", "1e200", "9" * 50, "[" * 90_000, "1e-150", "-1e-126", '"\\ud800"', '{"\\udfff": [1]}']


@pytest.mark.parametrize("given", UNHOLDABLE)
def test_what_no_table_can_hold_goes_to_the_dead_letters_at_once(intake: Intake, given: str) -> None:
    intake.take(DEEP % given)
    assert [body for body, _ in letters(intake)] == [DEEP % given]


@pytest.mark.parametrize("given", ["1e-125", "0.0", "-0.0", '"\\ud83d\\ude00"', "9" * 37])
def test_what_the_table_can_just_hold_is_put_there(intake: Intake, given: str) -> None:
    intake.take(DEEP % given)
    assert (put(intake), letters(intake)) == (["e"], [])


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    frame = len(DEEP % '""')
    assert read_body(DEEP % f'"{"x" * (MAX_BODY_BYTES - frame)}"').id == "e"
    for text in ("x" * (MAX_BODY_BYTES - frame + 1), "\u00e9" * ((MAX_BODY_BYTES - frame) // 2 + 1)):
        with pytest.raises(EventError, match=r"^body: expected at most 100000 bytes"):
            read_body(DEEP % f'"{text}"')


def test_a_body_that_leaves_no_room_for_its_reason_is_cut(intake: Intake) -> None:
    intake.take("\u00e9" * 131_000)
    [(body, reason)] = letters(intake)
    assert body == "\u00e9" * (MAX_LETTER_BYTES // 2)
    assert reason == "body: expected at most 100000 bytes of JSON"


def taken(item: dict[str, Any]) -> tuple[Mock, Mock]:
    """Planner and audience after an item of the stream."""
    planner, audience = Mock(spec=Planner), Mock()
    planner.ledger, planner.clock = Mock(), lambda: NOON
    planner.ledger.reject.return_value = None
    take_item(items.to_item(item), planner, audience)
    return planner, audience


def test_an_item_for_a_customer_goes_to_the_planner_and_one_for_everyone_to_the_audience() -> None:
    planner, audience = taken(PLAIN)
    planner.take.assert_called_once_with(WHOLE)
    audience.tell.assert_not_called()
    planner, audience = taken({**PLAIN, "customer": "*"})
    audience.tell.assert_called_once_with(WHOLE.model_copy(update={"customer": "*"}))
    planner.take.assert_not_called()


def test_an_item_that_is_no_event_ends_as_rejected_under_its_own_id() -> None:
    planner, audience = taken({"customer": "ada", "id": "e-9", "type": "Nonsense", "at": SECRET})
    ((customer, event, notes, now, _),) = [call.args for call in planner.ledger.reject.call_args_list]
    assert (customer, event, now) == ("ada", "e-9", NOON)
    assert notes[0].startswith("type: ")
    assert "; at: " in notes[0]
    assert SECRET not in notes[0]
    planner.take.assert_not_called()
    audience.tell.assert_not_called()


def test_an_item_as_our_own_door_puts_it_is_the_event_again() -> None:
    event = an_event("delivery.completed", item="fern", stars=4)
    planner, _ = taken({**event.model_dump(mode="json"), "expires": 5})
    planner.take.assert_called_once_with(event)


def test_an_item_that_says_nothing_of_its_end_is_given_one_once_it_has_been_seen_to() -> None:
    for item in (PLAIN, {**PLAIN, "customer": "*"}, {**PLAIN, "type": "Nonsense"}):
        _, audience = taken(item)
        audience.events.expire.assert_called_once_with(item["customer"], "e-1", NOON)
        _, audience = taken({**item, "expires": 5})
        audience.events.expire.assert_not_called()


def test_an_item_that_could_not_be_seen_to_is_left_as_it_is() -> None:
    planner, audience = Mock(spec=Planner), Mock()
    planner.take.side_effect = ConflictError
    with pytest.raises(ConflictError):
        take_item(items.to_item(PLAIN), planner, audience)
    audience.events.expire.assert_not_called()


LIST = "LIST back-in-stock teapot"


@pytest.mark.parametrize(
    ("customer", "event"),
    [
        (LIST, "e-9"),
        ("two words", "e-9"),
        ("ada", "two words"),
        ("ada", "x" * 300),
        ("\u00e9" * 500, "e-9"),
        (LIST, LIST),
    ],
)
def test_what_is_no_customer_or_no_id_never_becomes_a_key(customer: str, event: str) -> None:
    planner, _ = taken({**PLAIN, "customer": customer, "id": event})
    pk, sk, *_ = planner.ledger.reject.call_args.args
    assert re.fullmatch("REJECTED [0-9a-f]{32}", pk)
    assert re.fullmatch("[0-9a-f]{32}", sk)


def test_only_the_same_unreadable_item_is_the_same_rejection_whenever_it_ends() -> None:
    said: list[dict[str, Any]] = [{}, {"expires": 5}, {"data": {"order": "43"}}]
    marks = [taken({**PLAIN, "type": "Nonsense", **more})[0].ledger.reject.call_args.args[4] for more in said]
    assert marks[0] == marks[1] != marks[2]
