"""One thing said, or not said, to one customer on one channel, and the ladder that its status climbs."""

import hashlib
from base64 import b32encode
from datetime import UTC
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from rapport.domain.decision import Decision
from rapport.domain.words import Channel, Purpose, Reason


class Status(StrEnum):
    """Where a message is: `queued < sending < sent < delivered`, or an end off the ladder."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    SKIPPED = "skipped"


RANK: Final = {
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.UNKNOWN: 2,
    Status.SENT: 3,
    Status.DELIVERED: 4,
    Status.FAILED: 5,
    Status.SUPPRESSED: 6,
    Status.EXPIRED: 7,
    Status.SKIPPED: 7,
}


class UnsayableError(ValueError):
    """The template can't be rendered with what is known; the text names template and cause, never a value."""


class Content(BaseModel):
    """The rendered words; `subject` and `html` are an e-mail's."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    text: str
    subject: str | None = None
    html: str | None = None


class Answered(BaseModel):
    """Whom a message answers: the only address that it may go to, and when they wrote from there."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    address: str
    at: AwareDatetime


class Message(BaseModel):
    """`due_at` is when it may go out, in UTC, by which claims and the index compare it as text.

    `doubts` is how often we could not tell whether it went, `attempts` how often it was given to its carrier.

    `text` is the words where they lie with the message, as a text's do; an e-mail's lie apart, and `words` tells which
    they are. `soft` marks a failure that a receipt of its delivery still outdoes. What is said in a conversation has
    that in the place of its journey, its thread in `about`, and `answers` with the address and the time of what it
    answers.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: str
    customer: str
    journey: str
    about: str
    entry: str
    purpose: Purpose
    template: str
    template_version: str
    route: tuple[Channel, ...] = ()
    status: Status
    decision: Decision
    created_at: AwareDatetime
    due_at: Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
    expires_at: AwareDatetime
    channel: Channel | None = None
    address: str | None = None
    reason: Reason | None = None
    detail: str | None = None
    text: str | None = None
    words: str | None = None
    asks: str | None = None
    awaited: bool = False
    attempts: int = 0
    doubts: int = 0
    possible_duplicate: bool = False
    owner: str | None = None
    lease_until: AwareDatetime | None = None
    carrier_id: str | None = None
    sent_at: AwareDatetime | None = None
    soft: bool = False
    engagement: dict[str, AwareDatetime] | None = None
    answers: Answered | None = None


def message_id(customer: str, journey: str, about: str, entry: str, step: str) -> str:
    """The same step of the same run makes the same id, so planning twice makes one message."""
    said = "\x1f".join((customer, journey, about, entry, step))
    return "m-" + b32encode(hashlib.blake2s(said.encode(), digest_size=10).digest()).decode().lower()
