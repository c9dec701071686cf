"""A message on its way: on record with its run, its customer and its words, and what is on record now."""

from typing import Any

from rapport.adapters import items
from rapport.adapters.many_items import write_all
from rapport.adapters.sends import Sends
from rapport.domain.customer import Customer, Spoken
from rapport.domain.message import Content, Message, Status
from rapport.domain.run import Run
from rapport.domain.words import Purpose
from tests.domain.builders import NOON, SECOND, a_journey, a_message, a_run, ada

RUN = a_run(a_journey({"wait": "3 days"})).model_copy(update={"entry": "e-1"})
WORDS = Content(text="Your parcel comes tomorrow.")
SPOKEN = {"m-1": Spoken(at=NOON, purpose=Purpose.PROMOTIONAL)}
CLAIM: dict[str, Any] = {"status": Status.SENDING, "owner": "me", "lease_until": NOON + SECOND, "attempts": 1}


def put(sends: Sends, *things: Message | Customer | Run) -> None:
    """On record, each with the version after its own."""
    made = {Message: items.message_item, Customer: items.customer_item, Run: items.run_item}
    lying = [made[type(thing)](thing) for thing in things]  # type: ignore[operator]
    words = {**items.content_key("ada", "m-1"), **items.to_item({"kind": "content", "text": WORDS.text})}
    write_all(sends.client, sends.table, [{"PutRequest": {"Item": item}} for item in [*lying, words]])


def prepare(sends: Sends, customer: Customer | None = None, **changes: Any) -> Message:
    """A message as it was planned, on record with all that belongs to it."""
    put(sends, a_message(**changes), customer or ada(), RUN)
    return sends.message("ada", "m-1")


def everything(sends: Sends) -> list[Any]:
    found = [items.from_item(item) for item in sends.client.scan(TableName=sends.table)["Items"]]
    return sorted(found, key=lambda item: str(item["sk"]))


def customer(sends: Sends) -> Customer:
    key = items.profile_key("ada")
    return items.read_customer(sends.client.get_item(TableName=sends.table, Key=key).get("Item"), "ada")
