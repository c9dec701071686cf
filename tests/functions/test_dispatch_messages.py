"""dispatch_messages: what was written to the ledger is queued now, in a while, or scheduled for its time."""

import json
from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.domain.message import Message, Status
from tests.functions.on_record import (
    EVENING,
    failed,
    mail,
    payload,
    queued,
    reminder,
    seed,
    streamed,
    the_run,
    waiting,
    wake,
)
from tests.functions.trouble import Trouble

TO_SEND = {
    "customer": "c-ana",
    "message": "m-q2x5v7kzr4tq6wye",
    "journey": "delivery-reminder",
    "about": "1042",
}
TO_WAKE = {name: TO_SEND[name] for name in ("customer", "journey", "about")}


def written(*messages: Message, old: Message | None = None) -> dict[str, Any]:
    """The stream's records of these messages."""
    before = items.message_item(old) if old else None
    return streamed("dispatch_messages", *map(items.message_item, messages), old=before)


def test_what_is_due_goes_to_the_queue_of_its_channel_and_the_run_to_the_wake_queue(evening: World) -> None:
    assert failed(wake(evening, "dispatch_messages")) == []
    assert waiting(evening, "SmsQueue") == [TO_SEND]
    assert waiting(evening, "WakeQueue") == [TO_WAKE]
    assert waiting(evening, "EmailQueue") == []
    assert evening.wire.scheduled == []


def test_an_e_mail_goes_to_the_e_mail_queue(evening: World) -> None:
    assert failed(wake(evening, "dispatch_messages", written(mail()))) == []
    assert (waiting(evening, "SmsQueue"), waiting(evening, "EmailQueue")) == ([], [TO_SEND])


def test_what_is_due_in_two_days_is_scheduled_and_not_queued(world: World) -> None:
    assert failed(wake(world, "dispatch_messages")) == []
    assert [waiting(world, queue) for queue in ("SmsQueue", "WakeQueue")] == [[], []]
    text, run = world.wire.scheduled
    assert text["ScheduleExpression"] == run["ScheduleExpression"] == "at(2026-11-25T17:00:00)"
    assert text["ActionAfterCompletion"] == "DELETE"
    assert text["Target"]["Arn"] == world.stack.attribute("SmsQueue", "Arn")
    assert run["Target"]["Arn"] == world.stack.attribute("WakeQueue", "Arn")
    assert [json.loads(each["Target"]["Input"]) for each in (text, run)] == [TO_SEND, TO_WAKE]
    for each in (text, run):
        assert each["Target"]["RoleArn"] == world.stack.attribute("ScheduleRole", "Arn")
        assert each["Target"]["DeadLetterConfig"] == {"Arn": world.stack.attribute("ScheduleDeadLetters", "Arn")}


@pytest.mark.parametrize(("minutes", "scheduled"), [(15, False), (16, True)])
def test_the_queue_itself_keeps_what_is_due_within_fifteen_minutes(
    world: World, trouble: Trouble, minutes: int, scheduled: bool
) -> None:
    soon = reminder(due_at=world.now + timedelta(minutes=minutes))
    assert failed(wake(world, "dispatch_messages", written(soon))) == []
    assert bool(world.wire.scheduled) == scheduled
    delays = [
        entry["DelaySeconds"] for asked in trouble.parameters("SQS.SendMessageBatch") for entry in asked["Entries"]
    ]
    assert delays == ([] if scheduled else [minutes * 60])


def test_the_same_records_again_make_no_second_schedule(world: World) -> None:
    wake(world, "dispatch_messages")
    assert failed(wake(world, "dispatch_messages")) == []
    assert len(world.wire.scheduled) == 2


def test_the_same_records_again_have_nothing_sent_twice(evening: World) -> None:
    seed(evening, reminder())
    wake(evening, "dispatch_messages")
    wake(evening, "dispatch_messages")
    twice = queued("send_sms", *waiting(evening, "SmsQueue"))
    assert len(twice["Records"]) == 2
    assert failed(wake(evening, "send_sms", twice)) == []
    assert len(evening.carriers.taken) == 1


def test_a_change_that_asks_for_nothing_new_sends_nothing_on(evening: World) -> None:
    same = streamed("dispatch_messages", items.run_item(the_run()), old=items.run_item(the_run()))
    assert failed(wake(evening, "dispatch_messages", same)) == []
    assert failed(wake(evening, "dispatch_messages", written(reminder(attempts=1), old=reminder()))) == []
    assert failed(wake(evening, "dispatch_messages", written(reminder(status=Status.SENT)))) == []
    assert [waiting(evening, queue) for queue in ("SmsQueue", "EmailQueue", "WakeQueue")] == [[], [], []]


def test_a_message_whose_time_has_changed_is_sent_on_again(evening: World) -> None:
    later = reminder(due_at=EVENING + timedelta(hours=1), attempts=1)
    assert failed(wake(evening, "dispatch_messages", written(later, old=reminder()))) == []
    [schedule] = evening.wire.scheduled
    assert schedule["ScheduleExpression"] == "at(2026-11-25T18:00:10)"


@pytest.mark.parametrize("end", [status for status in Status if status not in ("queued", "sending", "sent")])
def test_the_end_of_a_message_that_its_run_waits_for_wakes_the_run(evening: World, end: Status) -> None:
    sent = reminder(status=Status.SENT, awaited=True)
    assert failed(wake(evening, "dispatch_messages", written(reminder(status=end, awaited=True), old=sent))) == []
    assert waiting(evening, "WakeQueue") == [{**TO_SEND, "receipt": end}]


def test_many_are_queued_ten_at_a_time(evening: World) -> None:
    batch = written(*(reminder(id=f"m-{i}") for i in range(23)))
    assert failed(wake(evening, "dispatch_messages", batch)) == []
    assert {body["message"] for body in waiting(evening, "SmsQueue")} == {f"m-{i}" for i in range(23)}
    assert evening.wire.requests["SQS.SendMessageBatch"] == 3


def test_a_record_that_cannot_be_read_fails_alone(evening: World) -> None:
    batch = written(reminder(id="m-1"), reminder(id="m-2"), reminder(id="m-3"))
    batch["Records"][1]["dynamodb"]["NewImage"]["due_at"] = {"S": "your parcel"}
    assert failed(wake(evening, "dispatch_messages", batch)) == ["s1"]
    assert [body["message"] for body in waiting(evening, "SmsQueue")] == ["m-1", "m-3"]


def test_what_sqs_does_not_take_out_of_a_batch_comes_back(evening: World, trouble: Trouble) -> None:
    refused = {"Failed": [{"Id": "1", "Code": "InternalError", "SenderFault": False}], "Successful": []}
    trouble.answers("SQS.SendMessageBatch", refused)
    batch = written(reminder(id="m-1"), reminder(id="m-2"), reminder(id="m-3"))
    assert failed(wake(evening, "dispatch_messages", batch)) == ["s1"]


def test_when_one_queue_takes_nothing_the_others_get_theirs(evening: World, trouble: Trouble) -> None:
    trouble.fails("SQS.SendMessageBatch", "ServiceUnavailable", 503, about="EmailQueue")
    batch = written(mail(id="m-1"), reminder(), mail(id="m-2"))
    assert sorted(failed(wake(evening, "dispatch_messages", batch))) == ["s0", "s2"]
    assert waiting(evening, "SmsQueue") == [TO_SEND]


def test_when_one_schedule_cannot_be_made_that_record_alone_comes_back(world: World, trouble: Trouble) -> None:
    trouble.fails("Scheduler.CreateSchedule", "ThrottlingException", 429, about="WakeQueue")
    assert failed(wake(world, "dispatch_messages")) == [
        payload("dispatch_messages")["Records"][1]["dynamodb"]["SequenceNumber"]
    ]
    assert len(world.wire.scheduled) == 1


@pytest.mark.parametrize(
    "poison",
    [
        {"channel": {"S": "pigeon"}},
        {"channel": {"L": []}},
        {"due_at": {"S": "2026-11-25T17:00:00"}},
        {"due_at": {"S": "9999-12-31T23:59:59-23:59"}},
    ],
    ids=["no such queue", "no queue", "no offset", "no such time in UTC"],
)
def test_a_record_that_cannot_be_sent_on_fails_alone(evening: World, poison: dict[str, Any]) -> None:
    batch = written(reminder(id="m-1"), reminder(id="m-2"), reminder(id="m-3"))
    batch["Records"][1]["dynamodb"]["NewImage"].update(poison)
    assert failed(wake(evening, "dispatch_messages", batch)) == ["s1"]
    assert [body["message"] for body in waiting(evening, "SmsQueue")] == ["m-1", "m-3"]


def test_what_is_too_long_for_one_call_together_goes_one_by_one(evening: World) -> None:
    batch = written(*(reminder(id=f"m-{i}", about="7" * 200_000) for i in range(2)), reminder(about="7" * 2_000_000))
    assert failed(wake(evening, "dispatch_messages", batch)) == ["s2"]
    assert [body["message"] for body in waiting(evening, "SmsQueue")] == ["m-0", "m-1"]
