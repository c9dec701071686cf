"""Desk queue (SQS) -> SES, Ledger: tells people of a case, reminds them, tells the customer when nobody was free."""

from datetime import UTC, datetime
from typing import Any

import boto3

from rapport.adapters.batch import together
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.cases import Cases
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.desk import Desk, DeskMails
from rapport.adapters.secret import Secret
from rapport.adapters.settings import settings
from rapport.adapters.telemetry import logger, metrics

env = settings()
conversations = Conversations(boto3.client("dynamodb", config=POOLED), env.ledger_table)
mails = DeskMails(boto3.client("sesv2", config=ONE_ATTEMPT), env.from_address, env.desk_address)
secret = Secret(boto3.client("secretsmanager"), env.secret)
cases = Cases(conversations, Content(env.content), lambda: datetime.now(UTC))
desk = Desk(cases, mails, secret, env.desk_page, env.desk_reply_domain)
tell_batch = together(desk.tell)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return tell_batch(event, context)
