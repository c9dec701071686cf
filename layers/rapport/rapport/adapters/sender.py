"""Takes messages from a channel's queue to its carrier, and reports what came of each."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from rapport.adapters.sends import Sends
from rapport.adapters.telemetry import count, log_failure, logger
from rapport.domain.message import Message, Status
from rapport.domain.policy import Policy
from rapport.domain.reconciling import OVERDUE, reconcile
from rapport.domain.sending import Carrier, Look, MessageKey, Moved, claim, deliver
from rapport.domain.words import Reason

TROUBLED: Final = (Status.FAILED, Status.SUPPRESSED, Status.UNKNOWN)
ROUND: Final = 90.0  # seconds; the function's timeout is 120


class Sender:
    """`clock` tells the time in UTC."""

    def __init__(self, sends: Sends, carrier: Carrier, policy: Policy, clock: Callable[[], datetime]) -> None:
        self.sends = sends
        self.carrier = carrier
        self.policy = policy
        self.clock = clock

    def claim(self, body: str) -> Message | None:
        """The message that the queue's names, if it is ours to send now."""
        key = MessageKey(**json.loads(body))
        claimed = claim(key, secrets.token_hex(8), self.sends, self.policy, self.clock())
        if isinstance(claimed, Message):
            return claimed
        if claimed:
            report(claimed, waiting="HeldMessages")
        return None

    def look(self, claimed: list[Message]) -> dict[str, Look]:
        """What the last looks go by, read together; who isn't among them looks for itself, and hears what is wrong."""
        try:
            return self.sends.looks(claimed)
        except Exception as error:
            log_failure("not looked at together", error)
            return {}

    def send(self, claimed: Message, looks: Mapping[str, Look]) -> None:
        """One message."""
        seen = looks.get(claimed.id)
        if moved := deliver(claimed, seen, self.sends, self.carrier, self.policy, self.clock):
            report(moved, waiting="HeldMessages")


def reconcile_all(sends: Sends, policy: Policy, now: datetime, seconds: Callable[[], float] = time.monotonic) -> None:
    """Every message that is overdue; one that fails doesn't keep the others waiting.

    `seconds` tells how time goes by: a round that has taken too long leaves the rest to the next.
    """
    begun = seconds()
    for customer, message in sends.open_before(now - OVERDUE):
        if seconds() - begun >= ROUND:
            count("UnfinishedRounds")
            logger.warning("round not finished")
            return
        try:
            before = sends.message(customer, message)
            if before.lease_until and before.lease_until >= now - OVERDUE:
                continue  # its sender, or its queue, may still see to it
            after = reconcile(before, sends, policy, now)
        except Exception as error:
            count("FailedReconciliations")
            log_failure("not reconciled", error)
            continue
        if after is not before:
            report(Moved(before, after), waiting="RequeuedMessages")


def report(moved: Moved, waiting: str) -> None:
    """Counts and logs where the message is now, and the code of what the carrier had against it.

    `waiting` is the metric of those that wait again though nothing was tried.
    """
    message = moved.after
    name = metric(moved, waiting)
    doubted = message.doubts > moved.before.doubts
    count(name)
    if doubted:
        count("AmbiguousSends")
    # A last look's refusal says the same of a number's country, and is nobody's emergency.
    over_a_ceiling = message.reason is Reason.OVER_BUDGET and message.attempts > moved.before.attempts
    if over_a_ceiling:
        count("OverBudgetMessages")
    # With another reason, the detail is the decision's: it may repeat what somebody wrote of the customer's consent.
    told = (doubted or name == "RetriedMessages" or message.status in TROUBLED) and not message.reason
    detail = message.detail if told or over_a_ceiling else None
    logger.info(message.status, message_id=message.id, channel=message.channel, reason=message.reason, detail=detail)


def metric(moved: Moved, waiting: str) -> str:
    """What the move counts as: the status it led to, or why the message is queued again."""
    before, after = moved
    if after.status is not Status.QUEUED:
        return f"{after.status.capitalize()}Messages"
    if after.attempts > before.attempts:
        return "RetriedMessages"
    return "RequeuedMessages" if before.status is Status.SENDING else waiting
