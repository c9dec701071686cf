"""A meter on the local world's wire: what each step asks AWS for, in the units that AWS charges by."""

import base64
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Callable
from math import ceil
from typing import Any, Final

from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from local.functions import LocalFunction
from local.sources import QueueSource
from local.template import ACCOUNT, REGION
from local.world import World
from proof.bench.units import Index, Item, size_of, units_to_index, units_to_read, units_to_write

STEPS: Final = {
    "record_events": "intake",
    "plan_messages": "plan",
    "dispatch_messages": "dispatch",
    "resume_journeys": "wake",
    "send_sms": "claim",
    "send_email": "claim",
    "record_receipts": "receipt",
    "reconcile_sends": "round",
}
CARRIERS: Final = ("SNS.Publish", "SESv2.SendEmail")
CALL_MS: Final = 20.0  # of every invocation, assumed,
RECORD_MS: Final = 30.0  # and of each of its records: half a dozen requests of 2 to 5 ms, and the work between them
LINE_BYTES: Final = 26  # that CloudWatch Logs adds to each line
PLATFORM_BYTES: Final = 450 + 3 * LINE_BYTES  # START, END and REPORT of a call, where nothing keeps them out
CHUNK: Final = 64 * 1024  # bytes of a body that SQS, SNS and EventBridge count as one request

Key = tuple[str, str, str]  # the step, the thing, the unit


class Meter:
    """Hangs on a world that has not run yet; `counts` is what was used, by step, thing and unit.

    A step is named after what its function does; what no function asks for is the company's own, who puts events in.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.counts: dict[Key, float] = defaultdict(float)
        self.handed_over = False
        events = world.session.events
        events.register("before-call.*.*", self.before)
        events.register("after-call.*.*", self.after)
        world.dynamodb = world.session.client("dynamodb")  # made after the meter was hung up, so that it is metered
        world.sqs = world.session.client("sqs")
        functions = world.deployment.functions
        by_invoke: dict[Any, LocalFunction] = {function.invoke: function for function in functions.values()}
        for source in world.deployment.sources:
            source.invoke = self.invoking(by_invoke[source.invoke], from_queue=isinstance(source, QueueSource))
        for function in functions.values():
            function.__dict__["invoke"] = self.invoking(function)

    def add(self, thing: str, unit: str, amount: float) -> None:
        """So much more, in the step that is at work."""
        if amount:
            self.counts[self.step(), thing, unit] += amount

    def step(self) -> str:
        """Whose step it is: a sender's has two, before its carrier was called and after."""
        step = STEPS.get(os.environ.get("_HANDLER", "").split(".")[0], "event in")
        return "settle" if step == "claim" and self.handed_over else step

    # --- functions

    def invoking(self, function: LocalFunction, *, from_queue: bool = False) -> Callable[[dict[str, Any]], Any]:
        """The function's invocations, metered; those of a queue with what Lambda's poller asks of SQS."""
        invoke = function.invoke
        resources = self.world.stack.of_type("AWS::Serverless::Function")
        properties = next(given for _, given in resources if given["Handler"].startswith(f"{function.module}."))
        defaults = self.world.stack.template["Globals"]["Function"]
        given = {**defaults, **properties}
        logging = {**defaults.get("LoggingConfig", {}), **properties.get("LoggingConfig", {})}
        quiet = logging.get("SystemLogLevel") == "WARN"

        def metered(event: dict[str, Any]) -> Any:
            lines = len(self.world.log.lines)
            self.handed_over = False
            try:
                return invoke(event)
            finally:
                step = STEPS.get(function.module, function.module)
                records = len(event.get("Records", [event]))
                milliseconds = CALL_MS + RECORD_MS * records
                bill = self.counts
                bill[step, "lambda", "call"] += 1
                bill[step, "lambda", "gb_second"] += given["MemorySize"] / 1024 * milliseconds / 1000
                said = sum(len(line.encode()) + LINE_BYTES for line in self.world.log.lines[lines:])
                bill[step, "logs", "log_byte"] += said + (0 if quiet else PLATFORM_BYTES)
                bill[step, "x-ray", "trace"] += given.get("Tracing") == "Active"
                if from_queue:
                    bill[step, "queue", "sqs"] += 2  # ReceiveMessage of up to ten, and DeleteMessageBatch
                self.brought(step, event)

        return metered

    def brought(self, step: str, event: dict[str, Any]) -> None:
        """What a receipt cost on its way: an e-mail's by SNS into the queue, a text's as a line of SNS's own log."""
        if step != "receipt":
            return
        if "awslogs" in event:
            log = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
            said = sum(len(line["message"].encode()) + LINE_BYTES for line in log["logEvents"])
            self.counts[step, "sns's log", "log_byte"] += said
        else:
            self.counts[step, "topic", "sns"] += len(event["Records"])
            self.counts[step, "queue", "sqs"] += len(event["Records"])

    # --- requests

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        """Puts by how things lie before a write."""
        name = f"{model.service_model.service_id}.{model.name}"
        asking = writes(model.name, context.get("asked", {}))
        if any(kind_of(key) != "MESSAGE" for _, key in asking):  # its place and its segments: the next message's turn
            self.handed_over = False
        if name in CARRIERS and "TopicArn" not in context["asked"]:
            self.handed_over = True
        context["lying"] = [(*write, self.lying(*write)) for write in asking]

    def after(self, model: Any, context: dict[str, Any], parsed: dict[str, Any], **_: Any) -> None:
        """Adds up what the request cost; a write whose condition failed costs what it would have read."""
        asked = context.get("asked", {})
        self.add_writes(context["lying"], factor=2 if model.name == "TransactWriteItems" else 1)
        match f"{model.service_model.service_id}.{model.name}":
            case "DynamoDB.BatchGetItem":
                for table, wanted in asked["RequestItems"].items():
                    for key in wanted["Keys"]:
                        size = size_of(self.lying(table, key))
                        consistent = wanted.get("ConsistentRead", False)
                        self.add(kind_of(key), "read", units_to_read(size, consistent=consistent))
            case "DynamoDB.Query":
                self.add_query(asked, parsed)
            case "SQS.SendMessage" | "SQS.SendMessageBatch":
                bodies = [entry["MessageBody"] for entry in asked.get("Entries", [asked])]
                self.add("queue", "sqs", max(1, ceil(sum(len(body.encode()) for body in bodies) / CHUNK)))
            case "Scheduler.CreateSchedule":
                self.add("schedule", "schedule", 1)
                self.add("queue", "sqs", 1)  # which it puts its message into
            case "EventBridge.PutEvents":
                self.add("bus", "event", len(asked["Entries"]))

    def add_writes(self, lying: list[tuple[str, Item, Item | None]], factor: int) -> None:
        """What writes cost: of the table, in a transaction twice, and of its indexes, which come after it, once."""
        for table, key, before in lying:
            after = self.lying(table, key)
            kind = kind_of(key)
            self.add(kind, "write", factor * units_to_write(before, after))
            for index in self.indexes(table):
                self.add(f"index {index.name}", "write", units_to_index(index, before, after))

    def add_query(self, asked: dict[str, Any], parsed: dict[str, Any]) -> None:
        """What a query costs: all that it found together; of an index, what that has of it."""
        if parsed.get("ScannedCount") != parsed.get("Count"):
            raise ValueError("a filter hid items that were read all the same")
        found = parsed.get("Items", [])
        if name := asked.get("IndexName"):
            index = next(index for index in self.indexes(asked["TableName"]) if index.name == name)
            found = [index.entry(item) or {} for item in found]
        size = sum(size_of(item) for item in found)
        thing = f"index {name}" if name else "query"
        self.add(thing, "read", units_to_read(size, consistent=asked.get("ConsistentRead", False)))

    def table(self, name: str) -> Table:
        """moto's own table."""
        table: Table = get_backend("dynamodb")[ACCOUNT][REGION].tables[name]
        return table

    def lying(self, table: str, key: Item) -> Item | None:
        """What lies at a key just now."""
        there = self.table(table)
        found = there.get_item(DynamoType(key[there.hash_key_attr]), DynamoType(key[str(there.range_key_attr)]))
        attributes: Item | None = found.to_json()["Attributes"] if found else None
        return attributes

    def indexes(self, table: str) -> list[Index]:
        """The table's indexes."""
        there = self.table(table)
        own = (there.hash_key_attr, str(there.range_key_attr))
        return [
            Index(each.name, tuple(key["AttributeName"] for key in each.schema), own) for each in there.global_indexes
        ]


def writes(operation: str, asked: dict[str, Any]) -> list[tuple[str, Item]]:
    """Table and key of each item that the request writes, or holds still while it does."""
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [(asked["TableName"], key_of(asked.get("Key") or asked["Item"]))]
        case "TransactWriteItems":
            parts = [part for each in asked["TransactItems"] for part in each.values()]
            return [(part["TableName"], key_of(part.get("Key") or part["Item"])) for part in parts]
        case "BatchWriteItem":
            requests = [(table, part) for table, batch in asked["RequestItems"].items() for part in batch]
            pairs = [(table, each) for table, part in requests for each in part.values()]
            return [(table, key_of(each.get("Key") or each["Item"])) for table, each in pairs]
    return []


def key_of(item: Item) -> Item:
    """The key in an item: of the ledger, or of the Events table."""
    names = ("pk", "sk") if "pk" in item else ("customer", "id")
    return {name: item[name] for name in names}


def kind_of(key: Item) -> str:
    """What lies at a key: an event in the Events table, or what the ledger's key begins with."""
    if "pk" not in key:
        return "Events item"
    if " " in key["pk"]["S"]:
        return str(key["pk"]["S"].split(" ")[0])
    return str(key["sk"]["S"].split("#")[0])
