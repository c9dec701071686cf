"""Sending is a ledger, not a try: claim, look once more, call the carrier once, and put down what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from rapport.domain.attempt import Answer, NotAccepted, Refused, freed, in_doubt, outcome
from rapport.domain.customer import Customer, Spoken
from rapport.domain.decision import Decision, Request, decide, eligible, usable
from rapport.domain.message import Content, Message, Status
from rapport.domain.policy import Policy
from rapport.domain.words import Reason

LEASE: Final = timedelta(seconds=60)  # the senders' timeout is 30 s; template.yaml and a test hold them together
SKEW: Final = timedelta(minutes=1)
MOST_LOOKS: Final = 25


class Carrier(Protocol):
    """Who takes the message from here."""

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """Makes exactly one attempt; every failure of the call is an answer."""


class MessageKey(NamedTuple):
    """Where a message and its run are in the ledger."""

    customer: str
    message: str
    journey: str
    about: str


@dataclass(frozen=True)
class Look:
    """All that the last look goes by, as read after the message was claimed."""

    content: Content
    customer: Customer
    exited_by: str | None


class ChangedError(Exception):
    """Something that was read has changed since: look again."""


class Moved(NamedTuple):
    """A message as it was, and as it is now on record."""

    before: Message
    after: Message


class SendLedger(Protocol):
    """The ledger as a sender needs it."""

    def claim(self, key: MessageKey, owner: str, *, due_by: datetime, lease_until: datetime) -> Message:
        """Makes the message its owner's, if it is queued and due by then. Raises KeyError.

        Returns it as it is on record now, whosever it is; a claim that was made before its answer got lost is ours.
        """

    def put_back(self, key: MessageKey, owner: str) -> None:
        """Undoes the owner's claim, attempt and all, if it is there. Raises ChangedError."""

    def look(self, message: Message) -> Look:
        """Reads the message's words, its customer, and whether its run is over. Raises KeyError."""

    def count(self, before: Customer, after: Customer) -> None:
        """Writes what counts towards the customer's caps, if nothing about them has changed. Raises ChangedError."""

    def settle(self, before: Message, after: Message, *, release: bool = False, suppress: str | None = None) -> None:
        """Writes `after` if the message is as it was in `before`: status, owner and attempt. Raises ChangedError.

        `release` gives back the message's place under the caps, `suppress` says why its address is closed.
        """


class ContentionError(Exception):
    """Others kept changing what was read; the queue brings the message back."""


class EarlyError(Exception):
    """Its time is about to come, and hasn't by this clock: the queue brings it back."""


def claim(key: MessageKey, owner: str, ledger: SendLedger, policy: Policy, now: datetime) -> Message | Moved | None:
    """Takes hold of the message: returns it when it is the owner's, to be delivered, else where that moved it.

    None when it moved nothing: it has been seen to, another is at it or was quicker, or it is not due. `owner` is a
    random token that fences this sender's writes. Raises KeyError, and whatever the ledger raises.
    """
    with or_put_back(key, owner, ledger):
        claimed = ledger.claim(key, owner, due_by=now + SKEW, lease_until=now + LEASE)
    if claimed.owner == owner:
        return claimed
    try:
        after = doubt_if_abandoned(claimed, ledger, policy, now)
    except ChangedError:
        return None
    return None if after is claimed else Moved(claimed, after)


def deliver(
    claimed: Message,
    seen: Look | None,
    ledger: SendLedger,
    carrier: Carrier,
    policy: Policy,
    clock: Callable[[], datetime],
) -> Moved | None:
    """Sends the claimed message if it should still be sent, once; returns where that moved it.

    `seen` is what a look since the claim has shown; without, it is looked at here. None when something was quicker,
    a receipt or another sender. Raises ContentionError, EarlyError, KeyError, and whatever the ledger raises.
    """
    key = MessageKey(claimed.customer, claimed.id, claimed.journey, claimed.about)
    message = unclaimed(claimed)
    try:
        with or_put_back(key, claimed.owner or "", ledger):
            look, decision, address = last_word(message, seen, ledger, policy, clock())
            if address is None:
                return Moved(message, refuse(message, claimed, decision, look.customer, ledger, policy))
            if address != claimed.address:
                planned, claimed = claimed, claimed.model_copy(update={"address": address})
                ledger.settle(planned, claimed)
        return Moved(message, hand_over(claimed, look.content, ledger, carrier, policy, clock))
    except ChangedError:
        return None


@contextmanager
def or_put_back(key: MessageKey, owner: str, ledger: SendLedger) -> Iterator[None]:
    """Nothing has gone out yet: what fails here leaves the message as it was, and the queue brings it back."""
    try:
        yield
    except ChangedError:
        raise
    except Exception:
        with suppress(ChangedError):
            ledger.put_back(key, owner)
        raise


def unclaimed(claimed: Message) -> Message:
    """The message as it was before somebody claimed it."""
    return freed(claimed, {"status": Status.QUEUED, "attempts": claimed.attempts - 1})


def last_word(
    message: Message, seen: Look | None, ledger: SendLedger, policy: Policy, now: datetime
) -> tuple[Look, Decision, str | None]:
    """What is decided now, and where the message goes: counted then, and nowhere if it isn't to be sent."""
    for _ in range(MOST_LOOKS):
        look, seen = seen or ledger.look(message), None
        decision = last_look(message, look, policy, now)
        only = message.answers.address if message.answers else None
        address = usable(eligible(look.customer, message.channel, only), policy) if message.channel else None
        if decision.outcome != "send" or address is None:
            return look, decision, None
        try:
            if (counted := with_count(look.customer, message, policy, now)) is not look.customer:
                ledger.count(look.customer, counted)
        except ChangedError:
            continue
        return look, decision, address.value
    raise ContentionError(f"{message.id}: what it depends on changed {MOST_LOOKS} times")


def last_look(message: Message, look: Look, policy: Policy, now: datetime) -> Decision:
    """The planner's judgement again, on what is true now, for the channel that the words were made for."""
    request = Request(
        message=message.id,
        purpose=message.purpose,
        route=(message.channel,) if message.channel else message.route,
        expires_at=message.expires_at,
        exited_by=look.exited_by,
        address=message.answers.address if message.answers else None,
        heard_at=message.answers.at if message.answers else None,
    )
    return decide(request, look.customer, look.customer.spoken, policy, now)


def refuse(
    message: Message, claimed: Message, decision: Decision, customer: Customer, ledger: SendLedger, policy: Policy
) -> Message:
    """Holds the message until its hour, or ends it with the reason; one that may have gone out ends as unknown.

    What was claimed and not tried is as it was before: no attempt is counted. Raises EarlyError for the hour that it
    is queued for already: nobody would send it on once more.
    """
    if decision.outcome == "hold" and decision.until:
        if decision.until <= message.due_at:
            raise EarlyError(decision.because)
        held = message.model_copy(update={"due_at": decision.until, "detail": f"held: {decision.because}"})
        ledger.settle(claimed, held)
        return held
    if message.doubts:
        status = Status.UNKNOWN
    else:
        status = Status.EXPIRED if decision.reason is Reason.EXPIRED else Status.SKIPPED
    ended = {"status": status, "reason": decision.reason, "detail": f"last look: {decision.because}"}
    after = message.model_copy(update=ended)
    ledger.settle(claimed, after, release=gives_back(after, policy) and message.id in customer.spoken)
    return after


def with_count(customer: Customer, message: Message, policy: Policy, now: datetime) -> Customer:
    """The customer with the message counted towards the caps, and what no cap counts any more forgotten.

    The same customer where no cap counts it, or where it is counted already.
    """
    recent = customer.spoken_since(now - policy.longest_cap())
    if not policy.capped(message.purpose) or message.id in recent:
        return customer
    return customer.model_copy(update={"spoken": {**recent, message.id: Spoken(at=now, purpose=message.purpose)}})


def hand_over(
    claimed: Message,
    content: Content,
    ledger: SendLedger,
    carrier: Carrier,
    policy: Policy,
    clock: Callable[[], datetime],
) -> Message:
    """Gives the claimed message to the carrier and puts down the answer; with half of the lease gone it doesn't call.

    Raises ChangedError when the answer came too late: a receipt was quicker, or our lease ran out.
    """
    answer: Answer = NotAccepted("half of the lease was gone before the call")
    if claimed.address and claimed.lease_until and clock() < claimed.lease_until - LEASE / 2:
        answer = carrier.send(claimed, content, claimed.address)
    after = outcome(claimed, answer, policy, clock())
    suppress = answer.why if isinstance(answer, Refused) and answer.suppress else None
    ledger.settle(claimed, after, release=gives_back(after, policy), suppress=suppress)
    return after


def doubt_if_abandoned(message: Message, ledger: SendLedger, policy: Policy, now: datetime) -> Message:
    """A message whose sender's lease ran out may have gone out or not; one that is still being sent is left alone."""
    if message.lease_until is None or now < message.lease_until:
        return message
    after = in_doubt(message, "its sender was cut off", policy, now)
    ledger.settle(message, after)
    return after


def gives_back(message: Message, policy: Policy) -> bool:
    """Whether a place that the message has under the caps is free again: it is over, and certainly not sent."""
    over = message.status in (Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.SKIPPED)
    return over and policy.capped(message.purpose)
