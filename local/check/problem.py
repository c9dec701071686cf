"""A mistake in the content: where it is, what was found, and what was expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

MANY = 12  # a longer list of what may stand in a place helps nobody


@dataclass(frozen=True, order=True)
class Problem:
    """`file` is relative to the content's folder; `place` may be empty."""

    file: str
    line: int
    place: str
    text: str

    def __str__(self) -> str:
        """As `rapport check` prints it."""
        return f"{self.file}:{self.line}: {f'{self.place}: ' if self.place else ''}{self.text}"


class UnreadableError(Exception):
    """The file could not be read; nothing else can be said of it."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(file, line, "", text)


def read_text(directory: Path, file: str) -> str:
    """The file's text, its lines ended as Python ends them. Raises UnreadableError."""
    try:
        given = (directory / file).read_bytes()
    except FileNotFoundError:
        raise UnreadableError(file, 1, "there is no such file; expected one") from None
    except OSError as error:
        raise UnreadableError(file, 1, f"expected a file that can be read; {error.strerror}") from None
    try:
        text = given.decode("utf-8")
    except UnicodeDecodeError as error:
        line = given[: error.start].count(b"\n") + 1
        raise UnreadableError(file, line, "expected text in UTF-8, found other bytes") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_of(found: str, known: Iterable[str]) -> str:
    """What was expected instead: the nearest known word, or all of them when they are few."""
    words = sorted(known)
    nearest = get_close_matches(found, words, n=1)
    if nearest:
        return f"did you mean {nearest[0]}?"
    if not words:
        return "nothing is known here"
    return "expected " + (f"one of: {', '.join(words)}" if len(words) <= MANY else f"one such as {words[0]}")
