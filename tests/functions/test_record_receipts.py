"""record_receipts: what carriers say later moves messages up their ladder, and closes addresses that refuse us."""

import gzip
import json
from base64 import b64decode, b64encode
from copy import deepcopy
from typing import Any

import pytest

from local.world import World
from rapport.domain.customer import Customer
from rapport.domain.message import Message, Status
from tests.functions.on_record import (
    CUSTOMER,
    EMAIL,
    MESSAGE,
    PHONE,
    counted,
    failed,
    ledger,
    mail,
    payload,
    queued,
    recorded,
    reminder,
    seed,
    wake,
)
from tests.functions.trouble import Trouble

SES_ID = "0100018c2a7f5c6e-EXAMPLE-000000"
SNS_ID = "34d9b400-c6dd-5444-820d-fbeb0f1f54cf"
AT = "2026-11-25T17:00:06.000Z"
SES_TAGS = {"rapport-customer": ["Yy1hbmE"], "rapport-message": [MESSAGE]}
PERMANENT = {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": AT}
TRANSIENT = {"bounceType": "Transient", "bounceSubType": "MailboxFull", "timestamp": AT}


def sent_mail(**changes: Any) -> Message:
    """An e-mail that SES took."""
    return mail(**{"status": Status.SENT, "carrier_id": SES_ID, "attempts": 1, **changes})


def sent_text(**changes: Any) -> Message:
    """A text that SNS took."""
    return reminder(**{"status": Status.SENT, "carrier_id": SNS_ID, "attempts": 1, **changes})


def told(kind: str, message: str = MESSAGE, **what: Any) -> dict[str, Any]:
    """An event of SES's event publishing."""
    tags = {**SES_TAGS, "rapport-message": [message]}
    sent = {"timestamp": "2026-11-25T17:00:03.114Z", "messageId": SES_ID, "destination": [EMAIL], "tags": tags}
    return {"eventType": kind, "mail": sent, **what}


def notified(event: dict[str, Any]) -> dict[str, Any]:
    """The same in the older shape, which has no tags."""
    sent = {name: value for name, value in event["mail"].items() if name != "tags"}
    others = {name: value for name, value in event.items() if name != "eventType"}
    return {**others, "notificationType": event["eventType"], "mail": sent}


def in_an_envelope(event: dict[str, Any]) -> dict[str, Any]:
    """The same as SNS wraps it when the subscription doesn't ask for raw messages."""
    return {"Type": "Notification", "MessageId": "950a823d", "Message": json.dumps(event)}


def record(world: World, *bodies: Any) -> list[str]:
    """Gives the function these messages; returns which of them come back."""
    return failed(wake(world, "record_receipts", queued("record_receipts", *bodies)))


def logged(*lines: Any) -> dict[str, Any]:
    """events/record_receipts_sms_log.json with these lines instead."""
    event = payload("record_receipts_sms_log")
    log = json.loads(gzip.decompress(b64decode(event["awslogs"]["data"])))
    shape = log["logEvents"][0]
    log["logEvents"] = [{**shape, "message": line if isinstance(line, str) else json.dumps(line)} for line in lines]
    event["awslogs"]["data"] = b64encode(gzip.compress(json.dumps(log).encode())).decode()
    return event


def log_line(**changes: Any) -> dict[str, Any]:
    """The line of events/record_receipts_sms_log.json, with changes to what the carrier said."""
    log = json.loads(gzip.decompress(b64decode(payload("record_receipts_sms_log")["awslogs"]["data"])))
    line: dict[str, Any] = json.loads(log["logEvents"][0]["message"])
    changed = deepcopy(line)
    changed["status"] = changes.get("status", line["status"])
    changed["delivery"]["providerResponse"] = changes.get("said", line["delivery"]["providerResponse"])
    changed["notification"]["messageId"] = changes.get("carrier_id", SNS_ID)
    return changed


def ana(world: World) -> Customer:
    """Ana as the ledger knows her."""
    return world.customer(CUSTOMER)


def test_the_delivery_and_then_the_bounce_are_put_down_and_the_address_is_closed(evening: World) -> None:
    seed(evening, sent_mail())
    assert failed(wake(evening, "record_receipts")) == []
    after = recorded(evening)
    assert (after.status, after.detail) == ("failed", "Permanent bounce (General)")
    assert ana(evening).closed == {EMAIL: "Permanent bounce (General)"}
    assert counted(evening) == {"Receipts": 2, "FailedMessages": 1, "BouncedMessages": 1}


def test_the_same_receipts_again_change_nothing(evening: World) -> None:
    seed(evening, sent_mail())
    wake(evening, "record_receipts")
    before = ledger(evening)
    assert failed(wake(evening, "record_receipts")) == []
    assert ledger(evening) == before


SHAPES = {"event": lambda each: each, "notification": notified, "in SNS's envelope": in_an_envelope}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_it_is_one_receipt_in_whatever_shape_it_comes(evening: World, shape: Any) -> None:
    seed(evening, sent_mail())
    assert record(evening, shape(told("Delivery", delivery={"timestamp": AT}))) == []
    assert recorded(evening).status == "delivered"


@pytest.mark.parametrize(
    ("event", "status", "closed"),
    [
        (told("Bounce", bounce=PERMANENT), "failed", "Permanent bounce (General)"),
        (told("Bounce", bounce=TRANSIENT), "failed", None),
        (told("Complaint", complaint={"timestamp": AT}), "sent", "complained of as spam"),
        (told("Reject", reject={"reason": "Bad content"}), "failed", None),
        (told("Rendering Failure", failure={"errorMessage": "x"}), "failed", None),
        (told("Send", send={}), "sent", None),
        (told("DeliveryDelay", deliveryDelay={"timestamp": AT}), "sent", None),
        (told("Open", open={"timestamp": AT}), "sent", None),
    ],
    ids=["bounce", "soft bounce", "complaint", "reject", "rendering", "send", "delay", "open"],
)
def test_each_of_sess_events_moves_what_it_should(
    evening: World, event: dict[str, Any], status: str, closed: str | None
) -> None:
    seed(evening, sent_mail())
    assert record(evening, event) == []
    assert recorded(evening).status == status
    [phone, email] = ana(evening).addresses
    assert (phone.suppressed, email.suppressed) == (None, closed)
    engaged = {"Complaint": {"complained"}, "Open": {"opened"}}.get(event["eventType"], set())
    assert set(recorded(evening).engagement or {}) == engaged


def test_a_delivery_that_comes_before_its_sender_has_put_down_the_sending_stays(evening: World) -> None:
    seed(evening, mail(status=Status.SENDING, owner="sender", lease_until=evening.now, attempts=1))
    assert record(evening, told("Delivery", delivery={"timestamp": AT}), told("Send", send={})) == []
    after = recorded(evening)
    assert (after.status, after.carrier_id, after.owner) == ("delivered", SES_ID, None)


def test_what_was_in_doubt_is_settled(evening: World) -> None:
    seed(evening, mail(status=Status.UNKNOWN, attempts=1, doubts=1))
    assert record(evening, told("Send", send={})) == []
    assert (recorded(evening).status, recorded(evening).carrier_id) == ("sent", SES_ID)


def test_what_cannot_be_used_comes_back_alone_and_its_neighbours_are_recorded(evening: World) -> None:
    seed(evening, sent_mail(), sent_mail(id="m-2"))
    delivery = {"timestamp": AT}
    bad: list[Any] = [
        "your parcel",
        told("Levitation", to="ana@example.com"),
        told("Delivery", "m-not-yet", delivery=delivery),
        notified({**told("Delivery", delivery=delivery), "mail": {"timestamp": AT, "messageId": "unheard-of"}}),
        {"hello": EMAIL},
        told("Delivery", delivery={"timestamp": "Quillfeather"}),
    ]
    good = [told("Delivery", delivery=delivery), told("Delivery", "m-2", delivery=delivery)]
    assert record(evening, good[0], *bad, good[1]) == ["r1", "r2", "r3", "r4", "r5", "r6"]
    assert [recorded(evening, message).status for message in (MESSAGE, "m-2")] == ["delivered", "delivered"]


def test_a_receipt_that_came_too_early_is_recorded_once_its_message_is_there(evening: World) -> None:
    early = notified(told("Delivery", delivery={"timestamp": AT}))
    seed(evening, mail(status=Status.SENDING, owner="sender", lease_until=evening.now, attempts=1))
    assert record(evening, early) == ["r0"]
    seed(evening, sent_mail())
    assert record(evening, early) == []
    assert recorded(evening).status == "delivered"


@pytest.mark.parametrize("call", ["DynamoDB.UpdateItem", "DynamoDB.BatchGetItem"])
def test_when_the_ledger_fails_for_one_that_receipt_alone_comes_back(
    evening: World, trouble: Trouble, call: str
) -> None:
    seed(evening, sent_mail(), sent_mail(id="m-2"))
    trouble.fails(call, "InternalServerError", 500, about="m-2")
    receipts = [told("Delivery", message, delivery={"timestamp": AT}) for message in ("m-2", MESSAGE)]
    assert record(evening, *receipts) == ["r0"]
    assert [recorded(evening, message).status for message in (MESSAGE, "m-2")] == ["delivered", "sent"]


@pytest.mark.parametrize(("conflicts", "comes_back"), [(9, []), (10, ["r0"])])
def test_when_the_message_moves_meanwhile_it_looks_again_ten_times_at_most(
    evening: World, trouble: Trouble, conflicts: int, comes_back: list[str]
) -> None:
    seed(evening, sent_mail())
    trouble.fails("DynamoDB.UpdateItem", "ConditionalCheckFailedException", times=conflicts)
    assert record(evening, told("Delivery", delivery={"timestamp": AT})) == comes_back


def test_snss_delivery_log_moves_a_text(evening: World) -> None:
    seed(evening, sent_text())
    assert wake(evening, "record_receipts", payload("record_receipts_sms_log")) is None
    assert recorded(evening).status == "delivered"
    before = ledger(evening)
    wake(evening, "record_receipts", payload("record_receipts_sms_log"))
    assert ledger(evening) == before


@pytest.mark.parametrize(
    ("said", "status", "closed"),
    [("Phone is currently unreachable", "failed", None), ("Phone number is opted out", "suppressed", PHONE)],
)
def test_a_text_that_did_not_arrive_failed_and_a_number_that_opted_out_is_closed(
    evening: World, said: str, status: str, closed: str | None
) -> None:
    seed(evening, sent_text())
    wake(evening, "record_receipts", logged(log_line(status="FAILURE", said=said)))
    assert (recorded(evening).status, recorded(evening).detail) == (status, said)
    assert ana(evening).closed == ({closed: said} if closed else {})


def test_a_line_that_cannot_be_recorded_has_the_log_come_back_with_the_others_recorded(evening: World) -> None:
    seed(evening, sent_text(), sent_text(id="m-2", carrier_id="sns-2"))
    lines = [log_line(), "your parcel", log_line(carrier_id="not-yet"), log_line(carrier_id="sns-2")]
    with pytest.raises(ValueError, match="Expecting value") as raised:
        wake(evening, "record_receipts", logged(*lines))
    assert "your parcel" not in str(raised.value)  # Lambda logs it
    assert [recorded(evening, message).status for message in (MESSAGE, "m-2")] == ["delivered", "delivered"]
    with pytest.raises(KeyError):
        wake(evening, "record_receipts", logged(log_line(carrier_id="not-yet")))


def test_cloudwatchs_own_word_about_a_subscription_is_no_receipt(evening: World) -> None:
    log = {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL MESSAGE"}]}
    event = {"awslogs": {"data": b64encode(gzip.compress(json.dumps(log).encode())).decode()}}
    assert wake(evening, "record_receipts", event) is None
    assert counted(evening) == {}
