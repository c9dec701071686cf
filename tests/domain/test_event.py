"""What may be told of a customer: taken when it says what it should, refused without being repeated when it doesn't."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from rapport.domain.event import MAX_DATA_BYTES, Declaration, Event, EventError, check_data, read_moment
from tests.domain.builders import NOON, an_event

KINDS = {"parcel.seen": {"where": "text", "at": "time?", "day": "day?", "weight": "number?", "damaged": "flag?"}}
SECRET = "ada@example.com"


def seen(**data: Any) -> Event:
    return Event(id="e-1", type="parcel.seen", customer="ada", at=NOON, data=data)


def test_an_event_may_leave_out_what_is_optional_and_tell_more_than_was_asked() -> None:
    check_data(seen(where="Lyon", mood="sunny", weight=None), KINDS)


@pytest.mark.parametrize(
    "data",
    [
        {"at": "2026-11-30T17:00:00+01:00"},
        {"at": "2026-11-30T16:00:00Z"},
        {"day": "2026-11-30"},
        {"weight": 3},
        {"weight": 2.5},
        {"damaged": False},
    ],
)
def test_a_field_of_the_declared_kind_is_taken(data: dict[str, Any]) -> None:
    check_data(seen(where="Lyon", **data), KINDS)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("where", 7, "text"),
        ("where", [SECRET], "text"),
        ("at", SECRET, "a time with its offset, such as 2026-11-30T17:00:00+01:00"),
        ("at", "2026-11-30T17:00:00", "a time with its offset, such as 2026-11-30T17:00:00+01:00"),
        ("at", 1795968000, "a time with its offset, such as 2026-11-30T17:00:00+01:00"),
        ("day", "30/11/2026", "a day such as 2026-11-30"),
        ("day", "2026-11-31", "a day such as 2026-11-30"),
        ("weight", "12 kg", "a number"),
        ("weight", True, "a number"),
        ("damaged", 1, "true or false"),
    ],
)
def test_a_field_of_another_kind_is_refused_with_its_place_and_never_its_value(
    field: str, value: Any, expected: str
) -> None:
    with pytest.raises(EventError) as refusal:
        check_data(seen(**{"where": "Lyon", field: value}), KINDS)
    assert str(refusal.value) == f"data.{field}: expected {expected}"


def test_a_field_that_must_be_there_is_missed_by_name() -> None:
    for data in ({}, {"where": None}):
        with pytest.raises(EventError, match=r"^data\.where: missing; expected text$"):
            check_data(seen(**data), KINDS)


def test_a_type_that_nobody_declared_is_refused() -> None:
    with pytest.raises(EventError, match=r"^type: nothing is known of delivery\.lost"):
        check_data(an_event("delivery.lost"), KINDS)


def test_an_event_carries_sixteen_kilobytes_and_no_more() -> None:
    frame = len('{"where": ""}')
    check_data(seen(where="x" * (MAX_DATA_BYTES - frame)), KINDS)
    with pytest.raises(EventError, match=r"^data: expected at most 16384 bytes"):
        check_data(seen(where="x" * (MAX_DATA_BYTES - frame + 1)), KINDS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "two words"},
        {"id": "line\nbreak"},
        {"customer": ""},
        {"type": "delivery"},
        {"type": "Delivery.Scheduled"},
        {"at": "2026-11-24T11:00:00"},
    ],
)
def test_an_envelope_that_could_be_misread_is_refused(wrong: dict[str, str]) -> None:
    whole = {"id": "e-1", "type": "parcel.seen", "customer": "ada", "at": "2026-11-24T11:00:00Z", "data": {}}
    Event.model_validate(whole)
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Event.model_validate({**whole, **wrong})


def test_the_same_news_has_the_same_fingerprint_whenever_it_is_told() -> None:
    first = seen(where="Lyon", weight=3)
    later = seen(weight=3, where="Lyon").model_copy(update={"at": NOON + timedelta(hours=1), "id": "e-2"})
    assert first.fingerprint() == later.fingerprint()


def test_other_news_under_the_same_id_is_found_out_by_its_fingerprint() -> None:
    first = seen(where="Lyon")
    others = [
        seen(where="Nice"),
        first.model_copy(update={"customer": "bob"}),
        first.model_copy(update={"type": "parcel.lost"}),
    ]
    assert first.fingerprint() not in {other.fingerprint() for other in others}


def test_a_time_without_its_offset_is_nobodys_time() -> None:
    with pytest.raises(ValueError, match="expected a time with its offset"):
        read_moment("2026-11-30T17:00:00")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z"])
def test_an_event_at_a_time_that_only_a_mistake_can_name_is_none(at: str) -> None:
    with pytest.raises(ValidationError, match="expected a year from 2000 to 2199"):
        Event.model_validate({"id": "e-1", "type": "parcel.seen", "customer": "ada", "at": at})


@pytest.mark.parametrize("day", ["20261130", "2026-W48-1", "2026-13-01"])
def test_a_day_is_written_in_one_way(day: str) -> None:
    with pytest.raises(EventError, match=r"^data\.day: expected a day such as 2026-11-30$"):
        check_data(seen(where="door", day=day), KINDS)


@pytest.mark.parametrize("declaration", ["text", "time?", "day", "number?", "flag"])
def test_a_declaration_names_a_kind(declaration: str) -> None:
    assert TypeAdapter(Declaration).validate_python(declaration) == declaration


@pytest.mark.parametrize("declaration", ["string", "text??", "", None, 3, "time ?"])
def test_a_declaration_of_no_kind_is_refused_with_the_kinds_there_are(declaration: object) -> None:
    with pytest.raises(ValidationError, match="expected text, time, day, number or flag"):
        TypeAdapter(Declaration).validate_python(declaration)


@pytest.mark.parametrize(
    "leaf", [1e-150, -1e-126, 5e-324, 1e38, 10**38, float("nan"), "\ud800", "a\udfffb", {"\udc00": 1}]
)
def test_what_the_table_cannot_hold_is_no_event_however_deep_it_lies(leaf: Any) -> None:
    for data in ({"x": leaf}, {"x": [{"y": leaf}]}):
        with pytest.raises(ValidationError, match=r"data\n  Value error, expected (numbers|text)"):
            seen(**data)


@pytest.mark.parametrize("leaf", [1e-125, -1e-125, 0, 0.0, 10**37, True, "\U0001f600", "\ue000", None])
def test_what_the_table_can_just_hold_is_an_event(leaf: Any) -> None:
    assert seen(x=leaf, deep=[{"y": leaf}]).data["x"] == leaf
