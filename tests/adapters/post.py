"""An outbox whose services do as they are told, and what it asked of them."""

from typing import Any
from unittest.mock import Mock

from botocore.exceptions import ClientError

from rapport.adapters.outbox import Outbox


class Post:
    """An outbox between a queue service, a scheduler and a bus that do as they are told."""

    def __init__(self) -> None:
        self.sqs, self.scheduler, self.events = Mock(), Mock(), Mock()
        self.sqs.send_message_batch.return_value = {}
        self.events.put_events.return_value = {"FailedEntryCount": 0}
        self.scheduler.exceptions.ConflictException = type("ConflictException", (ClientError,), {})
        queues = {name: f"https://sqs/1/{name}-queue" for name in ("wake", "sms", "email", "desk", "intake")}
        neighbour = "arn:aws:sqs:eu-west-1:1:letters"
        self.outbox = Outbox(self.sqs, self.scheduler, self.events, queues, "the-bus", "group", "arn:role", neighbour)

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        """What was queued, with its queue."""
        calls = [call.kwargs for call in self.sqs.send_message_batch.call_args_list]
        return [(call["QueueUrl"].rsplit("/", 1)[1], entry) for call in calls for entry in call["Entries"]]

    def published(self) -> list[dict[str, Any]]:
        """What was told on the bus."""
        return [entry for call in self.events.put_events.call_args_list for entry in call.kwargs["Entries"]]

    def schedules(self) -> list[dict[str, Any]]:
        """What was scheduled."""
        return [call.kwargs for call in self.scheduler.create_schedule.call_args_list]


def refused(kind: type[ClientError] = ClientError) -> ClientError:
    """AWS's error."""
    return kind({"Error": {"Code": "X", "Message": "x"}}, "X")
