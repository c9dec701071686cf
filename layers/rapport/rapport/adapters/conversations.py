"""The Ledger table as conversations need it: read all that a turn goes by, write all that it comes to or nothing."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from rapport.adapters import items
from rapport.adapters.ledger import ConflictError, Ledger
from rapport.adapters.many_items import fetch
from rapport.domain.advance import Draft
from rapport.domain.answering import event_of
from rapport.domain.conversation import Conversation, Question, Step, Turn
from rapport.domain.customer import Customer
from rapport.domain.delivery import Delivery
from rapport.domain.dialogue import Answer, Scene
from rapport.domain.message import Message, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_TURNS: Final = 100
MOST_QUESTIONS: Final = 20  # one transaction settles them all when somebody says STOP
MOST_SETTLED: Final = 60  # with what asked the same before; a transaction takes a hundred items
MOST_TRIES: Final = 10
UNSENT: Final = (Status.QUEUED, Status.SKIPPED, Status.EXPIRED)


class Conversations:
    """Every write is conditional on what was read."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table
        self.ledger = Ledger(client, table)

    def owners(self, address: str) -> list[str]:
        """The customers who have this address."""
        return self.ledger.owners(address)

    def message_of(self, carrier_id: str) -> tuple[str, str] | None:
        """Customer and id of the message of ours that the carrier knows by this id."""
        found = self.client.query(
            TableName=self.table,
            IndexName="carrier_id",
            KeyConditionExpression="carrier_id = :id",
            ExpressionAttributeValues={":id": {"S": carrier_id}},
        )["Items"]
        return items.whose(found[0]) if found else None

    def put_turn(self, turn: Turn, thread: str) -> bool:
        """Keeps what a customer wrote, once by its id; whether it is new. Raises ConflictError."""
        mark = items.to_item({"kind": "heard", "customer": turn.customer})
        heard = self.ledger.fresh({**items.heard_key(thread, turn.id), **mark})
        try:
            self.ledger.write([heard, self.ledger.fresh(items.turn_item(turn, thread))])
        except ConflictError:
            if self.kept_for(thread, turn.id):
                return False
            raise
        return True

    def kept_for(self, thread: str, turn: str) -> str | None:
        """The customer for whom a turn was kept, if it was: when it comes again, its number may be another's."""
        found = fetch(self.client, self.table, [items.heard_key(thread, turn)])
        return next((item["customer"]["S"] for item in found.values()), None)

    def unheard(self, customer: str, thread: str) -> Turn | None:
        """The earliest turn that nothing has come of yet; behind a hundred that were seen to, none is looked for."""
        waiting: list[Turn] = []
        seen_to = 0
        for turn in self.latest(customer, thread):
            seen_to += turn.handled
            if seen_to == MOST_TURNS:
                break
            if not turn.handled:
                waiting.append(turn)
        return min(waiting, key=lambda turn: (turn.at, turn.id), default=None)

    def turns(self, customer: str, thread: str, most: int = MOST_TURNS) -> list[Turn]:
        """The latest turns, the last one first."""
        return list(islice(self.latest(customer, thread, most), most))

    def latest(self, customer: str, thread: str, page: int = MOST_TURNS) -> Iterable[Turn]:
        """Every turn, the last one first, read page by page."""
        found = self.query(customer, f"TURN#{thread}#", forward=False, page=page)
        return (Turn.model_validate(items.from_item(item)) for item in found)

    def steps(self, customer: str, thread: str) -> list[Step]:
        """Every change of who has the conversation, in order."""
        return [Step.model_validate(items.from_item(item)) for item in self.query(customer, f"STEP#{thread}#")]

    def read(self, customer: str, thread: str) -> tuple[Customer, Conversation | None]:
        """The customer and the conversation."""
        keys = [items.profile_key(customer), items.conversation_key(customer, thread)]
        found = fetch(self.client, self.table, keys)
        item = found.get(f"CONVERSATION#{thread}")
        conversation = Conversation.model_validate(items.from_item(item)) if item else None
        return items.read_customer(found.get(items.PROFILE), customer), conversation

    def deliveries(self, customer: str) -> tuple[Delivery, ...]:
        """The customer's deliveries."""
        return tuple(Delivery.model_validate(items.from_item(item)) for item in self.query(customer, "ORDER#"))

    def questions(self, customer: str) -> tuple[Question, ...]:
        """What messages have asked that went out, the latest twenty; of two that ask the same, the later."""
        return tuple({(each.asks, each.about): each for each in self.asked(customer, MOST_QUESTIONS)}.values())

    def asked(self, customer: str, most: int) -> list[Question]:
        """What messages have asked that went out, so many of the latest, the last one at the end."""
        every = [Question.model_validate(items.from_item(item)) for item in self.query(customer, "QUESTION#")]
        found = sorted(every, key=lambda each: each.asked_at)[-most:]
        messages = fetch(self.client, self.table, [items.message_key(customer, str(each.message)) for each in found])
        said = {sk for sk, item in messages.items() if item["status"]["S"] not in UNSENT}
        return [each for each in found if f"MESSAGE#{each.message}" in said]

    def message(self, customer: str, message: str) -> Message | None:
        """The message, if it is on record."""
        found = fetch(self.client, self.table, [items.message_key(customer, message)])
        return next((items.read_message(item) for item in found.values()), None)

    def commit(self, turn: Turn, scene: Scene, answer: Answer, drafts: list[Draft]) -> None:
        """All that a turn comes to, and that it is seen to, or nothing. Raises ConflictError."""
        parts: list[Any] = [self.handled(turn, scene.conversation.thread)]
        parts += self.changes(scene.customer, answer.customer)
        parts += self.conversation_parts(scene.conversation, answer.conversation, answer.steps)
        if answer.delivery:
            parts.append(self.ledger.versioned(items.delivery_item(answer.delivery), answer.delivery.version))
        parts += self.settling(turn.customer, answer.settled)
        for number, telling in enumerate(answer.tells):
            event = event_of(telling, number, turn, scene.now)
            parts.append(self.ledger.put(items.telling_item(event, out=telling.out)))
        self.ledger.write(parts, drafts)

    def commit_desk(
        self,
        before: Conversation,
        after: Conversation,
        steps: Iterable[Step] = (),
        drafts: Iterable[Draft] = (),
        customers: tuple[Customer, Customer] | None = None,
    ) -> None:
        """What a person, or the clock, makes of a conversation; `customers` before and after. Raises ConflictError."""
        parts = self.conversation_parts(before, after, steps)
        parts += self.changes(*customers) if customers else []
        self.ledger.write(parts, drafts)

    def conversation_parts(self, before: Conversation, after: Conversation, steps: Iterable[Step]) -> list[Any]:
        """The conversation on condition that it is as it was read, and its steps."""
        put = [self.ledger.versioned(items.conversation_item(after), before.version)]
        for place, step in enumerate(steps):
            put.append(self.ledger.put(items.step_item(after.customer, after.thread, step, before.version, place)))
        return put

    def changes(self, before: Customer, after: Customer | None) -> list[Any]:
        """The customer, if they were touched: even a hand-over that changes nothing about them has to be seen."""
        if after is None or after is before:
            return []
        return [self.ledger.versioned(items.customer_item(after), before.version)]

    def settling(self, customer: str, settled: Iterable[Question]) -> list[Any]:
        """Deletes what was settled, and what had asked the same before: it would be asked again by that."""
        latest = {(each.asks, each.about): each.asked_at for each in settled}
        asked = self.asked(customer, MOST_SETTLED) if latest else []
        before = [each for each in asked if (at := latest.get((each.asks, each.about))) and each.asked_at <= at]
        keys = {each.message: items.question_key(customer, each) for each in [*settled, *before]}
        return [self.delete(key) for key in keys.values()]

    def handled(self, turn: Turn, thread: str) -> Any:
        """The turn, seen to; only one that wasn't."""
        item = items.turn_item(turn.model_copy(update={"handled": True}), thread)
        condition = {
            "ConditionExpression": "handled = :no",
            "ExpressionAttributeValues": {":no": {"BOOL": False}},
        }
        return {"Put": {"TableName": self.table, "Item": item, **condition}}

    def change_customer(self, customer: str, change: Callable[[Customer], Customer]) -> None:
        """Changes what is known of a customer, whoever else writes meanwhile. Raises ConflictError at length."""
        for tries in range(MOST_TRIES):
            before, _ = self.read(customer, "")
            parts = self.changes(before, change(before))
            if not parts:
                return
            try:
                self.ledger.write(parts)
                return
            except ConflictError:
                if tries == MOST_TRIES - 1:
                    raise

    def meet(self, customer: Customer, address: str) -> None:
        """Makes somebody known of whom nothing but an address is. Raises ConflictError."""
        where = {**items.address_key(address, customer.id), **items.to_item({"kind": "address"})}
        self.ledger.write([self.ledger.versioned(items.customer_item(customer), 0), self.ledger.put(where)])

    def delete(self, key: items.Item) -> Any:
        """One thing less."""
        return {"Delete": {"TableName": self.table, "Key": key}}

    def query(self, pk: str, prefix: str, *, forward: bool = True, page: int | None = None) -> Iterable[items.Item]:
        """The items of one partition, read consistently, in the order of their sort keys or against it."""
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", {**values, ":prefix": {"S": prefix}}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            ScanIndexForward=forward,
            PaginationConfig={"PageSize": page} if page else {},
        )
        return (item for page in pages for item in page["Items"])
