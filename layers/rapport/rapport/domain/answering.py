"""What is said in a conversation as messages: decided like any other, and void once the bot has lost it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Protocol

from rapport.domain.advance import Draft, check_length, known_of
from rapport.domain.conversation import Conversation, Turn, short_hash
from rapport.domain.customer import Customer
from rapport.domain.decision import Decision, Request, decide
from rapport.domain.dialogue import Answer, Scene, Telling
from rapport.domain.event import Event
from rapport.domain.message import Answered, Content, Message, Status, UnsayableError, message_id
from rapport.domain.policy import Policy
from rapport.domain.words import CONVERSATION, Channel, Purpose, Reason

PERSON: Final = "a-person"  # the template of what a person writes


class Answers(Protocol):
    """Where the sentences come from."""

    def answer(self, name: str, customer: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
        """The sentence in the customer's language. Raises UnsayableError."""


@dataclass(frozen=True)
class Utterance:
    """One thing to be said in a conversation, and why; with the conversation's epoch for `entry`, void in another."""

    id: str
    name: str
    purpose: Purpose
    because: str
    entry: str = ""


def drafts(answer: Answer, turn: Turn, scene: Scene, texts: list[str], policy: Policy) -> list[Draft]:
    """The messages of an answer by text; sentences of one purpose are one text, since two may overtake each other."""
    customer = answer.customer or scene.customer
    epoch = str(answer.conversation.epoch)
    made = []
    said = zip(answer.says, texts, strict=True)
    for number, (purpose, group) in enumerate(groupby(said, key=lambda each: each[0].purpose)):
        names, worded = zip(*((saying.name, text) for saying, text in group), strict=True)
        entry = "" if purpose is Purpose.NOTICE else epoch
        id_ = message_id(customer.id, CONVERSATION, answer.conversation.thread, turn.id, str(number))
        utterance = Utterance(id_, ", ".join(names), purpose, answer.because, entry)
        made.append(draft(utterance, " ".join(worded), answer.conversation, customer, policy, scene.now))
    return made


def by_message(answer: Answer, made: list[Draft], now: datetime) -> Answer:
    """The answer, with what it asks known by the message that asks it, so that a yes to another isn't one to this."""
    asked = answer.conversation.asked
    if asked is None or asked.asked_at != now or not made:
        return answer
    named = asked.model_copy(update={"message": made[-1].message.id})
    return replace(answer, conversation=answer.conversation.model_copy(update={"asked": named}))


def draft(
    utterance: Utterance, text: str, conversation: Conversation, customer: Customer, policy: Policy, now: datetime
) -> Draft:
    """One message to the address that the customer writes from, or the reason why there is none."""
    request = Request(
        message=utterance.id,
        purpose=utterance.purpose,
        route=(Channel.SMS,),
        expires_at=now + policy.purposes[utterance.purpose].expires,
        address=conversation.address,
        heard_at=conversation.heard_at or now,
    )
    history = customer.spoken_since(now - policy.longest_cap())
    decision = decide(request, customer, history, policy, now)
    message = unsaid(utterance, request, decision, conversation, now)
    if decision.outcome == "skip":
        return Draft(message)
    content = Content(text=text)
    try:
        check_length(content, Channel.SMS)
    except UnsayableError as error:
        failed = {"status": Status.FAILED, "reason": Reason.UNSAYABLE, "detail": str(error)}
        return Draft(message.model_copy(update=failed))
    queued = {"status": Status.QUEUED, "address": conversation.address, "reason": None}
    return Draft(message.model_copy(update=queued), content)


def unsaid(
    utterance: Utterance, request: Request, decision: Decision, conversation: Conversation, now: datetime
) -> Message:
    """The message as it is on record when it isn't said."""
    return Message(
        id=utterance.id,
        customer=conversation.customer,
        journey=CONVERSATION,
        about=conversation.thread,
        entry=utterance.entry,
        purpose=utterance.purpose,
        template=utterance.name,
        template_version="",
        route=request.route,
        status=Status.SKIPPED,
        decision=decision.model_copy(update={"because": f"{utterance.because}; {decision.because}"}),
        created_at=now,
        due_at=decision.until or now,
        expires_at=request.expires_at,
        channel=Channel.SMS,
        reason=decision.reason,
        answers=Answered(address=conversation.address, at=conversation.heard_at or now),
    )


def sentences(answer: Answer, scene: Scene, answers: Answers) -> list[str]:
    """What is said, in the customer's language. Raises UnsayableError."""
    return [answers.answer(saying.name, known_of(scene.customer), saying.facts) for saying in answer.says]


def event_of(telling: Telling, number: int, turn: Turn, now: datetime) -> Event:
    """The event that a turn leads to; planned twice, it has the same id."""
    id_ = f"n-{short_hash(turn.customer, turn.id, str(number))}"
    return Event(id=id_, type=telling.type, customer=turn.customer, at=now, data=dict(telling.data))
