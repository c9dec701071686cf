"""Takes a run from step to step until it has to wait or is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from rapport.domain.conversation import Question
from rapport.domain.customer import Customer
from rapport.domain.decision import Decision, Request, decide, usable
from rapport.domain.event import read_moment
from rapport.domain.journey import Branch, Journey, Listen, Place, Send, Until
from rapport.domain.local_time import local_instant, zone_info
from rapport.domain.message import Content, Message, Status, UnsayableError, message_id
from rapport.domain.policy import Policy
from rapport.domain.run import Run, Waiting, look_up
from rapport.domain.words import Channel, Reason

MAX_SMS_CHARACTERS = 1600  # SNS refuses longer texts


class Words(Protocol):
    """Where the words come from."""

    def render(self, template: str, channel: Channel, locale: str, facts: Mapping[str, Any]) -> Content:
        """The template in the customer's language. Raises UnsayableError."""

    def version(self, template: str) -> str:
        """Which wording it is."""


@dataclass(frozen=True)
class Draft:
    """A message as planned, with its words when it is to be sent, and what it asks."""

    message: Message
    content: Content | None = None
    question: Question | None = None


@dataclass(frozen=True)
class Surroundings:
    """What a run needs to know of the world around it."""

    journey: Journey
    customer: Customer
    policy: Policy
    words: Words
    now: datetime


def advance(run: Run, around: Surroundings) -> tuple[Run, list[Draft]]:
    """Walks from the run's place until it waits or ends, with the messages that it leaves on the way."""
    places = around.journey.places
    index = next((i for i, place in enumerate(places) if place.label == run.place), None)
    if index is None:
        return run.ended("exited", "a change of the journey: its step is gone"), []
    drafts: list[Draft] = []
    while True:
        place = places[index]
        run = run.model_copy(update={"place": place.label})
        if place.step is None:
            if place.jump is None:
                return run.ended("completed", "its last step"), drafts
            index = place.jump
            continue
        run, goes_to, draft = take(place, index, run, around, drafts)
        if draft:
            drafts.append(draft)
        if goes_to is None:
            return run, drafts
        index = goes_to


def take(
    place: Place, index: int, run: Run, around: Surroundings, drafts: list[Draft]
) -> tuple[Run, int | None, Draft | None]:
    """One step: the run after it, the index of the next (None to stay and wait), and the message it makes."""
    step = place.step
    onwards = index + 1
    if isinstance(step, Send):
        run, draft = speak(step, place.label, run, around, behind=around.journey.places[onwards])
        return run, None if draft is None else onwards, draft
    if isinstance(step, Branch):
        value = look_up(step.if_, run.facts(known_of(around.customer)))
        return run, onwards if step.passes(value) else place.jump, None
    if isinstance(step, Listen):
        if step.listen_for in ("reply", "receipt") and not run.last_message:
            return run, place.jump, None
        until = run.clock + step.up_to
        return run.model_copy(update={"waiting": Waiting(until=until, listening_for=step.listen_for)}), None, None
    until = moment(step, run, around) if isinstance(step, Until) else run.clock + (step or timedelta(0))
    if until <= around.now:
        return run.model_copy(update={"waiting": None, "clock": max(run.clock, until)}), onwards, None
    return run.model_copy(update={"waiting": Waiting(until=until)}), None, None


def time_is_up(run: Run, around: Surroundings) -> tuple[Run, list[Draft]]:
    """What a wait that is over leads to: the step behind it, what a listener does otherwise, or a held message."""
    waiting = run.waiting
    place = next((place for place in around.journey.places if place.label == run.place), None)
    if waiting is None or place is None or waiting.held_since or isinstance(place.step, Until):
        return advance(run, around)  # the customer's clock may be another by now: until when is asked again
    behind = around.journey.places.index(place) + 1
    onwards = around.journey.places[place.jump if waiting.listening_for and place.jump else behind].label
    return advance(run.model_copy(update={"place": onwards, "waiting": None, "clock": waiting.until}), around)


def hear(run: Run, heard: dict[str, Any], around: Surroundings) -> tuple[Run, list[Draft]]:
    """What the run does on hearing what it listened for."""
    index = next((i for i, place in enumerate(around.journey.places) if place.label == run.place), None)
    if index is None:
        return advance(run, around)
    onwards = around.journey.places[index + 1].label
    changes = {"place": onwards, "waiting": None, "heard": heard, "clock": around.now}
    return advance(run.model_copy(update=changes), around)


def waits_for_receipt(place: Place) -> bool:
    """Whether the carrier's word has to be passed on to the run."""
    return isinstance(place.step, Listen) and place.step.listen_for == "receipt"


def known_of(customer: Customer) -> dict[str, Any]:
    """What journeys and templates may know of the customer."""
    return {
        "id": customer.id,
        "name": customer.name,
        "locale": customer.locale,
        "country": customer.country,
        "zone": home(customer),
    }


def home(customer: Customer) -> str:
    """The zone whose clock we go by: the likeliest."""
    return customer.zones[0] if customer.zones else "UTC"


def moment(step: Until, run: Run, around: Surroundings) -> datetime:
    """When the wait is over, on the customer's own clock; raises UnsayableError when the event names no such time."""
    zone = home(around.customer)
    base: datetime | date = run.clock
    if step.until:
        base = look_up_moment(step.until, run.facts(known_of(around.customer)))
    if not isinstance(base, datetime):
        return local_instant(base + timedelta(days=step.days), step.at or datetime.min.time(), zone)
    if step.at is None:
        return base + timedelta(days=step.days)
    return local_instant(base.astimezone(zone_info(zone)).date() + timedelta(days=step.days), step.at, zone)


def look_up_moment(reference: str, facts: dict[str, Any]) -> datetime | date:
    """The time or the day that the reference stands for. Raises UnsayableError."""
    try:
        return read_moment(look_up(reference, facts))
    except (TypeError, ValueError):
        raise UnsayableError(f"{reference}: expected a time with its offset, or a day") from None


def speak(step: Send, label: str, run: Run, around: Surroundings, behind: Place) -> tuple[Run, Draft | None]:
    """Decides and words one message; None when it is held, and the run waits at this step for the hour."""
    customer, now = around.customer, around.now
    purpose = step.purpose or around.journey.purpose
    request = Request(
        message=message_id(customer.id, run.journey, run.about, run.entry, label),
        purpose=purpose,
        route=step.route,
        expires_at=expiry(step, run, around),
    )
    history = customer.spoken_since(now - around.policy.longest_cap())
    decision = decide(request, customer, history, around.policy, now)
    held_since = run.waiting.held_since if run.waiting else None
    if decision.outcome == "hold" and decision.until:
        return run.model_copy(update={"waiting": Waiting(until=decision.until, held_since=held_since or now)}), None
    decision = decision.model_copy(update={"held_since": held_since})
    draft = compose(step, run, request, decision, around, behind)
    said = draft.message.id if draft.message.status is Status.QUEUED else None
    return run.model_copy(update={"waiting": None, "clock": now, "last_message": said}), draft


def expiry(step: Send, run: Run, around: Surroundings) -> datetime:
    """Until when the message is worth saying."""
    if isinstance(step.expires, timedelta):
        return run.clock + step.expires
    if step.expires is None:
        return run.clock + around.policy.purposes[step.purpose or around.journey.purpose].expires
    at = look_up_moment(step.expires, run.facts(known_of(around.customer)))
    zone = home(around.customer)
    return at if isinstance(at, datetime) else local_instant(at + timedelta(days=1), datetime.min.time(), zone)


def compose(step: Send, run: Run, request: Request, decision: Decision, around: Surroundings, behind: Place) -> Draft:
    """The message with its words, or with the reason why it isn't sent."""
    customer = around.customer
    message = Message(
        id=request.message,
        customer=customer.id,
        journey=run.journey,
        about=run.about,
        entry=run.entry,
        purpose=request.purpose,
        template=step.template,
        template_version=wording(step.template, around.words),
        route=step.route,
        status=Status.SKIPPED,
        decision=decision,
        created_at=around.now,
        due_at=around.now,
        expires_at=request.expires_at,
        channel=decision.channel,
        reason=decision.reason,
        asks=step.asks,
        awaited=waits_for_receipt(behind),
    )
    if decision.outcome == "skip" or decision.channel is None:
        return Draft(message)
    try:
        facts = run.facts(known_of(customer))
        content = around.words.render(step.template, decision.channel, customer.locale, facts)
        check_length(content, decision.channel)
    except UnsayableError as error:
        failed = {"status": Status.FAILED, "reason": Reason.UNSAYABLE, "detail": str(error)}
        return Draft(message.model_copy(update=failed))
    address = usable(customer.addresses_on(decision.channel))
    queued = {"status": Status.QUEUED, "address": address.value if address else None}
    return Draft(message.model_copy(update=queued), content, question_of(message, behind))


def question_of(message: Message, behind: Place) -> Question | None:
    """What the message asks, and until when its run listens for the answer."""
    if message.asks is None:
        return None
    listens = isinstance(behind.step, Listen) and behind.step.listen_for == "reply"
    until = message.created_at + behind.step.up_to if listens and isinstance(behind.step, Listen) else None
    return Question(
        asks=message.asks,
        asked_at=message.created_at,
        about=message.about,
        journey=message.journey,
        message=message.id,
        heard_until=until,
    )


def wording(template: str, words: Words) -> str:
    """Which wording of the template it is; a template that is gone has none, and can't be rendered either."""
    try:
        return words.version(template)
    except UnsayableError:
        return "none"


def check_length(content: Content, channel: Channel) -> None:
    """Raises UnsayableError for a text that the carrier would refuse."""
    if channel is Channel.SMS and len(content.text) > MAX_SMS_CHARACTERS:
        raise UnsayableError(f"the text has {len(content.text)} characters; SNS takes at most {MAX_SMS_CHARACTERS}")
