"""A chat through the handler: every shape of Lex's event gets a valid answer, once, and nothing personal is logged."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.functions import CutOffError
from local.lex.bot import read_bot
from local.lex.contract import check_hook_answer
from local.lex.runtime import service
from local.template import ROOT, Stack
from local.world import World
from rapport.adapters import items
from rapport.domain.delivery import Delivery
from rapport.domain.tokens import Tokens
from tests.functions.on_record import CUSTOMER, ana, counted, put, wake
from tests.functions.trouble import Trouble

EVENT: dict[str, Any] = json.loads((ROOT / "events" / "answer_chat.json").read_text(encoding="utf-8"))
LOCALE = read_bot(Stack({"Chatbot": "lex"})).locales["en_GB"]
SHAPES = (service().shape_for("Messages"), service().shape_for("ActiveContextsList"))
TOKENS = Tokens(b"the Secret of the local world")
FAILED = "Something went wrong on our side. Please write again in a few minutes."


def asks(text: str, intent: str = "FallbackIntent", **changes: Any) -> dict[str, Any]:
    """What Lex asks when a customer wrote this and it was taken for that."""
    event = copy.deepcopy(EVENT)
    event["inputTranscript"] = text
    event["sessionState"]["intent"] = {"name": intent, "slots": {}, "state": "InProgress", "confirmationState": "None"}
    event["interpretations"] = [{"intent": event["sessionState"]["intent"], "nluConfidence": 0.9}]
    return {**event, **changes}


def chat(world: World, event: Any) -> list[str]:
    """The texts of the answer, which is a valid one."""
    answer = world.deployment.functions["answer_chat"].invoke(event)
    check_hook_answer(answer, LOCALE, *SHAPES)
    return [message["content"] for message in answer.get("messages", [])]


def conversation(world: World) -> dict[str, Any]:
    """The only conversation on record."""
    found = world.dynamodb.scan(TableName=world.ledger_table)["Items"]
    [item] = [item for item in found if item["kind"]["S"] == "conversation"]
    return items.from_item(item)


def test_the_payload_in_events_is_answered(world: World) -> None:
    assert "People are in until 17:30 today." in wake(world, "answer_chat")["messages"][0]["content"]


NULLS: list[Callable[[dict[str, Any]], Any]] = [
    lambda event: event.update(requestAttributes=None),
    lambda event: event.pop("requestAttributes"),
    lambda event: event["sessionState"].update(sessionAttributes=None),
    lambda event: event["sessionState"].pop("sessionAttributes"),
    lambda event: event["sessionState"].update(dialogAction=None, activeContexts=None, runtimeHints=None),
    lambda event: event["sessionState"]["intent"].update(slots=None),
    lambda event: event["sessionState"]["intent"].pop("slots"),
    lambda event: event.update(proposedNextState=None),
    lambda event: event.update(proposedNextState={"dialogAction": {"type": "ElicitSlot", "slotToElicit": "Order"}}),
    lambda event: event.pop("transcriptions"),
    lambda event: event["bot"].pop("aliasName"),
    lambda event: event.update(rawInputTranscript="x", invocationLabel="hook", somethingNew={"deep": [1, None]}),
    lambda event: event.update(interpretations=[]),
    lambda event: event.update(interpretations=None),
    lambda event: event["interpretations"][0].pop("nluConfidence"),
    lambda event: event["interpretations"][0].update(nluConfidence={"score": 0.9}),
    lambda event: event["interpretations"][0].update(nluConfidence="0.9"),
    lambda event: event["interpretations"][0].update(sentimentResponse=None, interpretationSource="Bedrock"),
    lambda event: event["interpretations"][0].update(
        sentimentResponse={"sentiment": "NEGATIVE", "sentimentScore": {"mixed": 0, "negative": 1}}
    ),
    lambda event: event["interpretations"].insert(0, {"intent": {"name": "FallbackIntent", "slots": {}}}),
    lambda event: event.update(responseContentType="PlainText", inputMode="Speech"),
    lambda event: event.update(inputMode="DTMF", responseContentType="audio/pcm"),
    lambda event: event.update(invocationSource="FulfillmentCodeHook"),
    lambda event: event["sessionState"].update(activeContexts=[{"name": "c", "contextAttributes": {}}]),
    lambda event: event["sessionState"]["intent"].update(kendraResponse={"x": 1}, confirmationState="Denied"),
]
SLOTS: list[Any] = [
    None,
    {"shape": "Scalar", "value": {"originalValue": "1042", "interpretedValue": "1042", "resolvedValues": ["1042"]}},
    {"value": {"originalValue": "1042", "interpretedValue": "1042", "resolvedValues": []}},
    {"shape": "Scalar", "value": None},
    {"shape": "Scalar", "value": {"originalValue": "1042", "interpretedValue": None, "resolvedValues": []}},
    {
        "shape": "List",
        "value": {"originalValue": "1042 and 7", "interpretedValue": "1042 and 7", "resolvedValues": []},
        "values": [{"shape": "Scalar", "value": {"originalValue": "1042", "interpretedValue": "1042"}}],
    },
    {"shape": "Composite", "value": None, "subSlots": {"City": {"shape": "Scalar", "value": None}}},
]


@pytest.mark.parametrize("number", range(len(NULLS)))
def test_what_lex_adds_nulls_or_leaves_out_changes_nothing(world: World, number: int) -> None:
    event = asks("when are you open?", "OpeningHours")
    NULLS[number](event)
    [text] = chat(world, event)
    assert text.startswith("People are in until 17:30")


@pytest.mark.parametrize("slot", SLOTS)
def test_every_shape_of_a_slot_is_read(world: World, slot: Any) -> None:
    event = asks("where is 1042?", "WhereIsMyOrder")
    event["sessionState"]["intent"]["slots"] = {"Order": slot}
    [text] = chat(world, event)
    assert text.startswith(("We know of no delivery", "We can only speak of orders"))


@pytest.mark.parametrize("event", [None, [], "text", 7, {}, {"sessionId": ""}, {"sessionId": "abc", "bot": []}])
def test_what_is_no_event_is_answered_with_a_plain_sentence(world: World, event: Any) -> None:
    assert chat(world, event) == [FAILED]
    assert counted(world)["FailedChats"] == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=40) | st.sampled_from(["a" * 1024, "é " * 5000, "\ud800", "{{ 7 }}", "%s"]))
def test_whatever_is_written_there_is_an_answer(world: World, text: str) -> None:
    world.clock.shift(60)
    event = {**asks(text), "sessionId": f"s-{world.rng.random()}"}
    assert chat(world, event) != []


def test_a_turn_that_lex_repeats_is_answered_the_same_and_put_down_once(world: World) -> None:
    first = chat(world, asks("I want to talk to a human"))
    assert chat(world, asks("I want to talk to a human")) == first
    assert conversation(world)["epoch"] == 1
    assert counted(world)["HandOvers"] == 1


def test_a_turn_with_an_id_of_its_callers_is_answered_the_same_whenever_it_comes_again(world: World) -> None:
    event = asks("hi", "Greeting", requestAttributes={"rapport-turn": "t-1"})
    first = chat(world, event)
    world.clock.shift(timedelta(hours=1))
    assert chat(world, event) == first


def test_while_a_person_has_it_the_chat_says_nothing_and_then_what_they_left(world: World) -> None:
    chat(world, asks("I want to talk to a human"))
    world.clock.shift(60)
    assert chat(world, asks("are you there?")) == []
    item = next(
        item
        for item in world.dynamodb.scan(TableName=world.ledger_table)["Items"]
        if item["kind"]["S"] == "conversation"
    )
    put(world, {**item, "left": {"L": [{"S": "Kim here: it comes tomorrow."}]}})
    world.clock.shift(60)
    assert chat(world, asks("hello?")) == ["Kim here: it comes tomorrow."]
    world.clock.shift(60)
    assert chat(world, asks("thanks")) == []


def left_in_the_chat(world: World, *texts: str) -> None:
    """A person has written this for the customer's next turn."""
    found = world.dynamodb.scan(TableName=world.ledger_table)["Items"]
    [item] = [item for item in found if item["kind"]["S"] == "conversation"]
    put(world, {**item, "left": {"L": [{"S": text} for text in texts]}})


def test_what_a_person_left_is_shown_however_many_bytes_it_has(world: World) -> None:
    chat(world, asks("I want to talk to a human"))
    answers = [letter * 1000 for letter in "абвгд"]
    left_in_the_chat(world, *answers)
    world.clock.shift(60)
    assert chat(world, asks("hello?")) == answers
    assert counted(world).get("FailedChats") is None


def test_what_a_person_left_beyond_lexs_limits_comes_with_the_next_turn(world: World) -> None:
    chat(world, asks("I want to talk to a human"))
    answers = [f"Answer {number}." for number in range(12)]
    left_in_the_chat(world, *answers)
    world.clock.shift(60)
    assert chat(world, asks("hello?")) == answers[:10]
    world.clock.shift(60)
    assert chat(world, asks("and?")) == answers[10:]
    world.clock.shift(60)
    assert chat(world, asks("thanks")) == []


def test_the_same_words_days_later_do_not_bring_back_what_was_said_then(world: World) -> None:
    chat(world, asks("I want to talk to a human"))
    left_in_the_chat(world, "Your refund is on its way.")
    world.clock.shift(60)
    assert chat(world, asks("ok")) == ["Your refund is on its way."]
    world.clock.shift(timedelta(days=2))
    assert chat(world, asks("ok")) == []


def test_only_a_ticket_of_ours_says_whose_chat_it_is(world: World) -> None:
    due_at = "2026-11-25T14:00:00+00:00"
    delivery = Delivery(customer=CUSTOMER, order="1042", due_at=due_at, as_of=world.now, item="kettle")
    put(world, items.customer_item(ana()), items.delivery_item(delivery))
    ours = TOKENS.make("chat", [CUSTOMER], world.now + timedelta(hours=1))
    for ticket, known in {ours: True, ours[:-1]: False, CUSTOMER: False, "": False}.items():
        event = asks("where is my order", "WhereIsMyOrder", sessionId=f"s-{len(ticket)}")
        event["sessionState"]["sessionAttributes"] = {"rapport-ticket": ticket}
        assert ("kettle" in chat(world, event)[0]) == known
    world.clock.shift(timedelta(hours=2))
    late = asks("where is my order", "WhereIsMyOrder", sessionId="s-late", requestAttributes={"rapport-ticket": ours})
    assert "kettle" not in chat(world, late)[0]


def test_what_receive_sms_asks_is_left_to_it(world: World) -> None:
    assert chat(world, asks("where is it", "WhereIsMyOrder", requestAttributes={"rapport-channel": "sms"})) == []
    assert world.dynamodb.scan(TableName=world.ledger_table)["Items"] == []


def test_when_nothing_can_be_written_down_the_customer_is_told_so(world: World, trouble: Trouble) -> None:
    trouble.fails("DynamoDB.BatchGetItem", "ValidationException")
    assert chat(world, asks("where is it", "WhereIsMyOrder")) == [FAILED]
    assert counted(world)["FailedChats"] == 1


def test_a_failure_of_our_own_ends_with_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wake(world, "answer_chat")
    monkeypatch.setattr("rapport.adapters.replying.converse", lambda *_: 1 / 0)
    texts = chat(world, asks("where is it", "WhereIsMyOrder", sessionId="s-other"))
    assert texts[0].startswith("Something went wrong on our side, so nothing was changed.")
    assert counted(world)["HandOvers"] == 1


def test_in_french_it_answers_in_french(world: World) -> None:
    event = asks("bonjour", "Greeting")
    event["bot"]["localeId"] = "fr_FR"
    assert chat(world, event)[0].startswith("Bonjour")


def test_a_wish_for_a_person_whose_answer_was_cut_off_is_seen_to_with_the_next_turn(world: World) -> None:
    world.wire.cut_in("answer_chat", "DynamoDB.TransactWriteItems", before=False)
    with pytest.raises(CutOffError):
        chat(world, asks("get me a human"))
    world.clock.shift(60)
    assert chat(world, asks("when are you open?", "OpeningHours")) == []
    assert conversation(world)["owner"] == "waiting"
    turns = [each for each in world.dynamodb.scan(TableName=world.ledger_table)["Items"] if each["kind"]["S"] == "turn"]
    assert [turn["handled"]["BOOL"] for turn in turns] == [True, True]


def test_what_no_answer_can_give_back_is_answered_without_it(world: World) -> None:
    for event in (asks("hello", "no intent of ours"), asks("hello", "x" * 300)):
        assert chat(world, event) == [FAILED]
    heavy = asks("hello")
    heavy["sessionState"]["sessionAttributes"] = {"a": "x" * 20_000}
    assert chat(world, heavy) == [FAILED]
