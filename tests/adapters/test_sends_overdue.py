"""The five-minute round: it reads what is overdue and nothing else, fairly, and stops in time."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.sender import ROUND, reconcile_all
from rapport.adapters.sends import Sends
from rapport.domain.message import Message, Status
from rapport.domain.reconciling import OVERDUE
from tests.domain.builders import DAY, NOON, SECOND, a_message, a_policy

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sends(world: World) -> Sends:
    return Sends(world.dynamodb, world.ledger_table)


def put(sends: Sends, *messages: Message) -> None:
    for message in messages:
        sends.client.put_item(TableName=sends.table, Item=items.message_item(message))


@pytest.mark.parametrize("status", list(Status))
def test_open_messages_are_found_once_they_are_due(sends: Sends, status: Status) -> None:
    put(sends, a_message(status=status), a_message(id="m-2", status=status, due_at=NOON + DAY))
    found = list(sends.open_before(NOON + SECOND))
    assert found == ([("ada", "m-1")] if status in (Status.QUEUED, Status.SENDING) else [])
    assert list(sends.open_before(NOON)) == []


@pytest.mark.parametrize(("late", "status"), [(0 * SECOND, Status.SENDING), (SECOND, Status.UNKNOWN)])
def test_a_message_that_is_being_sent_is_seen_to_once_its_lease_is_over_for_long_and_not_before(
    sends: Sends, late: timedelta, status: Status
) -> None:
    lease = NOON + MINUTE
    put(sends, a_message(status=Status.SENDING, lease_until=lease, owner="me", attempts=1))
    reconcile_all(sends, a_policy(), lease + OVERDUE + late)
    assert sends.message("ada", "m-1").status is status


def test_a_message_that_is_put_off_moves_in_the_index_and_one_that_is_claimed_stays(sends: Sends) -> None:
    queued = a_message()
    put(sends, queued)
    claimed = queued.model_copy(update={"status": Status.SENDING, "lease_until": NOON + DAY, "owner": "me"})
    sends.settle(queued, claimed)
    assert list(sends.open_before(NOON + SECOND)) == [("ada", "m-1")]
    later = {"status": Status.QUEUED, "lease_until": None, "owner": None, "due_at": NOON + DAY}
    sends.settle(claimed, queued.model_copy(update=later))
    assert list(sends.open_before(NOON + DAY)) == []
    assert list(sends.open_before(NOON + DAY + SECOND)) == [("ada", "m-1")]


def test_a_message_of_a_version_that_left_out_the_attempts_is_put_in_again(sends: Sends) -> None:
    message = a_message()
    put(sends, message)
    removed = {"UpdateExpression": "REMOVE attempts", "Key": items.message_key("ada", message.id)}
    sends.client.update_item(TableName=sends.table, **removed)  # type: ignore[arg-type]
    reconcile_all(sends, a_policy(), NOON + OVERDUE + SECOND)
    assert sends.message("ada", message.id).due_at == NOON + OVERDUE + SECOND


def test_open_messages_of_all_shards_are_found_from_another_shard_on_in_each_round(sends: Sends) -> None:
    put(sends, *(a_message(id=f"m-{number}") for number in range(9)))
    orders = [list(sends.open_before(NOON + n * 5 * MINUTE + SECOND)) for n in range(items.SHARDS)]
    assert [sorted(order) for order in orders] == [[("ada", f"m-{number}") for number in range(9)]] * items.SHARDS
    assert {items.shard(order[0][1]) for order in orders} == {str(shard) for shard in range(items.SHARDS)}


def ticking(step: float) -> Iterator[float]:
    """Seconds that go on by a step at each look."""
    return (step * tick for tick in count())


@pytest.mark.parametrize(("step", "seen_to"), [(ROUND / 5, 4), (ROUND, 0), (0.1, 9)])
def test_a_round_stops_in_time_and_the_next_goes_on(sends: Sends, step: float, seen_to: int) -> None:
    put(sends, *(a_message(id=f"m-{number}") for number in range(9)))
    now = NOON + OVERDUE + SECOND
    reconcile_all(sends, a_policy(), now, ticking(step).__next__)
    assert len(list(sends.open_before(NOON + SECOND))) == 9 - seen_to
    reconcile_all(sends, a_policy(), now + 5 * MINUTE)
    assert not list(sends.open_before(NOON + SECOND))
