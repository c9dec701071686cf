"""Hundreds of senders at once: what goes out is what the ceiling says, to the segment."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import boto3
import pytest

from local.interleaving import Task
from local.world import World
from rapport.adapters import items
from rapport.adapters.spending import EVERYWHERE, Ceilings, Metered
from rapport.domain.message import Content, Message
from rapport.domain.sending import Accepted, Answer, OverBudget
from rapport.domain.spending import Spending, segments
from rapport.domain.words import Purpose
from tests.domain.builders import NOON, PHONE, a_message, utc

ONE = Content(text="Your parcel comes tomorrow.")
TWO = Content(text="Your parcel comes tomorrow. " * 8)
LAST_MINUTE = utc("2026-11-24T11:59:30")


class Network:
    """Takes everything, and adds up what it bills, by number."""

    def __init__(self) -> None:
        self.billed: Counter[str] = Counter()

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """One text more."""
        self.billed[address] += segments(content.text)
        return Accepted("c-0")


def rules(hour: int = 10_000, day: int = 10_000, per_day: int = 900) -> Spending:
    ceilings = {"hour": hour, "day": day}
    return Spending.model_validate({"countries": ["FR"], "per_number": ceilings, "per_day": per_day})


class Senders:
    """So many processes, each with threads of its own that share what it has reserved."""

    def __init__(self, world: World, spending: Spending, processes: int) -> None:
        # Clients that were made after the wire was attached: the world's own, which seeds the tables, takes no turns.
        client = boto3.client("dynamodb")
        self.world = world
        self.network = Network()
        self.processes = [Ceilings(client, world.ledger_table, spending) for _ in range(processes)]
        self.answers: list[Answer] = []

    def send_at_once(self, texts: list[tuple[str, Content, datetime, Purpose]]) -> None:
        """Every text in a thread of its own, in whatever order."""
        assert self.world.turns
        self.world.turns.run([self.sending(place, *text) for place, text in enumerate(texts)])

    def sending(self, place: int, number: str, words: Content, at: datetime, purpose: Purpose) -> Task:
        """One text's way to the network, from the process whose turn it is."""
        metered = Metered(self.network, self.processes[place % len(self.processes)], lambda: at)
        message = a_message(id=f"m-{place}", purpose=purpose)
        return lambda: self.answers.append(metered.send(message, words, number))

    def reserved(self, day: str = "2026-11-24") -> int:
        """What the ledger has given out of the day."""
        key = items.spent_key(EVERYWHERE, day)
        return int(self.world.dynamodb.get_item(TableName=self.world.ledger_table, Key=key)["Item"]["day"]["N"])


@pytest.mark.parametrize(("seed", "ceiling"), [(1, 7), (2, 60)])
def test_three_hundred_texts_to_one_number_at_once_end_at_exactly_its_ceiling(
    make_world: Callable[..., World], seed: int, ceiling: int
) -> None:
    world = make_world(interleaved=True, seed=seed)
    senders = Senders(world, rules(hour=ceiling, day=200), processes=30)
    senders.send_at_once([(PHONE, ONE, NOON, Purpose.SERVICE)] * 300)
    assert senders.network.billed == {PHONE: ceiling}
    assert Counter(type(answer) for answer in senders.answers) == {Accepted: ceiling, OverBudget: 300 - ceiling}


def test_across_the_stroke_of_the_hour_each_hour_and_the_day_end_at_exactly_their_ceilings(
    make_world: Callable[..., World],
) -> None:
    senders = Senders(make_world(interleaved=True, seed=3), rules(hour=20, day=35), processes=10)
    minutes = [LAST_MINUTE, LAST_MINUTE + timedelta(minutes=1)]
    senders.send_at_once([(PHONE, ONE, minutes[place % 2], Purpose.SERVICE) for place in range(200)])
    assert senders.network.billed == {PHONE: 35}


@pytest.mark.parametrize("seed", [4, 5])
def test_three_hundred_texts_to_as_many_numbers_end_at_exactly_the_stacks_ceiling(
    make_world: Callable[..., World], seed: int
) -> None:
    senders = Senders(make_world(interleaved=True, seed=seed), rules(per_day=111), processes=30)
    senders.send_at_once([(f"+336000{place:05}", ONE, NOON, Purpose.SERVICE) for place in range(300)])
    assert (senders.network.billed.total(), senders.reserved()) == (111, 111)


@pytest.mark.parametrize("seed", [6, 7])
def test_in_blocks_and_with_texts_of_several_lengths_the_ceiling_is_kept_and_every_segment_accounted_for(
    make_world: Callable[..., World], seed: int
) -> None:
    spending = rules(hour=3, day=3, per_day=3000)
    senders = Senders(make_world(interleaved=True, seed=seed), spending, processes=5)
    senders.world.dynamodb.put_item(
        TableName=senders.world.ledger_table,
        Item={**items.spent_key(EVERYWHERE, "2026-11-24"), "day": {"N": "2800"}},
    )
    texts = [(f"+336000{place % 150:05}", (ONE, TWO)[place % 2], NOON, Purpose.SERVICE) for place in range(300)]
    senders.send_at_once(texts)
    left = sum(process.purse.left for process in senders.processes)
    assert spending.block() == 3
    assert 2800 + senders.network.billed.total() + left == senders.reserved()
    assert 3000 - spending.block() < senders.reserved() <= 3000
    assert max(senders.network.billed.values()) <= 3
