"""Ada by text: an inbox on moto with the company's own content, and a chatbot that does as it is told."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from local.template import ROOT
from rapport.adapters import items
from rapport.adapters.chatbot import Chatbot
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.inbox import Inbox
from rapport.adapters.many_items import write_all
from rapport.adapters.replying import ChatbotError, Replier
from rapport.domain.conversation import Conversation, Question, Turn, thread_of
from rapport.domain.customer import Customer
from rapport.domain.delivery import Delivery
from rapport.domain.dialogue import Understood
from rapport.domain.message import Message, Status
from tests.domain.builders import NOON, PHONE, SECOND, a_message

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

THREAD = thread_of("sms", PHONE)
SHIPPED = Content(ROOT / "layers" / "content")
ORDER = Delivery(customer="ada", order="42", due_at="2026-11-27T14:00:00+00:00", as_of=NOON - SECOND, item="fern")
ASKED = Question(asks="change-destination", asked_at=NOON - timedelta(hours=1), about="42", message="m-1")


class TalkingBot(Chatbot):
    """What it makes of a text, or the code of the error that it raises; `heard` has every text that it was asked of."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.means: dict[str, str] = {}
        self.failing: str | None = None

    def understand(self, text: str, customer: Customer, conversation: Conversation) -> Understood:
        """Without a meaning of its own, a text is not understood."""
        self.heard.append(text)
        if self.failing:
            raise ChatbotError(self.failing)
        return Understood(intent=self.means.get(text, "FallbackIntent"), score=0.9)


class Talk:
    """An inbox between the ledger and a chatbot; `says` puts a text in as SNS does."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.conversations = Conversations(client, table)
        self.bot = TalkingBot()
        self.now = NOON
        self.replier = Replier(self.conversations, SHIPPED, lambda: self.now)
        self.inbox = Inbox(self.replier, self.bot)
        self.number: Iterator[int] = count(1)

    def knows(self, *people: Customer, asked: tuple[Question, ...] = (), status: Status = Status.SENT) -> None:
        """Who has which number, and what Ada was asked about the delivery that she waits for."""
        marks = [
            {**items.address_key(address.value, person.id), **items.to_item({"kind": "address"})}
            for person in people
            for address in person.addresses
        ]
        lying = [items.customer_item(person) for person in people]
        lying += [items.question_item("ada", each) for each in asked]
        lying += [items.message_item(said(each, status)) for each in asked]
        self.put(*marks, *lying, items.delivery_item(ORDER))

    def put(self, *lying: items.Item) -> None:
        write_all(
            self.conversations.client,
            self.conversations.table,
            [{"PutRequest": {"Item": item}} for item in lying],
        )

    def says(self, *texts: str, **changes: Any) -> set[str]:
        """The texts in one batch, a second apart; returns those that come back."""
        at = changes.pop("at", self.now)
        return self.take(*(a_text(text, at + number * SECOND, **changes) for number, text in enumerate(texts)))

    def take(self, *bodies: str) -> set[str]:
        """The records r0, r1 and so on, in one batch; returns those that come back."""
        return self.inbox.take({f"r{number}": body for number, body in enumerate(bodies)})

    def turns(self, customer: str = "ada", address: str = PHONE) -> list[Turn]:
        """What the customer wrote, in the order of time."""
        return self.conversations.turns(customer, thread_of("sms", address))[::-1]

    def heard(self, customer: str = "ada") -> list[tuple[str, tuple[str, ...]]]:
        """What they wrote and what was said to it."""
        return [(turn.text, turn.answers) for turn in self.turns(customer)]

    def everything(self, kind: str) -> list[dict[str, Any]]:
        """All on record of a kind."""
        found = self.conversations.client.scan(TableName=self.conversations.table)["Items"]
        return [items.from_item(item) for item in found if item["kind"]["S"] == kind]

    def conversation(self, customer: str = "ada") -> Conversation:
        """The customer's conversation by text."""
        found = self.conversations.read(customer, THREAD)[1]
        assert found
        return found

    def customer(self, customer: str = "ada") -> Customer:
        return self.conversations.read(customer, "")[0]


def said(question: Question, status: Status) -> Message:
    """The message that asked it."""
    return a_message(id=question.message, status=status, carrier_id=f"c-{question.message}", asks=question.asks)


def a_text(text: str, at: datetime = NOON, *, text_id: str | None = None, sender: str = PHONE, **more: Any) -> str:
    """A text as it lies in the queue: in SNS's envelope; of its own id, unless it is given one."""
    known = text_id or f"{text} at {at.isoformat()}"
    payload = {"originationNumber": sender, "messageBody": text, "inboundMessageId": known, **more}
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    return json.dumps({"Type": "Notification", "MessageId": known, "Timestamp": stamp, "Message": json.dumps(payload)})


def meanwhile(talk: Talk, times: int, what: Callable[[], object]) -> None:
    """Before each of the next writes of a turn, somebody else does something."""
    commit, left = talk.conversations.commit, iter(range(times))

    def interrupted(*given: Any) -> None:
        if next(left, None) is not None:
            what()
        commit(*given)

    talk.conversations.commit = interrupted  # type: ignore[method-assign, assignment]
