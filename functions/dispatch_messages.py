"""Ledger's stream (the outbox) -> queues and bus, now, or by EventBridge Scheduler at their time."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.outbox import Outbox
from rapport.adapters.telemetry import logger, metrics

import boto3

outbox = Outbox(
    boto3.client("sqs"),
    boto3.client("scheduler"),
    boto3.client("events"),
    queues={
        "wake": environ["WAKE_QUEUE"],
        "sms": environ["SMS_QUEUE"],
        "email": environ["EMAIL_QUEUE"],
        "desk": environ["DESK_QUEUE"],
        "intake": environ["INTAKE_QUEUE"],
    },
    bus=environ["EVENT_BUS"],
    group=environ["SCHEDULE_GROUP"],
    role=environ["SCHEDULE_ROLE"],
    neighbour=environ["SCHEDULE_DEAD_LETTERS"],
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of stream records; the stream comes back to the first that failed."""
    failed = outbox.take(event["Records"], datetime.now(UTC))
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(failed)]}
