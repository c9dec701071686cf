"""Texts that come in: kept once, put into their order, and answered one after the other."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from rapport.adapters import time_zones
from rapport.adapters.chatbot import Chatbot
from rapport.adapters.ledger import ConflictError
from rapport.adapters.replying import Replier
from rapport.adapters.telemetry import count, log_failure
from rapport.domain.conversation import Turn, short_hash, thread_of
from rapport.domain.customer import Address, Customer
from rapport.domain.dialogue import Scene, Understood
from rapport.domain.words import Channel

MOST_TRIES: Final = 10
LONGEST: Final = 10_000  # characters; what is longer is cut, and answered as too long
Thread = tuple[str, str]


class Text(BaseModel):
    """A text as End User Messaging hands it on; what else it says is of no use to us."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

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

    def take(self, bodies: dict[str, str]) -> set[str]:
        """Keeps every text, then answers them in their order; `bodies` by record, and back come those that failed."""
        failed: set[str] = set()
        threads: dict[Thread, set[str]] = {}
        for record, body in bodies.items():
            try:
                threads.setdefault(self.keep(body), set()).add(record)
            except Exception as error:
                log_failure("text not kept", error)
                failed.add(record)
        for thread, records in threads.items():
            try:
                self.answer_all(*thread)
            except Exception as error:
                log_failure("text not answered", error)
                failed |= records
        return failed

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
        customer, previous = self.sender(text)
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

    def sender(self, text: Text) -> tuple[str, str | None]:
        """Whose text it is, and the message that it answers: as the carrier says, else by the number."""
        answered = self.conversations.message_of(text.previous) if text.previous else None
        owners = self.conversations.owners(text.sender)
        if answered and answered[0] in owners:
            return answered
        if owners:
            return max(owners, key=lambda each: (len(self.conversations.questions(each)), each)), None
        return self.meet(text.sender), None

    def meet(self, number: str) -> str:
        """Somebody of whom we know nothing but the number. Raises ConflictError at length."""
        name = f"sms-{short_hash(number)}"
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


def record_bodies(event: dict[str, Any]) -> dict[str, str]:
    """The bodies of an SQS batch, by record."""
    return {record["messageId"]: record["body"] for record in event["Records"]}
