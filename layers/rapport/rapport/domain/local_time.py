"""The customer's own clock: the instant of a wall-clock time, and the hours in which we may speak."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

GUARD: Final = timedelta(minutes=5)  # how far our clock, or the carrier's delivery, may be off
HORIZON: Final = timedelta(days=8)
DAY: Final = timedelta(days=1)

# What some machines keep beside the IANA names: copies that count leap seconds, and the machine's own zone.
NOT_IANA: Final = frozenset({"right", "posix", "posixrules", "localtime"})

# ZoneInfo holds on to its last eight zones only: the 29 of the United States would be read from files again and again.
zone_info: Final = cache(ZoneInfo)


def known_zone(name: str) -> str:
    """The name, if it is an IANA time zone's. Raises ValueError."""
    try:
        zone_info(name)
    except (ValueError, KeyError, OSError):  # malformed, not found, or a directory or other file of the database
        known = False
    else:
        known = name.split("/", maxsplit=1)[0] not in NOT_IANA
    if not known:
        raise ValueError("expected an IANA name such as Europe/Paris")
    return name


TimeZone = Annotated[str, AfterValidator(known_zone)]


def quoted(value: object) -> object:
    """Raises ValueError for a number: YAML reads 21:00 without quotes as 1260, which pydantic takes for 00:21."""
    if not isinstance(value, str | time) or (isinstance(value, str) and ":" not in value):
        raise ValueError("expected a wall-clock time in quotes, such as '08:00'")
    return value


def without_offset(at: time) -> time:
    """Raises ValueError for a time of one fixed offset: the wall clock is the customer's."""
    if at.tzinfo:
        raise ValueError("expected a wall-clock time without an offset, such as '08:00'")
    return at


WallClock = Annotated[time, BeforeValidator(quoted), AfterValidator(without_offset)]


class SendWindow(BaseModel):
    """The hours of the customer's wall clock in which we may speak; closing before it opens, it crosses midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opens: WallClock
    closes: WallClock

    @model_validator(mode="after")
    def long_enough(self) -> "SendWindow":
        """Raises ValueError when the guard leaves nothing of it; so also when it closes as it opens."""
        length = (datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)) % DAY
        if length <= 2 * GUARD:
            raise ValueError(
                f"expected closes to come more than {2 * GUARD // timedelta(minutes=1)} minutes after opens, such as"
                f" '08:00' and '21:00', found {self.opens:%H:%M} and {self.closes:%H:%M}"
            )
        return self


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant at which a wall clock in the IANA zone shows `at` on `day`.

    Where the clocks are put forward over it, the first instant after the gap; where they are put back over it, the
    first of the two.
    """
    return instants(day, at, zone)[0]


def instants(day: date, at: time, zone: str) -> tuple[datetime, datetime]:
    """The first and the last UTC instant at which the zone's clock shows this; in a gap, twice the end of the gap."""
    wall = datetime.combine(day, at, tzinfo=zone_info(zone))
    first, last = wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first > last:  # PEP 495: in a gap, fold=0 reckons with the offset from before it, fold=1 with the one from after
        first = last = end_of_gap(last, first, zone)
    return first, last


def end_of_gap(before: datetime, after: datetime, zone: str) -> datetime:
    """The instant of the one change of offset between the two, which the tz database states in whole seconds."""
    there, start = zone_info(zone), before.replace(microsecond=0)
    old = start.astimezone(there).utcoffset()
    seconds = range(int((after - start).total_seconds()))
    steps = bisect_left(
        seconds, True, key=lambda step: (start + timedelta(seconds=step)).astimezone(there).utcoffset() != old
    )
    return start + timedelta(seconds=steps)


def is_open(window: SendWindow, zones: Sequence[str], at: datetime) -> bool:
    """Whether it is within the window, less the guard, in every one of the IANA zones; without a zone, never.

    Raises ValueError for a naive `at`.
    """
    require_aware(at)
    return bool(zones) and all(opening_in(window, zone, at) == at for zone in zones)


def next_opening(window: SendWindow, zones: Sequence[str], after: datetime) -> datetime | None:
    """`after` itself when the window is open in every zone, else the first instant, in UTC, at which it is.

    None when that takes longer than 8 days: the zones share no such hour. Raises ValueError for a naive `after`.
    """
    require_aware(after)
    opening, candidate = None, after
    while zones and candidate != opening:
        if candidate - after > HORIZON:
            return None
        # No zone is open before its own next opening, so none of the time up to the latest of them is lost.
        opening, candidate = candidate, max(opening_in(window, zone, candidate) for zone in zones)
    return opening


def require_aware(at: datetime) -> None:
    """Raises ValueError for a datetime without an offset."""
    if at.tzinfo is None:
        raise ValueError("expected a datetime with a time zone")


def opening_in(window: SendWindow, zone: str, at: datetime) -> datetime:
    """`at` itself when the window is open in this zone, else a later instant, before which it doesn't open there.

    That is when it next opens, but for a window that a change of the clocks leaves nothing of: there the wait goes on.
    """
    opens, closes = window.opens, window.closes
    day = at.astimezone(zone_info(zone)).date()
    if closes < opens:
        day -= DAY
    while True:
        start, end = span(opens, closes, zone, day)
        if at < end:
            return max(at, start)
        day += DAY


@lru_cache(maxsize=4096)
def span(opens: time, closes: time, zone: str, day: date) -> tuple[datetime, datetime]:
    """From when to when the window that opens on this local day is open, in UTC, less the guard.

    It opens at the last and closes at the first of two equal wall-clock times, so no clock there shows a time outside.
    """
    _, start = instants(day, opens, zone)
    end, _ = instants(day + DAY if closes < opens else day, closes, zone)
    return start + GUARD, end - GUARD
