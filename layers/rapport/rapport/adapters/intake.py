"""Where events come in: by the queue or the bus into the Events table, and from its stream to the planner."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from rapport.adapters.audience import Audience
from rapport.adapters.events_table import ContradictionError, EventsTable
from rapport.adapters.items import Item, from_item
from rapport.adapters.planner import Planner, read_event, report_rejected
from rapport.adapters.telemetry import count, logger
from rapport.domain.event import EVERYONE, CustomerId, Event, EventError, EventId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_BODY_BYTES: Final = 100_000
MAX_LETTER_BYTES: Final = 250_000  # with its reason, a letter must fit into the 256 KB of an SQS message
CUSTOMER, ID = TypeAdapter(CustomerId), TypeAdapter(EventId)


def read_body(body: str) -> Event:
    """The event in an SQS message: as it is, or as the detail of an EventBridge event. Raises EventError.

    An EventBridge event lends its own id, type and time to a detail that lacks them.
    """
    if len(body.encode()) > MAX_BODY_BYTES:
        raise EventError(f"body: expected at most {MAX_BODY_BYTES} bytes of JSON")
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
                MessageBody=body.encode()[:MAX_LETTER_BYTES].decode(errors="ignore"),
                MessageAttributes={"reason": reason},  # type: ignore[dict-item]
            )


def take_item(item: Item, planner: Planner, audience: Audience) -> None:
    """An item of the Events table, as its stream shows it: for one customer, or for everyone who asked.

    An item without an end is given one when it has been seen to; that brings it back once, with its outcome on record.
    """
    values = from_item(item)
    try:
        event = read_event(values)
    except EventError as error:
        reject(values, str(error), planner)
    else:
        if event.customer == EVERYONE:
            audience.tell(event)
        else:
            planner.take(event)
    if "expires" not in values:
        audience.events.expire(values["customer"], values["id"], planner.clock())


def reject(values: dict[str, Any], reason: str, planner: Planner) -> None:
    """Puts down why an item can't be an event, under its customer and id.

    What isn't a customer or an id by our patterns never becomes a key: it might be the name of a list.
    """
    customer, event = str(values["customer"]), str(values["id"])
    if not (fits(CUSTOMER, customer) and fits(ID, event)):
        customer, event = f"REJECTED {digest(customer)}", digest(event)
    said = {name: value for name, value in values.items() if name != "expires"}
    fingerprint = digest(json.dumps(said, sort_keys=True))
    report_rejected(event, fingerprint, planner.ledger.reject(customer, event, [reason], planner.clock(), fingerprint))


def fits(pattern: TypeAdapter[str], text: str) -> bool:
    """Whether the text is what it should be."""
    try:
        return pattern.validate_python(text) == text
    except ValidationError:
        return False


def digest(text: str) -> str:
    """A text that may be anything, as a key of a known length."""
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()
