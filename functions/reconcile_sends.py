"""Every five minutes -> Ledger: sees to messages that were abandoned while sending, are too late, or got lost."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.content import Content
from rapport.adapters.sender import reconcile_all
from rapport.adapters.sends import Sends
from rapport.adapters.telemetry import logger, metrics

import boto3

sends = Sends(boto3.client("dynamodb"), environ["LEDGER_TABLE"])
policy = Content(environ["CONTENT"]).policy


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """The clock's own event says nothing that matters."""
    reconcile_all(sends, policy, datetime.now(UTC))
