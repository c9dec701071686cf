"""The domain alone under the same faults: deliver, reconcile and receipts on a ledger in memory, a million times."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final, cast

from proof.faults.faults import SPANS, Kind
from rapport.domain.attempt import Accepted, Answer, InDoubt, NotAccepted, Refused
from rapport.domain.customer import Customer
from rapport.domain.message import Message, Status
from rapport.domain.receipts import Receipt, after_receipt
from rapport.domain.reconciling import OVERDUE, reconcile
from rapport.domain.sending import ChangedError, MessageKey, SendLedger
from rapport.domain.words import Purpose
from tests.domain.builders import NOON, WANTS_OFFERS, a_message, a_policy, ada, said
from tests.domain.memory_ledger import MemoryLedger, claim_and_deliver

POLICY: Final = a_policy()
VISIBILITY: Final = timedelta(seconds=180)
MOST_RECEIVES: Final = 5
ROUND: Final = timedelta(minutes=5)
AT_PORTS: Final = (
    Kind.THROTTLED, Kind.UNANSWERED, Kind.REPLY_LOST, Kind.KILLED_BEFORE, Kind.KILLED_AFTER, Kind.STALLED_BEFORE,
    Kind.STALLED_AFTER, Kind.WRITES_FAIL, Kind.READS_FAIL, Kind.WITHDRAWN,
)  # fmt: skip
AT_CARRIERS: Final = (
    Kind.THROTTLED, Kind.UNREACHED, Kind.UNANSWERED, Kind.REPLY_LOST, Kind.ERROR_APPLIED, Kind.KILLED_BEFORE,
    Kind.KILLED_AFTER, Kind.STALLED_BEFORE, Kind.STALLED_AFTER, Kind.WITHDRAWN,
)  # fmt: skip
AT_RECEIPTS: Final = (Kind.LATE, Kind.TWICE, Kind.EARLY)
READS: Final = ("look",)
OF_CUSTOMERS: Final = ("look", "count")
PURPOSES: Final = (
    Purpose.SERVICE, Purpose.TRANSACTIONAL, Purpose.PROMOTIONAL, Purpose.PROMOTIONAL, Purpose.PROMOTIONAL,
)  # fmt: skip


class Killed(BaseException):  # nothing went wrong: the machine is gone
    """The worker stops here, and nobody hears of it."""


class PortError(Exception):
    """A call that failed, applied or not."""


@dataclass
class Taken:
    """A message that the carrier took: when, and how many things had happened at its sender's last look."""

    message: str
    at: datetime
    look: int
    claimed_at: datetime


@dataclass
class Worker:
    """One delivery: its clock may be wrong; `look` counts what had happened when it last knew its customer.

    `claimed_at` is when it claimed its message.
    """

    skew: timedelta = timedelta(0)
    look: int = 0
    claimed_at: datetime = NOON


class Books(MemoryLedger):
    """Tells what it wrote: each status that a message went through, and that it is queued for a time."""

    def __init__(self, *messages: Message, customer: Customer, queue: Callable[[Message], None]) -> None:
        super().__init__(*messages, customer=customer)
        self.queue = queue
        self.moves: list[tuple[Message, Message]] = []

    def swap(self, before: Message, after: Message) -> None:
        """As ever, and the outbox hears of it. Raises ChangedError."""
        old = self.messages[before.id]
        super().swap(before, after)
        self.moves.append((old, after))
        if after.status is Status.QUEUED and (old.status, old.due_at) != (after.status, after.due_at):
            self.queue(after)


class Port:
    """The ledger as one worker reaches it: anything may befall each call, whatever it is called."""

    def __init__(self, shop: "Shop", worker: Worker) -> None:
        self.shop = shop
        self.worker = worker

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.shop.books, name)

        def befallen(*given: Any, **options: Any) -> Any:
            return self.shop.call(lambda: self.applied(name, call, given, options), writes=name not in READS)

        return befallen

    def applied(self, name: str, call: Callable[..., Any], given: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What the ledger does; a claim is a claim from then on, whether or not its sender hears of it."""
        answer = call(*given, **options)
        claims = name == "claim" and answer.owner == given[1]
        if claims:
            self.worker.claimed_at = self.shop.now
        if claims or name in OF_CUSTOMERS:
            self.worker.look = self.shop.happened + 1
        return answer


@dataclass
class Shop:
    """One customer with five messages, what befalls them, and the carrier's own books."""

    seed: int
    rate: float
    now: datetime = NOON
    agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    happened: int = 0
    withdrawn: int | None = None
    failing: tuple[bool, datetime] | None = None
    stopped: bool = False
    over: bool = False

    def __post_init__(self) -> None:
        self.rng = Random(f"pure {self.seed}")  # noqa: S311 (chance that can be played again)
        self.tickets = count()
        messages = [
            a_message(id=f"m-{number}", purpose=purpose, due_at=NOON + timedelta(minutes=self.rng.randrange(3)))
            for number, purpose in enumerate(PURPOSES)
        ]
        self.books = Books(*messages, customer=ada(consents=(WANTS_OFFERS,)), queue=self.queue)
        for message in messages:
            for _ in range(1 + (self.rng.random() < self.rate)):
                self.queue(message)

    # --- what is due

    def later(self, at: datetime, what: Callable[[], None]) -> None:
        """On the agenda."""
        heapq.heappush(self.agenda, (at, next(self.tickets), what))

    def queue(self, message: Message, received: int = 0) -> None:
        """The message is in the sender's queue until it is due; lost on its way there by chance."""
        if not self.over and not received and self.rng.random() < self.rate / 4:
            return
        self.later(max(message.due_at, self.now), lambda: self.send(message, received + 1))

    def run_until(self, moment: datetime) -> None:
        """All that is due, with the five-minute rounds that would find something."""
        while True:
            due = min((time for time in (self.next_job(), self.next_round()) if time is not None), default=None)
            if due is None or due > moment:
                self.now = max(self.now, moment)
                return
            self.now = max(self.now, due)
            if self.agenda and self.agenda[0][0] <= self.now:
                heapq.heappop(self.agenda)[2]()
            else:
                self.round()

    def next_job(self) -> datetime | None:
        """When the agenda goes on."""
        return self.agenda[0][0] if self.agenda else None

    def next_round(self) -> datetime | None:
        """The next round that would see to something; none while one that is stopped holds it up."""
        opened = [
            (message.lease_until if message.status is Status.SENDING else None) or message.due_at
            for message in self.books.messages.values()
            if message.status in (Status.QUEUED, Status.SENDING)
        ]
        if not opened:
            return None
        wanted = max(min(opened) + OVERDUE, self.now)
        return NOON + ROUND * ((wanted - NOON) // ROUND + 1)

    # --- who works

    def send(self, message: Message, received: int) -> None:
        """One delivery of the queue's to a sender of its own; one that fails comes back, five times at most."""
        worker = Worker(self.skew())
        key = MessageKey("ada", message.id, "delivery", "42")
        ledger, sender = cast("SendLedger", Port(self, worker)), f"sender-{next(self.tickets)}"
        try:
            claim_and_deliver(key, sender, ledger, Carrier(self, worker), POLICY, lambda: self.now + worker.skew)
        except (Killed, Exception):
            if received < MOST_RECEIVES:
                self.later(self.now + VISIBILITY, lambda: self.send(message, received + 1))

    def round(self) -> None:
        """The five-minute round."""
        worker = Worker(self.skew())
        for message in list(self.books.messages.values()):
            since = message.lease_until if message.status is Status.SENDING else message.due_at
            if message.status in (Status.QUEUED, Status.SENDING) and since and since + OVERDUE < self.now:
                try:
                    reconcile(message, cast("SendLedger", Port(self, worker)), POLICY, self.now + worker.skew)
                except Killed:
                    break
                except Exception:  # noqa: S112 (one that fails doesn't keep the others waiting)
                    continue
        self.now += timedelta(seconds=1)

    def receive(self, receipt: Receipt, name: str, tries: int = 0) -> None:
        """The carrier's word on a message, as record_receipts takes it down."""
        port = Port(self, Worker())
        try:
            for _ in range(10):
                before = self.books.messages[name]
                after = after_receipt(before, receipt)
                if after is before:
                    return
                try:
                    port.settle(before, after)
                    return
                except ChangedError:
                    continue
        except (Killed, PortError):
            if tries < MOST_RECEIVES:
                self.later(self.now + VISIBILITY, lambda: self.receive(receipt, name, tries + 1))

    # --- what befalls them

    def skew(self) -> timedelta:
        """How wrong a worker's clock is."""
        if self.over or self.rng.random() >= self.rate:
            return timedelta(0)
        self.faults["skew"] += 1
        return timedelta(minutes=self.rng.choice((-5, 5)))

    def fate(self, kinds: tuple[Kind, ...]) -> Kind | None:
        """What befalls a call."""
        if self.over or self.rng.random() >= self.rate:
            return None
        kind = self.rng.choice(kinds)
        self.faults[kind] += 1
        return kind

    def call(self, apply: Callable[[], Any], *, writes: bool) -> Any:
        """One call of a worker's to the ledger."""
        kind = self.fate(AT_PORTS)
        self.before(kind)
        if kind in (Kind.WRITES_FAIL, Kind.READS_FAIL):
            self.failing = kind is Kind.WRITES_FAIL, self.now + timedelta(seconds=self.rng.choice(SPANS))
        if kind in (Kind.THROTTLED, Kind.UNANSWERED) or self.is_failing(writes=writes):
            raise PortError(kind)
        answer = apply()
        self.happened += 1
        self.after(kind)
        if kind is Kind.REPLY_LOST:
            raise PortError(kind)
        return answer

    def is_failing(self, *, writes: bool) -> bool:
        """Whether the ledger takes no writes now, or answers no reads."""
        return not self.over and self.failing is not None and self.failing[0] == writes and self.now < self.failing[1]

    def before(self, kind: Kind | None) -> None:
        """What befalls a call on its way."""
        match kind:
            case Kind.KILLED_BEFORE:
                raise Killed
            case Kind.STALLED_BEFORE:
                self.stall()
            case Kind.WITHDRAWN if self.withdrawn is None:
                self.books.write(self.books.customer.with_consent(said(False, "2026-11-24")))
                self.happened += 1
                self.withdrawn = self.happened

    def after(self, kind: Kind | None) -> None:
        """What befalls a call that was applied."""
        if kind is Kind.KILLED_AFTER:
            raise Killed
        if kind is Kind.STALLED_AFTER:
            self.stall()

    def stall(self) -> None:
        """One worker stands still, and all the others go on."""
        if not self.stopped:
            self.stopped = True
            self.run_until(self.now + timedelta(seconds=self.rng.choice(SPANS)))
            self.stopped = False


@dataclass
class Carrier:
    """Takes what it is given, or not, and answers, or not."""

    shop: Shop
    worker: Worker

    def send(self, message: Message, content: object, address: str) -> Answer:
        """One attempt."""
        shop = self.shop
        kind, begun = shop.fate(AT_CARRIERS), shop.now
        look, claimed_at = self.worker.look, self.worker.claimed_at
        shop.before(kind)
        if kind in (Kind.THROTTLED, Kind.UNREACHED):
            return NotAccepted(kind)
        if kind is Kind.UNANSWERED:
            return InDoubt(kind)
        if shop.rate and shop.rng.random() < shop.rate / 20:
            return Refused("no", suppress=shop.rng.random() < 0.5)
        shop.taken.append(Taken(message.id, begun, look, claimed_at))
        name = f"c-{len(shop.taken)}"
        self.report(Receipt(carrier_id=name, at=shop.now, status=Status.DELIVERED), message.id)
        shop.after(kind)
        return InDoubt(kind) if kind in (Kind.REPLY_LOST, Kind.ERROR_APPLIED) else Accepted(name)

    def report(self, receipt: Receipt, name: str) -> None:
        """The carrier's word, a little later; or at once, late, twice, or never."""
        shop = self.shop
        kind = shop.fate(AT_RECEIPTS)
        if kind is Kind.EARLY:
            shop.receive(receipt, name)
            return
        if kind is None and shop.rng.random() < 0.5:
            return
        after = timedelta(seconds=shop.rng.choice(SPANS) if kind is Kind.LATE else 3)
        for _ in range(2 if kind is Kind.TWICE else 1):
            shop.later(shop.now + after, lambda: shop.receive(receipt, name))
