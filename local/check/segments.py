"""How many texts a sentence is sent as: 160 characters of the cheap alphabet fit into one, 70 of any other."""

from typing import Final, NamedTuple

CHEAP: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE: Final = frozenset("^{}\\[~]|€\f")  # in the cheap alphabet too, but each counts as two


class Fit(NamedTuple):
    """So many characters fit into one text, and so many into each of several."""

    alone: int
    each: int


CHEAPLY, DEARLY = Fit(160, 153), Fit(70, 67)


def costly(text: str) -> str:
    """The characters that take the text out of the cheap alphabet, each once."""
    return "".join(dict.fromkeys(char for char in text if char not in CHEAP and char not in TWICE))


def length(text: str) -> int:
    """The characters as a carrier counts them."""
    if costly(text):
        return len(text.encode("utf-16-le")) // 2
    return len(text) + sum(char in TWICE for char in text)


def segments(text: str) -> int:
    """How many texts it is sent as."""
    fit = DEARLY if costly(text) else CHEAPLY
    many = length(text)
    return 1 if many <= fit.alone else -(-many // fit.each)


def cheapened(text: str) -> str:
    """The text with a plain letter for each that is not in the cheap alphabet."""
    return text.translate(dict.fromkeys(map(ord, costly(text)), "x"))
