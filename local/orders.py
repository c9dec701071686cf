"""Real orders as events: each row of an orders file, with made-up people behind it."""

import csv
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rapport.domain.event import plausible

COLUMNS = (
    "order_id",
    "customer_id",
    "status",
    "purchased_at",
    "handed_to_carrier_at",
    "delivered_at",
    "estimated_delivery_at",
)
SHOP = ZoneInfo("America/Sao_Paulo")  # the clock by which the file tells its times
NAMES = ("Ana", "Bruno", "Carla", "Davi", "Elisa", "Fabio", "Gabriela", "Heitor", "Iris", "Joana")
AREA_CODES = ("212", "305", "312", "415", "512", "617", "702", "808")
WHEREABOUTS: tuple[dict[str, str], ...] = (
    {"time_zone": "America/Sao_Paulo"},
    {"time_zone": "America/Sao_Paulo", "country": "BR"},
    {"time_zone": "America/Manaus"},
    {"time_zone": "Europe/Lisbon"},
    {"country": "BR"},
    {},
)

ID = re.compile(r"[!-~]{1,100}")
Event = dict[str, Any]


class OrdersError(ValueError):
    """The file is not one of orders; the text names line and column, and what was expected."""


def read_orders(path: Path, limit: int | None = None) -> Iterator[dict[str, str]]:
    """The rows, with their line as `line`. Raises OSError and OrdersError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            expected = f"expected the columns {', '.join(COLUMNS)}"
            raise OrdersError(f"{path.name}:1: {expected}; missing: {', '.join(missing)}")
        for row in islice(rows, limit):
            yield {**row, "line": f"{path.name}:{rows.line_num}"}


def events_of(row: dict[str, str]) -> list[Event]:
    """What happened with one order, in the order of time. Raises OrdersError."""
    for name in ("order_id", "customer_id"):
        if not ID.fullmatch(row[name] or ""):
            raise OrdersError(f"{row['line']}: {name}: expected 1 to 100 characters without spaces")
    order, customer = row["order_id"], f"c-{row['customer_id']}"
    bought = local_time(row, "purchased_at")
    if bought is None:
        raise OrdersError(f"{row['line']}: purchased_at: expected a time")
    events = [event(f"{order}-known", "customer.updated", customer, bought, person(row["customer_id"]))]
    events += words_of(customer, bought)
    data: dict[str, Any] = {"order": order, "item": f"item {order[:4]}"}
    sent, arrived, due = (local_time(row, name) for name in COLUMNS[4:])
    if sent and due:
        scheduled = {**data, "due_at": due.isoformat()}
        events.append(event(f"{order}-scheduled", "delivery.scheduled", customer, max(sent, bought), scheduled))
    if row["status"] in ("canceled", "cancelled"):
        last = max(filter(None, (bought, sent)))
        events.append(event(f"{order}-cancelled", "delivery.cancelled", customer, last + timedelta(days=1), data))
    elif arrived:
        events.append(event(f"{order}-completed", "delivery.completed", customer, arrived, data))
    return events


def event(id_: str, type_: str, customer: str, at: datetime, data: dict[str, Any]) -> Event:
    """An event as a system would put it."""
    return {"id": id_, "type": type_, "customer": customer, "at": at.isoformat(), "data": data}


def local_time(row: dict[str, str], name: str) -> datetime | None:
    """A time of the file, on the shop's clock; None where it is empty. Raises OrdersError."""
    if not row[name]:
        return None
    try:
        told = datetime.fromisoformat(row[name])
        return plausible(told if told.tzinfo else told.replace(tzinfo=SHOP))
    except ValueError:
        expected = "expected a time such as 2017-05-16T19:41:10, from the years 2000 to 2199"
        raise OrdersError(f"{row['line']}: {name}: {expected}") from None


def dice(seed: str, sides: int) -> int:
    """A number from 0 to sides-1 that the seed always makes."""
    return int.from_bytes(hashlib.blake2s(seed.encode(), digest_size=4).digest()) % sides


def person(customer: str) -> dict[str, Any]:
    """Somebody made up from the customer's id: numbers of the ranges set aside for fiction, mail at example.com."""
    number = f"+1{AREA_CODES[dice(customer + 'area', len(AREA_CODES))]}55501{dice(customer + 'number', 100):02d}"
    if dice(customer + "country", 2):
        number = f"+447700900{dice(customer + 'number', 1000):03d}"
    addresses: dict[str, str] = {"sms": number, "email": f"{customer[:12]}@example.com"}
    if (lacks := dice(customer + "lacks", 10)) < 2:
        del addresses[("sms", "email")[lacks]]
    place = WHEREABOUTS[dice(customer + "place", len(WHEREABOUTS))]
    return {"name": NAMES[dice(customer + "name", len(NAMES))], "addresses": addresses, **place}


def words_of(customer: str, at: datetime) -> list[Event]:
    """What the customer allowed: one in ten said STOP to texts before, one in twenty wants no check-ins by mail."""
    words: list[Event] = []
    if dice(customer + "stop", 10) == 0:
        words.append(event(f"{customer}-stop", "consent.withdrawn", customer, at, {"channel": "sms", "source": "STOP"}))
    if dice(customer + "quiet", 20) == 0:
        data = {"channel": "email", "purpose": "check-in", "source": "preferences"}
        words.append(event(f"{customer}-quiet", "consent.withdrawn", customer, at, data))
    return words
