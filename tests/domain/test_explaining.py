"""Why a message was sent, or wasn't, in sentences and on the customer's own clock."""

from typing import Any

import pytest

from rapport.domain.advance import advance, time_is_up
from rapport.domain.customer import Customer
from rapport.domain.explaining import FATES, explain
from rapport.domain.message import Message, Status
from rapport.domain.words import Reason
from tests.domain.builders import (
    MORNING,
    NIGHT,
    NOON,
    SEND,
    WANTS_OFFERS,
    Phrases,
    a_journey,
    a_message,
    a_run,
    ada,
    around,
    email,
    phone,
    said,
)

PARIS = "Europe/Paris"


def planned(customer: Customer | None = None, **changes: Any) -> Message:
    journey = a_journey(SEND, **changes)
    _, [draft] = advance(a_run(journey), around(journey, customer=customer))
    return draft.message


def test_a_message_tells_its_whole_story() -> None:
    message = planned(ada(consents=(WANTS_OFFERS,)), purpose="promotional")
    sent = message.model_copy(update={"status": Status.SENT, "attempts": 1, "sent_at": NOON})
    assert explain(sent, PARIS) == [
        f"{message.id}: journey delivery about 42, template reminder (v1), a promotional message to customer ada.",
        "Decided Tue 24 Nov 12:00 to send: sms: preferred address, consent given 2026-01-01.",
        "  sms: for it: preferred address, consent given 2026-01-01",
        "  email: not needed",
        "The carrier took it. Taken Tue 24 Nov 12:00.",
    ]


def test_a_message_that_was_not_sent_names_the_reason_for_each_channel() -> None:
    stopped = ada(
        addresses=(phone(), email(suppressed="bounced")), consents=(said(False, "2026-11-02", source="STOP"),)
    )
    assert explain(planned(stopped), PARIS)[1:] == [
        "Decided Tue 24 Nov 12:00 to skip: sms: consent withdrawn 2026-11-02 (STOP); email: suppressed: bounced.",
        "  sms: against it: consent withdrawn 2026-11-02 (STOP)",
        "  email: against it: suppressed: bounced",
        "It was not sent. Reason: no-consent.",
    ]


def test_a_message_that_was_barred_on_every_channel_says_that_none_was_looked_at() -> None:
    lines = explain(planned(ada(human_owns=True), purpose="check-in"), PARIS)
    assert lines[1:] == [
        "Decided Tue 24 Nov 12:00 to skip: a person is talking with this customer.",
        "  sms, email: not looked at",
        "It was not sent. Reason: human-owns.",
    ]


def test_a_message_that_waited_for_the_morning_says_from_when_to_when() -> None:
    journey = a_journey(SEND)
    run, _ = advance(a_run(journey, NIGHT), around(journey, NIGHT))
    _, [draft] = time_is_up(run, around(journey, MORNING))
    lines = explain(draft.message, PARIS)
    assert lines[1] == "Held from Tue 24 Nov 23:00: those were quiet hours."
    assert lines[2].startswith("Decided Wed 25 Nov 08:05 to send: sms: ")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [(PARIS, "Tue 24 Nov 12:00"), ("Asia/Tokyo", "Tue 24 Nov 20:00"), ("Pacific/Kiritimati", "Wed 25 Nov 01:00")],
)
def test_hours_are_those_of_the_customers_clock(zone: str, shown: str) -> None:
    assert f"Decided {shown} to send" in explain(planned(), zone)[1]


def test_a_message_that_fell_back_to_its_second_channel_says_why() -> None:
    lines = explain(planned(ada(addresses=(email(),))), PARIS)
    assert lines[2:4] == [
        "  sms: against it: no address",
        "  email: for it: preferred address, no objection to service messages",
    ]
    assert not any("not needed" in line for line in lines)


@pytest.mark.parametrize("status", Status)
def test_every_end_is_put_in_words_of_its_own(status: Status) -> None:
    assert explain(a_message(status=status), PARIS)[-1] == FATES[status]
    assert len(set(FATES.values())) == len(Status)


def test_what_may_have_arrived_twice_and_what_the_customer_did_with_it_is_told() -> None:
    message = a_message(
        status=Status.DELIVERED,
        attempts=2,
        possible_duplicate=True,
        engagement={"opened": MORNING},
    )
    assert explain(message, PARIS)[-3:] == [
        "The carrier delivered it.",
        "It may have arrived twice: the first attempt ended in doubt, and this purpose may repeat once.",
        "The customer opened it Wed 25 Nov 08:05.",
    ]


def test_a_message_that_could_not_be_said_names_the_cause() -> None:
    journey = a_journey(SEND)
    _, [draft] = advance(a_run(journey), around(journey, words=Phrases(unsayable="reminder")))
    assert explain(draft.message, PARIS)[-1] == (
        f"It could not be delivered. Reason: {Reason.UNSAYABLE}. "
        "(templates/reminder/sms.txt: expected event.data.window)"
    )
