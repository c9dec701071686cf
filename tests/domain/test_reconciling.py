"""The round every five minutes: messages that nobody else sees to are put out again, or come to an end."""

from datetime import timedelta
from typing import Any

import pytest

from rapport.domain.customer import Spoken
from rapport.domain.message import Message, Status
from rapport.domain.reconciling import OVERDUE, reconcile
from rapport.domain.sending import LEASE
from rapport.domain.words import Purpose, Reason
from tests.domain.builders import DAY, NOON, SECOND, a_message, a_policy, ada
from tests.domain.memory_ledger import MemoryLedger


def seen_to(message: Message, after: timedelta, ledger: MemoryLedger | None = None) -> Message:
    """The message as it is on record after the round, which says the same."""
    ledger = ledger or MemoryLedger(message)
    told = reconcile(message, ledger, a_policy(), NOON + after)
    assert told == ledger.messages[message.id]
    return told


def test_a_message_that_is_long_overdue_is_put_out_again() -> None:
    assert seen_to(a_message(), OVERDUE) == a_message(due_at=NOON + OVERDUE)


def test_a_message_that_is_only_a_little_late_is_left_to_its_queue() -> None:
    assert seen_to(a_message(), OVERDUE - SECOND) == a_message()
    assert seen_to(a_message(due_at=NOON + DAY / 2), DAY / 2) == a_message(due_at=NOON + DAY / 2)


def test_a_message_that_never_reached_a_sender_in_time_has_expired() -> None:
    expired = seen_to(a_message(), DAY)
    assert (expired.status, expired.reason) == (Status.EXPIRED, Reason.EXPIRED)
    assert expired.detail == "it never reached a sender in time"


def test_a_message_that_may_have_gone_out_stays_unknown_when_it_is_too_late_for_another_attempt() -> None:
    assert seen_to(a_message(doubts=1, attempts=1), DAY).status is Status.UNKNOWN


@pytest.mark.parametrize(("attempts", "doubts", "counted"), [(1, 0, False), (1, 1, True), (0, 0, False)])
def test_an_offer_that_expired_after_its_claim_gives_its_place_back(attempts: int, doubts: int, counted: bool) -> None:
    offer = a_message(purpose=Purpose.PROMOTIONAL, attempts=attempts, doubts=doubts)
    ledger = MemoryLedger(offer, customer=ada(spoken={"m-1": Spoken(at=NOON, purpose=Purpose.PROMOTIONAL)}))
    seen_to(offer, DAY, ledger)
    assert ("m-1" in ledger.customer.spoken) is counted


SENDING: dict[str, Any] = {"status": Status.SENDING, "owner": "sender-0", "lease_until": NOON + LEASE, "attempts": 1}


@pytest.mark.parametrize(
    ("purpose", "status"), [(Purpose.SERVICE, Status.UNKNOWN), (Purpose.TRANSACTIONAL, Status.QUEUED)]
)
def test_a_message_whose_sender_was_cut_off_is_in_doubt(purpose: Purpose, status: Status) -> None:
    cut_off = a_message(purpose=purpose, **SENDING)
    assert seen_to(cut_off, LEASE - SECOND) == cut_off
    after = seen_to(cut_off, LEASE)
    assert (after.status, after.doubts, after.owner) == (status, 1, None)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.QUEUED, Status.SENDING}))
def test_what_has_come_to_its_end_stays_there(status: Status) -> None:
    over = a_message(status=status, doubts=1)
    assert seen_to(over, 30 * DAY) == over


@pytest.mark.parametrize(
    ("message", "after"), [(a_message(), DAY), (a_message(), OVERDUE), (a_message(**SENDING), DAY)]
)
def test_a_message_that_moved_by_itself_meanwhile_is_left_alone(message: Message, after: timedelta) -> None:
    sent = message.model_copy(update={"status": Status.SENT, "owner": None})
    ledger = MemoryLedger(sent)
    assert reconcile(message, ledger, a_policy(), NOON + after) is message
    assert ledger.messages["m-1"] == sent
