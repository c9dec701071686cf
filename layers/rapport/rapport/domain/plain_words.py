"""Words that always work: what an inbound text plainly asks for, read before any chatbot sees it.

Every word that content/plain-words.yaml knows becomes one letter, and its patterns search those few letters: so a rule
reads like the sentence that it stands for, and takes a time that grows with the text's length and no faster.
"""

import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

TOKEN = re.compile(r"[^\W_]+|#|[.!?;\n\u3002]+(?:1+\b)?|[,:()\u2013\u2014/]+| -+ ")
ENDS = frozenset(".!?;\n\u3002")
ELISION = re.compile(r"\b(\w*qu|[cdjlmnst])'(?=\w)")  # l'heure is two words, and don't is one
SPELT_OUT = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]{1,6}[^\W\d_](?![^\W_])){2,}|\d(?:[-. ()]{0,2}\d){6,14}")
NOT_LETTERS = re.compile(r"[\W_]+")
APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4`\u2032\uff07", "'"))
UNSEEN = {"Mn", "Cf"}  # accents once they stand alone, joiners and marks of direction
DRAWN_OUT = re.compile(r"(\w)\1+")

# A pattern's signs: `_` any one word, `,` an edge of a part of a sentence; `^` and `$` stand at one.
SIGN = re.compile(r"<[a-z-]+>|[a-z0-9]+|[()|?^$_,]|\{0,[1-6]\}")
SIGNS = {"_": "[^.,]", ",": "[.,]", "^": "(?:(?<=[.,])|^)", "$": "(?:(?=[.,]|$))"}
STRANGE, NUMBER, PAUSE, END = "w", "0", ",", "."  # a word that isn't known; a long number; where something ends
EDGES = re.compile(r"[.,]{2,}")
FIRST_LETTER = 0xE000
SHORTEST_TO_SLIP, SHORTEST_TO_BREAK_OFF, SHORTEST_NUMBER = 4, 7, 4
MISTYPED, SHORT_TEXT = range(5, 17), 16  # so many letters may have any slip, in a text of so few words and signs


class Wanted(StrEnum):
    """What a text may plainly ask for; `unsure-stop` asks to be asked, once, whether it meant stop."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    PERSON = "person"
    UNSURE_STOP = "unsure-stop"
    NONE = "none"


class Wish(BaseModel):
    """What the text asks for and by which rule; never the customer's own words, so it may be kept and logged."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    what: Wanted
    because: str


class Rule(BaseModel):
    """Patterns that all mean the same; of `whole` ones, nothing else may be in the text."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    because: str
    wish: Wanted
    whole: bool = False
    patterns: Annotated[tuple[str, ...], Field(min_length=1)]


class PlainWords(BaseModel):
    """What content/plain-words.yaml states; the rules are tried in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    words: dict[Wanted, Annotated[tuple[str, ...], Field(min_length=1)]]
    courtesy: tuple[str, ...]
    conjunctions: tuple[str, ...]
    spellings: dict[str, str]
    themselves: tuple[str, ...]
    kinds: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]]
    set_aside: tuple[str, ...]
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def every_pattern_can_be_read(self) -> "PlainWords":
        """Raises ValueError for the first pattern that can't."""
        _ = self.reading
        return self

    @cached_property
    def reading(self) -> "Reading":
        """The words made ready for reading texts."""
        return Reading(self)


@dataclass(frozen=True)
class Pattern:
    """A pattern as a regular expression over letters, made when first needed. It needs a letter of each of the sets."""

    regex: str
    needs: tuple[frozenset[str], ...]

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The regular expression."""
        return re.compile(self.regex)

    @property
    def rarest(self) -> frozenset[str]:
        """The smallest of the sets."""
        return min(self.needs, key=len)


class Alphabet:
    """Gives every word that content knows a letter, and reads patterns of words as patterns of letters."""

    def __init__(self, kinds: Mapping[str, tuple[str, ...]]) -> None:
        self.letters: dict[str, str] = {}
        self.kinds = {"digits": Pattern(NUMBER, (frozenset(NUMBER),))}
        for kind, members in kinds.items():
            self.kinds[kind] = self.any_of([self.pattern(member) for member in members])

    def letter(self, word: str) -> str:
        """The word's letter, which is its own from now on."""
        return self.letters.setdefault(word, chr(FIRST_LETTER + len(self.letters)))

    def spell(self, listed: str) -> str:
        """A listed word, or several, as letters. Raises ValueError when there is none."""
        words = [word for word in NOT_LETTERS.split(fold(listed)) if word]
        if not words:
            raise ValueError(f"expected a word, found {listed!r}")
        return "".join(map(self.letter, words))

    def pattern(self, written: str) -> Pattern:
        """The pattern over letters. Raises ValueError, which says what can't be read."""
        signs = deque(SIGN.findall(written))
        if SIGN.sub("", written).strip() or signs.count("(") != signs.count(")"):
            raise ValueError(f"expected words, <kinds> and ( | ) ? , ^ $ _ {{0,3}}, found {written!r}")
        try:
            pattern = self.alternatives(signs)
        except KeyError as error:
            raise ValueError(f"expected a kind from above, found {error} in {written!r}") from None
        if signs or not pattern.needs:
            raise ValueError(
                f"expected brackets in pairs, ? or {{0,3}} only after something, and at least one word that "
                f"has to be there, found {written!r}"
            )
        return pattern

    def alternatives(self, signs: deque[str]) -> Pattern:
        """What is between brackets: one pattern or another. Takes it from the signs."""
        branches = [self.sequence(signs)]
        while signs and signs[0] == "|":
            signs.popleft()
            branches.append(self.sequence(signs))
        return self.any_of(branches)

    def sequence(self, signs: deque[str]) -> Pattern:
        """One thing after another, each as it is or at most so many times. Takes it from the signs."""
        regex, needs = "", list[frozenset[str]]()
        while signs and signs[0] not in ("|", ")", "?") and signs[0][0] != "{":
            part = self.part(signs)
            regex += part.regex
            if signs and (signs[0] == "?" or signs[0][0] == "{"):
                regex += signs.popleft()
            else:
                needs += part.needs
        return Pattern(regex, tuple(needs))

    def part(self, signs: deque[str]) -> Pattern:
        """A word, a kind, a sign, or something in brackets. Takes it from the signs."""
        sign = signs.popleft()
        if sign[0] == "<":
            return self.kinds[sign[1:-1]]
        if sign != "(":
            regex = SIGNS.get(sign) or self.letter(sign)
            return Pattern(regex, () if sign in SIGNS else (frozenset(regex),))
        inner = self.alternatives(signs)
        signs.popleft()
        return inner

    def any_of(self, branches: list[Pattern]) -> Pattern:
        """One pattern or another, with the single letters as one set."""
        if len(branches) == 1:
            (only,) = branches
            return only if len(only.regex) == 1 else Pattern(f"(?:{only.regex})", only.needs)
        single = "".join(branch.regex for branch in branches if len(branch.regex) == 1)
        longer = [branch.regex for branch in branches if len(branch.regex) != 1]
        regex = f"(?:{'|'.join([*longer, *([f'[{single}]'] if single else [])])})"
        if not all(branch.needs for branch in branches):
            return Pattern(regex, ())
        return Pattern(regex, (frozenset[str]().union(*(branch.rarest for branch in branches)),))


class Index:
    """Patterns in their order, each to be tried only on texts that have what it needs."""

    def __init__(self, patterns: list[Pattern]) -> None:
        self.patterns = patterns
        self.by_letter: dict[str, list[int]] = {}
        for number, pattern in enumerate(patterns):
            for letter in pattern.rarest:
                self.by_letter.setdefault(letter, []).append(number)

    def possible(self, letters: str) -> Iterator[tuple[int, re.Pattern[str]]]:
        """The patterns that may be found in the letters, with their numbers."""
        present = frozenset(letters)
        for number in sorted({number for letter in present for number in self.by_letter.get(letter, ())}):
            if not any(need.isdisjoint(present) for need in self.patterns[number].needs):
                yield number, self.patterns[number].compiled


class Reading:
    """Content's words made ready for reading texts."""

    def __init__(self, words: PlainWords) -> None:
        alphabet = Alphabet(words.kinds)
        self.courtesy = alphabet.any_of([alphabet.pattern(each) for each in words.courtesy]).compiled
        self.set_aside = Index([alphabet.pattern(each) for each in words.set_aside])
        self.rules = [rule for rule in words.rules for _ in rule.patterns]
        self.patterns = Index([alphabet.pattern(each) for rule in words.rules for each in rule.patterns])
        self.alone = {
            alphabet.spell(listed): Wish(what=what, because=f"the word {listed.upper()}")
            for what, many in words.words.items()
            for listed in many
        }
        self.listed = re.compile("|".join(sorted(self.alone, key=len, reverse=True)))
        self.spelt_out = {NOT_LETTERS.sub("", fold(listed)) for many in words.words.values() for listed in many}
        known = {**alphabet.letters, **dict.fromkeys(words.conjunctions, PAUSE)}
        own = dict.fromkeys(words.themselves, STRANGE)
        slipping = [word for word in reversed(known) if len(word) >= SHORTEST_TO_SLIP]  # of several, the first counts
        self.letters = {slip: known[word] for word in slipping for slip in slips(word)} | own | known
        for written, meant in words.spellings.items():
            self.letters[written] = "".join(known.get(word, STRANGE) for word in meant.split())
        self.drawn_out = {DRAWN_OUT.sub(r"\1", word): known[word] for word in slipping}

    def read(self, text: str) -> str:
        """The text as letters, with `.` and `,` where its sentences and their parts end."""
        tokens = TOKEN.findall(SPELT_OUT.sub(self.join, fold(text)))
        short = len(tokens) <= SHORT_TEXT
        return "".join([self.letters.get(token) or self.not_listed(token, short) for token in tokens])

    def join(self, spelt_out: re.Match[str]) -> str:
        """S T O P as stop, and 555-0142 as one number; single letters that make no listed word stay as they are."""
        joined = NOT_LETTERS.sub("", spelt_out[0])
        return joined if joined in self.spelt_out or joined.isdigit() else spelt_out[0]

    def not_listed(self, token: str, short: bool) -> str:
        """A letter for a sign, a number, or a word not known: stoooop, and unsubsccribe or mesdages in a short text."""
        if not token[0].isalnum():
            return END if token[0] in ENDS else PAUSE
        if token.isdigit():
            return NUMBER if len(token) >= SHORTEST_NUMBER else STRANGE
        letter = self.drawn_out.get(DRAWN_OUT.sub(r"\1", token))
        inside = range(1, len(token) - 1) if short and len(token) in MISTYPED else ()
        nearly = filter(None, (self.letters.get(token[:at] + token[at + 1 :]) for at in inside))
        return letter or min(nearly, default=STRANGE)

    def without_lookalikes(self, letters: str) -> str:
        """The letters without what only looks like a wish."""
        for _, pattern in self.set_aside.possible(letters):
            letters = pattern.sub(STRANGE, letters)
        return letters


def wish(text: str, words: PlainWords) -> Wish:
    """What the text plainly asks for, by the first of: listed words alone, and then the rules in their order."""
    reading = words.reading
    letters = tidy(reading.courtesy.sub("", reading.read(text)))
    alone = letters.translate({ord(PAUSE): None, ord(END): None})
    if alone and not reading.listed.sub("", alone):
        said = {reading.alone[found].what: reading.alone[found] for found in reading.listed.findall(alone)}
        return next(said[what] for what in Wanted if what in said)
    rest = tidy(reading.without_lookalikes(letters))
    for number, pattern in reading.patterns.possible(rest):
        rule = reading.rules[number]
        if pattern.fullmatch(rest) if rule.whole else pattern.search(rest):
            return Wish(what=rule.wish, because=rule.because)
    return Wish(what=Wanted.NONE, because="no rule")


def fold(text: str) -> str:
    """The text in small plain letters: full-width or bold, with accents or without, it is the same."""
    text = text.translate(APOSTROPHES).lower()
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = "".join(each for each in apart if unicodedata.category(each) not in UNSEEN)
    return ELISION.sub(r"\1 ", text).replace("'", "") if "'" in text else text


def tidy(letters: str) -> str:
    """The letters with one sign where there were several, and none around the whole."""
    return EDGES.sub(lambda signs: END if END in signs[0] else PAUSE, letters).strip(END + PAUSE)


def slips(word: str) -> Iterator[str]:
    """The word with two letters swapped or one left out: never the first, and the last only of a long word."""
    for at in range(len(word) - (len(word) < SHORTEST_TO_BREAK_OFF)):
        yield word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        if at:
            yield word[:at] + word[at + 1 :]
