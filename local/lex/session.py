"""What Lex remembers of a conversation, until nobody has spoken for a while."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from local.lex.bot import Intent
from local.lex.contract import ContractError


def world_clock() -> datetime:
    """The time; in the local world, the world's."""
    return datetime.now(UTC)


@dataclass
class Wish:
    """The intent that a conversation is about, and how far it is."""

    intent: Intent
    slots: dict[str, Any]
    state: str = "InProgress"
    confirmation: str = "None"

    @classmethod
    def fresh(cls, intent: Intent) -> "Wish":
        """With nothing filled."""
        return cls(intent, {slot.name: None for slot in intent.slots})

    def missing(self, slot: str) -> bool:
        """Whether the slot has no value."""
        return not (self.slots.get(slot) or {}).get("value")

    def value(self, slot: str) -> str | None:
        """What the slot was understood to mean."""
        return None if self.missing(slot) else str(self.slots[slot]["value"]["interpretedValue"])

    def take(self, given: dict[str, Any]) -> None:
        """What a hook or a caller says of it. Slots that it doesn't say are lost, as in Lex."""
        slots = given.get("slots") or {}
        self.slots = {slot.name: copy.deepcopy(slots.get(slot.name)) for slot in self.intent.slots}
        self.state = given.get("state") or "InProgress"
        self.confirmation = given.get("confirmationState") or "None"

    def as_sent(self) -> dict[str, Any]:
        """As Lex writes it, with a null for each slot that isn't filled."""
        return {
            "name": self.intent.name,
            "slots": copy.deepcopy(self.slots),
            "state": self.state,
            "confirmationState": self.confirmation,
        }


@dataclass(frozen=True)
class Question:
    """What the customer was asked last, for the how-manieth time."""

    kind: Literal["ElicitSlot", "ConfirmIntent"]
    slot: str | None = None
    attempt: int = 0


@dataclass
class ActiveContext:
    """What was spoken of, for a few turns and a while."""

    name: str
    until: datetime
    turns: int
    attributes: dict[str, str]

    def as_sent(self, now: datetime) -> dict[str, Any]:
        """With what is left of it."""
        left = max(5, int((self.until - now).total_seconds()))
        ttl = {"timeToLiveInSeconds": left, "turnsToLive": self.turns}
        return {"name": self.name, "timeToLive": ttl, "contextAttributes": dict(self.attributes)}

    @classmethod
    def given(cls, context: dict[str, Any], now: datetime) -> "ActiveContext":
        """From what a hook or a caller says."""
        ttl = context["timeToLive"]
        until = now + timedelta(seconds=ttl["timeToLiveInSeconds"])
        return cls(context["name"], until, ttl["turnsToLive"], dict(context.get("contextAttributes") or {}))


@dataclass
class Session:
    """One conversation."""

    session_id: str
    seen: datetime
    attributes: dict[str, str] | None = None
    contexts: list[ActiveContext] = field(default_factory=list)
    wish: Wish | None = None
    action: dict[str, Any] = field(default_factory=lambda: {"type": "None"})
    question: Question | None = None
    turns: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    interpretations: list[dict[str, Any]] = field(default_factory=list)

    def age(self, now: datetime) -> None:
        """Contexts whose time or turns are over end."""
        self.contexts = [each for each in self.contexts if each.until > now and each.turns > 0]

    def count_turn(self, earlier: list[ActiveContext]) -> None:
        """One turn less for the contexts that were active before this one."""
        for context in earlier:
            context.turns -= 1
        self.contexts = [each for each in self.contexts if each.turns > 0]

    def activate(self, context: ActiveContext) -> None:
        """The context, in the place of the one of its name."""
        self.contexts = [*(each for each in self.contexts if each.name != context.name), context]

    def state(self, now: datetime) -> dict[str, Any]:
        """As the runtime's callers see it."""
        state: dict[str, Any] = {
            "dialogAction": dict(self.action),
            "activeContexts": [each.as_sent(now) for each in self.contexts],
            "sessionAttributes": dict(self.attributes or {}),
        }
        return state | ({"intent": self.wish.as_sent()} if self.wish else {})

    def take(self, given: dict[str, Any], find: Callable[[str], Intent | None], now: datetime) -> None:
        """What a caller says the session is to be. Raises ContractError."""
        if given.get("sessionAttributes") is not None:
            self.attributes = dict(given["sessionAttributes"])
        if given.get("activeContexts") is not None:
            self.contexts = [ActiveContext.given(each, now) for each in given["activeContexts"]]
        if given.get("intent"):
            intent = find(given["intent"]["name"])
            if intent is None:
                raise ContractError("intent-known", f"an intent of the bot, got {given['intent']['name']!r}")
            self.wish = Wish.fresh(intent)
            self.wish.take(given["intent"])
        if given.get("dialogAction"):
            self.expect(given["dialogAction"])

    def expect(self, action: dict[str, Any]) -> None:
        """The customer's next words answer this. Raises ContractError."""
        kind, slot = action["type"], action.get("slotToElicit")
        if kind in ("ElicitSlot", "ConfirmIntent") and self.wish is None:
            raise ContractError("intent-name-required", f"intent.name with {kind}")
        if kind == "ElicitSlot" and self.wish and slot not in self.wish.slots:
            raise ContractError("slots-known", f"a slot of {self.wish.intent.name}, got {slot!r}")
        self.action = dict(action)
        self.question = Question(kind, slot) if kind in ("ElicitSlot", "ConfirmIntent") else None


class Sessions:
    """Every conversation that is still remembered, by bot alias, locale and id."""

    def __init__(self, idle: int, clock: Callable[[], datetime]) -> None:
        self.idle = timedelta(seconds=idle)
        self.clock = clock
        self.kept: dict[tuple[str, str], Session] = {}

    def find(self, locale: str, session_id: str) -> Session | None:
        """The session, if somebody spoke in it not too long ago; what changes in it isn't kept until `keep`."""
        session = self.kept.get((locale, session_id))
        if session and self.clock() - session.seen >= self.idle:
            del self.kept[locale, session_id]
            session = None
        return copy.deepcopy(session)

    def new(self, session_id: str) -> Session:
        """One that begins now."""
        return Session(session_id, self.clock())

    def keep(self, locale: str, session: Session) -> None:
        """The session as it is after a turn that ended well."""
        session.seen = self.clock()
        self.kept[locale, session.session_id] = session

    def forget(self, locale: str, session_id: str) -> bool:
        """Whether there was one."""
        return self.kept.pop((locale, session_id), None) is not None
