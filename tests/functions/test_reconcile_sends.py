"""reconcile_sends: every five minutes, what nobody is seeing to is ended or set going again."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.world import World
from rapport.adapters import items
from rapport.domain.customer import Spoken
from rapport.domain.message import Status
from rapport.domain.words import Purpose
from tests.functions.on_record import (
    CUSTOMER,
    EVENING,
    MESSAGE,
    ana,
    counted,
    ledger,
    recorded,
    reminder,
    seed,
    streamed,
    waiting,
    wake,
)
from tests.functions.trouble import Trouble

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
NOW = EVENING + HOUR
ABANDONED: dict[str, Any] = {
    "status": Status.SENDING,
    "owner": "cut off",
    "lease_until": NOW - 11 * MINUTE,
    "attempts": 1,
}


@pytest.fixture
def later(world: World) -> World:
    """The world an hour after the reminder was due."""
    world.clock.move_to(NOW)
    return world


def test_what_was_lost_on_its_way_is_due_again_and_so_goes_to_its_queue(later: World) -> None:
    seed(later, reminder())
    assert wake(later, "reconcile_sends") is None
    assert (recorded(later).status, recorded(later).due_at) == ("queued", NOW)
    assert counted(later) == {"RequeuedMessages": 1}
    change = streamed("dispatch_messages", items.message_item(recorded(later)), old=items.message_item(reminder()))
    wake(later, "dispatch_messages", change)
    assert [body["message"] for body in waiting(later, "SmsQueue")] == [MESSAGE]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (ABANDONED, {"status": "unknown", "detail": "its sender was cut off", "owner": None}),
        (
            {**ABANDONED, "purpose": Purpose.TRANSACTIONAL},
            {"status": "queued", "possible_duplicate": True, "due_at": NOW + 15 * MINUTE},
        ),
        ({**ABANDONED, "purpose": Purpose.TRANSACTIONAL, "doubts": 1}, {"status": "unknown", "doubts": 2}),
        ({"expires_at": NOW}, {"status": "expired", "reason": "expired"}),
        ({"expires_at": NOW, "doubts": 1, "attempts": 1}, {"status": "unknown", "reason": "expired"}),
    ],
    ids=["abandoned", "abandoned and owed", "abandoned twice", "too late", "too late and in doubt"],
)
def test_what_nobody_sees_to_is_seen_to(later: World, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    seed(later, reminder(**changes))
    wake(later, "reconcile_sends")
    after = recorded(later)
    assert {name: getattr(after, name) for name in expected} == expected
    assert later.carriers.taken == []


def test_a_place_under_the_caps_is_given_back_when_it_was_claimed_and_certainly_not_sent(later: World) -> None:
    spoken = {MESSAGE: Spoken(at=EVENING, purpose=Purpose.SERVICE)}
    seed(later, reminder(attempts=1, expires_at=NOW), customer=ana(spoken=spoken))
    wake(later, "reconcile_sends")
    assert recorded(later).status == "expired"
    assert later.customer(CUSTOMER).spoken == {}


@pytest.mark.parametrize(
    "changes",
    [
        {**ABANDONED, "lease_until": NOW + MINUTE},
        {**ABANDONED, "lease_until": NOW - 9 * MINUTE},
        {"due_at": NOW - 9 * MINUTE},
        {"due_at": NOW + HOUR},
        {"status": Status.SENT},
        {"status": Status.DELIVERED},
    ],
    ids=["being sent", "abandoned lately", "due lately", "due later", "sent", "delivered"],
)
def test_what_is_seen_to_already_is_left_alone(later: World, changes: dict[str, Any]) -> None:
    seed(later, reminder(**changes))
    before = ledger(later)
    wake(later, "reconcile_sends")
    assert ledger(later) == before
    assert counted(later) == {}


def test_a_second_round_finds_nothing_more_to_do(later: World) -> None:
    seed(later, reminder(), reminder(id="m-2", **ABANDONED), reminder(id="m-3", expires_at=NOW))
    wake(later, "reconcile_sends")
    before = ledger(later)
    wake(later, "reconcile_sends")
    assert ledger(later) == before


def test_every_part_of_the_index_is_looked_through(later: World) -> None:
    seed(later, *(reminder(id=f"m-{i}") for i in range(8)))
    wake(later, "reconcile_sends")
    assert {recorded(later, f"m-{i}").due_at for i in range(8)} == {NOW}
    assert later.wire.requests["DynamoDB.Query"] == 4


def test_one_that_fails_holds_up_no_other_and_is_told_of(later: World, trouble: Trouble) -> None:
    seed(later, *(reminder(id=f"m-{i}", **ABANDONED) for i in range(4)))
    trouble.fails("DynamoDB.UpdateItem", "InternalServerError", 500, about="m-2")
    wake(later, "reconcile_sends")
    assert [recorded(later, f"m-{i}").status for i in range(4)] == ["unknown", "unknown", "sending", "unknown"]
    assert counted(later) == {"UnknownMessages": 3, "AmbiguousSends": 3, "FailedReconciliations": 1}
    assert sum('"not reconciled"' in line for line in later.log.lines) == 1


def test_one_that_moves_by_itself_meanwhile_is_left_alone(later: World, trouble: Trouble) -> None:
    seed(later, reminder(**ABANDONED))
    before = ledger(later)
    trouble.fails("DynamoDB.UpdateItem", "ConditionalCheckFailedException")
    wake(later, "reconcile_sends")
    assert ledger(later) == before
    assert counted(later) == {}


def test_when_the_index_cannot_be_read_the_round_fails_and_lambda_tries_it_again(
    later: World, trouble: Trouble
) -> None:
    seed(later, reminder())
    trouble.fails("DynamoDB.Query", "InternalServerError", 500, times=1)
    with pytest.raises(ClientError):
        wake(later, "reconcile_sends")
    wake(later, "reconcile_sends")
    assert recorded(later).due_at == NOW
