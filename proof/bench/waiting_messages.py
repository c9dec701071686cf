"""Messages that wait for their sender, each of another customer's for whom it is noon now."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from rapport.adapters import items
from rapport.adapters.ledger import with_words
from rapport.domain.advance import Draft
from rapport.domain.customer import Address, Customer
from rapport.domain.decision import Decision
from rapport.domain.message import Content, Message, Status
from rapport.domain.run import Run
from rapport.domain.words import Channel, Purpose

JOURNEY: Final = "delivery-reminder"
NOON: Final = 12
TEXT: Final = "Fern & Oak: hi Ana, your delivery comes on Wednesday, between 2 and 4 pm. Should it go somewhere else?"


def on_record(channel: Channel, number: int, now: datetime) -> list[items.Item]:
    """What the ledger has of each message: itself, its words, its customer and its run."""
    return [item for place in range(number) for item in one(channel, place, now)]


def one(channel: Channel, place: int, now: datetime) -> Iterable[items.Item]:
    """The items of one message."""
    customer = f"c-{place}"
    address = {Channel.SMS: f"+447700900{place:03}", Channel.EMAIL: f"{customer}@example.com"}[channel]
    addresses = (Address(channel=channel, value=address, country="GB" if channel is Channel.SMS else None),)
    known = Customer(id=customer, known=True, name="Ana", zones=(noon_zone(now),), addresses=addresses, version=3)
    run = Run(customer=customer, journey=JOURNEY, about="1042", entry="e-1", place="send", clock=now, as_of=now)
    content = Content(text=TEXT, subject="Your delivery", html=f"<p>{TEXT}</p>" if channel is Channel.EMAIL else None)
    draft = Draft(message(f"m-{place}", customer, channel, address, now), content)
    waiting = with_words(draft)
    words = {"kind": "content", **items.dumped(content)}
    yield items.customer_item(known)
    yield items.run_item(run)
    yield items.message_item(waiting)
    yield {**items.content_key(customer, waiting.id, waiting.words), **items.to_item(words)}


def message(name: str, customer: str, channel: Channel, address: str, now: datetime) -> Message:
    """A reminder that is due now."""
    return Message(
        id=name,
        customer=customer,
        journey=JOURNEY,
        about="1042",
        entry="e-1",
        purpose=Purpose.SERVICE,
        template="delivery-reminder",
        template_version="v1",
        route=(channel,),
        status=Status.QUEUED,
        decision=Decision(outcome="send", at=now, because="preferred address", channel=channel),
        created_at=now,
        due_at=now,
        expires_at=now + timedelta(hours=6),
        channel=channel,
        address=address,
    )


def noon_zone(now: datetime) -> str:
    """A zone in which it is between noon and one o'clock."""
    ahead = NOON - now.hour
    return f"Etc/GMT{-ahead:+}" if ahead else "Etc/GMT"


def batch(number: int) -> dict[str, Any]:
    """The event with which the queue wakes the sender."""
    bodies = ({"customer": f"c-{i}", "message": f"m-{i}", "journey": JOURNEY, "about": "1042"} for i in range(number))
    records = [
        {"messageId": f"r-{i}", "eventSource": "aws:sqs", "body": json.dumps(body), "attributes": {}}
        for i, body in enumerate(bodies)
    ]
    return {"Records": records}
