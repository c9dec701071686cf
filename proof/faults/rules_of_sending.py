"""What must hold of sending, judged from what carriers took and what the ledger wrote, by none of its own rules."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from typing import Final

from proof.faults.books import Books, Told
from proof.faults.faults import Kind
from rapport.domain.message import RANK, Status
from rapport.domain.words import Channel, Purpose

CLOCKS: Final = timedelta(minutes=10)  # how far two clocks may be apart, of which each is wrong by five minutes
LEASE: Final = timedelta(seconds=60)
LONGEST_BACKOFF: Final = timedelta(minutes=15)
UNSENT: Final = (Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.SKIPPED)
SETTLED: Final = (*UNSENT, Status.SENT, Status.DELIVERED)
ONE_SEGMENT: Final = 160  # characters, at the most; 153 in each of several
OF_SEVERAL: Final = 153
SENDERS: Final = ("send_sms", "send_email")
NO_DOUBT: Final = (Kind.THROTTLED, Kind.CONFLICT, Kind.UNREACHED, Kind.WITHDRAWN, Kind.REDELIVERED)
OUTAGES: Final = (Kind.WRITES_FAIL, Kind.READS_FAIL)
Found = Iterator[tuple[str, str]]


def at_most_once(books: Books) -> Found:
    """What may not come twice never does; what may comes twice at most, and then it is on record that it may have."""
    for told in books.told.values():
        message, times = told.message, len(told.taken())
        again = books.policy.purposes[message.purpose].on_doubt == "send-again"
        if times > (2 if again else 1):
            yield message.id, f"{message.purpose} message taken {times} times"
        elif times > 1 and not (message.doubts and message.possible_duplicate):
            yield message.id, "taken twice, and no doubt on record"


def claimed_before_it_is_sent(books: Books) -> Found:
    """One request for each claim, made while its lease runs."""
    for request in books.unclaimed:
        yield request.to, "handed to its carrier without a claim"
    for told in books.told.values():
        seen: set[int] = set()
        for request in told.requests:
            claim = told.claim_of(request)
            if claim is None:
                yield told.message.id, "handed to its carrier without a claim"
            elif claim.position in seen:
                yield told.message.id, "handed to its carrier twice under one claim"
            elif request.at - claim.at > LEASE:
                yield told.message.id, f"handed to its carrier {request.at - claim.at} after its claim"
            seen.add(claim.position if claim else 0)


def sent_means_accepted(books: Books) -> Found:
    """What is on record as sent was taken by the carrier, under the id on record."""
    for told in books.told.values():
        message = told.message
        if message.channel is None or message.status not in (Status.SENT, Status.DELIVERED):
            continue
        if not told.taken():
            yield message.id, f"{message.status}, and no carrier took it"
        elif message.carrier_id not in {each.carrier_id for each in told.taken()}:
            yield message.id, "under an id that no carrier gave it"


def accepted_is_never_unsent(books: Books) -> Found:
    """What a carrier took never ends as if it had not been sent, unless the carrier itself says that it failed."""
    for told in books.told.values():
        if told.taken() and told.message.status in UNSENT and not bounces(books, told):
            yield told.message.id, f"taken, and {told.message.status}"


def bounces(books: Books, told: Told) -> bool:
    """Whether the carrier says of its address that nothing arrives there."""
    return told.message.address in books.world.carriers.bounces


def was_refused(books: Books, told: Told) -> bool:
    """Whether it failed while the carrier refused its address, as far as clocks can tell."""
    failed_at = next((each.at for each in told.writes if each.image["status"] == Status.FAILED), None)
    refusing = [each for each in books.world.carriers.outages if each.behaviour == "refuses"]
    return failed_at is not None and any(
        each.address == told.message.address and each.begins - CLOCKS / 2 <= failed_at < each.ends + CLOCKS / 2
        for each in refusing
    )


def ends_for_a_cause(books: Books) -> Found:
    """Nothing fails but where the carrier says so, expires before its time, or is unknown without a doubt."""
    for told in books.told.values():
        message, last = told.message, told.writes[-1]
        refused = bounces(books, told) or was_refused(books, told)
        if message.status in (Status.FAILED, Status.SUPPRESSED) and not refused:
            yield message.id, f"{message.status}: {message.detail}"
        if message.status is Status.UNKNOWN and not message.doubts:
            yield message.id, "unknown without a doubt on record"
        if message.status is Status.EXPIRED and last.at < message.expires_at - LONGEST_BACKOFF - CLOCKS:
            yield message.id, f"expired {message.expires_at - last.at} before its time"


def never_down_the_ladder(books: Books) -> Found:
    """What is settled stays so, except that a soft failure may still be delivered; doubts are never forgotten."""
    for told in books.told.values():
        for before, after in zip(told.writes, told.writes[1:], strict=False):
            old, new = before.image, after.image
            lower = RANK[Status(new["status"])] < RANK[Status(old["status"])]
            if lower and old["status"] in SETTLED and not old.get("soft"):
                yield told.message.id, f"from {old['status']} to {new['status']}"
            if new.get("doubts", 0) < old.get("doubts", 0):
                yield told.message.id, "a doubt was forgotten"


def doubts_have_a_cause(books: Books) -> Found:
    """Where no sender was cut off, held up, left without an answer or shown a wrong clock, there is no doubt.

    While DynamoDB is out of order it holds up senders too, whichever function was the first to see it.
    """
    causes = [
        each
        for each in books.world.faults.befell
        if each.kind in OUTAGES or (each.site.function in SENDERS and each.kind not in NO_DOUBT)
    ]
    for told in books.told.values():
        if told.message.doubts and not causes:
            yield told.message.id, f"in doubt for no reason: {told.message.detail}"


def every_doubt_is_on_record(books: Books) -> Found:
    """A text whose sender got no answer is in doubt, as often as that was so: no receipt can find it."""
    for told in books.told.values():
        unanswered = sum(not each.answered for each in told.requests)
        if told.message.channel is Channel.SMS and unanswered > told.message.doubts:
            yield told.message.id, f"left without an answer {unanswered} times, {told.message.doubts} doubts on record"


def within_the_ceilings(books: Books) -> Found:
    """No number gets more segments in an hour of the clock, or a day, than its ceilings allow; notices are not bound.

    What is taken around the stroke isn't judged: whose hour it is, a sender's clock decides.
    """
    segments: Counter[tuple[str, str]] = Counter()
    for told in books.told.values():
        bound = told.message.channel is Channel.SMS and told.message.purpose is not Purpose.NOTICE
        for request in told.taken() if bound else ():
            if CLOCKS <= timedelta(minutes=request.at.minute) < timedelta(hours=1) - CLOCKS:
                for stretch in (f"{request.at:%d}", f"{request.at:%d %H}"):
                    segments[request.to, stretch] += at_least(request.text)
    ceilings = books.policy.spending.per_number
    for (number, stretch), many in segments.items():
        ceiling = ceilings.hour if " " in stretch else ceilings.day
        if many > ceiling:
            yield number, f"{many} segments on {stretch}, the ceiling is {ceiling}"


def at_least(text: str) -> int:
    """As how many segments a carrier bills the text, in whatever alphabet it is."""
    return 1 if len(text) <= ONE_SEGMENT else ceil(len(text) / OF_SEVERAL)


def not_to_a_closed_address(books: Books) -> Found:
    """Nothing is handed over for an address after it is on record that what went there bounced for good."""
    closed: dict[str, int] = {}
    for told in books.told.values():
        if bounces(books, told) and told.message.address:
            failed = [each.position for each in told.writes if each.image["status"] == Status.FAILED]
            closed[told.message.address] = min([*failed, closed.get(told.message.address, 10**9)])
    for told in books.told.values():
        for request in told.requests:
            if closed.get(request.to, 10**9) <= books.decided_at(told, request):
                yield told.message.id, "handed over for an address that bounces"
