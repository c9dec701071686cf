"""An event to everyone: that each customer costs the same, in time and in memory, however many wait to hear of it.

100,000 who wait are more than the world in memory can hold in reasonable time, so `Audience` has a table of dicts
beneath it; a thousand in the whole world show that it reads and tells the same.
"""

import tracemalloc
from collections import Counter, OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final, NamedTuple

from local.world import World
from proof.bench.figures import Figure
from proof.bench.orders import CONTENT
from proof.bench.profiling import account
from proof.bench.unheard import unheard
from rapport.adapters import items
from rapport.adapters.audience import Audience
from rapport.adapters.content import Content
from rapport.adapters.events_table import EventsTable
from rapport.adapters.items import Item
from rapport.adapters.ledger import FULL_PAGE, Ledger, list_key
from rapport.adapters.many_items import write_all
from rapport.domain.event import EVERYONE, Event

FEW: Final = 1_000
SIZES: Final = (FEW, 10_000, 100_000)  # who wait
FEWEST: Final = 5_000  # who are told in one measurement
ROUNDS: Final = 3
FLAT: Final = 1.1
PAGES: Final = 5  # whose memory is measured
LIST: Final = ("back-in-stock", "fern-7")
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
BACK: Final = Event(id="back-1", type="stock.back", customer=EVERYONE, at=NOON, data={"item": "fern-7", "name": "Fern"})


class Tables:
    """Both tables, as much of DynamoDB's client as `Audience` needs, in dicts; it counts what is read and written."""

    def __init__(self, waiting: int) -> None:
        self.parts: dict[str, OrderedDict[str, Item]] = {}
        self.to_everyone: list[Item] = []
        self.told: Counter[str] = Counter()
        self.pages: list[int] = []
        for each in wishes(waiting):
            self.parts.setdefault(each["pk"]["S"], OrderedDict())[each["sk"]["S"]] = each

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 (DynamoDB's words)
        """What the keys find."""
        ((table, wanted),) = RequestItems.items()
        found = (self.parts.get(key["pk"]["S"], {}).get(key["sk"]["S"]) for key in wanted["Keys"])
        return {"Responses": {table: [item for item in found if item]}, "UnprocessedKeys": {}}

    def get_paginator(self, _name: str) -> "Tables":
        """There is one thing that is read in pages."""
        return self

    def paginate(self, ExpressionAttributeValues: Item, PaginationConfig: Any, **_: Any) -> Iterator[Any]:  # noqa: N803
        """The pages of one partition, by its sort key."""
        part = self.parts.get(ExpressionAttributeValues[":list"]["S"], OrderedDict())
        page: list[Item] = []
        for item in part.values():
            page.append(item)
            if len(page) == PaginationConfig["PageSize"]:
                self.pages.append(len(page))
                yield {"Items": page}
                page = []
        self.pages.append(len(page))
        yield {"Items": page}

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803
        """Customers who leave the list, and events: those to everyone are kept, each customer's own are counted."""
        ((_, writes),) = RequestItems.items()
        for write in writes:
            if "DeleteRequest" in write:
                key = write["DeleteRequest"]["Key"]
                del self.parts[key["pk"]["S"]][key["sk"]["S"]]
            elif (event := write["PutRequest"]["Item"])["customer"]["S"] == EVERYONE:
                self.to_everyone.append(event)
            else:
                self.told[event["customer"]["S"]] += 1
        return {"UnprocessedItems": {}}

    def put_item(self, Item: Item, **_: Any) -> None:  # noqa: N803
        """An outcome."""
        self.parts.setdefault(Item["pk"]["S"], OrderedDict())[Item["sk"]["S"]] = Item


class Telling(NamedTuple):
    """What it took to tell everybody: microseconds for each, and the most items that one query read."""

    micros: float
    longest: int


class UntoldError(Exception):
    """Somebody who waited was told never or twice, so the time that it took says nothing."""


def measure() -> list[Figure]:
    """Time for each customer and memory for each page by how many wait, and the longest page that is read."""
    content = Content(CONTENT)
    tell_some(FEW, content)  # once, so that every import is there
    rounds = [{size: tell_some(size, content) for size in SIZES} for _ in range(ROUNDS)]
    with unheard():
        memory = {size: tuple(peaks(size, content)) for size in SIZES}
    figures = [Figure(f"fan-out, {FEW:,} wait: each", "µs", tuple(told[FEW].micros for told in rounds))]
    for size in SIZES[1:]:
        times = tuple(told[size].micros / told[FEW].micros for told in rounds)
        bytes_of = tuple(most / median(memory[FEW]) for most in memory[size])
        figures += [
            Figure(f"fan-out, {size:,} wait: each", f"x {FEW:,}", times, aim=FLAT),
            Figure(f"fan-out, {size:,} wait: memory for a page", f"x {FEW:,}", bytes_of, aim=FLAT),
        ]
    read = {f"{size:,} wait": tuple(told[size].longest for told in rounds) for size in SIZES}
    read[f"{FEW:,} in the world"] = (read_in_the_world(FEW),)
    return figures + [
        Figure(f"fan-out, {who}: read by a query", "items", longest, aim=FULL_PAGE) for who, longest in read.items()
    ]


def tell_some(size: int, content: Content) -> Telling:
    """Tells so many; a few of them again and again, until it took long enough to tell."""
    again = max(1, FEWEST // size)
    tables = [Tables(size) for _ in range(again)]
    begun = process_time()
    for each in tables:
        tell_all(each, content)
    micros = (process_time() - begun) / size / again * 1e6
    return Telling(micros, max(page for each in tables for page in each.pages))


def audience_of(tables: Tables, content: Content) -> Audience:
    """The audience, with the stand-in for its table."""
    client: Any = tables
    return Audience(Ledger(client, "ledger"), EventsTable(client, "events"), content, lambda: NOON)


def tell_all(tables: Tables, content: Content) -> None:
    """The event, and each that it puts for the next page. Raises UntoldError."""
    waiting = len(tables.parts[list_key(*LIST)])
    audience = audience_of(tables, content)
    with unheard():
        audience.tell(BACK)
        while tables.to_everyone:
            audience.tell(next_page(tables))
    if len(tables.told) != waiting or max(tables.told.values()) != 1:
        raise UntoldError(
            f"of {waiting} customers {len(tables.told)} were told, one of them {max(tables.told.values())} times"
        )


def peaks(size: int, content: Content) -> Iterator[float]:
    """The most that telling one page takes beyond what was there before, in bytes, for the first few."""
    tables = Tables(size)
    audience = audience_of(tables, content)
    audience.tell(BACK)
    for _ in range(PAGES):
        event = next_page(tables)
        tracemalloc.start()
        audience.tell(event)
        yield tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def next_page(tables: Tables) -> Event:
    """The event that was put for the rest, taken out."""
    return Event.model_validate(items.from_item(tables.to_everyone.pop()))


def wishes(number: int) -> Iterator[Item]:
    """What the list holds, in the order of its sort key."""
    for place in range(number):
        where = items.key(list_key(*LIST), f"c-{place:07}")
        yield {**where, **items.to_item({"kind": "want", "asked_by": f"wish-{place}"})}


def read_in_the_world(number: int) -> int:
    """The most items that a query of the list read on the wire, while so many were told. Raises UntoldError."""
    read: list[int] = []
    with World(NOON) as world:
        write_all(world.dynamodb, world.ledger_table, [{"PutRequest": {"Item": each}} for each in wishes(number)])
        world.session.events.register(
            "after-call.dynamodb.Query", lambda parsed, **_: read.append(parsed["ScannedCount"])
        )
        world.happens(BACK.type, EVERYONE, **BACK.data)
        told = Counter(customer for customer, _ in world.outcomes() if customer != EVERYONE)
    if len(told) != number or max(told.values()) != 1:
        raise UntoldError(
            f"of {number} customers {len(told)} were told, one of them {max(told.values(), default=0)} times"
        )
    return max(read)


def profile(folder: Path) -> list[str]:
    """Of ten thousand being told."""
    tables = Tables(10_000)
    return account("fan-out", lambda: tell_all(tables, Content(CONTENT)), folder)
