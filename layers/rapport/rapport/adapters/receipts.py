"""Receipts as they arrive: SES's events in the queue's messages, SNS's delivery logs gzipped by CloudWatch Logs."""

import gzip
import json
from base64 import b64decode
from typing import Any

from rapport.adapters.sends import Sends
from rapport.adapters.ses import read_event
from rapport.adapters.sns import read_delivery_log
from rapport.adapters.telemetry import count, logger
from rapport.domain.receipts import Receipt


class Receipts:
    """Raising means that the receipt comes back: its message may not be on record yet."""

    def __init__(self, sends: Sends) -> None:
        self.sends = sends

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
        """Puts one receipt down."""
        message = self.sends.record(receipt)
        count("Receipts")
        logger.info("receipt", message_id=message.id, status=message.status, engagement=receipt.engagement)
