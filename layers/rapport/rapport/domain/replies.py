"""Reads a reply to a question of ours without any chatbot: yes or no, a place, how they like it, which of several."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from rapport.domain.plain_words import APOSTROPHES, fold

TOKEN: Final = re.compile(r"[^\W_]+|[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50]")
STARS: Final = re.compile(r"\b(\d{1,2}) ?(?:/|out of|sur) ?(5|10)\b|\b([1-5]) ?(?:stars?|etoiles?)\b")
NEAR: Final = 3  # words between a negation and what it negates
LONGEST_PLACE: Final = 200
MIDDLING: Final = 3  # stars
FEW: Final = 3  # words that a choice by number may have
Feeling = Literal["happy", "unhappy", "neutral"]


class Liking(NamedTuple):
    """How somebody likes it, in a word and in stars, as far as they said."""

    feeling: Feeling
    stars: int | None


class Replies(BaseModel):
    """The words that content/replies.yaml lists, of all languages together, in small letters without accents.

    A place is what follows a `lead_in` and a `before_place`, has a `place` in it, or a number and a `street`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    yes: tuple[str, ...]
    no: tuple[str, ...]
    courtesy: tuple[str, ...]
    undo: tuple[str, ...]
    thanks: tuple[str, ...]
    not_it: tuple[str, ...]
    happy: tuple[str, ...]
    unhappy: tuple[str, ...]
    negations: tuple[str, ...]
    no_complaint: tuple[str, ...]
    lead_in: tuple[str, ...]
    before_place: tuple[str, ...]
    place: tuple[str, ...]
    street: tuple[str, ...]
    when: tuple[str, ...]
    trailing: tuple[str, ...]

    def yes_or_no(self, text: str) -> bool | None:
        """Whether the text is a yes or a no and nothing else."""
        words = tokens(text)
        kinds = {"yes": self.phrases.yes, "no": self.phrases.no, "": self.phrases.courtesy}
        said = set()
        while words:
            length, kind = max((starts(words, phrases), kind) for kind, phrases in kinds.items())
            if not length:
                return None
            said.add(kind)
            words = words[length:]
        said.discard("")
        return said == {"yes"} if len(said) == 1 else None

    def is_thanks(self, text: str) -> bool:
        """Whether the text only thanks, or only says that it is fine."""
        return consists_of(tokens(text), self.phrases.thanks)

    def is_undo(self, text: str) -> bool:
        """Whether the text asks to take the last change back."""
        return find(tokens(text), self.phrases.undo) is not None

    def is_not_it(self, text: str) -> bool:
        """Whether the text says that our answer was none."""
        return find(tokens(text), self.phrases.not_it) is not None

    def liking(self, text: str) -> Liking | None:
        """How they like it, as far as the text says so; a grudge in it outweighs what is good."""
        said, stars = tokens(text), count_stars(text)
        words = without(said, self.phrases.no_complaint)
        praised, blamed = self.phrases.happy, self.phrases.unhappy
        unhappy = self.says(words, blamed, negated=False) or self.says(words, praised, negated=True)
        if unhappy or (stars is not None and stars < MIDDLING):
            return Liking("unhappy", stars)
        if stars is not None:
            return Liking("neutral" if stars == MIDDLING else "happy", stars)
        happy = words != said or self.says(words, praised, negated=False)
        return Liking("happy", None) if happy else None

    def says(self, words: Sequence[str], phrases: "Phrases", *, negated: bool) -> bool:
        """Whether one of the phrases is there, with a negation near it or without."""
        return any(self.is_negated(words, at, length) == negated for at, length in find_all(words, phrases))

    def is_negated(self, words: Sequence[str], at: int, length: int) -> bool:
        """Whether a negation stands before it, or `pas` right behind."""
        before, behind = words[max(0, at - NEAR) : at], words[at + length : at + length + 1]
        return any(word in self.phrases.negations for word in ((each,) for each in (*before, *behind)))

    def place_in(self, text: str) -> str | None:
        """The place that the text says plainly that something should go to, in the customer's words."""
        line = " ".join(text.split())
        rest, led = self.without_lead_in(line)
        words = tokens(rest)
        named = find(words, self.phrases.place) is not None or self.is_address(words)
        timed = find(words, self.phrases.when) is not None
        begins = starts(words, self.phrases.before_place) > 0
        if not rest or (timed and not named) or not (named or (led and begins)):
            return None
        if not led and (rest.endswith("?") or not (begins or self.is_address(words))):
            return None
        return self.tidy(rest)

    def any_place(self, text: str) -> str | None:
        """What the text may name as a place when it was asked for one; nothing of a question, a yes or a no."""
        line = " ".join(text.split())
        if line.endswith("?") and self.place_in(line) is None:
            return None
        if self.yes_or_no(line) is not None or self.is_thanks(line) or not any(char.isalnum() for char in line):
            return None
        rest, _ = self.without_lead_in(line)
        if find(tokens(rest), self.phrases.when) and not self.is_address(tokens(rest)):
            return None
        return self.tidy(rest)

    def without_lead_in(self, line: str) -> tuple[str, bool]:
        """The line behind `can you please leave it`, and whether there was such a beginning."""
        led = self.lead_ins.match(plain(line))
        return (line[led.end() :].strip(" ,:;-") if led and led.end() else line), bool(led and led["verb"])

    def is_address(self, words: Sequence[str]) -> bool:
        """Whether there is a number and a kind of street."""
        return any(word[0].isdigit() for word in words) and find(words, self.phrases.street) is not None

    def tidy(self, rest: str) -> str | None:
        """The place without courtesy behind it, or `to` before it; nothing of one that is too long to be read back."""
        place = self.endings.sub("", rest).strip(" .,;:!?")
        place = re.sub(r"^(?:to|vers|sur)\s+(?=\S)", "", place, flags=re.IGNORECASE)
        return place if 0 < len(place) <= LONGEST_PLACE else None

    def choice(self, text: str, options: Sequence[str]) -> int | None:
        """Which of the options the text means: by its number, or by words that only that one has."""
        words = [word for word in tokens(text) if not consists_of([word], self.phrases.courtesy)]
        numbers = [int(word) for word in words if word.isdigit() and 1 <= int(word) <= len(options)]
        if len(words) <= FEW and len(numbers) == 1:
            return numbers[0] - 1
        having = [number for number, option in enumerate(options) if set(tokens(option)) & set(words)]
        return having[0] if len(having) == 1 else None

    @cached_property
    def phrases(self) -> "AllPhrases":
        """The lists as words."""
        return AllPhrases(*(phrases_of(getattr(self, name)) for name in AllPhrases._fields))

    @cached_property
    def lead_ins(self) -> re.Pattern[str]:
        """What may stand before a place, over plain letters."""
        courtesy = "|".join(sorted((re.escape(plain(each)) for each in self.courtesy), key=len, reverse=True))
        verbs = "|".join(sorted((re.escape(plain(each)) for each in self.lead_in), key=len, reverse=True))
        return re.compile(rf"(?:(?:{courtesy})\b[\s,.!]*)*(?:(?P<verb>{verbs})\b\s*)?")

    @cached_property
    def endings(self) -> re.Pattern[str]:
        """What may stand behind a place."""
        words = "|".join(sorted(map(re.escape, self.trailing), key=len, reverse=True))
        return re.compile(rf"(?:[\s,.!]+(?:{words}))+[\s.!?,]*$", re.IGNORECASE)


Phrases = frozenset[tuple[str, ...]]


class AllPhrases(NamedTuple):
    """Each list as words."""

    yes: Phrases
    no: Phrases
    courtesy: Phrases
    undo: Phrases
    thanks: Phrases
    not_it: Phrases
    happy: Phrases
    unhappy: Phrases
    negations: Phrases
    no_complaint: Phrases
    before_place: Phrases
    place: Phrases
    street: Phrases
    when: Phrases


def phrases_of(listed: Iterable[str]) -> Phrases:
    """Each as words."""
    return frozenset(tuple(tokens(each)) for each in listed)


def tokens(text: str) -> list[str]:
    """The text's words in small plain letters, and each of its pictures."""
    return TOKEN.findall(fold(text))


def starts(words: Sequence[str], phrases: Phrases) -> int:
    """How many words the longest phrase has that the words begin with."""
    longest = min(6, len(words))
    return next((length for length in range(longest, 0, -1) if tuple(words[:length]) in phrases), 0)


def consists_of(words: Sequence[str], phrases: Phrases) -> bool:
    """Whether there is nothing but phrases, and at least one."""
    if not words:
        return False
    while words:
        length = starts(words, phrases)
        if not length:
            return False
        words = words[length:]
    return True


def without(words: Sequence[str], phrases: Phrases) -> list[str]:
    """The words less the phrases among them."""
    left: list[str] = []
    at = 0
    while at < len(words):
        length = starts(words[at:], phrases)
        left += [] if length else [words[at]]
        at += length or 1
    return left


def find_all(words: Sequence[str], phrases: Phrases) -> Iterable[tuple[int, int]]:
    """Where phrases are, and how many words they have."""
    return ((at, length) for at in range(len(words)) if (length := starts(words[at:], phrases)))


def find(words: Sequence[str], phrases: Phrases) -> tuple[int, int] | None:
    """Where the first phrase is."""
    return next(iter(find_all(words, phrases)), None)


def count_stars(text: str) -> int | None:
    """The stars that the text gives, of five: in words, as pictures, or as nothing but a number."""
    drawn = text.count("\u2b50")
    if drawn:
        return min(drawn, 5)
    folded = fold(text).strip(" .!")
    match = STARS.search(folded)
    if match and match[3]:
        return int(match[3])
    if match and int(match[1]) <= int(match[2]):
        return max(1, round(int(match[1]) * 5 / int(match[2])))
    return int(folded) if folded in ("1", "2", "3", "4", "5") else None


def plain(line: str) -> str:
    """The line in small plain letters, as long as it was, so that places in it are the same."""
    return "".join(folded if len(folded := fold(char)) == 1 else char for char in line.translate(APOSTROPHES))
