"""SMS queue (SQS) -> SNS: sends each text that should still be sent, once, and puts down what came of it."""

from datetime import UTC, datetime
from typing import Any

import boto3

from rapport.adapters.batch import together
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.content import Content
from rapport.adapters.sender import Sender
from rapport.adapters.sends import Sends
from rapport.adapters.settings import settings
from rapport.adapters.sns import Texts
from rapport.adapters.spending import Ceilings, Metered
from rapport.adapters.telemetry import logger, metrics

env = settings()
sends = Sends(boto3.client("dynamodb", config=POOLED), env.ledger_table)
policy = Content(env.content).policy
sns = boto3.client("sns", config=ONE_ATTEMPT)
texts = Texts(sns, env.sms_sender_id, env.sms_origination_number, env.sms_max_price)
ceilings = Ceilings(sends.client, env.ledger_table, policy.spending)
carrier = Metered(texts, ceilings, lambda: datetime.now(UTC))
sender = Sender(sends, carrier, policy, lambda: datetime.now(UTC))
send_batch = together(sender.send)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return send_batch(event, context)
