"""Lex's dialog and fulfilment hooks -> Ledger: answers each turn of a chat, once."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.carriers import POOLED
from rapport.adapters.chat import Chat
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.replying import Replier
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import logger, metrics

import boto3

conversations = Conversations(boto3.client("dynamodb", config=POOLED), environ["LEDGER_TABLE"])
replier = Replier(conversations, Content(environ["CONTENT"]), lambda: datetime.now(UTC))
chat = Chat(replier, Secret(lambda: boto3.client("secretsmanager"), environ["SECRET"]), lambda: datetime.now(UTC))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """One turn; whatever happens, Lex gets an answer."""
    return chat.answer(event)
