"""Lex's dialog and fulfilment hooks -> Ledger: answers each turn of a chat, once."""

from datetime import UTC, datetime
from typing import Any

import boto3

from rapport.adapters.carriers import POOLED
from rapport.adapters.chat import Chat
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.replying import Replier
from rapport.adapters.secret import Secret
from rapport.adapters.settings import settings
from rapport.adapters.telemetry import logger, metrics

env = settings()
conversations = Conversations(boto3.client("dynamodb", config=POOLED), env.ledger_table)
replier = Replier(conversations, Content(env.content), lambda: datetime.now(UTC))
chat = Chat(replier, Secret(boto3.client("secretsmanager"), env.secret), lambda: datetime.now(UTC))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """One turn; whatever happens, Lex gets an answer."""
    return chat.answer(event)
