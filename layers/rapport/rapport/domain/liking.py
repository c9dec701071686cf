"""How somebody likes what they bought, as far as their own words say it: a grudge in them outweighs what is good."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from rapport.domain.phrases import LONGEST_PHRASE, Phrases, consists_of, phrases_of, starts, tokens
from rapport.domain.plain_words import DRAWN_OUT, fold, slips

CLAUSE: Final = re.compile(r"[.,;:!?\n\u2026()]+| - ")
NEAR: Final = 3  # words between a negation and what it negates
MOST: Final = 5  # stars
MIDDLING: Final = 3
LONG: Final = 12  # words for each word of praise: who says more says something else too
SHORTEST_TO_SLIP: Final = 6
ANSWER_IN_STARS: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[.,]\d)?) ?(?:(?:/|out of|sur|of) ?(5|10|20|100)\b|(%)|(?:stars?\b|etoiles?\b|\*))"
)
STARS_DRAWN: Final = re.compile("[\u2b50\u2605\U0001f31f]")
ALSO: Final = re.compile(r"(?<![\d.,/])([0-5]) (?:for|pour)\b")  # 5 stars for its looks, 1 for the rest
ALONE: Final = re.compile(r"(10|[0-9])(?:[.,]\d)?")
Feeling = Literal["happy", "unhappy", "neutral"]
Says = Literal["praise", "blame", "middling", "doubt"]
SAYS: Final[dict[str, list[Says]]] = {
    "happy": ["praise"],
    "no_complaint": ["praise"],
    "neutral": ["middling"],
    "doubts": ["doubt"],
}


class Liking(NamedTuple):
    """How somebody likes it, in a word and in stars, as far as they said."""

    feeling: Feeling
    stars: int | None


class LikingWords(BaseModel):
    """What praises and what blames.

    `expected` is what a thing is to do: no praise, and blame when it doesn't. `doubts` take praise back. Between a
    negation and a blame that it takes away stands nothing but `between`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    happy: tuple[str, ...]
    unhappy: tuple[str, ...]
    neutral: tuple[str, ...]
    expected: tuple[str, ...]
    no_complaint: tuple[str, ...]
    doubts: tuple[str, ...]
    negations: tuple[str, ...]
    negations_behind: tuple[str, ...]
    between: tuple[str, ...]
    numbers: tuple[str, ...]

    def read(self, text: str) -> Liking | None:
        """How they like it; None when the text doesn't say, or when one can't be sure."""
        stars = self.stars(text)
        clauses = [self.spelt(tokens(clause)) for clause in CLAUSE.split(text)]
        said = [each for clause in clauses for each in self.said_in(clause)]
        if consists_of([word for clause in clauses for word in clause], self.phrases["neutral"]):
            return Liking("neutral", None)
        if "blame" in said or (stars is not None and stars < MIDDLING):
            return Liking("unhappy", stars)
        praised = said.count("praise") + (stars is not None)
        if "doubt" in said or "?" in text or sum(map(len, clauses)) > LONG * praised + LONG * ("middling" in said):
            return None
        if "middling" in said or stars == MIDDLING:
            return Liking("neutral", stars)
        return Liking("happy", stars) if praised else None

    def said_in(self, words: Sequence[str]) -> list[Says]:
        """What each phrase of the clause says; a negation of nothing that we know is a doubt."""
        said: list[Says] = []
        at, denied, spent = 0, -1, True  # where we are, where the last negation was, and whether it negated anything
        while at < len(words):
            kind, length = self.kind_at(words, at)
            near = denied >= 0 and at - denied <= NEAR + 1
            behind = words[at + length : at + length + 1]
            if kind == "negations":
                said += [] if spent else ["doubt"]
                denied, spent = at, False
            elif kind == "unhappy":
                said += [] if near and set(words[denied + 1 : at]) <= self.fillers else ["blame"]
            elif kind in ("happy", "expected") and (near or (behind and behind[0] in self.behind)):
                said.append("blame")
            else:
                said += SAYS.get(kind, [])
            spent = spent or kind in ("happy", "unhappy", "expected")
            at += max(length, 1)
        return said if spent else [*said, "doubt"]

    def kind_at(self, words: Sequence[str], at: int) -> tuple[str, int]:
        """The list with the longest phrase that begins here, and how long it is; of several, the first list."""
        ahead = words[at : at + LONGEST_PHRASE]
        found = [(starts(ahead, phrases), kind) for kind, phrases in self.phrases.items()]
        length, kind = max(found, key=lambda each: each[0])
        return (kind, length) if length else ("", 0)

    def spelt(self, words: Sequence[str]) -> list[str]:
        """The words, with slips of a long word mended and drawn-out ones shortened."""
        return [word if word in self.known else self.slips.get(DRAWN_OUT.sub(r"\1", word), word) for word in words]

    @cached_property
    def phrases(self) -> dict[str, Phrases]:
        """The lists as words."""
        names = ("no_complaint", "unhappy", "neutral", "happy", "expected", "negations", "doubts")
        return {name: phrases_of(getattr(self, name)) for name in names}

    @cached_property
    def known(self) -> frozenset[str]:
        """Every listed word."""
        return frozenset(word for phrases in self.phrases.values() for phrase in phrases for word in phrase)

    @cached_property
    def slips(self) -> dict[str, str]:
        """The listed words by how they may be mistyped."""
        single = [phrase[0] for name in ("happy", "unhappy") for phrase in self.phrases[name] if len(phrase) == 1]
        plainly = {DRAWN_OUT.sub(r"\1", word): word for word in sorted(single) if word.isalpha()}
        long = {key: word for key, word in plainly.items() if len(key) >= SHORTEST_TO_SLIP}
        return {slip: word for key, word in long.items() for slip in slips(key)} | plainly

    @cached_property
    def behind(self) -> frozenset[str]:
        """What negates from behind: j'aime pas."""
        return frozenset(self.negations_behind)

    @cached_property
    def fillers(self) -> frozenset[str]:
        """What may stand between a negation and a blame that it takes away."""
        return frozenset(word for each in self.between for word in tokens(each))

    def stars(self, text: str) -> int | None:
        """The fewest stars that the text gives, of five: in words, as pictures, or as nothing but a number."""
        drawn = len(STARS_DRAWN.findall(text)) or (len(text.strip()) if set(text.strip()) == {"*"} else 0)
        figures = {word: str(number % 11) for number, word in enumerate(self.numbers)}
        folded = re.sub(r"[^\W\d_]+", lambda word: figures.get(word[0], word[0]), fold(text)).strip(" .!\n\t")
        given = [(match[1], match[2] or ("100" if match[3] else "5")) for match in ANSWER_IN_STARS.finditer(folded)]
        given += [(number, "5") for number in ALSO.findall(folded) if given]
        if not given and (match := ALONE.fullmatch(folded)):
            given = [(match[0], "5" if float(match[0].replace(",", ".")) <= MOST else "10")]
        shares = [float(number.replace(",", ".")) / int(of) for number, of in given]
        shares += [min(drawn / MOST, 1.0)] if drawn else []
        return min((max(1, int(share * MOST + 0.5)) for share in shares if share <= 1), default=None)
