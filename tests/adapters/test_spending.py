"""Ceilings on spending hold in the ledger: on the stroke of the hour and of midnight, for all senders, in failure."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from local.world import World
from rapport.adapters import items
from rapport.adapters.spending import EVERYWHERE, Ceilings, Metered, Purse
from rapport.domain.attempt import Accepted, Answer, NotAccepted, OverBudget
from rapport.domain.message import Content
from rapport.domain.sending import LEASE
from rapport.domain.spending import Spending
from rapport.domain.words import Purpose
from tests.domain.builders import NOON, PHONE, a_message, modest, utc
from tests.domain.memory_ledger import ScriptedCarrier

ONE = Content(text="Your parcel comes tomorrow.")
TWO = Content(text="Your parcel comes tomorrow. " * 8)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
MIDNIGHT = utc("2026-11-25")


def spending(hour: int = 5, day: int = 8, per_day: int = 900) -> Spending:
    ceilings = {"hour": hour, "day": day}
    return Spending.model_validate({"countries": ["FR"], "per_number": ceilings, "per_day": per_day})


class Till:
    """One sender's process with its clock, and a carrier that takes everything."""

    def __init__(self, world: World, rules: Spending) -> None:
        self.now = NOON
        self.carrier = ScriptedCarrier()
        self.ceilings = Ceilings(boto3.client("dynamodb"), world.ledger_table, rules)
        self.metered = Metered(self.carrier, self.ceilings, lambda: self.now)

    def text(self, words: Content = ONE, number: str = PHONE, at: datetime | None = None, **changes: Any) -> Answer:
        """What comes of one text."""
        self.now = at or self.now
        return self.metered.send(a_message(**changes), words, number)


def count_of(world: World, what: str, day: str = "2026-11-24") -> dict[str, Any]:
    """What the ledger has counted."""
    item = world.dynamodb.get_item(TableName=world.ledger_table, Key=items.spent_key(what, day)).get("Item")
    counted = items.from_item(dict(item)) if item else {}
    return {name: value for name, value in counted.items() if name == "day" or name[1:].isdigit()}


def test_a_text_is_counted_by_its_segments(world: World) -> None:
    till = Till(world, spending())
    assert isinstance(till.text(), Accepted)
    assert isinstance(till.text(TWO), Accepted)
    assert count_of(world, PHONE) == {"day": 3, "h11": 3}
    assert count_of(world, EVERYWHERE) == {"day": 3}


def test_over_the_hours_ceiling_the_carrier_is_not_asked_and_the_next_hour_goes_on(world: World) -> None:
    till = Till(world, spending(hour=5, day=8))
    assert [type(till.text(TWO)) for _ in range(2)] == [Accepted, Accepted]
    assert till.text(TWO) == OverBudget("4 segments to this number this hour and 2 more, the ceiling is 5")
    assert isinstance(till.text(ONE), Accepted)
    assert isinstance(till.text(at=NOON + HOUR - SECOND), OverBudget)
    assert isinstance(till.text(at=NOON + HOUR), Accepted)
    assert len(till.carrier.calls) == 4
    assert count_of(world, PHONE) == {"day": 6, "h11": 5, "h12": 1}


def test_a_text_whose_sender_was_held_up_while_it_was_counted_is_not_sent_under_a_lease_that_runs_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till(world, spending())
    count = till.ceilings.over

    def slowly(*given: Any) -> str | None:
        over = count(*given)
        till.now += LEASE / 2
        return over

    assert isinstance(till.text(lease_until=NOON + LEASE), Accepted)
    monkeypatch.setattr(till.ceilings, "over", slowly)
    assert isinstance(till.text(lease_until=NOON + LEASE), NotAccepted)
    assert len(till.carrier.calls) == 1


def test_over_the_days_ceiling_the_next_hour_does_not_help_and_the_next_day_does(world: World) -> None:
    till = Till(world, spending(hour=5, day=8))
    sent = [isinstance(till.text(at=NOON + number * HOUR / 4), Accepted) for number in range(12)]
    assert sum(sent) == 8
    assert till.text(at=MIDNIGHT - SECOND) == OverBudget("8 segments to this number today and 1 more, the ceiling is 8")
    assert isinstance(till.text(at=MIDNIGHT), Accepted)


def test_a_text_longer_than_an_hours_ceiling_never_goes_out(world: World) -> None:
    till = Till(world, spending(hour=1, day=8))
    assert till.text(TWO) == OverBudget("0 segments to this number this hour and 2 more, the ceiling is 1")
    assert (count_of(world, PHONE), till.ceilings.purse.left) == ({}, 2)


def test_one_numbers_ceiling_is_not_anothers(world: World) -> None:
    till = Till(world, spending(hour=1, day=1))
    assert [type(till.text(number=number)) for number in (PHONE, PHONE, "+33600000002")] == [
        Accepted,
        OverBudget,
        Accepted,
    ]


def test_that_a_stop_was_heard_is_said_over_the_numbers_ceiling_and_counts(world: World) -> None:
    till = Till(world, spending(hour=1, day=2))
    till.text()
    assert isinstance(till.text(purpose=Purpose.NOTICE), Accepted)
    assert count_of(world, PHONE) == {"day": 2, "h11": 2}
    assert isinstance(till.text(at=NOON + HOUR), OverBudget)


def test_over_the_stacks_ceiling_nothing_goes_out_until_midnight_not_even_a_notice(world: World) -> None:
    till = Till(world, spending(per_day=2))
    assert [type(till.text(number=f"+3360000000{n}")) for n in range(3)] == [Accepted, Accepted, OverBudget]
    assert till.text(purpose=Purpose.NOTICE) == OverBudget(
        "what all texts of a day may have is used up, the ceiling is 2 segments"
    )
    assert count_of(world, PHONE) == {}
    assert isinstance(till.text(at=MIDNIGHT), Accepted)


def test_once_the_stacks_ceiling_is_reached_a_sender_does_not_ask_again(world: World) -> None:
    till = Till(world, spending(per_day=1))
    till.text()
    till.text()
    asked = world.wire.requests["DynamoDB.UpdateItem"]
    assert isinstance(till.text(number="+33600000002"), OverBudget)
    assert world.wire.requests["DynamoDB.UpdateItem"] == asked


def test_what_a_number_may_not_have_is_left_to_others(world: World) -> None:
    till = Till(world, spending(hour=1, day=1, per_day=2))
    sent = [type(till.text(number=number)) for number in (PHONE, PHONE, PHONE, "+33600000002")]
    assert sent == [Accepted, OverBudget, OverBudget, Accepted]


def test_a_text_costs_one_write_and_one_in_so_many_another_to_the_stacks_count(world: World) -> None:
    till = Till(world, spending(hour=100, day=100, per_day=20000))
    before = world.wire.requests["DynamoDB.UpdateItem"]
    for _ in range(60):
        till.text()
    assert world.wire.requests["DynamoDB.UpdateItem"] - before == 60 + 60 // 20
    assert count_of(world, EVERYWHERE) == {"day": 60}


def test_a_sender_that_is_killed_before_it_calls_the_carrier_leaves_its_count(world: World) -> None:
    def killed() -> None:
        raise SystemExit

    till = Till(world, spending(hour=2, day=2))
    till.carrier.during = killed
    with pytest.raises(SystemExit):
        till.text()
    assert count_of(world, PHONE) == {"day": 1, "h11": 1}
    revived = Till(world, spending(hour=2, day=2))
    assert [type(revived.text()) for _ in range(2)] == [Accepted, OverBudget]


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")


@pytest.mark.parametrize("what", [EVERYWHERE, PHONE])
@pytest.mark.parametrize(
    ("error", "why"),
    [
        (THROTTLED, "not counted: ThrottlingException"),
        (EndpointConnectionError(endpoint_url="somewhere"), "not counted: EndpointConnectionError"),
    ],
)
def test_what_cannot_be_counted_is_not_sent_and_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str, error: Exception, why: str
) -> None:
    till = Till(world, spending())
    update = till.ceilings.client.update_item

    def failing(**asked: Any) -> Any:
        if what in asked["Key"]["pk"]["S"]:
            raise error
        return update(**asked)

    monkeypatch.setattr(till.ceilings.client, "update_item", failing)
    assert till.text() == NotAccepted(why)
    assert till.carrier.calls == []


@pytest.mark.parametrize("words", [ONE, TWO])
def test_what_was_not_counted_takes_nothing_of_what_the_day_has(
    world: World, monkeypatch: pytest.MonkeyPatch, words: Content
) -> None:
    till = Till(world, spending(per_day=10))
    update = till.ceilings.client.update_item
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(till.ceilings, "count_for", Mock(side_effect=THROTTLED))
        assert [type(till.text(words)) for _ in range(12)] == [NotAccepted] * 12
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(till.ceilings.client, "update_item", Mock(side_effect=THROTTLED))
        assert [type(till.text(words)) for _ in range(12)] == [NotAccepted] * 12
    assert till.ceilings.client.update_item == update
    assert [type(till.text(number=f"+3361234567{each}")) for each in range(10)] == [Accepted] * 10


def test_counts_vanish_by_themselves_when_nobody_asks_for_them_any_more(world: World) -> None:
    [ledger] = [table for name, table in world.stack.of_type("AWS::DynamoDB::Table") if name == "LedgerTable"]
    assert ledger["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    Till(world, spending()).text()
    for what in (EVERYWHERE, PHONE):
        key = items.spent_key(what, "2026-11-24")
        item = world.dynamodb.get_item(TableName=world.ledger_table, Key=key)["Item"]
        assert int(item["expires"]["N"]) == utc("2026-11-27").timestamp()
        assert item["kind"] == {"S": "spent"}


# --- blocks


class Book:
    """What a ledger counts of each day, under a ceiling."""

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.days: Counter[str] = Counter()
        self.writes = 0

    def reserve(self, day: str, many: int) -> bool:
        """Adds, if it stays under the ceiling."""
        self.writes += 1
        if self.days[day] + many > self.ceiling:
            return False
        self.days[day] += many
        return True


TAKES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["mon", "tue"]), st.integers(1, 7)), max_size=120)


@modest
@given(st.integers(1, 120), st.integers(1, 25), TAKES)
def test_however_senders_take_no_day_goes_over_its_ceiling(
    ceiling: int, block: int, takes: list[tuple[int, str, int]]
) -> None:
    book = Book(ceiling)
    purses = [Purse(book.reserve, block) for _ in range(4)]
    taken: Counter[str] = Counter()
    for sender, day, many in takes:
        if purses[sender].take(day, many):
            taken[day] += many
    for day in taken:
        left = sum(purse.left for purse in purses if purse.day == day)
        assert taken[day] + left <= book.days[day] <= ceiling


@modest
@given(st.integers(1, 300), st.integers(1, 25), st.lists(st.integers(1, 7), max_size=200))
def test_one_sender_alone_loses_nothing_of_a_day(ceiling: int, block: int, takes: list[int]) -> None:
    book = Book(ceiling)
    purse = Purse(book.reserve, block)
    taken = 0
    for many in takes:
        assert purse.take("mon", many) is (taken + many <= ceiling)
        taken += many if taken + many <= ceiling else 0
    assert taken + purse.left == book.days["mon"]


@modest
@given(st.integers(1, 25), st.integers(1, 200))
def test_texts_of_one_segment_cost_one_write_a_block(block: int, texts: int) -> None:
    book = Book(10_000)
    purse = Purse(book.reserve, block)
    assert all(purse.take("mon", 1) for _ in range(texts))
    assert book.writes == -(-texts // block)


def test_what_is_left_of_yesterday_is_not_spent_today_nor_given_back_to_it() -> None:
    book = Book(10)
    purse = Purse(book.reserve, 5)
    assert purse.take("mon", 1)
    assert purse.take("tue", 1)
    purse.put_back("mon", 1)  # a text that began before midnight
    assert (purse.left, book.days) == (4, Counter(mon=5, tue=5))
    assert [purse.take("tue", 1) for _ in range(10)] == [True] * 9 + [False]
    assert purse.take("wed", 1)


class WatchedPurse(Purse):
    """Lets nobody look at what threads share without the lock."""

    def __getattribute__(self, name: str) -> Any:
        """The attribute."""
        if name in ("day", "left", "refused"):
            assert self.lock.locked(), name
        return super().__getattribute__(name)


def test_threads_share_a_purse_under_a_lock_that_nobody_holds_while_the_ledger_is_asked() -> None:
    book = Book(12)

    def reserve(day: str, many: int) -> bool:
        assert not purse.lock.locked()
        return book.reserve(day, many)

    purse = WatchedPurse(reserve, 5)
    assert [purse.take(day, 1) for day in ["mon"] * 13 + ["tue"]] == [True] * 12 + [False, True]
