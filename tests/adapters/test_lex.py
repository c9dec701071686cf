"""What Lex takes for an answer: to its limits, and nothing that somebody wrote is lost to them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.adapters.lex import LONGEST, MOST_MESSAGES, LexEvent, answer_to, fitting

CYRILLIC = "ж" * 1000


def said(answer: dict[str, Any]) -> list[str]:
    """The texts of an answer."""
    return [message["content"] for message in answer["messages"]]


def test_letters_count_as_many_bytes_as_they_have() -> None:
    texts = [CYRILLIC] * 5
    assert fitting([], texts) == (texts, [])
    assert said(answer_to(LexEvent(session="s"), texts, waits=False)) == texts


def test_what_does_not_fit_is_kept_for_the_next_turn_in_its_order() -> None:
    left = [f"{number}" for number in range(12)]
    assert fitting(left, []) == (left[:10], left[10:])
    assert fitting(left, ["an answer"]) == ([*left[:9], "an answer"], left[9:])


def test_nothing_overtakes_what_had_to_wait() -> None:
    left = ["\U0001f600" * 1000] * 3 + ["short"]
    shown, kept = fitting(left, [])
    assert [*shown, *kept] == left
    assert kept[-1] == "short"


def test_what_is_too_long_for_one_answer_goes_on_in_the_next() -> None:
    shown, kept = fitting([], ["word " * 10_000])
    assert (len(shown), bool(kept)) == (MOST_MESSAGES, True)
    assert " ".join([*shown, *kept]).split() == ["word"] * 10_000


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST)


@given(st.lists(LINES, max_size=14), st.lists(LINES, max_size=3), st.booleans())
def test_whatever_was_left_the_answer_is_one_that_lex_takes(left: list[str], texts: list[str], waits: bool) -> None:
    state = {"sessionAttributes": {"a": "ж" * 5900}, "intent": {"name": "Greeting"}}
    shown, kept = fitting(left, texts)
    answer = answer_to(LexEvent.model_validate({"sessionId": "s", "sessionState": state}), shown, waits=waits)
    assert said(answer) == shown
    assert sorted([*shown, *kept]) == sorted(text.strip() for text in [*left, *texts] if text.strip())


@pytest.mark.parametrize("waits", [True, False])
def test_an_answer_in_words_leaves_its_slots_out_so_that_there_is_room_for_them(waits: bool) -> None:
    value = {"originalValue": "ж" * 4000, "interpretedValue": "ж" * 4000, "resolvedValues": []}
    state = {"intent": {"name": "WhereIsMyOrder", "slots": {"Order": {"value": value}}}}
    event = LexEvent.model_validate({"sessionId": "s", "sessionState": state})
    answer = answer_to(event, [CYRILLIC] * 5, waits=waits)
    assert said(answer) == [CYRILLIC] * 5
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < 25_000
    assert answer_to(event, [], waits=False)["sessionState"]["intent"]["slots"] == {"Order": {"value": value}}
