"""Customers answer by text: a delivery goes elsewhere, STOP holds, and who is unhappy hears from a person."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.carriers import Outage
from local.world import World
from rapport.adapters import items
from rapport.domain.conversation import Conversation, Owner
from rapport.domain.delivery import Delivery
from rapport.domain.words import Channel
from tests.conftest import MONDAY
from tests.stories.people import LONDON, meet


@pytest.fixture(scope="module")
def whole() -> Iterator[World]:
    """One world for all of these stories: each has customers of its own."""
    with World(MONDAY) as world:
        yield world


@pytest.fixture
def world(whole: World) -> World:
    whole.wire.told.clear()
    return whole


def number_of(customer: str) -> str:
    """A number for each."""
    return f"+447700900{sum(customer.encode()) % 1000:03}"


def expects_a_delivery(world: World, customer: str, days: int = 3) -> str:
    """Somebody in London whose delivery comes so many days from now, and who was reminded; the message's carrier id."""
    meet(world, customer, {**LONDON, "name": customer.title(), "addresses": {"sms": number_of(customer)}})
    due = (world.now + timedelta(days=days)).replace(hour=14, minute=0)
    world.happens("delivery.scheduled", customer, order=f"o-{customer}", due_at=due.isoformat(), item="kettle")
    world.run_until((due - timedelta(days=1)).replace(hour=17, minute=1))
    [reminder] = world.texts_to(customer)
    return str(reminder.message.carrier_id)


def says(world: World, customer: str, text: str, answering: str | None = None) -> list[str]:
    """What they get by text within a minute of writing this."""
    before = len(world.texts_to(customer))
    world.writes(number_of(customer), text, answering)
    world.advance("1 minute")
    return [str(entry.text) for entry in world.texts_to(customer)[before:]]


def on_record(world: World, customer: str, kind: str) -> list[dict[str, Any]]:
    """All of a kind that is on record of the customer."""
    found = world.dynamodb.query(
        TableName=world.ledger_table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": customer}},
    )["Items"]
    return [items.from_item(item) for item in found if item["kind"]["S"] == kind]


def delivery(world: World, customer: str) -> Delivery:
    [found] = on_record(world, customer, "delivery")
    return Delivery.model_validate(found)


def conversation(world: World, customer: str) -> Conversation:
    [found] = on_record(world, customer, "conversation")
    return Conversation.model_validate(found)


def test_a_delivery_goes_elsewhere_by_an_answer_to_the_question_of_two_days_ago(world: World) -> None:
    carrier_id = expects_a_delivery(world, "ana", days=6)
    world.happens("delivery.moved", "ana", order="o-ana", due_at=(world.now + timedelta(days=5)).isoformat())
    world.advance("2 days")
    [read_back] = says(world, "ana", "yes, leave it next door please", carrier_id)
    assert "next door. Is that right?" in read_back
    assert world.wire.told == []
    assert "next door" in says(world, "ana", "Yes")[0]
    assert delivery(world, "ana").destination == "next door"
    [told] = world.wire.told
    assert (told["type"], told["customer"]) == ("delivery.destination-changed", "ana")
    assert (told["data"]["order"], told["data"]["destination"]) == ("o-ana", "next door")
    assert says(world, "ana", "undo") != []
    assert [each["data"]["destination"] for each in world.wire.told] == ["next door", None]
    assert world.dead_letters() == {}


def test_stop_in_the_middle_of_a_change_ends_it_and_every_text(world: World) -> None:
    expects_a_delivery(world, "eve")
    assert "Is that right?" in says(world, "eve", "to 12 Oak Lane")[0]
    assert says(world, "eve", "STOP") == [
        "Fern & Oak: you won't get any more texts from us. Reply START if you change your mind."
    ]
    assert says(world, "eve", "yes") == []
    assert (delivery(world, "eve").destination, world.wire.told) == (None, [])
    world.happens("delivery.completed", "eve", order="o-eve")
    world.advance("7 days")
    assert [entry.message.reason for entry in world.unsaid_to("eve")][-1] == "no-consent"
    assert says(world, "eve", "START")[0].startswith("Fern & Oak: welcome back.")


def test_a_number_that_nobody_knows_is_answered_and_can_have_a_person(world: World) -> None:
    stranger = "+447700900999"
    before = len(world.carriers.taken)
    for text in ("when are you open?", "AGENT"):
        world.writes(stranger, text)
        world.advance("1 minute")
    sent = [taken.text for taken in world.carriers.taken[before:] if taken.to == stranger]
    assert len(sent) == 2
    assert sent[1].startswith("A person here will read this")


def asked_how_they_like_it(world: World, customer: str) -> str:
    """Somebody who has had their delivery for six days, and was asked; the message's carrier id."""
    meet(world, customer, {**LONDON, "name": customer.title(), "addresses": {"sms": number_of(customer)}})
    world.happens("delivery.completed", customer, order=f"o-{customer}", item="kettle")
    world.advance("7 days")
    [check_in] = world.texts_to(customer)
    return str(check_in.message.carrier_id)


def test_who_likes_it_is_thanked_by_the_journey_that_asked(world: World) -> None:
    asked_how_they_like_it(world, "flo")
    [thanks] = says(world, "flo", "I love it!")
    assert thanks
    assert [entry.message.template for entry in world.texts_to("flo")] == ["check-in", "thank-you"]
    assert conversation(world, "flo").owner is Owner.BOT


def test_who_does_not_like_it_hears_from_a_person_and_nothing_cheerful_until_then(world: World) -> None:
    carrier_id = asked_how_they_like_it(world, "gil")
    [promise] = says(world, "gil", "It broke after two days, very disappointed", carrier_id)
    assert promise.startswith("A person here will read this")
    assert conversation(world, "gil").owner is Owner.WAITING
    customer = world.customer("gil")
    assert (customer.human_owns, list(customer.troubles)) == (True, ["a complaint about o-gil"])
    assert "complaint.received" in {told["type"] for told in world.wire.told}
    world.happens("delivery.completed", "gil", order="another")
    world.advance("7 days")
    assert [entry.message.template for entry in world.texts_to("gil")] == ["check-in", "handed-over"] + [
        "still-waiting"
    ] * (len(world.texts_to("gil")) - 2)
    assert world.unsaid_to("gil")[-1].message.reason == "human-owns"


def test_a_place_that_was_never_read_back_to_them_is_not_changed_by_their_yes(world: World) -> None:
    expects_a_delivery(world, "vera")
    assert says(world, "vera", "STOP") != []
    assert says(world, "vera", "leave it next door") == []
    assert says(world, "vera", "START") != []
    assert "destination-changed" not in str(says(world, "vera", "yes"))
    [delivery] = on_record(world, "vera", "delivery")
    assert delivery.get("destination") is None
    assert [told for told in world.wire.told if told["type"] == "delivery.destination-changed"] == []


def test_a_yes_to_a_place_that_may_never_have_reached_them_is_asked_about_again(world: World) -> None:
    expects_a_delivery(world, "wim")
    world.wire.cut_in("send_sms", "SNS.Publish", before=True)
    assert says(world, "wim", "leave it next door") == []
    world.advance("20 minutes")
    assert [entry.message.status for entry in world.entries("wim")][-1] == "unknown"
    assert "next door. Is that right?" in says(world, "wim", "yes")[0]
    assert delivery(world, "wim").destination is None
    assert "next door" in says(world, "wim", "yes")[0]
    assert delivery(world, "wim").destination == "next door"


def test_a_yes_that_was_written_before_the_place_was_read_back_is_asked_about_again(world: World) -> None:
    expects_a_delivery(world, "xia")
    soon = world.now + timedelta(seconds=30)
    world.carriers.outages.append(Outage(Channel.SMS, "throttles", world.now, soon, number_of("xia")))
    world.writes(number_of("xia"), "leave it next door")
    world.run_until(world.now + timedelta(seconds=1))
    world.wire.cut_in("receive_sms", "DynamoDB.TransactWriteItems", before=True)
    world.writes(number_of("xia"), "yes")
    world.advance("10 minutes")
    said = [str(entry.text) for entry in world.texts_to("xia")][1:]
    assert ["next door. Is that right?" in text for text in said] == [True, True]
    assert delivery(world, "xia").destination is None
    assert "next door" in says(world, "xia", "yes")[0]
    assert delivery(world, "xia").destination == "next door"
