"""Inbound texts (End User Messaging, by SNS and SQS) -> Ledger: keeps each once, and answers them in their order."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.carriers import POOLED
from rapport.adapters.chatbot import Chatbot
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.inbox import Inbox, record_bodies
from rapport.adapters.replying import Replier
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import logger, metrics

import boto3

conversations = Conversations(boto3.client("dynamodb", config=POOLED), environ["LEDGER_TABLE"])
replier = Replier(conversations, Content(environ["CONTENT"]), lambda: datetime.now(UTC))
secret = Secret(lambda: boto3.client("secretsmanager"), environ["SECRET"])
inbox = Inbox(replier, Chatbot(environ["BOT"], environ["BOT_ALIAS"], secret))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of SQS messages; those that failed come back."""
    failed = inbox.take(record_bodies(event))
    return {"batchItemFailures": [{"itemIdentifier": record} for record in sorted(failed)]}
