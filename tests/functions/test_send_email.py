"""send_email: one look, one claim, one e-mail whose receipts find their way back, and what came of it on record."""

from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.ses import from_tag
from rapport.domain.customer import Consent
from rapport.domain.message import Content, Status
from rapport.domain.words import Channel, Purpose
from tests.functions.on_record import (
    CUSTOMER,
    EMAIL,
    EVENING,
    LETTER,
    MESSAGE,
    ana,
    counted,
    failed,
    ledger,
    mail,
    put,
    queued,
    recorded,
    seed,
    the_run,
    wake,
)
from tests.functions.trouble import Trouble

MINUTE = timedelta(minutes=1)
WITHDRAWN = Consent(channel=Channel.EMAIL, purpose="*", given=False, at=EVENING - MINUTE)


def key(message: str = MESSAGE) -> dict[str, str]:
    """What the queue says of a message."""
    return {"customer": CUSTOMER, "message": message, "journey": "delivery-reminder", "about": "1042"}


def three(world: World) -> dict[str, Any]:
    """Three e-mails on record, and the batch that asks for them."""
    seed(world, *(mail(id=f"m-{i}") for i in range(3)), words=LETTER)
    return queued("send_email", *(key(f"m-{i}") for i in range(3)))


def test_the_e_mail_goes_out_and_is_put_down_as_sent(evening: World) -> None:
    seed(evening, mail(), words=LETTER)
    assert failed(wake(evening, "send_email")) == []
    [taken] = evening.carriers.taken
    assert (taken.to, taken.subject, taken.text) == (EMAIL, LETTER.subject, LETTER.text)
    after = recorded(evening)
    assert (after.status, after.attempts, after.carrier_id, after.owner) == ("sent", 1, taken.carrier_id, None)
    assert counted(evening) == {"SentMessages": 1}


def test_on_the_wire_it_has_a_sender_a_text_a_page_its_tags_and_the_configuration_set(
    evening: World, trouble: Trouble
) -> None:
    seed(evening, mail(), words=LETTER)
    wake(evening, "send_email")
    [asked] = trouble.parameters("SESv2.SendEmail")
    assert asked["FromEmailAddress"] == "hello@example.com"
    assert asked["Destination"] == {"ToAddresses": [EMAIL]}
    assert asked["ConfigurationSetName"] == evening.stack.reference("ConfigurationSet")
    simple = asked["Content"]["Simple"]
    assert simple["Body"] == {
        "Text": {"Data": LETTER.text, "Charset": "UTF-8"},
        "Html": {"Data": LETTER.html, "Charset": "UTF-8"},
    }
    assert simple["Subject"] == {"Data": LETTER.subject, "Charset": "UTF-8"}
    tags = {tag["Name"]: tag["Value"] for tag in asked["EmailTags"]}
    assert from_tag(tags.pop("rapport-customer")) == CUSTOMER
    assert tags == {"rapport-message": MESSAGE, "journey": "delivery-reminder"}


@pytest.mark.parametrize(
    "subject",
    [
        "Tomorrow\r\nBcc: all@example.com",
        "Tomorrow\nBcc: all@example.com",
        "Tomorrow\u2028\x00\x0bBcc: all@example.com",
    ],
)
def test_no_header_can_be_smuggled_in_with_the_subject(evening: World, trouble: Trouble, subject: str) -> None:
    seed(evening, mail(), words=Content(text=LETTER.text, subject=subject, html=LETTER.html))
    assert failed(wake(evening, "send_email")) == []
    [asked] = trouble.parameters("SESv2.SendEmail")
    assert asked["Content"]["Simple"]["Subject"]["Data"] == "Tomorrow Bcc: all@example.com"
    assert asked["Destination"] == {"ToAddresses": [EMAIL]}


def test_without_a_page_it_is_text_alone(evening: World, trouble: Trouble) -> None:
    seed(evening, mail(), words=Content(text=LETTER.text, subject=LETTER.subject))
    wake(evening, "send_email")
    [asked] = trouble.parameters("SESv2.SendEmail")
    assert list(asked["Content"]["Simple"]["Body"]) == ["Text"]


def test_the_same_record_again_sends_nothing_and_changes_nothing(evening: World) -> None:
    seed(evening, mail(), words=LETTER)
    wake(evening, "send_email", queued("send_email", key(), key()))
    before = ledger(evening)
    assert failed(wake(evening, "send_email")) == []
    assert (ledger(evening), len(evening.carriers.taken)) == (before, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.SENDING, "owner": "another", "lease_until": EVENING + MINUTE, "attempts": 1},
        {"due_at": EVENING + 10 * MINUTE},
        {"status": Status.DELIVERED},
    ],
    ids=["claimed by another", "due later", "delivered"],
)
def test_what_is_not_its_to_send_is_left_alone(evening: World, changes: Any) -> None:
    seed(evening, mail(**changes), words=LETTER)
    before = ledger(evening)
    assert failed(wake(evening, "send_email")) == []
    assert (ledger(evening), evening.carriers.taken) == (before, [])


@pytest.mark.parametrize(
    ("message", "customer", "run", "status", "reason"),
    [
        ({"expires_at": EVENING - MINUTE}, {}, {}, "expired", "expired"),
        ({}, {}, {"status": "exited", "ended_by": "delivery.cancelled"}, "skipped", "exited"),
        ({}, {"consents": (WITHDRAWN,)}, {}, "skipped", "no-consent"),
        ({"purpose": Purpose.CHECK_IN}, {"human_owns": True}, {}, "skipped", "human-owns"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_should_not_be_said_any_more_is_not_and_it_is_on_record_why(
    evening: World, message: Any, customer: Any, run: Any, status: str, reason: str
) -> None:
    seed(evening, mail(**message), customer=ana(**customer), run=the_run(**run), words=LETTER)
    assert failed(wake(evening, "send_email")) == []
    assert (recorded(evening).status, recorded(evening).reason) == (status, reason)
    assert evening.carriers.taken == []


@pytest.mark.parametrize(
    ("code", "status", "ends_as"),
    [
        ("TooManyRequestsException", 429, "queued"),
        ("AccountSuspendedException", 400, "queued"),
        ("InternalServiceErrorException", 500, "unknown"),
        ("MessageRejected", 400, "failed"),
    ],
)
def test_the_carriers_errors_are_answers_and_not_failures(
    evening: World, trouble: Trouble, code: str, status: int, ends_as: str
) -> None:
    seed(evening, mail(), words=LETTER)
    trouble.fails("SESv2.SendEmail", code, status)
    assert failed(wake(evening, "send_email")) == []
    after = recorded(evening)
    assert (after.status, after.attempts, after.owner) == (ends_as, 1, None)
    assert len(trouble.parameters("SESv2.SendEmail")) == 1


def test_what_is_owed_is_said_once_more_when_in_doubt_and_never_a_third_time(evening: World, trouble: Trouble) -> None:
    seed(evening, mail(purpose=Purpose.TRANSACTIONAL), words=LETTER)
    trouble.fails("SESv2.SendEmail", "InternalServiceErrorException", 500)
    wake(evening, "send_email")
    first = recorded(evening)
    assert (first.status, first.possible_duplicate, first.due_at) == ("queued", True, EVENING + 15 * MINUTE)
    evening.clock.shift(15 * 60)
    wake(evening, "send_email")
    assert (recorded(evening).status, recorded(evening).attempts) == ("unknown", 2)
    evening.clock.shift(15 * 60)
    wake(evening, "send_email")
    assert len(trouble.parameters("SESv2.SendEmail")) == 2
    assert counted(evening) == {"RetriedMessages": 1, "UnknownMessages": 1, "AmbiguousSends": 2}


def test_a_bad_record_and_an_unclaimable_one_come_back_and_their_neighbours_go_out(
    evening: World, trouble: Trouble
) -> None:
    batch = three(evening)
    batch["Records"][0]["body"] = '{"customer": "Quillfeather"}'
    trouble.fails("DynamoDB.UpdateItem", "ThrottlingException", about="m-2")
    assert failed(wake(evening, "send_email", batch)) == ["r0", "r2"]
    assert [recorded(evening, f"m-{i}").status for i in range(3)] == ["queued", "sent", "queued"]


def test_a_receipt_that_is_quicker_than_its_sender_is_not_written_over(evening: World, trouble: Trouble) -> None:
    seed(evening, mail(), words=LETTER)

    def delivered(_: Any) -> None:
        """The receipt is recorded between the call and the note of what came of it."""
        after = recorded(evening).model_copy(update={"status": Status.DELIVERED, "owner": None, "lease_until": None})
        put(evening, items.message_item(after))

    trouble.answers("DynamoDB.UpdateItem", delivered, times=1)
    assert failed(wake(evening, "send_email")) == []
    assert recorded(evening).status == "delivered"
    assert counted(evening) == {}  # whoever wrote it has counted it
