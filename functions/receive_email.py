"""Replies to a case's e-mail (SES, by SNS and SQS) -> Ledger: answers the customer with what the desk wrote."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.batch import together
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.cases import Cases
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.desk import DeskMails
from rapport.adapters.desk_replies import DeskReplies
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import logger, metrics

import boto3

conversations = Conversations(boto3.client("dynamodb", config=POOLED), environ["LEDGER_TABLE"])
mails = DeskMails(boto3.client("sesv2", config=ONE_ATTEMPT), environ["FROM_ADDRESS"], environ["DESK_ADDRESS"])
cases = Cases(conversations, Content(environ["CONTENT"]), lambda: datetime.now(UTC))
secret = Secret(lambda: boto3.client("secretsmanager"), environ["SECRET"])
replies = DeskReplies(cases, mails, secret, environ["DESK_ADDRESS"])
take_batch = together(replies.take)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    return take_batch(event, context)
