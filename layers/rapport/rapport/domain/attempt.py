"""One attempt at a carrier: what may come of it, and what the message is after that."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rapport.domain.message import Message, Status
from rapport.domain.policy import Policy
from rapport.domain.words import Reason

RECEIPT_WAIT: Final = timedelta(minutes=15)
LONGEST_BACKOFF: Final = timedelta(minutes=15)
SPREAD: Final = 0xFFFF


@dataclass(frozen=True)
class Accepted:
    """The carrier took the message, under this id of its own."""

    carrier_id: str


@dataclass(frozen=True)
class Refused:
    """The carrier won't take it, now or later; with `suppress` nothing more may go to this address."""

    why: str
    suppress: bool = False


@dataclass(frozen=True)
class NotAccepted:
    """The carrier certainly didn't take it, and may later."""

    why: str


@dataclass(frozen=True)
class InDoubt:
    """Nobody can say whether the carrier took it."""

    why: str


@dataclass(frozen=True)
class OverBudget:
    """It wasn't given to the carrier: that would have broken a ceiling on spending."""

    why: str


Answer = Accepted | Refused | NotAccepted | InDoubt | OverBudget


def outcome(message: Message, answer: Answer, policy: Policy, now: datetime) -> Message:
    """The message after the carrier's answer."""
    if isinstance(answer, Accepted):
        done = {"status": Status.SENT, "carrier_id": answer.carrier_id, "sent_at": now}
        return freed(message, done)
    if isinstance(answer, InDoubt):
        return in_doubt(message, answer.why, policy, now)
    if isinstance(answer, Refused):
        status = Status.SUPPRESSED if answer.suppress else Status.FAILED
        # An earlier attempt may have reached the customer all the same.
        return freed(message, {"status": Status.UNKNOWN if message.doubts else status, "detail": answer.why})
    if isinstance(answer, OverBudget):
        status = Status.UNKNOWN if message.doubts else Status.SKIPPED
        return freed(message, {"status": status, "reason": Reason.OVER_BUDGET, "detail": answer.why})
    again = now + backoff(message.id, message.attempts)
    if again >= message.expires_at:
        status = Status.UNKNOWN if message.doubts else Status.EXPIRED
        return freed(message, {"status": status, "reason": Reason.EXPIRED, "detail": answer.why})
    return freed(message, {"status": Status.QUEUED, "due_at": again, "detail": answer.why})


def backoff(message: str, attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4, 8 and then 15 minutes, times a factor from 0.5 to 1.

    The factor is a hash of both, so that messages which failed together don't come back together.
    """
    whole = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_BACKOFF)
    hashed = hashlib.blake2s(f"{message}\x1f{attempts}".encode(), digest_size=2).digest()
    return whole * (0.5 + 0.5 * int.from_bytes(hashed) / SPREAD)


def in_doubt(message: Message, why: str, policy: Policy, now: datetime) -> Message:
    """At most once stops here; what may be said twice waits for receipts and has one more attempt."""
    again = now + RECEIPT_WAIT
    may_repeat = policy.purposes[message.purpose].on_doubt == "send-again" and not message.doubts
    doubts = {"doubts": message.doubts + 1, "detail": why}
    if may_repeat and again < message.expires_at:
        return freed(message, {**doubts, "status": Status.QUEUED, "due_at": again, "possible_duplicate": True})
    return freed(message, {**doubts, "status": Status.UNKNOWN})


def freed(message: Message, changes: dict[str, object]) -> Message:
    """The message with these changes and without an owner."""
    return message.model_copy(update={**changes, "owner": None, "lease_until": None})
