"""What a conversation is made of: the scene that a turn comes upon, what it comes to, and the few ways to answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from rapport.domain.conversation import Cause, Conversation, Owner, Question, Reminding, Step, hand_over
from rapport.domain.customer import Customer
from rapport.domain.delivery import Delivery
from rapport.domain.event import EventType
from rapport.domain.opening import Opening
from rapport.domain.plain_words import PlainWords
from rapport.domain.replies import Replies
from rapport.domain.words import Purpose, Span

BOT: Final = "bot"

# What the chatbot may take a text for; `rapport bot lint` holds the bot to them.
INTENTS: Final = (
    "WhereIsMyOrder", "ChangeDestination", "OpeningHours", "ReturnsAndRefunds", "BackInStock", "Complaint",
    "StopTexting", "TalkToAPerson", "NotHelpful", "Greeting", "Thanks", "OutOfScope", "FallbackIntent",
)  # fmt: skip


def known_intent(name: str) -> str:
    """The name, if it is an intent's. Raises ValueError."""
    if name not in INTENTS:
        raise ValueError(f"expected one of {', '.join(INTENTS)}")
    return name


class Rules(BaseModel):
    """How we converse, as content/conversation.yaml states it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opening: Opening
    desk: Reminding
    destination_closes: Span
    yes_lasts: Span
    question_lasts: Span
    late_for: Span
    misses: Annotated[int, Field(ge=1)]
    least_score: Annotated[float, Field(ge=0, le=1)]
    always_a_person: tuple[Annotated[str, AfterValidator(known_intent)], ...]


class Understood(BaseModel):
    """What the chatbot made of a turn: the intent and its score, and slots by name."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    intent: str
    score: float | None = None
    slots: dict[str, str] = {}


@dataclass(frozen=True)
class Saying:
    """One of content/answers.yaml, with what it speaks of."""

    name: str
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    purpose: Purpose = Purpose.REPLY


@dataclass(frozen=True)
class Telling:
    """An event that a turn leads to: for the journeys, or with `out`, for the company's own systems."""

    type: EventType
    data: Mapping[str, JsonValue]
    out: bool = False


@dataclass(frozen=True)
class Scene:
    """All that is known when a customer's turn comes; `questions` are those that journeys' messages left open."""

    customer: Customer
    conversation: Conversation
    questions: tuple[Question, ...]
    deliveries: tuple[Delivery, ...]
    rules: Rules
    words: PlainWords
    replies: Replies
    now: datetime

    @property
    def zone(self) -> str:
        """The clock that the customer goes by."""
        return self.customer.zones[0] if self.customer.zones else "UTC"

    def delivery(self, order: str) -> Delivery | None:
        """The customer's delivery of this order."""
        return next((each for each in self.deliveries if each.order.casefold() == order.casefold()), None)

    def open_for_change(self) -> list[Delivery]:
        """The deliveries that may still go elsewhere, the next one first."""
        return sorted((each for each in self.deliveries if self.changeable(each)), key=lambda each: each.due_on)

    def changeable(self, delivery: Delivery) -> bool:
        """Whether it may still go elsewhere."""
        return delivery.open_at(self.now, self.rules.destination_closes, self.zone)


@dataclass(frozen=True)
class Answer:
    """What a turn comes to, all of it to be written at once or not at all; `settled` are questions that it answers.

    `understood` is what the chatbot made of the turn, where it was asked.
    """

    conversation: Conversation
    because: str
    says: tuple[Saying, ...] = ()
    customer: Customer | None = None
    delivery: Delivery | None = None
    settled: tuple[Question, ...] = ()
    tells: tuple[Telling, ...] = ()
    steps: tuple[Step, ...] = ()
    understood: Understood | None = None

    def asking(self, question: Question | None) -> "Answer":
        """The answer, with this as the one thing that we ask now."""
        return replace(self, conversation=self.conversation.model_copy(update={"asked": question}))


def say(scene: Scene, name: str, because: str, /, **facts: Any) -> Answer:
    """One sentence, which ends what went wrong before it."""
    calm = scene.conversation.model_copy(update={"misses": 0, "last_said": name})
    return Answer(calm, because, (Saying(name, facts),))


def silence(scene: Scene, because: str) -> Answer:
    """Nothing to be said."""
    return Answer(scene.conversation, because)


def to_a_person(
    scene: Scene, why: str, *, cause: Cause, trouble: str | None = None, before: Answer | None = None
) -> Answer:
    """The conversation to a person, with one line on what happens next; a trouble holds back cheerful messages.

    What `before` says and does happens too.
    """
    before = before or Answer(scene.conversation, why)
    conversation, step = hand_over(before.conversation, why, BOT, scene.now, cause=cause)
    customer = (before.customer or scene.customer).model_copy(update={"human_owns": True})
    tells = before.tells
    if trouble:
        customer = customer.with_trouble(trouble, scene.now)
        news = {"complaint": conversation.case or "", "why": why}
        tells = (*tells, Telling("complaint.received", news, out=True))
    says = before.says
    if scene.conversation.owner is Owner.BOT:
        says = (*says, Saying("handed-over", hours(scene)))
        conversation = conversation.model_copy(update={"last_said": "handed-over"})
    return replace(
        before,
        conversation=conversation,
        because=f"to a person: {why}",
        says=says,
        customer=customer,
        tells=tells,
        steps=(*before.steps, step) if step else before.steps,
    )


def hours(scene: Scene) -> dict[str, JsonValue]:
    """When people are in, as a sentence may say it now."""
    return hours_at(scene.rules.opening, scene.now)


def hours_at(opening: Opening, now: datetime) -> dict[str, JsonValue]:
    """When people are in: until when, if they are now, and from when on, if they aren't."""
    closes = opening.closes(now)
    return {
        "open": closes is not None,
        "closes": closes.isoformat() if closes else None,
        "opens": opening.opens(now).isoformat(),
        "week": opening.week(),
        "desk_zone": opening.time_zone,
    }


def missed(scene: Scene, why: str, name: str) -> Answer:
    """Something that we could not answer: said so, and the second in a row goes to a person."""
    misses = scene.conversation.misses + 1
    if misses >= scene.rules.misses:
        return to_a_person(scene, f"{misses} misses in a row: {why}", cause=Cause.MISSES)
    answer = say(scene, name, why)
    return replace(answer, conversation=answer.conversation.model_copy(update={"misses": misses}))


def facts_of(delivery: Delivery) -> dict[str, JsonValue]:
    """What a sentence may say of a delivery."""
    return {
        "order": delivery.order,
        "item": delivery.item,
        "due_at": delivery.due_at,
        "window": delivery.window,
        "destination": delivery.destination,
    }


def name_of(delivery: Delivery) -> str:
    """How a customer tells their deliveries apart."""
    return f"{delivery.order} ({delivery.item})" if delivery.item else delivery.order


def lasting(question: Question, now: datetime, span: timedelta) -> bool:
    """Whether an answer to the question still counts."""
    return now - question.asked_at < span


def first(answers: Iterable[Answer | None]) -> Answer | None:
    """The first that is one."""
    return next((answer for answer in answers if answer is not None), None)
