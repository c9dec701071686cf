"""Carriers that fail, in every way that they do: nobody is told twice, and what can still be said is."""

import os
from datetime import timedelta
from typing import Any

import pytest

from local.carriers import Behaviour, Outage
from local.functions import CutOffError
from local.world import World
from rapport.domain.words import Channel
from tests.stories.people import BY_EMAIL, LONDON, meet

HOUR = timedelta(hours=1)


def promise_delivery(world: World, customer: str) -> None:
    """A delivery today at half past five: its reminder is due at once."""
    world.happens("delivery.scheduled", customer, order="7", due_at="2026-11-23T17:30:00+00:00")


def fails(world: World, channel: Channel, behaviour: Behaviour, lasting: timedelta = HOUR) -> None:
    """The carrier misbehaves from now on."""
    world.carriers.outages.append(Outage(channel, behaviour, world.now, world.now + lasting))


@pytest.mark.parametrize(("person", "channel"), [(LONDON, Channel.SMS), (BY_EMAIL, Channel.EMAIL)])
def test_a_carrier_that_says_no_for_an_hour_is_asked_again_until_it_says_yes(
    world: World, person: dict[str, object], channel: Channel
) -> None:
    meet(world, "ana", person)
    fails(world, channel, "throttles")
    promise_delivery(world, "ana")
    world.advance("2 hours")
    [entry] = world.entries("ana")
    assert entry.message.status == "delivered"
    assert timedelta(0) <= entry.at - world.start - HOUR < timedelta(minutes=16)
    assert len(world.carriers.taken) == 1


def test_a_carrier_that_says_no_until_the_delivery_is_there_is_not_asked_any_more(world: World) -> None:
    meet(world, "ana", LONDON)
    fails(world, Channel.SMS, "throttles", 10 * HOUR)
    promise_delivery(world, "ana")
    world.advance("10 hours")
    [entry] = world.entries("ana")
    assert (entry.message.status, entry.message.reason) == ("expired", "expired")
    assert world.carriers.taken == []


@pytest.mark.parametrize("behaviour", ["times out", "answers 503"])
@pytest.mark.parametrize(("person", "channel"), [(LONDON, Channel.SMS), (BY_EMAIL, Channel.EMAIL)])
def test_a_reminder_that_may_have_gone_out_is_never_sent_again(
    world: World, person: dict[str, object], channel: Channel, behaviour: Behaviour
) -> None:
    meet(world, "ana", person)
    fails(world, channel, behaviour, timedelta(minutes=5))
    promise_delivery(world, "ana")
    world.advance("1 day")
    [entry] = world.entries("ana")
    assert (entry.message.status, entry.message.attempts) == ("unknown", 1)
    assert any('"AmbiguousSends"' in line for line in world.log.lines)


@pytest.mark.parametrize("call", ["SNS.Publish", "DynamoDB.BatchGetItem", "DynamoDB.UpdateItem"])
@pytest.mark.parametrize("before", [True, False])
def test_a_sender_that_is_cut_off_anywhere_tells_nobody_twice_and_loses_nothing(
    world: World, call: str, *, before: bool
) -> None:
    meet(world, "ana", LONDON)
    world.carriers.receipts = False
    world.happens("consent.given", "ana", channel="sms", purpose="promotional")
    world.happens("stock.wanted", "ana", item="teapot")
    world.wire.cut_in("send_sms", call, before=before)
    world.happens("stock.back", "*", item="teapot")
    world.advance("2 hours")
    assert world.wire.cuts == []
    [entry] = world.entries("ana")
    went_out = len(world.carriers.taken)
    assert went_out <= 1
    assert entry.message.status in ("sent", "unknown")
    assert (entry.message.status == "sent") <= (went_out == 1)
    assert world.dead_letters() == {}


# The claim, the look, its place under the caps, the segments of the stack and the number, the carrier.
COUNTS = ("UpdateItem", "UpdateItem", "UpdateItem")
REQUESTS = ("UpdateItem", "BatchGetItem", *COUNTS, "Publish", "UpdateItem")
TO_CALL = REQUESTS.index("Publish")


@pytest.mark.parametrize("number", range(len(REQUESTS)), ids=lambda number: f"{number}-{REQUESTS[number]}")
def test_a_sender_that_is_cut_off_before_any_of_its_requests_sends_once_or_says_that_it_may_have(
    world: World, number: int
) -> None:
    asked: list[str] = []

    def cut_off(model: Any, **_: Any) -> None:
        if os.environ.get("_HANDLER") == "send_sms.handler":
            asked.append(model.name)
            if len(asked) == number + 1:
                raise CutOffError

    meet(world, "ana", LONDON)
    world.carriers.receipts = False
    world.session.events.register("before-call.*.*", cut_off)
    promise_delivery(world, "ana")
    world.advance("2 days")
    assert tuple(asked[: number + 1]) == REQUESTS[: number + 1]
    [entry] = world.entries("ana")
    claimed = number > REQUESTS.index("UpdateItem")
    assert entry.message.status == ("unknown" if claimed else "sent")
    assert len(world.carriers.taken) == (0 if claimed and number <= TO_CALL else 1)


def test_a_receipt_settles_what_was_in_doubt(world: World) -> None:
    meet(world, "ben", BY_EMAIL)
    world.wire.cut_in("send_email", "SESv2.SendEmail", before=False)
    promise_delivery(world, "ben")
    [entry] = world.entries("ben")
    assert entry.message.status == "sending"
    world.advance("1 hour")
    [entry] = world.entries("ben")
    assert (entry.message.status, len(world.carriers.taken)) == ("delivered", 1)


def test_an_address_that_bounced_is_not_written_to_again(world: World) -> None:
    meet(world, "ben", BY_EMAIL)
    world.carriers.bounces.add("ben@example.com")
    promise_delivery(world, "ben")
    world.advance("1 hour")
    assert world.customer("ben").addresses[0].suppressed == "Permanent bounce (General)"
    world.happens("delivery.scheduled", "ben", order="8", due_at="2026-11-23T17:30:00+00:00")
    [unsaid] = world.unsaid_to("ben")
    assert (unsaid.message.about, unsaid.message.reason) == ("8", "suppressed")
    assert len(world.carriers.taken) == 1


def test_a_number_that_opted_out_at_the_carrier_hears_no_more_from_us(world: World) -> None:
    meet(world, "ana", LONDON)
    world.carriers.opted_out.add("+447700900123")
    promise_delivery(world, "ana")
    world.advance("1 hour")
    [entry] = world.texts_to("ana")
    assert entry.message.status == "suppressed"
    world.happens("delivery.scheduled", "ana", order="8", due_at="2026-11-23T17:30:00+00:00")
    assert [mail.message.about for mail in world.mails_to("ana")] == ["8"]
