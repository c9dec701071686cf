"""Segments are counted as by two oracles: septets cut by hand, and the calculator that a carrier publishes."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Final

import pytest

from rapport.domain import segments as ours
from tests.attackers.conftest import Many

# GSM 03.38 as its table is printed: sixteen septets a line, ESC at 0x1B; then what follows an ESC, by its septet.
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
AFTER_ESCAPE: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
ESCAPE: Final = 0x1B
SEPTETS: Final = {char: [code] for code, char in enumerate(BASIC) if code != ESCAPE} | {
    char: [ESCAPE, code] for code, char in AFTER_ESCAPE.items()
}
OCTETS, HEADER = 140, 6  # of one text, and of what tells its part of several

# What a person sees as one, whatever it is made of: of these the published calculator cuts none, so none is among ours.
ALONE: Final = "êçŸЖ中ا\N{RIGHT SINGLE QUOTATION MARK}\N{EM DASH}\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}"
PAIRS: Final = "🙂🚚𝔘𐍈"
PLAIN: Final = "".join(char for char in SEPTETS if char not in "\r\n\f")
MIXTURES: Final = (
    *(PLAIN, "abc €[]{}", "a€", "€", "a" * 20 + "€"),
    *(PLAIN + ALONE, "a🙂", PAIRS, ALONE + PAIRS, "a" * 99 + "🙂", "a" * 99 + "ê"),
)


def cut_by_hand(text: str) -> int:
    """How many texts it is, by really encoding it and cutting where neither an escape nor a pair is torn."""
    if all(char in SEPTETS for char in text):
        units, bits, halves = [code for char in text for code in SEPTETS[char]], 7, range(ESCAPE, ESCAPE + 1)
    else:
        raw = text.encode("utf-16-be")
        units, bits = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)], 16
        halves = range(0xD800, 0xDC00)
    if len(units) * bits <= OCTETS * 8:
        return 1
    size, start, cuts = (OCTETS - HEADER) * 8 // bits, 0, 0
    while start < len(units):
        end = min(start + size, len(units))
        start = end - (units[end - 1] in halves)
        cuts += 1
    return cuts


def texts(number: int) -> Iterator[str]:
    """Texts of every mixture; half of them are as long as where one more text begins."""
    chance = Random(338)  # noqa: S311
    for count in range(number):
        letters = MIXTURES[count % len(MIXTURES)]
        edge = chance.choice((35, 67, 70, 80, 134, 153, 160, 201, 306, 459))
        length = max(0, edge + chance.randint(-4, 4)) if chance.random() < 0.5 else chance.randint(0, 480)
        yield "".join(chance.choices(letters, k=length))


def differing(count: Callable[[str], int], number: int) -> list[str]:
    """The texts of which somebody counts other segments than were cut by hand."""
    return [text for text in texts(number) if count(text) != cut_by_hand(text)]


def by_length(text: str) -> int:
    """The mistake that this is here for: as if any character could be cut in two."""
    fit, length = (ours.DEARLY if ours.costly(text) else ours.CHEAPLY), ours.length(text)
    return 1 if length <= fit.alone else -(-length // fit.each)


def test_texts_are_counted_as_if_cut_by_hand(many: Many) -> None:
    assert differing(ours.segments, many(4_000, 100_000)) == []


@pytest.mark.parametrize("text", ["a" * 152 + "€" + "a" * 152, "🙂" * 67, "a" * 66 + "🙂" * 34])
def test_what_counts_twice_is_not_cut_in_two(text: str) -> None:
    assert ours.segments(text) == cut_by_hand(text) == by_length(text) + 1


@pytest.mark.parametrize(
    "mistaken",
    [
        by_length,
        lambda text: -(-ours.length(text) // 160),
        lambda text: ours.segments(text.replace("€", "e")),
        lambda text: ours.segments(text.replace("🙂", "ê")),
        lambda text: ours.segments(text.replace("ê", "e").replace("ç", "Ç")),
    ],
)
def test_a_counter_that_is_mistaken_is_found_out(mistaken: Callable[[str], int]) -> None:
    assert differing(mistaken, 1_000) != []


SCRIPT: Final = """
const { SegmentedMessage } = require('sms-segments-calculator');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map(text => new SegmentedMessage(text).segmentsCount)));
"""


def test_texts_are_counted_as_by_the_published_calculator(many: Many, tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not many(0, 1) or not node or not npm:
        pytest.skip("with `make attackers`, where node and npm are: sms-segments-calculator 1.3.0")
    install = [npm, "install", "--no-audit", "--no-fund", "--silent", "sms-segments-calculator@1.3.0"]
    if subprocess.run(install, cwd=tmp_path, check=False, timeout=120).returncode:  # noqa: S603
        pytest.skip("npm could not fetch the calculator")
    given = list(texts(100_000))
    asked = json.dumps(given).encode()
    told = subprocess.run([node, "-e", SCRIPT], cwd=tmp_path, input=asked, capture_output=True, check=True).stdout  # noqa: S603
    theirs = [max(1, counted) for counted in json.loads(told)]
    assert [text for text, each in zip(given, theirs, strict=True) if ours.segments(text) != each] == []
