"""What we say in a conversation is a message like any other: decided, on record, and only to who wrote."""

from typing import Any

from rapport.domain.advance import Draft
from rapport.domain.answering import drafts, event_of, sentences
from rapport.domain.dialogue import Scene, Telling
from rapport.domain.message import Status
from rapport.domain.talk import converse
from rapport.domain.words import CONVERSATION, Purpose, Reason
from tests.domain.builders import NIGHT, NOON, PHONE, ada, email, phone, said
from tests.domain.scenes import CONTENT, HOUR, MINUTE, a_delivery, a_scene, a_turn, reminded, understood

POLICY = CONTENT.policy


def said_to(text: str, means: Any = None, **changes: Any) -> list[Draft]:
    """The messages that a text leads to."""
    scene: Scene = a_scene(questions=(reminded(),), **changes)
    turn = a_turn(text, scene.now)
    answer = converse(turn, scene, means)
    assert answer
    return drafts(answer, turn, scene, sentences(answer, scene, CONTENT), POLICY)


def test_an_answer_goes_to_the_number_that_wrote_and_says_why() -> None:
    other = "+33600000000"
    (draft,) = said_to("next door", customer=ada(addresses=(phone(other), phone(), email())))
    message = draft.message
    assert (message.status, message.address, message.purpose) == (Status.QUEUED, PHONE, Purpose.REPLY)
    assert (message.journey, message.template) == (CONVERSATION, "read-back")
    assert message.decision.because.startswith("read the place back")
    assert draft.content
    assert "next door" in draft.content.text
    assert "Reply YES or NO" in draft.content.text


def test_it_is_said_in_the_customers_language() -> None:
    (draft,) = said_to("chez la voisine", customer=ada(locale="fr-FR"))
    assert draft.content
    assert "Répondez OUI ou NON" in draft.content.text


def test_the_same_turn_planned_twice_makes_the_same_messages() -> None:
    assert [draft.message.id for draft in said_to("next door")] == [draft.message.id for draft in said_to("next door")]


def test_two_sentences_are_one_text_so_that_neither_overtakes_the_other() -> None:
    (late,) = said_to("where is it", understood("WhereIsMyOrder"), deliveries=(a_delivery(due_at=NOON.isoformat()),),
                      now=NOON + HOUR)  # fmt: skip
    assert (late.message.template, late.message.about) == ("late, handed-over", a_scene().conversation.thread)
    assert late.content
    assert late.content.text.index("should have been") < late.content.text.index("A person here")


def test_who_has_stopped_is_answered_by_notices_only() -> None:
    stopped = ada(consents=(said(False, "2026-11-01"),))
    (draft,) = said_to("next door", customer=stopped)
    assert (draft.message.status, draft.message.reason, draft.content) == (Status.SKIPPED, Reason.NO_CONSENT, None)
    (notice,) = said_to("HELP", customer=stopped)
    assert notice.message.status is Status.QUEUED
    (confirmed,) = said_to("STOP")
    assert confirmed.message.status is Status.QUEUED


def test_what_the_bot_said_is_void_once_a_person_has_it_and_a_notice_never_is() -> None:
    (reply,), (notice,) = said_to("next door"), said_to("STOP")
    assert (reply.message.entry, notice.message.entry) == ("0", "")


def test_who_writes_at_night_is_awake() -> None:
    (draft,) = said_to("next door", now=NIGHT)
    assert draft.message.due_at <= NIGHT + MINUTE


def test_a_place_that_makes_the_sentence_long_still_fits() -> None:
    place = "behind the " + "very " * 30 + "old shed"
    (draft,) = said_to(f"leave it {place}")
    assert draft.message.status is Status.QUEUED
    assert draft.content
    assert place in draft.content.text


def test_what_a_turn_leads_to_has_an_id_of_its_own_that_is_the_same_the_second_time() -> None:
    telling, turn = Telling("reply.received", {"feeling": "happy"}), a_turn("love it")
    first, again, other = (event_of(telling, number, turn, NOON) for number in (0, 0, 1))
    assert first == again
    assert first.id != other.id
    assert (first.type, first.customer, first.data) == ("reply.received", "ada", {"feeling": "happy"})
