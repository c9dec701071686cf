"""Where events come in: by the queue or the bus into the Events table, and from its stream to the planner."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rapport.adapters.audience import Audience
from rapport.adapters.events_table import ContradictionError, EventsTable
from rapport.adapters.items import Item, from_item
from rapport.adapters.planner import Planner, read_event
from rapport.adapters.telemetry import count, logger
from rapport.domain.event import EVERYONE, Event, EventError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def read_body(body: str) -> Event:
    """The event in an SQS message: as it is, or as the detail of an EventBridge event. Raises EventError.

    An EventBridge event lends its own id, type and time to a detail that lacks them.
    """
    try:
        values: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise EventError("body: expected JSON") from None
    if not isinstance(values, dict):
        raise EventError("body: expected a JSON object with id, type, customer, at and data")
    if "detail-type" in values and isinstance(values.get("detail"), dict):
        envelope = {"id": values.get("id"), "type": values["detail-type"], "at": values.get("time")}
        values = {**envelope, **values["detail"]}
    return read_event(values)


class Intake:
    """What can't be an event goes to the dead letters with the reason, at once: no later attempt would read it."""

    def __init__(self, events: EventsTable, sqs: "SQSClient", dead_letters: str, clock: Callable[[], datetime]) -> None:
        self.events = events
        self.sqs = sqs
        self.dead_letters = dead_letters
        self.clock = clock

    def take(self, body: str) -> None:
        """Puts the event into the table, or the message where somebody will look at it."""
        try:
            event = read_body(body)
            fresh = self.events.put(event, self.clock())
            logger.info("recorded" if fresh else "known already", event_id=event.id, type=event.type)
        except (EventError, ContradictionError) as error:
            count("RejectedEvents")
            reason = {"DataType": "String", "StringValue": str(error)[:1000]}
            self.sqs.send_message(
                QueueUrl=self.dead_letters,
                MessageBody=body,
                MessageAttributes={"reason": reason},  # type: ignore[dict-item]
            )


def take_item(item: Item, planner: Planner, audience: Audience) -> None:
    """An item of the Events table, as its stream shows it: for one customer, or for everyone who asked.

    What can't be an event ends as a rejected outcome on record, under the customer and the id that it was put with.
    """
    values = from_item(item)
    try:
        event = read_event(values)
    except EventError as error:
        count("RejectedEvents")
        planner.ledger.note(str(values["customer"]), str(values["id"]), [str(error)], planner.clock(), rejected=True)
        return
    if event.customer == EVERYONE:
        audience.tell(event)
    else:
        planner.take(event)
