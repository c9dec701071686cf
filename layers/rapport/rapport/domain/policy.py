"""The company's rules of speaking, as content/policy.yaml states them."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rapport.domain.event import EventType
from rapport.domain.local_time import SendWindow
from rapport.domain.words import Purpose, Span


class ConsentRule(StrEnum):
    """What the customer must have said before we may speak."""

    UNLESS_WITHDRAWN = "unless-withdrawn"
    GIVEN = "given"
    NOT_NEEDED = "not-needed"


class PurposeRules(BaseModel):
    """How one purpose speaks; `expires` bounds how late its messages may still go out when the journey sets no time."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    consent: ConsentRule
    quiet_hours: Literal["hold", "drop", "ignore"]
    on_doubt: Literal["stop", "send-again"]
    heeds_troubles: bool = False
    expires: Span


class Cap(BaseModel):
    """At most so many messages of these purposes, together, in any stretch of this length."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    at_most: Annotated[int, Field(ge=1, le=50)]
    every: Span


class Trouble(BaseModel):
    """Something between the customer and us that makes a cheerful word unwelcome, for as long as it is open."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opened_by: tuple[EventType, ...]
    closed_by: tuple[EventType, ...]
    about: str


class Policy(BaseModel):
    """Everything `decide` goes by, beside the customer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    send_window: SendWindow
    purposes: dict[Purpose, PurposeRules]
    caps: tuple[Cap, ...] = ()
    troubles: dict[str, Trouble] = Field(default_factory=dict)

    @model_validator(mode="after")
    def every_purpose_has_rules(self) -> "Policy":
        """Raises ValueError when a purpose is missing."""
        if missing := [purpose for purpose in Purpose if purpose not in self.purposes]:
            raise ValueError(f"expected rules for every purpose; missing: {', '.join(missing)}")
        return self

    def longest_cap(self) -> timedelta:
        """How long a spoken message has to be remembered for the caps."""
        return max((cap.every for cap in self.caps), default=timedelta(0))

    def capped(self, purpose: Purpose) -> bool:
        """Whether any cap counts this purpose."""
        return any(purpose in cap.purposes for cap in self.caps)
