"""Texts of several people in one batch: nobody waits for another's chatbot, and nobody's failure is another's."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.functions import CutOffError
from local.world import World
from rapport.domain.conversation import Conversation
from rapport.domain.customer import Customer
from rapport.domain.dialogue import Understood
from rapport.domain.words import Channel
from tests.adapters.talking import Talk, a_text
from tests.domain.builders import NOON, SECOND, ada, phone

PATIENCE = 20  # seconds until somebody gives up; nobody does where threads are handled together
NUMBERS = [f"+3361234567{number}" for number in range(4)]
PEOPLE = [f"c-{number}" for number in range(4)]


@pytest.fixture
def talk(world: World) -> Talk:
    """Four customers."""
    talk = Talk(world.dynamodb, world.ledger_table)
    talk.knows(*(ada(id=name, addresses=(phone(number),)) for name, number in zip(PEOPLE, NUMBERS, strict=True)))
    return talk


def batch(*texts: str) -> list[str]:
    """One text of each, in this order."""
    return [a_text(text, sender=number) for text, number in zip(texts, NUMBERS, strict=False)]


def test_a_stop_does_not_wait_for_what_the_chatbot_makes_of_others_texts(talk: Talk) -> None:
    stopped = threading.Event()
    change = talk.conversations.commit

    def commit(*given: Any) -> None:
        change(*given)
        if given[0].text == "STOP":
            stopped.set()

    def hanging(text: str, customer: Customer, conversation: Conversation) -> Understood:
        assert stopped.wait(PATIENCE)
        return Understood(intent="FallbackIntent")

    talk.conversations.commit = commit  # type: ignore[method-assign, assignment]
    talk.bot.understand = hanging  # type: ignore[method-assign]
    with ThreadPoolExecutor(max_workers=len(NUMBERS)) as pool:
        talk.inbox.pool = pool
        assert talk.take(*batch("the thing", "what thing", "that thing", "STOP")) == set()
    assert talk.customer(PEOPLE[3]).has_stopped(Channel.SMS)
    assert all(turn["handled"] and "something-failed" not in turn["answers"] for turn in talk.everything("turn"))


def test_in_one_thread_the_order_is_kept(talk: Talk) -> None:
    texts = [
        a_text(text, NOON + at * SECOND, sender=NUMBERS[0]) for at, text in ((3, "START"), (0, "HELP"), (1, "STOP"))
    ]
    assert talk.take(*texts, *batch("HELP", "HELP")[1:]) == set()
    answers = [turn.answers for turn in talk.turns(PEOPLE[0], NUMBERS[0])]
    assert answers == [("help",), ("stopped",), ("started",)]


def test_who_cannot_be_answered_is_alone_in_that(talk: Talk) -> None:
    answer_all = talk.inbox.answer_all

    def failing(customer: str, thread: str) -> None:
        if customer == PEOPLE[1]:
            raise TimeoutError
        answer_all(customer, thread)

    talk.inbox.answer_all = failing  # type: ignore[method-assign]
    with ThreadPoolExecutor(max_workers=len(NUMBERS)) as pool:
        talk.inbox.pool = pool
        assert talk.take(*batch("HELP", "HELP", "HELP", "HELP")) == {"r1"}
    assert sorted(turn["customer"] for turn in talk.everything("turn") if turn["handled"]) == [
        name for name in PEOPLE if name != PEOPLE[1]
    ]


def test_being_cut_off_is_no_texts_failure(talk: Talk) -> None:
    def cut_off(*_: str) -> None:
        raise CutOffError

    talk.inbox.answer_all = cut_off  # type: ignore[method-assign, assignment]
    with pytest.raises(CutOffError):
        talk.take(*batch("HELP", "HELP"))
