"""Whatever fails before the carrier is called leaves the message as it was, and the queue brings it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from rapport.domain.message import Message, Status
from rapport.domain.sending import LEASE, EarlyError, MessageKey
from tests.domain.builders import DAY, NIGHT, NOON, PHONE, a_message, ada
from tests.domain.memory_ledger import MemoryLedger, Post, ScriptedCarrier


class TableError(Exception):
    """DynamoDB didn't do it, or nobody heard that it did."""


@dataclass
class Writes:
    """How many writes of messages there were, and which of them goes wrong."""

    wrong: int
    applied: bool
    seen: int = 0

    def befall(self, ledger: MemoryLedger) -> None:
        """From now on, for this ledger."""
        for name in ("claim", "settle"):
            setattr(ledger, name, self.befallen(getattr(ledger, name)))

    def befallen(self, write: Callable[..., object]) -> Callable[..., object]:
        """The write, as it goes with them."""

        def written(*given: object, **options: object) -> object:
            self.seen += 1
            answer = write(*given, **options) if self.seen != self.wrong or self.applied else None
            if self.seen == self.wrong:
                raise TableError
            return answer

        return written


def at_work(message: Message, writes: Writes) -> Post:
    """A sender whose ledger fails at one write."""
    post = Post(MemoryLedger(message, customer=ada()), ScriptedCarrier(), now=message.due_at)
    writes.befall(post.ledger)
    return post


def test_a_claim_that_was_written_before_its_answer_was_lost_is_ours() -> None:
    post = Post(MemoryLedger(a_message(), customer=ada()), ScriptedCarrier())
    claim: Callable[..., Message] = post.ledger.claim

    def twice(*given: object, **options: object) -> Message:  # what boto3 does when it hears nothing
        claim(*given, **options)
        return claim(*given, **options)

    post.ledger.claim = twice  # type: ignore[method-assign]
    assert (after := post.deliver()) is not None
    assert (after.status, after.attempts, len(post.carrier.calls)) == (Status.SENT, 1, 1)


def test_a_claim_of_somebody_else_is_not_ours() -> None:
    post = Post(MemoryLedger(a_message(), customer=ada()), ScriptedCarrier())
    post.ledger.claim(MessageKey("ada", "m-1", "delivery", "42"), "other", due_by=NOON, lease_until=NOON + LEASE)
    assert post.deliver() is None
    assert post.carrier.calls == []


@pytest.mark.parametrize("applied", [True, False])
def test_a_claim_that_nobody_can_tell_of_is_taken_back(*, applied: bool) -> None:
    post = at_work(a_message(), Writes(1, applied=applied))
    with pytest.raises(TableError):
        post.deliver()
    assert post.ledger.messages["m-1"] == a_message()
    assert (after := post.deliver()) is not None
    assert (after.status, len(post.carrier.calls)) == (Status.SENT, 1)


def test_a_message_that_could_not_be_held_is_held_at_the_next_try() -> None:
    message = a_message(due_at=NIGHT, expires_at=NIGHT + DAY)
    post = at_work(message, Writes(2, applied=False))
    with pytest.raises(TableError):
        post.deliver()
    assert post.ledger.messages["m-1"] == message
    assert (held := post.deliver()) is not None
    assert (held.status, held.due_at > NIGHT, held.doubts) == (Status.QUEUED, True, 0)


def test_a_message_whose_new_address_could_not_be_put_down_is_said_at_the_next_try() -> None:
    post = at_work(a_message(address="+447700900999"), Writes(2, applied=False))
    with pytest.raises(TableError):
        post.deliver()
    assert post.carrier.calls == []
    assert (after := post.deliver()) is not None
    assert (after.status, after.address, after.doubts) == (Status.SENT, PHONE, 0)


def test_an_hour_that_is_about_to_come_is_waited_for_by_the_queue() -> None:
    held = at_work(a_message(due_at=NIGHT, expires_at=NIGHT + DAY), Writes(0, applied=True)).deliver()
    assert held is not None
    post = Post(MemoryLedger(held), ScriptedCarrier(), now=held.due_at - timedelta(seconds=20))
    with pytest.raises(EarlyError):
        post.deliver()
    assert post.ledger.messages["m-1"] == held
    assert (after := post.deliver(after=timedelta(minutes=3))) is not None
    assert after.status is Status.SENT
