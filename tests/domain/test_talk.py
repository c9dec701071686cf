"""Whatever a customer writes gets an answer, a person, or silence for a reason; the bot never talks over a person."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.domain.advance import known_of
from rapport.domain.conversation import Owner
from rapport.domain.dialogue import Understood, facts_of, hours_at
from rapport.domain.talk import LONGEST, converse
from rapport.domain.words import Purpose
from tests.domain.builders import DAY, NOON, SECOND, ada, modest
from tests.domain.scenes import (
    CONTENT,
    DUE,
    HOUR,
    LAMP,
    LOST,
    MINUTE,
    RULES,
    a_conversation,
    a_delivery,
    a_scene,
    a_turn,
    checked_in,
    reminded,
    talk,
    understood,
)  # fmt: skip

MEANINGS = [
    None,
    LOST,
    *map(understood, ["WhereIsMyOrder", "ChangeDestination", "BackInStock", "Thanks", "Complaint", "Unheard-of"]),
]
texts = (
    st.text(max_size=300)
    | st.sampled_from(
        ["", " ", "🫖", "👍👍", "\x00", "\ud800", "yes", "no", "undo", "next door", "x" * 10_000, "stop " * 2000]
    )
    | st.text(min_size=1, max_size=20).map(lambda piece: piece * (10_000 // len(piece)))
)
owners = st.sampled_from(list(Owner))


@modest
@given(texts, st.sampled_from(MEANINGS), owners)
def test_any_text_gets_an_answer_or_is_left_to_the_chatbot(text: str, means: Any, owner: Owner) -> None:
    scene = a_scene(conversation=a_conversation(owner=owner), questions=(reminded(), checked_in()))
    answer = converse(a_turn(text), scene, means)
    assert answer or (means is None and owner is Owner.BOT)
    for saying in answer.says if answer else ():
        assert CONTENT.answer(saying.name, known_of(scene.customer), saying.facts)


@modest
@given(texts, st.sampled_from(MEANINGS), st.sampled_from([Owner.WAITING, Owner.HUMAN]))
def test_while_a_person_has_it_the_bot_says_nothing_and_the_person_is_told(text: str, means: Any, owner: Owner) -> None:
    scene = a_scene(conversation=a_conversation(owner=owner), questions=(reminded(), checked_in()))
    answer = converse(a_turn(text), scene, means)
    assert answer
    assert answer.conversation.owner is owner
    assert answer.delivery is None
    if answer.says:
        assert [(saying.name in ("stopped", "started", "help"), saying.purpose) for saying in answer.says] == [
            (True, Purpose.NOTICE)
        ]
    else:
        assert answer.conversation.due or answer.customer


def test_the_same_text_within_seconds_is_one() -> None:
    ada_ = talk(reminded())
    assert ada_.text("next door") == ["read-back"]
    assert ada_.text("Next door ", after=5 * SECOND) == []
    assert ada_.last.because == "the same text twice in a moment"
    assert ada_.text("yes", after=5 * SECOND) == ["destination-changed"]


def test_a_yes_that_comes_twice_changes_it_once() -> None:
    ada_ = talk(reminded())
    for text in ("next door", "yes", "yes"):
        ada_.text(text, after=5 * SECOND)
    assert len(ada_.scene.deliveries[0].changes) == 1


def test_two_misses_in_a_row_go_to_a_person_and_an_answer_between_them_starts_anew() -> None:
    ada_ = talk()
    assert ada_.text("flurb", LOST) == ["not-understood"]
    assert ada_.text("where is it", understood("WhereIsMyOrder")) == ["where-it-is"]
    assert ada_.text("blarg", LOST) == ["not-understood"]
    assert ada_.text("wibble", LOST) == ["handed-over"]
    assert ada_.owner is Owner.WAITING


def test_who_asks_the_same_again_had_no_answer() -> None:
    ada_ = talk()
    assert ada_.text("where is it", understood("WhereIsMyOrder")) == ["where-it-is"]
    assert ada_.text("Where is it", understood("WhereIsMyOrder"), after=2 * MINUTE) == ["not-it"]
    assert ada_.text("where is it", understood("WhereIsMyOrder"), after=2 * MINUTE) == ["handed-over"]


def test_the_same_question_the_next_day_is_a_new_one() -> None:
    ada_ = talk()
    ada_.text("where is it", understood("WhereIsMyOrder"))
    assert ada_.text("where is it", understood("WhereIsMyOrder"), after=DAY) == ["where-it-is"]


def test_no_that_is_not_it_counts_against_us() -> None:
    ada_ = talk()
    ada_.text("where is it", understood("WhereIsMyOrder"))
    assert ada_.text("no, that's not it") == ["not-it"]
    assert ada_.text("that doesn't help") == ["handed-over"]


def test_thanks_twice_is_answered_once() -> None:
    ada_ = talk()
    assert ada_.text("thanks", understood("Thanks")) == ["welcome"]
    assert ada_.text("thank you so much", understood("Thanks")) == []
    assert ada_.text("thanks!!", understood("Thanks")) == []
    assert ada_.text("thanks again", understood("Thanks"), after=HOUR) == ["welcome"]


def test_too_long_a_text_is_said_to_be_and_the_second_goes_to_a_person() -> None:
    ada_ = talk()
    assert ada_.text("x" * (LONGEST + 1)) == ["too-long"]
    assert ada_.text("y" * (LONGEST + 1)) == ["handed-over"]


def test_what_is_hardly_understood_counts_as_not_understood() -> None:
    hardly = understood("WhereIsMyOrder").model_copy(update={"score": 0.3})
    assert talk().text("weird is my odour", hardly) == ["not-understood"]


def test_a_complaint_goes_to_a_person_with_the_trouble_on_record() -> None:
    ada_ = talk()
    assert ada_.text("this is a disgrace", understood("Complaint")) == ["handed-over"]
    assert ada_.scene.customer.troubles == {"a complaint": NOON + MINUTE}


def test_what_was_late_a_week_ago_is_not_said_to_be_late_for_ever() -> None:
    gone = a_delivery("7", due_at=(NOON - 30 * DAY).isoformat())
    ada_ = talk(deliveries=(gone, a_delivery()))
    assert ada_.text("where is it", understood("WhereIsMyOrder")) == ["where-it-is"]
    assert ada_.said_of("where-it-is")["order"] == "42"


def test_a_no_to_our_own_offer_is_no_complaint_about_a_check_in_of_long_ago() -> None:
    ada_ = talk(checked_in(at=NOON - 300 * DAY))
    ada_.text("where is it", understood("WhereIsMyOrder"))
    assert ada_.text("no") == ["as-planned"]
    assert ada_.owner is Owner.BOT
    ada_.text("where is it now", understood("WhereIsMyOrder"))
    assert ada_.text("yes") == ["where-to"]


def test_a_delivery_that_should_have_come_goes_to_a_person_but_not_before_its_day_is_over_there() -> None:
    late = talk(deliveries=(a_delivery(due_at=(NOON - HOUR).isoformat()),))
    assert late.text("where is it", understood("WhereIsMyOrder")) == ["late", "handed-over"]
    evening_in_honolulu = talk(
        customer=ada(zones=("Pacific/Honolulu",)), deliveries=(a_delivery(due_at="2026-11-23"),), now=NOON - 2 * HOUR
    )
    assert evening_in_honolulu.text("where is it", understood("WhereIsMyOrder")) == ["where-it-is"]


def test_who_wants_to_hear_when_it_is_back_is_put_on_the_list_and_that_is_leave_to_tell() -> None:
    ada_ = talk()
    assert ada_.text("tell me when it's back", understood("BackInStock")) == ["which-item"]
    assert ada_.text("tell me when the blue teapot is back", understood("BackInStock", Item="Teapot")) == ["will-tell"]
    assert [(told.type, told.data) for told in ada_.last.tells] == [("stock.wanted", {"item": "teapot"})]
    assert [word.given for word in ada_.scene.customer.consents] == [True]


FACTS: dict[str, dict[str, Any]] = {
    "where-it-is": {**facts_of(a_delivery()), "status": "ahead", "changeable": True},
    "already-over": {**facts_of(a_delivery()), "status": "completed"},
    "where-orders-are": {"orders": [facts_of(a_delivery()), facts_of(LAMP)]},
    "which-order": {"orders": [facts_of(a_delivery()), facts_of(LAMP)]},
    "which-question": {
        "questions": [
            {"asks": "change-destination", "order": "42", "item": "kettle"},
            {"asks": "how-are-you-liking-it", "order": "7", "item": None},
        ]
    },
    "will-tell": {"item": "blue teapot"},
    "try-again": {},
}
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


@pytest.mark.parametrize("locale", ["en", "fr-FR"])
@pytest.mark.parametrize("now", [NOON, NOON + 12 * HOUR, DUE + timedelta(days=2)])
def test_every_sentence_is_short_enough_and_in_the_cheap_alphabet_when_its_facts_are(locale: str, now: Any) -> None:
    usual = {**facts_of(a_delivery()), "place": "with the neighbour", **hours_at(RULES.opening, now)}
    for name in sorted(CONTENT.sentences):
        customer = known_of(ada(locale=locale))
        said = CONTENT.answer(name, customer, {**usual, **FACTS.get(name, {})})
        assert 0 < len(said) <= 320
        assert set(said) <= GSM7, (name, set(said) - GSM7)


def test_every_kind_of_question_is_named_in_which_question() -> None:
    ada_ = talk(reminded(), checked_in("42"))
    ada_.text("yes")
    said = CONTENT.answer("which-question", known_of(ada()), ada_.last.says[0].facts)
    assert re.search("1: where kettle .*2: how you like kettle", said)


def test_what_the_chatbot_was_not_asked_is_not_answered_without_it() -> None:
    scene = a_scene()
    assert converse(a_turn("where is my kettle?"), scene) is None
    assert converse(a_turn("where is my kettle?"), replace(scene, deliveries=()), LOST) is not None


@pytest.mark.parametrize(
    "text",
    ["my mother passed away, please cancel everything", "there is a gas leak at my house", "mon mari est décédé"],
)
def test_something_grave_is_a_persons_at_once_and_what_is_cheerful_waits(text: str) -> None:
    ada_ = talk(reminded(), checked_in())
    assert ada_.text(text) == ["handed-over"]
    assert ada_.scene.customer.troubles


def test_the_same_words_to_two_messages_are_two_answers() -> None:
    ada_ = talk(reminded("42"), reminded("43", message="m-other"), deliveries=(a_delivery(), a_delivery("43")))
    assert ada_.text("no thanks", previous="m-reminder") == ["as-planned"]
    assert ada_.text("no thanks", previous="m-other", after=SECOND) == ["as-planned"]
    assert ada_.said_of("as-planned")["order"] == "43"


def test_thanks_are_no_miss() -> None:
    ada_ = talk()
    for text in ("merci", "ok", "super", "👍"):
        ada_.text(text)
    assert (ada_.owner, ada_.scene.conversation.misses) == (Owner.BOT, 0)


def test_what_is_waited_for_is_an_item_and_no_other_question() -> None:
    ada_ = talk()
    ada_.text("let me know when it is back", understood("BackInStock"))
    assert ada_.text("thanks", understood("Thanks")) == ["welcome"]
    ada_.text("let me know when it is back again", understood("BackInStock"))
    sure = Understood(intent="WhereIsMyOrder", score=0.99)
    assert ada_.text("where is my order", sure) == ["where-it-is"]
    ada_.text("let me know when it comes back", understood("BackInStock"))
    assert ada_.text("teapot", Understood(intent="Complaint", score=0.58)) == ["will-tell"]
