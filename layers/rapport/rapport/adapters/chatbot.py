"""Lex: what a text means. Our own record leads the dialogue, so each text is understood by itself."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rapport.adapters.replying import ChatbotError
from rapport.adapters.secret import MAKING, Secret
from rapport.domain.conversation import Conversation
from rapport.domain.customer import Customer
from rapport.domain.dialogue import Understood

if TYPE_CHECKING:
    from mypy_boto3_lexv2_runtime import LexRuntimeV2Client

LONGEST: Final = 1024  # characters of a text, by Lex's limit
CHANNEL: Final = "rapport-channel"  # the request attribute by which answer_chat knows that we answer ourselves
LOCALES: Final = {"en": "en_GB", "fr": "fr_FR"}
NOT_UNDERSTOOD: Final = Understood(intent="FallbackIntent")
PATIENT: Final = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=4)


class Chatbot:
    """Without a bot, nothing is understood."""

    def __init__(self, bot: str, alias: str, secret: Secret) -> None:
        self.bot = bot
        self.alias = alias
        self.secret = secret

    @cached_property
    def client(self) -> "LexRuntimeV2Client":
        """Made when first needed: STOP, a yes and a place need none."""
        with MAKING:
            return boto3.client("lexv2-runtime", config=PATIENT)

    def understand(self, text: str, customer: Customer, conversation: Conversation) -> Understood:
        """What the text means, in the customer's language. Raises ChatbotError."""
        if not self.bot or not text.strip():
            return NOT_UNDERSTOOD
        language = customer.locale.split("-")[0]
        thread, epoch = conversation.thread, conversation.epoch
        try:
            answer = self.client.recognize_text(
                botId=self.bot,
                botAliasId=self.alias,
                localeId=LOCALES.get(language, next(iter(LOCALES.values()))),
                sessionId=self.secret.tokens.session(customer.id, thread, epoch),
                text=text[:LONGEST],
                requestAttributes={CHANNEL: "sms"},
            )
        except ClientError as error:
            raise ChatbotError(error.response.get("Error", {}).get("Code", "Unknown")) from None
        except BotoCoreError as error:
            raise ChatbotError(type(error).__name__) from None
        return first_of(answer.get("interpretations") or [])


def first_of(interpretations: list[Any]) -> Understood:
    """What Lex thinks likeliest; nothing when it says nothing."""
    likeliest = interpretations[0] if interpretations else {}
    intent = likeliest.get("intent") or {}
    if not intent.get("name"):
        return NOT_UNDERSTOOD
    confidence = likeliest.get("nluConfidence") or {}
    values = {name: (slot or {}).get("value") or {} for name, slot in (intent.get("slots") or {}).items()}
    slots = {name: value["interpretedValue"] for name, value in values.items() if value.get("interpretedValue")}
    return Understood(
        intent=intent["name"],
        score=confidence.get("score"),
        slots=slots,
    )
