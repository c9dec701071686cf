"""Real orders, with made-up people behind them: what must never happen is counted, and doesn't."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from local.audit import Audit, audit
from local.commands import at, play, rehearse
from local.orders import Event, events_of, read_orders
from local.template import ROOT
from rapport.adapters.content import Content
from rapport.domain.message import Message, Status
from rapport.domain.words import Reason

ORDERS = Path(os.environ.get("RAPPORT_ORDERS", ROOT.parent / "shared" / "data" / "orders.csv"))
pytestmark = pytest.mark.skipif(not ORDERS.exists(), reason="needs a file of orders; RAPPORT_ORDERS says where")
CONTENT = Content(ROOT / "layers" / "content")
WORKERS = 4


def orders(part: int, parts: int, limit: int | None = None) -> list[Event]:
    """The events of one part of the file's orders, in the order of time."""
    rows = list(read_orders(ORDERS, limit))[part::parts]
    assert rows
    return sorted((event for row in rows for event in events_of(row)), key=at)


def judge(
    events: list[Event], messages: list[Message], zones: dict[str, tuple[str, ...]], known: set[tuple[str, str]]
) -> Audit:
    """What must be zero; and that there was something to judge."""
    reasons = Counter(message.reason for message in messages)
    sent = sum(message.status in (Status.SENT, Status.DELIVERED) for message in messages)
    assert sent > len(events) / 4
    assert reasons[Reason.NO_CONSENT] + reasons[Reason.QUIET_HOURS] > 0
    return audit(events, messages, zones, CONTENT.journeys, known)


@pytest.mark.parametrize("part", range(WORKERS))
def test_of_all_orders_none_is_told_of_at_night_unasked_twice_or_too_late(part: int) -> None:
    events = orders(part, WORKERS)
    assert judge(events, *rehearse(events, CONTENT)) == Audit()


@pytest.mark.parametrize("part", range(WORKERS))
def test_of_three_hundred_orders_in_the_whole_world_neither(part: int) -> None:
    events = orders(part, WORKERS, limit=300)
    messages, zones, known = play(events, seed=part)
    assert judge(events, messages, zones, known) == Audit()
    assert all(message.status not in (Status.QUEUED, Status.SENDING) for message in messages)
    longest = max(message.sent_at - message.created_at for message in messages if message.sent_at)
    assert longest < timedelta(minutes=1)
