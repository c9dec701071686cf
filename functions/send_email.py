"""E-mail queue (SQS) -> SES: sends each e-mail that should still be sent, once, and puts down what came of it."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.batch import in_two_steps
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.content import Content
from rapport.adapters.sender import Sender
from rapport.adapters.sends import Sends
from rapport.adapters.ses import Mails
from rapport.adapters.telemetry import logger, metrics

import boto3

sends = Sends(boto3.client("dynamodb", config=POOLED), environ["LEDGER_TABLE"])
sesv2 = boto3.client("sesv2", config=ONE_ATTEMPT)
carrier = Mails(sesv2, environ["FROM_ADDRESS"], environ["CONFIGURATION_SET"])
sender = Sender(sends, carrier, Content(environ["CONTENT"]).policy, lambda: datetime.now(UTC))
send_batch = in_two_steps(sender.claim, sender.look, sender.send)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return send_batch(event, context)
