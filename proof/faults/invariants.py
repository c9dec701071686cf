"""What must hold whatever befell: judged from what carriers took and what the ledger wrote, by none of its own rules."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple

from local.desk import Desk
from proof.faults.books import Books, Told
from proof.faults.stage import YES, Stage
from rapport.domain.conversation import CONVERSATION
from rapport.domain.message import RANK, Status
from rapport.domain.words import Purpose

CLOCKS: Final = timedelta(minutes=10)  # how far two clocks may be apart, of which each is wrong by five minutes
LEASE: Final = timedelta(seconds=60)
LONGEST_BACKOFF: Final = timedelta(minutes=15)
UNSENT: Final = (Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.SKIPPED)
SETTLED: Final = (*UNSENT, Status.SENT, Status.DELIVERED)
OF_THE_HAND_OVER: Final = ("handed-over", "still-waiting", "a-person")
READ_BACK: Final = "Is that right?"


class Violation(NamedTuple):
    """A rule that was broken, by which message, event or customer, and how."""

    rule: str
    about: str
    how: str


@dataclass
class Judgement:
    """What was found."""

    messages: int
    doubts: int
    doubles: int
    violations: list[Violation] = field(default_factory=list)


def judge(stage: Stage, letters: int) -> Judgement:
    """All rules, over one run that has come to rest with so many dead letters left."""
    books = Books(stage, letters)
    told = books.told.values()
    return Judgement(
        messages=len(books.told),
        doubts=sum(each.message.doubts for each in told),
        doubles=sum(len(each.taken()) > 1 for each in told),
        violations=[Violation(rule, *found) for rule, check in RULES.items() for found in check(books)],
    )


Found = Iterator[tuple[str, str]]


def every_event_is_on_record(books: Books) -> Found:
    """With an outcome, and with all the messages that it names."""
    for event in books.stage.events:
        writes = books.history.written.get((event["customer"], f"EVENT#{event['id']}"))
        outcome = writes[-1].image if writes else {}
        if outcome.get("outcome") != "planned":
            yield event["id"], f"{event['type']}: {outcome.get('outcome', 'nothing')} on record"
        for message in outcome.get("messages", []):
            if message not in books.told:
                yield event["id"], f"its message {message} is not on record"


def nothing_is_stuck(books: Books) -> Found:
    """No message, run, conversation, text, news or dead letter waits for what will never come."""
    now = books.world.now.isoformat().replace("+00:00", "Z")
    for told in books.told.values():
        if told.message.status in (Status.QUEUED, Status.SENDING):
            yield told.message.id, f"{told.message.status} for good"
    for key, writes in books.history.written.items():
        image = writes[-1].image
        if image.get("kind") == "run" and image.get("wake_at") and image["wake_at"] <= now:
            yield " ".join(key), f"waits since {image['wake_at']}"
        if image.get("kind") == "conversation" and image.get("due_at") and image["due_at"] <= now:
            yield " ".join(key), f"the desk isn't told since {image['due_at']}"
        if image.get("kind") == "turn" and not image["handled"]:
            yield " ".join(key), "a text that nothing came of"
        if image.get("kind") == "telling" and not is_told(books, image["customer"], image["id"], out=image["out"]):
            yield " ".join(key), "news that was not told"
    if books.letters:
        yield "dead letters", f"{books.letters} come back each time"


def is_told(books: Books, customer: str, event: str, *, out: bool) -> bool:
    """Whether news reached the bus, or the planner."""
    if out:
        return any(each["id"] == event for each in books.world.wire.told)
    return books.in_force_from(customer, event) is not None


def every_text_is_heard(books: Books) -> Found:
    """Each text that was written was kept and seen to."""
    for text in books.stage.texts:
        if books.seen_to(text.customer, text.turn) is None:
            yield text.turn, f"{text.customer} wrote and nothing came of it"


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


def ends_for_a_cause(books: Books) -> Found:
    """Nothing fails but where the carrier says so, expires before its time, or is unknown without a doubt."""
    for told in books.told.values():
        message, last = told.message, told.writes[-1]
        if message.status in (Status.FAILED, Status.SUPPRESSED) and not bounces(books, told):
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
            if old["status"] in SETTLED and RANK[Status(new["status"])] < RANK[Status(old["status"])]:
                if not old.get("soft"):
                    yield told.message.id, f"from {old['status']} to {new['status']}"
            if new.get("doubts", 0) < old.get("doubts", 0):
                yield told.message.id, "a doubt was forgotten"


def only_with_consent(books: Books) -> Found:
    """Nothing is handed over when the customer's last word, at the sender's last look, was no."""
    words = {customer: books.words(customer) for customer in books.by_address.values()}
    for told in books.told.values():
        message = told.message
        if message.purpose is Purpose.NOTICE:
            continue
        for request in told.requests:
            until = books.decided_at(told, request)
            said = [
                word
                for word in words[message.customer]
                if word.position <= until and word.channel == message.channel and word.purpose in ("*", message.purpose)
            ]
            last = max(said, key=lambda word: (word.at, not word.given), default=None)
            if last is not None and not last.given:
                yield message.id, f"handed over though they had said no at {last.at:%a %H:%M:%S}"
            elif last is None and message.purpose is Purpose.PROMOTIONAL:
                yield message.id, "an offer to somebody who never agreed"


def within_the_caps(books: Books) -> Found:
    """Of what carriers took, no more in any stretch than a cap allows, as far as clocks can tell."""
    for customer in books.by_address.values():
        theirs = [each for each in books.told.values() if each.message.customer == customer and each.taken()]
        for cap in books.policy.caps:
            times = sorted(each.taken()[0].at for each in theirs if each.message.purpose in cap.purposes)
            for first, last in zip(times, times[cap.at_most :], strict=False):
                if last - first < cap.every - CLOCKS:
                    yield customer, f"more than {cap.at_most} {'/'.join(cap.purposes)} in {cap.every}"


def not_after_its_time(books: Books) -> Found:
    """Nothing is handed over that is no longer worth saying, or whose reason to be said is gone."""
    for told in books.told.values():
        message = told.message
        for request in told.requests:
            if request.at > message.expires_at + CLOCKS:
                yield message.id, "handed over after it had expired"
            if over := over_by(books, told, books.decided_at(told, request)):
                yield message.id, f"handed over after {over}"


def over_by(books: Books, told: Told, position: int) -> str | None:
    """The event by which the message's run was over, later than the one that it began with and planned by then."""
    message = told.message
    if message.journey == CONVERSATION:
        return None
    journey = books.journeys[message.journey]
    name = journey.about.removeprefix("event.data.")
    about = [each for each in books.stage.events if each["customer"] == message.customer]
    about = [each for each in about if str(each["data"].get(name)) == message.about]
    began = next((each["at"] for each in about if each["id"] == message.entry), None)
    for event in about:
        if began and event["type"] in journey.exit and event["id"] != message.entry and event["at"] > began:
            planned = books.in_force_from(message.customer, event["id"])
            if planned is not None and planned <= position:
                return str(event["type"])
    return None


def the_bot_is_silent_while_a_person_has_it(books: Books) -> Found:
    """No answer of the bot's is made, or handed over, while a person has the conversation or has had it since."""
    for told in books.told.values():
        message = told.message
        if message.journey != CONVERSATION or message.purpose is Purpose.NOTICE:
            continue
        if any(name in message.template for name in OF_THE_HAND_OVER[2:]):
            continue
        key = message.customer, f"CONVERSATION#{message.about}"
        first = told.writes[0].position
        then = books.history.at(key, first + 2) or {}  # the transaction's own write may stand just behind
        if then.get("owner") != "bot" and not any(name in message.template for name in OF_THE_HAND_OVER):
            yield message.id, f"{message.template}: said while it was with a person"
        for request in told.requests:
            now = books.history.at(key, books.decided_at(told, request)) or {}
            if message.entry and str(now.get("epoch")) != message.entry:
                yield message.id, f"{message.template}: handed over though the bot had lost it"


def nothing_moves_without_a_yes(books: Books) -> Found:
    """A destination changes only to a place that was read back, by a yes that was written after that arrived."""
    for told in books.world.wire.told:
        place, customer = told["data"].get("destination"), told["customer"]
        if told["type"] != "delivery.destination-changed" or place is None:
            continue
        number = books.stage.numbers[customer]
        read_back = [
            each.at
            for each in books.world.journal.hand_overs
            if each.to == number and each.carrier_id and place in each.text and READ_BACK in each.text
        ]
        yes = [each.at for each in books.stage.texts if (each.customer, each.body) == (customer, YES)]
        if not any(asked <= said for asked in read_back for said in yes):
            yield customer, "a delivery was moved, and they had not said yes to the place"


def people_are_told(books: Books) -> Found:
    """Of every conversation that a person was to have, the desk heard."""
    desk = Desk(books.world)
    for (customer, _), writes in books.history.of_kind("step").items():
        if writes[-1].image["to"] == "waiting" and not desk.mails(customer):
            yield customer, "a person was promised and nobody was told"


RULES: Final[dict[str, Callable[[Books], Found]]] = {
    check.__name__: check
    for check in (
        every_event_is_on_record,
        nothing_is_stuck,
        every_text_is_heard,
        at_most_once,
        claimed_before_it_is_sent,
        sent_means_accepted,
        accepted_is_never_unsent,
        ends_for_a_cause,
        never_down_the_ladder,
        only_with_consent,
        within_the_caps,
        not_after_its_time,
        the_bot_is_silent_while_a_person_has_it,
        nothing_moves_without_a_yes,
        people_are_told,
    )
}
