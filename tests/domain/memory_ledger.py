"""A ledger in memory that keeps a SendLedger's promises, and carriers that answer as they are told."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.domain.attempt import Accepted, Answer
from rapport.domain.customer import Customer
from rapport.domain.message import Content, Message, Status
from rapport.domain.policy import Policy
from rapport.domain.sending import Carrier, ChangedError, Look, MessageKey, Moved, SendLedger, claim, deliver
from tests.domain.builders import NOON, a_policy, ada

WORDS = Content(text="Your parcel comes tomorrow.")


class MemoryLedger:
    """Compares and swaps; others do what is `claimed` between claim and look, `meanwhile` between look and count."""

    def __init__(self, *messages: Message, customer: Customer | None = None, exited_by: str | None = None) -> None:
        self.messages = {message.id: message for message in messages}
        self.customer = customer or ada()
        self.exited_by = exited_by
        self.meanwhile: Callable[[], None] = lambda: None
        self.claimed: Callable[[], None] = lambda: None
        self.looks = 0

    def claim(self, key: MessageKey, owner: str, *, due_by: datetime, lease_until: datetime) -> Message:
        """The message as it is now: its owner's, if it was queued and due. Raises KeyError."""
        before = self.messages[key.message]
        if before.status is Status.QUEUED and before.due_at <= due_by:
            lease = {"owner": owner, "lease_until": lease_until, "attempts": before.attempts + 1}
            self.swap(before, before.model_copy(update={"status": Status.SENDING, **lease}))
        return self.messages[key.message]

    def put_back(self, key: MessageKey, owner: str) -> None:
        """Undoes the owner's claim. Raises ChangedError."""
        claimed = self.messages[key.message]
        if claimed.owner != owner:
            raise ChangedError(key.message)
        queued = {"status": Status.QUEUED, "owner": None, "lease_until": None, "attempts": claimed.attempts - 1}
        self.swap(claimed, claimed.model_copy(update=queued))

    def look(self, message: Message) -> Look:
        """What is on record now, before others do what they do meanwhile."""
        self.looks += 1
        self.claimed()
        look = Look(WORDS, self.customer, self.exited_by)
        self.meanwhile()
        return look

    def count(self, before: Customer, after: Customer) -> None:
        """Holds while the customer is as they were looked at. Raises ChangedError."""
        if self.customer.version != before.version:
            raise ChangedError(before.id)
        self.write(after)

    def settle(self, before: Message, after: Message, *, release: bool = False, suppress: str | None = None) -> None:
        """Holds while the message has the status, owner, attempt and hour that it had. Raises ChangedError."""
        self.swap(before, after)
        if release:
            spoken = {name: word for name, word in self.customer.spoken.items() if name != after.id}
            self.write(self.customer.model_copy(update={"spoken": spoken}))
        if suppress and after.channel and after.address:
            self.write(self.customer.suppressing(after.channel, after.address, suppress))

    def swap(self, before: Message, after: Message) -> None:
        """The message to where it is now, from where it was and from nowhere else. Raises ChangedError."""
        if fence(self.messages[before.id]) != fence(before):
            raise ChangedError(before.id)
        self.messages[after.id] = after

    def write(self, customer: Customer) -> None:
        """The customer, one version on."""
        self.customer = customer.model_copy(update={"version": self.customer.version + 1})


def fence(message: Message) -> tuple[object, ...]:
    return message.status, message.owner, message.attempts, message.due_at


class ScriptedCarrier:
    """Gives its answers one after the other, the last one for good; `during` is what happens while it is called."""

    def __init__(self, *answers: Answer) -> None:
        self.answers: Iterator[Answer] = iter(answers)
        self.answer: Answer = Accepted("c-0")
        self.calls: list[tuple[Message, Content, str]] = []
        self.during: Callable[[], None] = lambda: None

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """The next answer."""
        self.calls.append((message, content, address))
        self.during()
        self.answer = next(self.answers, self.answer)
        return self.answer


@dataclass
class Post:
    """A sender at work: its ledger, its carrier, its rules and its clock."""

    ledger: MemoryLedger
    carrier: ScriptedCarrier
    policy: Policy = field(default_factory=a_policy)
    now: datetime = NOON
    senders: int = 0

    def deliver(self, message: str = "m-1", after: timedelta = timedelta(0)) -> Message | None:
        """What one delivery of the queue's, so much later, to a sender of its own, made of the message."""
        self.now += after
        self.senders += 1
        key = MessageKey("ada", message, "delivery", "42")
        moved = claim_and_deliver(key, f"sender-{self.senders}", self.ledger, self.carrier, self.policy, self.clock)
        return moved.after if moved else None

    def clock(self) -> datetime:
        """What time it is."""
        return self.now


def claim_and_deliver(
    key: MessageKey, owner: str, ledger: SendLedger, carrier: Carrier, policy: Policy, clock: Callable[[], datetime]
) -> Moved | None:
    """One message, by a sender that has no other."""
    claimed = claim(key, owner, ledger, policy, clock())
    if isinstance(claimed, Message):
        return deliver(claimed, None, ledger, carrier, policy, clock)
    return claimed


def post(messages: Iterable[Message], *answers: Answer, customer: Customer | None = None) -> Post:
    """A sender for these messages, with a carrier that answers so."""
    return Post(MemoryLedger(*messages, customer=customer), ScriptedCarrier(*answers))
