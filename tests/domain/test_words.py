"""Spans of time as the company writes them in its files, and as they are read back to it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rapport.domain.words import Span, spell_span
from tests.domain.builders import modest

SPAN: TypeAdapter[timedelta] = TypeAdapter(Span)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90 minutes", timedelta(minutes=90)),
        ("1 hour", timedelta(hours=1)),
        ("3 days", timedelta(days=3)),
        ("1 week", timedelta(days=7)),
    ],
)
def test_a_span_is_written_in_one_unit(written: str, meant: timedelta) -> None:
    assert SPAN.validate_python(written) == meant


@pytest.mark.parametrize("written", ["", "3", "three days", "3days", "1 day 2 hours", "-1 days", "1 month", "P3D"])
def test_any_other_text_is_refused_with_examples(written: str) -> None:
    with pytest.raises(ValidationError, match="expected a span of time such as '90 minutes', '3 days' or '1 week'"):
        SPAN.validate_python(written)


@pytest.mark.parametrize(
    ("span", "spelt"),
    [
        (timedelta(minutes=60), "1 hour"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(days=6), "6 days"),
        (timedelta(days=14), "2 weeks"),
        (timedelta(minutes=61), "61 minutes"),
    ],
)
def test_a_span_is_spelt_in_the_largest_unit_that_fits(span: timedelta, spelt: str) -> None:
    assert spell_span(span) == spelt


@modest
@given(st.integers(1, 9999))
def test_a_span_that_was_spelt_out_means_the_same_when_it_is_read_again(minutes: int) -> None:
    span = timedelta(minutes=minutes)
    assert SPAN.validate_python(spell_span(span)) == span
    assert SPAN.validate_json(SPAN.dump_json(span)) == span
