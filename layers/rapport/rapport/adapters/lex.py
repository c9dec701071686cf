"""Lex V2's contract with a code hook: what it asks, read tolerantly, and what it takes for an answer, to its limits."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rapport.domain.dialogue import Understood

LONGEST: Final = 1024  # characters of one message
MOST_MESSAGES: Final = 10
MOST_BYTES: Final = 25_000  # of the answer; Lex says 25 KB
MOST_ATTRIBUTE_BYTES: Final = 12_000
MOST_SAID_BYTES: Final = 12_000  # of the messages, so that the attributes always find room beside them


class Asked(BaseModel):
    """A piece of what Lex asks; AWS may add fields, and leave out or null what it has nothing for."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)


def something(value: object) -> object:
    """Nothing where a mapping should be is an empty one."""
    return {} if value is None else value


class SlotValue(Asked):
    """What was said for a slot, and what Lex takes it for."""

    original: str | None = Field(default=None, alias="originalValue")
    interpreted: str | None = Field(default=None, alias="interpretedValue")


class Slot(Asked):
    """A slot that was filled; of one with several values, the whole phrase."""

    value: SlotValue | None = None


class Intent(Asked):
    """What Lex takes the turn for."""

    name: str = "FallbackIntent"
    slots: Annotated[dict[str, dict[str, Any] | None], BeforeValidator(something)] = {}

    def whole(self) -> dict[str, dict[str, Any] | None]:
        """The slots as they may be given back: one that lacks a part of its value is as good as empty."""
        return {
            name: slot if slot and name in self.filled() and complete(slot) else None
            for name, slot in self.slots.items()
        }

    def filled(self) -> dict[str, str]:
        """The slots that have a value, by name."""
        read = {name: Slot.model_validate(slot) for name, slot in self.slots.items() if slot}
        values = {name: slot.value for name, slot in read.items() if slot.value}
        return {name: said for name, value in values.items() if (said := value.interpreted or value.original)}


def complete(slot: dict[str, Any]) -> bool:
    """Whether the slot's value says all that Lex wants of one."""
    value = slot.get("value")
    return isinstance(value, dict) and all(value.get(name) for name in ("originalValue", "interpretedValue"))


def confidence(value: object) -> object:
    """A number in a hook's event, an object with a score from the API, a text in logs."""
    return value.get("score") if isinstance(value, dict) else value


class Interpretation(Asked):
    """One thing that the turn may mean; the fallback has no confidence."""

    intent: Annotated[Intent, BeforeValidator(something)] = Intent()
    score: Annotated[float | None, BeforeValidator(confidence)] = Field(default=None, alias="nluConfidence")


class SessionState(Asked):
    """What Lex keeps from turn to turn."""

    intent: Annotated[Intent, BeforeValidator(something)] = Intent()
    attributes: Annotated[dict[str, Any], BeforeValidator(something)] = Field(default={}, alias="sessionAttributes")


class BotMember(Asked):
    """Which bot asks, and in which language."""

    locale: str = Field(default="en_GB", alias="localeId")


class LexEvent(Asked):
    """One call of the dialog or fulfilment hook."""

    session: str = Field(alias="sessionId", min_length=1)
    text: Annotated[str, BeforeValidator(lambda value: value or "")] = Field(default="", alias="inputTranscript")
    bot: Annotated[BotMember, BeforeValidator(something)] = BotMember()
    state: Annotated[SessionState, BeforeValidator(something)] = Field(default=SessionState(), alias="sessionState")
    request: Annotated[dict[str, Any], BeforeValidator(something)] = Field(default={}, alias="requestAttributes")
    interpretations: Annotated[tuple[Interpretation, ...], BeforeValidator(lambda value: value or ())] = ()

    def understood(self) -> Understood:
        """What Lex takes the turn for: the intent that it chose, with what it says of it."""
        intent = self.state.intent
        same = next((each for each in self.interpretations if each.intent.name == intent.name), Interpretation())
        return Understood(intent=intent.name, score=same.score, slots=intent.filled())


class Said(BaseModel):
    """One message back."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    contentType: Literal["PlainText"] = "PlainText"  # noqa: N815 (Lex's name)
    content: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class LexAnswer(BaseModel):
    """What the hook answers: `Close` when the turn is done with, `ElicitIntent` when we wait for a word."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    action: Literal["Close", "ElicitIntent"]
    intent: Annotated[str, Field(pattern=r"^([0-9a-zA-Z][_-]?){1,100}$")]
    slots: dict[str, dict[str, Any] | None] = {}
    attributes: dict[str, str] = {}
    messages: Annotated[tuple[Said, ...], Field(max_length=MOST_MESSAGES)] = ()

    @model_validator(mode="after")
    def keeps_to_the_limits(self) -> "LexAnswer":
        """Raises ValueError, which names the limit."""
        if self.action == "ElicitIntent" and not self.messages:
            raise ValueError("expected a message with ElicitIntent")
        if weight(self.attributes) > MOST_ATTRIBUTE_BYTES:
            raise ValueError(f"expected session attributes of at most {MOST_ATTRIBUTE_BYTES} bytes")
        if weight(self.wire()) > MOST_BYTES:
            raise ValueError(f"expected an answer of at most {MOST_BYTES} bytes")
        return self

    def wire(self) -> dict[str, Any]:
        """As Lex takes it."""
        state: dict[str, Any] = {"dialogAction": {"type": self.action}, "sessionAttributes": self.attributes}
        if self.action == "Close":
            # Lex forgets the slots that a hook doesn't give back, and who asked what a text means needs them. In a
            # chat nobody does, and they may be as long as what was said.
            state["intent"] = {"name": self.intent, "state": "Fulfilled", "slots": {} if self.messages else self.slots}
        return {"sessionState": state, "messages": [message.model_dump() for message in self.messages]}


def answer_to(event: LexEvent, texts: list[str], *, waits: bool) -> dict[str, Any]:
    """The answer to a turn; what is too long for one message becomes several. Raises pydantic's ValidationError."""
    pieces = [piece for text in texts for piece in split(text)][:MOST_MESSAGES]
    kept = {name: value for name, value in event.state.attributes.items() if isinstance(value, str)}
    action: Literal["Close", "ElicitIntent"] = "ElicitIntent" if waits and pieces else "Close"
    messages = tuple(Said(content=piece) for piece in pieces)
    intent = event.state.intent
    return LexAnswer(action=action, intent=intent.name, slots=intent.whole(), attributes=kept, messages=messages).wire()


def fitting(left: Iterable[str], texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """What one answer shows, and what has to wait for the next; both in order, and nothing gets lost.

    The answer to the turn itself finds room first; what was left before is said before it, as far as it still fits.
    """
    answer, rest = packed(texts, MOST_MESSAGES, MOST_SAID_BYTES)
    before, kept = packed(left, MOST_MESSAGES - len(answer), MOST_SAID_BYTES - weights(answer))
    return [*before, *answer], [*kept, *rest]


def packed(texts: Iterable[str], most: int, room: int) -> tuple[list[str], list[str]]:
    """The first pieces of the texts, so many and so heavy at most, and all behind them."""
    pieces = [piece for text in texts for piece in split(text)]
    fit = next((end for end in range(min(most, len(pieces)), 0, -1) if weights(pieces[:end]) <= room), 0)
    return pieces[:fit], pieces[fit:]


def weights(pieces: list[str]) -> int:
    """The bytes of these texts as messages."""
    return sum(weight(Said(content=piece).model_dump()) + len(", ") for piece in pieces)


def weight(value: Any) -> int:
    """The bytes of this as JSON, as Lambda writes it: a letter is no six bytes of `\\u0000`."""
    return len(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


def split(text: str) -> list[str]:
    """The text in pieces that Lex takes, parted at spaces where there are any."""
    pieces = []
    rest = text.strip()
    while len(rest) > LONGEST:
        at = rest.rfind(" ", 1, LONGEST + 1)
        at = at if at > 0 else LONGEST
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*pieces, rest] if rest else pieces
