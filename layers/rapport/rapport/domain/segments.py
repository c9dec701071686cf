"""How many texts a sentence is sent as: 160 characters of the cheap alphabet fit into one, 70 of any other."""

from typing import Final, NamedTuple

# 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1; the second table's are written as two.
CHEAP: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE: Final = frozenset("^{}\\[~]|€\f")  # in the cheap alphabet too, but each counts as two
BEYOND: Final = 0x10000  # from here on a character is a pair in UTF-16


class Fit(NamedTuple):
    """So many characters fit into one text, and so many into each of several."""

    alone: int
    each: int


CHEAPLY, DEARLY = Fit(160, 153), Fit(70, 67)


def costly(text: str) -> str:
    """The characters that take the text out of the cheap alphabet, each once."""
    return "".join(dict.fromkeys(char for char in text if char not in CHEAP and char not in TWICE))


def widths(text: str) -> list[int]:
    """What each character counts for: those beyond the first 65,536 take two of the dear alphabet's."""
    if costly(text):
        return [1 + (ord(char) >= BEYOND) for char in text]
    return [1 + (char in TWICE) for char in text]


def length(text: str) -> int:
    """The characters as a carrier counts them."""
    return sum(widths(text))


def segments(text: str) -> int:
    """How many texts it is sent as; a character that counts twice is never cut in two, and may leave a place empty."""
    fit = DEARLY if costly(text) else CHEAPLY
    if length(text) <= fit.alone:
        return 1
    many, room = 1, fit.each
    for width in widths(text):
        if width > room:
            many, room = many + 1, fit.each
        room -= width
    return many


def cheapened(text: str) -> str:
    """The text with a plain letter for each that is not in the cheap alphabet."""
    return text.translate(dict.fromkeys(map(ord, costly(text)), "x"))
