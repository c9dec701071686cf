"""A story: some customers, what happens to them day by day, and what the carriers do; played in the local world."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, JsonValue, Tag, model_validator

from local.carriers import Behaviour, Carriers, Outage
from local.timeline import Happened
from rapport.adapters.time_zones import candidate_zones
from rapport.domain.event import EVERYONE, EventType
from rapport.domain.journey import Name
from rapport.domain.local_time import TimeZone, local_instant, zone_info
from rapport.domain.words import Channel, Purpose, Span

MOMENT = re.compile(r"day (\d{1,3}) ([01]\d|2[0-3]):([0-5]\d)")


def spelt_as_a_moment(text: object) -> object:
    """Raises ValueError for what is no moment of a story."""
    if not isinstance(text, str) or not MOMENT.fullmatch(text):
        raise ValueError("expected a moment such as 'day 3 16:30'")
    return text


def in_quotes(text: object) -> object:
    """Raises ValueError for what YAML took for something else than text."""
    if not isinstance(text, str):
        raise ValueError("expected a text; put it in quotes, for YAML reads yes, no and numbers as something else")
    return text


Moment = Annotated[str, BeforeValidator(spelt_as_a_moment)]
Words = Annotated[str, BeforeValidator(in_quotes)]


class Part(BaseModel):
    """A piece of a story's file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Part):
    """A customer, as the company first hears of them; `agrees` are the purposes that they gave consent to, by text."""

    name: str
    about: str = ""
    locale: str = "en"
    country: str | None = None
    time_zone: TimeZone | None = None
    addresses: dict[Channel, str | list[str]] = Field(default_factory=dict)
    agrees: tuple[Purpose, ...] = ()


class Happening(Part):
    """An event at a moment of the customer's own clock; without a customer it is for everyone who asked to hear."""

    at: Moment
    customer: str = EVERYONE
    event: EventType
    data: dict[str, JsonValue] = Field(default_factory=dict)


class Writing(Part):
    """A text from the customer; `answering` is the template that it replies to, where the carrier says so."""

    at: Moment
    customer: str
    writes: Words
    answering: Name | None = None


class Answering(Part):
    """What somebody at the desk writes to the customer who waits for them; with `hand_back` the bot has it again."""

    at: Moment
    customer: str
    desk: str
    writes: Words = ""
    hand_back: bool = False


def kind_of_act(given: object) -> str:
    """What somebody at the desk does has `desk`, a text `writes`, and anything else is an event."""
    if isinstance(given, dict):
        return next((key for key in ("desk", "writes") if key in given), "event")
    if isinstance(given, Answering):
        return "desk"
    return "writes" if isinstance(given, Writing) else "event"


Act = Annotated[
    Annotated[Happening, Tag("event")] | Annotated[Writing, Tag("writes")] | Annotated[Answering, Tag("desk")],
    Discriminator(kind_of_act),
]


class Failing(Part):
    """A carrier that can't be used from a moment (UTC) on, for a while."""

    channel: Channel
    does: Behaviour
    at: Moment
    lasting: Span


class Refusing(Part):
    """An address that a carrier can't deliver to."""

    channel: Channel
    does: Literal["bounces", "opted out"]
    address: str


class Story(Part):
    """`begins` is day 1, at midnight UTC."""

    story: str
    begins: date
    days: Annotated[int, Field(ge=1, le=366)]
    customers: dict[str, Person]
    carriers: tuple[Failing | Refusing, ...] = ()
    happenings: tuple[Act, ...]

    @model_validator(mode="after")
    def happens_to_somebody_in_time(self) -> "Story":
        """Raises ValueError for a happening with somebody unknown, or after the last day."""
        for number, happening in enumerate(self.happenings):
            nobody = happening.customer == EVERYONE and not isinstance(happening, Happening)
            if nobody or happening.customer not in (*self.customers, EVERYONE):
                known = ", ".join(self.customers)
                raise ValueError(
                    f"happenings.{number}.customer: expected one of {known}, or none for everyone who asked"
                )
            if isinstance(happening, Writing) and not self.number_of(happening.customer):
                raise ValueError(f"happenings.{number}.customer: expected one with a telephone number to write from")
            if int(happening.at.split()[1]) > self.days:
                raise ValueError(f"happenings.{number}.at: expected a day of the story's {self.days}")
        return self

    def zone_of(self, customer: str) -> str:
        """The clock by which the customer's moments are told: that of the likeliest place that they are in."""
        person = self.customers.get(customer)
        if person is None:
            return "UTC"
        numbers = person.addresses.get(Channel.SMS) or ()
        number = numbers if isinstance(numbers, str) else next(iter(numbers), None)
        return next(iter(candidate_zones(person.time_zone, person.country, number)), "UTC")

    def instant(self, moment: str, zone: str) -> datetime:
        """`day 3 16:30` on a clock in the zone."""
        match = MOMENT.fullmatch(moment)
        if match is None:
            raise ValueError("expected a moment such as 'day 3 16:30'")
        day, hour, minute = (int(part) for part in match.groups())
        return local_instant(self.begins + timedelta(days=day - 1), time(hour, minute), zone)

    def events(self) -> list[dict[str, Any]]:
        """Everything that happens, as events in the order of time; moments in their data become times."""
        events = [event for name, person in self.customers.items() for event in self.introductions(name, person)]
        for number, happening in enumerate(self.happenings, start=1):
            if not isinstance(happening, Happening):
                continue
            zone = self.zone_of(happening.customer)
            data = {name: self.resolve(value, zone) for name, value in happening.data.items()}
            at = self.instant(happening.at, zone).isoformat()
            events.append(
                {
                    "id": f"happening-{number}",
                    "type": happening.event,
                    "customer": happening.customer,
                    "at": at,
                    "data": data,
                }
            )
        return sorted(events, key=lambda event: event["at"])

    def spoken(self) -> list[tuple[datetime, Writing | Answering]]:
        """What customers and the desk write, in the order of time."""
        acts = [act for act in self.happenings if not isinstance(act, Happening)]
        times = [self.instant(act.at, self.zone_of(act.customer)) for act in acts]
        return sorted(zip(times, acts, strict=True), key=lambda each: each[0])

    def number_of(self, customer: str) -> str:
        """Where the customer writes from."""
        numbers = self.customers[customer].addresses.get(Channel.SMS) or ""
        return numbers if isinstance(numbers, str) else numbers[0]

    def told(self, outcomes: Mapping[tuple[str, str], dict[str, Any]]) -> list[Happened]:
        """What happens, for a timeline, each on the customer's own clock, with what was wrong with it."""
        lines = []
        for event in self.events():
            customer, outcome = event["customer"], outcomes.get((event["customer"], event["id"]), {})
            wrong = [
                note for note in outcome.get("notes", []) if " left out" in note or outcome["outcome"] == "rejected"
            ]
            if not event["id"].startswith("happening-") and not wrong:
                continue
            person, zone = self.customers.get(customer), self.zone_of(customer)
            about = next((str(value) for value in event["data"].values()), "")
            at = datetime.fromisoformat(event["at"]).astimezone(zone_info(zone))
            who = person.name if person else "everyone who asked"
            lines.append(Happened(at, who, f"{event['type']} {about}", tuple(wrong)))
        return lines

    def introductions(self, name: str, person: Person) -> list[dict[str, Any]]:
        """Who the customer is, and what they agree to."""
        at = datetime.combine(self.begins, time(), tzinfo=UTC).isoformat()
        known = person.model_dump(mode="json", exclude={"agrees", "about"}, exclude_none=True)
        events = [{"id": f"{name}-known", "type": "customer.updated", "customer": name, "at": at, "data": known}]
        for purpose in person.agrees:
            for channel in person.addresses:
                word = {"channel": channel, "purpose": purpose, "source": "sign-up form"}
                id_ = f"{name}-agrees-{purpose}-{channel}"
                events.append({"id": id_, "type": "consent.given", "customer": name, "at": at, "data": word})
        return events

    def resolve(self, value: JsonValue, zone: str) -> JsonValue:
        """A moment as a time with its offset; anything else as it is."""
        if isinstance(value, str) and MOMENT.fullmatch(value):
            return self.instant(value, zone).isoformat()
        return value

    def set_up(self, carriers: Carriers) -> None:
        """Has the carriers behave as the story says."""
        for each in self.carriers:
            if isinstance(each, Failing):
                begins = self.instant(each.at, "UTC")
                carriers.outages.append(Outage(each.channel, each.does, begins, begins + each.lasting))
            elif each.does == "bounces":
                carriers.bounces.add(each.address)
            else:
                carriers.opted_out.add(each.address)

    @property
    def start(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.begins, time(), tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The last instant."""
        return self.start + timedelta(days=self.days)


def read_story(path: Path) -> Story:
    """The story in a YAML file. Raises OSError, yaml.YAMLError, or pydantic's ValidationError."""
    return Story.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
