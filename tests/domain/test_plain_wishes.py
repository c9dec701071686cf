"""STOP, START, HELP and a person always work: whoever has the conversation, and whatever was asked."""

from dataclasses import replace

import pytest

from rapport.domain.conversation import Owner, Question
from rapport.domain.customer import Consent
from rapport.domain.destination import CONFIRM, WHERE, WHICH
from rapport.domain.dialogue import Understood
from rapport.domain.plain_wishes import MEANT_STOP
from rapport.domain.talk import WHICH_QUESTION, converse
from rapport.domain.words import Channel, Purpose
from tests.domain.builders import DAY, NOON, PHONE, WANTS_OFFERS, ada, email, phone
from tests.domain.scenes import (
    HOUR,
    MINUTE,
    Talk,
    a_conversation,
    a_scene,
    a_turn,
    checked_in,
    reminded,
    talk,
    understood,
)

ASKED = [
    None,
    Question(asks=CONFIRM, asked_at=NOON, about="42", place="next door", version=0),
    Question(asks=WHERE, asked_at=NOON, about="42"),
    Question(asks=WHICH, asked_at=NOON, options=("42",), reading="next door"),
    Question(asks=MEANT_STOP, asked_at=NOON),
    Question(asks=WHICH_QUESTION, asked_at=NOON, options=("m-check-in",), reading="yes"),
]
SMS, OFFERS = Channel.SMS, Purpose.PROMOTIONAL


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.asks if asked else "nothing")
@pytest.mark.parametrize("owner", list(Owner))
def test_stop_start_help_and_a_person_work_whoever_has_it_and_whatever_was_asked(
    owner: Owner, asked: Question | None
) -> None:
    conversation = a_conversation(owner=owner, asked=asked)
    scene = a_scene(conversation=conversation, questions=(reminded(), checked_in()))
    stopped = Talk(scene)
    assert stopped.text("STOP") == ["stopped"]
    assert stopped.scene.customer.has_stopped(SMS)
    assert (stopped.scene.questions, stopped.scene.conversation.asked) == ((), None)
    assert stopped.owner is owner
    assert stopped.text("START") == ["started"]
    assert not stopped.scene.customer.has_stopped(SMS)
    assert Talk(scene).text("HELP") == ["help"]
    person = Talk(scene)
    assert person.text("can I talk to a person") == (["handed-over"] if owner is Owner.BOT else [])
    assert person.owner is (Owner.WAITING if owner is Owner.BOT else owner)
    assert person.scene.customer.human_owns
    assert person.scene.conversation.due


def test_stop_and_start_are_notices_that_go_out_to_who_has_stopped() -> None:
    ada_ = talk()
    for text in ("STOP", "START", "HELP"):
        ada_.text(text)
        assert [saying.purpose for saying in ada_.last.says] == [Purpose.NOTICE]


def test_stop_is_confirmed_once() -> None:
    ada_ = talk()
    assert ada_.text("STOP") == ["stopped"]
    assert ada_.text("stop!!") == []
    assert ada_.scene.customer.has_stopped(SMS)


def test_start_takes_back_stop_and_no_more() -> None:
    ada_ = talk()
    ada_.text("STOP")
    assert ada_.text("START") == ["started"]
    assert ada_.scene.customer.consent(SMS, OFFERS) is None
    assert ada_.text("START", after=HOUR) == []
    no_offers = Consent(channel=SMS, purpose=OFFERS, given=False, at=NOON - DAY)
    refusing = talk(customer=ada(consents=(no_offers,)))
    refusing.text("STOP")
    refusing.text("START")
    assert refusing.scene.customer.consents == (no_offers,)
    wanting = talk(customer=ada(consents=(WANTS_OFFERS,)))
    wanting.text("STOP")
    wanting.text("START")
    assert wanting.scene.customer.consents == (WANTS_OFFERS,)


def test_start_opens_a_number_that_its_owner_had_opted_out_of_and_no_other() -> None:
    def closed(why: str) -> Talk:
        customer = ada(addresses=(phone(PHONE, why), email()), closed={PHONE: why})
        return talk(customer=customer)

    opted_out, dead = closed("opted out"), closed("no such number")
    assert opted_out.text("START") == ["started"]
    assert opted_out.scene.customer.addresses_on(SMS)[0].suppressed is None
    assert dead.text("START") == []
    assert dead.scene.customer.addresses_on(SMS)[0].suppressed == "no such number"


def test_who_may_have_meant_stop_is_asked_once_and_the_second_time_means_it() -> None:
    ada_ = talk()
    assert ada_.text("don't text me at night") == ["did-you-mean-stop"]
    assert ada_.text("no") == ["not-stopped"]
    assert not ada_.scene.customer.has_stopped(SMS)
    assert ada_.text("don't text me at night!", after=DAY) == ["stopped"]
    assert ada_.scene.customer.has_stopped(SMS)


def test_a_yes_to_whether_they_meant_stop_stops_and_a_month_later_they_are_asked_again() -> None:
    ada_ = talk()
    ada_.text("don't text me at night")
    assert ada_.text("yes") == ["stopped"]
    later = talk()
    later.text("don't text me at night")
    later.text("no")
    assert later.text("don't text me at night", after=31 * DAY) == ["did-you-mean-stop"]


def test_a_yes_after_a_check_in_since_is_asked_about_again_and_stops_nothing() -> None:
    ada_ = talk()
    ada_.text("don't text me at night")
    ada_.scene = replace(ada_.scene, questions=(checked_in(at=ada_.scene.now + HOUR),))
    assert ada_.text("yes", after=2 * HOUR) == ["did-you-mean-stop"]
    assert not ada_.scene.customer.has_stopped(SMS)
    assert ada_.text("yes") == ["stopped"]


def test_in_a_chat_they_work_too_since_who_chats_may_get_texts() -> None:
    ada_ = Talk(a_scene(conversation=a_conversation(channel="chat", address="c-1")))
    for text, name in (("STOP", "stopped"), ("START", "started"), ("HELP", "help"), ("a human please", "handed-over")):
        now = ada_.scene.now + MINUTE
        ada_.scene = replace(ada_.scene, now=now)
        answer = converse(a_turn(text, now, channel="chat", address="c-1"), ada_.scene)
        assert answer
        assert [saying.name for saying in answer.says] == [name]
        ada_.keep(answer)


def test_stop_is_confirmed_whatever_was_said_just_before() -> None:
    ada_ = talk()
    assert ada_.text("thanks", understood("Thanks")) == ["welcome"]
    assert ada_.text("STOP") == ["stopped"]


def test_stop_outdoes_a_consent_that_is_on_record_as_given_a_moment_later() -> None:
    later = Consent(channel=SMS, purpose=OFFERS, given=True, at=NOON + HOUR, source="form")
    ada_ = talk(customer=ada(consents=(later,)))
    ada_.text("STOP")
    told = ada_.scene.customer.consent(SMS, OFFERS)
    assert told
    assert not told.given


def test_a_stop_that_only_the_chatbot_heard_is_asked_about_once_and_never_taken_for_granted() -> None:
    ada_ = talk()
    heard = Understood(intent="StopTexting", score=0.95)
    assert ada_.text("my phone could do with some rest", heard) == ["did-you-mean-stop"]
    assert ada_.text("no") == ["not-stopped"]
    assert ada_.text("my phone could still do with some rest", heard) == ["not-understood"]
    assert not ada_.scene.customer.has_stopped(SMS)
    ada_.text("we get off at the last one", Understood(intent="StopTexting", score=0.8))
    assert ada_.last.because == "to a person: 2 misses in a row: understood as StopTexting"


def test_a_start_that_was_written_before_the_stop_takes_nothing_back() -> None:
    ada_ = talk()
    ada_.text("STOP", after=HOUR)
    late = converse(a_turn("START", NOON + MINUTE), ada_.scene)
    assert late
    assert (late.says, late.customer) == ((), None)


def test_a_no_from_elsewhere_at_the_very_moment_of_start_stays_and_a_stop_by_text_was_before_it() -> None:
    elsewhere = Consent(channel=SMS, purpose="*", given=False, at=NOON, source="the account page")
    refusing = talk(customer=ada(consents=(elsewhere,)))
    late = converse(a_turn("START", NOON), refusing.scene)
    assert late
    assert (late.says, late.customer) == ((), None)
    texting = talk(customer=ada(consents=(elsewhere.model_copy(update={"source": "STOP by text"}),)))
    again = converse(a_turn("START", NOON), texting.scene)
    assert again
    assert again.customer
    assert not again.customer.has_stopped(SMS)


def test_a_yes_of_much_later_stops_nothing() -> None:
    ada_ = talk()
    assert ada_.text("sick of these texts") == ["did-you-mean-stop"]
    assert ada_.text("yes", after=20 * DAY) == ["did-you-mean-stop"]
    assert not ada_.scene.customer.has_stopped(SMS)
    assert ada_.text("yes") == ["stopped"]


def test_who_asks_to_hear_of_an_item_gives_leave_anew_after_having_taken_it_back() -> None:
    taken_back = Consent(channel=SMS, purpose=OFFERS, given=False, at=NOON - DAY, source="form")
    ada_ = talk(customer=ada(consents=(taken_back,)))
    ada_.text("tell me when the teapot is back", Understood(intent="BackInStock", score=0.9, slots={"Item": "teapot"}))
    leave = ada_.scene.customer.consent(SMS, OFFERS)
    assert leave
    assert leave.given
