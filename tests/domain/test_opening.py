"""When people are in: what customers are promised holds on every day, also when the clocks change."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from rapport.domain.opening import DAYS, Opening
from tests.domain.builders import NIGHT, NOON, modest, utc

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"]
MINUTE = timedelta(minutes=1)
# Around the days on which clocks change, in the north and in the south.
CHANGES = [utc(day) for day in ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01")]
instants = st.builds(lambda day, minutes: day + minutes * MINUTE, st.sampled_from(CHANGES), st.integers(-3000, 6000))
times = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
hours = st.tuples(times, times).filter(lambda pair: pair[0] < pair[1])
openings = st.builds(
    lambda zone, week: Opening(time_zone=zone, hours=week),
    st.sampled_from(ZONES),
    st.dictionaries(st.sampled_from(DAYS), hours, min_size=1),
)
SHOP = Opening.model_validate(
    {"time_zone": "Europe/London", "hours": dict.fromkeys(DAYS[:5], "09:00-17:30") | {"saturday": "10:00-16:00"}}
)


def test_people_are_in_from_nine_until_half_past_five_by_their_own_clock() -> None:
    assert SHOP.closes(NOON) == utc("2026-11-24T17:30")
    assert SHOP.closes(NIGHT) is None
    assert SHOP.opens(NOON) == NOON
    assert SHOP.opens(NIGHT) == utc("2026-11-25T09:00")
    assert SHOP.opens(utc("2026-07-06T07:00")) == utc("2026-07-06T08:00")  # summer time


def test_a_text_of_saturday_night_is_promised_monday_and_closing_time_is_closed() -> None:
    assert SHOP.closes(utc("2026-11-28T16:00")) is None
    assert SHOP.opens(utc("2026-11-28T16:00")) == utc("2026-11-30T09:00")


def test_an_hour_that_begins_before_closing_ends_after_the_next_opening() -> None:
    hour = timedelta(hours=1)
    assert SHOP.after(NOON, hour) == NOON + hour
    assert SHOP.after(utc("2026-11-27T17:00"), hour) == utc("2026-11-28T10:30")
    assert SHOP.after(NIGHT, timedelta(minutes=15)) == utc("2026-11-25T09:15")
    assert SHOP.after(NOON, timedelta(hours=17)) == utc("2026-11-26T11:00")


@pytest.mark.parametrize(
    "given", [{}, {"someday": "09:00-17:00"}, {"monday": "17:00-09:00"}, {"monday": "9-17"}, {"monday": "09:00-09:00"}]
)
def test_hours_that_nobody_could_keep_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="expected"):
        Opening.model_validate({"time_zone": "Europe/London", "hours": given})


def test_hours_that_the_clock_leaves_out_are_no_opening() -> None:
    sundays = Opening.model_validate({"time_zone": "Europe/London", "hours": {"sunday": "01:00-02:00"}})
    assert sundays.opens(utc("2026-03-28T12:00")) == utc("2026-04-05T00:00")
    assert sundays.after(utc("2026-03-28T12:00"), MINUTE) == utc("2026-04-05T00:01")


@modest
@given(openings, instants)
def test_the_next_opening_is_never_in_the_past_and_is_open(opening: Opening, now: datetime) -> None:
    opens = opening.opens(now)
    assert opens >= now
    assert (opens == now) == (opening.closes(now) is not None)
    closes = opening.closes(opens)
    assert closes
    assert closes > opens
    assert opening.closes(closes) is None or opening.closes(closes) != closes


@modest
@given(openings, instants, st.integers(1, 60 * 30))
def test_only_the_time_that_people_are_in_counts(opening: Opening, now: datetime, minutes: int) -> None:
    span = minutes * MINUTE
    then = opening.after(now, span)
    assume(then - now < timedelta(days=10))
    counted = sum(opening.closes(now + at * MINUTE) is not None for at in range(int((then - now) / MINUTE)))
    assert counted == minutes
    assert opening.closes(then - MINUTE)


@modest
@given(openings, instants, st.integers(1, 500), st.integers(1, 500))
def test_two_spans_one_after_the_other_are_as_long_as_both(opening: Opening, now: datetime, one: int, two: int) -> None:
    first = opening.after(now, one * MINUTE)
    assert opening.after(first, two * MINUTE) == opening.after(now, (one + two) * MINUTE)
