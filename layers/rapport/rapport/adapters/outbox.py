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
from rapport.domain.conversation import thread_of
from rapport.domain.message import Status

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY: Final = timedelta(minutes=15)  # of an SQS message, by SQS's limit
MOST_MESSAGES: Final = 10  # of one SendMessageBatch, by SQS's limit
FINAL: Final = {Status.DELIVERED, Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.UNKNOWN, Status.SKIPPED}
WAKE: Final = "wake"
DESK: Final = "desk"
INTAKE: Final = "intake"
BUS: Final = "bus"
SOURCE: Final = "rapport"  # what the bus's rule for the intake leaves out


@dataclass(frozen=True)
class Parcel:
    """Something to be sent on; `to` is a queue, or the bus, `record` the stream record that asked for it."""

    record: str
    to: str
    body: dict[str, Any]
    due_at: datetime


def parcels(record: dict[str, Any], now: datetime) -> list[Parcel]:
    """What one stream record of the ledger asks to be sent on; a change that asks for nothing new asks for nothing."""
    change = record["dynamodb"]
    new = items.from_item(change["NewImage"])
    old = items.from_item(change.get("OldImage", {}))
    sequence = change["SequenceNumber"]
    match new["kind"]:
        case "run":
            return waking(sequence, new, old)
        case "conversation":
            return telling_the_desk(sequence, new, old)
        case "telling":
            return [] if old else [Parcel(sequence, BUS if new["out"] else INTAKE, told(new), now)]
    customer, message = items.whose(change["NewImage"])
    body = {"customer": customer, "message": message, "journey": new["journey"], "about": new["about"]}
    if new["status"] == Status.QUEUED and new["due_at"] != old.get("due_at"):  # else a sender put it back as it was
        return [Parcel(sequence, new["channel"], body, datetime.fromisoformat(new["due_at"]))]
    if new.get("awaited") and new["status"] in FINAL and old.get("status") != new["status"]:
        return [Parcel(sequence, WAKE, {**body, "receipt": new["status"]}, now)]
    return []


def waking(sequence: str, new: dict[str, Any], old: dict[str, Any]) -> list[Parcel]:
    """A run that waits for another time than before."""
    if new.get("wake_at") in (None, old.get("wake_at")):
        return []
    body = {"customer": new["customer"], "journey": new["journey"], "about": new["about"]}
    return [Parcel(sequence, WAKE, body, datetime.fromisoformat(new["wake_at"]))]


def telling_the_desk(sequence: str, new: dict[str, Any], old: dict[str, Any]) -> list[Parcel]:
    """A conversation of which the people at the desk, or its customer, are to be told something."""
    if new.get("due") in (None, old.get("due")):
        return []
    thread = thread_of(new["channel"], new["address"])
    body = {"customer": new["customer"], "thread": thread, "what": new["due"]["what"], "at": new["due_at"]}
    return [Parcel(sequence, DESK, body, datetime.fromisoformat(new["due_at"]))]


def told(new: dict[str, Any]) -> dict[str, Any]:
    """The event that the ledger keeps, as it is told."""
    return {name: new.get(name, {}) for name in ("id", "type", "customer", "at", "data")}


class Outbox:
    """`queues` are URLs by what lies in them, `bus` is where we tell; `neighbour` is the ARN of a queue beside them."""

    def __init__(
        self,
        sqs: "SQSClient",
        scheduler: "EventBridgeSchedulerClient",
        events: "EventBridgeClient",
        queues: dict[str, str],
        bus: str,
        group: str,
        role: str,
        neighbour: str,
    ) -> None:
        self.sqs = sqs
        self.scheduler = scheduler
        self.events = events
        self.queues = queues
        self.bus = bus
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
            try:
                if parcel.to == BUS:
                    failed |= set() if self.publish(parcel) else {parcel.record}
                elif parcel.due_at - now <= LONGEST_DELAY:
                    soon[self.queues[parcel.to]].append(parcel)
                elif not self.schedule(parcel):
                    failed.add(parcel.record)
            except Exception as error:  # no such queue, no such time: others of the batch mustn't wait for it
                log_failure("ledger record not sent on", error)
                failed.add(parcel.record)
        for queue, waiting in soon.items():
            for start in range(0, len(waiting), MOST_MESSAGES):
                failed |= self.enqueue(queue, waiting[start : start + MOST_MESSAGES], now)
        return failed

    def enqueue(self, queue: str, waiting: list[Parcel], now: datetime) -> set[str]:
        """Ten messages at most, each with the delay that is left; returns the records of what SQS didn't take.

        What is too long together goes one by one.
        """
        entries = [
            {
                "Id": str(index),
                "MessageBody": json.dumps(parcel.body),
                "DelaySeconds": max(0, round_up(parcel.due_at - now)),
            }
            for index, parcel in enumerate(waiting)
        ]
        try:
            answer = self.sqs.send_message_batch(QueueUrl=queue, Entries=entries)  # type: ignore[arg-type]
        except (ClientError, BotoCoreError) as error:
            if len(waiting) > 1 and isinstance(error, self.sqs.exceptions.BatchRequestTooLong):
                return set().union(*(self.enqueue(queue, [parcel], now) for parcel in waiting))
            log_failure("not queued", error)
            return {parcel.record for parcel in waiting}
        return {waiting[int(entry["Id"])].record for entry in answer.get("Failed", [])}

    def publish(self, parcel: Parcel) -> bool:
        """One event for the company's own systems; it may come twice, with the same id."""
        entry = {
            "Source": SOURCE,
            "DetailType": parcel.body["type"],
            "Detail": json.dumps(parcel.body),
            "EventBusName": self.bus,
        }
        try:
            answer = self.events.put_events(Entries=[entry])  # type: ignore[list-item]
        except (ClientError, BotoCoreError) as error:
            log_failure("not told", error)
            return False
        return answer["FailedEntryCount"] == 0

    def schedule(self, parcel: Parcel) -> bool:
        """One one-time schedule, named after what it wakes and when: made twice, it is there once."""
        beside = self.neighbour.rsplit(":", 1)[0]
        queue_name = self.queues[parcel.to].rsplit("/", 1)[-1]
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
    return f"{parcel.to}-{hashlib.blake2s(said.encode(), digest_size=16).hexdigest()}"
