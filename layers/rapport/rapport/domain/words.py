"""The words that the rest is written in: channels, purposes, statuses, reasons, and how spans of time are spelt."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer

CONVERSATION: Final = "conversation"  # stands where a journey's message has its journey


class Channel(StrEnum):
    """A way to reach a customer."""

    SMS = "sms"
    EMAIL = "email"


class Purpose(StrEnum):
    """Why we speak; consent, quiet hours, caps and the policy on doubt hang on it."""

    TRANSACTIONAL = "transactional"
    SERVICE = "service"
    CHECK_IN = "check-in"
    PROMOTIONAL = "promotional"
    REPLY = "reply"
    NOTICE = "notice"


class Reason(StrEnum):
    """Why a message was not sent."""

    NO_CONSENT = "no-consent"
    SUPPRESSED = "suppressed"
    QUIET_HOURS = "quiet-hours"
    CAPPED = "capped"
    NO_ADDRESS = "no-address"
    EXPIRED = "expired"
    EXITED = "exited"
    HUMAN_OWNS = "human-owns"
    RELATIONSHIP = "relationship"
    OVER_BUDGET = "over-budget"
    UNSAYABLE = "unsayable"


UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
SPAN = re.compile(r"(\d{1,4}) (minute|hour|day|week)s?")


def parse_span(text: object) -> timedelta:
    """`3 days` as a timedelta, which is one already. Raises ValueError for anything else."""
    if isinstance(text, timedelta):
        return text
    match = SPAN.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError("expected a span of time such as '90 minutes', '3 days' or '1 week'")
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def spell_span(span: timedelta) -> str:
    """The timedelta in the largest unit that divides it: `3 days`."""
    seconds = int(span.total_seconds())
    unit, size = max((item for item in UNITS.items() if seconds % item[1] == 0), key=lambda item: item[1])
    count = seconds // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


Span = Annotated[timedelta, BeforeValidator(parse_span), PlainSerializer(spell_span)]
