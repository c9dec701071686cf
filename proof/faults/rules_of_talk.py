"""What must hold of conversations: a person who has one is not talked over, and nothing moves without a yes."""

from typing import Final

from local.desk import Desk
from proof.faults.books import Books
from proof.faults.rules_of_sending import Found
from proof.faults.stage import YES
from rapport.domain.words import CONVERSATION, Purpose

OF_THE_HAND_OVER: Final = ("handed-over", "still-waiting", "a-person")
READ_BACK: Final = "Is that right?"


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
