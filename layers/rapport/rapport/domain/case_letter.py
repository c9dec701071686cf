"""A case in words: the story of its conversation, and the e-mail that tells the desk of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from rapport.domain.answering import PERSON
from rapport.domain.case import LINK_LASTS, Case, shown
from rapport.domain.conversation import Owner, Turn
from rapport.domain.delivery import Delivery
from rapport.domain.event import read_moment
from rapport.domain.local_time import zone_info
from rapport.domain.message import Content, Message, Status

MARKER: Final = "-- reply above this line --"  # what is below it in a reply is ours
CUSTOMER: Final = "customer"
MOST_DELIVERIES: Final = 5
LONGEST_LINE: Final = 1000  # characters
LOOKS_BACK: Final = timedelta(days=14)  # for what of ours the first turn may answer
ARRIVED: Final = (Status.SENT, Status.DELIVERED)


@dataclass(frozen=True)
class Line:
    """One thing that was said; `who` is the customer, the person who wrote it, or us."""

    at: datetime
    who: str
    text: str
    note: str = ""


def story(case: Case) -> list[Line]:
    """What was said to and fro, in the order of time."""
    people = {step.at: step.by for step in case.steps}
    lines = [line for turn in case.turns for line in lines_of(turn, case)]
    lines += [
        Line(*line_of(message, people), text=flat(text or ""), note=note_of(message)) for message, text in case.said
    ]
    return sorted(lines, key=lambda line: line.at)


def lines_of(turn: Turn, case: Case) -> Iterator[Line]:
    """What a customer wrote; and in a chat, what we said to it."""
    yield Line(turn.at, CUSTOMER, flat(turn.text), understood(turn))
    by_people = {flat(text or "") for _, text in case.said}
    yield from (Line(turn.at, "we", flat(text)) for text in turn.said if flat(text) not in by_people)


def line_of(message: Message, people: dict[datetime, str]) -> tuple[datetime, str]:
    """When a message of ours was said, and by whom."""
    by = people.get(message.created_at, "a person") if message.template == PERSON else "we"
    return message.sent_at or message.created_at, by


def understood(turn: Turn) -> str:
    """What we made of a turn."""
    if not turn.handled:
        return "not seen to yet"
    made = turn.understood or {}
    slots = made.get("slots")
    named = [f"{name}: {value}" for name, value in slots.items()] if isinstance(slots, dict) else []
    score = made.get("score")
    intent = [f"{made['intent']} {score}" if score is not None else str(made["intent"])] if "intent" in made else []
    return flat(", ".join([turn.because, *intent, *named]).strip(", "))


def note_of(message: Message) -> str:
    """How a message of ours fared, if it isn't plain that it arrived; what a journey said goes by its template."""
    name = "" if message.template == PERSON else message.template
    if message.status in ARRIVED:
        return name
    if message.status is Status.QUEUED and message.decision.until:
        fate = f"waits until {message.due_at:%Y-%m-%d %H:%M} UTC"
    else:
        fate = f"{message.status}: {message.reason}" if message.reason else str(message.status)
    return f"{name}; {fate}" if name else fate


def first_of(case: Case) -> str:
    """The customer's first name, or what stands for it."""
    names = flat(case.customer.name or "").split()
    return names[0] if names else "the customer"


def facts(delivery: Delivery, zone: str) -> str:
    """One delivery in a line."""
    moment = read_moment(delivery.due_at)
    due = clock(moment, zone) if isinstance(moment, datetime) else f"{moment:%a %d %b}"
    parts = [
        f"order {delivery.order}" + (f" ({delivery.item})" if delivery.item else ""),
        f"due {due}" + (f", {delivery.window}" if delivery.window else ""),
        str(delivery.status),
        f"goes to: {delivery.destination}" if delivery.destination else "goes where it was first to go",
    ]
    return flat("; ".join(parts))


def latest(case: Case) -> list[Delivery]:
    """The deliveries that the desk hears of."""
    return sorted(case.deliveries, key=lambda each: (each.due_on, each.order))[-MOST_DELIVERIES:]


def letter(
    case: Case, what: Literal["tell", "remind"], company: str, link: str, zone: str, now: datetime, *, replies: bool
) -> Content:
    """The e-mail to the desk, plain text; nothing that a customer wrote is in its subject."""
    conversation = case.conversation
    since = clock(conversation.unanswered_since or now, zone)
    name = conversation.case or ""
    title = f"still waiting since {since}" if what == "remind" else "a customer waits for a person"
    if what == "tell" and conversation.owner is Owner.HUMAN:
        title = "your customer has written again"
    body = [
        *([MARKER, ""] if replies else []),
        f"{first_of(case)} (customer {flat(case.customer.id)}) {state(case, since)}",
        f"Why: {flat(conversation.why or 'not on record')}",
        "",
        f"Answer here: {link}",
        f"The link is good until {clock(now + LINK_LASTS, zone)}. Who has it can answer; don't pass it on.",
        *(["Or reply to this e-mail; #bot on a last line of its own hands back to the bot."] if replies else []),
        "",
        f"What was said (times in {zone}):",
        *(spelled(line, case, zone) for line in story(case)),
        "",
        "Deliveries:",
        *([facts(each, zone) for each in latest(case)] or ["none"]),
    ]
    return Content(subject=f"[{flat(company)}] {title} ({name})", text="\n".join(body))


def state(case: Case, since: str) -> str:
    """Who has it."""
    if case.conversation.owner is Owner.HUMAN:
        return f"has been waiting for a further answer since {since}."
    return f"has been waiting for a person since {since}."


def spelled(line: Line, case: Case, zone: str) -> str:
    """One line of the story."""
    who = first_of(case) if line.who == CUSTOMER else line.who
    note = f"  [{line.note}]" if line.note else ""
    return f"{clock(line.at, zone)}  {who}: {line.text}{note}"


def clock(moment: datetime, zone: str) -> str:
    """A time on the desk's clock."""
    return f"{moment.astimezone(zone_info(zone)):%a %d %b %H:%M}"


def flat(text: Any) -> str:
    """The text on one line, so that nobody's words pass for a line of ours."""
    line = " ".join(shown(str(text)).split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …"
