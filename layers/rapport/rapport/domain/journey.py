"""A journey: which messages an event deserves, when, and what ends it, as content/journeys/*.yaml state it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StringConstraints,
    Tag,
    model_validator,
)

from rapport.domain.event import EventType
from rapport.domain.local_time import WallClock
from rapport.domain.words import Channel, Purpose, Span, spell_span

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^(event|customer|heard)(\.[a-z_][a-z0-9_]*)+$")]


def one_or_many(given: object) -> object:
    """`enter: x` stands for a list of one."""
    return (given,) if isinstance(given, str) else given


EventTypes = Annotated[tuple[EventType, ...], BeforeValidator(one_or_many)]


class Part(BaseModel):
    """A piece of a journey's file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Until(Part):
    """A moment: so many days from a time that the event names (or from now), at an hour of the customer's own clock."""

    until: Reference | None = None
    days: Annotated[int, Field(ge=-365, le=365)] = 0
    at: WallClock | None = None

    @model_validator(mode="after")
    def names_a_moment(self) -> "Until":
        """Raises ValueError for a wait that would be over at once, always."""
        if self.until is None and self.days < 1:
            raise ValueError("expected `until` with a reference such as event.data.due_at, or `days` of 1 or more")
        return self

    def label(self) -> str:
        """How a run that waits here is found again after the file has changed."""
        parts = [f"until {self.until}" if self.until else "", f"{self.days} days" if self.days else ""]
        return " ".join(part for part in [*parts, f"at {self.at:%H:%M}" if self.at else ""] if part)


class Listen(Part):
    """Waits for a reply, a receipt or an event, at most `up_to`; then `otherwise` happens."""

    listen_for: Annotated[Literal["reply", "receipt"] | EventType, Field(alias="for")]
    up_to: Span
    otherwise: "Literal['end', 'go on'] | tuple[Step, ...]" = "end"

    def label(self) -> str:
        """How a run that waits here is found again after the file has changed."""
        return f"for {self.listen_for}"


class Send(Part):
    """One message, on the first channel of the route that will do."""

    template: Name
    route: Annotated[tuple[Channel, ...], Field(min_length=1)]
    asks: Name | None = None
    expires: Reference | Span | None = None
    purpose: Purpose | None = None


class Branch(Part):
    """Goes on with `then` if what is known passes the one test given, else with `otherwise`."""

    if_: Annotated[Reference, Field(alias="if")]
    is_: Annotated[JsonValue, Field(alias="is")] = None
    one_of: tuple[JsonValue, ...] | None = None
    at_least: float | None = None
    known: bool | None = None
    then: "tuple[Step, ...]" = ()
    otherwise: "tuple[Step, ...]" = ()

    @model_validator(mode="after")
    def has_one_test(self) -> "Branch":
        """Raises ValueError unless exactly one test is given."""
        if len(self.model_fields_set & {"is_", "one_of", "at_least", "known"}) != 1:
            raise ValueError("expected exactly one of: is, one_of, at_least, known")
        return self

    def passes(self, value: JsonValue) -> bool:
        """Whether the value passes the test."""
        if self.one_of is not None:
            return value in self.one_of
        if self.at_least is not None:
            return isinstance(value, int | float) and value >= self.at_least
        if self.known is not None:
            return (value is not None) == self.known
        return value == self.is_


def kind_of_wait(wait: object) -> str | None:
    """A span is text, listening has `for`, anything else names a moment."""
    if isinstance(wait, str | timedelta):
        return "span"
    if isinstance(wait, Listen) or (isinstance(wait, dict) and "for" in wait):
        return "listen"
    return "until"


class WaitStep(Part):
    """- wait: 3 days, or until a moment, or for something to be heard."""

    wait: Annotated[
        Annotated[Span, Tag("span")] | Annotated[Listen, Tag("listen")] | Annotated[Until, Tag("until")],
        Discriminator(kind_of_wait),
    ]


class SendStep(Part):
    """- send: {template: ..., route: [sms, email]}."""

    send: Send


class BranchStep(Part):
    """- branch: {if: heard.data.feeling, is: happy, then: [...]}."""

    branch: Branch


def kind_of_step(step: object) -> str | None:
    """The step's one key, or `end`."""
    if isinstance(step, str):
        return "end"
    if isinstance(step, dict):
        return next((key for key in ("wait", "send", "branch") if key in step), None)
    if isinstance(step, WaitStep):
        return "wait"
    return "send" if isinstance(step, SendStep) else "branch"


Step = Annotated[
    Annotated[WaitStep, Tag("wait")]
    | Annotated[SendStep, Tag("send")]
    | Annotated[BranchStep, Tag("branch")]
    | Annotated[Literal["end"], Tag("end")],
    Discriminator(
        kind_of_step,
        custom_error_type="step",
        custom_error_message="expected a step: wait, send, branch or end",
    ),
]


@dataclass(frozen=True)
class Place:
    """One step of a journey laid flat: where a run can stand.

    `jump` leads a branch past its `then`, a listener to what happens when its time is up, and a bare jump onwards.
    A place with neither step nor jump is an end.
    """

    label: str
    step: timedelta | Until | Listen | Send | Branch | None
    jump: int | None = None


class Journey(Part):
    """`about` tells one run from another (an order, an item); with `once`, one such thing has one run, ever."""

    journey: Name
    enter: Annotated[EventTypes, Field(min_length=1)]
    about: Reference
    purpose: Purpose
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    exit: EventTypes = ()
    once: bool = False
    audience: EventType | None = None

    @model_validator(mode="after")
    def about_the_event(self) -> "Journey":
        """Raises ValueError when `about` could not be read off the events that exit the journey."""
        if not self.about.startswith("event.data."):
            raise ValueError("about: expected a reference into the event's data, such as event.data.order")
        return self

    def sends(self) -> Iterator[Send]:
        """Every send step, in order."""
        return (place.step for place in self.places if isinstance(place.step, Send))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The steps laid flat, each with a label that is unique in the journey; the last place is an end."""
        layout = Layout()
        layout.add_all(self.steps)
        layout.add("end", None)
        return tuple(layout.places)


class Layout:
    """Lays nested steps flat; jumps are filled in once their goal is known."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.labels: dict[str, int] = {}

    def add(self, label: str, step: "timedelta | Until | Listen | Send | Branch | None") -> int:
        """Appends a place and returns its index; a label that is taken gets a number."""
        self.labels[label] = self.labels.get(label, 0) + 1
        count = self.labels[label]
        self.places.append(Place(label if count == 1 else f"{label} #{count}", step))
        return len(self.places) - 1

    def jump_here(self, index: int) -> None:
        """Makes the place at `index` lead to whatever is added next."""
        self.places[index] = replace(self.places[index], jump=len(self.places))

    def add_all(self, steps: tuple[Step, ...]) -> None:
        """Appends the steps in order, with what is nested in them."""
        for step in steps:
            self.add_step(step)

    def add_step(self, step: Step) -> None:
        """Appends one step and what is nested in it."""
        if step == "end":
            self.add("end", None)
        elif isinstance(step, SendStep):
            self.add(f"send {step.send.template}", step.send)
        elif isinstance(step, BranchStep):
            self.add_branch(step.branch)
        elif isinstance(step.wait, Listen):
            self.add_listen(step.wait)
        elif isinstance(step.wait, Until):
            self.add(f"wait {step.wait.label()}", step.wait)
        else:
            self.add(f"wait {spell_span(step.wait)}", step.wait)

    def add_branch(self, branch: Branch) -> None:
        """The test, what follows it, a jump over the rest, and what happens otherwise."""
        test = self.add(f"branch if {branch.if_}", branch)
        self.add_all(branch.then)
        over = self.add("go on", None)
        self.jump_here(test)
        self.add_all(branch.otherwise)
        self.jump_here(over)

    def add_listen(self, listen: Listen) -> None:
        """The wait; when heard, the journey goes on behind what happens otherwise."""
        wait = self.add(f"wait {listen.label()}", listen)
        over = self.add("go on", None)
        self.jump_here(wait)
        if listen.otherwise == "end":
            self.add("end", None)
        elif listen.otherwise != "go on":
            self.add_all(listen.otherwise)
        self.jump_here(over)
