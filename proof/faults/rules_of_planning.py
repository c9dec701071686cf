"""What must hold of planning: every event has its outcome, nothing waits in vain, nobody is told against their word."""

from proof.faults.books import Books, Told
from proof.faults.rules_of_sending import CLOCKS, Found
from rapport.domain.message import Status
from rapport.domain.words import CONVERSATION, Purpose


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
        if books.seen_to(text.turn) is None:
            yield text.turn, f"{text.customer} wrote and nothing came of it"


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


def not_after_its_time(books: Books) -> Found:
    """Nothing is handed over that is no longer worth saying, or whose reason to be said is gone."""
    for told in books.told.values():
        message = told.message
        for request in told.requests:
            if request.at > message.expires_at + CLOCKS:
                yield message.id, "handed over after it had expired"
            if over := over_by(books, told, books.decided_at(told, request)):
                yield message.id, f"handed over after {over}"


def within_the_caps(books: Books) -> Found:
    """Of what carriers took, no more in any stretch than a cap allows, as far as clocks can tell."""
    for customer in books.by_address.values():
        theirs = [each for each in books.told.values() if each.message.customer == customer and each.taken()]
        for cap in books.policy.caps:
            times = sorted(each.taken()[0].at for each in theirs if each.message.purpose in cap.purposes)
            for first, last in zip(times, times[cap.at_most :], strict=False):
                if last - first < cap.every - CLOCKS:
                    yield customer, f"more than {cap.at_most} {'/'.join(cap.purposes)} in {cap.every}"


def only_with_consent(books: Books) -> Found:
    """Nothing is handed over when the customer's last word, at the sender's last look, was no."""
    words = {customer: books.words(customer) for customer in {told.message.customer for told in books.told.values()}}
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


def everyone_who_asked_hears(books: Books) -> Found:
    """Who asked in time to hear that something is back has a message about it on record, sent or not."""
    told = {(each.message.customer, each.message.about) for each in books.told.values()}
    for news in books.stage.events:
        heard = books.in_force_from(news["customer"], news["id"]) if news["type"] == "stock.back" else None
        for event in books.stage.events if heard else ():
            if event["type"] == "stock.wanted" and event["data"]["item"] == news["data"]["item"]:
                asked = books.in_force_from(event["customer"], event["id"])
                if asked and heard and asked < heard and (event["customer"], event["data"]["item"]) not in told:
                    yield event["customer"], f"was never told that the {event['data']['item']} is back"


def scheduled_once(books: Books) -> Found:
    """While a schedule waits, none like it is made."""
    ends: dict[tuple[str, str], object] = {}
    for at, asked in books.world.journal.schedules:
        when, what = asked["ScheduleExpression"], asked["Target"]["Input"]
        if f"at({at:%Y-%m-%dT%H:%M:%S})" <= when and (when, what) in ends:
            yield what, f"scheduled twice for {when}"
        ends[when, what] = at
