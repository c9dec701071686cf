"""Tokens: what we signed comes back unchanged, and nothing else is taken for it."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport.domain.tokens import LONGEST, Tokens
from tests.domain.builders import NOON, SECOND, modest

TOKENS = Tokens(b"the secret of these tests")
OTHERS = Tokens(b"the secret of somebody else")
LATER = NOON + timedelta(days=14)
subjects = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=4)
names = st.text("abcdefghijklmnopqrstuvwxyz234567-", min_size=1, max_size=20)


@modest
@given(subjects)
def test_what_was_signed_comes_back_and_fits_into_a_link(subject: list[str]) -> None:
    token = TOKENS.make("case", subject, LATER)
    assert TOKENS.read("case", token, NOON) == subject
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


@modest
@given(st.text(max_size=200))
def test_what_we_did_not_sign_is_nothing(text: str) -> None:
    assert TOKENS.read("case", text, NOON) is None
    assert TOKENS.read_brief("case", text) is None


@modest
@given(subjects, st.integers(0, 300), st.characters())
def test_a_token_with_one_character_changed_is_nothing(subject: list[str], place: int, char: str) -> None:
    token = TOKENS.make("case", subject, LATER)
    place %= len(token)
    forged = token[:place] + char + token[place + 1 :]
    assume(forged != token)
    assert TOKENS.read("case", forged, NOON) is None


@modest
@given(subjects, st.integers(0, 300))
def test_a_token_that_is_cut_or_longer_is_nothing(subject: list[str], length: int) -> None:
    token = TOKENS.make("case", subject, LATER)
    assert TOKENS.read("case", token[: length % len(token)], NOON) is None
    assert TOKENS.read("case", token + "A", NOON) is None
    assert TOKENS.read("case", "A" + token, NOON) is None


@modest
@given(subjects, subjects)
def test_one_tokens_signature_is_none_for_another(one: list[str], other: list[str]) -> None:
    assume(one != other)
    body, _ = TOKENS.make("case", one, LATER).split(".")
    _, signature = TOKENS.make("case", other, LATER).split(".")
    assert TOKENS.read("case", f"{body}.{signature}", NOON) is None


@modest
@given(subjects)
def test_another_secret_another_kind_and_another_time_make_another_token(subject: list[str]) -> None:
    token = TOKENS.make("case", subject, LATER)
    assert OTHERS.read("case", token, NOON) is None
    assert TOKENS.read("chat", token, NOON) is None
    assert TOKENS.read("case", token, LATER - SECOND) == subject
    assert TOKENS.read("case", token, LATER) is None


@pytest.mark.parametrize("token", ["", ".", "..", "A.", ".A", "é.é", "\ud800.\ud800", "A" * 2 * LONGEST])
def test_what_has_not_even_the_shape_of_a_token_is_nothing(token: str) -> None:
    assert TOKENS.read("case", token, NOON) is None
    assert TOKENS.read_brief("case", token) is None


@modest
@given(names)
def test_a_brief_token_survives_a_change_of_case_and_fits_before_an_at_sign(name: str) -> None:
    token = TOKENS.brief("case", name)
    assert TOKENS.read_brief("case", token) == TOKENS.read_brief("case", token.upper()) == name
    assert len(f"case+{token}") <= 64


@modest
@given(names, names, st.integers(0, 60), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567-"))
def test_a_brief_token_that_is_forged_cut_or_swapped_is_nothing(one: str, other: str, place: int, char: str) -> None:
    token = TOKENS.brief("case", one)
    place %= len(token)
    forged = token[:place] + char + token[place + 1 :]
    assert forged == token or TOKENS.read_brief("case", forged) is None
    assert TOKENS.read_brief("case", token[:place]) is None
    assert OTHERS.read_brief("case", token) is None
    assert TOKENS.read_brief("chat", token) is None
    swapped = f"{other}-{token.rpartition('-')[2]}"
    assert one == other or TOKENS.read_brief("case", swapped) is None
