"""Words that always work: what an inbound text plainly asks for, read before any chatbot sees it.

Every word that content/plain-words.yaml knows becomes one letter, and its patterns search those few letters: so a rule
reads like the sentence that it stands for, and takes a time that grows with the text's length and no faster.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

TOKEN = re.compile(r"(?P<word>[^\W_]+)|(?P<end>[.!?;\n\u2026]+)|(?P<pause>[,:()\u2013\u2014\"/]+| -+ )")
ELISION = re.compile(r"\b(qu|[cdjlmnst])'(?=[aehiouy])")  # l'heure is two words, and don't is one
SPELT_OUT = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]{1,3}[^\W\d_](?![^\W_])){3,}")  # s t o p, S.T.O.P.
NOT_LETTERS = re.compile(r"[\W_]+")
APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4`\u2032\uff07", "'"))
UNSEEN = {"Mn", "Cf"}  # accents once they stand alone, joiners and marks of direction
DRAWN_OUT = re.compile(r"(\w)\1+")

# A pattern's own signs. `_` is any one word, `^` and `$` are the edges of a part of a sentence.
SIGN = re.compile(r"\s*(?:<(?P<kind>[a-z-]+)>|(?P<word>[a-z0-9]+)|(?P<sign>[()|?^$_]|\{0,[1-6]\}))")
SIGNS = {"(": "(?:", "_": "[^.,]", "^": "(?:(?<=[.,])|^)", "$": "(?=[.,]|$)"}
STRANGE, DIGITS, PAUSE, END = "w", "0", ",", "."  # a word that isn't known; a number; where something ends
FIRST_LETTER = 0xE000
SHORTEST_TO_SWAP, SHORTEST_TO_DROP = 4, 6


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

    model_config = ConfigDict(frozen=True)

    what: Wanted
    because: str


class Rule(BaseModel):
    """Patterns that all mean the same; of `whole` ones, nothing else may be in the text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    because: str
    wish: Wanted
    whole: bool = False
    patterns: Annotated[tuple[str, ...], Field(min_length=1)]


class PlainWords(BaseModel):
    """What content/plain-words.yaml states: words, their spellings, kinds of words, and rules in the order of trying."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: dict[Wanted, Annotated[tuple[str, ...], Field(min_length=1)]]
    courtesy: tuple[str, ...]
    spellings: dict[str, str]
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


class Reading:
    """The letters that words have become, and the patterns over them."""

    def __init__(self, words: PlainWords) -> None:
        self.letters: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        for kind, members in words.kinds.items():
            self.kinds[kind] = self.any_of(members)
        self.courtesy = re.compile(self.any_of(words.courtesy))
        self.set_aside = re.compile(self.any_of(words.set_aside))
        self.rules = [(rule, re.compile(self.any_of(rule.patterns))) for rule in words.rules]
        self.alone = {
            self.spell(fold(listed)): Wish(what=what, because=f"the word {listed.upper()}")
            for what, many in words.words.items()
            for listed in many
        }
        longest_first = sorted(filter(None, self.alone), key=len, reverse=True)
        self.listed = re.compile(f"({'|'.join(longest_first)})(?:{'|'.join(longest_first)})*+")
        known = dict(self.letters)
        self.letters |= {slip: known[word] for word in known for slip in slips(word) if slip not in known}
        self.letters |= {fold(slip): "".join(map(self.letter, meant.split())) for slip, meant in words.spellings.items()}

    def letter(self, word: str) -> str:
        """The word's letter, which is its own from now on."""
        return self.letters.setdefault(word, chr(FIRST_LETTER + len(self.letters)))

    def spell(self, text: str) -> str:
        """The folded words of content as letters."""
        return "".join(self.letter(word) for word in NOT_LETTERS.split(text) if word)

    def any_of(self, patterns: tuple[str, ...]) -> str:
        """One regular expression for all of them; single words go first, as one set. Raises ValueError."""
        single = "".join(self.letter(pattern) for pattern in patterns if pattern.isalnum())
        longer = [self.regex(pattern) for pattern in patterns if not pattern.isalnum()]
        return f"(?:{'|'.join([*([f'[{single}]'] if single else []), *longer])})"

    def regex(self, pattern: str) -> str:
        """The pattern over letters. Raises ValueError, which says what can't be read."""
        parts, at = [], 0
        while pattern[at:].strip():
            found = SIGN.match(pattern, at)
            if not found or (found["kind"] and found["kind"] not in self.kinds):
                raise ValueError(f"expected words, kinds that stand above, and ( | ) ? ^ $ _ {{0,3}}, found {pattern!r}")
            at = found.end()
            if found["kind"]:
                parts.append(self.kinds[found["kind"]])
            else:
                parts.append(self.letter(found["word"]) if found["word"] else SIGNS.get(found["sign"], found["sign"]))
        try:
            re.compile("".join(parts))
        except re.error as error:
            raise ValueError(f"expected brackets in pairs and something before each ?, found {pattern!r}") from error
        return "".join(parts)
