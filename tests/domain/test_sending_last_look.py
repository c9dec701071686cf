"""What is true when a message is about to go out counts, whatever was true when it was planned."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from rapport.domain.attempt import Accepted, InDoubt, NotAccepted, Refused
from rapport.domain.customer import Customer, Spoken
from rapport.domain.message import Message, Status
from rapport.domain.sending import MOST_LOOKS, SKEW, ContentionError
from rapport.domain.words import Purpose, Reason
from tests.domain.builders import (
    DAY,
    MORNING,
    NIGHT,
    NOON,
    SECOND,
    WANTS_OFFERS,
    a_message,
    a_policy,
    ada,
    email,
    phone,
    said,
)
from tests.domain.memory_ledger import MemoryLedger, Post, post

MINUTE = timedelta(minutes=1)
DOUBT = InDoubt("the reply was lost")
BUSY = NotAccepted("throttled")
TAKEN = Accepted("c-1")


def an_offer(number: int = 1, **changes: Any) -> Message:
    return a_message(id=f"m-{number}", purpose=Purpose.PROMOTIONAL, **changes)


def wants_offers(**changes: Any) -> Any:
    return ada(consents=(WANTS_OFFERS,), **changes)


def on_record(work: Post, message: str = "m-1") -> Message:
    return work.ledger.messages[message]


@pytest.mark.parametrize(("early", "calls"), [(SKEW, 1), (SKEW + SECOND, 0)])
def test_a_message_that_is_not_due_is_not_sent(early: timedelta, calls: int) -> None:
    work = post([a_message(due_at=NOON + early)], TAKEN)
    assert (work.deliver() is None) is (calls == 0)
    assert len(work.carrier.calls) == calls


def stop(work: Post) -> None:
    work.ledger.write(work.ledger.customer.with_consent(said(False, "2026-11-24", source="STOP by text")))


def once(work: Post, happens: Callable[[Post], object]) -> Callable[[], None]:
    """Something that happens one time only."""
    left = iter([happens])

    def happen() -> None:
        for deed in left:
            deed(work)

    return happen


def test_a_stop_that_comes_after_the_claim_is_heard() -> None:
    work = post([a_message()], TAKEN)
    work.ledger.claimed = once(work, stop)
    work.deliver()
    assert (on_record(work).status, on_record(work).reason) == (Status.SKIPPED, Reason.NO_CONSENT)
    assert on_record(work).detail == "last look: sms: consent withdrawn 2026-11-24 (STOP by text)"
    assert (on_record(work).attempts, on_record(work).owner, work.carrier.calls) == (0, None, [])


def test_a_stop_that_comes_before_an_offer_is_counted_is_heard() -> None:
    work = post([an_offer()], TAKEN, customer=wants_offers())
    work.ledger.meanwhile = once(work, stop)
    work.deliver()
    assert (on_record(work).status, on_record(work).reason) == (Status.SKIPPED, Reason.NO_CONSENT)
    assert (work.ledger.looks, work.carrier.calls, work.ledger.customer.spoken) == (2, [], {})


def test_an_end_of_the_run_that_comes_after_the_claim_is_heard() -> None:
    work = post([a_message()], TAKEN)
    work.ledger.claimed = lambda: setattr(work.ledger, "exited_by", "delivery.completed")
    work.deliver()
    assert (on_record(work).reason, work.carrier.calls) == (Reason.EXITED, [])


def test_a_customer_who_never_stands_still_is_left_to_a_later_delivery() -> None:
    work = post([an_offer()], TAKEN, customer=wants_offers())
    work.ledger.meanwhile = lambda: work.ledger.write(work.ledger.customer)
    with pytest.raises(ContentionError, match="m-1: what it depends on changed 25 times"):
        work.deliver()
    assert (work.ledger.looks, work.carrier.calls, on_record(work)) == (MOST_LOOKS, [], an_offer())
    work.ledger.meanwhile = lambda: None
    work.deliver()
    assert on_record(work).status is Status.SENT


def test_a_look_that_fails_leaves_the_message_as_it_was() -> None:
    work = post([a_message()], TAKEN)

    def fails(_: Post) -> None:
        raise TimeoutError

    work.ledger.claimed = once(work, fails)
    with pytest.raises(TimeoutError):
        work.deliver()
    assert (on_record(work), work.carrier.calls) == (a_message(), [])
    work.deliver()
    assert on_record(work).status is Status.SENT


def test_a_place_that_was_counted_by_a_sender_who_never_heard_so_is_given_back() -> None:
    work = post([an_offer()], TAKEN, customer=wants_offers())
    count = work.ledger.count

    def counts_and_is_cut_off(before: Customer, after: Customer) -> None:
        count(before, after)
        raise TimeoutError

    work.ledger.count = counts_and_is_cut_off  # type: ignore[method-assign]
    with pytest.raises(TimeoutError):
        work.deliver()
    assert (on_record(work), list(work.ledger.customer.spoken)) == (an_offer(), ["m-1"])
    work.ledger.exited_by = "stock.gone"
    work.deliver()
    assert (on_record(work).status, work.ledger.customer.spoken) == (Status.SKIPPED, {})


def test_of_two_senders_that_are_at_it_at_once_one_sends() -> None:
    work = post([a_message()], TAKEN)
    work.ledger.claimed = once(work, lambda others: others.deliver())
    work.deliver()
    assert (on_record(work).status, len(work.carrier.calls)) == (Status.SENT, 1)


def test_a_message_whose_run_is_over_is_not_sent() -> None:
    work = post([a_message()], TAKEN)
    work.ledger.exited_by = "delivery.completed"
    work.deliver()
    assert (on_record(work).status, on_record(work).reason) == (Status.SKIPPED, Reason.EXITED)


def test_a_message_that_reaches_its_sender_at_night_waits_for_the_morning() -> None:
    work = post([a_message()], TAKEN)
    work.now = NIGHT
    held = work.deliver()
    assert held == on_record(work)
    assert (held.status, held.due_at, held.attempts) == (Status.QUEUED, MORNING, 0)
    work.now = MORNING
    work.deliver()
    assert on_record(work).status is Status.SENT


def test_a_message_that_reaches_its_sender_too_late_has_expired() -> None:
    work = post([a_message()], TAKEN)
    work.deliver(after=DAY)
    assert (on_record(work).status, on_record(work).reason, work.carrier.calls) == (
        Status.EXPIRED,
        Reason.EXPIRED,
        [],
    )


def test_the_words_are_not_sent_by_a_channel_that_they_were_not_made_for() -> None:
    work = post([a_message()], TAKEN, customer=ada(addresses=(phone(suppressed="opted out"), email())))
    work.deliver()
    assert (on_record(work).status, on_record(work).reason) == (Status.SKIPPED, Reason.SUPPRESSED)


def test_a_text_goes_to_the_address_that_is_open_when_it_is_sent() -> None:
    work = post([a_message()], TAKEN, customer=ada(addresses=(phone(suppressed="bounced"), phone("+33600000002"))))
    work.deliver()
    assert work.carrier.calls[0][2] == on_record(work).address == "+33600000002"


def test_an_offer_counts_from_its_claim_and_what_no_cap_counts_is_forgotten() -> None:
    old = {"m-8": Spoken(at=NOON - 7 * DAY, purpose=Purpose.PROMOTIONAL)}
    work = post([an_offer(), a_message(id="m-2")], TAKEN, customer=wants_offers(spoken=old))
    work.deliver()
    work.deliver("m-2")
    assert work.ledger.customer.spoken == {"m-1": Spoken(at=NOON, purpose=Purpose.PROMOTIONAL)}


@pytest.mark.parametrize(("answer", "counted"), [(TAKEN, True), (DOUBT, True), (BUSY, True), (Refused("no"), False)])
def test_an_offer_that_certainly_never_went_out_gives_its_place_back(answer: Any, counted: bool) -> None:
    work = post([an_offer()], answer, customer=wants_offers())
    work.deliver()
    assert ("m-1" in work.ledger.customer.spoken) is counted


def test_an_offer_that_is_tried_again_keeps_the_place_of_its_first_attempt() -> None:
    work = post([an_offer()], BUSY, TAKEN, customer=wants_offers())
    work.deliver()
    work.deliver(after=MINUTE)
    assert work.ledger.customer.spoken == {"m-1": Spoken(at=NOON, purpose=Purpose.PROMOTIONAL)}


def test_an_offer_that_is_called_off_between_two_attempts_gives_its_place_back() -> None:
    work = post([an_offer()], BUSY, customer=wants_offers())
    work.deliver()
    work.ledger.exited_by = "stock.gone"
    work.deliver(after=MINUTE)
    assert (on_record(work).status, work.ledger.customer.spoken) == (Status.SKIPPED, {})


def test_a_message_that_nobody_has_on_record_is_told_of() -> None:
    with pytest.raises(KeyError):
        Post(MemoryLedger(), post([]).carrier).deliver()


@pytest.mark.parametrize("seed", range(3))
def test_of_five_hundred_offers_that_are_sent_at_once_under_a_cap_of_five_exactly_five_go_out(seed: int) -> None:
    cap = {"purposes": ["promotional"], "at_most": 5, "every": "7 days"}
    offers = [an_offer(number) for number in range(500)]
    work = post(offers, TAKEN, customer=wants_offers())
    work.policy = a_policy(caps=[cap])
    chance, waiting = Random(seed), [offer.id for offer in offers]  # noqa: S311  # which sender is overtaken, by whom

    def overtaken() -> None:
        """Other senders go all the way between this one's look and its count."""
        if waiting and chance.random() < 0.9:
            work.deliver(waiting.pop(chance.randrange(len(waiting))))

    work.ledger.meanwhile = overtaken
    while waiting:
        work.deliver(waiting.pop())
    fates = [message.status for message in work.ledger.messages.values()]
    assert (fates.count(Status.SENT), fates.count(Status.SKIPPED), len(work.carrier.calls)) == (5, 495, 5)
    assert {message.reason for message in work.ledger.messages.values()} == {None, Reason.CAPPED}
    assert work.ledger.looks > 500
