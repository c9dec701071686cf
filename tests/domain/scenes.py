"""Small conversations for the domain's tests: Ada texts, we answer, and what came of it is kept as the ledger would."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from local.template import ROOT
from rapport.adapters.content import Content
from rapport.domain.check_in import HOW_LIKED
from rapport.domain.conversation import Conversation, Owner, Question, Turn
from rapport.domain.delivery import Delivery
from rapport.domain.destination import OFFERED
from rapport.domain.dialogue import Answer, Scene, Understood
from rapport.domain.talk import converse
from tests.domain.builders import DAY, NOON, PHONE, ada, utc

CONTENT = Content(ROOT / "layers" / "content")
REPLIES = CONTENT.replies
RULES = CONTENT.rules
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DUE = utc("2026-11-26T14:00")  # a Thursday, two days after NOON
LOST = Understood(intent="FallbackIntent", score=0.1)


def understood(intent: str, **slots: str) -> Understood:
    return Understood(intent=intent, score=0.9, slots=slots)


def a_delivery(order: str = "42", **changes: Any) -> Delivery:
    """Ada's kettle, which comes on Thursday."""
    whole = {"customer": "ada", "order": order, "due_at": DUE.isoformat(), "as_of": NOON - DAY, "item": "kettle"}
    return Delivery.model_validate({**whole, **changes})


LAMP = a_delivery("77", item="lamp", due_at=(DUE + DAY).isoformat())


def reminded(order: str = "42", at: datetime = NOON - HOUR, message: str = "m-reminder") -> Question:
    """`Should it go somewhere else? Just reply.`"""
    return Question(asks=OFFERED, asked_at=at, about=order, journey="delivery-reminder", message=message)


def checked_in(order: str = "7", at: datetime = NOON - HOUR, message: str = "m-check-in", **changes: Any) -> Question:
    """`How are you liking your kettle?`"""
    whole = {"asks": HOW_LIKED, "asked_at": at, "about": order, "journey": "check-in", "message": message}
    return Question.model_validate({"heard_until": at + 3 * DAY, **whole, **changes})


def a_conversation(**changes: Any) -> Conversation:
    return Conversation(customer="ada", channel="sms", address=PHONE).model_copy(update=changes)


def a_scene(**changes: Any) -> Scene:
    """Tuesday noon: the bot has the conversation, a kettle is on its way, and nothing was asked."""
    whole: dict[str, Any] = {
        "customer": ada(),
        "conversation": a_conversation(),
        "questions": (),
        "deliveries": (a_delivery(),),
        "rules": RULES,
        "words": CONTENT.plain_words,
        "replies": REPLIES,
        "now": NOON,
    }
    return Scene(**{**whole, **changes})


def a_turn(text: str, at: datetime = NOON, **changes: Any) -> Turn:
    whole = {"id": f"t-{at:%d%H%M%S}", "customer": "ada", "channel": "sms", "address": PHONE, "at": at, "text": text}
    return Turn.model_validate({**whole, **changes})


@dataclass
class Talk:
    """Ada's side of a conversation: what she texts is answered, and the answer applied to the scene."""

    scene: Scene = field(default_factory=a_scene)
    answers: list[Answer | None] = field(default_factory=list)

    def text(
        self, text: str, means: Understood | None = None, *, after: timedelta = MINUTE, previous: str | None = None
    ) -> list[str]:
        """The names of what we say to it."""
        now = self.scene.now + after
        self.scene = replace(self.scene, now=now)
        answer = converse(a_turn(text, now, previous=previous), self.scene, means)
        self.answers.append(answer)
        if answer:
            self.keep(answer)
        return [saying.name for saying in answer.says] if answer else []

    def keep(self, answer: Answer) -> None:
        deliveries = self.scene.deliveries
        if moved := answer.delivery:
            written = moved.model_copy(update={"version": moved.version + 1})
            deliveries = tuple(written if each.order == moved.order else each for each in deliveries)
        self.scene = replace(
            self.scene,
            conversation=answer.conversation,
            customer=answer.customer or self.scene.customer,
            questions=tuple(each for each in self.scene.questions if each not in answer.settled),
            deliveries=deliveries,
        )

    def news(self, delivery: Delivery) -> None:
        """The delivery's events went on meanwhile."""
        written = delivery.model_copy(update={"version": delivery.version + 1})
        others = tuple(each for each in self.scene.deliveries if each.order != delivery.order)
        self.scene = replace(self.scene, deliveries=(*others, written))

    @property
    def last(self) -> Answer:
        answer = self.answers[-1]
        assert answer
        return answer

    def goes_to(self, order: str = "42") -> str | None:
        delivery = self.scene.delivery(order)
        assert delivery
        return delivery.destination

    def said_of(self, name: str) -> Any:
        """The facts of what was said last under this name."""
        return next(saying.facts for saying in self.last.says if saying.name == name)

    @property
    def owner(self) -> Owner:
        return self.scene.conversation.owner


def talk(*questions: Question, **changes: Any) -> Talk:
    return Talk(a_scene(questions=questions, **changes))
