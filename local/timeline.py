"""What a world's customers were told and not told, read off its ledger: as a timeline, and as counts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from rapport.adapters import items
from rapport.domain.conversation import Turn
from rapport.domain.customer import Customer
from rapport.domain.explaining import times
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
    Status.FAILED: "red",
    Status.SUPPRESSED: "red",
    Status.UNKNOWN: "red",
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
    def local(self) -> datetime:
        """The same on the customer's clock."""
        return self.at.astimezone(zone_info(self.zone))

    @property
    def who(self) -> str:
        """Name and place."""
        return who(self.customer, self.zone)

    @property
    def zone(self) -> str:
        """The clock on the customer's wall."""
        return self.customer.zones[0] if self.customer.zones else "UTC"


@dataclass(frozen=True)
class Happened:
    """Something that a customer's messages answer; `at` is on the customer's own clock."""

    at: datetime
    who: str
    what: str
    wrong: tuple[str, ...] = ()

    def lines(self) -> list[RenderableType]:
        """The event in one line, and what was wrong with it."""
        line = Text(f"{self.at:%a %H:%M}  . {self.who}: {self.what}", style="dim")
        return [line, *(set_in(Text(note, style="red")) for note in self.wrong)]


@dataclass(frozen=True)
class Written:
    """What a customer wrote, and what came of it; `at` is on their own clock."""

    at: datetime
    who: str
    what: str
    because: str

    def lines(self) -> list[RenderableType]:
        """The text, and why it was answered as it was, or not."""
        line = Text(f"{self.at:%a %H:%M}  {self.who} writes")
        return [line, set_in(Text(f'"{self.what}"', style="bold")), set_in(Text(self.because, style="dim"))]


def read_written(client: "DynamoDBClient", table: str) -> list[Written | Happened]:
    """Every text that came in, each change of who has a conversation, and what we told of it, in the order of time."""
    found = [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
    customers = {item["pk"]["S"]: items.read_customer(item, item["pk"]["S"]) for item in of_kind(found, "customer")}
    turns = [Turn.model_validate(items.from_item(item)) for item in of_kind(found, "turn")]
    changes = [items.from_item(item) for item in [*of_kind(found, "step"), *of_kind(found, "telling")]]
    lines: list[Written | Happened] = [written(turn, known(customers, turn.customer)) for turn in turns]
    lines += [turned(change, known(customers, change["pk"])) for change in changes]
    return sorted(lines, key=lambda line: (line.at, isinstance(line, Happened)))


def known(customers: Mapping[str, Customer], customer: str) -> Customer:
    """The customer, or one of whom nothing is known."""
    return customers.get(customer, Customer(id=customer))


def turned(told: dict[str, Any], customer: Customer) -> Happened:
    """A change of who has a conversation, or an event that we told."""
    zone = customer.zones[0] if customer.zones else "UTC"
    at = datetime.fromisoformat(told["at"]).astimezone(zone_info(zone))
    name = customer.name or customer.id
    if told["kind"] == "step":
        has = {"waiting": "waits for a person", "human": "talks with a person", "bot": "is back with the bot"}
        return Happened(at, name, f"{has[told['to']]} ({told['by']}: {told['why']})")
    where = "told on the bus" if told["out"] else "told to the journeys"
    about = next((str(value) for value in told["data"].values()), "")
    return Happened(at, name, f"{told['type']} {about} ({where})")


def written(turn: Turn, customer: Customer) -> Written:
    """One text of a customer's."""
    zone = customer.zones[0] if customer.zones else "UTC"
    return Written(turn.at.astimezone(zone_info(zone)), who(customer, zone), turn.text, turn.because)


def who(customer: Customer, zone: str) -> str:
    """Name and place."""
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{customer.name or customer.id} in {place}"


def read_entries(client: "DynamoDBClient", table: str) -> list[Entry]:
    """Every message of the ledger, in the order of time."""
    found = [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
    customers = {item["pk"]["S"]: items.read_customer(item, item["pk"]["S"]) for item in of_kind(found, "customer")}
    texts = {(item["pk"]["S"], item["sk"]["S"]): items.from_item(item) for item in of_kind(found, "content")}
    entries = []
    for item in of_kind(found, "message"):
        message = items.read_message(item)
        key = items.content_key(message.customer, message.id, message.words)
        words = texts.get((key["pk"]["S"], key["sk"]["S"]))
        customer = customers.get(message.customer, Customer(id=message.customer))
        text = (words.get("subject") or words["text"]) if words else message.text
        entries.append(Entry(message, customer, text))
    return sorted(entries, key=lambda entry: (entry.at, entry.message.id))


def of_kind(found: Iterable[items.Item], kind: str) -> list[items.Item]:
    """The items of one kind."""
    return [item for item in found if item["kind"]["S"] == kind]


def show(entries: list[Entry], happenings: Sequence[Happened | Written], start: datetime, console: Console) -> None:
    """Day by day, each on the customer's own clock: what happened, what was said or not, and why."""
    lines = [(entry.at, 2, entry.message.id, story_of(entry)) for entry in entries]
    lines += [(each.at, int(isinstance(each, Happened)), each.what, each.lines()) for each in happenings]
    day = 0
    for at, _, _, parts in sorted(lines, key=lambda line: line[:3]):
        this_day = (at.date() - start.date()).days + 1
        if this_day != day:
            day = this_day
            console.print(Text(f"\nDay {day}, {at:%A %d %B}", style="bold"))
        for part in parts:
            console.print(part)


def story_of(entry: Entry) -> list[RenderableType]:
    """One message in a few lines: its hour there, who, the words, and why."""
    message = entry.message
    line = Text(f"{entry.local:%a %H:%M}  {entry.who}  ")
    line.append(f"{message.channel} " if message.channel else "")
    line.append(
        f"{message.status}: {message.reason}" if message.reason else message.status, style=STYLES[message.status]
    )
    parts: list[RenderableType] = [line]
    if entry.text and message.carrier_id:
        said = entry.text.strip().replace("\n", " ")
        parts.append(set_in(Text(f'"{said}"', style="italic")))
    because = Text(f"{message.template}, {why(message)}  ", style="dim")
    parts.append(set_in(because.append(message.id)))
    return parts


def set_in(text: Text) -> Padding:
    """The text below the name of the one whom it is about."""
    return Padding(text, (0, 0, 0, 11), expand=False)


def why(message: Message) -> str:
    """The reason in one line: of the decision, and of what came after it."""
    held = "held over quiet hours; " if message.decision.held_since else ""
    later = f"; {message.detail}" if message.detail else ""
    if message.attempts > 1 and message.sent_at:
        later = f"; turned away {times(message.attempts - 1)} first{f' ({message.detail})' if message.detail else ''}"
    return f"{held}{message.decision.because}{later}"


def counts(entries: list[Entry]) -> list[str]:
    """How many messages came to which end, and for which reasons."""
    statuses = Counter(entry.message.status for entry in entries)
    reasons = Counter(entry.message.reason for entry in entries if entry.message.reason)
    lines = [f"{len(entries)} messages: " + ", ".join(f"{many} {status}" for status, many in statuses.most_common())]
    if reasons:
        lines.append("not sent because of: " + ", ".join(f"{reason} {many}" for reason, many in reasons.most_common()))
    return lines
