"""Receipts queue (SES's events, by SNS and SQS) and SNS's delivery logs -> Ledger: moves messages up their ladder."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.batch import together
from rapport.adapters.receipts import Receipts
from rapport.adapters.sends import Sends
from rapport.adapters.telemetry import logger, metrics

import boto3

receipts = Receipts(Sends(boto3.client("dynamodb"), environ["LEDGER_TABLE"]), lambda: datetime.now(UTC))
record_batch = together(receipts.take_event)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages, of which those that failed come back; or a piece of SNS's log, all of which does."""
    if "awslogs" in event:
        return receipts.take_log(event["awslogs"]["data"])
    return record_batch(event, context)
