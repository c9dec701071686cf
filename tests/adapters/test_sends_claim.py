"""Claim, look, count: what a sender does before it calls its carrier, each step on one item alone."""

from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from local.world import World
from rapport.adapters import items
from rapport.adapters.sends import Sends
from rapport.domain.message import Content, Message, Status
from rapport.domain.sending import ChangedError, Look, MessageKey, unclaimed
from tests.adapters.on_its_way import CLAIM, RUN, SPOKEN, WORDS, customer, everything, prepare, put
from tests.domain.builders import DAY, NOON, SECOND, a_message, ada


@pytest.fixture
def sends(world: World) -> Sends:
    return Sends(world.dynamodb, world.ledger_table)


KEY = MessageKey("ada", "m-1", "delivery", "42")


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
    with pytest.raises(KeyError):
        sends.claim(MessageKey(customer, message, "delivery", "42"), "me", due_by=NOON, lease_until=NOON + SECOND)


@pytest.mark.parametrize("changes", [{"about": "9"}, {"id": "m-9"}])
def test_a_look_at_what_isnt_there_raises(sends: Sends, changes: dict[str, Any]) -> None:
    prepare(sends)
    with pytest.raises(KeyError):
        sends.look(a_message(**changes))


def claim(sends: Sends, message: str = "m-1", **options: Any) -> Message:
    return sends.claim(
        KEY._replace(message=message),
        **{"owner": CLAIM["owner"], "due_by": NOON, "lease_until": CLAIM["lease_until"], **options},
    )


def test_a_claim_makes_the_message_its_senders(sends: Sends) -> None:
    message = prepare(sends)
    assert claim(sends) == claim_of(message)
    assert sends.message("ada", "m-1") == claim_of(message)
    assert customer(sends) == ada(version=1)


def test_what_is_claimed_stays_where_the_round_looks_for_it(sends: Sends) -> None:
    prepare(sends)
    place = ("open", "open_since")

    def index() -> list[Any]:
        found = sends.client.get_item(TableName=sends.table, Key=items.message_key("ada", "m-1"))["Item"]
        return [found[name] for name in place]

    before = index()
    claim(sends)
    assert index() == before
    assert list(sends.open_before(NOON + SECOND)) == [("ada", "m-1")]


@pytest.mark.parametrize("attempts", [0, 3])
def test_what_was_claimed_and_put_back_is_as_it_was(sends: Sends, attempts: int) -> None:
    message = prepare(sends, attempts=attempts)
    before = everything(sends)
    claimed = claim(sends)
    assert unclaimed(claimed) == message
    sends.put_back(KEY, "me")
    assert everything(sends) == before
    assert claim(sends) == claimed


def test_a_claim_that_is_made_twice_for_want_of_an_answer_is_one(sends: Sends) -> None:
    message = prepare(sends)
    assert claim(sends) == claim(sends) == claim_of(message)


MEANWHILE: dict[str, Message] = {
    "another sender has it": a_message(**{**CLAIM, "owner": "other"}),
    "it was sent": a_message(status=Status.SENT, attempts=1),
    "it is due later": a_message(due_at=NOON + DAY),
}


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_a_claim_on_what_moved_meanwhile_changes_nothing(sends: Sends, change: Message) -> None:
    prepare(sends)
    put(sends, change)
    before = everything(sends)
    assert claim(sends) == change
    with pytest.raises(ChangedError):
        sends.put_back(KEY, "me")
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


def test_a_claim_that_a_transaction_holds_for_a_moment_is_put_back_all_the_same(sends: Sends) -> None:
    message = prepare(sends)
    claim(sends)
    told: dict[str, Any] = {"Error": {"Code": "TransactionConflictException", "Message": "TransactionConflict"}}
    refusals = [(AWSResponse("", 400, HTTPHeaders(), None), told)]

    def refuse_once(**_: Any) -> Any:
        return refusals.pop() if refusals else None

    sends.client.meta.events.register("before-call.dynamodb.UpdateItem", refuse_once)
    try:
        sends.put_back(KEY, "me")
    finally:
        sends.client.meta.events.unregister("before-call.dynamodb.UpdateItem", refuse_once)
    assert sends.message("ada", "m-1") == message
