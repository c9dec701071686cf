"""A case at the desk: what a person makes of a conversation that the bot has lost, and the clock when nobody does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from rapport.domain.advance import Draft
from rapport.domain.answering import PERSON, Utterance, draft
from rapport.domain.conversation import (
    Conversation,
    Due,
    Owner,
    Step,
    Turn,
    answered,
    handed_back,
    next_due,
)
from rapport.domain.customer import Customer
from rapport.domain.decision import Decision
from rapport.domain.delivery import Delivery
from rapport.domain.dialogue import Rules
from rapport.domain.message import Answered, Content, Message, Status, message_id
from rapport.domain.policy import Policy
from rapport.domain.words import CONVERSATION, Purpose

STILL_WAITING: Final = "still-waiting"
ANSWERED: Final = "answered by a person"
NOBODY_FREE: Final = "nobody was free to answer"
LONGEST: Final = 1000  # characters of one answer
LONGEST_NAME: Final = 80
MOST_LEFT: Final = 20  # answers that wait in a chat
FULL: Final = f"{MOST_LEFT} answers wait in the chat, and it holds no more until the customer writes"
MOST_BEFORE: Final = 10  # turns that lead to a case
MOST_SINCE: Final = 50  # turns of a case
LINK_LASTS: Final = timedelta(days=14)
OPENED_HERE: Final = re.compile("a complaint( about .*)?")  # a hand-over's own troubles; an event's have another name
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """All that the desk is told; `said` are our messages with their words, `elsewhere` is whether another of the
    customer's conversations is with a person too."""

    customer: Customer
    conversation: Conversation
    turns: tuple[Turn, ...] = ()
    said: tuple[tuple[Message, str | None], ...] = ()
    steps: tuple[Step, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    elsewhere: bool = False

    def begun(self) -> datetime:
        """When the bot lost the conversation, as far as that is on record."""
        return begun(self.conversation.case, self.steps)

    def over(self, case: str) -> bool:
        """Whether the case that somebody asks for isn't open any more."""
        return self.conversation.case != case or self.conversation.owner is Owner.BOT

    def handed_back_by(self, case: str, nonce: str) -> bool:
        """Whether it was by this page or e-mail that the case was handed back: it may come twice."""
        backs = [step for step in self.steps if step.case == case and step.to is Owner.BOT]
        return bool(nonce) and any(step.nonce == nonce for step in backs)


@dataclass(frozen=True)
class Doing:
    """What a person at the desk does; `nonce` is another for each page or e-mail that it is done by."""

    what: Literal["send", "send-and-hand-back", "hand-back"]
    nonce: str
    text: str = ""
    by: str = ""


class Came(StrEnum):
    """What came of it."""

    SENT = "sent"
    HELD = "held"
    LEFT = "left"
    HANDED_BACK = "handed-back"
    OVER = "over"
    UNSENDABLE = "unsendable"
    EMPTY = "empty"
    TOO_LONG = "too-long"


@dataclass(frozen=True)
class Change:
    """What is to be written, all of it or nothing."""

    conversation: Conversation
    steps: tuple[Step, ...] = ()
    drafts: tuple[Draft, ...] = ()
    customer: Customer | None = None


@dataclass(frozen=True)
class Done:
    """What came of it, until when it is held or why it can't be sent, and what is to be written, if anything is."""

    came: Came
    until: datetime | None = None
    because: str = ""
    change: Change | None = None


def begun(case: str | None, steps: Iterable[Step]) -> datetime:
    """When the bot lost the conversation, as far as that is on record."""
    return min((step.at for step in steps if step.case == case and step.to is Owner.WAITING), default=BEGINNING)


def ended(case: str | None, steps: Iterable[Step]) -> datetime | None:
    """When the case was handed back, if it was: what they say to the bot since is no business of the desk's."""
    return min((step.at for step in steps if step.case == case and step.to is Owner.BOT), default=None)


def of_case(turns: Iterable[Turn], case: str | None, steps: Iterable[Step]) -> list[Turn]:
    """The turns of a case with the ten that led to it, in order; of all the conversation's, the last one first."""
    every = list(steps)
    first, last = begun(case, every), ended(case, every)
    since: list[Turn] = []
    before: list[Turn] = []
    for turn in turns:
        if last is None or turn.at <= last:
            (since if turn.at > first else before).append(turn)
        if len(before) == MOST_BEFORE or len(since) == MOST_SINCE:
            break
    return [*since, *before][::-1]


def act(case: Case, name: str, doing: Doing, policy: Policy, now: datetime) -> Done:
    """What a person does with the case of this name."""
    if case.over(name):
        return Done(Came.OVER)
    if doing.what == "hand-back":
        return Done(Came.HANDED_BACK, change=back(case, Change(case.conversation), doing, now))
    text = readable(doing.text)
    if not text or len(text) > LONGEST:
        return Done(Came.TOO_LONG if text else Came.EMPTY)
    if len(case.conversation.left) >= MOST_LEFT:
        return Done(Came.UNSENDABLE, because=FULL)
    made = words(case, doing, text, policy, now)
    if made.message.status not in (Status.QUEUED, Status.SENT):
        return unsendable(made.message)
    conversation, step = answered(case.conversation, called(doing.by), now)
    if conversation.channel == "chat":
        conversation = leaving(conversation, text)
    again = Step(at=now, to=Owner.HUMAN, by=called(doing.by), why="answered again", case=name)
    change = Change(conversation, (step or again,), (made,))
    if doing.what == "send-and-hand-back":
        change = back(case, change, doing, now)
    return came_of(made.message, change)


def unsendable(message: Message) -> Done:
    """Why there is no message: it was decided so, or no carrier would take its words."""
    decided = message.decision.because.removeprefix(f"{ANSWERED}; ")
    return Done(Came.UNSENDABLE, because=message.detail or decided)


def came_of(message: Message, change: Change | None = None) -> Done:
    """Where a person's words are."""
    if message.channel is None:
        return Done(Came.LEFT, change=change)
    held = message.decision.outcome == "hold"
    return Done(Came.HELD if held else Came.SENT, until=message.decision.until, change=change)


def answer_id(conversation: Conversation, case: str, doing: Doing) -> str:
    """The message that the answer becomes: sent again, as by a page that is loaded again, it is the same."""
    said = readable(doing.text)
    return message_id(conversation.customer, CONVERSATION, conversation.thread, case, f"{doing.nonce}\x1f{said}")


def words(case: Case, doing: Doing, text: str, policy: Policy, now: datetime) -> Draft:
    """The answer as a message; in a chat, where nobody can be sent anything, it is on record as said."""
    conversation = case.conversation
    id_ = answer_id(conversation, conversation.case or "", doing)
    if conversation.channel == "sms":
        return draft(Utterance(id_, PERSON, Purpose.REPLY, ANSWERED), text, conversation, case.customer, policy, now)
    message = Message(
        id=id_,
        customer=conversation.customer,
        journey=CONVERSATION,
        about=conversation.thread,
        entry="",
        purpose=Purpose.REPLY,
        template=PERSON,
        template_version="",
        status=Status.SENT,
        decision=Decision(outcome="send", at=now, because=f"{ANSWERED}; left in the chat for the customer's next turn"),
        created_at=now,
        due_at=now,
        expires_at=now,
        sent_at=now,
        answers=Answered(address=conversation.address, at=conversation.heard_at or now),
    )
    return Draft(message, Content(text=text))


def prospect(case: Case, policy: Policy, now: datetime) -> Done:
    """What would come of an answer now."""
    if case.over(case.conversation.case or ""):
        return Done(Came.OVER)
    made = words(case, Doing("send", ""), "?", policy, now).message
    if made.status not in (Status.QUEUED, Status.SENT):
        return unsendable(made)
    return came_of(made)


def back(case: Case, change: Change, doing: Doing, now: datetime) -> Change:
    """The conversation to the bot, the customer to what is cheerful, and settled what the hand-over opened."""
    conversation, step = handed_back(change.conversation, called(doing.by), "handed back", now)
    step = step.model_copy(update={"nonce": doing.nonce})
    customer = case.customer.model_copy(update={"human_owns": case.elsewhere})
    for label, since in case.customer.troubles.items():
        if OPENED_HERE.fullmatch(label) and since >= case.begun():
            customer = customer.without_trouble(label, now)
    return Change(conversation, (*change.steps, step), change.drafts, customer)


def leaving(conversation: Conversation, text: str) -> Conversation:
    """The chat, with words for its customer's next turn."""
    return conversation.model_copy(update={"left": (*conversation.left, text)})


def is_due(conversation: Conversation, due: Due) -> bool:
    """Whether this is what is due now, and not what was due before somebody wrote or answered."""
    return conversation.owner is not Owner.BOT and conversation.due == due


def after_telling(conversation: Conversation, rules: Rules) -> Change:
    """What is due once the desk was told; a reminder whose time went by before they were told would remind of that."""
    due = next_due(conversation, rules.desk, rules.opening)
    if due and due.what == "remind" and conversation.due and due.at <= conversation.due.at:
        reminded = conversation.model_copy(update={"due": due})
        due = next_due(reminded, rules.desk, rules.opening)
    return Change(conversation.model_copy(update={"due": due}))


def apologise(conversation: Conversation, customer: Customer, text: str, policy: Policy, now: datetime) -> Change:
    """The customer hears that nobody was free; by night they don't, and in the morning that may not be so any more.

    Then nothing is due until they write again, from when on a person owes them a word anew.
    """
    due = conversation.due.at.isoformat() if conversation.due else ""
    quiet = conversation.model_copy(update={"due": None, "unanswered_since": None})
    if conversation.channel == "chat":
        return Change(leaving(quiet, text))
    id_ = message_id(conversation.customer, CONVERSATION, conversation.thread, conversation.case or "", due)
    utterance = Utterance(id_, STILL_WAITING, Purpose.REPLY, NOBODY_FREE, str(conversation.epoch))
    made = draft(utterance, text, conversation, customer, policy, now)
    if until := made.message.decision.until:
        return Change(conversation.model_copy(update={"due": Due(what="apologise", at=until)}))
    return Change(quiet, drafts=(made,))


def elsewhere(conversations: Iterable[Conversation], thread: str) -> bool:
    """Whether another of a customer's conversations is with a person."""
    return any(each.owner is not Owner.BOT for each in conversations if each.thread != thread)


def readable(text: str) -> str:
    """What a person wrote, without what no telephone shows; lines stay lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(shown(line).rstrip() for line in lines).strip()


def shown(line: str) -> str:
    """One line with every control character a space; what joins emoji and letters stays."""
    return "".join(char if char.isprintable() or char in "\u200c\u200d" else " " for char in line)


def called(by: str) -> str:
    """Who it was, on one line."""
    return " ".join(shown(by).split())[:LONGEST_NAME] or "a person"
