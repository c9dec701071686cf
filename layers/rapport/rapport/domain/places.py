"""Where somebody wants a delivery to go, in their own words: what plainly is a place, and what may be one."""

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import takewhile
from typing import Final

from pydantic import BaseModel, ConfigDict

from rapport.domain.phrases import Phrases, any_of, has, phrases_of, plain, starts, tokens

LONGEST_PLACE: Final = 200  # characters
LONGEST_LINE: Final = 400  # characters in which a place is looked for
SHORT: Final = 7  # words: what is longer, and says no more than a kind of place, may say something else
NEAR: Final = 3  # words between a house's number and its kind of street
NUMBER: Final = re.compile(r"\b(?:no\b\.? ?(?=#?\d)|n[°º] ?)", re.IGNORECASE)  # no. 8 is no refusal
LINK: Final = re.compile(r"https?:|www\.|\w\.\w+/", re.IGNORECASE)
CLOCK: Final = re.compile(r"\d{1,2}(?:[:h.]\d{2})?(?:am|pm|h)|\d{1,2}h\d{2}")
CLAUSE: Final = re.compile(r"(?:[.,;!\n]+\s*|\s(?:so|and|but|donc|et|mais)\s)+")


class PlaceWords(BaseModel):
    """The words of places. One plainly is a place when it follows a `lead_in`, or has a `place` or an address in it.

    Words of `sentence` make it one; `question` begins one; what follows a `condition` isn't the place itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opening: tuple[str, ...]
    lead_in: tuple[str, ...]
    article: tuple[str, ...]
    before_place: tuple[str, ...]
    place: tuple[str, ...]
    street: tuple[str, ...]
    unit: tuple[str, ...]
    when: tuple[str, ...]
    trailing: tuple[str, ...]
    negations: tuple[str, ...]
    condition: tuple[str, ...]
    sentence: tuple[str, ...]
    question: tuple[str, ...]
    unsure: tuple[str, ...]
    elsewhere: tuple[str, ...]
    correction: tuple[str, ...]

    def place_in(self, text: str, *, asked: bool = True) -> str | None:
        """The place that the text says plainly that something should go to, in the customer's words.

        To who wasn't `asked`, a garden bench is something to buy; `in the garden` is a place all the same.
        """
        line = " ".join(text.split())
        if len(line) > LONGEST_LINE:
            return None
        starting = [0, *(match.end() for match in CLAUSE.finditer(line))]
        found = (self.place_at(line[at:], led=at > 0) for at in starting)
        place = next(filter(None, found), None) or self.before_reason(line)
        return place if asked or (place and self.is_told(line)) else None

    def is_told(self, line: str) -> bool:
        """Whether the line says that something goes there: by `leave it`, by `behind`, or by an address."""
        rest, leads = self.without_lead_in(line)
        words = tokens(rest)
        return leads or starts(words, self.phrases["before_place"]) > 0 or self.is_address(words)

    def before_reason(self, line: str) -> str | None:
        """The place before `, I'm away`, when nothing in that speaks against it."""
        place, *reason = re.split(r"[.,;!\n-]+\s", line, maxsplit=1)
        if not reason or line.endswith("?") or has(tokens(reason[0]), self.phrases["negations"]):
            return None
        return self.place_at(place, led=False)

    def place_at(self, line: str, *, led: bool) -> str | None:
        """The place that the line begins with; what is `led` needs a `leave it` before it."""
        rest, leads = self.without_lead_in(line)
        place = self.tidy(rest)
        words = self.core(place or "")
        if place is None or not words or not self.may_be_place(words):
            return None
        begins = starts(words, self.phrases["before_place"])
        named = has(words, self.phrases["place"]) or (begins and starts(words[begins:], self.phrases["article"]))
        sentence = has(words, self.phrases["sentence"])
        if leads and (begins or self.is_address(words) or (named and not sentence)):
            return place
        if led or leads or sentence or line.endswith("?"):
            return None
        return place if self.is_address(words) or (named and len(words) <= SHORT) else None

    def any_place(self, text: str) -> str | None:
        """What may be a place when one was asked for: nothing of a question, a time, or a refusal."""
        line = " ".join(text.split())
        if plainly := self.place_in(line):
            return plainly
        rest, leads = self.without_lead_in(line)
        place = self.tidy(rest)
        words = self.core(place or "")
        if leads and not words:
            return None
        said = line.endswith("?") or has(words, self.phrases["sentence"]) or self.is_unsure(line)
        return place if words and len(line) <= LONGEST_LINE and not said and self.may_be_place(words) else None

    def is_unsure(self, text: str) -> bool:
        """Whether the text says that they don't know yet."""
        return has(tokens(text), self.phrases["unsure"])

    def corrected(self, text: str) -> str | None:
        """What follows `no, I meant`; None when the text doesn't begin so."""
        line = " ".join(text.split())
        match = self.corrections.match(plain(line))
        return line[match.end() :] if match and match.end() else None

    def may_be_place(self, words: Sequence[str]) -> bool:
        """Whether nothing speaks against it: a refusal, a question, a time, or `somewhere else`."""
        against = ("negations", "elsewhere")
        timed = has(words, self.phrases["when"]) or any(CLOCK.fullmatch(word) for word in words)
        asks = starts(words, self.phrases["question"]) > 0
        return not (asks or any(has(words, self.phrases[each]) for each in against)) and (
            not timed or self.is_address(words)
        )

    def core(self, place: str) -> list[str]:
        """The place's words, up to `if I am out`."""
        words = tokens(NUMBER.sub("number ", place))
        return list(takewhile(lambda word: (word,) not in self.phrases["condition"], words))

    def without_lead_in(self, line: str) -> tuple[str, bool]:
        """The line behind `yes, can you please leave it`, and whether there was such a beginning."""
        led = self.lead_ins.match(plain(line).replace("-", " "))
        return (line[led.end() :].strip(" ,:;.!-") if led and led.end() else line), bool(led and led["verb"])

    def is_address(self, words: Sequence[str]) -> bool:
        """Whether there is a number and a kind of street, or a flat and its number."""
        numbered = [at for at, word in enumerate(words) if word[0].isdigit() and not CLOCK.fullmatch(word)]
        street, unit = self.phrases["street"], self.phrases["unit"]
        return any(has(words[at + 1 : at + 2 + NEAR], street) or starts(words[at - 1 : at], unit) for at in numbered)

    def tidy(self, rest: str) -> str | None:
        """The place without courtesy behind it, or `to` before it; nothing of one that is too long to be read back."""
        behind = self.endings.search(plain(rest))
        place = (rest[: behind.start()] if behind else rest).strip(" .,;:!?-\"'")
        place = re.sub(r"^(?:to|vers)\s+(?=\S)", "", place, flags=re.IGNORECASE)
        place = "".join(char for char in place if char.isprintable())
        sound = 0 < len(place) <= LONGEST_PLACE and any(map(str.isalnum, place)) and not LINK.search(place)
        return place if sound else None

    @cached_property
    def phrases(self) -> dict[str, Phrases]:
        """The lists as words."""
        names = set(type(self).model_fields) - {"opening", "lead_in", "trailing", "correction"}
        return {name: phrases_of(getattr(self, name)) for name in sorted(names)}

    @cached_property
    def lead_ins(self) -> re.Pattern[str]:
        """What may stand before a place, over plain letters, with a space for each hyphen: laissez-la, laissez la."""
        opening = any_of(each.replace("-", " ") for each in self.opening)
        verbs = any_of(each.replace("-", " ") for each in self.lead_in)
        return re.compile(rf"(?:(?:{opening})(?!\w)[\s,.!:-]*)*(?:(?P<verb>{verbs})(?!\w)\s*)?")

    @cached_property
    def endings(self) -> re.Pattern[str]:
        """What may stand behind a place."""
        return re.compile(rf"(?:[\s,.!]+(?:{any_of(self.trailing)}))*[^\w)]*$")

    @cached_property
    def corrections(self) -> re.Pattern[str]:
        """What may stand before a place that takes another's."""
        return re.compile(rf"(?:(?:{any_of(self.correction)})(?!\w)[\s,.!:;-]*)+")
