"""SMS queue (SQS) -> SNS: sends each text that should still be sent, once, and puts down what came of it."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.batch import in_two_steps
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.content import Content
from rapport.adapters.sender import Sender
from rapport.adapters.sends import Sends
from rapport.adapters.sns import Texts
from rapport.adapters.spending import Ceilings, Metered
from rapport.adapters.telemetry import logger, metrics

import boto3

sends = Sends(boto3.client("dynamodb", config=POOLED), environ["LEDGER_TABLE"])
policy = Content(environ["CONTENT"]).policy
sns = boto3.client("sns", config=ONE_ATTEMPT)
texts = Texts(sns, environ["SMS_SENDER_ID"], environ["SMS_ORIGINATION_NUMBER"], environ["SMS_MAX_PRICE"])
ceilings = Ceilings(sends.client, environ["LEDGER_TABLE"], policy.spending)
carrier = Metered(texts, ceilings, lambda: datetime.now(UTC))
sender = Sender(sends, carrier, policy, lambda: datetime.now(UTC))
send_batch = in_two_steps(sender.claim, sender.look, sender.send)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return send_batch(event, context)
