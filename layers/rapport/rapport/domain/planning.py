"""What an event deserves: which runs it ends, moves on or begins, and which messages they leave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from rapport.domain.advance import Draft, Surroundings, Words, advance, hear, time_is_up
from rapport.domain.customer import Consent, Customer
from rapport.domain.delivery import Delivery, after_event, concerns_delivery
from rapport.domain.event import EVERYONE, Catalogue, Event, EventError, check_data
from rapport.domain.journey import Journey, Listen
from rapport.domain.message import UnsayableError
from rapport.domain.policy import Policy
from rapport.domain.profile import BUILT_IN, Atlas, apply
from rapport.domain.run import Run, about_of
from rapport.domain.sending import SKEW

Key = tuple[str, str]
GONE: Final = "a change of the journeys: it is gone"
STUCK: Final = "it can't go on: "


class Content(Words, Protocol):
    """What the company says and goes by."""

    @property
    def journeys(self) -> Mapping[str, Journey]:
        """The journeys, by name."""

    @property
    def policy(self) -> Policy:
        """When we may speak."""

    @property
    def catalogue(self) -> Catalogue:
        """What each type of event says."""


@dataclass
class Plan:
    """What one event comes to. `notes` say it in sentences; `wants` are the lists that the customer joins."""

    customer: Customer
    runs: dict[Key, Run] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    wants: list[Key] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rejected: bool = False
    delivery: Delivery | None = None


def listened_for(journey: Journey) -> set[str]:
    """The event types that the journey's runs may wait for."""
    heard = {place.step.listen_for for place in journey.places if isinstance(place.step, Listen)}
    return {"reply.received" if kind == "reply" else kind for kind in heard}


def concerned(event: Event, journeys: Iterable[Journey]) -> dict[Key, Journey]:
    """The runs that the event may end, move on or begin, by key. Raises EventError when it doesn't say about what."""
    keys: dict[Key, Journey] = {}
    for journey in journeys:
        if event.type == "reply.received":
            if event.data.get("journey") == journey.journey:
                keys[journey.journey, required_about(event, "event.data.about", journey)] = journey
        elif event.type in (*journey.enter, *journey.exit) or event.type in listened_for(journey):
            keys[journey.journey, required_about(event, journey.about, journey)] = journey
    return keys


def required_about(event: Event, reference: str, journey: Journey) -> str:
    """What the event is about, by the reference. Raises EventError when it doesn't say, or too much."""
    about = about_of(event, reference)
    if about is None:
        name = reference.removeprefix("event.")
        raise EventError(f"{name}: expected 1 to 200 characters; journey {journey.journey} goes by it")
    return about


def plan_event(
    event: Event,
    customer: Customer,
    runs: Mapping[Key, Run],
    content: Content,
    atlas: Atlas,
    now: datetime,
    delivery: Delivery | None = None,
    stop: Consent | None = None,
) -> Plan:
    """What the event comes to, now. `runs` are those of `concerned` that exist. A bad event makes a rejected plan.

    `stop` is what a number that the event makes the customer's had said before.
    """
    plan = Plan(customer)
    try:
        if event.type not in BUILT_IN:
            check_data(event, content.catalogue)
        keys = concerned(event, content.journeys.values())
        plan.customer, plan.notes = apply(event, customer, content.policy, atlas, stop)
    except EventError as error:
        return Plan(customer, notes=[str(error)], rejected=True)
    if order := concerns_delivery(event):
        plan.delivery = after_event(event, order, delivery)
    for key, journey in keys.items():
        around = Surroundings(journey, plan.customer, content.policy, content, now)
        meet(event, key, runs.get(key), around, plan)
    join_lists(event, content.journeys.values(), plan)
    if plan.customer is not customer:
        plan.notes.append(f"{event.type} is on record")
    if not plan.notes:
        plan.notes.append(f"no journey has a use for this {event.type}")
    return plan


def meet(event: Event, key: Key, run: Run | None, around: Surroundings, plan: Plan) -> None:
    """What the event means to one run: an exit, something listened for, a beginning; each in turn.

    Events come in any order: what is older than the news that the run goes by neither ends nor begins it.
    """
    journey = around.journey
    stale = run is not None and event.at < run.as_of
    if stale and event.type in (*journey.enter, *journey.exit):
        plan.notes.append(f"{spell(key)}: there is later news")
        return
    if event.type in journey.exit:
        run = leave(event, key, run, plan)
    if run and run.waiting and run.waiting.listening_for and hears(run.waiting.listening_for, event.type):
        listening = run
        plan.notes.append(f"{spell(key)} goes on")
        heard = {"type": event.type, "data": event.data}
        continue_with(plan, run, lambda: hear(listening, heard, around))
    if event.type in journey.enter:
        begin(event, key, run, around, plan)


def spell(key: Key) -> str:
    """A run's key, as a reader knows it."""
    return f"{key[0]} about {key[1]}"


def leave(event: Event, key: Key, run: Run | None, plan: Plan) -> Run:
    """The run, over; where none was, a mark that keeps an older event from beginning one later."""
    if run is None:
        run = Run(
            customer=event.customer, journey=key[0], about=key[1], entry=event.id, event={}, place="", clock=event.at,
            as_of=event.at,
        )  # fmt: skip
        plan.notes.append(f"{spell(key)} is over before it began")
    else:
        plan.notes.append(f"{spell(key)} is over")
    plan.runs[key] = ended = run.ended("exited", event.type).model_copy(update={"as_of": event.at})
    return ended


def hears(listening_for: str, event_type: str) -> bool:
    """Whether the event is what the run listens for."""
    return event_type == ("reply.received" if listening_for == "reply" else listening_for)


def begin(event: Event, key: Key, run: Run | None, around: Surroundings, plan: Plan) -> None:
    """A new run, in the place of one about the same thing."""
    if run and run.event and around.journey.once:
        plan.notes.append(f"{spell(key)} has been before, and happens once")
        return
    fresh = Run(
        customer=around.customer.id,
        journey=key[0],
        about=key[1],
        entry=event.id,
        event={"type": event.type, "at": event.at.isoformat(), "data": event.data},
        place=around.journey.places[0].label,
        clock=min(event.at, around.now),
        as_of=event.at,
        version=run.version if run else 0,
    )
    again = " anew" if run and run.status == "active" else ""
    plan.notes.append(f"{spell(key)} begins{again}")
    continue_with(plan, fresh, lambda: advance(fresh, around))


def continue_with(plan: Plan, run: Run, move: "Move") -> None:
    """Takes a step into the plan; of one that the run can't take, the note says why."""
    plan.runs[run.key], drafts = move_or_end(run, move)
    plan.drafts.extend(drafts)
    ended_by = plan.runs[run.key].ended_by or ""
    if ended_by.startswith(STUCK):
        plan.notes.append(f"{spell(run.key)} is over: {ended_by}")


def move_or_end(run: Run, move: "Move") -> tuple[Run, list[Draft]]:
    """The run after the move; one that can't make it is over, and says why."""
    try:
        return move()
    except UnsayableError as error:
        return run.ended("exited", f"{STUCK}{error}"), []


class Move(Protocol):
    """One move of a run."""

    def __call__(self) -> tuple[Run, list[Draft]]:
        """The run after it, and its messages. Raises UnsayableError."""


def join_lists(event: Event, journeys: Iterable[Journey], plan: Plan) -> None:
    """Puts the customer on the lists of those who asked to hear."""
    for journey in journeys:
        if journey.audience == event.type and (about := about_of(event, journey.about)):
            plan.wants.append((journey.journey, about))
            plan.notes.append(f"waits to hear of {about} ({journey.journey})")


def audiences(event: Event, journeys: Iterable[Journey]) -> list[Key]:
    """The lists that an event to everyone is to be told to."""
    if event.customer != EVERYONE:
        return []
    lists = ((journey, about_of(event, journey.about)) for journey in journeys if journey.audience)
    return [(journey.journey, about) for journey, about in lists if about and event.type in journey.enter]


def plan_wake(run: Run, customer: Customer, content: Content, now: datetime) -> tuple[Run, list[Draft]]:
    """What a run does when its time has come; the same run when it hasn't. A journey that is gone ends its runs.

    Clocks differ: a wake that is a minute early finds the run at its time.
    """
    if run.status != "active" or run.waiting is None or now < run.waiting.until - SKEW:
        return run, []
    journey = content.journeys.get(run.journey)
    if journey is None:
        return run.ended("exited", GONE), []
    around = Surroundings(journey, customer, content.policy, content, max(now, run.waiting.until))
    return move_or_end(run, lambda: time_is_up(run, around))


def plan_receipt(
    run: Run, message: str, status: str, customer: Customer, content: Content, now: datetime
) -> tuple[Run, list[Draft]]:
    """What a run that listens for the receipt of its last message does on the carrier's word."""
    if run.status != "active" or run.waiting is None or run.waiting.listening_for != "receipt":
        return run, []
    if message != run.last_message:
        return run, []
    journey = content.journeys.get(run.journey)
    if journey is None:
        return run.ended("exited", GONE), []
    around = Surroundings(journey, customer, content.policy, content, now)
    return move_or_end(run, lambda: hear(run, {"status": status}, around))
