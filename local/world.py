"""The whole stack in one process, offline, on a clock that can be turned forward."""

import heapq
import itertools
import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, Self
from unittest.mock import patch

import boto3
import botocore.loaders
import botocore.session
import time_machine
from moto import mock_aws
from moto.backends import get_backend
from moto.moto_api._internal import mock_random

from local.carriers import Carriers, Taken
from local.deployment import Deployment
from local.functions import Log, read_once
from local.interleaving import OneByOne, TakingTurns, TurnByTurn
from local.lex.bot import read_bot
from local.lex.runtime import Runtime
from local.lex.turn import Identity
from local.post import Post
from local.quick_moto import quick_moto
from local.sources import Mischief
from local.template import ACCOUNT, REGION, ROOT, Stack
from local.timeline import Entry, read_entries
from local.wire import Wire
from rapport.adapters import batch, content, items, telemetry
from rapport.domain.customer import Customer
from rapport.domain.words import parse_span

OUR_NUMBER = "+12125550100"
RECONCILE_EVERY = 300  # seconds, as template.yaml's schedule has it
SERVICE_MODELS = botocore.loaders.create_loader()  # read once, for every world of this process


class World:
    """A context manager. Events go in by `happens`, `put`, `send` and `publish`; time goes by with `advance`.

    What the functions ask of AWS is on the `wire`; what the world's own clients ask isn't.
    `seed` decides all that is left to chance, `mischief` what comes twice or out of order; with `interleaved`, the
    records of a batch take turns at every call to AWS. `parameters` are the stack's; with Chatbot=lex, `lex` stands in.
    """

    def __init__(
        self,
        start: datetime,
        *,
        seed: int = 0,
        content: Path = ROOT / "layers" / "content",
        mischief: Mischief | None = None,
        interleaved: bool = False,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.rng = Random(seed)  # noqa: S311 (chance that can be played again)  # nosec B311
        self.start = start
        self.seed = seed
        self.content = content
        self.mischief = mischief or Mischief()
        self.turns = TakingTurns(self.rng) if interleaved else None
        self.stack = Stack(parameters)
        self.ledger_table: str = self.stack.reference("LedgerTable")
        self.carriers = Carriers()
        self.wire = Wire(self.carriers, self.turns, self.accepted)
        self.log = Log()
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()
        self.open: set[str] = set()
        self.ledger_read = 0
        self.round_planned = False
        self.exits = ExitStack()

    def __enter__(self) -> Self:
        enter = self.exits.enter_context
        enter(patch.dict(os.environ, self.environment()))
        self.clock = enter(time_machine.travel(self.start, tick=False))
        enter(mock_aws())
        enter(quick_moto())
        mock_random.seed(self.seed)
        pool = TurnByTurn(self.turns) if self.turns else OneByOne()
        enter(patch.object(batch, "ThreadPoolExecutor", lambda max_workers: pool))
        core = botocore.session.Session()
        core.register_component("data_loader", SERVICE_MODELS)
        self.session = boto3.Session(botocore_session=core, region_name=REGION)
        enter(patch.object(boto3, "DEFAULT_SESSION", self.session))
        enter(patch.object(boto3, "client", cache(self.session.client)))
        enter(patch.object(content, "Content", read_once))
        for handler in telemetry.logger.handlers:
            enter(patch.object(handler, "stream", self.log))
        self.deployment = Deployment(self.stack, self.session, self.log, self.rng)
        self.dynamodb = self.deployment.account.dynamodb
        self.sqs = self.deployment.account.sqs
        self.sns = self.session.client("sns")
        self.events = self.session.client("events")
        self.post = Post(self.carriers, self.deployment, self.sns, self.later)
        self.wire.attach(self.session)
        if self.stack.parameters["Chatbot"] == "lex":
            bot, answer_chat = read_bot(self.stack), self.deployment.functions["answer_chat"].invoke
            self.lex = Runtime(bot, answer_chat, identity=Identity.in_stack(self.stack, bot.name))
            self.lex.attach(self.session)
        return self

    def __exit__(self, *_: object) -> None:
        self.exits.close()

    def accepted(self, taken: Taken) -> None:
        """A carrier took a message: it will say what became of it."""
        self.post.expect(taken)

    def environment(self) -> dict[str, str]:
        """What the template gives every function, and credentials that open nothing."""
        given = self.stack.resolve(self.stack.template["Globals"]["Function"]["Environment"]["Variables"])
        credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "nobody")
        here = credentials | {
            "CONTENT": str(self.content),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            "AWS_LAMBDA_FUNCTION_NAME": "local",
        }
        return {name: str(value) for name, value in given.items()} | here

    # --- events go in

    def put(self, event: dict[str, Any]) -> None:
        """An item into the Events table, as a company's system puts it there."""
        self.dynamodb.put_item(TableName=self.stack.reference("EventsTable"), Item=items.to_item(event))

    def send(self, body: str) -> None:
        """A message into the intake queue."""
        self.sqs.send_message(QueueUrl=self.stack.reference("IntakeQueue"), MessageBody=body)

    def writes(self, number: str, text: str, answering: str | None = None) -> str:
        """A text from the number, which may answer a message that its carrier knows by this id; returns its own id."""
        text_id = f"text-{next(self.order)}"
        payload = {
            "originationNumber": number,
            "destinationNumber": OUR_NUMBER,
            "messageKeyword": "KEYWORD",
            "messageBody": text,
            "inboundMessageId": text_id,
        }
        payload |= {"previousPublishedMessageId": answering} if answering else {}
        self.sns.publish(TopicArn=self.stack.reference("InboundTexts"), Message=json.dumps(payload))
        return text_id

    def publish(self, event_type: str, detail: dict[str, Any], source: str = "shop") -> None:
        """An event on the bus."""
        bus = self.stack.reference("EventBus")
        entry = {"Source": source, "DetailType": event_type, "Detail": json.dumps(detail), "EventBusName": bus}
        self.events.put_events(Entries=[entry])  # type: ignore[list-item]

    def happens(self, event_type: str, customer: str, /, **data: Any) -> str:
        """Something happens to the customer now, and all that follows at once; returns the event's id."""
        event_id = f"e{next(self.order)}"
        at = self.now.isoformat()
        self.put({"id": event_id, "type": event_type, "customer": customer, "at": at, "data": data})
        self.settle()
        return event_id

    # --- time goes by

    @property
    def now(self) -> datetime:
        """The world's clock, in UTC."""
        return datetime.now(UTC)

    def advance(self, span: str) -> None:
        """Turns the clock forward by a span such as `3 days`."""
        self.run_until(self.now + parse_span(span))

    def run_until(self, moment: datetime) -> None:
        """Everything that is due up to the moment, in the order of time."""
        self.settle()
        while (due := self.next_due()) is not None and due <= moment.timestamp():
            self.clock.move_to(max(due, self.now.timestamp()))
            while self.agenda and self.agenda[0][0] <= due:
                heapq.heappop(self.agenda)[2]()
            self.settle()
        self.clock.move_to(max(moment, self.now))

    def run_until_idle(self) -> None:
        """Until nothing is due any more. Raises TimeoutError when something still is after 400 days."""
        end = self.now + timedelta(days=400)
        self.settle()
        while (due := self.next_due()) is not None:
            if due > end.timestamp():
                raise TimeoutError("something is still due after 400 days")
            self.run_until(datetime.fromtimestamp(due, UTC))

    def settle(self) -> None:
        """Everything that is due now."""
        sources = list(self.deployment.sources)
        busy = True
        while busy:
            if self.mischief.reordering:
                self.rng.shuffle(sources)
            polled = [source.poll(self.now.timestamp(), self.rng, self.mischief) for source in sources]
            busy = any(polled)
            while self.wire.scheduled:
                self.schedule(self.wire.scheduled.pop())
        self.plan_round()

    def next_due(self) -> float | None:
        """When something happens next (seconds)."""
        due = [moment for source in self.deployment.sources for moment in source.due()]
        due += [self.agenda[0][0]] if self.agenda else []
        return ceil(min(due) * 1000) / 1000 if due else None

    def later(self, at: float, what: Callable[[], None]) -> None:
        """On the agenda, for a time (seconds)."""
        heapq.heappush(self.agenda, (at, next(self.order), what))

    def schedule(self, asked: dict[str, Any]) -> None:
        """EventBridge Scheduler's part, which moto leaves out: a one-time schedule fires, and is gone."""
        at = datetime.strptime(asked["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)

        def fire() -> None:
            url = self.deployment.url(asked["Target"]["Arn"])
            self.sqs.send_message(QueueUrl=url, MessageBody=asked["Target"]["Input"])
            get_backend("scheduler")[ACCOUNT][REGION].delete_schedule(asked["GroupName"], asked["Name"])

        self.later(at.timestamp(), fire)

    def plan_round(self) -> None:
        """The next five-minute round, if a message is open then; the rounds between would find nothing."""
        shard = self.deployment.table(self.ledger_table).stream_shard
        records = shard.items if shard else []
        for record in records[self.ledger_read :]:
            change = record.record["dynamodb"]
            keep = self.open.add if "open" in change.get("NewImage", {}) else self.open.discard
            keep(change["Keys"]["sk"]["S"])
        self.ledger_read = len(records)
        if self.open and not self.round_planned:
            self.round_planned = True
            self.later((self.now.timestamp() // RECONCILE_EVERY + 1) * RECONCILE_EVERY, self.reconcile)

    def reconcile(self) -> None:
        """The five-minute round."""
        self.round_planned = False
        self.deployment.functions["reconcile_sends"].invoke({"source": "aws.scheduler", "detail": "{}"})

    # --- what came of it

    def entries(self, customer: str | None = None) -> list[Entry]:
        """Every message on record, or every one of one customer's, in the order of time."""
        found = read_entries(self.dynamodb, self.ledger_table)
        return [entry for entry in found if customer in (None, entry.message.customer)]

    def texts_to(self, customer: str) -> list[Entry]:
        """The texts that SNS took for the customer, in the order of time."""
        return [each for each in self.entries(customer) if each.message.carrier_id and each.message.channel == "sms"]

    def mails_to(self, customer: str) -> list[Entry]:
        """The e-mails that SES took for the customer, in the order of time."""
        return [each for each in self.entries(customer) if each.message.carrier_id and each.message.channel == "email"]

    def unsaid_to(self, customer: str) -> list[Entry]:
        """What the customer was not told, in the order of time."""
        return [each for each in self.entries(customer) if each.message.reason]

    def customer(self, customer: str) -> Customer:
        """The customer as the ledger knows them."""
        key = items.profile_key(customer)
        found = self.dynamodb.get_item(TableName=self.ledger_table, Key=key)
        return items.read_customer(found.get("Item"), customer)

    def outcome(self, customer: str, event: str) -> dict[str, Any]:
        """What is on record of an event. Raises KeyError when nothing is."""
        key = items.outcome_key(customer, event)
        return items.from_item(self.dynamodb.get_item(TableName=self.ledger_table, Key=key)["Item"])

    def outcomes(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What is on record of every event, by customer and id."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.ledger_table)
        found = [items.from_item(item) for page in pages for item in page["Items"]]
        return {(each["pk"], each["sk"][6:]): each for each in found if each["sk"].startswith("EVENT#")}

    def dead_letters(self) -> dict[str, list[str]]:
        """The bodies of what lies in each queue of dead letters that isn't empty."""
        queues = [name for name, _ in self.stack.of_type("AWS::SQS::Queue") if name.endswith("DeadLetters")]
        found = {queue: [letter.body for letter in self.deployment.letters(queue)] for queue in queues}
        return {queue: letters for queue, letters in found.items() if letters}
