"""Takes messages from a channel's queue to its carrier, and reports what came of each."""

import json
import secrets
from collections.abc import Callable
from datetime import datetime

from rapport.adapters.sends import Sends
from rapport.adapters.telemetry import count, log_failure, logger
from rapport.domain.message import Message, Status
from rapport.domain.policy import Policy
from rapport.domain.reconciling import OVERDUE, reconcile
from rapport.domain.sending import Carrier, MessageKey, deliver

TROUBLED = (Status.FAILED, Status.SUPPRESSED, Status.UNKNOWN)


class Sender:
    """`clock` tells the time in UTC."""

    def __init__(self, sends: Sends, carrier: Carrier, policy: Policy, clock: Callable[[], datetime]) -> None:
        self.sends = sends
        self.carrier = carrier
        self.policy = policy
        self.clock = clock

    def send(self, body: str) -> None:
        """One message, named by the queue's."""
        key = MessageKey(**json.loads(body))
        owner = secrets.token_hex(8)
        moved = deliver(key, owner, self.sends, self.carrier, self.policy, self.clock)
        if moved:
            report(moved)


def reconcile_all(sends: Sends, policy: Policy, now: datetime) -> None:
    """Every message that is still to be sent and is not brand-new; one that fails doesn't keep the others waiting."""
    for customer, message in sends.open_before(now - OVERDUE):
        try:
            before = sends.message(customer, message)
            after = reconcile(before, sends, policy, now)
        except Exception as error:
            count("FailedReconciliations")
            log_failure("not reconciled", error)
            continue
        if after is not before:
            report(after)


def report(message: Message) -> None:
    """Counts and logs where the message is now, and the code of what the carrier had against it."""
    held = (message.detail or "").startswith("held: ")
    again = message.status is Status.QUEUED and message.attempts > 0 and not held
    count("RetriedMessages" if again else f"{message.status.capitalize()}Messages")
    if message.doubts and not message.reason and not held and message.status in (Status.QUEUED, Status.UNKNOWN):
        count("AmbiguousSends")
    # With a reason, the detail is the decision's: it may repeat what somebody wrote of the customer's consent.
    detail = message.detail if (again or message.status in TROUBLED) and not message.reason else None
    logger.info(message.status, message_id=message.id, channel=message.channel, reason=message.reason, detail=detail)
