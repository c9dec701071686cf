"""A person one reply away: a complaint reaches one and comes back, nobody is forgotten, and nobody answers twice."""

import json
from collections.abc import Callable
from threading import Thread

import boto3
import pytest

from local.desk import NONCE, Desk
from local.sources import Mischief
from local.world import World
from rapport.adapters import items
from rapport.adapters.carriers import POOLED
from rapport.adapters.conversations import Conversations
from rapport.domain.conversation import Conversation, Owner, Step, thread_of
from rapport.domain.words import Channel
from tests.stories.people import LONDON, TOKYO, meet

ANA = "+447700900123"
KENJI = "+819012345678"
THREAD = thread_of("sms", ANA)
PERSON_COMES = "A person here will read this and write back to you."
SORRY = "We are sorry: nobody has been free to answer you yet."


@pytest.fixture
def met(world: World) -> World:
    """A Monday morning, with Ana and her kettle, which comes on Wednesday."""
    meet(world, "ana", LONDON)
    world.happens("delivery.scheduled", "ana", order="1042", due_at="2026-11-25T14:00:00+00:00", item="kettle")
    return world


def says(world: World, text: str, span: str = "1 minute") -> list[str]:
    """What Ana gets within a minute of writing this."""
    before = len(texts(world))
    world.writes(ANA, text)
    world.advance(span)
    return texts(world)[before:]


def texts(world: World, number: str = ANA) -> list[str]:
    """All the texts that went to the number."""
    return [taken.text for taken in world.carriers.taken if taken.to == number and taken.channel is Channel.SMS]


def books(world: World) -> Conversations:
    """The conversations on record."""
    return Conversations(world.dynamodb, world.ledger_table)


def conversation(world: World) -> Conversation:
    """Ana's."""
    _, found = books(world).read("ana", THREAD)
    assert found
    return found


def edges(world: World) -> list[Step]:
    """Every change of who has it."""
    return books(world).steps("ana", THREAD)


def test_a_complaint_reaches_a_person_and_comes_back(met: World) -> None:
    desk = Desk(met)
    met.run_until(met.now.replace(day=25, hour=14))
    met.happens("delivery.completed", "ana", order="1042")
    met.advance("7 days")
    [check_in] = [entry for entry in met.texts_to("ana") if entry.message.template == "check-in"]
    assert says(met, "it broke on the first day")[0].startswith(PERSON_COMES)
    assert list(met.customer("ana").troubles) == ["a complaint about 1042"]
    letter = desk.mails("ana")[-1].text
    for told in (str(check_in.text), "it broke on the first day", "an unhappy answer to a check-in", "1042 (kettle)"):
        assert told in letter
    assert desk.answer("ana", "I am sorry. A new kettle leaves today. Kim") == "Your answer is on its way."
    met.advance("1 minute")
    assert texts(met)[-1] == "I am sorry. A new kettle leaves today. Kim"
    assert met.customer("ana").human_owns is True
    assert says(met, "thank you, that is kind") == []
    assert desk.mails("ana")[-1].subject == f"[Fern & Oak] your customer has written again ({conversation(met).case})"
    assert desk.answer("ana", hand_back=True).startswith("Handed back")
    after = met.customer("ana")
    assert (after.human_owns, after.troubles) == (False, {})
    assert "a complaint about 1042" in after.settled
    assert [(step.to, step.by) for step in edges(met)] == [
        (Owner.WAITING, "bot"),
        (Owner.HUMAN, "Kim"),
        (Owner.BOT, "Kim"),
    ]
    assert met.dead_letters() == {}


def test_the_bot_says_nothing_while_a_person_has_it_but_what_always_works(met: World) -> None:
    assert says(met, "I want a person")[0].startswith(PERSON_COMES)
    for text in ("hello?", "to 12 Oak Lane", "yes", "I want a person"):
        assert says(met, text) == []
    assert Desk(met).answer("ana", "Hello Ana.") == "Your answer is on its way."
    assert texts(met)[-1] == "Hello Ana."
    assert says(met, "undo") == []
    assert says(met, "where is my kettle") == []
    assert says(met, "STOP")[0].startswith("Fern & Oak: you won't get any more texts from us.")


def test_nobody_answers_so_the_desk_is_reminded_and_the_customer_told_in_opening_hours(met: World) -> None:
    desk = Desk(met)
    met.run_until(met.now.replace(hour=17, minute=25))
    says(met, "I want a person")
    met.advance("10 hours")
    assert len(desk.mails()) == 1
    met.run_until(met.now.replace(day=24, hour=12, minute=0))
    assert [mail.at.strftime("%d %H:%M") for mail in desk.mails()] == ["23 17:25", "24 09:10"]
    assert "still waiting since Mon 23 Nov 17:25" in str(desk.mails()[-1].subject)
    told = [entry for entry in met.texts_to("ana") if str(entry.text).startswith(SORRY)]
    assert [entry.at.strftime("%d %H:%M") for entry in told] == ["24 09:55"]
    met.advance("2 days")
    assert len([text for text in texts(met) if text.startswith(SORRY)]) == 1
    assert len(desk.mails()) == 2
    assert says(met, "is anybody there?") == []
    met.advance("2 hours")
    assert [mail.at.strftime("%d %H:%M") for mail in desk.mails()][2:] == ["26 12:00", "26 12:15"]
    assert len([text for text in texts(met) if text.startswith(SORRY)]) == 2


def test_an_answer_in_time_stops_the_reminder_and_the_apology(met: World) -> None:
    desk = Desk(met)
    says(met, "I want a person")
    met.advance("10 minutes")
    desk.answer("ana", "Here I am.")
    met.advance("1 day")
    assert len(desk.mails()) == 1
    assert [text for text in texts(met) if text.startswith(SORRY)] == []


def test_who_sleeps_is_not_woken_to_hear_that_nobody_is_free(met: World) -> None:
    meet(met, "kenji", TOKYO)
    met.run_until(met.now.replace(hour=11, minute=55))  # five to nine in the evening in Tokyo
    met.writes(KENJI, "I want a person")
    met.advance("5 hours")
    assert [text for text in texts(met, KENJI) if text.startswith(SORRY)] == []
    met.run_until(met.now.replace(day=24, hour=0))
    assert len([text for text in texts(met, KENJI) if text.startswith(SORRY)]) == 1


def test_who_was_answered_by_night_does_not_hear_in_the_morning_that_nobody_was_free(met: World) -> None:
    meet(met, "kenji", TOKYO)
    met.run_until(met.now.replace(hour=11, minute=55))
    met.writes(KENJI, "I want a person")
    met.advance("5 hours")
    said = Desk(met).answer("kenji", "Kim here.")
    assert said == "It is night where the customer is: your answer goes out on Mon 23 Nov 23:05 (Europe/London)."
    met.advance("1 day")
    assert [text for text in texts(met, KENJI) if text == "Kim here." or text.startswith(SORRY)] == ["Kim here."]


def test_after_the_hand_back_the_next_turn_starts_clean(met: World) -> None:
    desk = Desk(met)
    assert says(met, "to 12 Oak Lane")[0].endswith("Is that right? Reply YES or NO.")
    says(met, "I want a person")
    desk.answer("ana", "All sorted.", hand_back=True)
    met.advance("1 minute")
    assert conversation(met).epoch == 2
    [answer] = says(met, "yes")
    assert "Done" not in answer  # the bot's question was void when the person came
    assert books(met).deliveries("ana")[0].destination is None
    assert says(met, "I want a person")[0].startswith(PERSON_COMES)
    assert len(edges(met)) == 4
    assert len({step.case for step in edges(met)}) == 2


def test_a_page_that_is_sent_again_sends_once(met: World) -> None:
    desk = Desk(met)
    says(met, "I want a person")
    nonce = NONCE.search(desk.open_case("ana")["body"])
    assert nonce
    for _ in range(3):
        desk.post(desk.token("ana"), text="It comes.", by="Kim", do="both", nonce=nonce[1])
    met.advance("5 minutes")
    assert texts(met).count("It comes.") == 1
    assert [step.to for step in edges(met)] == [Owner.WAITING, Owner.HUMAN, Owner.BOT]


def test_two_people_who_answer_at_once_are_both_heard_once(met: World) -> None:
    says(met, "I want a person")
    other = interrupting(met)
    Desk(met).answer("ana", "This is Kim.", name="Kim")
    other.join()
    met.advance("1 minute")
    assert sorted(texts(met)[1:]) == ["This is Kim.", "This is Lee."]
    assert [step.by for step in edges(met)] == ["bot", "Lee", "Kim"]
    assert conversation(met).owner is Owner.HUMAN


def interrupting(world: World) -> Thread:
    """Lee answers between the moment when Kim's answer has been read and the one when it is written."""
    done: list[str] = []

    def answer() -> None:
        done.append(Desk(world).answer("ana", "This is Lee.", name="Lee"))

    lee = Thread(target=answer)

    def before(model: object, **_: object) -> None:
        if not done and lee.ident is None and getattr(model, "name", "") == "TransactWriteItems":
            lee.start()
            lee.join()

    boto3.client("dynamodb", config=POOLED).meta.events.register_first("before-call.dynamodb.*", before)
    return lee


def test_one_hands_back_while_another_answers_and_nothing_is_lost_or_sent_by_halves(met: World) -> None:
    desk = Desk(met)
    says(met, "I want a person")
    token = desk.token("ana")
    desk.answer("ana", hand_back=True, name="Lee")
    page = desk.post(token, text="This is Kim.", by="Kim", do="send", nonce="n")
    assert "This is Kim.</textarea>" in page["body"]
    met.advance("1 minute")
    assert "This is Kim." not in texts(met)
    assert conversation(met).owner is Owner.BOT


def test_a_text_that_comes_while_an_answer_is_on_its_way_is_told_to_the_desk(met: World) -> None:
    desk = Desk(met)
    says(met, "I want a person")
    desk.answer("ana", "Here I am.")
    says(met, "one thing more")
    assert "one thing more" in desk.mails("ana")[-1].text
    assert "Kim: Here I am." in desk.mails("ana")[-1].text
    met.advance("20 minutes")
    assert "still waiting" in str(desk.mails("ana")[-1].subject)


def test_no_log_line_has_a_word_a_name_or_a_number(met: World) -> None:
    says(met, "I want a person, my umbrella broke")
    Desk(met).answer("ana", "The umbrella is on its way.", name="Kimberley")
    Desk(met).answer("ana", "All good with the umbrella.", name="Kimberley", hand_back=True)
    said = json.dumps(met.log.lines)
    assert [word for word in ("umbrella", "Kimberley", "Ana", ANA, "example.com") if word in said] == []


def test_what_the_desk_said_is_kept_with_all_else_that_was_said(met: World) -> None:
    says(met, "I want a person")
    Desk(met).answer("ana", "Here I am.")
    met.advance("1 minute")
    last = met.entries("ana")[-1]
    assert (last.message.template, last.message.status, last.text) == ("a-person", "delivered", "Here I am.")
    found = met.dynamodb.get_item(TableName=met.ledger_table, Key=items.message_key("ana", last.message.id))
    assert found["Item"]["journey"]["S"] == "conversation"


def test_what_comes_twice_and_out_of_order_says_nothing_twice(make_world: Callable[..., World]) -> None:
    world = make_world(seed=5, mischief=Mischief(duplicates=True, reordering=True))
    meet(world, "ana", LONDON)
    says(world, "I want a person")
    world.advance("3 hours")
    Desk(world).answer("ana", "Here I am.", hand_back=True)
    world.advance("1 day")
    assert [text[:20] for text in texts(world)] == [PERSON_COMES[:20], SORRY[:20], "Here I am."]
    assert conversation(world).owner is Owner.BOT
    assert world.dead_letters() == {}
