"""The outbox: what a committed write asks for, when it is queued and when scheduled, and what fails alone."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from rapport.adapters import items
from rapport.adapters.outbox import Parcel, parcels, round_up, schedule_name
from rapport.domain.message import Message, Status
from rapport.domain.run import Run, Waiting
from rapport.domain.words import Channel
from tests.adapters.post import Post, refused
from tests.domain.builders import DAY, NOON, SECOND, a_journey, a_message, a_run, modest

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
RUN = a_run(a_journey({"wait": "3 days"}))
WAITING = RUN.model_copy(update={"waiting": Waiting(until=NOON + DAY)})
BODY = {"customer": "ada", "message": "m-1", "journey": "delivery", "about": "42"}
WAKE_BODY = {"customer": "ada", "journey": "delivery", "about": "42"}
QUEUED = a_message()
ENDS = [Status.DELIVERED, Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.UNKNOWN, Status.SKIPPED]
NAME = re.compile(r"[0-9a-zA-Z_.-]{1,64}")  # by Scheduler's rule


def record(new: Message | Run | dict[str, Any], old: Message | Run | None = None, number: int = 1) -> dict[str, Any]:
    """A record of the ledger's stream."""

    def image(value: Any) -> Any:
        if isinstance(value, dict):
            return items.to_item(value)
        return items.message_item(value) if isinstance(value, Message) else items.run_item(value)

    change = {"SequenceNumber": str(number), "NewImage": image(new)}
    return {"dynamodb": {**change, "OldImage": image(old)} if old else change}


@pytest.mark.parametrize(
    "old",
    [
        None,
        a_message(due_at=NOON - MINUTE),
        a_message(status=Status.SENDING, due_at=NOON - MINUTE),
    ],
)
def test_a_message_that_is_queued_or_due_at_another_time_asks_for_a_sender(old: Message | None) -> None:
    assert parcels(record(QUEUED, old), NOON) == [Parcel("1", "sms", BODY, NOON)]


def test_a_message_that_its_sender_put_back_as_it_was_asks_for_nobody_else() -> None:
    assert parcels(record(QUEUED, a_message(status=Status.SENDING)), NOON) == []


def test_an_e_mail_goes_to_its_own_queue() -> None:
    assert parcels(record(a_message(channel=Channel.EMAIL)), NOON) == [Parcel("1", "email", BODY, NOON)]


@pytest.mark.parametrize("changed", [{}, {"detail": "x"}, {"attempts": 1}, {"awaited": True}])
def test_a_queued_message_that_is_due_as_before_asks_for_nothing_new(changed: dict[str, Any]) -> None:
    assert parcels(record(a_message(**changed), QUEUED), NOON) == []


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.QUEUED])
def test_a_message_that_nobody_waits_for_asks_for_nothing_once_it_is_on_its_way(status: Status) -> None:
    assert parcels(record(a_message(status=status), QUEUED), NOON) == []


@pytest.mark.parametrize("status", list(Status))
def test_the_end_of_a_message_that_a_run_waits_for_wakes_the_run_with_the_carriers_word(status: Status) -> None:
    old = a_message(status=Status.SENDING, awaited=True)
    found = parcels(record(a_message(status=status, awaited=True), old), NOON + SECOND)
    if status in ENDS:
        assert found == [Parcel("1", "wake", {**BODY, "receipt": status}, NOON + SECOND)]
    elif status is not Status.QUEUED:
        assert found == []


@pytest.mark.parametrize("status", ENDS)
def test_an_end_is_told_once(status: Status) -> None:
    ended = a_message(status=status, awaited=True)
    assert parcels(record(ended.model_copy(update={"detail": "x"}), ended), NOON) == []


@pytest.mark.parametrize("old", [None, RUN, RUN.model_copy(update={"waiting": Waiting(until=NOON)})])
def test_a_run_that_waits_asks_to_be_woken(old: Run | None) -> None:
    assert parcels(record(WAITING, old), NOON) == [Parcel("1", "wake", WAKE_BODY, NOON + DAY)]


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (RUN, None),
        (RUN, WAITING),
        (WAITING.model_copy(update={"version": 9}), WAITING),
        (RUN.ended("exited", "x"), None),
    ],
)
def test_a_run_that_doesnt_wait_or_waits_as_before_asks_for_nothing(new: Run, old: Run | None) -> None:
    assert parcels(record(new, old), NOON) == []


def parcel(due_at: datetime = NOON, number: int = 1, queue: str = "sms") -> Parcel:
    return Parcel(str(number), queue, {**BODY, "message": f"m-{number}"}, due_at)


@pytest.mark.parametrize(
    ("wait", "delay"),
    [
        (-DAY, 0),
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (SECOND, 1),
        (SECOND + timedelta(milliseconds=1), 2),
        (QUARTER - timedelta(microseconds=1), 900),
        (QUARTER, 900),
    ],
)
def test_what_is_due_within_a_quarter_of_an_hour_is_queued_and_never_too_early(wait: timedelta, delay: int) -> None:
    post = Post()
    assert post.outbox.send([parcel(NOON + wait)], NOON) == set()
    ((queue, entry),) = post.entries()
    assert (queue, entry["DelaySeconds"], json.loads(entry["MessageBody"])) == ("sms-queue", delay, BODY)
    assert post.schedules() == []


@pytest.mark.parametrize(
    ("wait", "at"),
    [
        (QUARTER + timedelta(microseconds=1), "at(2026-11-24T11:15:01)"),
        (QUARTER + SECOND, "at(2026-11-24T11:15:01)"),
        (DAY + timedelta(milliseconds=1), "at(2026-11-25T11:00:01)"),
        (400 * DAY, "at(2027-12-29T11:00:00)"),
    ],
)
def test_what_is_due_later_becomes_one_schedule_that_ends_in_the_queue(wait: timedelta, at: str) -> None:
    post = Post()
    assert post.outbox.send([parcel(NOON + wait)], NOON) == set()
    (asked,) = post.schedules()
    assert (asked["ScheduleExpression"], asked["ScheduleExpressionTimezone"]) == (at, "UTC")
    assert (asked["GroupName"], asked["ActionAfterCompletion"]) == ("group", "DELETE")
    assert asked["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = asked["Target"]
    assert target["Arn"] == "arn:aws:sqs:eu-west-1:1:sms-queue"
    assert target["RoleArn"] == "arn:role"
    assert target["DeadLetterConfig"] == {"Arn": "arn:aws:sqs:eu-west-1:1:letters"}
    assert json.loads(target["Input"]) == BODY
    assert post.entries() == []


@pytest.mark.parametrize("hours", [9, -5])
def test_a_time_told_with_another_offset_is_the_same_time(hours: int) -> None:
    post = Post()
    post.outbox.send([parcel((NOON + DAY).astimezone(timezone(timedelta(hours=hours))))], NOON)
    (asked,) = post.schedules()
    assert asked["ScheduleExpression"] == "at(2026-11-25T11:00:00)"


@modest
@given(st.timedeltas(timedelta(days=-2), timedelta(days=2)))
def test_whole_seconds_are_never_too_early_nor_a_second_late(span: timedelta) -> None:
    assert timedelta(0) <= timedelta(seconds=round_up(span)) - span < SECOND


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)


@modest
@given(st.dictionaries(TEXTS, TEXTS, max_size=5), st.sampled_from(["wake", "sms", "email"]))
def test_a_schedules_name_is_one_that_scheduler_takes_and_stays_the_same(body: dict[str, str], queue: str) -> None:
    one = Parcel("1", queue, body, NOON)
    assert NAME.fullmatch(schedule_name(one))
    other = Parcel("2", queue, dict(reversed(body.items())), NOON)
    assert schedule_name(other) == schedule_name(one)


def test_another_time_queue_or_message_is_another_schedule() -> None:
    one = parcel()
    others = [
        parcel(NOON + SECOND),
        parcel(number=2),
        parcel(queue="email"),
        replace(one, body={**one.body, "about": "4"}),
    ]
    assert len({schedule_name(each) for each in [one, *others]}) == 5


def test_a_schedule_that_is_there_already_is_done() -> None:
    post = Post()
    post.scheduler.create_schedule.side_effect = refused(post.scheduler.exceptions.ConflictException)
    assert post.outbox.send([parcel(NOON + DAY)], NOON) == set()


@pytest.mark.parametrize("error", [refused(), EndpointConnectionError(endpoint_url="x")])
def test_a_schedule_that_fails_fails_its_record_alone(error: Exception) -> None:
    post = Post()
    post.scheduler.create_schedule.side_effect = [None, error, None]
    batch = [parcel(NOON + DAY, 1), parcel(NOON + DAY, 2), parcel(NOON + DAY, 3), parcel(NOON, 4)]
    assert post.outbox.send(batch, NOON) == {"2"}
    assert len(post.schedules()) == 3
    assert len(post.entries()) == 1


def test_ten_messages_of_one_queue_go_together() -> None:
    post = Post()
    batch = [parcel(number=number, queue="email" if number == 5 else "sms") for number in range(22)]
    assert post.outbox.send(batch, NOON) == set()
    assert [len(call.kwargs["Entries"]) for call in post.sqs.send_message_batch.call_args_list] == [10, 10, 1, 1]
    bodies = sorted(json.loads(entry["MessageBody"])["message"] for _, entry in post.entries())
    assert bodies == sorted(each.body["message"] for each in batch)
    for call in post.sqs.send_message_batch.call_args_list:
        assert len({entry["Id"] for entry in call.kwargs["Entries"]}) == len(call.kwargs["Entries"])


def test_what_sqs_doesnt_take_fails_its_record_alone() -> None:
    post = Post()
    answers: list[Any] = [{"Failed": [{"Id": "3"}, {"Id": "9"}]}, {"Successful": [{"Id": "0"}]}, refused()]
    post.sqs.send_message_batch.side_effect = answers
    batch = [parcel(number=number) for number in range(21)]
    assert post.outbox.send(batch, NOON) == {"3", "9", "20"}


def test_a_record_that_cant_be_read_fails_alone() -> None:
    post = Post()
    unreadable = {"dynamodb": {"SequenceNumber": "2", "NewImage": {"kind": {"S": "message"}}}}
    gone = {"dynamodb": {"SequenceNumber": "3", "Keys": {}}}
    records = [record(QUEUED), unreadable, gone, record(a_message(id="m-4"), number=4)]
    assert post.outbox.take(records, NOON) == {"2", "3"}
    assert [json.loads(entry["MessageBody"])["message"] for _, entry in post.entries()] == ["m-1", "m-4"]


def test_what_fails_on_its_way_is_told_together_with_what_cant_be_read() -> None:
    post = Post()
    post.sqs.send_message_batch.side_effect = EndpointConnectionError(endpoint_url="x")
    unreadable = {"dynamodb": {"SequenceNumber": "2", "NewImage": {"kind": {"S": "run"}, "wake_at": {"S": "soon"}}}}
    assert post.outbox.take([record(QUEUED), unreadable, record(WAITING, number=3)], NOON) == {"1", "2"}


def test_nothing_asked_for_is_nothing_sent() -> None:
    post = Post()
    assert post.outbox.take([], NOON) == set()
    assert (post.entries(), post.schedules()) == ([], [])
