"""Small worlds for the domain's tests: Ada in Paris, a policy that fits on a page, and what happens to her order."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings

from rapport.domain.advance import Surroundings
from rapport.domain.customer import Address, Consent, Customer
from rapport.domain.decision import Decision, Request
from rapport.domain.event import Event
from rapport.domain.journey import Journey
from rapport.domain.message import Content, Message, Status, UnsayableError
from rapport.domain.policy import Policy
from rapport.domain.run import Run
from rapport.domain.words import Channel, Purpose

PHONE = "+33612345678"
EMAIL = "ada@example.com"
PARIS = ("Europe/Paris",)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

modest = settings(max_examples=80, derandomize=True, deadline=None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = utc("2026-11-24T11:00")  # noon in Paris, a Tuesday
NIGHT = utc("2026-11-24T22:00")  # eleven at night in Paris
MORNING = utc("2026-11-25T07:05")  # five past eight there: the window opens, less the guard


def a_policy(**changes: Any) -> Policy:
    """One purpose for each way of asking consent; promotional messages have a cap of two a week."""
    rules: dict[str, Any] = {
        "send_window": {"opens": "08:00", "closes": "21:00"},
        "purposes": {
            "transactional": rule(quiet_hours="ignore", on_doubt="send-again"),
            "service": rule(),
            "check-in": rule(quiet_hours="drop", heeds_troubles=True),
            "promotional": rule(consent="given", heeds_troubles=True),
            "reply": rule(),
            "notice": rule(consent="not-needed", quiet_hours="ignore", expires="1 hour"),
        },
        "caps": [{"purposes": ["promotional"], "at_most": 2, "every": "7 days"}],
    }
    return Policy.model_validate({**rules, **changes})


def rule(**changes: Any) -> dict[str, Any]:
    rules = {"consent": "unless-withdrawn", "quiet_hours": "hold", "on_doubt": "stop", "expires": "1 day"}
    return {**rules, **changes}


def ada(**changes: Any) -> Customer:
    """She lives in Paris and has a telephone and an e-mail address."""
    return Customer(id="ada", known=True, name="Ada", zones=PARIS, addresses=(phone(), email())).model_copy(
        update=changes
    )


def phone(value: str = PHONE, suppressed: str | None = None) -> Address:
    return Address(channel=Channel.SMS, value=value, suppressed=suppressed)


def email(value: str = EMAIL, suppressed: str | None = None) -> Address:
    return Address(channel=Channel.EMAIL, value=value, suppressed=suppressed)


def said(given: bool, at: str, channel: Channel = Channel.SMS, purpose: Any = "*", source: str = "") -> Consent:
    return Consent(channel=channel, purpose=purpose, given=given, at=utc(at), source=source)


WANTS_OFFERS = said(True, "2026-01-01", purpose=Purpose.PROMOTIONAL)


def a_request(**changes: Any) -> Request:
    """A service message by text or else by e-mail, worth saying for a day."""
    whole = {"message": "m-1", "purpose": "service", "route": ["sms", "email"], "expires_at": NOON + DAY}
    return Request.model_validate({**whole, **changes})


def an_event(kind: str, at: datetime = NOON, **data: Any) -> Event:
    """Something that happened to Ada, about order 42 unless the data say otherwise."""
    return Event(id=f"{kind}-{at:%m%dT%H%M%S}", type=kind, customer="ada", at=at, data={"order": "42", **data})


def a_journey(*steps: Any, **changes: Any) -> Journey:
    """A service journey about an order, from its delivery's first mention to its end."""
    whole = {
        "journey": "delivery",
        "enter": ["delivery.scheduled", "delivery.moved"],
        "about": "event.data.order",
        "purpose": "service",
        "steps": steps,
        "exit": ["delivery.completed", "delivery.moved"],
    }
    return Journey.model_validate({**whole, **changes})


SEND: dict[str, Any] = {"send": {"template": "reminder", "route": ["sms", "email"]}}


def a_run(journey: Journey, at: datetime = NOON, **data: Any) -> Run:
    """Ada's run through the journey, about to take its first step."""
    event = an_event("delivery.scheduled", at, **data)
    told = {"type": event.type, "at": at.isoformat(), "data": event.data}
    first = journey.places[0].label
    return Run(
        customer="ada", journey="delivery", about="42", entry=event.id, event=told, place=first, clock=at, as_of=at
    )


class Phrases:
    """Templates without files: each says its name, channel and locale, but for those that can't be said."""

    def __init__(self, texts: Mapping[str, str] | None = None, unsayable: str = "") -> None:
        self.texts = texts or {}
        self.unsayable = unsayable

    def render(self, template: str, channel: Channel, locale: str, facts: Mapping[str, Any]) -> Content:
        """What stands for the template's words. Raises UnsayableError."""
        if template == self.unsayable:
            raise UnsayableError(f"templates/{template}/{channel}.txt: expected event.data.window")
        return Content(text=self.texts.get(template, f"{template} by {channel} in {locale}"))

    def version(self, template: str) -> str:
        """The same for every wording."""
        return "v1"


def around(journey: Journey, now: datetime = NOON, customer: Customer | None = None, **changes: Any) -> Surroundings:
    """The world as a run sees it."""
    words, policy = changes.get("words", Phrases()), changes.get("policy", a_policy())
    return Surroundings(journey=journey, customer=customer or ada(), policy=policy, words=words, now=now)


def a_message(**changes: Any) -> Message:
    """A service message to Ada's telephone, queued at noon and worth sending for a day."""
    whole = Message(
        id="m-1",
        customer="ada",
        journey="delivery",
        about="42",
        entry="e-1",
        purpose=Purpose.SERVICE,
        template="reminder",
        template_version="v1",
        route=(Channel.SMS, Channel.EMAIL),
        status=Status.QUEUED,
        decision=Decision(outcome="send", at=NOON, because="sms: preferred address", channel=Channel.SMS),
        created_at=NOON,
        due_at=NOON,
        expires_at=NOON + DAY,
        channel=Channel.SMS,
        address=PHONE,
    )
    return whole.model_copy(update=changes)
