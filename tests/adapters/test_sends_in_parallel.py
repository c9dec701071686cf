"""Hundreds of promotional messages to one customer at once: the cap lets through as many as it says."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import boto3
import pytest

from local.interleaving import Task
from local.world import World
from rapport.adapters import items
from rapport.adapters.many_items import write_all
from rapport.adapters.sends import Sends
from rapport.domain.attempt import Accepted, Answer
from rapport.domain.customer import Customer
from rapport.domain.message import Content, Message, Status
from rapport.domain.run import Run
from rapport.domain.sending import ContentionError, MessageKey
from rapport.domain.words import Channel, Purpose, Reason
from tests.domain.builders import NOON, WANTS_OFFERS, a_message, a_policy, ada
from tests.domain.memory_ledger import claim_and_deliver

CAP = 5
HOUR = timedelta(hours=1)
FIVE_A_WEEK = a_policy(caps=[{"purposes": ["promotional"], "at_most": CAP, "every": "7 days"}])


class CountingCarrier:
    """Takes everything, and counts."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """One more."""
        self.taken.append(message.id)
        return Accepted(f"carrier-{len(self.taken)}")


def offer(number: int) -> Message:
    return a_message(
        id=f"m-{number}", about=f"item-{number}", entry=f"e-{number}", purpose=Purpose.PROMOTIONAL, route=(Channel.SMS,)
    )


def on_record(message: Message) -> list[items.Item]:
    """The message, its words, and its run."""
    run = Run(
        customer=message.customer,
        journey=message.journey,
        about=message.about,
        entry=message.entry,
        place="1",
        clock=NOON,
        as_of=NOON,
        status="completed",
    )
    words = items.to_item({"kind": "content", "text": f"{message.about} is back."})
    content = {**items.content_key(message.customer, message.id), **words}
    return [items.run_item(run), items.message_item(message), content]


def queue_up(world: World, customer: Customer, messages: list[Message]) -> list[MessageKey]:
    """Puts them into the ledger, due at noon."""
    lying = [items.customer_item(customer), *(item for message in messages for item in on_record(message))]
    write_all(world.dynamodb, world.ledger_table, [{"PutRequest": {"Item": item}} for item in lying])
    return [MessageKey(message.customer, message.id, message.journey, message.about) for message in messages]


def sending(key: MessageKey, sends: Sends, carrier: CountingCarrier, back: Counter[str]) -> Task:
    """One message's way, again and again, as the queue brings it back."""

    def send() -> None:
        while True:
            try:
                claim_and_deliver(key, f"sender-of-{key.message}", sends, carrier, FIVE_A_WEEK, lambda: NOON)
                return
            except ContentionError:
                back[key.message] += 1

    return send


@pytest.mark.parametrize(("seed", "number"), [(1, 500), (2, 40)])
def test_hundreds_of_claims_at_once_against_a_cap_of_five_send_exactly_five(
    make_world: Callable[..., World], seed: int, number: int
) -> None:
    world = make_world(interleaved=True, seed=seed)
    assert world.turns
    messages = [offer(index) for index in range(number)]
    keys = queue_up(world, ada(consents=(WANTS_OFFERS,)), messages)
    # A client that was made after the wire was attached: the world's own, which seeds the tables, takes no turns.
    sends, carrier, back = Sends(boto3.client("dynamodb"), world.ledger_table), CountingCarrier(), Counter[str]()
    world.turns.run([sending(key, sends, carrier, back) for key in keys])
    refused = world.wire.requests["DynamoDB.UpdateItem"] - (2 * number + CAP)  # claims, ends, and places under the cap
    ended = [sends.message(key.customer, key.message) for key in keys]
    assert Counter((message.status, message.reason) for message in ended) == {
        (Status.SENT, None): CAP,
        (Status.SKIPPED, Reason.CAPPED): number - CAP,
    }
    assert refused > CAP  # they did get in each other's way
    assert sorted(carrier.taken) == sorted(message.id for message in ended if message.status is Status.SENT)
    assert set(world.customer("ada").spoken) == set(carrier.taken)
    assert not list(sends.open_before(NOON + HOUR))
