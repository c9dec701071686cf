"""SES: what an e-mail is asked for with, and what its events, in both of their shapes, say became of it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.adapters.ses import Mails, as_tag, from_tag, read_event
from rapport.domain.message import Content, Status, message_id
from rapport.domain.receipts import Receipt
from tests.adapters.stub import ses_took, wire
from tests.domain.builders import EMAIL, a_message, modest, utc

ALLOWED = re.compile(r"[A-Za-z0-9_.@-]{1,256}")  # of tags, by SES's rule
AT = "2026-11-24T11:00:05.000Z"
MAIL = {"timestamp": "2026-11-24T11:00:00.000Z", "messageId": "c-1", "destination": [EMAIL]}
TAGS = {"rapport-customer": [as_tag("ada")], "rapport-message": ["m-1"], "journey": ["delivery"]}
SENT, LATER = utc("2026-11-24T11:00:00"), utc("2026-11-24T11:00:05")
CUSTOMERS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128)


def asked(content: Content, **changes: Any) -> Any:
    """What SES is asked to do with one message."""
    ses = wire("sesv2", ses_took("c-1"))
    Mails(ses.client, "Fern & Oak <us@example.com>", "the-set").send(a_message(**changes), content, EMAIL)
    (request,) = ses.asked
    return request


def test_an_e_mail_goes_to_its_address_under_the_stacks_name_and_set() -> None:
    request = asked(Content(text="Hello", subject="Hi", html="<p>Hello</p>"))
    assert request["FromEmailAddress"] == "Fern & Oak <us@example.com>"
    assert request["Destination"] == {"ToAddresses": [EMAIL]}
    assert request["ConfigurationSetName"] == "the-set"
    assert request["Content"]["Simple"] == {
        "Subject": {"Data": "Hi", "Charset": "UTF-8"},
        "Body": {"Text": {"Data": "Hello", "Charset": "UTF-8"}, "Html": {"Data": "<p>Hello</p>", "Charset": "UTF-8"}},
    }


def test_an_e_mail_without_html_or_subject_goes_as_text() -> None:
    simple = asked(Content(text="Hello"))["Content"]["Simple"]
    assert simple["Body"] == {"Text": {"Data": "Hello", "Charset": "UTF-8"}}
    assert simple["Subject"]["Data"] == ""


def test_its_tags_lead_its_receipts_back() -> None:
    tags = asked(Content(text="Hello"), customer="ada#1/ü", id="m-7", journey="check-in")["EmailTags"]
    told = {tag["Name"]: tag["Value"] for tag in tags}
    assert (from_tag(told["rapport-customer"]), told["rapport-message"]) == ("ada#1/ü", "m-7")
    assert told["journey"] == "check-in"


@modest
@given(CUSTOMERS, st.from_regex(r"[a-z][a-z0-9-]{0,47}", fullmatch=True))
def test_tags_have_only_what_ses_allows(customer: str, journey: str) -> None:
    made = message_id(customer, journey, "42", "e-1", "1")
    tags = asked(Content(text="Hello"), customer=customer, journey=journey, id=made)["EmailTags"]
    assert all(ALLOWED.fullmatch(tag[part]) for tag in tags for part in ("Name", "Value"))


@modest
@given(CUSTOMERS | st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_customer_comes_back_from_the_tag(customer: str) -> None:
    assert from_tag(as_tag(customer)) == customer


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Hi\r\nBcc: everyone@example.com", "Hi Bcc: everyone@example.com"),
        ("  Hi \t there\n", "Hi there"),
        ("Hi\u2028\u0085\x0b\x00there", "Hi there"),
        ("Grüße, 漢字 🙂", "Grüße, 漢字 🙂"),
    ],
)
def test_a_subject_is_one_line(subject: str, line: str) -> None:
    assert asked(Content(text="Hello", subject=subject))["Content"]["Simple"]["Subject"]["Data"] == line


def event(kind: str, shape: str = "eventType", tags: dict[str, Any] | None = TAGS, **told: Any) -> dict[str, Any]:
    """An event of SES's, or a notification in the older shape."""
    mail = MAIL if tags is None else {**MAIL, "tags": tags}
    return {shape: kind, "mail": mail, **told}


def bounce(kind: str, sub: str = "General") -> dict[str, Any]:
    recipients = [{"emailAddress": EMAIL, "diagnosticCode": f"550 {EMAIL} unknown"}]
    return {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": recipients, "timestamp": AT}


HARD = {"suppress": True, "bounced": True}
SOFT = {"soft": True, "bounced": True}
HAPPENED = [
    ("Send", {"send": {}}, {"at": SENT, "status": Status.SENT}),
    ("Delivery", {"delivery": {"timestamp": AT}}, {"at": LATER, "status": Status.DELIVERED}),
    (
        "Bounce",
        {"bounce": bounce("Permanent")},
        {"at": LATER, "status": Status.FAILED, "detail": "Permanent bounce (General)", **HARD},
    ),
    (
        "Bounce",
        {"bounce": bounce("Transient", "MailboxFull")},
        {"at": LATER, "status": Status.FAILED, "detail": "Transient bounce (MailboxFull)", **SOFT},
    ),
    (
        "Bounce",
        {"bounce": bounce("Undetermined", "Undetermined")},
        {"at": LATER, "status": Status.FAILED, "detail": "Undetermined bounce (Undetermined)", **SOFT},
    ),
    (
        "Complaint",
        {"complaint": {"timestamp": AT, "complaintFeedbackType": "abuse"}},
        {"at": LATER, "engagement": "complained", "detail": "complained of as spam", "suppress": True},
    ),
    (
        "Reject",
        {"reject": {"reason": "Bad content"}},
        {"at": SENT, "status": Status.FAILED, "detail": "rejected: Bad content"},
    ),
    (
        "Rendering Failure",
        {"failure": {"errorMessage": EMAIL}},
        {"at": SENT, "status": Status.FAILED, "detail": "SES could not render it"},
    ),
    ("Open", {"open": {"timestamp": AT, "ipAddress": "192.0.2.1"}}, {"at": LATER, "engagement": "opened"}),
    ("Click", {"click": {"timestamp": AT, "link": "https://x.example/"}}, {"at": LATER, "engagement": "clicked"}),
]


@pytest.mark.parametrize("shape", ["eventType", "notificationType"])
@pytest.mark.parametrize(("kind", "told", "expected"), HAPPENED)
def test_each_event_says_what_happened(shape: str, kind: str, told: dict[str, Any], expected: dict[str, Any]) -> None:
    receipt = read_event(event(kind, shape, **told))
    assert receipt == Receipt(carrier_id="c-1", customer="ada", message="m-1", **expected)
    assert EMAIL not in str(receipt)


@pytest.mark.parametrize("tags", [None, {}, {"ses:caller-identity": ["x"]}])
def test_an_event_without_our_tags_goes_by_the_carriers_id(tags: dict[str, Any] | None) -> None:
    receipt = read_event(event("Send", tags=tags))
    assert receipt == Receipt(carrier_id="c-1", at=SENT, status=Status.SENT)


@pytest.mark.parametrize("kind", ["DeliveryDelay", "Subscription"])
def test_a_delay_changes_nothing(kind: str) -> None:
    assert read_event(event(kind)) is None


def test_an_endless_reason_is_cut() -> None:
    told = read_event(event("Reject", reject={"reason": "x" * 5000}))
    assert told
    assert told.detail == ("rejected: " + "x" * 5000)[:120]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"eventType": "Send"},
        {"eventType": None, "mail": MAIL},
        {"eventType": "Send", "mail": {}},
        {"eventType": "Send", "mail": {"timestamp": AT}},
        {"eventType": "Send", "mail": {"messageId": "c-1"}},
        {"eventType": "Send", "mail": {"messageId": "c-1", "timestamp": "yesterday"}},
        {"eventType": "Send", "mail": {"messageId": None, "timestamp": AT}},
        {"eventType": "Delivery", "mail": MAIL},
        {"eventType": "Delivery", "mail": MAIL, "delivery": {}},
        {"eventType": "Bounce", "mail": MAIL, "bounce": {"bounceType": "Permanent", "timestamp": AT}},
        {"eventType": "Bounce", "mail": MAIL, "bounce": {"bounceSubType": "x", "timestamp": AT}},
        {"eventType": "Complaint", "mail": MAIL},
        {"eventType": "Reject", "mail": MAIL, "reject": {}},
        {"eventType": "Open", "mail": MAIL, "open": {}},
        {"eventType": "Click", "mail": MAIL},
        {"eventType": "send", "mail": MAIL},
        {"eventType": "Something new", "mail": MAIL},
        {"eventType": "Send", "mail": {**MAIL, "tags": {"rapport-customer": ["é"]}}},
        {"eventType": "Send", "mail": {**MAIL, "tags": {"rapport-customer": ["x"]}}},
        {"eventType": "Send", "mail": {**MAIL, "tags": {"rapport-customer": ["_w"]}}},
    ],
)
def test_what_is_no_event_of_ses_raises(payload: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read_event(payload)
