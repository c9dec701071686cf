"""The senders' side of the ledger: a message moves from where it was read, and from nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from local.world import World
from rapport.adapters import items
from rapport.adapters.events_table import write_all
from rapport.adapters.sends import NotOnRecordError, Sends
from rapport.domain.customer import Customer, Spoken
from rapport.domain.message import Content, Message, Status
from rapport.domain.receipts import Receipt
from rapport.domain.run import Run
from rapport.domain.sending import ChangedError, Look, Moved
from rapport.domain.words import Purpose
from tests.domain.builders import DAY, NOON, PHONE, SECOND, a_journey, a_message, a_run, ada, phone

RUN = a_run(a_journey({"wait": "3 days"})).model_copy(update={"entry": "e-1"})
WORDS = Content(text="Your parcel comes tomorrow.")
SPOKEN = {"m-1": Spoken(at=NOON, purpose=Purpose.PROMOTIONAL)}
CLAIM: dict[str, Any] = {"status": Status.SENDING, "owner": "me", "lease_until": NOON + SECOND, "attempts": 1}


@pytest.fixture
def sends(world: World) -> Sends:
    return Sends(world.dynamodb, world.ledger_table)


def put(sends: Sends, *things: Message | Customer | Run) -> None:
    """On record, each with the version after its own."""
    made = {Message: items.message_item, Customer: items.customer_item, Run: items.run_item}
    lying = [made[type(thing)](thing) for thing in things]  # type: ignore[operator]
    words = {**items.content_key("ada", "m-1"), **items.to_item({"kind": "content", "text": WORDS.text})}
    write_all(sends.client, sends.table, [{"PutRequest": {"Item": item}} for item in [*lying, words]])


def prepare(sends: Sends, customer: Customer | None = None, **changes: Any) -> Message:
    """A message as it was planned, on record with all that belongs to it."""
    put(sends, a_message(**changes), customer or ada(), RUN)
    return sends.message("ada", "m-1")


def everything(sends: Sends) -> list[Any]:
    found = [items.from_item(item) for item in sends.client.scan(TableName=sends.table)["Items"]]
    return sorted(found, key=lambda item: str(item["sk"]))


def customer(sends: Sends) -> Customer:
    key = items.profile_key("ada")
    return items.read_customer(sends.client.get_item(TableName=sends.table, Key=key).get("Item"), "ada")


def claim_of(message: Message, **changes: Any) -> Message:
    return message.model_copy(update={**CLAIM, **changes})


def test_a_look_is_all_that_a_sender_goes_by(sends: Sends) -> None:
    message = prepare(sends)
    assert message == a_message()
    assert sends.look(message) == Look(WORDS, ada(version=1), None)


def test_the_words_of_a_text_lie_with_it_and_need_no_reading(sends: Sends) -> None:
    message = prepare(sends, text="They changed.")
    sends.client.delete_item(TableName=sends.table, Key=items.content_key("ada", "m-1"))
    assert sends.look(message).content == Content(text="They changed.")


@pytest.mark.parametrize(
    ("changes", "exited_by"),
    [
        ({"status": "exited", "ended_by": "delivery.completed"}, "delivery.completed"),
        ({"status": "completed", "ended_by": "its last step"}, None),
        ({"entry": "e-2"}, "a newer event"),
        ({"entry": "e-2", "status": "exited", "ended_by": "delivery.completed"}, "a newer event"),
    ],
)
def test_a_look_tells_whether_the_run_is_still_about_the_message(
    sends: Sends, changes: dict[str, Any], exited_by: str | None
) -> None:
    message = prepare(sends)
    put(sends, RUN.model_copy(update=changes))
    assert sends.look(message).exited_by == exited_by


@pytest.mark.parametrize(("customer", "message"), [("ada", "m-9"), ("bea", "m-1")])
def test_a_message_that_isnt_there_raises(sends: Sends, customer: str, message: str) -> None:
    prepare(sends)
    with pytest.raises(KeyError):
        sends.message(customer, message)


@pytest.mark.parametrize("changes", [{"about": "9"}, {"id": "m-9"}])
def test_a_look_at_what_isnt_there_raises(sends: Sends, changes: dict[str, Any]) -> None:
    prepare(sends)
    with pytest.raises(KeyError):
        sends.look(a_message(**changes))


def test_a_claim_makes_the_message_its_senders(sends: Sends) -> None:
    message = prepare(sends)
    sends.settle(message, claim_of(message))
    assert sends.message("ada", "m-1") == claim_of(message)
    assert customer(sends) == ada(version=1)


def test_what_is_claimed_stays_where_the_round_looks_for_it(sends: Sends) -> None:
    message = prepare(sends)
    place = ("open", "open_since")

    def index() -> list[Any]:
        found = sends.client.get_item(TableName=sends.table, Key=items.message_key("ada", "m-1"))["Item"]
        return [found[name] for name in place]

    before = index()
    sends.settle(message, claim_of(message))
    assert index() == before
    assert list(sends.open_before(NOON + SECOND)) == [("ada", "m-1")]


def test_what_was_claimed_and_put_back_is_as_it_was(sends: Sends) -> None:
    message = prepare(sends)
    before = everything(sends)
    sends.settle(message, claim_of(message))
    sends.settle(claim_of(message), message)
    assert everything(sends) == before


MEANWHILE: dict[str, Message] = {
    "another sender has it": a_message(**{**CLAIM, "owner": "other"}),
    "it was sent": a_message(status=Status.SENT, attempts=1),
    "it was tried before": a_message(attempts=1),
    "it is due later": a_message(due_at=NOON + DAY),
}


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_a_claim_on_what_moved_meanwhile_changes_nothing(sends: Sends, change: Message) -> None:
    message = prepare(sends)
    put(sends, change)
    before = everything(sends)
    with pytest.raises(ChangedError):
        sends.settle(message, claim_of(message))
    assert everything(sends) == before


def test_a_message_counts_for_the_customer_as_they_were_looked_at(sends: Sends) -> None:
    look = sends.look(prepare(sends))
    sends.count(look.customer, look.customer.model_copy(update={"spoken": SPOKEN}))
    assert customer(sends) == ada(version=2, spoken=SPOKEN)


def test_a_customer_who_changed_since_the_look_is_not_counted_for(sends: Sends) -> None:
    look = sends.look(prepare(sends))
    put(sends, ada(version=1, name="Bea"))
    before = everything(sends)
    with pytest.raises(ChangedError):
        sends.count(look.customer, look.customer.model_copy(update={"spoken": SPOKEN}))
    assert everything(sends) == before


def test_a_transaction_that_holds_an_item_is_a_change_like_any_other(sends: Sends) -> None:
    look = sends.look(prepare(sends))

    def refuse(**_: Any) -> Any:
        told = {"Error": {"Code": "TransactionConflictException", "Message": "TransactionConflict"}}
        return AWSResponse("", 400, HTTPHeaders(), None), told

    sends.client.meta.events.register("before-call.dynamodb.UpdateItem", refuse)
    try:
        with pytest.raises(ChangedError):
            sends.count(look.customer, look.customer.model_copy(update={"spoken": SPOKEN}))
    finally:
        sends.client.meta.events.unregister("before-call.dynamodb.UpdateItem", refuse)


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
