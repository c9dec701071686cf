"""SNS: what a text is asked for with, and what the delivery logs say became of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rapport.adapters.sns import Texts, read_delivery_log
from rapport.domain.message import Content, Status
from rapport.domain.receipts import Receipt
from rapport.domain.words import Purpose
from tests.adapters.stub import sns_took, wire
from tests.domain.builders import PHONE, a_message

TEXT = "Fern & Oak: your parcel comes tomorrow. ✓"


def asked(sender_id: str = "FernOak", number: str = "+12125550123", price: str = "0.50", **changes: Any) -> Any:
    """What SNS is asked to do with one message."""
    sns = wire("sns", sns_took("c-1"))
    Texts(sns.client, sender_id, number, price).send(a_message(**changes), Content(text=TEXT), PHONE)
    (request,) = sns.asked
    return request


def test_a_text_goes_to_its_number_with_its_words() -> None:
    request = asked()
    assert (request["PhoneNumber"], request["Message"]) == (PHONE, TEXT)
    assert set(request) == {"PhoneNumber", "Message", "MessageAttributes"}


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [
        (Purpose.TRANSACTIONAL, "Transactional"),
        (Purpose.SERVICE, "Transactional"),
        (Purpose.CHECK_IN, "Transactional"),
        (Purpose.PROMOTIONAL, "Promotional"),
    ],
)
def test_only_what_promotes_is_promotional(purpose: Purpose, kind: str) -> None:
    attributes = asked(purpose=purpose)["MessageAttributes"]
    assert attributes["AWS.SNS.SMS.SMSType"] == {"DataType": "String", "StringValue": kind}


def test_sender_number_and_price_are_the_stacks_and_the_price_is_a_number() -> None:
    assert asked()["MessageAttributes"] == {
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "FernOak"},
        "AWS.MM.SMS.OriginationNumber": {"DataType": "String", "StringValue": "+12125550123"},
        "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.50"},
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
    }


def test_what_the_stack_leaves_empty_isnt_asked_for() -> None:
    assert set(asked("", "", "")["MessageAttributes"]) == {"AWS.SNS.SMS.SMSType"}


def test_the_words_leave_as_they_are() -> None:
    sns = wire("sns", sns_took("c-1"))
    text = "{{7*7}} %s <b>&amp;</b> 漢字 🙂"
    Texts(sns.client, "", "", "").send(a_message(), Content(text=text, subject="s", html="h"), PHONE)
    assert sns.asked[0]["Message"] == text


def log(**changes: Any) -> dict[str, Any]:
    """A line of the delivery log, as AWS documents it."""
    whole = {
        "notification": {"messageId": "34d9b400-c6dd-5444-820d-fbeb0f1f54cf", "timestamp": "2016-06-28 00:40:34.558"},
        "delivery": {
            "phoneCarrier": "My Phone Carrier",
            "mnc": 270,
            "destination": "+1XXX5550100",
            "priceInUSD": 0.00645,
            "smsType": "Transactional",
            "mcc": 310,
            "providerResponse": "Message has been accepted by phone carrier",
            "dwellTimeMs": 599,
            "dwellTimeMsUntilDeviceAck": 1344,
        },
        "status": "SUCCESS",
    }
    return {**whole, **changes}


def failed(response: str) -> dict[str, Any]:
    return log(status="FAILURE", delivery={"destination": "+1XXX5550100", "providerResponse": response})


def test_a_success_is_delivered() -> None:
    assert read_delivery_log(log()) == Receipt(
        carrier_id="34d9b400-c6dd-5444-820d-fbeb0f1f54cf",
        at=datetime(2016, 6, 28, 0, 40, 34, 558000, tzinfo=UTC),
        status=Status.DELIVERED,
    )


@pytest.mark.parametrize(
    "response",
    [
        "Phone is currently unreachable/unavailable",
        "Phone carrier is currently unreachable/unavailable",
        "Blocked as spam by phone carrier",
        "Destination is on a blocked list",
        "Invalid phone number",
        "Message body is invalid",
        "This delivery would exceed max price",
        "Unknown error attempting to reach phone",
        "",
    ],
)
def test_a_failure_is_failed_with_what_the_carrier_says(response: str) -> None:
    receipt = read_delivery_log(failed(response))
    assert (receipt.status, receipt.detail, receipt.suppress) == (Status.FAILED, response, False)


def test_who_opted_out_gets_nothing_more() -> None:
    receipt = read_delivery_log(failed("Phone number is opted out"))
    assert (receipt.status, receipt.suppress) == (Status.SUPPRESSED, True)
    assert receipt.detail == "Phone number is opted out"


def test_a_success_never_closes_a_number() -> None:
    delivery = {"providerResponse": "accepted; the owner once opted out"}
    assert not read_delivery_log(log(delivery=delivery)).suppress


def test_an_endless_response_is_cut() -> None:
    assert read_delivery_log(failed("x" * 5000)).detail == "x" * 120


def test_a_log_without_response_is_read() -> None:
    assert read_delivery_log(log(status="FAILURE", delivery={})).status is Status.FAILED


@pytest.mark.parametrize("field", ["status", "delivery", "notification"])
def test_a_line_that_lacks_something_raises_a_key_error(field: str) -> None:
    line = log()
    del line[field]
    with pytest.raises(KeyError, match=field):
        read_delivery_log(line)


@pytest.mark.parametrize(
    "notification",
    [{}, {"messageId": "x"}, {"timestamp": "2016-06-28 00:40:34.558"}, {"messageId": "x", "timestamp": "yesterday"}],
)
def test_a_line_whose_notification_is_nonsense_raises(notification: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read_delivery_log(log(notification=notification))


@pytest.mark.parametrize("message_id", [None, 5, ["x"]])
def test_a_carriers_id_is_a_text(message_id: Any) -> None:
    with pytest.raises(ValueError, match="carrier_id"):
        read_delivery_log(log(notification={"messageId": message_id, "timestamp": "2016-06-28 00:40:34.558"}))
