"""The ledger's items: how customers, runs and messages lie in DynamoDB, and come back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeSerializer

from rapport.domain.customer import Customer
from rapport.domain.message import Message, Status
from rapport.domain.run import Run
from rapport.domain.words import CONVERSATION, Channel

if TYPE_CHECKING:  # a sender has no use for these, nor the time to import them
    from pydantic import BaseModel

    from rapport.domain.conversation import Conversation, Question, Step, Turn
    from rapport.domain.delivery import Delivery
    from rapport.domain.event import Event

Item = dict[str, Any]
PROFILE: Final = "PROFILE"
SHARDS: Final = 4
OPEN: Final = (Status.QUEUED, Status.SENDING)

serializer = TypeSerializer()


def to_item(values: Mapping[str, Any]) -> Item:
    """Plain JSON values as DynamoDB's attribute values; what is None or empty is left out at the top level."""
    kept = {name: value for name, value in values.items() if value not in (None, {}, [])}
    return {name: serializer.serialize(exact(value)) for name, value in kept.items()}


def from_item(item: Item) -> dict[str, Any]:
    """DynamoDB's attribute values as plain JSON values."""
    return {name: plain(value) for name, value in item.items()}


def exact(value: Any) -> Any:
    """Floats as decimals, since DynamoDB's client takes no floats."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    return [exact(inner) for inner in value] if isinstance(value, list | tuple) else value


def plain(attribute: Mapping[str, Any]) -> Any:
    """One attribute value as JSON knows it: sets as lists, and binaries, which nobody here writes, as text."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return number(value)
        case "M":
            return {name: plain(inner) for name, inner in value.items()}
        case "L":
            return [plain(inner) for inner in value]
        case "NS":
            return [number(inner) for inner in value]
        case "NULL":
            return None
        case "B" | "BS":
            return str(value)
    return value


def number(text: str) -> int | float:
    """DynamoDB's number as JSON's."""
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def profile_key(customer: str) -> Item:
    """Where a customer is."""
    return key(customer, PROFILE)


def run_key(customer: str, journey: str, about: str) -> Item:
    """Where a run is."""
    return key(customer, f"RUN#{journey}#{about}")


def message_key(customer: str, message: str) -> Item:
    """Where a message is."""
    return key(customer, f"MESSAGE#{message}")


def content_key(customer: str, message: str, words: str | None = None) -> Item:
    """Where an e-mail's words are: apart, so that a change of status doesn't pay for them; `words` tells which."""
    return key(customer, f"CONTENT#{message}#{words}" if words else f"CONTENT#{message}")


def conversation_key(customer: str, thread: str) -> Item:
    """Where a conversation is."""
    return key(customer, f"CONVERSATION#{thread}")


def parent_key(customer: str, journey: str, about: str) -> Item:
    """Where the run or the conversation is that a message belongs to."""
    return conversation_key(customer, about) if journey == CONVERSATION else run_key(customer, journey, about)


def delivery_key(customer: str, order: str) -> Item:
    """Where a delivery is."""
    return key(customer, f"ORDER#{order}")


def address_key(address: str, customer: str) -> Item:
    """Where it is put down whose address it is; no customer's id has a space, so no customer lies there."""
    return key(f"ADDRESS {address}", customer)


def spent_key(what: str, day: str) -> Item:
    """Where it is counted what was spent on a day; no customer's id has a space, so no customer lies there."""
    return key(f"SPENT {what}", day)


def case_key(case: str) -> Item:
    """Where it is put down whose a case is; no customer's id has a space, so no customer lies there."""
    return key(f"CASE {case}", "CASE")


def outcome_key(customer: str, event: str) -> Item:
    """Where it is on record what came of an event; an id longer than any event's may be is cut."""
    return key(customer, f"EVENT#{event[:256]}")


def key(pk: str, sk: str) -> Item:
    """A key of the ledger."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def dumped(model: "BaseModel") -> dict[str, Any]:
    """The model as plain values, without what is at its default."""
    return model.model_dump(mode="json", exclude_defaults=True)


def customer_item(customer: Customer) -> Item:
    """The customer with the version that this write makes."""
    values = {**dumped(customer), "version": customer.version + 1}
    return {**profile_key(customer.id), **to_item({"kind": "customer", **values})}


def run_item(run: Run) -> Item:
    """The run with the version that this write makes; `wake_at` is what the dispatcher schedules by."""
    values = {**dumped(run), "version": run.version + 1, "status": run.status}
    wake_at = values["waiting"]["until"] if run.waiting else None
    return {**run_key(run.customer, *run.key), **to_item({"kind": "run", **values, "wake_at": wake_at})}


def message_item(message: Message) -> Item:
    """The message; `open` keeps it in the index of those that somebody has to see to, since `open_since`.

    Whose it is and which, its key says. Senders add to `attempts`, and are fenced by it, so it is always there.
    """
    values = {name: value for name, value in dumped(message).items() if name not in ("id", "customer")}
    values["attempts"] = message.attempts
    if message.status in OPEN:
        values |= {"open": shard(message.id), "open_since": values["due_at"]}
    return {**message_key(message.customer, message.id), **to_item({"kind": "message", **values})}


def conversation_item(conversation: "Conversation") -> Item:
    """The conversation with the version that this write makes; `due_at` is what the dispatcher tells the desk by."""
    values = {**dumped(conversation), "version": conversation.version + 1, "owner": conversation.owner}
    due_at = values["due"]["at"] if conversation.due else None
    known = to_item({"kind": "conversation", **values, "epoch": conversation.epoch, "due_at": due_at})
    return {**conversation_key(conversation.customer, conversation.thread), **known}


def delivery_item(delivery: "Delivery") -> Item:
    """The delivery with the version that this write makes."""
    values = {**dumped(delivery), "version": delivery.version + 1, "status": delivery.status}
    return {**delivery_key(delivery.customer, delivery.order), **to_item({"kind": "delivery", **values})}


def question_key(customer: str, question: "Question") -> Item:
    """Where a question is that a journey's message asked."""
    return key(customer, f"QUESTION#{question.message}")


def question_item(customer: str, question: "Question") -> Item:
    """The question."""
    return {**question_key(customer, question), **to_item({"kind": "question", **dumped(question)})}


def heard_key(thread: str, turn: str) -> Item:
    """Where it is put down that a turn was kept; no customer's id has a space, so no customer lies there."""
    return key(f"HEARD {thread}", turn)


def turn_key(turn: "Turn", thread: str) -> Item:
    """Where a turn is: behind its conversation's earlier ones."""
    return key(turn.customer, f"TURN#{thread}#{stamp(turn.at)}#{turn.id}")


def turn_item(turn: "Turn", thread: str) -> Item:
    """The turn; what a customer may write, DynamoDB can hold."""
    values = {**dumped(turn), "handled": turn.handled}
    return {**turn_key(turn, thread), **to_item({"kind": "turn", "thread": thread, **values})}


def step_item(customer: str, thread: str, step: "Step", version: int, place: int) -> Item:
    """One change of who has the conversation; version and place tell it from others of that moment."""
    where = key(customer, f"STEP#{thread}#{stamp(step.at)}#{version:08}#{place}")
    return {**where, **to_item({"kind": "step", "thread": thread, **dumped(step)})}


def telling_item(event: "Event", *, out: bool) -> Item:
    """An event that we tell: the journeys, or with `out` the company's own systems."""
    where = key(event.customer, f"TELLING#{event.id}")
    return {**where, **to_item({"kind": "telling", "out": out, **event.model_dump(mode="json")})}


def stamp(moment: datetime) -> str:
    """The moment, so that texts compare as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def shard(message: str) -> str:
    """The part of the open index that the message is in."""
    return str(sum(message.encode()) % SHARDS)


def read_customer(item: Item | None, customer: str) -> Customer:
    """The customer, or one of whom nothing is known."""
    return located(Customer.model_validate(from_item(item))) if item else Customer(id=customer)


def located(customer: Customer) -> Customer:
    """The customer with the country of each number: what was put down by an older version doesn't say it."""
    if all(address.country or address.channel is not Channel.SMS for address in customer.addresses):
        return customer
    # It takes 50 ms to import, and is seldom needed.
    from rapport.adapters.phone_numbers import country_of

    addresses = tuple(
        address.model_copy(update={"country": address.country or country_of(address.value)})
        if address.channel is Channel.SMS
        else address
        for address in customer.addresses
    )
    return customer.model_copy(update={"addresses": addresses})


def read_run(item: Item) -> Run:
    """The run."""
    return Run.model_validate(from_item(item))


def read_message(item: Item) -> Message:
    """The message."""
    customer, message = whose(item)
    return Message.model_validate({**from_item(item), "id": message, "customer": customer})


def whose(item: Mapping[str, Any]) -> tuple[str, str]:
    """Customer and id of a message, from its key."""
    return item["pk"]["S"], item["sk"]["S"].removeprefix("MESSAGE#")
