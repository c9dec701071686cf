"""The Events table, the public door: what any system may put there, and how an item reads as an event."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from rapport.adapters import items
from rapport.adapters.many_items import write_all
from rapport.domain.event import Event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT: Final = timedelta(days=30)


class ContradictionError(ValueError):
    """The event's id was used before for something else."""


class EventsTable:
    """Events in, once each."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table

    def put(self, event: Event, now: datetime) -> bool:
        """Puts an event; False when it is there already. Raises ContradictionError when its id says something else."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item=event_item(event, now),
                ConditionExpression="attribute_not_exists(id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            there = items.from_item(error.response.get("Item", {}))  # type: ignore[arg-type]
            if there and not says(there, event):
                raise ContradictionError("id: used before, for another event") from None
            return False
        return True

    def put_all(self, events: Iterable[Event], now: datetime) -> None:
        """Puts many; one that is there already is overwritten by itself, and the planner knows it."""
        puts = [{"PutRequest": {"Item": event_item(event, now)}} for event in events]
        write_all(self.client, self.table, puts)

    def expire(self, customer: str, event: str, now: datetime) -> None:
        """Lets an item that somebody else put go 30 days on; one that is gone stays gone."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key={"customer": {"S": customer}, "id": {"S": event}},
                UpdateExpression="SET expires = if_not_exists(expires, :expires)",
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeValues={":expires": {"N": str(expiry(now))}},
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return


def says(there: dict[str, Any], event: Event) -> bool:
    """Whether what lies in the table is the same event; what can't be read isn't."""
    try:
        return Event.model_validate(there).fingerprint() == event.fingerprint()
    except ValidationError:
        return False


def expiry(now: datetime) -> int:
    """When what is put now may go, as DynamoDB's time to live wants it."""
    return int((now + KEPT).timestamp())


def event_item(event: Event, now: datetime) -> items.Item:
    """The event as it lies in the table; it expires 30 days on."""
    return items.to_item({**event.model_dump(mode="json"), "expires": expiry(now)})
