"""What a text says for a slot: values of the bot's own types, of the built-in ones, and words where a value was due."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from local.lex import builtin
from local.lex.bot import IN_UTTERANCE, Intent, Locale, Slot, SlotType

ALPHANUMERIC: Final = "AMAZON.AlphaNumeric"
FREE_FORM: Final = "AMAZON.FreeFormInput"
NOT_CODES: Final = ("AMAZON.Time", "AMAZON.Date", "AMAZON.UKPostalCode")
AROUND: Final = " \t\n.,;:!?\"'()"
LEADING: Final = re.compile(
    r"^(?:(?:it'?s|it is|that'?s|that is|i mean|to|at|in|for|with|my|the|a|an|please"
    r"|c'est|au|aux|à|chez|dans|le|la|les|un|une|mon|ma)\s+|(?:l|d)')+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A value in a text. `sure` when the words themselves say what they are, not only the place where they stand."""

    start: int
    end: int
    original: str
    resolved: tuple[str, ...]
    interpreted: str
    sure: bool = True

    def as_slot(self) -> dict[str, Any]:
        """As Lex writes it."""
        value = {
            "originalValue": self.original,
            "interpretedValue": self.interpreted,
            "resolvedValues": list(self.resolved),
        }
        return {"shape": "Scalar", "value": value}


def plain(text: str) -> str:
    """Lower case, without accents, letter for letter, so that places stay where they are."""
    straight = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return "".join(unicodedata.normalize("NFD", letter)[0].lower()[:1] for letter in straight)


def in_text(locale: Locale, intent: Intent, text: str, today: date) -> dict[str, Found]:
    """The values in a text that was taken for the intent, each piece of the text used once."""
    taken: list[Found] = []
    filled: dict[str, Found] = {}
    for slot in sorted(intent.in_turn, key=lambda slot: builtin.strictness(base(locale, slot))):
        every = [*named(locale, slot, text, today), *standing(locale, intent, slot, text)]
        if base(locale, slot) == ALPHANUMERIC:
            every = likely_codes(every, intent, slot, text, locale.language, today)
        free = [each for each in every if not any(each.start < one.end and one.start < each.end for one in taken)]
        if free:
            filled[slot.name] = free[0]
            taken.append(free[0])
    return filled


def likely_codes(every: list[Found], intent: Intent, slot: Slot, text: str, language: str, today: date) -> list[Found]:
    """Of the words with digits, those that may be a code: long ones, and such as follow a word like `order`."""
    slots_place = re.compile(rf"(\w+) \{{{plain(slot.name)}\}}")
    before = {word for utterance in intent.utterances for word in slots_place.findall(plain(utterance))}
    before |= {"order", "number", "commande", "numero"}
    others = [place for kind in NOT_CODES for place in builtin.look_for(kind, text, language, today)]

    def rank(found: Found) -> int:
        last = re.search(r"(\w+)\W*$", plain(text[: found.start]))
        return int(last is not None and last[1] in before and len(found.original) > 2)

    free = [each for each in every if not any(start < each.end and each.start < end for start, end, _ in others)]
    return sorted((each for each in free if rank(each) or len(each.original) > 3), key=rank, reverse=True)


def answer(locale: Locale, slot: Slot, text: str, today: date) -> Found | None:
    """The value in an answer to the slot's question."""
    kind = base(locale, slot)
    slot_type = locale.slot_type(slot.slot_type_name)
    if kind == FREE_FORM:  # takes everything: while it is asked for, Lex turns to no other intent, nor to the fallback
        return Found(0, len(text), text, (text,), text)
    for found in named(locale, slot, text, today):
        return found
    said = text.strip(AROUND)
    if not said:
        return None
    if kind == ALPHANUMERIC:
        whole = re.sub(r"[\s-]", "", LEADING.sub("", said))
        return as_said(text, whole) if whole.isalnum() and " " not in said and fits(slot_type, whole) else None
    if kind in builtin.OPEN:
        return as_said(text, LEADING.sub("", said).strip(AROUND))
    if slot_type and not slot_type.parent and slot_type.selection.resolution_strategy == "ORIGINAL_VALUE":
        return as_said(text, LEADING.sub("", said).strip(AROUND))
    return None


def as_said(text: str, said: str) -> Found | None:
    """The words themselves as the value, of which nobody knows whether they are one."""
    return Found(0, len(text), said, (said,), said, sure=False) if said else None


def base(locale: Locale, slot: Slot) -> str:
    """The built-in type under the slot's type, or its own name if it has values of its own."""
    slot_type = locale.slot_type(slot.slot_type_name)
    return slot_type.parent or slot_type.name if slot_type else slot.slot_type_name


def named(locale: Locale, slot: Slot, text: str, today: date) -> Iterator[Found]:
    """Values that the text names: of the slot's own type by their names, of a built-in type by their look."""
    slot_type = locale.slot_type(slot.slot_type_name)
    if slot_type and not slot_type.parent:
        yield from by_name(slot_type, text)
        return
    for start, end, values in builtin.look_for(base(locale, slot), text, locale.language, today):
        if fits(slot_type, values[0]):
            yield Found(start, end, text[start:end], values, values[0])


def fits(slot_type: SlotType | None, value: str) -> bool:
    """Whether the value passes the type's filter."""
    pattern = slot_type.selection.regex_filter if slot_type else None
    return pattern is None or re.fullmatch(pattern.pattern, value) is not None


def by_name(slot_type: SlotType, text: str) -> Iterator[Found]:
    """The type's values and their synonyms where the text has them, the longest first; plurals too."""
    level = plain(text)
    for name, value in slot_type.names:
        for match in re.finditer(rf"(?<!\w){re.escape(plain(name))}s?(?!\w)", level):
            original = text[match.start() : match.end()]
            top = slot_type.selection.resolution_strategy == "TOP_RESOLUTION"
            yield Found(match.start(), match.end(), original, (value,), value if top else original)


def standing(locale: Locale, intent: Intent, slot: Slot, text: str) -> Iterator[Found]:
    """Words that stand where a sample utterance has the slot, for types that take any words."""
    slot_type = locale.slot_type(slot.slot_type_name)
    expands = slot_type and not slot_type.parent and slot_type.selection.resolution_strategy == "ORIGINAL_VALUE"
    open_built_in = base(locale, slot) in builtin.OPEN - {FREE_FORM}
    if not (expands or open_built_in):
        return
    for utterance in intent.utterances:
        if f"{{{slot.name}}}" in utterance and len(IN_UTTERANCE.sub("", utterance).split()) > 1:
            match = re.fullmatch(pattern(utterance, slot.name), plain(text).strip(AROUND))
            if match:
                shift = len(text) - len(text.lstrip(AROUND))
                start, end = match.start("slot") + shift, match.end("slot") + shift
                original = text[start:end]
                yield Found(start, end, original, (original,), original, sure=False)


def pattern(utterance: str, slot: str) -> str:
    """The utterance as a pattern, in which the slot's place is `slot` and other slots take what they find."""
    pieces = []
    for word in plain(IN_UTTERANCE.sub(lambda found: f" \0{found[1]} ", utterance)).split():
        if word == f"\0{plain(slot)}":
            pieces.append(r"(?P<slot>\S.*?)")
        else:
            pieces.append(r"\S.*?" if word.startswith("\0") else re.escape(word))
    return r"\s+".join(pieces)
