"""A number that two customers have: STOP and START hold for both, and a talk stays with the one who began it."""

from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.domain.conversation import Conversation, Owner
from rapport.domain.customer import Customer
from rapport.domain.message import Status
from rapport.domain.words import Channel
from tests.adapters.talking import ASKED, Talk, a_text
from tests.adapters.talking import said as asking
from tests.domain.builders import NOON, PHONE, SECOND, ada, said

MINUTE = timedelta(minutes=1)


@pytest.fixture
def talk(world: World) -> Talk:
    """Ada, who was asked an hour ago where her delivery should go, and Zoe, who has the same number."""
    talk = Talk(world.dynamodb, world.ledger_table)
    talk.knows(ada(), ada(id="zoe"), asked=(ASKED,))
    return talk


def stopped(talk: Talk) -> dict[str, bool]:
    return {name: talk.customer(name).has_stopped(Channel.SMS) for name in ("ada", "zoe")}


def test_stop_holds_for_everybody_who_has_the_number_and_start_too(talk: Talk) -> None:
    talk.says("STOP")
    assert stopped(talk) == {"ada": True, "zoe": True}
    talk.says("START", at=NOON + 60 * SECOND)
    assert stopped(talk) == {"ada": False, "zoe": False}


@pytest.mark.parametrize("before", ["ada", "zoe"])
def test_stop_holds_for_the_other_too_when_one_had_said_so_before(talk: Talk, before: str) -> None:
    talk.conversations.change_customer(before, has_said_stop)
    assert stopped(talk)[before]
    talk.says("STOP")
    assert stopped(talk) == {"ada": True, "zoe": True}


@pytest.mark.parametrize("still", ["ada", "zoe"])
def test_start_holds_for_the_other_too_when_one_had_not_stopped(talk: Talk, still: str) -> None:
    talk.conversations.change_customer(still, has_said_stop)
    talk.says("START")
    assert stopped(talk) == {"ada": False, "zoe": False}


def later(talk: Talk, text: str, **more: Any) -> None:
    """A minute goes by, then the number writes again."""
    talk.now += MINUTE
    talk.says(text, **more)


def test_the_yes_is_theirs_whose_place_was_read_back_and_so_is_what_follows(talk: Talk) -> None:
    for text in ("to 12 Oak Lane", "yes", "UNDO", "thanks"):
        later(talk, text)
    assert [text for text, _ in talk.heard()] == ["to 12 Oak Lane", "yes", "UNDO", "thanks"]
    assert talk.turns("zoe") == []


def test_who_answers_a_person_is_the_one_whom_the_person_asked(talk: Talk) -> None:
    later(talk, "AGENT")
    for name in ("m-2", "m-3"):
        question = ASKED.model_copy(update={"message": name, "about": name, "asked_at": talk.now})
        message = asking(question, Status.SENT).model_copy(update={"customer": "zoe"})
        talk.put(items.question_item("zoe", question), items.message_item(message))
    later(talk, "it is about the fern")
    assert [text for text, _ in talk.heard()] == ["AGENT", "it is about the fern"]


def test_a_person_who_waits_for_an_answer_comes_before_a_question_and_a_later_word(talk: Talk) -> None:
    """Zoe's conversation is a person's since yesterday."""
    with_a_person = Conversation(customer="zoe", channel="sms", address=PHONE, owner=Owner.HUMAN)
    talk.put(items.conversation_item(with_a_person))
    later(talk, "to 12 Oak Lane")
    assert [turn.text for turn in talk.turns("zoe")] == ["to 12 Oak Lane"]


def test_the_carriers_word_on_what_is_answered_counts_first(talk: Talk) -> None:
    with_a_person = Conversation(customer="zoe", channel="sms", address=PHONE, owner=Owner.HUMAN)
    talk.put(items.conversation_item(with_a_person))
    later(talk, "to 12 Oak Lane", previousPublishedMessageId="c-m-1")
    assert [turn.text for turn in talk.turns()] == ["to 12 Oak Lane"]


def test_what_one_was_asked_today_comes_before_what_the_other_wrote_weeks_ago(talk: Talk) -> None:
    weeks_ago = NOON - timedelta(days=40)
    place = ASKED.model_copy(update={"asked_at": weeks_ago, "place": "a", "message": None})
    known: dict[str, Any] = {"customer": "zoe", "channel": "sms", "address": PHONE}
    talk.put(items.conversation_item(Conversation(**known, heard_at=weeks_ago, asked=place)))
    talk.put(items.conversation_item(Conversation(**{**known, "customer": "ada"}, heard_at=weeks_ago - MINUTE)))
    later(talk, "to 12 Oak Lane")
    assert [turn.text for turn in talk.turns()] == ["to 12 Oak Lane"]


def test_of_one_who_has_the_number_alone_no_more_is_read(talk: Talk) -> None:
    talk.conversations.questions = None  # type: ignore[method-assign, assignment]
    talk.conversations.ledger.write([talk.conversations.delete(items.address_key(PHONE, "zoe"))])
    assert talk.inbox.keep(a_text("hello"))[0] == "ada"


# --- somebody of whom nothing but the number was known


@pytest.fixture
def stranger(world: World) -> Talk:
    """Somebody wrote before the shop knew the number."""
    talk = Talk(world.dynamodb, world.ledger_table)
    talk.says("hello")
    return talk


def test_when_the_number_turns_out_to_be_a_customers_the_next_text_is_theirs(stranger: Talk) -> None:
    stranger.knows(ada())
    later(stranger, "where is my order")
    assert [turn.text for turn in stranger.turns()] == ["where is my order"]


def test_among_several_customers_the_stranger_is_not_meant_either(stranger: Talk) -> None:
    stranger.knows(ada(), ada(id="alf"))
    later(stranger, "where is my order")
    assert [turn.text for turn in stranger.turns("alf")] == ["where is my order"]


def test_an_answer_to_what_the_stranger_was_told_is_still_the_strangers(stranger: Talk) -> None:
    [told] = stranger.everything("message")
    carried = items.to_item({**told, "carrier_id": "c-9", "status": "sent"})
    stranger.put(carried)
    stranger.knows(ada())
    later(stranger, "thanks", previousPublishedMessageId="c-9")
    assert stranger.turns() == []


def test_a_stranger_is_still_known_by_the_number_when_nobody_else_has_it(stranger: Talk) -> None:
    later(stranger, "anybody there?")
    assert len({turn["customer"] for turn in stranger.everything("turn")}) == 1


def has_said_stop(customer: Customer) -> Customer:
    return customer.with_consent(said(False, "2026-11-01"))
