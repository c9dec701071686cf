"""Events table's stream -> Ledger: plans which messages each event deserves, when, on which channel, and why."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.audience import Audience
from rapport.adapters.batch import in_order
from rapport.adapters.content import Content
from rapport.adapters.events_table import EventsTable
from rapport.adapters.intake import take_item
from rapport.adapters.ledger import Ledger
from rapport.adapters.planner import Planner
from rapport.adapters.telemetry import logger, metrics

import boto3

dynamodb = boto3.client("dynamodb")
ledger = Ledger(dynamodb, environ["LEDGER_TABLE"])
content = Content(environ["CONTENT"])
planner = Planner(ledger, content, lambda: datetime.now(UTC))
audience = Audience(ledger, EventsTable(dynamodb, environ["EVENTS_TABLE"]), content, lambda: datetime.now(UTC))
plan_batch = in_order(lambda item: take_item(item, planner, audience))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of stream records; the stream comes back to the first that failed."""
    return plan_batch(event, context)
