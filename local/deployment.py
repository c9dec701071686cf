"""Functions wired to their sources as template.yaml declares it, in an account of moto's."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import boto3
from moto.backends import get_backend
from moto.dynamodb.models.table import Table
from moto.sqs.models import Message

from local.account import Account
from local.functions import LocalFunction, Log
from local.sources import QueueSource, StreamSource
from local.template import ACCOUNT, REGION, Stack


class Deployment:
    """`functions` by the name of their file; `sources` are what wakes them."""

    def __init__(self, stack: Stack, session: boto3.Session, log: Log, rng: Random) -> None:
        self.stack = stack
        self.account = Account(stack, session)
        self.functions: dict[str, LocalFunction] = {}
        self.sources: list[StreamSource | QueueSource] = []
        for logical, properties in stack.of_type("AWS::Serverless::Function"):
            environment = properties.get("Environment", {}).get("Variables", {})
            function = LocalFunction(stack.physical(logical), properties["Handler"], environment, log, rng)
            self.functions[function.module] = function
            self.connect(function, properties.get("Events", {}))

    def connect(self, function: LocalFunction, sources: dict[str, Any]) -> None:
        """The function to its streams and queues; what the clock wakes is the world's to see to."""
        for source in sources.values():
            given = source["Properties"]
            if source["Type"] == "SQS":
                sqs = get_backend("sqs")[ACCOUNT][REGION]
                self.sources.append(QueueSource(sqs, name_in(given["Queue"]), given, function.invoke))
            elif source["Type"] == "DynamoDB":
                letters = self.letter_box(given["DestinationConfig"]["OnFailure"]["Destination"])
                table = self.table(given["Stream"].split("/")[1])
                self.sources.append(StreamSource(table, given, function.invoke, letters))

    def table(self, name: str) -> Table:
        """moto's own table of this name."""
        table: Table = get_backend("dynamodb")[ACCOUNT][REGION].tables[name]
        return table

    def letter_box(self, queue_arn: str) -> Callable[[dict[str, Any]], None]:
        """Takes what was given up into the queue."""

        def drop(note: dict[str, Any]) -> None:
            self.account.sqs.send_message(QueueUrl=self.url(queue_arn), MessageBody=json.dumps(note))

        return drop

    def url(self, queue_arn: str) -> str:
        """The queue's URL."""
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name_in(queue_arn)}"

    def letters(self, queue: str) -> list[Message]:
        """What lies in the queue of this logical name."""
        sqs = get_backend("sqs")[ACCOUNT][REGION]
        return list(sqs.get_queue(self.stack.physical(queue))._messages)


def name_in(arn: str) -> str:
    """The last part of an ARN."""
    return arn.rsplit(":", 1)[-1]
