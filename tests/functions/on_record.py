"""What is on record before a function wakes: Ana, her run, her message and its words, as in events/*.json."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from local.template import ROOT
from local.world import World
from rapport.adapters import items
from rapport.domain.customer import Address, Customer
from rapport.domain.message import Content, Message
from rapport.domain.run import Run
from rapport.domain.words import Channel

EVENING: Final = datetime(2026, 11, 25, 17, 0, 10, tzinfo=UTC)  # the message of events/*.json has just become due
CUSTOMER: Final = "c-ana"
MESSAGE: Final = "m-q2x5v7kzr4tq6wye"
RUN: Final = "RUN#delivery-reminder#1042"
PHONE: Final = "+447700900123"
EMAIL: Final = "ana@example.com"
WORDS: Final = Content(text="Hi Quillfeather, your parcel comes tomorrow.")
LETTER: Final = Content(
    text="Hello Quillfeather, your parcel comes tomorrow.",
    subject="Quillfeather, your delivery",
    html="<p>Hello Quillfeather, your parcel comes tomorrow.</p>",
)
# None of this may ever be in a log: it is in every name, address and text of these tests.
PERSONAL: Final = ("Quillfeather", "7700900", "@example.com", "your parcel", "2 to 4 pm")


def payload(name: str) -> dict[str, Any]:
    """events/<name>.json."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return event


def wake(world: World, function: str, event: dict[str, Any] | None = None) -> Any:
    """The function's answer to the event, or to the one that events/ has for it."""
    return world.deployment.functions[function].invoke(payload(function) if event is None else event)


def failed(answer: dict[str, Any]) -> list[str]:
    """Which records come back."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def queued(name: str, *bodies: Any) -> dict[str, Any]:
    """The payload of events/<name>.json with these bodies instead; the records' ids are r0, r1 and so on."""
    event = payload(name)
    record = event["Records"][0]
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    event["Records"] = [{**deepcopy(record), "messageId": f"r{i}", "body": text} for i, text in enumerate(texts)]
    return event


def streamed(name: str, *images: items.Item, old: items.Item | None = None) -> dict[str, Any]:
    """The payload of events/<name>.json with these new images instead; the records' numbers are s0, s1 and so on."""
    event = payload(name)
    shape = event["Records"][0]
    before = {"OldImage": old} if old else {}
    event["Records"] = [
        {**shape, "dynamodb": {**shape["dynamodb"], **before, "NewImage": image, "SequenceNumber": f"s{i}"}}
        for i, image in enumerate(images)
    ]
    return event


def ana(**changes: Any) -> Customer:
    """She lives in London and has a telephone and an e-mail address."""
    addresses = (Address(channel=Channel.SMS, value=PHONE), Address(channel=Channel.EMAIL, value=EMAIL))
    known = Customer(
        id=CUSTOMER, known=True, name="Ana Quillfeather", country="GB", zones=("Europe/London",), addresses=addresses
    )
    return known.model_copy(update=changes)


def reminder(**changes: Any) -> Message:
    """The text of events/dispatch_messages.json."""
    image = payload("dispatch_messages")["Records"][0]["dynamodb"]["NewImage"]
    return items.read_message(image).model_copy(update=changes)


def mail(**changes: Any) -> Message:
    """The same as an e-mail."""
    return reminder(channel=Channel.EMAIL, address=EMAIL).model_copy(update=changes)


def the_run(**changes: Any) -> Run:
    """The run of events/dispatch_messages.json."""
    image = payload("dispatch_messages")["Records"][1]["dynamodb"]["NewImage"]
    return items.read_run(image).model_copy(update=changes)


def seed(
    world: World, *messages: Message, customer: Customer | None = None, run: Run | None = None, words: Content = WORDS
) -> None:
    """Puts the messages on record with their words, and the customer and the run that they are of."""
    put(world, items.customer_item(customer or ana()), items.run_item(run or the_run()))
    for message in messages:
        content = items.to_item({"kind": "content", **items.dumped(words)})
        put(world, items.message_item(message), {**items.content_key(CUSTOMER, message.id), **content})


def put(world: World, *lines: items.Item) -> None:
    """Puts items into the ledger, as nobody but a test may."""
    for line in lines:
        world.dynamodb.put_item(TableName=world.ledger_table, Item=line)


def recorded(world: World, message: str = MESSAGE) -> Message:
    """The message as the ledger has it."""
    return items.read_message(ledger(world)[CUSTOMER, f"MESSAGE#{message}"])


def ledger(world: World) -> dict[tuple[str, str], items.Item]:
    """Everything in the ledger, by its key."""
    pages = world.dynamodb.get_paginator("scan").paginate(TableName=world.ledger_table)
    found = [item for page in pages for item in page["Items"]]
    return {(item["pk"]["S"], item["sk"]["S"]): dict(item) for item in found}


def events(world: World) -> dict[str, dict[str, Any]]:
    """Everything in the Events table, by its id."""
    found = world.dynamodb.scan(TableName=world.stack.reference("EventsTable"))["Items"]
    return {item["id"]["S"]: items.from_item(dict(item)) for item in found}


def waiting(world: World, queue: str) -> list[Any]:
    """What lies in the queue, read as JSON."""
    return [json.loads(letter.body) for letter in world.deployment.letters(queue)]


def counted(world: World) -> dict[str, float]:
    """The metrics that functions counted, summed up."""
    sums: dict[str, float] = {}
    for line in world.log.lines:
        values = json.loads(line)
        for described in values.get("_aws", {}).get("CloudWatchMetrics", []):
            for name in (metric["Name"] for metric in described["Metrics"]):
                sums[name] = sums.get(name, 0) + sum(values[name])
    return sums
