"""What wakes functions: streams and queues, with the batches, retries and dead letters that AWS gives them."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

from local.functions import CutOffError

if TYPE_CHECKING:
    from moto.dynamodb.models.table import Table
    from moto.sqs.models import SQSBackend

Invoke = Callable[[dict[str, Any]], Any]
FIRST_RETRY = 1.0  # seconds; doubles with each,
LONGEST_PAUSE = 60.0  # up to this
MISFORTUNE = 0.2  # how many batches or messages come twice, when asked for


@dataclass(frozen=True)
class Mischief:
    """What a distributed system may do and seldom does; chance is seeded."""

    duplicates: bool = False
    reordering: bool = False


@dataclass
class Batch:
    """Stream records that are tried together; `attempts` failed so far, the next is due at `due` (seconds)."""

    records: list[dict[str, Any]]
    attempts: int = 0
    due: float = 0.0


class StreamSource:
    """A DynamoDB stream: each lane is in order, and blocked behind what fails until that is given up.

    One lane is the whole stream in order. With more, only the changes of one and the same item are: a lane is chosen
    by the whole key.
    """

    def __init__(
        self, table: "Table", properties: dict[str, Any], invoke: Invoke, give_up: Callable[[dict[str, Any]], None]
    ) -> None:
        self.table = table
        self.invoke = invoke
        self.give_up = give_up
        self.size = properties["BatchSize"]
        self.most_retries = properties["MaximumRetryAttempts"]
        self.greatest_age = properties["MaximumRecordAgeInSeconds"]
        self.bisects = properties["BisectBatchOnFunctionError"]
        self.filters = [json.loads(each["Pattern"]) for each in properties["FilterCriteria"]["Filters"]]
        self.lanes: list[deque[Batch]] = [deque() for _ in range(properties["ParallelizationFactor"])]
        self.read = 0

    def fetch(self) -> None:
        """Takes new records off the stream, into the lane of their item."""
        fresh: list[list[dict[str, Any]]] = [[] for _ in self.lanes]
        items = self.table.stream_shard.items  # type: ignore[union-attr]
        for stream_record in items[self.read :]:
            record = as_lambda_gets_it(stream_record.record)
            change = record["dynamodb"]
            unchanged = change.get("OldImage") == change.get("NewImage") and "OldImage" in change
            if not unchanged and any(matches(each, record) for each in self.filters):
                key = json.dumps(change["Keys"], sort_keys=True)
                fresh[crc32(key.encode()) % len(self.lanes)].append(record)
        self.read = len(items)
        for lane, records in zip(self.lanes, fresh, strict=True):
            lane.extend(Batch(records[start : start + self.size]) for start in range(0, len(records), self.size))

    def poll(self, now: float, rng: Random, mischief: Mischief) -> bool:
        """Gives the function one batch of each lane; whether there was anything to do."""
        self.fetch()
        busy = False
        for lane in self.lanes:
            if lane and lane[0].due <= now:
                busy = True
                records = list(lane[0].records)
                self.try_batch(lane, now)
                if mischief.duplicates and rng.random() < MISFORTUNE:
                    lane.appendleft(Batch(records))
        return busy

    def try_batch(self, lane: "deque[Batch]", now: float) -> None:
        """One invocation, and what is left to do after it."""
        batch = lane.popleft()
        try:
            result = self.invoke({"Records": batch.records})
        except (Exception, CutOffError):
            self.retry(lane, batch, batch.records, now)
            return
        failed = {failure["itemIdentifier"] for failure in (result or {}).get("batchItemFailures", [])}
        left = [i for i, each in enumerate(batch.records) if each["dynamodb"]["SequenceNumber"] in failed]
        if left:
            progressed = left[0] > 0
            again = Batch(batch.records[left[0] :], 0 if progressed else batch.attempts)
            self.retry(lane, again, again.records, now)

    def retry(self, lane: "deque[Batch]", batch: Batch, records: list[dict[str, Any]], now: float) -> None:
        """The same again later, in two halves; or, when it was tried often or long enough, a note in its place."""
        if batch.attempts >= self.most_retries:
            self.give_up(self.note(records, "RetryAttemptsExhausted", batch.attempts + 1))
            return
        if now - min(record["dynamodb"]["ApproximateCreationDateTime"] for record in records) > self.greatest_age:
            self.give_up(self.note(records, "RecordAgeExceeded", batch.attempts + 1))
            return
        due = now + min(FIRST_RETRY * 2**batch.attempts, LONGEST_PAUSE)
        middle = len(records) // 2 if self.bisects else 0
        halves = [records[:middle], records[middle:]] if middle else [records]
        lane.extendleft(Batch(half, batch.attempts + 1, due) for half in reversed(halves))

    def note(self, records: list[dict[str, Any]], condition: str, attempts: int) -> dict[str, Any]:
        """What Lambda sends to the on-failure destination of a stream: where the records are, not what they say."""
        info = {
            "streamArn": self.table.latest_stream_label,
            "shardId": self.table.stream_shard.id,  # type: ignore[union-attr]
            "startSequenceNumber": records[0]["dynamodb"]["SequenceNumber"],
            "endSequenceNumber": records[-1]["dynamodb"]["SequenceNumber"],
            "batchSize": len(records),
        }
        context = {"condition": condition, "approximateInvokeCount": attempts}
        return {"requestContext": context, "DDBStreamBatchInfo": info}

    def due(self) -> Iterator[float]:
        """When retries are due (seconds)."""
        return (lane[0].due for lane in self.lanes if lane)


class QueueSource:
    """An SQS queue: batches, partial failures, redelivery after the visibility time-out, dead letters by moto."""

    def __init__(self, sqs: "SQSBackend", queue_name: str, properties: dict[str, Any], invoke: Invoke) -> None:
        self.sqs = sqs
        self.queue = sqs.get_queue(queue_name)
        self.size = properties["BatchSize"]
        self.invoke = invoke

    def poll(self, now: float, rng: Random, mischief: Mischief) -> bool:
        """Gives the function one batch; whether there was one."""
        if mischief.reordering:
            rng.shuffle(self.queue._messages)
        visibility = int(self.queue.visibility_timeout)  # type: ignore[attr-defined]
        messages = self.sqs.receive_message(self.queue.name, self.size, 0, visibility)
        if not messages:
            return False
        try:
            result = self.invoke({"Records": [self.record(message) for message in messages]})
        except (Exception, CutOffError):
            return True
        failed = {failure["itemIdentifier"] for failure in (result or {}).get("batchItemFailures", [])}
        for message in messages:
            twice = mischief.duplicates and message.approximate_receive_count == 1 and rng.random() < MISFORTUNE
            if message.id not in failed and not twice:
                self.queue.delete_message(str(message.receipt_handle))
        return True

    def record(self, message: Any) -> dict[str, Any]:
        """The message as Lambda hands it over."""
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.approximate_receive_count),
                "SentTimestamp": str(message.sent_timestamp),
            },
            "messageAttributes": {},
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue.queue_arn,
            "awsRegion": self.queue.region,
        }

    def due(self) -> Iterator[float]:
        """When messages become visible (seconds)."""
        for message in self.queue._messages:
            yield max(message.visible_at + 1, message.delayed_until) / 1000


def as_lambda_gets_it(record: dict[str, Any]) -> dict[str, Any]:
    """moto's stream record with the one field that it keeps in another form, as Lambda's JSON has it."""
    change = record["dynamodb"]
    created = change["ApproximateCreationDateTime"]
    seconds = created.timestamp() if isinstance(created, datetime) else created
    return {**record, "dynamodb": {**change, "ApproximateCreationDateTime": seconds}}


def matches(pattern: Any, value: Any) -> bool:
    """Lambda's event filtering, as far as the template uses it: nested fields, what they may be, and may not exist."""
    if pattern == [{"exists": False}]:
        return value is None
    if isinstance(pattern, list):
        return value in pattern
    there = value if isinstance(value, dict) else {}
    return all(matches(inner, there.get(name)) for name, inner in pattern.items())
