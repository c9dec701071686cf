"""boto3's own client for Lex, answered by the stand-in: its operations, its errors, and what happens in the wild."""

import gzip
import json
from base64 import b64decode
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local.functions import CutOffError
from local.lex.bot import read_bot
from local.lex.contract import broken_rules
from local.lex.runtime import service
from local.lex.turn import ALIAS_ID, BOT_ID, Identity
from local.template import Stack
from local.world import World
from tests.local.lex.talk import Talk, client, intent, words

PLACE = {"botId": BOT_ID, "botAliasId": ALIAS_ID, "localeId": "en_GB", "sessionId": "ana"}
ORDER = {"name": "WhereIsMyOrder", "slots": {}, "state": "InProgress"}


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def lex(talk: Talk) -> Any:
    return client(talk.runtime)


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    """The error's name, and its status."""
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


# --- the operations


def test_boto3_has_its_answer(lex: Any) -> None:
    answer = lex.recognize_text(**PLACE, text="where is my order")
    assert words(answer) == ["Which order is it?"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["interpretations"][0]["nluConfidence"]["score"] > 0.9


def test_a_session_can_be_read_and_forgotten(lex: Any) -> None:
    lex.recognize_text(**PLACE, text="where is my order")
    session = lex.get_session(**PLACE)
    assert session["sessionState"]["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "Order"}
    assert words(session) == ["Which order is it?"]
    assert lex.delete_session(**PLACE)["sessionId"] == "ana"
    with pytest.raises(lex.exceptions.ResourceNotFoundException):
        lex.get_session(**PLACE)


def test_a_session_can_be_put_so_that_the_next_words_answer_a_question(lex: Any) -> None:
    state = {"intent": ORDER, "dialogAction": {"type": "ElicitSlot", "slotToElicit": "Order"}}
    answer = lex.put_session(**PLACE, sessionState=state)
    said = json.loads(gzip.decompress(b64decode(answer["messages"])))
    assert said == [{"contentType": "PlainText", "content": "Which order is it?"}]
    assert answer["audioStream"].read() == b""
    assert intent(lex.recognize_text(**PLACE, text="1042"))["state"] == "Fulfilled"


def test_a_session_that_is_put_with_delegate_goes_on_at_once(talk: Talk, lex: Any) -> None:
    lex.put_session(**PLACE, sessionState={"intent": {"name": "TalkToAPerson"}, "dialogAction": {"type": "Delegate"}})
    assert [event["invocationSource"] for event in talk.events] == ["FulfillmentCodeHook"]


def test_a_put_session_keeps_attributes_and_its_own_messages(lex: Any) -> None:
    state = {"sessionAttributes": {"name": "Ana"}, "dialogAction": {"type": "ElicitIntent"}}
    lex.put_session(**PLACE, sessionState=state, messages=[{"contentType": "PlainText", "content": "Back again."}])
    session = lex.get_session(**PLACE)
    assert words(session) == ["Back again."]
    assert session["sessionState"]["sessionAttributes"] == {"name": "Ana"}


def test_languages_and_people_have_sessions_of_their_own(lex: Any) -> None:
    lex.recognize_text(**PLACE, text="where is my order")
    with pytest.raises(lex.exceptions.ResourceNotFoundException):
        lex.get_session(**PLACE | {"localeId": "fr_FR"})
    with pytest.raises(lex.exceptions.ResourceNotFoundException):
        lex.get_session(**PLACE | {"sessionId": "ben"})


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1024))
def test_any_text_gets_an_answer_that_botocores_shape_accepts(text: str) -> None:
    talk = Talk()
    shape = service().operation_model("RecognizeText").output_shape
    for answer in (talk.say(text), talk.say("where is my order"), talk.say(text), talk.say(text)):
        assert list(broken_rules(shape, answer, "answer")) == []


# --- errors


@pytest.mark.parametrize(
    "wrong",
    [{"sessionId": "+447700900123"}, {"sessionId": "x" * 101}, {"text": "x" * 1025}, {"botId": "too-short!"}],
    ids=["a plus", "a long id", "a long text", "a bot's id"],
)
def test_what_boto3_lets_pass_and_lex_does_not_is_a_validation_error(lex: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(ClientError) as error:
        lex.recognize_text(**{**PLACE, "text": "hello"} | wrong)
    assert code(error) == ("ValidationException", 400)


@pytest.mark.parametrize("other", [{"botId": "OTHERBOT01"}, {"botAliasId": "TSTALIASID"}, {"localeId": "de_DE"}])
def test_an_unknown_bot_alias_or_locale_is_not_found(lex: Any, other: dict[str, str]) -> None:
    with pytest.raises(ClientError) as error:
        lex.recognize_text(**PLACE | other, text="hello")
    assert code(error) == ("ResourceNotFoundException", 404)


def test_a_callers_state_that_names_what_the_bot_has_not_is_a_validation_error(lex: Any) -> None:
    with pytest.raises(lex.exceptions.ValidationException, match="intent-known"):
        lex.recognize_text(**PLACE, text="hello", sessionState={"intent": {"name": "Weather"}})
    asked = {"intent": ORDER, "dialogAction": {"type": "ElicitSlot", "slotToElicit": "Colour"}}
    with pytest.raises(lex.exceptions.ValidationException, match="slots-known"):
        lex.recognize_text(**PLACE, text="hello", sessionState=asked)


@pytest.mark.parametrize("failure", [KeyError("order"), CutOffError("timeout")], ids=["raises", "is cut off"])
def test_a_hook_that_fails_is_a_failed_dependency(talk: Talk, lex: Any, failure: BaseException) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise failure

    talk.answers = [fail]
    with pytest.raises(ClientError) as error:
        lex.recognize_text(**PLACE, text="where is my order")
    assert code(error) == ("DependencyFailedException", 424)


@pytest.mark.parametrize(("failing", "status"), [("ThrottlingException", 429), ("ConflictException", 409)])
def test_lex_fails_as_a_test_asks_for_and_then_no_more(talk: Talk, lex: Any, failing: str, status: int) -> None:
    talk.runtime.failing = failing
    with pytest.raises(ClientError) as error:
        lex.recognize_text(**PLACE, text="hello")
    assert code(error) == (failing, status)
    talk.runtime.failing = None
    assert words(lex.recognize_text(**PLACE, text="hello"))


def test_a_turn_may_be_fulfilled_twice_as_happens_in_the_wild(talk: Talk, lex: Any) -> None:
    talk.runtime.fulfils_twice = True
    lex.recognize_text(**PLACE, text="i want a human", requestAttributes={"message": "in-1"})
    first, second = talk.events
    assert first == second
    lex.recognize_text(**PLACE, text="i want a human")
    assert len(talk.events) == 3


# --- beside the rest


def test_it_answers_beside_the_world_and_its_wire_which_counts_the_calls(world: World) -> None:
    talk = Talk()
    talk.runtime.attach(world.session)
    lex: Any = world.session.client("lexv2-runtime")
    assert words(lex.recognize_text(**PLACE, text="hello"))
    assert world.wire.requests["Lex Runtime V2.RecognizeText"] == 1


def test_the_stacks_bot_is_known_by_the_ids_that_its_functions_are_given(talk: Talk) -> None:
    stack = Stack({"Chatbot": "lex"})
    talk.runtime.identity = Identity.in_stack(stack, "small-bot")
    place = {"botId": stack.reference("Bot"), "botAliasId": stack.attribute("BotAlias", "BotAliasId")}
    assert words(client(talk.runtime).recognize_text(**PLACE | place, text="hello"))


@pytest.mark.parametrize("locale", ["en_GB", "fr_FR"])
def test_the_stacks_own_bot_can_be_talked_with(locale: str) -> None:
    talk = Talk(locale, read_bot(Stack({"Chatbot": "lex"})))
    assert intent(talk.say("hello" if locale == "en_GB" else "bonjour"))["name"] == "Greeting"
