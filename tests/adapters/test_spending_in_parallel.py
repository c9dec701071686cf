"""Hundreds of senders at once: what goes out is what the ceiling says, to the segment."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import boto3
import pytest

from local.interleaving import Task
from local.world import World
from rapport.adapters import items
from rapport.adapters.spending import EVERYWHERE, Ceilings, Metered
from rapport.domain.attempt import Accepted, Answer, OverBudget
from rapport.domain.message import Content, Message
from rapport.domain.segments import segments
from rapport.domain.spending import Spending
from tests.conftest import MONDAY
from tests.domain.builders import DAY, NOON, PHONE, a_message, utc

ONE = Content(text="Your parcel comes tomorrow.")
TWO = Content(text="Your parcel comes tomorrow. " * 8)
LAST_MINUTE = utc("2026-11-26T11:59:30")


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

    def send_at_once(self, texts: list[tuple[str, Content, datetime]]) -> None:
        """Every text in a thread of its own, in whatever order."""
        assert self.world.turns
        self.world.turns.run([self.sending(place, *text) for place, text in enumerate(texts)])

    def sending(self, place: int, number: str, words: Content, at: datetime) -> Task:
        """One text's way to the network, from the process whose turn it is."""
        metered = Metered(self.network, self.processes[place % len(self.processes)], lambda: at)
        return lambda: self.answers.append(metered.send(a_message(), words, number))

    def reserved(self, at: datetime) -> int:
        """What the ledger has given out of the day."""
        key = items.spent_key(EVERYWHERE, f"{at:%Y-%m-%d}")
        return int(self.world.dynamodb.get_item(TableName=self.world.ledger_table, Key=key)["Item"]["day"]["N"])


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One account in which tasks take turns, for a test on each of several days."""
    with World(MONDAY, interleaved=True) as world:
        yield world


@pytest.mark.parametrize(("at", "ceiling", "texts"), [(NOON, 7, 300), (NOON + DAY, 60, 100)])
def test_hundreds_of_texts_to_one_number_at_once_end_at_exactly_its_ceiling(
    world: World, at: datetime, ceiling: int, texts: int
) -> None:
    senders = Senders(world, rules(hour=ceiling, day=200), processes=30)
    senders.send_at_once([(PHONE, ONE, at)] * texts)
    assert senders.network.billed == {PHONE: ceiling}
    assert Counter(type(answer) for answer in senders.answers) == {Accepted: ceiling, OverBudget: texts - ceiling}


def test_across_the_stroke_of_the_hour_the_day_ends_at_exactly_its_ceiling(world: World) -> None:
    senders = Senders(world, rules(hour=20, day=35), processes=10)
    minutes = [LAST_MINUTE, LAST_MINUTE + timedelta(minutes=1)]
    senders.send_at_once([(PHONE, ONE, minutes[place % 2]) for place in range(100)])
    assert senders.network.billed == {PHONE: 35}


def test_hundreds_of_texts_to_as_many_numbers_end_at_exactly_the_stacks_ceiling(world: World) -> None:
    at = NOON + 3 * DAY
    senders = Senders(world, rules(per_day=111), processes=30)
    senders.send_at_once([(f"+336000{place:05}", ONE, at) for place in range(200)])
    assert (senders.network.billed.total(), senders.reserved(at)) == (111, 111)


def test_in_blocks_and_with_texts_of_several_lengths_every_segment_is_accounted_for(world: World) -> None:
    at = NOON + 4 * DAY
    senders = Senders(world, rules(hour=3, day=3, per_day=3000), processes=5)
    Ceilings(world.dynamodb, world.ledger_table, rules(per_day=3000)).reserve(f"{at:%Y-%m-%d}", 2870)
    texts = [(f"+336000{place % 100:05}", (ONE, TWO)[place % 2], at) for place in range(200)]
    senders.send_at_once(texts)
    left = sum(process.purse.left for process in senders.processes)
    assert 2870 + senders.network.billed.total() + left == senders.reserved(at)
    assert 3000 - 3 < senders.reserved(at) <= 3000  # blocks are of three
    assert max(senders.network.billed.values()) <= 3
