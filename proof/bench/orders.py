"""Real orders when they are there, else the shop's twenty over and over; and what playing them asks of the rules."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import local.rehearsal
from local.orders import Event, events_of, read_orders
from local.rehearsal import Rehearsal
from local.template import ROOT
from rapport.adapters.content import Content
from rapport.domain import advance

REAL: Final = Path(os.environ.get("RAPPORT_ORDERS", ROOT.parent / "shared" / "data" / "orders.csv"))
SHIPPED: Final = ROOT / "events" / "orders.csv"
CONTENT: Final = ROOT / "layers" / "content"
Asked = list[tuple[Any, ...]]


def the_orders(number: int) -> list[dict[str, str]]:
    """So many rows; the shop's come again as those of other customers."""
    return list(islice(read_orders(REAL) if REAL.exists() else over_and_over(), number))


def over_and_over() -> Iterator[dict[str, str]]:
    """The shop's orders for ever, each time those of other people."""
    rows, turn = list(read_orders(SHIPPED)), 0
    while True:
        yield from (
            {**row, "order_id": f"{row['order_id']}-{turn}", "customer_id": f"{row['customer_id']}-{turn}"}
            for row in rows
        )
        turn += 1


def events_in_order(number: int) -> list[Event]:
    """What happened with so many orders, in the order of time."""
    events = [event for row in the_orders(number) for event in events_of(row)]
    return sorted(events, key=lambda event: datetime.fromisoformat(event["at"]))


def asked_while_playing(number: int) -> tuple[Asked, Asked]:
    """With what `decide` and `plan_event` are called while so many orders are played by the rules."""
    decisions: Asked = []
    plans: Asked = []
    rehearsal = Rehearsal(Content(CONTENT))
    with (
        remembered(advance, "decide", decisions),
        remembered(local.rehearsal, "decide", decisions),
        remembered(local.rehearsal, "plan_event", plans),
    ):
        rehearsal.play(events_in_order(number))
    return decisions, plans


@contextmanager
def remembered(module: Any, name: str, asked: Asked) -> Iterator[None]:
    """Notes with what the module's function is called, and calls it."""
    function: Callable[..., Any] = getattr(module, name)

    def note(*given: Any) -> Any:
        asked.append(given)
        return function(*given)

    with patch.object(module, name, note):
        yield
