"""Lex: what a text means, in a session that says nothing of its customer; every failure has one name."""

import re
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from rapport.adapters.chatbot import PATIENT, Chatbot
from rapport.adapters.replying import ChatbotError
from rapport.adapters.secret import Secret
from rapport.domain.conversation import Conversation
from rapport.domain.dialogue import Understood
from tests.domain.builders import PHONE, ada

SESSION = re.compile(r"[0-9a-zA-Z._:-]{2,100}")  # by Lex's rule
NOTHING = Understood(intent="FallbackIntent")
TALK = Conversation(customer="ada", channel="sms", address=PHONE)


class Bot:
    """A chatbot between a secret and a Lex that answers as it is told."""

    def __init__(self, bot: str = "THEBOTOFIT", signed_by: str = "s3") -> None:
        secrets = Mock()
        secrets.get_secret_value.return_value = {"SecretString": signed_by}
        self.chatbot = Chatbot(bot, "THEALIASOF", Secret(lambda: secrets, "arn:secret"))
        self.lex = Mock()
        self.lex.recognize_text.return_value = {"interpretations": []}
        self.chatbot.client = self.lex

    def understand(self, text: str = "where is it", talk: Conversation = TALK, **customer: Any) -> Understood:
        return self.chatbot.understand(text, ada(**customer), talk)

    def asked(self) -> dict[str, Any]:
        """What Lex was asked."""
        asked: dict[str, Any] = self.lex.recognize_text.call_args.kwargs
        return asked


def real(answer: dict[str, Any]) -> Understood:
    """What comes of an answer that botocore's own model of Lex has passed."""
    client = boto3.client("lexv2-runtime", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    bot = Bot()
    bot.chatbot.client = client
    asked = ("botId", "botAliasId", "localeId", "sessionId", "text", "requestAttributes")
    with Stubber(client) as stubber:
        stubber.add_response("recognize_text", answer, dict.fromkeys(asked, ANY))
        return bot.understand()


def test_the_likeliest_intent_counts_with_its_slots() -> None:
    order = {"value": {"originalValue": "ten 42", "interpretedValue": "1042", "resolvedValues": ["1042"]}}
    intent = {"name": "WhereIsMyOrder", "slots": {"Order": order, "Item": None, "When": {"shape": "Scalar"}}}
    second = {"intent": {"name": "Greeting"}, "nluConfidence": {"score": 0.3}}
    answer = {"interpretations": [{"intent": intent, "nluConfidence": {"score": 0.91}}, second]}
    assert real({k: [drop_null_slots(each) for each in v] for k, v in answer.items()}) == Understood(
        intent="WhereIsMyOrder", score=0.91, slots={"Order": "1042"}
    )
    bot = Bot()
    bot.lex.recognize_text.return_value = answer  # over the wire, an empty slot is null
    assert bot.understand().slots == {"Order": "1042"}


def drop_null_slots(interpretation: Any) -> Any:
    """The Stubber knows no nulls."""
    intent = interpretation["intent"]
    slots = {name: slot for name, slot in intent.get("slots", {}).items() if slot}
    return {**interpretation, "intent": {**intent, "slots": slots}}


def test_a_mood_is_of_no_use_and_does_no_harm() -> None:
    mood = {"sentiment": "NEGATIVE", "sentimentScore": {"negative": 0.9}}
    found = real({"interpretations": [{"intent": {"name": "Complaint"}, "sentimentResponse": mood}]})
    assert found == Understood(intent="Complaint")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"messages": []},
        {"interpretations": []},
        {"interpretations": None},
        {"interpretations": [{}]},
        {"interpretations": [{"intent": None}]},
        {"interpretations": [{"intent": {}}]},
        {"interpretations": [{"nluConfidence": {"score": 0.9}}]},
    ],
)
def test_an_answer_that_says_nothing_is_nothing_understood(answer: dict[str, Any]) -> None:
    bot = Bot()
    bot.lex.recognize_text.return_value = answer
    assert bot.understand() == NOTHING


@pytest.mark.parametrize(
    "slots", [None, {}, {"Order": None}, {"Order": {}}, {"Order": {"value": None}}, {"Order": {"value": {}}}]
)
def test_a_slot_without_a_value_is_none(slots: Any) -> None:
    bot = Bot()
    bot.lex.recognize_text.return_value = {"interpretations": [{"intent": {"name": "X", "slots": slots}}]}
    assert bot.understand() == Understood(intent="X")


ERRORS = [
    ("ConflictException", 409),
    ("DependencyFailedException", 424),
    ("ThrottlingException", 429),
    ("InternalServerException", 500),
    ("BadGatewayException", 502),
    ("ResourceNotFoundException", 404),
    ("AccessDeniedException", 403),
    ("ValidationException", 400),
]


@pytest.mark.parametrize(("code", "status"), ERRORS)
def test_every_error_of_lex_is_told_by_its_code_and_not_by_its_text(code: str, status: int) -> None:
    client = boto3.client("lexv2-runtime", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    bot = Bot()
    bot.chatbot.client = client
    with Stubber(client) as stubber:
        stubber.add_client_error("recognize_text", code, "they wrote: where is it", status)
        with pytest.raises(ChatbotError, match=f"^{code}$") as caught:
            bot.understand()
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
        EndpointConnectionError(endpoint_url="x"),
        NoCredentialsError(),
    ],
)
def test_a_lex_that_is_not_reached_is_told_by_what_happened(error: Exception) -> None:
    bot = Bot()
    bot.lex.recognize_text.side_effect = error
    with pytest.raises(ChatbotError, match=f"^{type(error).__name__}$"):
        bot.understand()


def test_it_is_waited_for_less_long_than_the_function_may_take() -> None:
    config: Any = PATIENT
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    assert (config.read_timeout, longest) == (4, 12)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0"])
def test_nothing_is_asked_about_a_blank_text(text: str) -> None:
    bot = Bot()
    assert bot.understand(text) == NOTHING
    assert bot.lex.recognize_text.call_count == 0


def test_without_a_bot_nothing_is_understood() -> None:
    bot = Bot(bot="")
    assert bot.understand() == NOTHING
    assert bot.lex.recognize_text.call_count == 0


def test_a_text_is_cut_to_what_lex_reads() -> None:
    bot = Bot()
    bot.understand("é" * 1025)
    assert bot.asked()["text"] == "é" * 1024
    bot.understand("é" * 1024)
    assert bot.asked()["text"] == "é" * 1024


@pytest.mark.parametrize(
    ("locale", "asked"), [("en", "en_GB"), ("fr-CA", "fr_FR"), ("de", "en_GB"), ("en-US", "en_GB")]
)
def test_it_is_asked_in_the_customers_language_or_else_in_the_first(locale: str, asked: str) -> None:
    bot = Bot()
    bot.understand(locale=locale)
    assert bot.asked()["localeId"] == asked


def test_the_session_is_of_one_customer_one_thread_and_one_epoch_and_says_nothing_of_them() -> None:
    def session(bot: Bot, talk: Conversation = TALK, **customer: Any) -> str:
        bot.understand(talk=talk, **customer)
        return str(bot.asked()["sessionId"])

    whole = session(Bot())
    others = {
        session(Bot(), id="ben"),
        session(Bot(), TALK.model_copy(update={"address": "+33612345679"})),
        session(Bot(), TALK.model_copy(update={"channel": "chat"})),
        session(Bot(), TALK.model_copy(update={"epoch": 1})),
        session(Bot(signed_by="another")),
    }
    assert len(others | {whole}) == 6
    assert whole == session(Bot())
    assert all(SESSION.fullmatch(each) for each in others | {whole})
    assert all(PHONE[start : start + 5] not in whole for start in range(len(PHONE) - 4))


def test_the_bots_function_knows_that_we_answer_ourselves() -> None:
    bot = Bot()
    bot.understand()
    assert (bot.asked()["botId"], bot.asked()["botAliasId"]) == ("THEBOTOFIT", "THEALIASOF")
    assert bot.asked()["requestAttributes"] == {"rapport-channel": "sms"}
