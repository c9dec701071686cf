"""Sending once: the last look, the claim, the one call, and what is put down for each answer."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from rapport.domain.attempt import (
    LONGEST_BACKOFF,
    RECEIPT_WAIT,
    Accepted,
    Answer,
    InDoubt,
    NotAccepted,
    OverBudget,
    Refused,
    backoff,
)
from rapport.domain.message import Message, Status
from rapport.domain.receipts import Receipt, after_receipt
from rapport.domain.sending import LEASE, SKEW
from rapport.domain.words import Purpose, Reason
from tests.domain.builders import (
    DAY,
    NOON,
    PHONE,
    SECOND,
    WANTS_OFFERS,
    a_message,
    ada,
    email,
    phone,
)
from tests.domain.memory_ledger import WORDS, Post, post

MINUTE = timedelta(minutes=1)
DOUBT = InDoubt("the reply was lost")
BUSY = NotAccepted("throttled")
TAKEN = Accepted("c-1")


def urgent(**changes: Any) -> Message:
    return a_message(purpose=Purpose.TRANSACTIONAL, **changes)


def on_record(work: Post, message: str = "m-1") -> Message:
    return work.ledger.messages[message]


def test_an_accepted_message_is_sent_and_bears_the_carriers_id() -> None:
    work = post([a_message()], TAKEN)
    sent = work.deliver()
    assert sent == on_record(work)
    assert sent.model_dump(include={"status", "carrier_id", "sent_at", "attempts", "owner", "lease_until"}) == {
        "status": Status.SENT,
        "carrier_id": "c-1",
        "sent_at": NOON,
        "attempts": 1,
        "owner": None,
        "lease_until": None,
    }
    claimed, content, address = work.carrier.calls[0]
    assert (claimed.status, claimed.owner, claimed.lease_until) == (Status.SENDING, "sender-1", NOON + LEASE)
    assert (content, address) == (WORDS, PHONE)


def test_a_message_that_the_queue_brings_again_is_not_sent_again() -> None:
    work = post([a_message()], TAKEN)
    work.deliver()
    assert [work.deliver(after=delay) for delay in (0 * SECOND, SECOND, DAY)] == [None, None, None]
    assert len(work.carrier.calls) == 1


def test_a_refused_message_has_failed_with_the_carriers_reason() -> None:
    work = post([a_message()], Refused("the number is not in service"))
    work.deliver()
    assert (on_record(work).status, on_record(work).detail) == (Status.FAILED, "the number is not in service")
    assert work.ledger.customer == ada()


def test_an_address_that_the_carrier_holds_for_closed_is_closed() -> None:
    work = post([a_message(), a_message(id="m-2")], Refused("opted out", suppress=True))
    work.deliver()
    assert on_record(work).status is Status.SUPPRESSED
    assert work.ledger.customer.addresses == (phone(suppressed="opted out"), email())
    assert work.deliver("m-2") == on_record(work, "m-2")
    assert (on_record(work, "m-2").reason, len(work.carrier.calls)) == (Reason.SUPPRESSED, 1)


def test_what_was_certainly_not_accepted_is_tried_again_later_and_later() -> None:
    work = post([a_message()], BUSY, BUSY, TAKEN)
    for attempts, wait in [(1, MINUTE), (2, 2 * MINUTE)]:
        work.deliver()
        queued = on_record(work)
        assert (queued.status, queued.attempts) == (Status.QUEUED, attempts)
        assert wait / 2 <= queued.due_at - work.now <= wait
        assert (queued.owner, queued.doubts, queued.detail) == (None, 0, "throttled")
        work.now = queued.due_at
    work.deliver()
    assert (on_record(work).status, on_record(work).attempts, on_record(work).detail) == (Status.SENT, 3, "throttled")


def test_the_wait_between_attempts_doubles_and_never_grows_beyond_a_quarter_of_an_hour() -> None:
    for attempts, longest in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (6, 15), (10_000, 15)]:
        waits = [backoff(f"m-{number}", attempts) for number in range(200)]
        assert all(longest * MINUTE / 2 <= wait <= longest * MINUTE <= LONGEST_BACKOFF for wait in waits)


def test_messages_that_failed_together_come_back_spread_out_and_at_the_same_hour_whoever_asks() -> None:
    waits = [backoff(f"m-{number}", 4) for number in range(1000)]
    per_second = Counter(wait // SECOND for wait in waits)
    assert len(per_second) > 200
    assert max(per_second.values()) < 20
    assert waits == [backoff(f"m-{number}", 4) for number in range(1000)]
    assert len({backoff("m-1", attempts) for attempts in (5, 6, 7)}) == 3


FIRST_WAIT = backoff("m-1", 1)


@pytest.mark.parametrize(("left", "status"), [(FIRST_WAIT, Status.EXPIRED), (FIRST_WAIT + SECOND, Status.QUEUED)])
def test_what_would_be_stale_at_the_next_attempt_is_over(left: timedelta, status: Status) -> None:
    work = post([a_message(expires_at=NOON + left)], BUSY)
    work.deliver()
    assert on_record(work).status is status


def test_after_a_doubt_a_reminder_is_never_sent_again() -> None:
    work = post([a_message()], DOUBT, TAKEN)
    work.deliver()
    assert (on_record(work).status, on_record(work).doubts) == (Status.UNKNOWN, 1)
    assert not on_record(work).possible_duplicate
    assert [work.deliver(after=delay) for delay in (SECOND, LEASE, RECEIPT_WAIT)] == [None, None, None]
    assert len(work.carrier.calls) == 1


def test_after_a_doubt_what_must_arrive_waits_for_receipts_and_is_tried_once_more() -> None:
    work = post([urgent()], DOUBT, DOUBT, TAKEN)
    work.deliver()
    again = on_record(work)
    assert (again.status, again.doubts, again.possible_duplicate) == (Status.QUEUED, 1, True)
    assert again.due_at == NOON + RECEIPT_WAIT
    assert work.deliver(after=RECEIPT_WAIT - SKEW - SECOND) is None
    work.deliver(after=SKEW + SECOND)
    assert (on_record(work).status, on_record(work).doubts) == (Status.UNKNOWN, 2)
    assert work.deliver(after=RECEIPT_WAIT) is None
    assert len(work.carrier.calls) == 2


def test_a_receipt_that_settles_the_doubt_spares_the_second_attempt() -> None:
    work = post([urgent()], DOUBT, TAKEN)
    work.deliver()
    receipt = Receipt(carrier_id="c-9", at=NOON + MINUTE, status=Status.DELIVERED)
    work.ledger.messages["m-1"] = after_receipt(on_record(work), receipt)
    assert work.deliver(after=RECEIPT_WAIT) is None
    assert (on_record(work).status, on_record(work).carrier_id, len(work.carrier.calls)) == (Status.DELIVERED, "c-9", 1)


def test_a_doubt_with_no_time_left_for_a_second_attempt_stays_one() -> None:
    work = post([urgent(expires_at=NOON + RECEIPT_WAIT)], DOUBT)
    work.deliver()
    assert on_record(work).status is Status.UNKNOWN


@pytest.mark.parametrize("late", [DAY, DAY - SECOND])
def test_what_may_have_gone_out_and_can_not_be_tried_again_is_not_called_unsent(late: timedelta) -> None:
    work = post([urgent()], DOUBT, BUSY)
    work.deliver()
    work.deliver(after=late)
    assert (on_record(work).status, on_record(work).reason) == (Status.UNKNOWN, Reason.EXPIRED)


@pytest.mark.parametrize(("spent", "calls"), [(LEASE / 2 - SECOND, 1), (LEASE / 2, 0), (2 * LEASE, 0)])
def test_a_sender_that_was_stopped_for_half_of_its_lease_does_not_call(spent: timedelta, calls: int) -> None:
    work = post([a_message()], TAKEN)
    work.ledger.claimed = lambda: setattr(work, "now", work.now + spent)
    work.deliver()
    assert len(work.carrier.calls) == calls
    assert on_record(work).status is (Status.SENT if calls else Status.QUEUED)


@pytest.mark.parametrize("earlier", [None, DOUBT])
def test_what_a_ceiling_holds_back_is_skipped_unless_an_earlier_attempt_may_have_gone_out(
    earlier: Answer | None,
) -> None:
    work = post([urgent()], *([earlier] if earlier else []), OverBudget("the ceiling is 60"))
    for _ in range(2 if earlier else 1):
        work.deliver(after=RECEIPT_WAIT)
    after = on_record(work)
    assert (after.status, after.reason) == (Status.UNKNOWN if earlier else Status.SKIPPED, Reason.OVER_BUDGET)
    assert (after.detail, after.owner, after.lease_until) == ("the ceiling is 60", None, None)


def test_what_a_ceiling_holds_back_gives_its_place_under_the_caps_to_another() -> None:
    offers = [a_message(id=name, purpose=Purpose.PROMOTIONAL) for name in ("m-1", "m-2", "m-3")]
    work = post(offers, OverBudget("the ceiling is 60"), TAKEN, customer=ada(consents=(WANTS_OFFERS,)))
    for offer in offers:
        work.deliver(offer.id)
    assert [on_record(work, offer.id).status for offer in offers] == [Status.SKIPPED, Status.SENT, Status.SENT]


def being_sent(message: Message) -> Message:
    lease = {"status": Status.SENDING, "owner": "sender-0", "lease_until": NOON + LEASE, "attempts": 1}
    return message.model_copy(update=lease)


def test_a_message_that_another_is_sending_is_left_to_them() -> None:
    work = post([being_sent(a_message())], TAKEN)
    assert work.deliver(after=LEASE - SECOND) is None
    assert on_record(work) == being_sent(a_message())


@pytest.mark.parametrize(("message", "status"), [(a_message(), Status.UNKNOWN), (urgent(), Status.QUEUED)])
def test_a_message_whose_sender_was_cut_off_is_in_doubt(message: Message, status: Status) -> None:
    work = post([being_sent(message)], TAKEN)
    abandoned = work.deliver(after=LEASE)
    assert abandoned == on_record(work)
    assert (abandoned.status, abandoned.doubts, abandoned.detail) == (status, 1, "its sender was cut off")
    assert (abandoned.possible_duplicate, work.carrier.calls) == (status is Status.QUEUED, [])


def test_a_sender_that_comes_back_after_its_lease_can_not_call_what_was_given_up_sent() -> None:
    work = post([a_message()], TAKEN)

    def another_looks_in() -> None:
        work.carrier.during = lambda: None
        work.deliver(after=LEASE)

    work.carrier.during = another_looks_in
    assert work.deliver() is None
    assert (on_record(work).status, len(work.carrier.calls)) == (Status.UNKNOWN, 1)


def test_a_receipt_that_is_quicker_than_the_answer_is_not_overwritten() -> None:
    work = post([a_message()], TAKEN)
    receipt = Receipt(carrier_id="c-1", at=NOON, status=Status.DELIVERED)

    def deliver_at_once() -> None:
        work.ledger.messages["m-1"] = after_receipt(on_record(work), receipt)

    work.carrier.during = deliver_at_once
    assert work.deliver() is None
    assert on_record(work).status is Status.DELIVERED
