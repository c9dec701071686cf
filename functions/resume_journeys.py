"""Wake queue (SQS) -> Ledger: takes on the runs whose wait is over, or whose receipt has come."""

import json
from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.batch import together
from rapport.adapters.content import Content
from rapport.adapters.ledger import Ledger
from rapport.adapters.planner import Planner
from rapport.adapters.telemetry import logger, metrics

import boto3

ledger = Ledger(boto3.client("dynamodb"), environ["LEDGER_TABLE"])
planner = Planner(ledger, Content(environ["CONTENT"]), lambda: datetime.now(UTC))


def wake(body: str) -> None:
    """One run."""
    woken = json.loads(body)
    receipt = (woken["message"], woken["receipt"]) if "receipt" in woken else None
    planner.wake(woken["customer"], (woken["journey"], woken["about"]), receipt)


wake_batch = together(wake)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return wake_batch(event, context)
