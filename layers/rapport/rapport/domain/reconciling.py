"""Sees to messages that nobody else does: abandoned while sending, too late, or lost on the way to a sender."""

from datetime import datetime, timedelta
from typing import Final

from rapport.domain.message import Message, Status
from rapport.domain.policy import Policy
from rapport.domain.sending import ChangedError, SendLedger, doubt_if_abandoned, gives_back
from rapport.domain.words import Reason

OVERDUE: Final = timedelta(minutes=10)


def reconcile(message: Message, ledger: SendLedger, policy: Policy, now: datetime) -> Message:
    """The message as the ledger now has it; one that has moved by itself meanwhile is left alone."""
    try:
        if message.status is Status.SENDING:
            return doubt_if_abandoned(message, ledger, policy, now)
        if message.status is not Status.QUEUED or now < message.due_at + OVERDUE:
            return message
        if now >= message.expires_at:
            late = {"status": Status.UNKNOWN if message.doubts else Status.EXPIRED, "reason": Reason.EXPIRED}
            after = message.model_copy(update={**late, "detail": "it never reached a sender in time"})
            ledger.settle(message, after, release=gives_back(after, policy))
            return after
        after = message.model_copy(update={"due_at": now})
        ledger.settle(message, after)
        return after
    except ChangedError:
        return message
