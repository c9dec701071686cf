"""Plays the domain's million, and judges each customer's messages by what the carrier took."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from proof.faults.invariants import Violation
from proof.faults.pure import POLICY, Shop
from proof.faults.rules_of_sending import CLOCKS, LEASE, SETTLED, UNSENT
from rapport.domain.message import RANK, Message, Status
from rapport.domain.words import Purpose

REST: Final = timedelta(days=3)


@dataclass
class Counted:
    """What was counted over many runs."""

    messages: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    doubts: int = 0
    doubles: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[int, Violation]] = field(default_factory=list)

    def add(self, other: "Counted") -> None:
        """Both together."""
        self.messages += other.messages
        self.faults += other.faults
        self.doubts += other.doubts
        self.doubles += other.doubles
        self.statuses += other.statuses
        self.violations += other.violations


def run(seeds: range, rate: float) -> Counted:
    """One customer for each seed, from the first delivery until nothing is due."""
    counted = Counted()
    for seed in seeds:
        shop = play(seed, rate)
        messages = shop.books.messages.values()
        counted.messages += len(messages)
        counted.faults += shop.faults
        counted.doubts += sum(message.doubts for message in messages)
        times = Counter(taken.message for taken in shop.taken)
        counted.doubles += sum(each > 1 for each in times.values())
        counted.statuses += Counter(str(message.status) for message in messages)
        counted.violations += [(seed, found) for found in judge(shop)]
    return counted


def play(seed: int, rate: float) -> Shop:
    """Two hours under faults, then three days in peace."""
    shop = Shop(seed, rate)
    shop.run_until(shop.now + timedelta(hours=2))
    shop.over = True
    shop.run_until(shop.now + REST)
    return shop


def judge(shop: Shop) -> Iterator[Violation]:
    """Every rule that one customer's messages break."""
    for message in shop.books.messages.values():
        for rule, how in of_one(shop, message):
            yield Violation(rule, message.id, how)
    offers = sorted(
        {each.message: each.at for each in shop.taken if purpose_of(shop, each.message) is Purpose.PROMOTIONAL}.items()
    )
    if len(offers) > POLICY.caps[0].at_most:
        yield Violation("within_the_caps", "ada", f"{len(offers)} offers in two hours")
    for before, after in shop.books.moves:
        if before.status in SETTLED and RANK[after.status] < RANK[before.status] and not before.soft:
            yield Violation("never_down_the_ladder", after.id, f"from {before.status} to {after.status}")
        if after.doubts < before.doubts:
            yield Violation("never_down_the_ladder", after.id, "a doubt was forgotten")


def purpose_of(shop: Shop, message: str) -> Purpose:
    """What the message is for."""
    return shop.books.messages[message].purpose


def of_one(shop: Shop, message: Message) -> Iterator[tuple[str, str]]:
    """Every rule that the message breaks, and how."""
    taken = [each for each in shop.taken if each.message == message.id]
    yield from of_its_end(message, bool(taken))
    again = POLICY.purposes[message.purpose].on_doubt == "send-again"
    if len(taken) > (2 if again else 1):
        yield "at_most_once", f"{message.purpose} message taken {len(taken)} times"
    elif len(taken) > 1 and not (message.doubts and message.possible_duplicate):
        yield "at_most_once", "taken twice, and no doubt on record"
    for each in taken:
        if shop.withdrawn is not None and each.look >= shop.withdrawn:
            yield "only_with_consent", "handed over after they had said no"
        if each.at > message.expires_at + CLOCKS:
            yield "not_after_its_time", "handed over after it had expired"
        if each.at - each.claimed_at > LEASE:
            yield "claimed_before_it_is_sent", f"handed over {each.at - each.claimed_at} after its claim"


def of_its_end(message: Message, taken: bool) -> Iterator[tuple[str, str]]:
    """Every rule that its last status breaks."""
    status = message.status
    if status in (Status.QUEUED, Status.SENDING):
        yield "nothing_is_stuck", f"{status} for good"
    if status in (Status.SENT, Status.DELIVERED) and not taken:
        yield "sent_means_accepted", f"{status}, and no carrier took it"
    if status in UNSENT and taken:
        yield "accepted_is_never_unsent", f"taken, and {status}"
    if status is Status.UNKNOWN and not message.doubts:
        yield "ends_for_a_cause", "unknown without a doubt on record"
    if status in (Status.FAILED, Status.SUPPRESSED) and message.detail != "no":
        yield "ends_for_a_cause", f"{status}: {message.detail}"


def replay(seed: int, rate: float) -> str:
    """What one customer's messages went through, for whoever looks for the cause."""
    shop = play(seed, rate)
    lines = [f"{old.id} {old.status} -> {new.status} ({new.detail})" for old, new in shop.books.moves]
    lines += [f"{each.message} taken at {each.at:%H:%M:%S}" for each in shop.taken]
    return "\n".join(lines)
