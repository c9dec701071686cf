"""Counts a text's segments in the Ledger table before its carrier gets it; over a ceiling, the carrier isn't asked."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rapport.adapters import items
from rapport.domain.attempt import Answer, NotAccepted, OverBudget
from rapport.domain.message import Content, Message
from rapport.domain.segments import segments
from rapport.domain.sending import LEASE, Carrier
from rapport.domain.spending import Spending
from rapport.domain.words import Purpose

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT: Final = timedelta(days=3)  # from the day's beginning: somebody may ask what happened yesterday
EVERYWHERE: Final = "everywhere"


class Metered:
    """A carrier of texts that keeps to the ceilings. `clock` tells the time in UTC."""

    def __init__(self, carrier: Carrier, ceilings: "Ceilings", clock: Callable[[], datetime]) -> None:
        self.carrier = carrier
        self.ceilings = ceilings
        self.clock = clock

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """One attempt, once its segments are counted; they stay so whatever becomes of it, for it may have gone out."""
        try:
            over = self.ceilings.over(address, segments(content.text), message.purpose, self.clock())
        except ClientError as error:
            return NotAccepted(f"not counted: {error.response.get('Error', {}).get('Code', 'Unknown')}")
        except BotoCoreError as error:
            return NotAccepted(f"not counted: {type(error).__name__}")
        if over:
            return OverBudget(over)
        if message.lease_until and self.clock() >= message.lease_until - LEASE / 2:  # the ledger was slow to count
            return NotAccepted("half of the lease was gone once it was counted")
        return self.carrier.send(message, content, address)


class Ceilings:
    """The policy's, kept by the Ledger table however many senders there are."""

    def __init__(self, client: "DynamoDBClient", table: str, spending: Spending) -> None:
        self.client = client
        self.table = table
        self.spending = spending
        self.purse = Purse(self.reserve, spending.block())

    def over(self, number: str, many: int, purpose: Purpose, now: datetime) -> str | None:
        """The ceiling that so many segments to the number would break; when they break none, they are counted."""
        utc = now.astimezone(UTC)
        day = f"{utc:%Y-%m-%d}"
        if not self.purse.take(day, many):
            return f"what all texts of a day may have is used up, the ceiling is {self.spending.per_day} segments"
        counted = False
        try:
            over = self.count_for(number, many, utc, bound=purpose is not Purpose.NOTICE)
            counted = over is None
        finally:
            if not counted:
                self.purse.put_back(day, many)
        return over

    def reserve(self, day: str, many: int) -> bool:
        """Takes so many segments from what all texts of the day may have, if there are as many."""
        fits = many <= self.spending.per_day
        return fits and self.add(EVERYWHERE, day, many, {"day": self.spending.per_day}) is None

    def count_for(self, number: str, many: int, utc: datetime, *, bound: bool) -> str | None:
        """Counts the segments for the number, or says which of its ceilings they would break.

        A notice is counted but not bound: that STOP was heard is said even to somebody whom we wrote too much.
        """
        ceilings, hour = self.spending.per_number, f"h{utc:%H}"
        if not bound:
            self.add(number, f"{utc:%Y-%m-%d}", many, {"day": None, hour: None})
            return None
        if over := ceilings.broken(0, 0, many):
            return over
        spent = self.add(number, f"{utc:%Y-%m-%d}", many, {"day": ceilings.day, hour: ceilings.hour})
        return None if spent is None else ceilings.broken(spent.get(hour, 0), spent.get("day", 0), many)

    def add(self, what: str, day: str, many: int, counts: Mapping[str, int | None]) -> dict[str, Any] | None:
        """Adds to each count, if none goes over its ceiling with that; else gives them back as they are.

        A count that isn't there yet is under its ceiling: the caller has looked that one text alone isn't over it.
        """
        bounds = {name: ceiling - many for name, ceiling in counts.items() if ceiling is not None}
        expires = datetime.fromisoformat(day).replace(tzinfo=UTC) + KEPT
        values = {"many": many, "kind": "spent", "expires": int(expires.timestamp()), **bounds}
        adds = ", ".join(f"#{name} :many" for name in counts)
        update: Any = {
            "TableName": self.table,
            "Key": items.spent_key(what, day),
            "UpdateExpression": f"SET #kind = :kind, #expires = :expires ADD {adds}",
            "ExpressionAttributeNames": {f"#{name}": name for name in ("kind", "expires", *counts)},
            "ExpressionAttributeValues": {f":{name}": value for name, value in items.to_item(values).items()},
        }
        if bounds:
            under = (f"(attribute_not_exists(#{name}) OR #{name} <= :{name})" for name in bounds)
            update["ConditionExpression"] = " AND ".join(under)
            update["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            self.client.update_item(**update)
        except self.client.exceptions.ConditionalCheckFailedException as error:
            refused: Any = error.response
            return items.from_item(refused["Item"])
        return None


class Purse:
    """What a sender has reserved of a day's segments and not yet used; its threads share it, a new day empties it.

    `reserve` asks the ledger for so many more. No lock is held meanwhile: two threads may both fetch a block, and
    neither is lost.
    """

    def __init__(self, reserve: Callable[[str, int], bool], block: int) -> None:
        self.reserve = reserve
        self.block = block
        self.lock = Lock()
        self.day = ""
        self.left = 0
        self.refused: int | None = None

    def take(self, day: str, many: int) -> bool:
        """Whether there are so many segments for the day: of those reserved, else of the ledger's."""
        with self.lock:
            if day != self.day:
                self.day, self.left, self.refused = day, 0, None
            had = min(self.left, many)
            self.left -= had
            refused = self.refused
        need = many - had
        enough = need == 0
        try:
            enough = enough or ((refused is None or need < refused) and self.fetch(day, need))
        finally:
            if not enough:
                self.put_back(day, had)
        return enough

    def fetch(self, day: str, need: int) -> bool:
        """Reserves a block, or at the end of the day's segments what is needed and no more."""
        for size in dict.fromkeys((max(self.block, need), need)):
            if self.reserve(day, size):
                self.put_back(day, size - need)
                return True
        with self.lock:
            if day == self.day:
                self.refused = need  # a day's count only rises: asking again would cost a write and be refused
        return False

    def put_back(self, day: str, many: int) -> None:
        """Leaves so many segments to the next text of the same day."""
        with self.lock:
            if day == self.day:
                self.left += many
