"""What a message costs beyond its carrier's price: `python -m proof.bench.costs` counts it in the local world.

Every request on the wire is counted, and DynamoDB's units are computed by its rules; the prices below are Amazon's.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from local.orders import events_of, read_orders
from local.world import World
from proof.bench.figures import Figure
from proof.bench.meter import Key, Meter
from proof.bench.orders import REAL

# Dollars for each, at us-east-1's list prices as they were in November 2026, without free tiers or discounts.
PRICES: Final = {
    "write": 0.625e-6,  # a DynamoDB write request unit, on demand, standard class
    "read": 0.125e-6,  # a read request unit
    "sqs": 0.40e-6,  # a request to a standard queue
    "schedule": 1.00e-6,  # an invocation of EventBridge Scheduler
    "event": 1.00e-6,  # a custom event on an EventBridge bus
    "sns": 0.50e-6,  # a publication to a topic
    "call": 0.20e-6,  # a Lambda request
    "gb_second": 0.0000133334,  # of Lambda on arm64
    "log_byte": 0.50e-9,  # CloudWatch Logs, taken in
    "trace": 5.00e-6,  # an X-Ray trace
}
# The same units an hour at a time, in DynamoDB's provisioned mode: dollars for one of each second of the hour.
PROVISIONED: Final = {"write": 0.00065, "read": 0.00013}
USED: Final = 0.7  # of what is provisioned, at a steady load: auto scaling's own target
TRACED: Final = 0.05  # of a busy function's calls; of one that is called less than once a second, all are
AIM: Final = 8.0  # dollars a million messages
MONDAY: Final = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)  # no real clock stands at a whole second
ROWS: Final = 60
MANY: Final = 50


@dataclass(frozen=True)
class Bill:
    """What a way used up, and for how many messages; `traced` is the share of calls that X-Ray keeps."""

    counts: Mapping[Key, float]
    messages: int
    traced: float

    def dollars(self, *, step: str | None = None, thing: str | None = None, unit: str | None = None) -> float:
        """Dollars for a million messages: all, or of one step, one thing or one unit."""
        wanted = (step, thing, unit)
        total = 0.0
        for key, amount in self.counts.items():
            if all(want in (None, each) for want, each in zip(wanted, key, strict=True)):
                total += amount * PRICES[key[2]] * (self.traced if key[2] == "trace" else 1)
        return total / self.messages * 1e6

    def provisioned(self) -> float:
        """Dollars for a million messages with DynamoDB's capacity bought by the hour, for a load that is steady."""
        total = self.dollars()
        for unit, hour in PROVISIONED.items():
            total += self.used(unit) * hour / 3600 / USED * 1e6 - self.dollars(unit=unit)
        return total

    def used(self, unit: str, *, step: str | None = None, thing: str | None = None) -> float:
        """How much of a unit a message takes."""
        wanted = (step, thing, unit)
        found = (n for key, n in self.counts.items() if all(w in (None, k) for w, k in zip(wanted, key, strict=True)))
        return sum(found) / self.messages

    def names(self, place: int) -> list[str]:
        """The steps (0) or the things (1), in the order in which they first cost something."""
        return list(dict.fromkeys(key[place] for key in self.counts))


TEAPOT: Final = {"item": "teapot", "name": "blue teapot", "url": "https://fern-and-oak.example/teapot"}
PERSON: Final[dict[str, Any]] = {"name": "Ana", "time_zone": "Europe/London", "country": "GB"}


def meet(world: World, customer: str, addresses: dict[str, str]) -> None:
    """Somebody who is known and wants offers, before anything is metered."""
    world.happens("customer.updated", customer, **PERSON, addresses=addresses)
    for channel in addresses:
        world.happens("consent.given", customer, channel=channel, purpose="promotional", source="checkout")


def happen(world: World, type_: str, customer: str, data: dict[str, Any]) -> None:
    """One event of a company's system, with an end of its own, as the Events table likes it best."""
    expires = int((world.now + timedelta(days=30)).timestamp())
    event = {"id": f"{type_}-{customer}", "type": type_, "customer": customer, "at": world.now.isoformat()}
    world.put({**event, "data": data, "expires": expires})


def at_once(world: World, customers: list[str]) -> None:
    """An event, and one text or e-mail at once."""
    for customer in customers:
        happen(world, "stock.back", customer, TEAPOT)


def reminded(world: World, customers: list[str]) -> None:
    """An event, a wait of two days, and a text the evening before the delivery."""
    due_at = (world.now + timedelta(days=2)).isoformat()
    for number, customer in enumerate(customers):
        happen(world, "delivery.scheduled", customer, {"order": f"10{number:04}", "item": "lamp", "due_at": due_at})


def bill_of(way: Callable[[World, list[str]], None], *, by: str, customers: int) -> Bill:
    """One message to each of so many customers at the same moment, from their events to their receipts."""
    with World(MONDAY) as world:
        people = [f"customer-{number:06}" for number in range(customers)]
        addresses = ({"sms": f"+447700{900000 + n}", "email": f"person.{n}@example.com"} for n in range(customers))
        meter = Meter(world)
        for person, each in zip(people, addresses, strict=True):
            meet(world, person, {by: each[by]})
        meter.counts.clear()
        way(world, people)
        world.run_until_idle()
        counts = dict(meter.counts)
        sent = sum(entry.message.status == "delivered" for entry in world.entries())
    if sent != customers:
        raise ValueError(f"{sent} of {customers} messages were delivered")
    return Bill(counts, sent, TRACED if customers > 1 else 1.0)


def bill_of_orders(path: Path, rows: int) -> Bill:
    """Real orders, with all their events: who the customers are, deliveries, and check-ins."""
    events = sorted((e for row in read_orders(path, rows) for e in events_of(row)), key=lambda e: str(e["at"]))
    moments = [datetime.fromisoformat(event["at"]) for event in events]
    with World(min(moments)) as world:
        meter = Meter(world)
        for event, moment in sorted(zip(events, moments, strict=True), key=lambda pair: pair[1]):
            world.run_until(moment)
            world.put(event)
        world.run_until_idle()
        counts = dict(meter.counts)
        sent = sum(entry.message.sent_at is not None for entry in world.entries())
    return Bill(counts, sent, 1.0)


def bills() -> dict[str, Bill]:
    """The ways of a message, by name."""
    found = {
        f"a text at once, {MANY} together": bill_of(at_once, by="sms", customers=MANY),
        f"a reminder by text, {MANY} together": bill_of(reminded, by="sms", customers=MANY),
        f"an e-mail at once, {MANY} together": bill_of(at_once, by="email", customers=MANY),
        "a text at once, alone": bill_of(at_once, by="sms", customers=1),
        "a reminder by text, alone": bill_of(reminded, by="sms", customers=1),
        "an e-mail at once, alone": bill_of(at_once, by="email", customers=1),
    }
    if REAL.exists():
        found[f"{ROWS} real orders"] = bill_of_orders(REAL, ROWS)
    return found


def measure() -> list[Figure]:
    """Dollars for a million messages of each way, and the write units that most of it is."""
    figures = []
    for name, bill in bills().items():
        figures.append(Figure(name, "dollars a million", (bill.dollars(),), aim=AIM))
        figures.append(Figure(f"{name}, at a steady load", "dollars a million", (bill.provisioned(),)))
        figures.append(Figure(f"{name}: writes", "request units a message", (bill.used("write"),)))
    return figures


def table_of(name: str, bill: Bill) -> list[str]:
    """One way's costs in lines: by step, and by what is written and read."""
    heads = ("WRU", "RRU", "SQS", "calls", "log bytes", "$/million")
    units = ("write", "read", "sqs", "call", "log_byte")
    lines = [f"{name} ({bill.messages} messages)", f"  {'':22}" + "".join(f"{head:>11}" for head in heads)]
    for place, label in ((0, "step"), (1, "thing")):
        for each in bill.names(place):
            row = [bill.used(unit, **{label: each}) for unit in units]
            cost = bill.dollars(**{label: each})
            lines.append(f"  {each:22}" + "".join(f"{number:11.2f}" for number in (*row, cost)))
        lines.append("")
    row = [bill.used(unit) for unit in units]
    lines[-1] = f"  {'all':22}" + "".join(f"{number:11.2f}" for number in (*row, bill.dollars()))
    return [*lines, f"  {'at a steady load, with provisioned capacity':88}{bill.provisioned():11.2f}"]


def main() -> None:
    """Prints every way's table."""
    for name, bill in bills().items():
        sys.stdout.write("\n".join([*table_of(name, bill), "", ""]))
    sys.stdout.write(f"the aim: under {AIM:.2f} dollars a million messages, beyond the carrier's price\n")


if __name__ == "__main__":
    main()
