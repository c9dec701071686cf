"""Receipts as they arrive: SES's events in the queue's messages, SNS's delivery logs gzipped by CloudWatch Logs."""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from rapport.adapters.sends import NotOnRecordError, Sends
from rapport.adapters.ses import read_event
from rapport.adapters.sns import read_delivery_log
from rapport.adapters.telemetry import count, logger
from rapport.domain.message import Message, Status
from rapport.domain.receipts import Receipt
from rapport.domain.sending import Moved

FOREIGN_AFTER: Final = timedelta(minutes=2)  # a sender lives for half a minute; a log comes back for three


class Receipts:
    """Raising means that the receipt comes back: its message may not be on record yet. `clock` tells UTC."""

    def __init__(self, sends: Sends, clock: Callable[[], datetime]) -> None:
        self.sends = sends
        self.clock = clock

    def take_event(self, body: str) -> None:
        """One SES event, bare or in SNS's envelope. Raises KeyError or ValueError for anything else."""
        payload: dict[str, Any] = json.loads(body)
        if payload.get("Type") == "Notification" and "Message" in payload:
            payload = json.loads(payload["Message"])
        receipt = read_event(payload)
        if receipt:
            self.record(receipt)

    def take_log(self, data: str) -> None:
        """A piece of SNS's log: the lines that can be recorded are, then the first that couldn't is raised."""
        log = json.loads(gzip.decompress(b64decode(data)))
        if log["messageType"] != "DATA_MESSAGE":
            return
        failures: list[Exception] = []
        for line in log["logEvents"]:
            try:
                self.record(read_delivery_log(json.loads(line["message"])))
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def record(self, receipt: Receipt) -> None:
        """Puts one receipt down; one that no message of ours has claimed for long is of somebody else's message."""
        try:
            moved = self.sends.record(receipt)
        except NotOnRecordError:
            if self.clock() - receipt.at <= FOREIGN_AFTER:
                raise
            count("ForeignReceipts")
            logger.info("foreign receipt", carrier_id=receipt.carrier_id)
            return
        count("Receipts")
        for name in news(moved, receipt):
            count(name)
        message = moved.after
        logger.info("receipt", message_id=message.id, status=message.status, engagement=receipt.engagement)


def news(moved: Moved, receipt: Receipt) -> list[str]:
    """The metrics of what went wrong by this receipt; one that comes twice is no news."""
    names = []
    if moved.after.status is not moved.before.status and moved.after.status in (Status.FAILED, Status.SUPPRESSED):
        names.append(f"{moved.after.status.capitalize()}Messages")
        if receipt.bounced:
            names.append("BouncedMessages")
    if complained(moved.after) and not complained(moved.before):
        names.append("ComplainedMessages")
    return names


def complained(message: Message) -> bool:
    """Whether the customer called the message spam."""
    return "complained" in (message.engagement or {})
