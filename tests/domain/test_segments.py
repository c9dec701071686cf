"""How many texts a sentence is sent as, by the carrier's alphabets."""

import pytest

from rapport.domain.segments import costly, length, segments


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 153, 3),  # 76 fit into a segment: none of them is cut in two
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("a" * 70 + "ê", 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("🙂" * 67, 3),  # 33 fit into a segment
        ("", 1),
    ],
)
def test_a_text_is_cut_where_carriers_cut_it(text: str, many: int) -> None:
    assert segments(text) == many


def test_what_costs_more_is_named_once_and_what_fits_is_not() -> None:
    assert costly("ê, é, €, Ç, ç, ê and \N{RIGHT SINGLE QUOTATION MARK}") == "êç\N{RIGHT SINGLE QUOTATION MARK}"


def test_a_character_may_count_as_two() -> None:
    assert (length("[€]"), length("ê🙂")) == (6, 3)
