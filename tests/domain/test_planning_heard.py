"""What runs do with what they hear: replies, events, receipts, the passing of time; and who asked to hear of what."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from rapport.domain.event import Event
from rapport.domain.message import Status
from rapport.domain.planning import audiences, concerned, plan_receipt, plan_wake
from tests.domain.builders import DAY, NOON, SEND, a_journey, an_event
from tests.domain.desk import COMPLETED, HOUR, KEY, LISTENER, REMINDER, SCHEDULED, STOCK, Desk, Said, desk


def reply(**data: Any) -> Event:
    return an_event("reply.received", NOON + HOUR, **{"journey": "delivery", "about": "42", **data})


def test_a_reply_takes_the_run_on_that_listens_for_it() -> None:
    at = desk(LISTENER)
    at.take(SCHEDULED)
    plan = at.take(reply(), NOON + HOUR)
    assert [draft.message.template for draft in plan.drafts] == ["reminder"]
    assert at.runs[KEY].status == "completed"


@pytest.mark.parametrize("about", [{"journey": "check-in"}, {"about": "43"}])
def test_a_reply_to_something_else_changes_nothing(about: dict[str, str]) -> None:
    at = desk(LISTENER)
    at.take(SCHEDULED)
    plan = at.take(reply(**about), NOON + HOUR)
    assert (plan.drafts, at.runs[KEY].status) == ([], "active")


def test_a_reply_after_the_end_or_while_the_run_waits_for_a_time_changes_nothing() -> None:
    for journey, events in [(LISTENER, [SCHEDULED, COMPLETED]), (REMINDER, [SCHEDULED])]:
        at = desk(journey)
        for event in events:
            at.take(event)
        assert at.take(reply(), NOON + HOUR).runs == {}


def test_a_run_may_listen_for_an_event_and_keeps_what_it_heard() -> None:
    at = desk(a_journey({"wait": {"for": "order.rated", "up_to": "3 days"}}, {"wait": "1 day"}))
    at.take(SCHEDULED)
    rated = an_event("order.rated", NOON + HOUR, stars=5)
    at.take(rated, NOON + HOUR)
    assert at.runs[KEY].heard == {"type": "order.rated", "data": rated.data}
    waiting = at.runs[KEY].waiting
    assert waiting
    assert (at.runs[KEY].place, waiting.until) == ("wait 1 day", NOON + HOUR + DAY)


def test_who_asks_to_hear_of_an_item_is_put_on_its_list() -> None:
    plan = desk(STOCK, REMINDER).take(an_event("stock.wanted", NOON, item="lamp"))
    assert plan.wants == [("back", "lamp")]
    assert plan.notes == ["waits to hear of lamp (back)"]


def test_news_to_everyone_is_told_to_the_list_of_that_item() -> None:
    back = an_event("stock.back", NOON, item="lamp")
    journeys = [STOCK, REMINDER]
    assert audiences(back.model_copy(update={"customer": "*"}), journeys) == [("back", "lamp")]
    assert audiences(back, journeys) == []
    assert audiences(SCHEDULED.model_copy(update={"customer": "*"}), journeys) == []


def test_only_the_runs_that_an_event_concerns_are_read() -> None:
    assert list(concerned(SCHEDULED, [REMINDER, STOCK])) == [KEY]
    assert list(concerned(reply(about="7"), [REMINDER, STOCK])) == [("delivery", "7")]
    assert list(concerned(an_event("order.rated"), [REMINDER, STOCK])) == []


def test_a_run_that_is_woken_too_early_or_after_its_end_stays_as_it_is() -> None:
    at = desk(REMINDER)
    at.take(SCHEDULED)
    run = at.runs[KEY]
    early, drafts = plan_wake(run, at.customer, at.content, NOON + 3 * DAY - HOUR)
    assert early is run
    at.take(COMPLETED)
    over, more = plan_wake(at.runs[KEY], at.customer, at.content, NOON + 3 * DAY)
    assert (over, drafts, more) == (at.runs[KEY], [], [])


def test_a_run_that_is_woken_in_time_speaks() -> None:
    at = desk(REMINDER)
    at.take(SCHEDULED)
    run, [draft] = plan_wake(at.runs[KEY], at.customer, at.content, NOON + 3 * DAY)
    assert (run.status, draft.message.status) == ("completed", Status.QUEUED)


def test_a_run_whose_journey_is_gone_ends() -> None:
    at = desk(REMINDER)
    at.take(SCHEDULED)
    run, drafts = plan_wake(at.runs[KEY], at.customer, Said(), NOON + 3 * DAY)
    assert (run.status, run.ended_by, drafts) == ("exited", "a change of the journeys: it is gone", [])


AWAITED = {"wait": {"for": "receipt", "up_to": "1 hour", "otherwise": "go on"}}
IF_FAILED = {"branch": {"if": "heard.status", "is": "failed", "then": [SEND]}}


def last_message(at: Desk) -> str:
    return at.runs[KEY].last_message or ""


def test_a_late_receipt_of_an_earlier_message_is_not_taken_for_the_last_ones() -> None:
    at = desk(a_journey(SEND, AWAITED, IF_FAILED))
    at.take(SCHEDULED)
    run, drafts = plan_receipt(at.runs[KEY], "m-another", "failed", at.customer, at.content, NOON + HOUR / 2)
    assert run is at.runs[KEY]
    assert drafts == []


@pytest.mark.parametrize("early", [timedelta(milliseconds=20), timedelta(minutes=1)])
def test_a_wake_that_comes_a_little_early_finds_the_run_at_its_time(early: timedelta) -> None:
    at = desk(a_journey({"wait": "1 day"}, SEND))
    at.take(SCHEDULED)
    run, drafts = plan_wake(at.runs[KEY], at.customer, at.content, NOON + DAY - early)
    assert (run.status, len(drafts)) == ("completed", 1)


def test_a_message_is_due_in_utc_whatever_clock_the_event_went_by() -> None:
    """A claim compares it as text: in another zone it would be due hours later."""
    at = desk(a_journey({"wait": "1 day"}, SEND))
    at.take(an_event("delivery.scheduled", NOON.astimezone(timezone(9 * HOUR))))
    _, drafts = plan_wake(at.runs[KEY], at.customer, at.content, NOON + DAY - timedelta(milliseconds=20))
    assert [draft.message.due_at.isoformat() for draft in drafts] == [(NOON + DAY).isoformat()]


def test_a_customer_who_moved_while_a_run_waited_is_told_at_the_hour_of_the_new_place() -> None:
    evening_before = {"wait": {"until": "event.data.due_at", "days": -1, "at": "17:00"}}
    at = desk(a_journey(evening_before, SEND))
    at.take(an_event("delivery.scheduled", NOON, due_at="2026-11-27T20:00:00Z"))
    at.customer = at.customer.model_copy(update={"zones": ("America/New_York",)})
    in_paris = at.runs[KEY].waiting
    assert in_paris is not None
    run, drafts = plan_wake(at.runs[KEY], at.customer, at.content, in_paris.until)
    assert drafts == []
    assert run.waiting is not None
    assert run.waiting.until - in_paris.until == 6 * HOUR


@pytest.mark.parametrize(("status", "messages"), [("failed", 1), ("delivered", 0)])
def test_a_run_that_listens_for_a_receipt_goes_by_what_the_carrier_says(status: str, messages: int) -> None:
    at = desk(a_journey(SEND, AWAITED, IF_FAILED))
    at.take(SCHEDULED)
    run, drafts = plan_receipt(at.runs[KEY], last_message(at), status, at.customer, at.content, NOON + HOUR / 2)
    assert (run.status, len(drafts)) == ("completed", messages)


def test_a_receipt_is_nothing_to_a_run_that_listens_for_something_else_or_is_over() -> None:
    for journey, events in [(LISTENER, [SCHEDULED]), (a_journey(SEND, AWAITED), [SCHEDULED, COMPLETED])]:
        at = desk(journey)
        for event in events:
            at.take(event)
        run, drafts = plan_receipt(at.runs[KEY], last_message(at), "failed", at.customer, at.content, NOON)
        assert run is at.runs[KEY]
        assert drafts == []


def test_a_receipt_for_a_journey_that_is_gone_ends_its_run() -> None:
    at = desk(a_journey(SEND, AWAITED))
    at.take(SCHEDULED)
    run, drafts = plan_receipt(at.runs[KEY], last_message(at), "failed", at.customer, Said(), NOON)
    assert (run.status, run.ended_by, drafts) == ("exited", "a change of the journeys: it is gone", [])


def test_a_run_that_wakes_to_a_step_it_can_not_take_is_over_and_says_why() -> None:
    at = desk(a_journey({"wait": "1 day"}, {"wait": {"until": "event.data.due_at"}}))
    at.take(SCHEDULED)
    run, drafts = plan_wake(at.runs[KEY], at.customer, at.content, NOON + DAY)
    cause = "it can't go on: event.data.due_at: expected a time with its offset, or a day"
    assert (run.status, run.ended_by, drafts) == ("exited", cause, [])
