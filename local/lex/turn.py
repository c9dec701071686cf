"""One turn: what was said, what it was taken for, and what goes to the code hook and back to the caller."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import NAMESPACE_URL, uuid5

from local.lex import NOTE
from local.lex.bot import Locale
from local.lex.session import Session, Wish
from local.lex.understanding import Guess
from local.template import Stack

Hook = Callable[[dict[str, Any]], Any]
BOT_ID: Final = "STANDIN001"
ALIAS_ID: Final = "STANDALIAS"


@dataclass(frozen=True)
class Identity:
    """What the bot is known by."""

    name: str
    bot_id: str = BOT_ID
    alias_id: str = ALIAS_ID
    alias_name: str = "live"
    version: str = "1"

    @classmethod
    def in_stack(cls, stack: Stack, name: str) -> Self:
        """As the stack's functions know the bot: by the ids of its resources Bot and BotAlias."""
        return cls(name, stack.attribute("Bot", "Id"), stack.attribute("BotAlias", "BotAliasId"))

    def as_sent(self, locale_id: str) -> dict[str, str]:
        """As a code hook is told it."""
        return {
            "id": self.bot_id,
            "name": self.name,
            "localeId": locale_id,
            "version": self.version,
            "aliasId": self.alias_id,
            "aliasName": self.alias_name,
        }


@dataclass
class Trace:
    """What happened in a turn and why, for people. `printed` says that it isn't Lex."""

    text: str
    threshold: float
    intent: str = ""
    score: float | None = None
    runner_up: Guess | None = None
    reading: str = ""
    slots: dict[str, str | None] = field(default_factory=dict)
    hooks: list[str] = field(default_factory=list)
    action: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    def printed(self) -> str:
        """Some lines."""
        score = "-" if self.score is None else f"{self.score:.2f}"
        second = f", then {self.runner_up.intent} {self.runner_up.score:.2f}" if self.runner_up else ""
        action = " ".join(str(self.action[name]) for name in ("type", "slotToElicit") if self.action.get(name))
        filled = ", ".join(f"{name}={value}" for name, value in self.slots.items() if value is not None)
        lines = [
            f"{self.reading}: {self.intent} {score} (threshold {self.threshold}{second})",
            f"slots: {filled or 'none'}",
            f"hooks: {', '.join(self.hooks) or 'none'}",
            f"next: {self.error or action}",
            NOTE,
        ]
        return "\n".join(lines)


@dataclass
class Turn:
    """What is known while a turn lasts."""

    session: Session
    locale: Locale
    identity: Identity
    text: str
    request_attributes: dict[str, str] | None
    now: datetime
    trace: Trace
    guesses: list[Guess] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    interpretations: list[tuple[Wish, float | None]] = field(default_factory=list)
    missed: bool = False
    twice: bool = False
    calls: int = 0

    @property
    def wish(self) -> Wish:
        """The intent that the turn is about."""
        if self.session.wish is None:
            raise LookupError("no intent yet")
        return self.session.wish

    def begin(self, wish: Wish, score: float | None) -> None:
        """The turn is about this intent from now on."""
        self.session.wish = wish
        self.session.question = None
        rest = [each for each in self.interpretations if each[0].intent.name != wish.intent.name]
        self.interpretations = [(wish, score), *rest][:5]
        self.trace.intent, self.trace.score = wish.intent.name, score
        self.trace.runner_up = next((guess for guess in self.guesses if guess.intent != wish.intent.name), None)

    @property
    def request_id(self) -> str:
        """One id for each turn of a session."""
        return str(uuid5(NAMESPACE_URL, f"{self.session.session_id}/{self.session.turns}/{self.now.isoformat()}"))

    def interpreted(self, *, for_hook: bool) -> list[dict[str, Any]]:
        """The interpretations: a hook gets a score as a number, the API's caller as an object."""
        found = []
        for wish, score in self.interpretations:
            entry: dict[str, Any] = {"intent": wish.as_sent(), "interpretationSource": "Lex"}
            if score is not None:
                entry["nluConfidence"] = score if for_hook else {"score": score}
            found.append(entry)
        return found

    def event(self, source: str, proposal: dict[str, Any] | None, attempt: str) -> dict[str, Any]:
        """What the code hook is given, with the nulls that Lex sends."""
        wish = self.wish.as_sent()
        elicits = source == "DialogCodeHook" and proposal is not None and proposal["type"] == "ElicitSlot"
        next_state = {"dialogAction": proposal, "intent": self.wish.as_sent(), "prompt": {"attempt": attempt}}
        return {
            "messageVersion": "1.0",
            "invocationSource": source,
            "inputMode": "Text",
            "responseContentType": "text/plain; charset=utf-8",
            "sessionId": self.session.session_id,
            "inputTranscript": self.text,
            "bot": self.identity.as_sent(self.locale.locale_id),
            "interpretations": self.interpreted(for_hook=True),
            "proposedNextState": next_state if elicits else None,
            "requestAttributes": copy.deepcopy(self.request_attributes),
            "sessionState": {
                "activeContexts": [each.as_sent(self.now) for each in self.session.contexts],
                "sessionAttributes": copy.deepcopy(self.session.attributes),
                "intent": wish,
                "originatingRequestId": self.request_id,
            },
            "transcriptions": [
                {
                    "transcription": self.text,
                    "transcriptionConfidence": 1.0,
                    "resolvedContext": {"intent": wish["name"]},
                    "resolvedSlots": resolved(wish["slots"]),
                }
            ],
        }

    def answer(self) -> dict[str, Any]:
        """What the API's caller gets; without messages when there are none."""
        state = self.session.state(self.now) | {"originatingRequestId": self.request_id}
        answer: dict[str, Any] = {
            "sessionState": state,
            "interpretations": self.interpreted(for_hook=False),
            "requestAttributes": dict(self.request_attributes or {}),
            "sessionId": self.session.session_id,
        }
        return answer | ({"messages": list(self.session.messages)} if self.session.messages else {})


def resolved(slots: dict[str, Any]) -> dict[str, Any]:
    """The filled slots as transcriptions have them: without interpretedValue."""
    found = {}
    for name, slot in slots.items():
        if slot and slot.get("value"):
            value = {part: given for part, given in slot["value"].items() if part != "interpretedValue"}
            found[name] = {"shape": slot.get("shape", "Scalar"), "value": value}
    return found
