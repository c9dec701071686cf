"""Texts that come in: each is answered once, in the order in which it was written, by whoever's number it is."""

import json
from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.ledger import ConflictError
from rapport.domain.conversation import Conversation, Owner
from rapport.domain.customer import Customer
from rapport.domain.message import UnsayableError
from rapport.domain.words import Channel
from tests.adapters.talking import ASKED, SHIPPED, Talk, a_text, meanwhile
from tests.domain.builders import NOON, PHONE, SECOND, ada

NIGHT = NOON + timedelta(hours=13)
OTHER = "+33612345679"


@pytest.fixture
def talk(world: World) -> Talk:
    """Ada, who was asked an hour ago where her delivery should go."""
    talk = Talk(world.dynamodb, world.ledger_table)
    talk.knows(ada(), asked=(ASKED,))
    return talk


def test_what_comes_twice_is_answered_once(talk: Talk) -> None:
    text = a_text("to 12 Oak Lane")
    again = json.loads(text) | {"MessageId": "another", "Timestamp": "2026-11-24T11:00:09.000Z"}
    assert talk.take(text, text, json.dumps(again)) == set()
    assert talk.take(text) == set()
    assert talk.heard() == [("to 12 Oak Lane", ("read-back",))]


def test_the_same_words_within_seconds_are_the_carriers_doing_and_a_minute_later_they_are_not(talk: Talk) -> None:
    for at in (NOON, NOON + 5 * SECOND, NOON + 75 * SECOND):
        talk.take(a_text("to 12 Oak Lane", at))
    assert [answers for _, answers in talk.heard()] == [("read-back",), (), ("read-back",)]


def test_texts_that_come_in_the_wrong_order_are_answered_in_the_order_in_which_they_were_written(talk: Talk) -> None:
    start, stop = a_text("START", NOON + SECOND), a_text("STOP", NOON)
    assert talk.take(start, stop) == set()
    assert talk.heard() == [("STOP", ("stopped",)), ("START", ("started",))]
    assert not talk.customer().has_stopped(Channel.SMS)


def test_without_an_id_of_the_carriers_its_envelopes_counts(talk: Talk) -> None:
    text = a_text("to 12 Oak Lane", inboundMessageId="")
    assert talk.take(text, text) == set()
    assert len(talk.turns()) == 1


def test_a_worker_that_finds_its_turn_answered_by_another_says_nothing_more(talk: Talk) -> None:
    other = Talk(talk.conversations.client, talk.conversations.table)
    text = a_text("to 12 Oak Lane")
    meanwhile(talk, 1, lambda: other.take(text))
    assert talk.take(text) == set()
    assert talk.heard() == [("to 12 Oak Lane", ("read-back",))]
    assert len(talk.everything("message")) == 2  # what asked it, and one answer


def test_a_turn_is_considered_again_on_what_another_has_made_of_the_turn_before(talk: Talk) -> None:
    other = Talk(talk.conversations.client, talk.conversations.table)
    meanwhile(talk, 1, lambda: other.take(a_text("STOP", NOON - SECOND)))
    assert talk.take(a_text("START")) == set()
    assert talk.heard() == [("STOP", ("stopped",)), ("START", ("started",))]


def test_who_is_written_to_all_the_time_comes_back_and_is_answered_then(talk: Talk) -> None:
    def rename() -> None:
        talk.conversations.change_customer("ada", lambda ada: ada.model_copy(update={"name": f"Ada {ada.version}"}))

    meanwhile(talk, 10, rename)
    assert talk.says("STOP") == {"r0"}
    assert talk.heard() == [("STOP", ())]
    assert talk.says("STOP") == set()
    assert talk.heard() == [("STOP", ("stopped",))]


def test_who_cannot_be_answered_keeps_nobody_else_waiting(talk: Talk) -> None:
    talk.knows(ada(id="ben", addresses=(address(OTHER),)))
    scene = talk.replier.scene

    def unreadable(turn: Any, thread: str) -> Any:
        if turn.customer == "ada":
            raise TimeoutError
        return scene(turn, thread)

    talk.replier.scene = unreadable  # type: ignore[method-assign]
    assert talk.take(a_text("HELP"), a_text("HELP", sender=OTHER), a_text("hello")) == {"r0", "r2"}
    assert [turn.answers for turn in talk.turns("ben", OTHER)] == [("help",)]


def address(value: str) -> Any:
    return ada().addresses[0].model_copy(update={"value": value})


# --- whose text it is


def test_who_has_the_number_is_who_wrote(talk: Talk) -> None:
    talk.knows(ada(id="ben", addresses=(address(OTHER),)))
    assert talk.take(a_text("hello", sender=OTHER)) == set()
    assert [turn.text for turn in talk.turns("ben", OTHER)] == ["hello"]
    assert talk.turns() == []


def test_of_two_who_share_a_number_the_one_is_meant_whose_message_is_answered(talk: Talk) -> None:
    talk.knows(ada(id="zoe"), ada())
    talk.take(a_text("to 12 Oak Lane", previousPublishedMessageId="c-m-1"))
    assert [turn.previous for turn in talk.turns()] == ["m-1"]
    assert talk.turns("zoe") == []


def test_of_two_who_share_a_number_else_the_one_is_meant_who_was_asked_something(talk: Talk) -> None:
    talk.knows(ada(id="zoe"), ada())
    talk.take(a_text("to 12 Oak Lane"))
    assert [turn.text for turn in talk.turns()] == ["to 12 Oak Lane"]


def test_a_text_that_comes_again_stays_whose_it_was_though_another_would_be_meant_by_now(talk: Talk) -> None:
    talk.knows(ada(id="zoe"), ada())
    text = a_text("no thanks")
    talk.take(text)
    zoes = Conversation(customer="zoe", channel="sms", address=PHONE, owner=Owner.HUMAN)
    talk.put(items.conversation_item(zoes))  # so that by now it would be Zoe's
    assert talk.take(text) == set()
    assert (len(talk.turns()), talk.turns("zoe")) == (1, [])


@pytest.mark.parametrize("carrier_id", ["c-m-1", "c-unknown"])
def test_that_somebody_elses_message_is_answered_is_ignored(talk: Talk, carrier_id: str) -> None:
    talk.knows(ada(id="ben", addresses=(address(OTHER),)))
    talk.take(a_text("yes", sender=OTHER, previousPublishedMessageId=carrier_id))
    assert [(turn.customer, turn.previous) for turn in talk.turns("ben", OTHER)] == [("ben", None)]
    assert talk.turns() == []
    assert talk.everything("question") != []


def test_an_unknown_number_becomes_a_known_customer_once(talk: Talk) -> None:
    talk.says("where is my order?", "hello?", sender="+447700900321")
    talk.says("is anybody there", sender="+447700900321", at=NOON + 60 * SECOND)
    [stranger] = [Customer.model_validate(each) for each in talk.everything("customer") if each["id"] != "ada"]
    assert stranger.known
    assert "Europe/London" in stranger.zones
    assert [each.value for each in stranger.addresses] == ["+447700900321"]
    assert "7700" not in stranger.id
    assert len(talk.turns(stranger.id, "+447700900321")) == 3
    assert all(turn.handled for turn in talk.turns(stranger.id, "+447700900321"))


def test_somebody_new_who_writes_twice_at_once_is_met_once(talk: Talk) -> None:
    other = Talk(talk.conversations.client, talk.conversations.table)
    meet = talk.conversations.meet

    def after_another(*given: Any) -> None:
        other.says("hello", sender=OTHER)
        meet(*given)

    talk.conversations.meet = after_another  # type: ignore[method-assign, assignment]
    assert talk.says("where is my order?", sender=OTHER, at=NOON + SECOND) == set()
    [stranger] = [each for each in talk.everything("customer") if each["id"] != "ada"]
    assert [turn.handled for turn in talk.turns(stranger["id"], OTHER)] == [True, True]


@pytest.mark.parametrize("sender", ["12345", "DELIVERIES"])
def test_a_sender_that_is_no_telephone_is_kept_like_any(talk: Talk, sender: str) -> None:
    assert talk.says("hello", sender=sender) == set()
    assert len(talk.everything("turn")) == 1


# --- what goes wrong


@pytest.mark.parametrize(
    "code",
    [
        "ConflictException",
        "DependencyFailedException",
        "ThrottlingException",
        "InternalServerException",
        "ReadTimeoutError",
    ],
)
def test_when_the_chatbot_fails_it_is_said_plainly_and_a_person_sees_to_it(talk: Talk, code: str) -> None:
    talk.bot.failing = code
    assert talk.says("what about the thing") == set()
    assert talk.heard() == [("what about the thing", ("something-failed", "handed-over"))]
    conversation = talk.conversation()
    assert (conversation.owner, conversation.due and conversation.due.what) == (Owner.WAITING, "tell")
    assert code in talk.turns()[0].because


def test_what_is_said_of_a_failure_at_night_goes_out_at_once_like_any_answer(talk: Talk) -> None:
    talk.says("HELP")
    talk.now = NIGHT
    talk.bot.failing = "ThrottlingException"
    talk.says("what about the thing")
    drafted = [each for each in talk.everything("message") if each["template"].startswith("something-failed")]
    assert [each["decision"]["outcome"] for each in drafted] == ["send"]
    assert talk.conversation().heard_at == NIGHT


def test_the_chatbot_is_not_asked_for_what_always_works(talk: Talk) -> None:
    talk.bot.failing = "InternalServerException"
    talk.says("to 12 Oak Lane", "yes", "HELP", "STOP", "START")
    assert talk.bot.heard == []
    talk.says("AGENT", at=NOON + 60 * SECOND)
    assert (talk.bot.heard, talk.conversation().owner) == ([], Owner.WAITING)


def test_while_a_person_has_it_the_chatbot_is_not_asked_and_nothing_is_said(talk: Talk) -> None:
    talk.says("AGENT", "what about the thing")
    assert talk.bot.heard == []
    assert talk.heard() == [("AGENT", ("handed-over",)), ("what about the thing", ())]


@pytest.mark.parametrize("unsayable", [{"help"}, {"help", "handed-over"}])
def test_an_answer_that_cannot_be_worded_ends_with_a_person(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, unsayable: set[str]
) -> None:
    answer = SHIPPED.answer

    def broken(name: str, *given: Any) -> str:
        if name in unsayable:
            raise UnsayableError(f"answers.yaml: {name}")
        return answer(name, *given)

    monkeypatch.setattr(SHIPPED, "answer", broken)
    assert talk.says("HELP") == set()
    assert talk.heard() == [("HELP", () if "handed-over" in unsayable else ("handed-over",))]
    assert talk.conversation().owner is Owner.WAITING


def test_stop_holds_though_nobody_could_word_that_it_was_heard(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, *_: Any) -> str:
        raise UnsayableError(f"answers.yaml: {name}")

    monkeypatch.setattr(SHIPPED, "answer", broken)
    assert talk.says("STOP") == set()
    assert talk.customer().has_stopped(Channel.SMS)
    assert talk.conversation().owner is Owner.WAITING


def test_a_failure_of_our_own_ends_with_a_person_and_the_next_text_is_heard(talk: Talk) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    talk.bot.understand = broken  # type: ignore[method-assign, assignment]
    assert talk.says("what about the thing", "STOP") == set()
    assert talk.heard() == [("what about the thing", ("something-failed", "handed-over")), ("STOP", ("stopped",))]


@pytest.mark.parametrize("text", ["", "   ", "👍", "\ud83d", "\x00\x07", "{{ voice }}", "x" * 2001, "x" * 20_000])
def test_whatever_is_written_is_kept_and_answered(talk: Talk, text: str) -> None:
    assert talk.says(text, text_id="t-1") == set()
    [turn] = talk.turns()
    assert turn.handled
    assert len(turn.text) <= 10_000
    assert turn.answers or talk.conversation().owner is not Owner.BOT or turn.because


def test_a_conflict_while_a_text_is_kept_is_no_second_text(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    text = a_text("HELP")
    write, tries = talk.conversations.ledger.write, []

    def busy(parts: list[Any]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ConflictError("another transaction was at it")
        write(parts)

    monkeypatch.setattr(talk.conversations.ledger, "write", busy)
    assert talk.take(text) == {"r0"}
    assert talk.take(text) == set()
    assert talk.heard() == [("HELP", ("help",))]
