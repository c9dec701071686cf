"""What can be wrong with lists of customers' words: words that say two things, or that can't be found in any text."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from local.check.problem import Problem
from local.check.yaml_lines import Path_, Sheet
from rapport.domain.phrases import LONGEST_PHRASE, tokens
from rapport.domain.plain_words import NOT_LETTERS, PlainWords, Wanted, fold
from rapport.domain.replies import Replies

OPPOSITES: Final = ((("yes",), ("no",)), (("likings", "happy"), ("likings", "unhappy")))
Words = Callable[[str], Sequence[str]]


def check_replies(replies: Replies, sheet: Sheet) -> Iterator[Problem]:
    """Words in a list and in its opposite, and words that no text can have for us."""
    lists: dict[Path_, list[tuple[Path_, str]]] = {}
    for place, phrase in listed(replies.model_dump(), ()):
        lists.setdefault(place[:-1], []).append((place, phrase))
        if not 0 < len(tokens(phrase)) <= LONGEST_PHRASE:
            text = f"expected one to {LONGEST_PHRASE} words or pictures, found {phrase!r}"
            yield sheet.problem(place, text)
    for pair in OPPOSITES:
        yield from twofold({path: lists.get(path, []) for path in pair}, tokens, sheet)


def check_plain_words(plain: PlainWords, sheet: Sheet) -> Iterator[Problem]:
    """Words that alone ask for two things."""
    named = {("words", str(wanted)): plain.words[wanted] for wanted in Wanted if wanted in plain.words}
    lists = {path: [*listed(words, path)] for path, words in named.items()}
    yield from twofold(lists, lambda word: [part for part in NOT_LETTERS.split(fold(word)) if part], sheet)


def listed(value: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Every text in the lists, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from listed(inner, (*path, key))


def twofold(lists: dict[Any, list[tuple[Path_, str]]], words: Words, sheet: Sheet) -> Iterator[Problem]:
    """Phrases that are in two of the lists, however they are written; each in the later one."""
    first: dict[tuple[str, ...], tuple[Path_, Path_]] = {}
    for path, phrases in lists.items():
        for place, phrase in phrases:
            before, where = first.setdefault(tuple(words(phrase)), (path, place))
            if before != path:
                also = f"{sheet.place(before)} as well, in line {sheet.line(where)}"
                yield sheet.problem(place, f"{phrase!r} is in {also}; expected it in one of the two")
