"""HTTP API -> Ledger: the page on which a person at the desk reads a case, answers it, and hands it back."""

from datetime import UTC, datetime
from os import environ
from typing import Any

from rapport.adapters.carriers import POOLED
from rapport.adapters.cases import Cases
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.desk_page import DeskPage
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import logger, metrics

import boto3

conversations = Conversations(boto3.client("dynamodb", config=POOLED), environ["LEDGER_TABLE"])
cases = Cases(conversations, Content(environ["CONTENT"]), lambda: datetime.now(UTC))
page = DeskPage(cases, Secret(lambda: boto3.client("secretsmanager"), environ["SECRET"]))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """A request of API Gateway's (payload 2.0), and its answer."""
    return page.serve(event)
