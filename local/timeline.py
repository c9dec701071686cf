"""What a world's customers were told and not told, read off its ledger: as a timeline, and as counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from rapport.adapters import items
from rapport.domain.customer import Customer
from rapport.domain.local_time import zone_info
from rapport.domain.message import Message, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STYLES = {
    Status.DELIVERED: "green",
    Status.SENT: "green",
    Status.SKIPPED: "yellow",
    Status.EXPIRED: "yellow",
    Status.QUEUED: "cyan",
    Status.SENDING: "cyan",
}


@dataclass(frozen=True)
class Entry:
    """One message with its words, and whom it was for."""

    message: Message
    customer: Customer
    text: str | None

    @property
    def at(self) -> datetime:
        """When it went out, or when it was decided that it wouldn't."""
        return self.message.sent_at or self.message.decision.at

    @property
    def zone(self) -> str:
        """The clock on the customer's wall."""
        return self.customer.zones[0] if self.customer.zones else "UTC"


def read_entries(client: "DynamoDBClient", table: str) -> list[Entry]:
    """Every message of the ledger, in the order of time."""
    found = [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
    customers = {item["pk"]["S"]: items.read_customer(item, item["pk"]["S"]) for item in of_kind(found, "customer")}
    texts = {item["sk"]["S"].removeprefix("CONTENT#"): items.from_item(item) for item in of_kind(found, "content")}
    entries = []
    for item in of_kind(found, "message"):
        message = items.read_message(item)
        words = texts.get(message.id)
        customer = customers.get(message.customer, Customer(id=message.customer))
        entries.append(Entry(message, customer, (words.get("subject") or words["text"]) if words else None))
    return sorted(entries, key=lambda entry: (entry.at, entry.message.id))


def of_kind(found: Iterable[items.Item], kind: str) -> list[items.Item]:
    """The items of one kind."""
    return [item for item in found if item["kind"]["S"] == kind]


def show(entries: list[Entry], start: datetime, console: Console) -> None:
    """Day by day, each on the customer's own clock; below it the words, and why."""
    day = 0
    for entry in entries:
        local = entry.at.astimezone(zone_info(entry.zone))
        this_day = (entry.at.date() - start.date()).days + 1
        if this_day != day:
            day = this_day
            console.print(Text(f"\nDay {day}, {entry.at:%A %d %B}", style="bold"))
        console.print(headline(entry, local))
        if entry.text and entry.message.status is not Status.SKIPPED:
            console.print(Padding(Text(entry.text.strip().replace("\n", " "), style="italic"), (0, 0, 0, 10)))
        console.print(Padding(Text(why(entry.message), style="dim"), (0, 0, 0, 10)))


def headline(entry: Entry, local: datetime) -> Text:
    """The hour there, who, which message, on which channel, and what became of it."""
    message = entry.message
    place = entry.zone.rsplit("/", 1)[-1].replace("_", " ")
    who = entry.customer.name or message.customer
    fate = f"{message.status}: {message.reason}" if message.reason else str(message.status)
    line = Text(f"  {local:%H:%M}   {who} in {place}, {message.template}")
    line.append(f" by {message.channel}" if message.channel else "")
    line.append(f"   {fate}", style=STYLES.get(message.status, "red"))
    line.append(f"   {message.id}", style="dim")
    return line


def why(message: Message) -> str:
    """The reason in one line: of the decision, and of what came after it."""
    held = "held over quiet hours; " if message.decision.held_since else ""
    later = f"; {message.detail}" if message.detail else ""
    tries = f"; {message.attempts} attempts" if message.attempts > 1 else ""
    return f"because {held}{message.decision.because}{later}{tries}"


def counts(entries: list[Entry]) -> list[str]:
    """How many messages came to which end, and for which reasons."""
    statuses = Counter(entry.message.status for entry in entries)
    reasons = Counter(entry.message.reason for entry in entries if entry.message.reason)
    lines = [f"{len(entries)} messages: " + ", ".join(f"{many} {status}" for status, many in statuses.most_common())]
    if reasons:
        lines.append("not sent because of: " + ", ".join(f"{reason} {many}" for reason, many in reasons.most_common()))
    return lines
