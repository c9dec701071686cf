"""What is said in a conversation: claimed for as long as the bot has it, and void once it has lost it."""

from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.many_items import write_all
from rapport.adapters.sends import Sends
from rapport.domain.conversation import Conversation
from rapport.domain.message import Answered, Content, Message, Status
from rapport.domain.sending import ChangedError, Look
from rapport.domain.words import CONVERSATION, Purpose
from tests.domain.builders import NOON, PHONE, SECOND, a_message, ada

TALK = Conversation(customer="ada", channel="sms", address=PHONE, epoch=3)
WORDS = Content(text="Where should it go?")
CLAIM: dict[str, Any] = {"status": Status.SENDING, "owner": "me", "lease_until": NOON + SECOND, "attempts": 1}


@pytest.fixture
def sends(world: World) -> Sends:
    return Sends(world.dynamodb, world.ledger_table)


def put(sends: Sends, *lying: items.Item) -> None:
    write_all(sends.client, sends.table, [{"PutRequest": {"Item": item}} for item in lying])


def reply(**changes: Any) -> Message:
    """An answer of the bot's, as long as it has the conversation as it had it then."""
    answers = Answered(address=PHONE, at=NOON)
    whole = {"journey": CONVERSATION, "about": TALK.thread, "entry": "3", "purpose": Purpose.REPLY, "answers": answers}
    return a_message(**{**whole, **changes})


def prepare(sends: Sends, message: Message, talk: Conversation = TALK) -> None:
    """The message on record with all that belongs to it."""
    words = {**items.content_key("ada", "m-1"), **items.to_item({"kind": "content", "text": WORDS.text})}
    put(sends, items.message_item(message), words, items.customer_item(ada()), items.conversation_item(talk))


def claimed(message: Message) -> Message:
    return message.model_copy(update=CLAIM)


@pytest.mark.parametrize(
    ("entry", "epoch", "void"),
    [
        ("3", 3, None),
        ("3", 4, "a change of who has the conversation"),
        ("4", 3, "a change of who has the conversation"),
        ("0", 0, None),
        ("0", 1, "a change of who has the conversation"),
        ("", 9, None),
    ],
)
def test_what_the_bot_said_is_void_once_it_has_lost_the_conversation(
    sends: Sends, entry: str, epoch: int, void: str | None
) -> None:
    prepare(sends, reply(entry=entry), TALK.model_copy(update={"epoch": epoch}))
    assert sends.look(reply(entry=entry)) == Look(WORDS, ada(version=1), void)


def test_a_person_who_took_over_since_the_claim_keeps_it_from_being_said(sends: Sends) -> None:
    prepare(sends, reply())
    sends.settle(reply(), claimed(reply()))
    put(sends, items.conversation_item(TALK.model_copy(update={"epoch": 4})))
    assert sends.look(claimed(reply())).exited_by == "a change of who has the conversation"


def test_a_change_of_the_conversation_that_is_no_change_of_hands_does_not_matter(sends: Sends) -> None:
    prepare(sends, reply())
    put(sends, items.conversation_item(TALK.model_copy(update={"misses": 1, "version": 8})))
    assert sends.look(reply()).exited_by is None


def test_what_has_to_be_said_whoever_has_it_is_said_in_any_epoch(sends: Sends) -> None:
    prepare(sends, reply(entry="", purpose=Purpose.NOTICE))
    put(sends, items.conversation_item(TALK.model_copy(update={"epoch": 4})))
    assert sends.look(reply(entry="")).exited_by is None


@pytest.mark.parametrize("entry", ["3", ""])
def test_without_its_conversation_nothing_is_said(sends: Sends, entry: str) -> None:
    prepare(sends, reply(entry=entry))
    sends.client.delete_item(TableName=sends.table, Key=items.conversation_key("ada", TALK.thread))
    with pytest.raises(KeyError):
        sends.look(reply(entry=entry))


def test_a_word_of_stop_since_the_look_keeps_it_from_being_counted(sends: Sends) -> None:
    prepare(sends, reply())
    look = sends.look(reply())
    put(sends, items.customer_item(ada(version=1, name="whoever writes")))
    with pytest.raises(ChangedError):
        sends.count(look.customer, look.customer)
