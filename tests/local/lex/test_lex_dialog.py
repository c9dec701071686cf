"""The stand-in for Lex leads a conversation as Lex does: slots, retries, confirmation, hooks, contexts, time."""

from typing import Any

import pytest

from local.lex.runtime import RuntimeFault
from tests.local.lex.talk import Talk, close, delegate, intent, words


def sources(talk: Talk) -> list[str]:
    """Which hooks were called."""
    return [event["invocationSource"] for event in talk.events]


def elicit(event: dict[str, Any]) -> dict[str, Any]:
    """The hook asks for the order in its own words."""
    action = {"type": "ElicitSlot", "slotToElicit": "Order"}
    state = {"dialogAction": action, "intent": event["sessionState"]["intent"]}
    return {"sessionState": state, "messages": [{"contentType": "PlainText", "content": "Which one do you mean?"}]}


# --- slots, prompts, retries


def test_an_intent_with_all_that_it_needs_is_fulfilled_at_once() -> None:
    talk = Talk()
    answer = talk.say("where is order 1042")
    assert sources(talk) == ["DialogCodeHook", "FulfillmentCodeHook"]
    assert intent(answer)["state"] == "Fulfilled"
    assert intent(answer)["slots"]["Order"] == {
        "shape": "Scalar",
        "value": {"originalValue": "1042", "interpretedValue": "1042", "resolvedValues": ["1042"]},
    }
    assert answer["sessionState"]["dialogAction"] == {"type": "Close"}
    assert "messages" not in answer


def test_a_missing_slot_is_asked_for_and_the_answer_fills_it() -> None:
    talk = Talk()
    asked = talk.say("where is my order")
    assert words(asked) == ["Which order is it?"]
    assert asked["sessionState"]["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "Order"}
    assert intent(talk.say("it's 1042, thanks"))["state"] == "Fulfilled"


def test_slots_are_asked_for_in_the_order_of_their_priorities() -> None:
    talk = Talk()
    assert words(talk.say("change the delivery address")) == ["Of course.", "Which order?"]
    assert words(talk.say("1042")) == ["Where should it go?"]


def test_an_optional_slot_is_not_asked_for() -> None:
    assert intent(Talk().say("is the blue teapot back in stock"))["state"] == "Fulfilled"


def test_a_missed_question_is_asked_again_with_its_attempts_and_then_the_fallback_takes_over() -> None:
    talk = Talk()
    talk.say("where is my order")
    assert words(talk.say("no idea, sorry")) == ["The order's number, please?"]
    assert words(talk.say("no idea, sorry")) == ["Which order is it?"]
    given_up = talk.say("no idea, sorry")
    attempts = [event["proposedNextState"]["prompt"]["attempt"] for event in talk.events[:3]]
    assert attempts == ["Initial", "Retry1", "Retry2"]
    assert intent(given_up)["name"] == "FallbackIntent"
    assert sources(talk)[3:] == ["FulfillmentCodeHook"]
    assert talk.events[-1]["interpretations"][0]["intent"]["name"] == "FallbackIntent"


def test_another_wish_breaks_in_on_a_question() -> None:
    talk = Talk()
    talk.say("where is my order")
    assert intent(talk.say("i want a human"))["name"] == "TalkToAPerson"


def test_a_free_slot_takes_whatever_is_said_and_nothing_breaks_in_on_it() -> None:
    talk = Talk()
    asked = {"intent": {"name": "BackInStock"}, "dialogAction": {"type": "ElicitSlot", "slotToElicit": "Note"}}
    answer = talk.say(" i want a human 👍", sessionState=asked)
    assert intent(answer)["name"] == "BackInStock"
    assert intent(answer)["slots"]["Note"]["value"]["interpretedValue"] == " i want a human 👍"


def test_the_answer_may_hold_values_for_other_slots_too() -> None:
    talk = Talk()
    talk.say("change the delivery address")
    assert words(talk.say("1042, to the neighbours")) == ["Order 1042 to the neighbour, right?"]


def test_what_nothing_understands_goes_to_the_fallback_which_comes_first_and_has_no_score() -> None:
    talk = Talk()
    answer = talk.say("quantum chromodynamics zebra")
    assert intent(answer)["name"] == "FallbackIntent"
    assert answer["interpretations"][0]["intent"]["name"] == "FallbackIntent"
    assert "nluConfidence" not in answer["interpretations"][0]
    assert len(answer["interpretations"]) <= 5


def test_an_emoji_alone_is_not_understood() -> None:
    assert intent(Talk().say("👍"))["name"] == "FallbackIntent"


# --- confirmation


@pytest.mark.parametrize(("said", "state"), [("yes please", "Fulfilled"), ("no don't", "Failed")])
def test_a_confirmation_is_confirmed_or_denied(said: str, state: str) -> None:
    talk = Talk()
    assert words(talk.say("send order 1042 to the locker")) == ["Of course.", "Order 1042 to the pick-up point, right?"]
    answer = talk.say(said)
    assert intent(answer)["state"] == state
    assert words(answer) == (
        ["It is changed.", "Anything else?"] if state == "Fulfilled" else ["Then it stays as it is."]
    )
    assert sources(talk) == (["FulfillmentCodeHook"] if state == "Fulfilled" else [])


def test_another_value_in_place_of_yes_is_asked_about_anew() -> None:
    talk = Talk()
    talk.say("send order 1042 to the locker")
    assert words(talk.say("no, the shed please")) == ["Order 1042 to the safe place, right?"]
    assert intent(talk.say("ok"))["state"] == "Fulfilled"


def test_neither_yes_nor_no_is_asked_again_once_and_then_the_fallback_takes_over() -> None:
    talk = Talk()
    talk.say("send order 1042 to the locker")
    assert words(talk.say("hmm")) == ["Order 1042 to the pick-up point, right?"]
    assert intent(talk.say("hmm"))["name"] == "FallbackIntent"


def test_a_frenchwoman_is_asked_and_answers_in_french() -> None:
    talk = Talk("fr_FR")
    assert words(talk.say("Où est ma commande ?")) == ["Quelle commande ?"]
    assert words(talk.say("c'est la 1042")) == ["La commande 1042, c'est bien ça ?"]
    assert intent(talk.say("oui c'est ça"))["state"] == "Fulfilled"


# --- what the hook says


def test_the_hook_may_ask_in_its_own_words_and_retries_still_count() -> None:
    talk = Talk()
    talk.answers = [elicit, elicit, elicit]
    assert words(talk.say("where is my order")) == ["Which one do you mean?"]
    talk.say("no idea")
    talk.say("no idea")
    assert intent(talk.say("no idea"))["name"] == "FallbackIntent"


def test_the_hook_may_close_and_what_it_says_is_all_that_is_said() -> None:
    talk = Talk()
    talk.answers = [close]
    answer = talk.say("where is my order")
    assert words(answer) == ["Done."]
    assert intent(answer)["state"] == "Fulfilled"


def test_the_hook_may_leave_the_wish_open() -> None:
    talk = Talk()
    said = [{"contentType": "PlainText", "content": "What can we do?"}]
    talk.answers = [lambda _: {"sessionState": {"dialogAction": {"type": "ElicitIntent"}}, "messages": said}]
    assert words(talk.say("where is my order")) == ["What can we do?"]
    assert intent(talk.say("i want a human"))["name"] == "TalkToAPerson"


def test_the_hook_may_ask_for_a_confirmation_and_gets_the_answer() -> None:
    talk = Talk()

    def ask(event: dict[str, Any]) -> dict[str, Any]:
        state = {"dialogAction": {"type": "ConfirmIntent"}, "intent": event["sessionState"]["intent"]}
        return {"sessionState": state, "messages": [{"contentType": "PlainText", "content": "Shall I look?"}]}

    talk.answers = [ask]
    assert words(talk.say("where is order 1042")) == ["Shall I look?"]
    talk.say("yes")
    assert talk.events[1]["sessionState"]["intent"]["confirmationState"] == "Confirmed"


def test_the_hook_may_turn_to_another_intent() -> None:
    talk = Talk()
    state = {"dialogAction": {"type": "Delegate"}, "intent": {"name": "TalkToAPerson"}}
    talk.answers = [lambda _: {"sessionState": state}]
    assert intent(talk.say("where is my order"))["name"] == "TalkToAPerson"
    assert sources(talk) == ["DialogCodeHook", "FulfillmentCodeHook"]


def test_a_hook_that_delegates_for_ever_is_cut_off() -> None:
    talk = Talk()
    talk.answers = [lambda _: {"sessionState": {"dialogAction": {"type": "Delegate"}}}] * 100
    with pytest.raises(RuntimeFault, match="delegate-loop"):
        talk.say("where is order 1042")


def test_a_failed_fulfilment_that_is_delegated_says_the_bots_own_words() -> None:
    talk = Talk()

    def fail(event: dict[str, Any]) -> dict[str, Any]:
        answer = delegate(event)
        answer["sessionState"]["intent"]["state"] = "Failed"
        return answer

    talk.answers = [fail]
    talk.say("send order 1042 to the locker")
    assert words(talk.say("yes")) == ["It is too late for that.", "Anything else?"]


def test_slots_that_the_hook_does_not_echo_are_lost() -> None:
    talk = Talk()
    state = {"dialogAction": {"type": "Delegate"}, "intent": {"name": "WhereIsMyOrder", "state": "InProgress"}}
    talk.answers = [lambda _: {"sessionState": state}]
    assert words(talk.say("where is order 1042")) == ["Which order is it?"]


def test_a_hooks_attributes_stay_and_come_back_to_hook_and_caller() -> None:
    talk = Talk()

    def note(event: dict[str, Any]) -> dict[str, Any]:
        answer = close(event)
        answer["sessionState"]["sessionAttributes"] = {"name": "Ana"}
        return answer

    talk.answers = [note]
    assert talk.say("where is order 1042")["sessionState"]["sessionAttributes"] == {"name": "Ana"}
    assert words(talk.say("good morning")) == ["How can we help?", "Hello, Ana."]


# --- what the hook is given


def test_the_hook_is_given_lexs_event_with_its_nulls() -> None:
    talk = Talk()
    talk.say("where is my order")
    [event] = talk.events
    assert event["messageVersion"] == "1.0"
    assert event["inputMode"] == "Text"
    assert event["inputTranscript"] == "where is my order"
    assert event["bot"]["localeId"] == "en_GB"
    assert event["requestAttributes"] is None
    assert event["sessionState"]["sessionAttributes"] is None
    assert event["sessionState"]["intent"]["slots"] == {"Order": None}
    assert event["proposedNextState"]["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "Order"}
    assert isinstance(event["interpretations"][0]["nluConfidence"], float)
    assert event["transcriptions"][0]["resolvedContext"] == {"intent": "WhereIsMyOrder"}
    assert "dialogAction" not in event["sessionState"]


def test_a_fulfilment_hook_is_given_no_proposal_and_an_intent_that_is_ready() -> None:
    talk = Talk()
    talk.say("where is order 1042", requestAttributes={"message": "in-1"})
    event = talk.events[-1]
    assert event["proposedNextState"] is None
    assert event["sessionState"]["intent"]["state"] == "ReadyForFulfillment"
    assert event["requestAttributes"] == {"message": "in-1"}
    assert "interpretedValue" not in event["transcriptions"][0]["resolvedSlots"]["Order"]["value"]


# --- contexts and time


def test_a_context_lives_for_its_turns_and_gives_a_slot_its_default() -> None:
    talk = Talk()
    active = talk.say("where is order 1042")["sessionState"]["activeContexts"]
    assert active[0]["timeToLive"] == {"timeToLiveInSeconds": 600, "turnsToLive": 2}
    assert active[0]["contextAttributes"] == {"Order": "1042"}
    assert words(talk.say("leave it next door"))[-1] == "Order 1042 to the neighbour, right?"
    assert talk.say("no")["sessionState"]["activeContexts"] == []
    assert words(talk.say("leave it next door"))[-1] == "Which order?"


def test_a_context_ends_with_its_time() -> None:
    talk = Talk()
    talk.say("where is order 1042")
    talk.later(minutes=11)
    assert words(talk.say("leave it next door"))[-1] == "Which order?"


def test_an_intent_that_needs_a_context_is_not_understood_without_it() -> None:
    talk = Talk()
    assert intent(talk.say("that one once more"))["name"] == "FallbackIntent"
    talk.say("where is order 1042")
    assert intent(talk.say("that one once more"))["name"] == "Recall"


def test_a_slot_takes_its_default_from_a_session_attribute() -> None:
    talk = Talk()
    answer = talk.say("leave it next door", sessionState={"sessionAttributes": {"order": "7781"}})
    assert words(answer)[-1] == "Order 7781 to the neighbour, right?"


def test_a_session_ends_when_nobody_spoke_for_its_time_to_live() -> None:
    talk = Talk()
    talk.say("where is my order", sessionState={"sessionAttributes": {"name": "Ana"}})
    talk.later(minutes=59)
    assert talk.say("dunno")["sessionState"]["sessionAttributes"] == {"name": "Ana"}
    talk.later(minutes=60)
    answer = talk.say("dunno")
    assert intent(answer)["name"] == "FallbackIntent"
    assert answer["sessionState"]["sessionAttributes"] == {}


# --- a caller that knows where the conversation stands


def test_a_caller_may_say_what_the_customer_is_answering() -> None:
    talk = Talk()
    order = {"shape": "Scalar", "value": {"originalValue": "1042", "interpretedValue": "1042", "resolvedValues": []}}
    state = {
        "intent": {"name": "ChangeDestination", "slots": {"Order": order}},
        "dialogAction": {"type": "ElicitSlot", "slotToElicit": "Destination"},
        "sessionAttributes": {"message": "m-1"},
    }
    answer = talk.say("next door is fine", sessionState=state)
    assert words(answer) == ["Order 1042 to the neighbour, right?"]
    assert answer["sessionState"]["sessionAttributes"] == {"message": "m-1"}


def test_a_caller_may_say_that_the_customer_is_confirming() -> None:
    talk = Talk()
    state = {"intent": {"name": "TalkToAPerson"}, "dialogAction": {"type": "ConfirmIntent"}}
    assert intent(talk.say("yes", sessionState=state))["confirmationState"] == "Confirmed"


def test_a_turn_leaves_a_trace_that_says_that_this_is_not_lex() -> None:
    talk = Talk()
    talk.say("where is my order")
    printed = talk.runtime.traces[-1].printed()
    assert printed.startswith("understood: WhereIsMyOrder 1.00 (threshold 0.4, then ")
    assert "hooks: DialogCodeHook" in printed
    assert "next: ElicitSlot Order" in printed
    assert "stand-in for Amazon Lex" in printed
