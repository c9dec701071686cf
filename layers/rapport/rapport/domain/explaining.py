"""Says in sentences why a message was sent, or wasn't."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from rapport.domain.decision import Candidate
from rapport.domain.message import Message, Status

FATES = {
    Status.QUEUED: "It waits for its sender.",
    Status.SENDING: "It is being handed to the carrier at this moment.",
    Status.SENT: "The carrier took it.",
    Status.DELIVERED: "The carrier delivered it.",
    Status.FAILED: "It could not be delivered.",
    Status.SUPPRESSED: "The carrier holds its address for closed, and so do we now.",
    Status.EXPIRED: "It did not go out in time, and was not worth saying later.",
    Status.UNKNOWN: "Nobody can say whether it arrived, and it is not sent again.",
    Status.SKIPPED: "It was not sent.",
}

ENGAGED = {"opened": "opened", "clicked": "clicked on", "complained": "complained of"}


def explain(message: Message, zone: str) -> list[str]:
    """The message's story, a sentence a line; times on a clock in `zone`, the customer's."""
    return list(sentences(message, ZoneInfo(zone)))


def sentences(message: Message, zone: ZoneInfo) -> Iterator[str]:
    """What it is, how the channel and the hour were chosen, and what became of it."""
    yield (
        f"{message.id}: journey {message.journey} about {message.about}, template {message.template} "
        f"({message.template_version}), a {message.purpose} message to customer {message.customer}."
    )
    decision = message.decision
    if decision.held_since:
        yield f"Held from {clock(decision.held_since, zone)}: those were quiet hours."
    yield f"Decided {clock(decision.at, zone)} to {decision.outcome}: {decision.because}."
    for candidate in decision.candidates:
        yield f"  {weighed(candidate)}"
    if untried := [channel for channel in message.route if channel not in {c.channel for c in decision.candidates}]:
        yield f"  {', '.join(untried)}: not needed" if decision.channel else f"  {', '.join(untried)}: not looked at"
    yield fate(message, zone)
    if message.possible_duplicate:
        yield "It may have arrived twice: the first attempt ended in doubt, and this purpose may repeat once."
    for what, at in (message.engagement or {}).items():
        yield f"The customer {ENGAGED[what]} it {clock(at, zone)}."


def weighed(candidate: Candidate) -> str:
    """One channel, for and against."""
    words = [f"for it: {', '.join(candidate.pro)}"] if candidate.pro else []
    return f"{candidate.channel}: " + "; ".join([*words, f"against it: {candidate.con}"] if candidate.con else words)


def fate(message: Message, zone: ZoneInfo) -> str:
    """What became of it, with the reason and the times."""
    parts = [FATES[message.status]]
    if message.reason:
        parts.append(f"Reason: {message.reason}.")
    detail = f" ({message.detail})" if message.detail else ""
    if message.sent_at and message.attempts > 1:
        parts.append(f"Turned away {times(message.attempts - 1)} first{detail}.")
    elif detail:
        parts.append(detail.strip())
    if message.sent_at:
        parts.append(f"Taken {clock(message.sent_at, zone)}.")
    return " ".join(parts)


def times(number: int) -> str:
    """`once`, `twice`, `7 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Day and hour where the customer is."""
    return f"{at.astimezone(zone):%a %d %b %H:%M}"
