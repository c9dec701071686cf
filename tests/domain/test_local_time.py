"""The customer's own clock: never outside the hours that the company keeps, whatever the clocks do that night."""

from bisect import bisect
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rapport.domain.local_time import GUARD, SendWindow, TimeZone, is_open, local_instant, next_opening

DAYTIME = SendWindow(opens=time(8), closes=time(21))
EVENING = SendWindow(opens=time(20), closes=time(2))
UNTIL_HALF_PAST_TWO = SendWindow(opens=time(20), closes=time(2, 30))
FROM_HALF_PAST_TWO = SendWindow(opens=time(2, 30), closes=time(6))
SECOND = timedelta(seconds=1)
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
AUSTRALIA = ("Australia/Sydney", "Australia/Adelaide", "Australia/Darwin", "Australia/Perth", "Australia/Lord_Howe")
UNITED_STATES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")
WITH_HAWAII = (*UNITED_STATES, "America/Anchorage", "America/Adak", "Pacific/Honolulu")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def within(window: SendWindow, at: datetime, zone: str) -> bool:
    """Whether a clock on the customer's wall shows an hour within the window."""
    shown = wall(at, zone).time()
    if window.opens < window.closes:
        return window.opens <= shown < window.closes
    return shown >= window.opens or shown < window.closes


def is_new(at: datetime, there: ZoneInfo, old: timedelta | None) -> bool:
    return at.astimezone(there).utcoffset() != old


@cache
def switches(zone: str) -> list[datetime]:
    """The instants at which the zone's offset changes in 2026 and 2027; no zone changes it twice within a week."""
    there, found = ZoneInfo(zone), []
    weeks = [utc("2026-01-01") + timedelta(weeks=week) for week in range(105)]
    for week, following in pairwise(weeks):
        old = week.astimezone(there).utcoffset()
        if is_new(following, there, old):
            minutes = timedelta(minutes=1)
            after = bisect(range(7 * 1440), False, key=lambda step: is_new(week + step * minutes, there, old))
            found.append(week + after * minutes)
    return found


@st.composite
def windows(draw: st.DrawFn) -> SendWindow:
    opens, length = draw(st.integers(0, 1439)), draw(st.integers(11, 1439))
    closes = (opens + length) % 1440
    return SendWindow(opens=time(opens // 60, opens % 60), closes=time(closes // 60, closes % 60))


@st.composite
def instants(draw: st.DrawFn, zones: tuple[str, ...]) -> datetime:
    """Any instant of the two years, half of them within a day and a half of a change of the clocks."""
    nearby = [switch for zone in zones for switch in switches(zone)]
    near: bool = draw(st.booleans())
    if nearby and near:
        away = draw(st.integers(-36 * 3600, 36 * 3600))
        return nearby[draw(st.integers(0, len(nearby) - 1))] + timedelta(seconds=away)
    return utc("2026-01-01") + timedelta(microseconds=draw(st.integers(0, 730 * 86_400_000_000)))


def some_zones() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(ZONES), min_size=1, max_size=3).map(tuple)


def test_a_wall_clock_time_is_an_instant_in_its_zone() -> None:
    assert local_instant(date(2026, 11, 29), time(17), "Europe/Paris") == utc("2026-11-29T16:00")
    assert local_instant(date(2026, 11, 29), time(17), "Pacific/Honolulu") == utc("2026-11-30T03:00")


@pytest.mark.parametrize(
    ("day", "at", "zone", "instant"),
    [
        (date(2026, 3, 29), time(2, 30), "Europe/Paris", "2026-03-29T01:00"),
        (date(2026, 3, 8), time(2, 0), "America/New_York", "2026-03-08T07:00"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:30"),
        (date(2026, 4, 24), time(0, 0), "Africa/Cairo", "2026-04-23T22:00"),
        (date(2011, 12, 30), time(12), "Pacific/Apia", "2011-12-30T10:00"),  # a day that Samoa left out
    ],
)
def test_a_time_that_the_clocks_skip_is_the_first_instant_after_the_gap(
    day: date, at: time, zone: str, instant: str
) -> None:
    assert local_instant(day, at, zone) == utc(instant)


@pytest.mark.parametrize(
    ("day", "at", "zone", "instant"),
    [
        (date(2026, 10, 25), time(2, 30), "Europe/Paris", "2026-10-25T00:30"),
        (date(2026, 10, 25), time(2, 30, fold=1), "Europe/Paris", "2026-10-25T00:30"),
        (date(2026, 11, 1), time(1, 0), "America/New_York", "2026-11-01T05:00"),
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-04T14:45"),
    ],
)
def test_a_time_that_the_clocks_show_twice_is_the_first_of_the_two(
    day: date, at: time, zone: str, instant: str
) -> None:
    assert local_instant(day, at, zone) == utc(instant)


@given(st.data())
def test_the_clock_shows_the_time_for_the_first_time_or_has_just_skipped_it(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    day = wall(data.draw(instants((zone,))), zone).date()
    at = data.draw(st.times())
    asked, instant = datetime.combine(day, at).replace(fold=0), local_instant(day, at, zone)
    if wall(instant, zone) == asked:
        assert all(wall(instant - timedelta(minutes=minutes), zone) != asked for minutes in (20, 30, 60, 120))
    else:
        assert wall(instant - timedelta(microseconds=1), zone) < asked < wall(instant, zone)


def test_a_window_is_shorter_by_five_minutes_at_both_ends() -> None:
    paris = ("Europe/Paris",)
    assert not is_open(DAYTIME, paris, utc("2026-07-01T06:04:59"))
    assert is_open(DAYTIME, paris, utc("2026-07-01T06:05"))
    assert is_open(DAYTIME, paris, utc("2026-07-01T18:54:59"))
    assert not is_open(DAYTIME, paris, utc("2026-07-01T18:55"))


def test_in_every_zone_on_every_day_that_the_clocks_change_the_window_is_open_exactly_when_no_skew_leaves_it() -> None:
    near = [edge + step * SECOND for edge in (-GUARD, timedelta(0), GUARD) for step in (-1, 0, 1)]
    checked = 0
    for zone in ZONES:
        changes = [wall(switch, zone).date() for switch in switches(zone)]
        for day in changes or [date(2026, 7, 1)]:
            for edge in (DAYTIME.opens, DAYTIME.closes):
                for at in (local_instant(day, edge, zone) + step for step in near):
                    inside = all(within(DAYTIME, at + skew, zone) for skew in (-GUARD, timedelta(0), GUARD))
                    assert is_open(DAYTIME, (zone,), at) is inside, (zone, at)
                    checked += 1
    assert checked > 20_000


@given(st.data())
def test_it_is_never_open_while_a_clock_in_any_zone_shows_another_hour(data: st.DataObject) -> None:
    zones, window = data.draw(some_zones()), data.draw(windows())
    at = data.draw(instants(zones))
    if is_open(window, zones, at):
        assert all(within(window, at + skew, zone) for zone in zones for skew in (-GUARD, timedelta(0), GUARD))


@given(st.data())
def test_away_from_a_change_of_the_clocks_it_is_open_whenever_every_clock_agrees(data: st.DataObject) -> None:
    zones, window = data.draw(some_zones()), data.draw(windows())
    at = data.draw(instants(zones))
    calm = all(abs(at - switch) > timedelta(days=1) for zone in zones for switch in switches(zone))
    minutes = [at + timedelta(minutes=minute) for minute in range(-5, 6)]
    if calm and all(within(window, minute, zone) for zone in zones for minute in minutes):
        assert is_open(window, zones, at)


def test_a_window_over_midnight_is_open_on_both_sides_of_it() -> None:
    paris = ("Europe/Paris",)
    for at in ("2026-07-01T18:05", "2026-07-01T22:00", "2026-07-01T23:54:59"):
        assert is_open(EVENING, paris, utc(at))
    for at in ("2026-07-01T18:04:59", "2026-07-01T23:55", "2026-07-01T12:00"):
        assert not is_open(EVENING, paris, utc(at))
    assert next_opening(EVENING, paris, utc("2026-07-01T23:55")) == utc("2026-07-02T18:05")


def test_a_window_that_ends_at_midnight_ends_with_the_day() -> None:
    until_midnight = SendWindow(opens=time(8), closes=time(0))
    assert is_open(until_midnight, ("Asia/Tokyo",), utc("2026-07-01T14:54:59"))
    assert not is_open(until_midnight, ("Asia/Tokyo",), utc("2026-07-01T14:55"))


def test_a_window_that_opens_or_closes_in_the_gap_does_so_at_its_end() -> None:
    paris = ("Europe/Paris",)
    assert is_open(UNTIL_HALF_PAST_TWO, paris, utc("2026-03-29T00:54:59"))
    assert not is_open(UNTIL_HALF_PAST_TWO, paris, utc("2026-03-29T00:55"))
    assert next_opening(FROM_HALF_PAST_TWO, paris, utc("2026-03-29T00:00")) == utc("2026-03-29T01:05")


def test_a_window_that_opens_or_closes_in_the_repeated_hour_keeps_out_of_the_doubtful_part() -> None:
    paris = ("Europe/Paris",)
    assert is_open(UNTIL_HALF_PAST_TWO, paris, utc("2026-10-25T00:24:59"))
    assert not is_open(UNTIL_HALF_PAST_TWO, paris, utc("2026-10-25T00:25"))
    assert not is_open(UNTIL_HALF_PAST_TWO, paris, utc("2026-10-25T01:10"))
    assert next_opening(FROM_HALF_PAST_TWO, paris, utc("2026-10-25T00:00")) == utc("2026-10-25T01:35")


def test_a_window_that_the_clocks_skip_entirely_opens_a_day_later() -> None:
    skipped = SendWindow(opens=time(2), closes=time(3))
    assert next_opening(skipped, ("Europe/Paris",), utc("2026-03-28T12:00")) == utc("2026-03-30T00:05")


def test_somebody_who_may_be_in_hawaii_is_not_woken_by_new_yorks_morning() -> None:
    nine_in_new_york = utc("2026-07-01T13:00")
    assert is_open(DAYTIME, ("America/New_York",), nine_in_new_york)
    assert not is_open(DAYTIME, WITH_HAWAII, nine_in_new_york)
    assert next_opening(DAYTIME, WITH_HAWAII, nine_in_new_york) == utc("2026-07-01T18:05")
    assert not is_open(DAYTIME, WITH_HAWAII, utc("2026-07-02T00:55"))


def test_somebody_anywhere_in_australia_hears_from_us_when_perth_is_up_and_lord_howe_not_yet_asleep() -> None:
    seven_in_sydney = utc("2026-01-14T20:00")
    assert next_opening(DAYTIME, AUSTRALIA, seven_in_sydney) == utc("2026-01-15T00:05")
    assert is_open(DAYTIME, AUSTRALIA, utc("2026-01-15T09:54:59"))
    assert not is_open(DAYTIME, AUSTRALIA, utc("2026-01-15T09:55"))


def test_a_window_that_is_open_opens_now() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    assert next_opening(DAYTIME, ("Europe/Paris",), noon) is noon


def test_zones_that_share_no_such_hour_have_no_opening() -> None:
    morning = SendWindow(opens=time(9), closes=time(12))
    assert next_opening(morning, ("Europe/Paris", "Asia/Tokyo"), utc("2026-07-01T00:00")) is None


def test_an_opening_is_looked_for_eight_days_ahead_and_no_further() -> None:
    breakfast, arizona = SendWindow(opens=time(9), closes=time(9, 30)), ("America/Denver", "America/Phoenix")
    clocks_agree_from = utc("2026-11-01T16:05")
    assert next_opening(breakfast, arizona, clocks_agree_from - timedelta(days=8)) == clocks_agree_from
    assert next_opening(breakfast, arizona, clocks_agree_from - timedelta(days=8) - SECOND) is None


def test_nobodys_clock_is_never_open() -> None:
    assert not is_open(DAYTIME, (), utc("2026-07-01T12:00"))
    assert next_opening(DAYTIME, (), utc("2026-07-01T12:00")) is None


@given(st.data())
def test_the_next_opening_is_open_and_nothing_before_it_was(data: st.DataObject) -> None:
    zones, window = data.draw(some_zones()), data.draw(windows())
    after = data.draw(instants(zones))
    opening = next_opening(window, zones, after)
    last = opening or after + timedelta(days=8)
    wait = int((last - after) / timedelta(microseconds=1))
    if opening:
        assert opening >= after
        assert is_open(window, zones, opening)
        assert opening - SECOND < after or not is_open(window, zones, opening - SECOND)
    if wait:
        between = data.draw(st.lists(st.integers(0, wait - 1), max_size=30))
        assert not any(is_open(window, zones, after + timedelta(microseconds=step)) for step in between)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 7, 1, 12)
    for ask in (is_open, next_opening):
        with pytest.raises(ValueError, match="expected a datetime with a time zone"):
            ask(DAYTIME, ("Europe/Paris",), naive)


@pytest.mark.parametrize("closes", ["08:00", "08:10", "08:05"])
def test_a_window_with_nothing_left_between_its_guards_is_refused(closes: str) -> None:
    with pytest.raises(ValidationError, match=f"more than 10 minutes after opens.*found 08:00 and {closes}"):
        SendWindow.model_validate({"opens": "08:00", "closes": closes})


@pytest.mark.parametrize("closes", [1260, "1260", "21", 21.5, None])
def test_a_time_that_yaml_read_as_a_number_is_refused_rather_than_taken_for_another_hour(closes: object) -> None:
    with pytest.raises(ValidationError, match="expected a wall-clock time in quotes, such as '08:00'"):
        SendWindow.model_validate({"opens": "08:00", "closes": closes})


def test_a_window_has_no_offset_of_its_own() -> None:
    with pytest.raises(ValidationError, match="without an offset"):
        SendWindow.model_validate({"opens": "08:00+02:00", "closes": "21:00+02:00"})


def test_a_window_reads_back_what_it_writes() -> None:
    assert SendWindow.model_validate_json(EVENING.model_dump_json()) == EVENING


def test_every_zone_of_the_tz_database_is_a_time_zone() -> None:
    names = TypeAdapter(list[TimeZone])
    assert names.validate_python(ZONES) == ZONES


NOT_ZONES = ["", "America", "Europe/", "../x", "/etc/localtime", "Europe//Paris", "Europe/Paris ", "Paris", "+01:00"]
NOT_TEXT = ["a\0b", "\ud800", "x" * 5000]
NOT_IANA = ["zone.tab", "tzdata.zi", "right/Europe/Paris", "posix/UTC", "localtime"]


@pytest.mark.parametrize("name", [*NOT_ZONES, *NOT_TEXT, *NOT_IANA])
def test_what_is_no_time_zone_is_refused_with_an_example_of_one(name: str) -> None:
    with pytest.raises(ValidationError, match=r"expected an IANA name such as Europe/Paris|valid string"):
        TypeAdapter(TimeZone).validate_python(name)
