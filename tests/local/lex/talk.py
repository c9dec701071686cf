"""A small bot to talk with: what it hears, what its hook is given, and what the hook is to answer."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session

from local.lex.bot import Bot, read_bot
from local.lex.runtime import Runtime
from local.lex.turn import ALIAS_ID, BOT_ID
from local.template import Stack
from local.world import SERVICE_MODELS

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@cache
def small_bot() -> Bot:
    """The bot of small_bot.yaml."""
    return read_bot(Stack(path=Path(__file__).parent / "small_bot.yaml"))


def delegate(event: dict[str, Any]) -> dict[str, Any]:
    """Lex goes on; work that is to be done is done."""
    state = event["sessionState"]
    intent = copy.deepcopy(state["intent"])
    if event["invocationSource"] == "FulfillmentCodeHook":
        intent["state"] = "Fulfilled"
        return {"sessionState": {"dialogAction": {"type": "Delegate"}, "intent": intent}}
    return {"sessionState": {"dialogAction": {"type": "Delegate"}, "intent": intent}}


def close(event: dict[str, Any], said: str = "Done.", state: str = "Fulfilled") -> dict[str, Any]:
    """The end, in the hook's words."""
    intent = copy.deepcopy(event["sessionState"]["intent"]) | {"state": state}
    answer = {"sessionState": {"dialogAction": {"type": "Close"}, "intent": intent}}
    return answer | {"messages": [{"contentType": "PlainText", "content": said}]}


class Talk:
    """One customer and the bot. `answers` are what the hook says next; after them, it delegates."""

    def __init__(self, locale: str = "en_GB", bot: Bot | None = None) -> None:
        self.now = MONDAY
        self.locale = locale
        self.events: list[dict[str, Any]] = []
        self.answers: list[Callable[[dict[str, Any]], Any]] = []
        self.runtime = Runtime(bot or small_bot(), self.hook, clock=lambda: self.now)

    def hook(self, event: dict[str, Any]) -> Any:
        """The code hook."""
        self.events.append(copy.deepcopy(event))
        return (self.answers.pop(0) if self.answers else delegate)(event)

    def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call of the runtime's."""
        place = {"botId": BOT_ID, "botAliasId": ALIAS_ID, "localeId": self.locale, "sessionId": "ana"}
        return self.runtime.answer(operation, place | params)

    def say(self, text: str, **params: Any) -> dict[str, Any]:
        """One turn."""
        return self.ask("RecognizeText", text=text, **params)

    def later(self, **span: int) -> None:
        """Time goes by."""
        self.now += timedelta(**span)


def words(answer: dict[str, Any]) -> list[str]:
    """What the customer reads."""
    return [message.get("content") or message["imageResponseCard"]["title"] for message in answer.get("messages", [])]


def intent(answer: dict[str, Any]) -> dict[str, Any]:
    """The intent of an answer."""
    found: dict[str, Any] = answer["sessionState"]["intent"]
    return found


def client(runtime: Runtime) -> Any:
    """boto3's own client, which knows nothing of this."""
    core = botocore.session.Session()
    core.register_component("data_loader", SERVICE_MODELS)
    secret = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody"}
    session = boto3.Session(botocore_session=core, region_name="us-east-1", **secret)
    runtime.attach(session)
    return session.client("lexv2-runtime")
