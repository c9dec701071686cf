"""The outbox, of conversations: the desk is told, now or in a while, and events go to the bus or to the journeys."""

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from rapport.adapters import items
from rapport.adapters.outbox import Parcel, parcels
from rapport.domain.conversation import Conversation, Due, Owner
from rapport.domain.event import Event
from tests.adapters.post import Post, refused
from tests.domain.builders import DAY, NOON, PHONE, SECOND

TALK = Conversation(customer="ada", channel="sms", address=PHONE)
TOLD = Event(id="n-1", type="delivery.destination-changed", customer="ada", at=NOON, data={"order": "42", "n": 1.5})
BODY = {
    "id": "n-1",
    "type": "delivery.destination-changed",
    "customer": "ada",
    "at": "2026-11-24T11:00:00Z",
    "data": {"order": "42", "n": 1.5},
}


def due(what: Any, at: datetime = NOON, **changes: Any) -> Conversation:
    """The conversation, of which something is due."""
    return TALK.model_copy(update={"due": Due(what=what, at=at), "owner": Owner.WAITING, **changes})


def change(new: items.Item, old: items.Item | None = None, number: int = 1) -> dict[str, Any]:
    """A record of the ledger's stream."""
    values = {"SequenceNumber": str(number), "NewImage": new}
    return {"dynamodb": {**values, "OldImage": old} if old else values}


def talk(new: Conversation, old: Conversation | None = None, number: int = 1) -> dict[str, Any]:
    return change(items.conversation_item(new), items.conversation_item(old) if old else None, number)


def telling(*, out: bool, event: Event = TOLD, again: bool = False, number: int = 1) -> dict[str, Any]:
    image = items.telling_item(event, out=out)
    return change(image, image if again else None, number)


def desk(what: str, at: datetime) -> list[Parcel]:
    body = {"customer": "ada", "thread": TALK.thread, "what": what, "at": f"{at:%Y-%m-%dT%H:%M:%S}Z"}
    return [Parcel("1", "desk", body, at)]


@pytest.mark.parametrize("old", [None, TALK, due("tell", NOON - SECOND), due("remind")])
def test_what_is_due_at_the_desk_is_told_to_it(old: Conversation | None) -> None:
    assert parcels(talk(due("tell"), old), NOON) == desk("tell", NOON)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (TALK, None),
        (TALK, due("tell")),
        (due("tell"), due("tell")),
        (due("tell", misses=1, owner=Owner.HUMAN, version=7), due("tell")),
    ],
)
def test_nothing_due_or_due_as_before_tells_the_desk_nothing(new: Conversation, old: Conversation | None) -> None:
    assert parcels(talk(new, old), NOON) == []


def test_what_is_due_now_waits_in_the_desks_queue_and_a_reminder_is_scheduled() -> None:
    post = Post()
    records = [talk(due("tell")), talk(due("remind", NOON + DAY), due("tell"), 2)]
    assert post.outbox.take(records, NOON) == set()
    [(queue, entry)] = post.entries()
    assert (queue, json.loads(entry["MessageBody"])["what"]) == ("desk-queue", "tell")
    [schedule] = post.schedules()
    assert schedule["Target"]["Arn"] == "arn:aws:sqs:eu-west-1:1:desk-queue"
    assert json.loads(schedule["Target"]["Input"]) == desk("remind", NOON + DAY)[0].body
    assert len(schedule["Name"]) <= 64


def test_nobodys_number_or_words_go_into_the_desks_queue() -> None:
    said = due("tell", why="asked for a person", left=("a word",))
    [parcel] = parcels(talk(said), NOON)
    assert PHONE not in json.dumps(parcel.body)
    assert parcel.body.keys() == {"customer", "thread", "what", "at"}


def test_what_the_companys_systems_are_told_goes_to_the_bus_in_our_name() -> None:
    post = Post()
    assert post.outbox.take([telling(out=True)], NOON) == set()
    [entry] = post.published()
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        "rapport",
        "delivery.destination-changed",
        "the-bus",
    )
    assert json.loads(entry["Detail"]) == BODY
    assert post.entries() == []


def test_what_the_journeys_are_told_goes_to_the_intake_at_once() -> None:
    post = Post()
    assert post.outbox.take([telling(out=False)], NOON) == set()
    [(queue, entry)] = post.entries()
    assert (queue, entry["DelaySeconds"], json.loads(entry["MessageBody"])) == ("intake-queue", 0, BODY)
    assert post.published() == []


def test_an_event_without_data_is_told_with_none() -> None:
    bare = TOLD.model_copy(update={"data": {}})
    [parcel] = parcels(telling(out=True, event=bare), NOON)
    assert parcel.body == {**BODY, "data": {}}


@pytest.mark.parametrize("out", [True, False])
def test_the_same_event_put_again_is_told_no_second_time(out: bool) -> None:
    assert parcels(telling(out=out, again=True), NOON) == []


@pytest.mark.parametrize(
    "trouble", [refused(), EndpointConnectionError(endpoint_url="x"), {"FailedEntryCount": 1, "Entries": [{}]}]
)
def test_what_the_bus_does_not_take_comes_back_alone(trouble: Any) -> None:
    post = Post()
    post.events.put_events.side_effect = [{"FailedEntryCount": 0}, trouble, {"FailedEntryCount": 0}]
    records = [telling(out=True, number=number) for number in (1, 2, 3)] + [talk(due("tell"), number=4)]
    assert post.outbox.take(records, NOON) == {"2"}
    assert len(post.published()) == 3
    assert len(post.entries()) == 1
