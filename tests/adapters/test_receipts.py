"""Receipts on their way into the ledger: whose they are, and what of them is counted."""

from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items, receipts
from rapport.adapters.receipts import FOREIGN_AFTER, Receipts
from rapport.adapters.sends import NotOnRecordError, Sends
from rapport.domain.message import Status
from rapport.domain.receipts import Receipt
from tests.domain.builders import NOON, SECOND, a_message, ada

LATE = NOON + FOREIGN_AFTER


class Desk(Receipts):
    """Receipts taken in at an hour of the test's, with what they are counted as."""

    def __init__(self, sends: Sends) -> None:
        super().__init__(sends, lambda: self.now)
        self.now = NOON
        self.counts: list[str] = []

    def counted(self, **told: Any) -> list[str]:
        """What one receipt is counted as."""
        self.counts.clear()
        self.record(Receipt.model_validate({"carrier_id": "c-1", "at": NOON, **told}))
        return list(self.counts)


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(Sends(world.dynamodb, world.ledger_table))
    monkeypatch.setattr(receipts, "count", desk.counts.append)
    return desk


def put(desk: Desk, **changes: Any) -> None:
    message = a_message(**{"status": Status.SENT, "carrier_id": "c-1", **changes})
    for item in (items.message_item(message), items.customer_item(ada())):
        desk.sends.client.put_item(TableName=desk.sends.table, Item=item)


@pytest.mark.parametrize("told", [{}, {"customer": "ada", "message": "m-1"}], ids=["a text", "an e-mail"])
def test_a_receipt_for_no_message_comes_back_until_it_is_too_old_to_be_ours(desk: Desk, told: dict[str, Any]) -> None:
    desk.now = LATE
    with pytest.raises(NotOnRecordError):
        desk.counted(status=Status.DELIVERED, **told)
    assert desk.counts == []
    desk.now = LATE + SECOND
    assert desk.counted(status=Status.DELIVERED, **told) == ["ForeignReceipts"]


def test_an_old_receipt_for_a_message_of_ours_is_recorded(desk: Desk) -> None:
    put(desk)
    desk.now = NOON + timedelta(days=30)
    assert desk.counted(status=Status.DELIVERED) == ["Receipts"]


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ({"status": Status.DELIVERED}, []),
        ({"engagement": "opened"}, []),
        ({"status": Status.FAILED, "detail": "No quota left for account"}, ["FailedMessages"]),
        ({"status": Status.SUPPRESSED, "suppress": True}, ["SuppressedMessages"]),
        ({"status": Status.FAILED, "bounced": True, "suppress": True}, ["FailedMessages", "BouncedMessages"]),
        ({"status": Status.FAILED, "bounced": True, "soft": True}, ["FailedMessages", "BouncedMessages"]),
        ({"engagement": "complained", "suppress": True}, ["ComplainedMessages"]),
    ],
)
def test_what_went_wrong_is_counted_once_however_often_it_is_told(
    desk: Desk, told: dict[str, Any], counted: list[str]
) -> None:
    put(desk)
    assert desk.counted(**told) == ["Receipts", *counted]
    assert desk.counted(**told) == ["Receipts"]


def test_a_soft_bounce_of_what_was_delivered_is_no_failure(desk: Desk) -> None:
    put(desk, status=Status.DELIVERED)
    assert desk.counted(status=Status.FAILED, bounced=True, soft=True) == ["Receipts"]
    assert desk.counted(status=Status.FAILED, bounced=True) == ["Receipts", "FailedMessages", "BouncedMessages"]
