"""Ledger's stream (the outbox) -> queues and bus, now, or by EventBridge Scheduler at their time."""

from datetime import UTC, datetime
from typing import Any

import boto3

from rapport.adapters.outbox import Outbox
from rapport.adapters.settings import settings
from rapport.adapters.telemetry import logger, metrics

env = settings()
outbox = Outbox(
    boto3.client("sqs"),
    boto3.client("scheduler"),
    boto3.client("events"),
    queues={
        "wake": env.wake_queue,
        "sms": env.sms_queue,
        "email": env.email_queue,
        "desk": env.desk_queue,
        "intake": env.intake_queue,
    },
    bus=env.event_bus,
    group=env.schedule_group,
    role=env.schedule_role,
    neighbour=env.schedule_dead_letters,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of stream records; the stream comes back to the first that failed."""
    failed = outbox.take(event["Records"], datetime.now(UTC))
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(failed)]}
