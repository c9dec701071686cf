"""What is said to and fro with a customer on one channel: who has it, what was asked, and what happens next."""

import hashlib
from base64 import b32encode
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, model_validator

from rapport.domain.opening import Opening
from rapport.domain.words import Span


class Owner(StrEnum):
    """Who answers the customer."""

    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"


class Cause(StrEnum):
    """What took a conversation to a person: so that hand-overs can be counted, whatever `why` says in words."""

    ASKED = "asked"
    MISSES = "misses"
    UNHAPPY = "unhappy"
    COMPLAINT = "complaint"
    DOUBT = "doubt"
    LATE = "late"
    FAILURE = "failure"


class Question(BaseModel):
    """Something that we asked; `about` is the order or whatever else it is about, `place` what was read back.

    `message` asked it, and went out at `sent_at`. A journey's run listens for the answer until `heard_until`.
    `version` is the delivery's.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    asks: str
    asked_at: AwareDatetime
    sent_at: AwareDatetime | None = None
    about: str = ""
    journey: str | None = None
    message: str | None = None
    heard_until: AwareDatetime | None = None
    place: str | None = None
    version: int | None = None
    options: tuple[str, ...] = ()
    reading: str | None = None


class Due(BaseModel):
    """What the people at the desk are to be told next, or the customer in their place."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    what: Literal["tell", "remind", "apologise"]
    at: AwareDatetime


class Step(BaseModel):
    """One change of who has the conversation; a hand-over has a cause, a hand-back what it came by."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    at: AwareDatetime
    to: Owner
    by: str
    why: str
    case: str
    cause: Cause | None = None
    nonce: str | None = None


class Conversation(BaseModel):
    """`epoch` rises when the bot loses the conversation and when it gets it back: what it said before is void.

    `case` is the hand-over that is open, or was last. `unanswered_since` is since when a person owes a word; `left` is
    what they said in a chat that its customer hasn't come back to.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    customer: str
    channel: Literal["sms", "chat"]
    address: str
    owner: Owner = Owner.BOT
    epoch: int = 0
    case: str | None = None
    why: str | None = None
    unanswered_since: AwareDatetime | None = None
    due: Due | None = None
    asked: Question | None = None
    misses: int = 0
    last_heard: str | None = None
    last_said: str | None = None
    heard_at: AwareDatetime | None = None
    asked_stop_at: AwareDatetime | None = None
    left: tuple[str, ...] = ()
    version: int = 0

    @property
    def thread(self) -> str:
        """What it is known by among its customer's conversations; it says nothing of the address."""
        return thread_of(self.channel, self.address)


class Turn(BaseModel):
    """What a customer wrote: `previous` is the message of ours that they answer, where the carrier says so.

    `answers` names what we said to it, `said` is how, in a chat, and `because` says why. `understood` is what the
    chatbot made of it, where it was asked.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: str
    customer: str
    channel: Literal["sms", "chat"]
    address: str
    at: AwareDatetime
    text: str
    locale: str | None = None
    previous: str | None = None
    handled: bool = False
    answers: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    because: str = ""
    understood: dict[str, JsonValue] | None = None


def thread_of(channel: str, address: str) -> str:
    """What a conversation from this address on this channel is known by."""
    return "t-" + short_hash(channel, address)


def short_hash(*said: str) -> str:
    """Sixteen small letters and digits that stand for what was said."""
    hashed = hashlib.blake2s("\x1f".join(said).encode(), digest_size=10).digest()
    return b32encode(hashed).decode().lower()


class Reminding(BaseModel):
    """How long a person may take, of the time that people are in: to be reminded, and for the customer to be told."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    remind_after: Span
    apologise_after: Span

    @model_validator(mode="after")
    def reminds_before_it_apologises(self) -> "Reminding":
        """Raises ValueError when the customer would hear of it before the desk is reminded."""
        if self.remind_after >= self.apologise_after:
            raise ValueError("expected remind_after to be shorter than apologise_after")
        return self


def hand_over(
    before: Conversation, why: str, by: str, now: datetime, *, cause: Cause
) -> tuple[Conversation, Step | None]:
    """The bot falls silent and a person is told; of a conversation that isn't the bot's, nothing changes but that."""
    due = Due(what="tell", at=now)
    if before.owner is not Owner.BOT:
        after = before.model_copy(update={"due": due, "unanswered_since": before.unanswered_since or now})
        return after, None
    epoch = before.epoch + 1
    case = case_id(before, epoch)
    after = before.model_copy(
        update={
            "owner": Owner.WAITING,
            "epoch": epoch,
            "case": case,
            "why": why,
            "unanswered_since": now,
            "due": due,
            "asked": None,
            "misses": 0,
        }
    )
    return after, Step(at=now, to=Owner.WAITING, by=by, why=why, case=case, cause=cause)


def case_id(conversation: Conversation, epoch: int) -> str:
    """What a hand-over is known by."""
    return "c-" + short_hash(conversation.customer, conversation.channel, conversation.address, str(epoch))


def answered(before: Conversation, by: str, now: datetime) -> tuple[Conversation, Step | None]:
    """A person has answered: the conversation is theirs, and nobody owes a word."""
    after = before.model_copy(update={"owner": Owner.HUMAN, "unanswered_since": None, "due": None})
    if before.owner is Owner.HUMAN:
        return after, None
    return after, Step(at=now, to=Owner.HUMAN, by=by, why="answered", case=before.case or "")


def handed_back(before: Conversation, by: str, why: str, now: datetime) -> tuple[Conversation, Step]:
    """The bot has it again, and the next turn starts clean."""
    after = before.model_copy(
        update={
            "owner": Owner.BOT,
            "epoch": before.epoch + 1,
            "unanswered_since": None,
            "due": None,
            "asked": None,
            "misses": 0,
            "last_heard": None,
            "last_said": None,
        }
    )
    return after, Step(at=now, to=Owner.BOT, by=by, why=why, case=before.case or "")


def next_due(before: Conversation, reminding: Reminding, opening: Opening) -> Due | None:
    """What is due after what was just seen to: told, then reminded, then the customer hears that nobody was free."""
    since, done = before.unanswered_since, before.due
    if since is None or done is None or done.what == "apologise":
        return None
    if done.what == "tell":
        return Due(what="remind", at=opening.after(since, reminding.remind_after))
    return Due(what="apologise", at=opening.after(since, reminding.apologise_after))
