"""Nobody is spoken to at night in any zone of the tz database, on any day of it, whatever our clock is off by."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from local.template import ROOT
from rapport.adapters.content import Content
from rapport.domain import decision, local_time
from rapport.domain.decision import Request, decide
from rapport.domain.words import Channel, Purpose
from tests.attackers.conftest import Many
from tests.domain.builders import DAY, NOON, ada

POLICY = Content(ROOT / "layers" / "content").policy
OPENS, CLOSES = POLICY.send_window.opens, POLICY.send_window.closes
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SKEWS = tuple(minutes * MINUTE for minutes in (-5, 0, 5))
# Around where the window may open and close: the guard is five minutes, a change of the clocks half an hour or one.
FEW = (-SECOND, 5 * MINUTE - SECOND, 5 * MINUTE, -5 * MINUTE - SECOND, -5 * MINUTE)
ALL = (
    *FEW,
    0 * SECOND,
    SECOND,
    *(sign * minutes * MINUTE for minutes in (4, 6, 25, 30, 35, 55, 60, 65) for sign in (-1, 1)),
)
ZONES = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
REQUEST = Request(message="m", purpose=Purpose.SERVICE, route=(Channel.SMS,), expires_at=NOON)
ORDINARY = (date(2026, 1, 14), date(2026, 7, 15))


@cache
def switch_days(zone: str) -> tuple[date, ...]:
    """The days of 2026 and 2027 on which the zone's clock isn't as far from UTC as on the day before."""
    there, noon = ZoneInfo(zone), datetime(2026, 1, 1, 12, tzinfo=UTC)
    offsets = [(noon + timedelta(days=day)).astimezone(there).utcoffset() for day in range(730)]
    changes = [day for day in range(1, 730) if offsets[day] != offsets[day - 1]]
    return tuple((noon + timedelta(days=day)).date() for day in changes)


def instants(zone: str, near: Sequence[timedelta]) -> Iterator[datetime]:
    """Moments near both edges, as each of the two readings of the wall clock has them."""
    there = ZoneInfo(zone)
    for day in (*switch_days(zone), *ORDINARY):
        for edge in (OPENS, CLOSES):
            readings = {datetime.combine(day, edge.replace(fold=fold), tzinfo=there).astimezone(UTC) for fold in (0, 1)}
            yield from (reading + span for reading in readings for span in near)


def wall(at: datetime, zone: str) -> time:
    """What a clock on the customer's wall shows."""
    return at.astimezone(ZoneInfo(zone)).time()


def awake(at: datetime, zone: str) -> bool:
    """Whether every clock that is off by five minutes at most shows an hour in which we may speak."""
    return all(OPENS <= wall(at + skew, zone) < CLOSES for skew in SKEWS)


def said_at_night(names: Sequence[str], near: Sequence[timedelta] = FEW) -> list[tuple[str, datetime]]:
    """Where and when a message is sent, or held until, while a clock there shows another hour."""
    found = []
    for zone in names:
        customer = ada(zones=(zone,))
        for at in instants(zone, near):
            said = decide(REQUEST.model_copy(update={"expires_at": at + 2 * DAY}), customer, {}, POLICY, at)
            spoken = at if said.outcome == "send" else said.until
            assert spoken is not None, (zone, at)
            found += [] if awake(spoken, zone) else [(zone, spoken)]
    return found


def test_no_message_is_sent_or_held_until_an_hour_at_which_somebody_sleeps(many: Many) -> None:
    assert len(ZONES) > 590
    assert sum(bool(switch_days(zone)) for zone in ZONES) > 150
    assert said_at_night(ZONES, (FEW, ALL)[many(0, 1)]) == []


def test_somebody_who_may_be_in_several_zones_sleeps_in_none_of_them(many: Many) -> None:
    for one, other in zip(ZONES[:: many(12, 1)], ZONES[40 :: many(12, 1)], strict=False):
        customer = ada(zones=(one, other))
        for at in (*instants(one, FEW[:2]), *instants(other, FEW[:2])):
            said = decide(REQUEST.model_copy(update={"expires_at": at + 2 * DAY}), customer, {}, POLICY, at)
            if said.outcome == "send":
                assert awake(at, one)
                assert awake(at, other)


def by_the_hour_in(offset_on: Callable[[datetime], datetime], guard: timedelta) -> Callable[..., bool]:
    """A window that goes by the zone's offset at some other moment, or by a guard of its own."""

    def is_open(window: local_time.SendWindow, names: Sequence[str], at: datetime) -> bool:
        shown = [at + (offset_on(at).astimezone(ZoneInfo(name)).utcoffset() or 0 * DAY) for name in names]
        return all(window.opens <= (each - guard).time() and (each + guard).time() < window.closes for each in shown)

    return is_open


@pytest.mark.parametrize(
    "mistaken",
    [
        by_the_hour_in(lambda at: at, 0 * MINUTE),
        by_the_hour_in(lambda at: at, 4 * MINUTE),
        by_the_hour_in(lambda at: at - DAY, 5 * MINUTE),
        by_the_hour_in(lambda at: at.replace(month=1, day=14), 5 * MINUTE),
        lambda *_: True,
    ],
    ids=["no guard", "a guard of four minutes", "yesterday's offset", "winter's offset", "any hour"],
)
def test_a_window_that_is_mistaken_is_found_out(monkeypatch: pytest.MonkeyPatch, mistaken: Callable[..., bool]) -> None:
    some = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu")
    assert said_at_night(some) == []
    monkeypatch.setattr(decision, "is_open", mistaken)
    assert said_at_night(some) != []
