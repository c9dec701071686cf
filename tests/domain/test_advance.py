"""A run goes from step to step: it waits on the customer's own clock, listens, chooses, speaks, and ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from rapport.domain.advance import advance, hear, time_is_up
from rapport.domain.customer import Spoken
from rapport.domain.message import Status, UnsayableError
from rapport.domain.run import Run
from rapport.domain.words import Channel, Purpose, Reason
from tests.domain.builders import (
    DAY,
    EMAIL,
    MORNING,
    NIGHT,
    NOON,
    PARIS,
    PHONE,
    SEND,
    WANTS_OFFERS,
    Phrases,
    a_journey,
    a_run,
    ada,
    around,
    email,
    said,
    utc,
)  # fmt: skip

HOUR = timedelta(hours=1)
THANKS: dict[str, Any] = {"send": {"template": "thank-you", "route": ["sms"]}}
REPLY = {"wait": {"for": "reply", "up_to": "3 days", "otherwise": [THANKS]}}


def waits_until(step: Any, zones: tuple[str, ...] = PARIS, at: datetime = NOON, **data: Any) -> datetime:
    journey = a_journey({"wait": step})
    run, drafts = advance(a_run(journey, at, **data), around(journey, at, ada(zones=zones)))
    assert run.waiting
    assert (run.status, run.place, drafts) == ("active", journey.places[0].label, [])
    return run.waiting.until


def test_a_run_waits_for_a_span_from_its_last_step() -> None:
    assert waits_until("3 days") == NOON + 3 * DAY


def test_it_waits_for_the_evening_before_on_the_customers_own_clock() -> None:
    evening = {"until": "event.data.due_at", "days": -1, "at": "17:00"}
    due = "2026-12-01T23:30:00+00:00"  # the second of December in Paris, the first in Honolulu
    assert waits_until(evening, due_at=due) == utc("2026-12-01T16:00")
    assert waits_until(evening, ("Pacific/Honolulu", "Europe/Paris"), due_at=due) == utc("2026-12-01T03:00")
    assert waits_until(evening, (), due_at=due) == utc("2026-11-30T17:00")


@pytest.mark.parametrize(
    ("step", "due_at", "instant"),
    [
        ({"until": "event.data.due_at"}, "2026-12-01T23:30:00+05:30", "2026-12-01T18:00"),
        ({"until": "event.data.due_at", "days": 2}, "2026-12-01T23:30:00Z", "2026-12-03T23:30"),
        ({"until": "event.data.due_at"}, "2026-12-01", "2026-11-30T23:00"),
        ({"until": "event.data.due_at", "days": -1, "at": "17:00"}, "2026-12-01", "2026-11-30T16:00"),
        ({"days": 6, "at": "11:00"}, "", "2026-11-30T10:00"),
        ({"days": 1}, "", "2026-11-25T11:00"),
    ],
)
def test_it_waits_for_a_time_a_day_or_so_many_days_from_now(step: Any, due_at: str, instant: str) -> None:
    assert waits_until(step, due_at=due_at) == utc(instant)


@pytest.mark.parametrize(
    ("now", "at", "instant"),
    [
        ("2026-03-28T12:00", "02:30", "2026-03-29T01:00"),  # the clocks skip it: the first instant after
        ("2026-10-24T12:00", "02:30", "2026-10-25T00:30"),  # they show it twice: the first of the two
        ("2026-03-28T12:00", "11:00", "2026-03-29T09:00"),
        ("2026-10-24T12:00", "11:00", "2026-10-25T10:00"),
    ],
)
def test_the_hour_is_the_wall_clocks_though_the_clocks_change_that_night(now: str, at: str, instant: str) -> None:
    assert waits_until({"days": 1, "at": at}, at=utc(now)) == utc(instant)


def test_a_wait_that_is_over_already_is_not_waited_for() -> None:
    journey = a_journey({"wait": {"until": "event.data.due_at", "days": -1, "at": "17:00"}}, SEND)
    run, drafts = advance(a_run(journey, due_at="2026-11-25T09:00:00Z"), around(journey, utc("2026-11-24T16:00")))
    assert (run.status, run.waiting, len(drafts)) == ("completed", None, 1)


def test_a_wait_that_is_over_already_counts_from_when_it_was_over_not_from_the_event() -> None:
    twice = a_journey({"wait": "1 day"}, {"wait": "1 day"}, SEND)
    run, drafts = advance(a_run(twice), around(twice, NOON + DAY + HOUR))
    assert run.waiting is not None
    assert (run.waiting.until, drafts) == (NOON + 2 * DAY, [])
    late = a_journey({"wait": "3 days"}, SEND)
    _, [draft] = advance(a_run(late), around(late, NOON + 3 * DAY + HOUR))
    assert (draft.message.status, draft.message.expires_at) == (Status.QUEUED, NOON + 4 * DAY)


def test_a_wait_without_a_time_to_wait_for_says_which_one_it_missed() -> None:
    journey = a_journey({"wait": {"until": "event.data.due_at"}})
    for data in ({}, {"due_at": "tomorrow"}, {"due_at": "2026-12-01T10:00:00"}, {"due_at": 7}):
        with pytest.raises(UnsayableError, match=r"^event\.data\.due_at: expected a time with its offset, or a day$"):
            advance(a_run(journey, **data), around(journey))


@pytest.mark.parametrize("due_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31", "2200-01-01"])
def test_a_date_that_stands_for_no_date_is_not_waited_for(due_at: str) -> None:
    journey = a_journey({"wait": {"until": "event.data.due_at", "days": -1, "at": "17:00"}})
    with pytest.raises(UnsayableError, match=r"^event\.data\.due_at: expected a time with its offset, or a day$"):
        advance(a_run(journey, due_at=due_at), around(journey))


def test_when_its_time_has_come_the_run_goes_on_from_the_hour_that_it_waited_for() -> None:
    journey = a_journey({"wait": "1 day"}, {"wait": "2 days"}, SEND)
    run, _ = advance(a_run(journey), around(journey))
    run, drafts = time_is_up(run, around(journey, NOON + DAY + HOUR))  # it was woken an hour late
    assert run.waiting
    assert (run.place, run.clock, run.waiting.until, drafts) == ("wait 2 days", NOON + DAY, NOON + 3 * DAY, [])


def test_a_message_is_queued_in_its_words_for_the_address_it_goes_to() -> None:
    journey = a_journey({"send": {**SEND["send"], "asks": "change-destination"}})
    run, [draft] = advance(a_run(journey), around(journey, customer=ada(locale="fr")))
    message = draft.message
    assert (message.status, message.channel, message.address) == (Status.QUEUED, Channel.SMS, PHONE)
    assert (message.purpose, message.asks, message.template_version) == (Purpose.SERVICE, "change-destination", "v1")
    assert (message.created_at, message.due_at, message.expires_at) == (NOON, NOON, NOON + DAY)
    assert draft.content
    assert draft.content.text == "reminder by sms in fr"
    assert (run.status, run.ended_by, run.last_message) == ("completed", "its last step", message.id)


def test_a_message_that_is_not_sent_is_on_record_with_its_reason_and_without_words() -> None:
    journey = a_journey(SEND)
    run, [draft] = advance(a_run(journey), around(journey, customer=ada(addresses=())))
    assert (draft.message.status, draft.message.reason, draft.content) == (Status.SKIPPED, Reason.NO_ADDRESS, None)
    assert (run.status, run.last_message) == ("completed", None)


@pytest.mark.parametrize(
    ("expires", "at"),
    [
        ("2 hours", NOON + 2 * HOUR),
        ("event.data.due_at", utc("2026-11-25T08:00")),
        ("event.data.day", utc("2026-11-25T23:00")),  # to the end of that day in Paris
        (None, NOON + DAY),
    ],
)
def test_a_message_expires_when_its_journey_says_and_else_by_its_purpose(expires: str | None, at: datetime) -> None:
    journey = a_journey({"send": {**SEND["send"], "expires": expires}})
    run = a_run(journey, due_at="2026-11-25T09:00:00+01:00", day="2026-11-25")
    _, [draft] = advance(run, around(journey))
    assert draft.message.expires_at == at


def test_one_message_of_a_journey_may_have_a_purpose_of_its_own() -> None:
    journey = a_journey({"send": {**SEND["send"], "purpose": "promotional"}})
    _, [draft] = advance(a_run(journey), around(journey))
    assert (draft.message.purpose, draft.message.reason) == (Purpose.PROMOTIONAL, Reason.NO_CONSENT)


def test_planning_the_same_step_of_the_same_run_twice_makes_the_same_message() -> None:
    journey = a_journey(SEND, SEND)
    _, first = advance(a_run(journey), around(journey))
    _, again = advance(a_run(journey), around(journey, NOON + HOUR))
    other = a_run(journey).model_copy(update={"entry": "e-2"})
    _, anew = advance(other, around(journey))
    ids = [draft.message.id for draft in first]
    assert ids == [draft.message.id for draft in again]
    assert len({*ids, *(draft.message.id for draft in anew)}) == 4


def held() -> tuple[Run, Any]:
    journey = a_journey({"send": {**SEND["send"], "route": ["sms", "email"]}})
    run, drafts = advance(a_run(journey, NIGHT), around(journey, NIGHT))
    assert run.waiting
    assert (run.waiting.until, run.waiting.held_since, drafts) == (MORNING, NIGHT, [])
    return run, journey


def test_a_message_of_the_night_waits_for_the_morning_and_says_since_when() -> None:
    run, journey = held()
    run, [draft] = time_is_up(run, around(journey, MORNING))
    assert (draft.message.status, draft.message.decision.held_since) == (Status.QUEUED, NIGHT)
    assert draft.message.expires_at == NIGHT + DAY
    assert (run.status, run.waiting) == ("completed", None)


def test_a_message_that_was_held_is_decided_anew_in_the_morning() -> None:
    run, journey = held()
    _, [draft] = time_is_up(run, around(journey, MORNING, ada(consents=(said(False, "2026-11-25"),))))
    assert (draft.message.channel, draft.message.address) == (Channel.EMAIL, EMAIL)


def test_a_message_that_has_to_be_held_again_was_held_since_the_first_night() -> None:
    run, journey = held()
    again, drafts = time_is_up(run, around(journey, MORNING, ada(zones=("America/New_York",))))
    assert again.waiting
    assert (again.waiting.until, again.waiting.held_since, drafts) == (utc("2026-11-25T13:05"), NIGHT, [])


def test_a_run_goes_on_with_what_it_hears() -> None:
    branch = {"branch": {"if": "heard.data.feeling", "is": "happy", "then": [THANKS], "otherwise": ["end"]}}
    journey = a_journey(SEND, {"wait": {"for": "reply", "up_to": "3 days"}}, branch, {"wait": "1 day"})
    run, _ = advance(a_run(journey), around(journey))
    assert run.waiting
    assert (run.waiting.listening_for, run.waiting.until) == ("reply", NOON + 3 * DAY)
    happy, [draft] = hear(run, {"type": "reply.received", "data": {"feeling": "happy"}}, around(journey, NOON + HOUR))
    assert draft.message.template == "thank-you"
    assert happy.waiting
    assert happy.waiting.until == NOON + HOUR + DAY
    sad, drafts = hear(run, {"type": "reply.received", "data": {"feeling": "sad"}}, around(journey, NOON + HOUR))
    assert (sad.status, sad.waiting, drafts) == ("completed", None, [])


def test_a_run_that_hears_nothing_does_otherwise_when_the_time_is_up() -> None:
    journey = a_journey(SEND, REPLY, "end")
    run, _ = advance(a_run(journey), around(journey))
    late = NOON + 3 * DAY
    run, [draft] = time_is_up(run, around(journey, late))
    assert (draft.message.template, run.status) == ("thank-you", "completed")


def test_nobody_listens_for_a_reply_to_what_was_never_said() -> None:
    journey = a_journey(SEND, REPLY)
    run, drafts = advance(a_run(journey), around(journey, customer=ada(addresses=(email(suppressed="bounced"),))))
    assert [draft.message.status for draft in drafts] == [Status.SKIPPED, Status.SKIPPED]
    assert run.status == "completed"


def test_only_a_message_whose_receipt_is_listened_for_has_it_passed_on() -> None:
    listen = {"wait": {"for": "receipt", "up_to": "1 hour", "otherwise": "go on"}}
    journey = a_journey(SEND, THANKS, listen)
    run, drafts = advance(a_run(journey), around(journey))
    assert [draft.message.awaited for draft in drafts] == [False, True]
    assert run.waiting
    assert run.waiting.listening_for == "receipt"


def test_a_template_that_can_not_be_said_fails_with_the_reason_and_the_run_goes_on() -> None:
    journey = a_journey(SEND, THANKS)
    run, drafts = advance(a_run(journey), around(journey, words=Phrases(unsayable="reminder")))
    failed, thanks = drafts
    assert (failed.message.status, failed.message.reason) == (Status.FAILED, Reason.UNSAYABLE)
    assert (failed.message.detail, failed.content) == ("templates/reminder/sms.txt: expected event.data.window", None)
    assert (thanks.message.status, run.status) == (Status.QUEUED, "completed")


@pytest.mark.parametrize(("length", "status"), [(1600, Status.QUEUED), (1601, Status.FAILED)])
def test_a_text_that_the_carrier_would_refuse_is_not_queued(length: int, status: Status) -> None:
    journey = a_journey(SEND)
    _, [draft] = advance(a_run(journey), around(journey, words=Phrases({"reminder": "x" * length})))
    assert draft.message.status is status
    if status is Status.FAILED:
        assert draft.message.detail == "the text has 1601 characters; SNS takes at most 1600"


def test_an_e_mail_may_be_longer_than_any_text() -> None:
    journey = a_journey({"send": {"template": "reminder", "route": ["email"]}})
    _, [draft] = advance(a_run(journey), around(journey, words=Phrases({"reminder": "x" * 5000})))
    assert draft.message.status is Status.QUEUED


@pytest.mark.parametrize("move", [advance, time_is_up])
def test_a_run_whose_step_is_gone_from_the_journey_ends(move: Any) -> None:
    before, after = a_journey({"wait": "1 day"}, SEND), a_journey({"wait": "2 days"}, SEND)
    run, _ = advance(a_run(before), around(before))
    run, drafts = move(run, around(after, NOON + DAY))
    assert (run.status, run.ended_by, drafts) == ("exited", "a change of the journey: its step is gone", [])


def test_what_a_run_listened_for_before_its_step_was_taken_away_ends_it() -> None:
    before, after = a_journey({"wait": {"for": "order.rated", "up_to": "1 day"}}, SEND), a_journey(SEND)
    run, _ = advance(a_run(before), around(before))
    run, drafts = hear(run, {"type": "order.rated", "data": {}}, around(after))
    assert (run.status, drafts) == ("exited", [])


def test_a_run_finds_its_step_again_when_others_were_put_before_it() -> None:
    before, after = a_journey({"wait": "1 day"}, SEND), a_journey(THANKS, {"wait": "1 day"}, SEND)
    run, _ = advance(a_run(before), around(before))
    run, [draft] = time_is_up(run, around(after, NOON + DAY))
    assert (draft.message.template, run.status) == ("reminder", "completed")


def test_a_full_cap_is_known_to_the_planner() -> None:
    journey = a_journey({"send": {**SEND["send"], "route": ["sms"]}}, purpose="promotional")
    spoken = {f"m-{number}": Spoken(at=NOON - number * DAY, purpose=Purpose.PROMOTIONAL) for number in (1, 2)}
    customer = ada(consents=(WANTS_OFFERS,), spoken=spoken)
    _, [draft] = advance(a_run(journey), around(journey, customer=customer))
    assert (draft.message.status, draft.message.reason) == (Status.SKIPPED, Reason.CAPPED)
