"""Intake queue (SQS, and the bus by way of it) -> Events table: puts each event there once."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.batch import together
from rapport.adapters.events_table import EventsTable
from rapport.adapters.intake import Intake
from rapport.adapters.telemetry import logger, metrics

import boto3

events = EventsTable(boto3.client("dynamodb"), environ["EVENTS_TABLE"])
intake = Intake(events, boto3.client("sqs"), environ["INTAKE_DEAD_LETTERS"], lambda: datetime.now(UTC))
take_batch = together(intake.take)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return take_batch(event, context)
