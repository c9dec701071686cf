"""The senders' side of the ledger: a message moves from where it was read, and from nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.sends import NotOnRecordError, Sends
from rapport.domain.message import Message, Status
from rapport.domain.receipts import Receipt
from rapport.domain.sending import ChangedError, Moved
from tests.adapters.on_its_way import CLAIM, SPOKEN, customer, everything, prepare, put
from tests.domain.builders import NOON, PHONE, SECOND, a_message, ada, phone


@pytest.fixture
def sends(world: World) -> Sends:
    return Sends(world.dynamodb, world.ledger_table)


def test_a_settled_message_loses_what_it_no_longer_has(sends: Sends) -> None:
    claimed = prepare(sends, **CLAIM, detail="before")
    sent = claimed.model_copy(
        update={"status": Status.SENT, "owner": None, "lease_until": None, "carrier_id": "c-1", "detail": None}
    )
    sends.settle(claimed, sent)
    assert sends.message("ada", "m-1") == sent
    raw = sends.client.get_item(TableName=sends.table, Key=items.message_key("ada", "m-1"))["Item"]
    assert raw == items.message_item(sent)
    assert not {"owner", "lease_until", "open", "open_since", "detail"} & set(raw)


@pytest.mark.parametrize("there", [{"owner": "other"}, {"attempts": 2}, {"status": Status.SENT}, {"owner": None}])
@pytest.mark.parametrize("options", [{}, {"release": True}, {"suppress": "opted out"}])
def test_a_sender_that_lost_the_message_settles_nothing(
    sends: Sends, there: dict[str, Any], options: dict[str, Any]
) -> None:
    claimed = prepare(sends, ada(spoken=SPOKEN), **{**CLAIM, **there}).model_copy(update=CLAIM)
    before = everything(sends)
    with pytest.raises(ChangedError):
        sends.settle(claimed, claimed.model_copy(update={"status": Status.FAILED}), **options)
    assert everything(sends) == before


def failed(message: Message) -> Message:
    return message.model_copy(update={"status": Status.FAILED, "owner": None, "lease_until": None})


def test_a_released_message_no_longer_counts_and_others_do(sends: Sends) -> None:
    others = {"m-2": SPOKEN["m-1"]}
    message = prepare(sends, ada(spoken={**SPOKEN, **others}), **CLAIM)
    sends.settle(message, failed(message), release=True)
    assert customer(sends) == ada(version=2, spoken=others)
    assert sends.message("ada", "m-1") == failed(message)


def test_a_refused_address_is_closed_and_the_other_isnt(sends: Sends) -> None:
    message = prepare(sends, ada(spoken=SPOKEN), **CLAIM)
    sends.settle(message, failed(message), release=True, suppress="OptedOut")
    after = customer(sends)
    assert (after.closed, after.spoken, after.version) == ({PHONE: "OptedOut"}, {}, 2)
    assert after.addresses == (phone(suppressed="OptedOut"), ada().addresses[1])


def test_what_changes_nothing_about_the_customer_isnt_written(sends: Sends) -> None:
    message = prepare(sends, **CLAIM)
    sends.settle(message, failed(message), release=True)
    assert customer(sends) == ada(version=1)


@contextmanager
def meanwhile(sends: Sends, operation: str, happens: Callable[[], None]) -> Iterator[None]:
    """Something happens before each call of this kind."""

    def before(**_: Any) -> None:
        happens()

    name = f"provide-client-params.dynamodb.{operation}"
    sends.client.meta.events.register(name, before)
    try:
        yield
    finally:
        sends.client.meta.events.unregister(name, before)


def interfering(sends: Sends, times: int) -> AbstractContextManager[None]:
    """Changes the customer before each of the next so many transactions."""
    left = iter(range(times))

    def change() -> None:
        if next(left, None) is not None:
            now = customer(sends)
            changed = items.customer_item(now.model_copy(update={"name": f"version {now.version}"}))
            sends.client.put_item(TableName=sends.table, Item=changed)

    return meanwhile(sends, "TransactWriteItems", change)


def test_settling_holds_out_while_only_the_customer_changes(sends: Sends) -> None:
    message = prepare(sends, ada(spoken=SPOKEN), **CLAIM)
    with interfering(sends, 9):
        sends.settle(message, failed(message), release=True)
    after = customer(sends)
    assert (after.name, after.spoken, after.version) == ("version 9", {}, 11)


def test_settling_gives_up_where_the_customer_never_stops_changing(sends: Sends) -> None:
    message = prepare(sends, ada(spoken=SPOKEN), **CLAIM)
    with interfering(sends, 10), pytest.raises(ChangedError, match="changed 10 times"):
        sends.settle(message, failed(message), release=True)
    assert sends.message("ada", "m-1") == message


def a_receipt(**changes: Any) -> Receipt:
    whole = {"carrier_id": "c-1", "at": NOON + SECOND, "status": Status.DELIVERED}
    return Receipt.model_validate({**whole, **changes})


SENT: dict[str, Any] = {"status": Status.SENT, "attempts": 1, "carrier_id": "c-1", "sent_at": NOON}


@pytest.mark.parametrize("told", [{}, {"customer": "ada", "message": "m-1", "carrier_id": "another"}])
def test_a_receipt_finds_its_message_by_its_tags_or_by_the_carriers_id(sends: Sends, told: dict[str, Any]) -> None:
    prepare(sends, **SENT)
    before, after = sends.record(a_receipt(**told))
    assert before == a_message(**SENT)
    assert (after.id, after.status) == ("m-1", Status.DELIVERED)
    assert sends.message("ada", "m-1") == after


@pytest.mark.parametrize("told", [{}, {"customer": "ada", "message": "m-9"}, {"customer": "bea", "message": "m-1"}])
def test_a_receipt_for_no_message_raises(sends: Sends, told: dict[str, Any]) -> None:
    prepare(sends)
    with pytest.raises(NotOnRecordError):
        sends.record(a_receipt(**told))


def test_a_receipt_that_tells_nothing_new_writes_nothing(sends: Sends) -> None:
    prepare(sends, **SENT)
    writes: list[str] = []
    with meanwhile(sends, "UpdateItem", lambda: writes.append("x")):
        first = sends.record(a_receipt())
        assert writes == ["x"]
        assert sends.record(a_receipt()) == Moved(first.after, first.after)
    assert writes == ["x"]


def test_a_receipt_that_closes_an_address_closes_it_with_or_without_news_of_the_message(sends: Sends) -> None:
    prepare(sends, **{**SENT, "status": Status.FAILED})
    sends.record(a_receipt(status=Status.FAILED, detail="Permanent bounce", suppress=True))
    assert customer(sends).closed == {PHONE: "Permanent bounce"}
    sends.record(a_receipt(status=None, engagement="complained", suppress=True))
    assert customer(sends).closed == {PHONE: "complaint"}
    assert "complained" in (sends.message("ada", "m-1").engagement or {})


def test_a_receipt_holds_out_while_its_message_moves(sends: Sends) -> None:
    message = prepare(sends, **CLAIM)
    put(sends, message.model_copy(update={"carrier_id": "c-1"}))
    moves = iter([a_message(**SENT)])

    def move() -> None:
        put(sends, *moves)

    with meanwhile(sends, "UpdateItem", move):
        assert sends.record(a_receipt()).after.sent_at == NOON
    assert sends.message("ada", "m-1").status is Status.DELIVERED
