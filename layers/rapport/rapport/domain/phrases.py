"""Words of a short text, and phrases among them: what every reading of a customer's reply is made of."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rapport.domain.plain_words import APOSTROPHES, fold

# A word, or a picture without the colour of its skin.
TOKEN: Final = re.compile(r"[^\W_]+|[\U0001F300-\U0001F3FA\U0001F400-\U0001FAFF\u2600-\u27BF\u2B50]")
LONGEST_PHRASE: Final = 8  # words
Phrases = frozenset[tuple[str, ...]]


def tokens(text: str) -> list[str]:
    """The text's words in small plain letters, and each of its pictures."""
    return TOKEN.findall(fold(text))


def phrases_of(*lists: Iterable[str]) -> Phrases:
    """Each listed phrase as words."""
    return frozenset(tuple(tokens(each)) for listed in lists for each in listed)


def starts(words: Sequence[str], phrases: Phrases) -> int:
    """How many words the longest phrase has that the words begin with."""
    longest = min(LONGEST_PHRASE, len(words))
    return next((length for length in range(longest, 0, -1) if tuple(words[:length]) in phrases), 0)


def consists_of(words: Sequence[str], phrases: Phrases) -> bool:
    """Whether there is nothing but phrases, and at least one."""
    at = 0
    while at < len(words):
        length = starts(words[at : at + LONGEST_PHRASE], phrases)
        if not length:
            return False
        at += length
    return at > 0


def find_all(words: Sequence[str], phrases: Phrases) -> Iterator[int]:
    """Where phrases begin."""
    return (at for at in range(len(words)) if starts(words[at : at + LONGEST_PHRASE], phrases))


def has(words: Sequence[str], phrases: Phrases) -> bool:
    """Whether one of the phrases is there."""
    return next(find_all(words, phrases), None) is not None


def plain(line: str) -> str:
    """The line in small plain letters, as long as it was, so that places in it are the same."""
    return "".join(folded if len(folded := fold(char)) == 1 else char for char in line.translate(APOSTROPHES))


def any_of(listed: Iterable[str]) -> str:
    """A pattern for each of the phrases, over plain letters, the longest first."""
    return "|".join(sorted((re.escape(plain(each)) for each in listed), key=len, reverse=True))
