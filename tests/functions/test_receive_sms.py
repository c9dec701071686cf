"""receive_sms: each text is kept and answered once, whatever becomes of its neighbours or of the function."""

import json
from datetime import timedelta
from typing import Any

import pytest

from local.carriers import Outage
from local.functions import CutOffError
from local.world import World
from rapport.adapters import items
from rapport.domain.conversation import thread_of
from rapport.domain.words import CONVERSATION, Channel
from tests.functions.on_record import (
    CUSTOMER,
    EVENING,
    PHONE,
    ana,
    counted,
    failed,
    ledger,
    put,
    queued,
    wake,
)
from tests.functions.trouble import Trouble

SECOND = timedelta(seconds=1)
THREAD = thread_of("sms", PHONE)


def text(body: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    """What SNS puts into the queue of a text, written so many seconds after the evening began."""
    said = {"originationNumber": PHONE, "messageBody": body, "inboundMessageId": f"in-{number}", **changes}
    at = f"{EVENING + number * SECOND:%Y-%m-%dT%H:%M:%S}.000Z"
    return {"Type": "Notification", "MessageId": f"sns-{number}", "Timestamp": at, "Message": json.dumps(said)}


def receive(world: World, *bodies: Any) -> list[str]:
    """Gives the function these in one batch; returns which come back."""
    return failed(wake(world, "receive_sms", queued("receive_sms", *bodies)))


def known(world: World) -> None:
    """Ana has her number."""
    put(world, items.customer_item(ana()), {**items.address_key(PHONE, CUSTOMER), **items.to_item({"kind": "address"})})


def turns(world: World, customer: str = CUSTOMER) -> list[dict[str, Any]]:
    """What the customer wrote, in the order of time."""
    found = [(sk, items.from_item(item)) for (pk, sk), item in ledger(world).items() if pk == customer]
    return [turn for sk, turn in sorted(found, key=lambda each: each[0]) if sk.startswith("TURN#")]


def texts(world: World) -> list[str]:
    """What was sent by text; the people at the desk get letters."""
    return [taken.text for taken in world.carriers.taken if taken.channel is Channel.SMS]


def answers(world: World) -> list[tuple[str, ...]]:
    """What was said to each text."""
    return [tuple(turn.get("answers", ())) for turn in turns(world)]


def test_the_payload_in_events_is_kept_and_answered(evening: World) -> None:
    known(evening)
    assert failed(wake(evening, "receive_sms")) == []
    [turn] = turns(evening)
    assert (turn["text"], turn["at"], turn["handled"]) == ("HELP", "2026-11-25T17:00:05.123000Z", True)
    evening.settle()
    [sent] = texts(evening)
    assert sent.startswith("Fern & Oak: we text about your orders.")
    assert counted(evening)["ReceivedTexts"] == 1


@pytest.mark.parametrize("number", ["+19005550123", "+881612345678", "+18764567890", "72345", "AMAZON"])
@pytest.mark.parametrize("words", ["HELP", "STOP", "hello"])
def test_nobody_makes_us_text_a_premium_satellite_short_or_far_off_number(
    evening: World, number: str, words: str
) -> None:
    assert receive(evening, text(words, originationNumber=number)) == []
    evening.advance("1 day")
    assert texts(evening) == []
    [stranger] = {customer for customer, _ in ledger(evening) if customer.startswith("sms-")}
    assert [turn["handled"] for turn in turns(evening, stranger)] == [True]
    assert evening.customer(stranger).has_stopped(Channel.SMS) is (words == "STOP")


MALFORMED: dict[str, Any] = {
    "no JSON": "your parcel {",
    "a list": [1],
    "nothing": None,
    "no message": {"Timestamp": "2026-11-25T17:00:00.000Z"},
    "no time": {"Message": text("HELP")["Message"]},
    "another time": {**text("HELP"), "Timestamp": "yesterday"},
    "a time without its offset": {**text("HELP"), "Timestamp": "2026-11-25T17:00:00"},
    "a message that is none": {**text("HELP"), "Message": "HELP"},
    "a message in parts": {**text("HELP"), "Message": {"messageBody": "HELP"}},
    "nobody's": {**text("HELP"), "Message": json.dumps({"messageBody": "HELP", "inboundMessageId": "x"})},
    "a number that is none": text("HELP", originationNumber="Quillfeather, Ana"),
    "a number of another type": text("HELP", originationNumber=447700900123),
    "words of another type": text("HELP", messageBody=["HELP"]),
    "an id as long as a book": text("HELP", inboundMessageId="x" * 5000),
    "deep": '{"Message": ' + "[" * 100_000,
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_text_comes_back_alone(evening: World, kind: str) -> None:
    known(evening)
    assert receive(evening, text("hi", 1), MALFORMED[kind], text("HELP", 2)) == ["r1"]
    assert [turn["text"] for turn in turns(evening)] == ["hi", "HELP"]
    assert all(turn["handled"] for turn in turns(evening))


def test_what_is_never_a_text_ends_among_dead_letters(evening: World) -> None:
    known(evening)
    queue = evening.stack.reference("InboxQueue")
    evening.sqs.send_message(QueueUrl=queue, MessageBody="your parcel {")
    evening.writes(PHONE, "HELP")
    evening.advance("1 hour")
    assert evening.dead_letters() == {"InboxDeadLetters": ["your parcel {"]}
    assert len(texts(evening)) == 1


def test_a_text_of_any_length_and_half_an_emoji_is_answered(evening: World) -> None:
    known(evening)
    whole = [text("x" * 100_000, 1), text("\ud83d your parcel", 2)]
    assert receive(evening, *whole) == []
    assert [len(turn["text"]) for turn in turns(evening)] == [10_000, 13]
    assert answers(evening)[0] == ("too-long",)


# --- cut off, and woken again


TWO = (text("AGENT", 1), text("HELP", 2))
CALLS = {"DynamoDB.Query": 9, "DynamoDB.BatchGetItem": 4, "DynamoDB.TransactWriteItems": 4}
CUTS = [(call, number, True) for call, most in CALLS.items() for number in range(most)]
CUTS += [
    ("DynamoDB.TransactWriteItems", number, False) for number in range(4)
]  # behind a read it is as before the next


def test_these_are_all_the_calls_that_it_makes_for_two_texts(evening: World) -> None:
    known(evening)
    assert receive(evening, *TWO) == []
    assert evening.wire.requests == CALLS


@pytest.mark.parametrize(("call", "number", "before"), CUTS)
def test_a_function_that_is_cut_off_anywhere_has_every_text_answered_once(
    evening: World, monkeypatch: pytest.MonkeyPatch, call: str, number: int, before: bool
) -> None:
    known(evening)
    cut, left = evening.wire.cut, iter(range(number))

    def cut_later(name: str, *, before: bool) -> None:
        """Cut off at the call of this number."""
        if (name, before) == (call, at) and next(left, None) is None:
            cut(name, before=before)

    at = before
    evening.wire.cut_in("receive_sms", call, before=before)
    monkeypatch.setattr(evening.wire, "cut", cut_later)
    with pytest.raises(CutOffError):
        receive(evening, *TWO)
    for _ in range(2):  # it comes back, and once more than it need
        assert receive(evening, *TWO) == []
    evening.settle()
    assert answers(evening) == [("handed-over",), ("help",)]
    assert [sent.split()[0] for sent in sorted(texts(evening))] == ["A", "Fern"]


@pytest.mark.parametrize("call", ["Query", "BatchGetItem", "TransactWriteItems"])
def test_when_dynamodb_fails_the_texts_come_back_and_are_answered_then(
    evening: World, trouble: Trouble, call: str
) -> None:
    known(evening)
    trouble.fails(f"DynamoDB.{call}", "InternalServerError", 500, times=12)
    assert receive(evening, *TWO) == ["r0", "r1"]
    trouble.rules.clear()
    assert receive(evening, *TWO) == []
    assert answers(evening) == [("handed-over",), ("help",)]


# --- what is on its way already


def held_up(world: World, lasting: timedelta) -> None:
    """The carrier says `not now` for so long."""
    world.carriers.outages.append(Outage(Channel.SMS, "throttles", world.now, world.now + lasting))


def test_stop_holds_for_what_is_queued_already(evening: World) -> None:
    known(evening)
    held_up(evening, timedelta(minutes=5))
    evening.writes(PHONE, "where is it")
    evening.settle()
    evening.writes(PHONE, "STOP")
    evening.advance("1 hour")
    assert [sent.split(": ")[1][:9] for sent in texts(evening)] == ["you won't"]
    assert "no-consent" in {entry.message.reason for entry in evening.entries(CUSTOMER)}


def test_what_the_bot_had_to_say_is_not_said_once_a_person_has_taken_over(evening: World) -> None:
    known(evening)
    held_up(evening, timedelta(minutes=5))
    evening.writes(PHONE, "where is it")
    evening.settle()
    evening.writes(PHONE, "AGENT")
    evening.advance("1 hour")
    [sent] = texts(evening)
    assert sent.startswith("A person here will read this")
    [unsaid] = [entry for entry in evening.entries(CUSTOMER) if entry.message.reason]
    assert (unsaid.message.reason, unsaid.message.status) == ("exited", "skipped")
    assert "a change of who has the conversation" in (unsaid.message.detail or "")


def test_who_writes_at_night_is_answered_at_once(evening: World) -> None:
    known(evening)
    evening.clock.shift(6 * 3600)
    evening.writes(PHONE, "where is it")
    evening.advance("1 minute")
    assert len(texts(evening)) == 1


def test_an_answer_that_was_held_up_for_hours_waits_for_the_morning(evening: World) -> None:
    known(evening)
    evening.clock.shift(5 * 3600)  # ten at night
    held_up(evening, timedelta(hours=2))
    evening.writes(PHONE, "where is it")
    evening.advance("9 hours")
    assert texts(evening) == []
    evening.advance("2 hours")
    [entry] = evening.texts_to(CUSTOMER)
    assert f"{entry.local:%H}" == "08"


def test_what_is_said_is_decided_counted_and_bound_to_the_conversation_like_any_message(evening: World) -> None:
    known(evening)
    evening.writes(PHONE, "AGENT")
    evening.settle()
    [entry] = evening.entries(CUSTOMER)
    message = entry.message
    assert (message.journey, message.about, message.entry, message.purpose) == (CONVERSATION, THREAD, "1", "reply")
    assert message.answers is not None
    assert list(evening.customer(CUSTOMER).spoken) == [message.id]
    assert ana().id == message.customer
