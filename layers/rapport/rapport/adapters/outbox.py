"""The outbox: what a committed write to the ledger asks to be sent on, now, in a while or at a time."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rapport.adapters import items
from rapport.adapters.telemetry import log_failure
from rapport.domain.message import Status

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY: Final = timedelta(minutes=15)  # of an SQS message, by SQS's limit
MOST_MESSAGES: Final = 10  # of one SendMessageBatch, by SQS's limit
FINAL: Final = {Status.DELIVERED, Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.UNKNOWN, Status.SKIPPED}
WAKE: Final = "wake"


@dataclass(frozen=True)
class Parcel:
    """Something to be sent on; `queue` is `wake`, `sms` or `email`, `record` the stream record that asked for it."""

    record: str
    queue: str
    body: dict[str, str]
    due_at: datetime


def parcels(record: dict[str, Any], now: datetime) -> list[Parcel]:
    """What one stream record of the ledger asks to be sent on; a change that asks for nothing new asks for nothing."""
    change = record["dynamodb"]
    new = items.from_item(change["NewImage"])
    old = items.from_item(change.get("OldImage", {}))
    sequence = change["SequenceNumber"]
    if new["kind"] == "run":
        if new.get("wake_at") in (None, old.get("wake_at")):
            return []
        body = {"customer": new["customer"], "journey": new["journey"], "about": new["about"]}
        return [Parcel(sequence, WAKE, body, datetime.fromisoformat(new["wake_at"]))]
    body = {"customer": new["customer"], "message": new["id"], "journey": new["journey"], "about": new["about"]}
    was, due = (old.get("status"), old.get("due_at")), (new["status"], new["due_at"])
    if new["status"] == Status.QUEUED and was != due:
        return [Parcel(sequence, new["channel"], body, datetime.fromisoformat(new["due_at"]))]
    if new.get("awaited") and new["status"] in FINAL and old.get("status") != new["status"]:
        return [Parcel(sequence, WAKE, {**body, "receipt": new["status"]}, now)]
    return []


class Outbox:
    """`queues` are the URLs of the wake queue and of each channel's; `neighbour` is the ARN of a queue beside them."""

    def __init__(
        self,
        sqs: "SQSClient",
        scheduler: "EventBridgeSchedulerClient",
        queues: dict[str, str],
        group: str,
        role: str,
        neighbour: str,
    ) -> None:
        self.sqs = sqs
        self.scheduler = scheduler
        self.queues = queues
        self.group = group
        self.role = role
        self.neighbour = neighbour

    def take(self, records: list[dict[str, Any]], now: datetime) -> set[str]:
        """Sends on what the stream records ask for; returns the sequence numbers of those that failed."""
        batch: list[Parcel] = []
        failed: set[str] = set()
        for record in records:
            try:
                batch += parcels(record, now)
            except Exception as error:
                log_failure("unreadable ledger record", error)
                failed.add(record["dynamodb"]["SequenceNumber"])
        return failed | self.send(batch, now)

    def send(self, batch: Iterable[Parcel], now: datetime) -> set[str]:
        """Queues what is due within 15 minutes and schedules the rest; returns the records of what failed."""
        soon: dict[str, list[Parcel]] = defaultdict(list)
        failed: set[str] = set()
        for parcel in batch:
            if parcel.due_at - now <= LONGEST_DELAY:
                soon[parcel.queue].append(parcel)
            elif not self.schedule(parcel):
                failed.add(parcel.record)
        for queue, waiting in soon.items():
            for start in range(0, len(waiting), MOST_MESSAGES):
                failed |= self.enqueue(queue, waiting[start : start + MOST_MESSAGES], now)
        return failed

    def enqueue(self, queue: str, waiting: list[Parcel], now: datetime) -> set[str]:
        """Ten messages at most, each with the delay that is left; returns the records of what SQS didn't take."""
        entries = [
            {
                "Id": str(index),
                "MessageBody": json.dumps(parcel.body),
                "DelaySeconds": max(0, round_up(parcel.due_at - now)),
            }
            for index, parcel in enumerate(waiting)
        ]
        try:
            answer = self.sqs.send_message_batch(QueueUrl=self.queues[queue], Entries=entries)  # type: ignore[arg-type]
        except (ClientError, BotoCoreError) as error:
            log_failure("not queued", error)
            return {parcel.record for parcel in waiting}
        return {waiting[int(entry["Id"])].record for entry in answer.get("Failed", [])}

    def schedule(self, parcel: Parcel) -> bool:
        """One one-time schedule, named after what it wakes and when: made twice, it is there once."""
        beside = self.neighbour.rsplit(":", 1)[0]
        queue_name = self.queues[parcel.queue].rsplit("/", 1)[-1]
        due_at = parcel.due_at.astimezone(UTC)
        at = due_at.replace(microsecond=0) + timedelta(seconds=due_at.microsecond > 0)
        try:
            self.scheduler.create_schedule(
                Name=schedule_name(parcel),
                GroupName=self.group,
                ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": f"{beside}:{queue_name}",
                    "RoleArn": self.role,
                    "Input": json.dumps(parcel.body),
                    "DeadLetterConfig": {"Arn": self.neighbour},
                },
            )
        except self.scheduler.exceptions.ConflictException:
            return True
        except (ClientError, BotoCoreError) as error:
            log_failure("not scheduled", error)
            return False
        return True


def round_up(span: timedelta) -> int:
    """Whole seconds, none of them too early."""
    return -int(-span.total_seconds() // 1)


def schedule_name(parcel: Parcel) -> str:
    """Letters, digits and dashes, 64 at most, by Scheduler's rule; the same parcel always has the same name."""
    said = json.dumps([parcel.body, parcel.due_at.isoformat()], sort_keys=True)
    return f"{parcel.queue}-{hashlib.blake2s(said.encode(), digest_size=16).hexdigest()}"
