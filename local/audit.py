"""Looks at what was sent with fresh eyes, from the events alone, and counts what must never happen."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from rapport.domain.journey import Journey
from rapport.domain.message import Message, Status

OPENS, CLOSES = time(8), time(21)  # 47 CFR 64.1200(c)(1), on the clock of the person who is called
SENT = (Status.SENT, Status.DELIVERED, Status.UNKNOWN)


@dataclass
class Audit:
    """What must be zero, with the messages (or events) that it happened to."""

    at_night: list[str] = field(default_factory=list)
    without_consent: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    after_exit: list[str] = field(default_factory=list)
    without_outcome: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The counts, a line each."""
        return [
            f"sent at night in the customer's time  {len(self.at_night)}",
            f"sent without consent                  {len(self.without_consent)}",
            f"sent twice                            {len(self.twice)}",
            f"sent after an exit event              {len(self.after_exit)}",
            f"events without an outcome on record   {len(self.without_outcome)}",
        ]

    def clean(self) -> bool:
        """Whether nothing happened that mustn't."""
        return not any((self.at_night, self.without_consent, self.twice, self.after_exit, self.without_outcome))


def audit(
    events: Iterable[dict[str, Any]],
    messages: Iterable[Message],
    zones: Mapping[str, tuple[str, ...]],
    journeys: Mapping[str, Journey],
    outcomes: set[tuple[str, str]],
) -> Audit:
    """Judges what was sent. `zones` are those that each customer may be in, `outcomes` the events on record by
    customer and id."""
    found = Audit()
    history = defaultdict(list)
    for event in events:
        history[event["customer"]].append(event)
        if (event["customer"], event["id"]) not in outcomes:
            found.without_outcome.append(event["id"])
    said: Counter[tuple[str, ...]] = Counter()
    for message in messages:
        if message.status not in SENT:
            continue
        at = message.sent_at or message.decision.at
        said[message.customer, message.journey, message.about, message.template, message.entry] += 1
        if message.purpose != "transactional" and any(night(at, zone) for zone in zones[message.customer]):
            found.at_night.append(message.id)
        if forbidden(message, at, history[message.customer]):
            found.without_consent.append(message.id)
        if left(message, at, history[message.customer], journeys[message.journey]):
            found.after_exit.append(message.id)
    found.twice = [" ".join(what) for what, times in said.items() if times > 1]
    return found


def night(at: datetime, zone: str) -> bool:
    """Whether it is night there."""
    return not OPENS <= at.astimezone(ZoneInfo(zone)).time() < CLOSES


def forbidden(message: Message, at: datetime, events: list[dict[str, Any]]) -> bool:
    """Whether the customer's last word on this channel and purpose, before it was sent, was no."""
    words = [
        (datetime.fromisoformat(event["at"]), event["type"] == "consent.withdrawn")
        for event in events
        if event["type"].startswith("consent.")
        and event["data"]["channel"] == message.channel
        and event["data"].get("purpose", "*") in ("*", message.purpose)
        and datetime.fromisoformat(event["at"]) < at
    ]
    if message.purpose == "promotional":
        return not words or max(words)[1]
    return bool(words) and max(words)[1]


def left(message: Message, at: datetime, events: list[dict[str, Any]], journey: Journey) -> bool:
    """Whether what the message is about was over before it was sent, after the event that it answers."""
    name = journey.about.removeprefix("event.data.")
    began = next(datetime.fromisoformat(event["at"]) for event in events if event["id"] == message.entry)
    return any(
        event["type"] in journey.exit
        and str(event["data"].get(name)) == message.about
        and event["id"] != message.entry
        and began <= datetime.fromisoformat(event["at"]) < at
        for event in events
    )
