"""E-mail queue (SQS) -> SES: sends each e-mail that should still be sent, once, and puts down what came of it."""

from datetime import UTC, datetime
from typing import Any

import boto3

from rapport.adapters.batch import together
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.content import Content
from rapport.adapters.sender import Sender
from rapport.adapters.sends import Sends
from rapport.adapters.ses import Mails
from rapport.adapters.settings import settings
from rapport.adapters.telemetry import logger, metrics

env = settings()
sends = Sends(boto3.client("dynamodb", config=POOLED), env.ledger_table)
sesv2 = boto3.client("sesv2", config=ONE_ATTEMPT)
carrier = Mails(sesv2, env.from_address, env.configuration_set)
sender = Sender(sends, carrier, Content(env.content).policy, lambda: datetime.now(UTC))
send_batch = together(sender.send)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return send_batch(event, context)
