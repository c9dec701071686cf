"""Texts that come in: kept once, put into their order, and answered one after the other, several threads at once."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from rapport.adapters import batch, time_zones
from rapport.adapters.chatbot import Chatbot
from rapport.adapters.ledger import ConflictError
from rapport.adapters.replying import Replier
from rapport.adapters.telemetry import count, log_failure
from rapport.domain.conversation import Owner, Turn, short_hash, thread_of
from rapport.domain.customer import Address, Customer
from rapport.domain.dialogue import Scene, Understood, lasting
from rapport.domain.words import Channel

MOST_TRIES: Final = 10
LONGEST: Final = 10_000  # characters; what is longer is cut, and answered as too long
EVER: Final = datetime.min.replace(tzinfo=UTC)
Thread = tuple[str, str]


class Text(BaseModel):
    """A text as End User Messaging hands it on; what else it says is of no use to us."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)

    sender: str = Field(alias="originationNumber", pattern=r"^\+?[A-Za-z0-9]{3,20}$")
    body: str = Field(default="", alias="messageBody")
    id: str = Field(default="", alias="inboundMessageId", max_length=200)
    previous: str | None = Field(default=None, alias="previousPublishedMessageId", max_length=200)


class Inbox:
    """Raising means that a text comes back; those that were kept are answered all the same."""

    def __init__(self, replier: Replier, chatbot: Chatbot) -> None:
        self.replier = replier
        self.conversations = replier.conversations
        self.chatbot = chatbot
        self.pool = batch.a_pool()

    def take(self, bodies: dict[str, str]) -> set[str]:
        """Keeps every text, then answers them in their order; `bodies` by record, and back come those that failed.

        Nobody waits for another's chatbot: threads are answered at once, each by itself.
        """
        failed: set[str] = set()
        threads: dict[Thread, set[str]] = {}
        for record, body in bodies.items():
            try:
                threads.setdefault(self.keep(body), set()).add(record)
            except Exception as error:
                log_failure("text not kept", error)
                failed.add(record)
        unanswered: set[Thread] = set()
        batch.at_once(self.pool, [partial(self.try_to_answer, thread, unanswered) for thread in threads])
        return failed.union(*(threads[thread] for thread in unanswered))

    def try_to_answer(self, thread: Thread, unanswered: set[Thread]) -> None:
        """Answers one thread; one that can't be is put among the `unanswered`."""
        try:
            self.answer_all(*thread)
        except Exception as error:
            log_failure("text not answered", error)
            unanswered.add(thread)

    def keep(self, body: str) -> Thread:
        """Puts down one text with whom it is from. Raises KeyError, ValueError or ConflictError."""
        envelope = json.loads(body)
        told = json.dumps(json.loads(envelope["Message"]), ensure_ascii=False)
        text = Text.model_validate_json(told.encode(errors="replace"))  # half an emoji is no Unicode
        at = datetime.fromisoformat(envelope["Timestamp"])
        name = short_hash(text.id or f"SNS {envelope['MessageId']}")
        thread = thread_of("sms", text.sender)
        if kept_for := self.conversations.kept_for(thread, name):
            return kept_for, thread
        customer, previous = self.sender(text, thread)
        turn = Turn(
            id=name,
            customer=customer,
            channel="sms",
            address=text.sender,
            at=at,
            text=text.body[:LONGEST],
            previous=previous,
        )
        if self.conversations.put_turn(turn, thread):
            count("ReceivedTexts")
        return customer, thread

    def sender(self, text: Text, thread: str) -> tuple[str, str | None]:
        """Whose text it is, and the message that it answers: as the carrier says, else by the number.

        Who was met as a stranger isn't meant any more once somebody is known to have the number.
        """
        answered = self.conversations.message_of(text.previous) if text.previous else None
        owners = self.conversations.owners(text.sender)
        if answered and answered[0] in owners:
            return answered
        known = [each for each in owners if each != stranger_with(text.sender)] or owners
        if len(known) > 1:
            return max(known, key=lambda each: self.nearness(each, thread)), None
        return known[0] if known else self.meet(text.sender), None

    def nearness(self, customer: str, thread: str) -> tuple[bool, bool, datetime, int, str]:
        """How much of a talk with them is under way: of those who share a number, the nearest is meant.

        A person has their conversation; they were asked something; the latest that they wrote, or were asked.
        """
        conversation = self.conversations.read(customer, thread)[1]
        rules, now = self.replier.content.rules, self.replier.clock()
        open_ = [each for each in self.conversations.questions(customer) if lasting(each, now, rules.question_lasts)]
        with_a_person = conversation is not None and conversation.owner is not Owner.BOT
        asked = conversation.asked if conversation else None
        moments = [each.asked_at for each in open_]
        if conversation and conversation.heard_at:
            moments.append(conversation.heard_at)
        under_way = asked is not None and lasting(asked, now, rules.question_lasts)
        return with_a_person, under_way, max(moments, default=EVER), len(open_), customer

    def meet(self, number: str) -> str:
        """Somebody of whom we know nothing but the number. Raises ConflictError at length."""
        name = stranger_with(number)
        zones = time_zones.candidate_zones(None, None, number)
        address = Address(channel=Channel.SMS, value=number)
        for _ in range(MOST_TRIES):
            if self.conversations.read(name, "")[0].known:
                return name
            with suppress(ConflictError):
                self.conversations.meet(Customer(id=name, known=True, zones=zones, addresses=(address,)), number)
        raise ConflictError("somebody new was written to all the time")

    def answer_all(self, customer: str, thread: str) -> None:
        """Every text that nothing has come of yet, the earliest first. Raises ConflictError at length."""
        tries = 0
        while turn := self.conversations.unheard(customer, thread):
            try:
                self.replier.reply(turn, thread, self.understand)
            except ConflictError:
                tries += 1
                if tries >= MOST_TRIES:
                    raise

    def understand(self, turn: Turn, scene: Scene) -> Understood:
        """What the chatbot makes of a text. Raises ChatbotError."""
        return self.chatbot.understand(turn.text, scene.customer, scene.conversation)


def stranger_with(number: str) -> str:
    """The id of somebody of whom nothing but the number is known."""
    return f"sms-{short_hash(number)}"


def record_bodies(event: dict[str, Any]) -> dict[str, str]:
    """The bodies of an SQS batch, by record."""
    return {record["messageId"]: record["body"] for record in event["Records"]}
