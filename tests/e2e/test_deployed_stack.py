"""The real template, functions, layers and roles, on an emulator of AWS: events go in, messages arrive."""

import json
from datetime import UTC, datetime, timedelta

import boto3

from rapport.adapters import items
from rapport.domain.message import Status
from rapport.domain.run import Waiting
from tests.e2e.emulator import SENDER, eventually
from tests.e2e.stack import Stack, delivery, event


def test_an_event_in_the_table_becomes_a_text(stack: Stack) -> None:
    number, address = "+14155550101", "ada@example.org"
    stack.introduce("ada", sms=number, email=address)
    stack.put(delivery("ada", "A-1"))

    message = stack.message("ada", "sent")
    (text,) = stack.texts_to(number)
    assert text["Message"].startswith("Fern & Oak: hi Ada, your delivery comes on ")
    assert text["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"
    assert (message.channel, message.carrier_id, message.attempts) == ("sms", text["MessageId"], 1)
    assert message.decision.because
    assert not stack.mails_to(address)


def test_an_event_in_the_table_becomes_an_email_for_who_wants_no_texts(stack: Stack) -> None:
    number, address = "+14155550102", "bo@example.org"
    stack.introduce("bo", sms=number, email=address)
    stack.put(event("consent.withdrawn", "bo", "bo-no-texts", channel="sms", source="a reply"), delivery("bo", "B-1"))

    message = stack.message("bo", "sent")
    (mail,) = stack.mails_to(address)
    assert mail["Source"] == SENDER
    assert mail["Subject"].startswith("Your delivery comes on ")
    assert "Hello Bo," in mail["BodyText"]
    assert "B-1" in mail["BodyHtml"]
    assert (message.channel, message.carrier_id) == ("email", mail["MessageId"])
    assert [str(candidate.reason or "") for candidate in message.decision.candidates] == ["no-consent", ""]
    assert not stack.texts_to(number)


def test_the_same_event_twice_is_said_once(stack: Stack) -> None:
    number = "+14155550103"
    stack.introduce("cleo", sms=number)
    told = delivery("cleo", "C-1")
    stack.put(told, told)
    stack.queue(json.dumps(told))
    stack.put(delivery("cleo", "C-2"))

    def both() -> bool:
        return [message.status for message in stack.messages("cleo")] == ["sent", "sent"]

    eventually(both, "both deliveries' reminders to be sent")
    eventually(lambda: stack.waiting_in("IntakeQueue") == 0, "the intake queue to be empty")
    assert len(stack.texts_to(number)) == 2


def test_events_in_the_intake_queue_and_on_the_bus_arrive(stack: Stack) -> None:
    stack.introduce("dan", sms="+14155550104")
    stack.introduce("eve", email="eve@example.org")
    stack.queue(json.dumps(delivery("dan", "D-1")))
    stack.publish(delivery("eve", "E-1"))

    assert stack.message("dan", "sent").channel == "sms"
    assert stack.message("eve", "sent").channel == "email"
    assert len(stack.texts_to("+14155550104")) == 1
    assert len(stack.mails_to("eve@example.org")) == 1


def test_a_malformed_event_is_put_aside_with_the_reason_and_its_neighbour_arrives(stack: Stack) -> None:
    stack.introduce("fay", sms="+14155550105")
    malformed = json.dumps({**delivery("fay", "F-0"), "at": "teatime"})
    stack.queue(malformed, json.dumps(delivery("fay", "F-1")))

    (letter,) = eventually(lambda: stack.letters("IntakeDeadLetters"), "the malformed event among the dead letters")
    assert letter["Body"] == malformed
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("at: ")
    assert stack.message("fay", "sent").about == "F-1"
    eventually(lambda: stack.waiting_in("IntakeQueue") == 0, "the intake queue to be empty")


def test_a_receipt_moves_the_message_to_delivered(stack: Stack) -> None:
    stack.introduce("gus", email="gus@example.org")
    stack.put(delivery("gus", "G-1"))
    message = stack.message("gus", "sent")
    now = datetime.now(UTC).isoformat()
    told = {
        "eventType": "Delivery",
        "mail": {"messageId": message.carrier_id, "timestamp": now, "tags": {}},
        "delivery": {"timestamp": now, "recipients": ["gus@example.org"]},
    }
    boto3.client("sns").publish(TopicArn=stack.resources["SesEvents"], Message=json.dumps(told))

    assert stack.message("gus", "delivered").id == message.id


def test_what_is_due_another_day_waits_in_the_scheduler_and_goes_out_at_its_time(stack: Stack) -> None:
    number = "+14155550106"
    stack.introduce("hal", sms=number)
    stack.put(delivery("hal", "H-1", hours=5 * 24))
    scheduler, group = boto3.client("scheduler"), stack.resources["ScheduleGroup"]

    (made,) = eventually(lambda: scheduler.list_schedules(GroupName=group)["Schedules"], "a schedule")
    schedule = scheduler.get_schedule(GroupName=group, Name=made["Name"])
    woken = {"customer": "hal", "journey": "delivery-reminder", "about": "H-1"}
    assert json.loads(schedule["Target"]["Input"]) == woken
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert not stack.messages("hal")

    run = items.read_run(stack.ledger_item(items.run_key("hal", "delivery-reminder", "H-1")))
    soon = delivery("hal", "H-1", hours=3)  # the evening before is past, as it will be in five days
    due = {"waiting": Waiting(until=datetime.now(UTC)), "event": {**run.event, "data": soon["data"]}}
    stack.put_ledger(items.run_item(run.model_copy(update=due)))
    assert stack.message("hal", "sent").about == "H-1"
    assert len(stack.texts_to(number)) == 1


def test_the_five_minute_round_ends_a_message_whose_sender_was_cut_off(stack: Stack) -> None:
    stack.introduce("ivy", sms="+14155550107")
    stack.put(delivery("ivy", "I-1"))
    ago = datetime.now(UTC) - timedelta(hours=1)
    cut_off = {"status": Status.SENDING, "owner": "gone", "lease_until": ago, "due_at": ago, "carrier_id": None}
    stack.put_ledger(items.message_item(stack.message("ivy", "sent").model_copy(update=cut_off)))

    answer = boto3.client("lambda").invoke(FunctionName=stack.resources["ReconcileSends"])
    assert "FunctionError" not in answer
    assert stack.message("ivy", "unknown").detail == "its sender was cut off"
    assert len(stack.texts_to("+14155550107")) == 1
