"""What an event comes to, in whatever order events come: beginnings, ends, and refusals."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.builders import DAY, NOON, SEND, a_journey, an_event, modest
from tests.domain.desk import COMPLETED, HOUR, KEY, REMINDER, SCHEDULED, desk

MOVED = an_event("delivery.moved", NOON + HOUR)


def test_an_event_begins_the_journeys_that_it_enters() -> None:
    at = desk(REMINDER)
    plan = at.take(SCHEDULED)
    run = at.runs[KEY]
    assert (run.status, run.entry, run.as_of, run.place) == ("active", SCHEDULED.id, NOON, "wait 3 days")
    assert plan.notes == ["delivery about 42 begins"]


@pytest.mark.parametrize(("told", "until"), [(HOUR, 3 * DAY), (-HOUR, 3 * DAY - HOUR)])
def test_a_run_counts_from_when_its_event_happened_but_not_from_the_future(told: timedelta, until: timedelta) -> None:
    at = desk(REMINDER)
    at.take(SCHEDULED, NOON + told)
    waiting = at.runs[KEY].waiting
    assert waiting
    assert waiting.until == NOON + until


def test_an_event_that_no_journey_has_a_use_for_says_so() -> None:
    plan = desk(REMINDER).take(an_event("order.rated"))
    assert (plan.runs, plan.rejected, plan.notes) == ({}, False, ["no journey has a use for this order.rated"])


def test_an_end_that_comes_before_its_beginning_keeps_it_from_beginning() -> None:
    at = desk(REMINDER)
    assert at.take(COMPLETED).notes == ["delivery about 42 is over before it began"]
    plan = at.take(SCHEDULED, NOON + 3 * HOUR)
    assert (plan.runs, plan.drafts, plan.notes) == ({}, [], ["delivery about 42: there is later news"])
    assert (at.runs[KEY].status, at.runs[KEY].ended_by) == ("exited", "delivery.completed")


def test_an_old_end_does_not_end_what_began_after_it() -> None:
    at = desk(REMINDER)
    late = an_event("delivery.scheduled", COMPLETED.at + HOUR)
    at.take(late)
    assert at.take(COMPLETED).runs == {}
    assert (at.runs[KEY].status, at.runs[KEY].entry) == ("active", late.id)


def test_a_delivery_that_is_moved_ends_its_reminder_and_begins_another() -> None:
    at = desk(REMINDER)
    at.take(SCHEDULED)
    before = at.runs[KEY].model_copy(update={"version": 4})
    at.runs[KEY] = before
    plan = at.take(MOVED, NOON + HOUR)
    run = at.runs[KEY]
    assert (run.status, run.entry, run.as_of, run.clock, run.version) == ("active", MOVED.id, MOVED.at, MOVED.at, 4)
    assert plan.notes == ["delivery about 42 is over", "delivery about 42 begins"]


def test_a_move_that_is_the_first_news_begins_the_reminder() -> None:
    at = desk(REMINDER)
    at.take(MOVED)
    assert (at.runs[KEY].status, at.runs[KEY].entry) == ("active", MOVED.id)


def test_the_same_beginning_told_later_begins_anew_unless_it_happens_once() -> None:
    again = an_event("delivery.scheduled", NOON + DAY)
    for once, entry, note in [
        (False, again.id, "delivery about 42 begins anew"),
        (True, SCHEDULED.id, "delivery about 42 has been before, and happens once"),
    ]:
        at = desk(a_journey({"wait": "3 days"}, SEND, once=once))
        at.take(SCHEDULED)
        assert at.take(again, NOON + DAY).notes == [note]
        assert at.runs[KEY].entry == entry


def test_what_happens_once_may_still_happen_after_an_end_without_a_beginning() -> None:
    at = desk(a_journey({"wait": "3 days"}, SEND, once=True))
    at.take(an_event("delivery.completed", NOON - DAY))
    at.take(SCHEDULED)
    assert (at.runs[KEY].status, at.runs[KEY].entry) == ("active", SCHEDULED.id)


@modest
@given(st.permutations(range(3)), st.lists(st.integers(0, 2), max_size=2))
def test_the_last_news_counts_in_whatever_order_and_however_often_the_news_arrives(
    hours: list[int], again: list[int]
) -> None:
    kinds = ["delivery.scheduled", "delivery.moved", "delivery.completed"]
    events = [an_event(kind, NOON + hour * HOUR) for kind, hour in zip(kinds, hours, strict=True)]
    last = max(events, key=lambda event: event.at)
    expected = "exited" if last.type == "delivery.completed" else "active"
    for order in permutations(events):
        at = desk(REMINDER)
        for event in [*order, *(order[index] for index in again)]:
            at.take(event, NOON + 3 * HOUR)
        assert (at.runs[KEY].status, at.runs[KEY].as_of) == (expected, last.at)


def test_orders_are_told_apart() -> None:
    at = desk(REMINDER)
    at.take(SCHEDULED)
    at.take(an_event("delivery.scheduled", NOON, order="43"))
    at.take(an_event("delivery.completed", NOON + HOUR, order="43"))
    assert {key: run.status for key, run in at.runs.items()} == {KEY: "active", ("delivery", "43"): "exited"}


@pytest.mark.parametrize(
    ("kind", "data", "note"),
    [
        ("delivery.moved", {"order": None}, "data.order: expected 1 to 200 characters; journey delivery goes by it"),
        ("delivery.moved", {"order": ""}, "data.order: expected 1 to 200 characters; journey delivery goes by it"),
        (
            "delivery.lost",
            {},
            "type: nothing is known of delivery.lost; expected one that content/events.yaml declares",
        ),
        ("delivery.completed", {"order": 42}, "data.order: expected text"),
        (
            "delivery.scheduled",
            {"due_at": "tomorrow, at ada@example.com"},
            "data.due_at: expected a time with its offset, such as 2026-11-30T17:00:00+01:00",
        ),
    ],
)
def test_a_bad_event_changes_nothing_and_is_told_where_it_is_wrong_and_not_what_it_said(
    kind: str, data: dict[str, Any], note: str
) -> None:
    at = desk(REMINDER)
    plan = at.take(an_event(kind, NOON, **data))
    assert (plan.rejected, plan.notes, plan.runs, plan.drafts) == (True, [note], {}, [])
    assert plan.customer is at.customer


def test_a_word_of_consent_that_can_not_be_read_is_rejected_rather_than_half_taken() -> None:
    plan = desk(REMINDER).take(an_event("consent.withdrawn", NOON, channel="pigeon"))
    assert plan.rejected
    assert plan.notes == ["data.channel: Input should be 'sms' or 'email'"]


def test_a_stop_is_on_record_with_the_customer() -> None:
    at = desk(REMINDER)
    plan = at.take(an_event("consent.withdrawn", NOON, channel="sms"))
    assert plan.notes == ["consent.withdrawn is on record"]
    assert [word.given for word in at.customer.consents] == [False]


def test_a_journey_that_can_not_go_on_is_over_and_says_why_and_the_others_go_on() -> None:
    stuck = a_journey({"wait": {"until": "event.data.due_at"}}, journey="stuck")
    at = desk(stuck, REMINDER)
    plan = at.take(SCHEDULED)
    cause = "it can't go on: event.data.due_at: expected a time with its offset, or a day"
    assert f"stuck about 42 is over: {cause}" in plan.notes
    assert (at.runs["stuck", "42"].status, at.runs["stuck", "42"].ended_by) == ("exited", cause)
    assert at.runs[KEY].status == "active"
