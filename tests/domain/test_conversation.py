"""Who has the conversation: the bot, somebody who is awaited, or a person; and what is due while a customer waits."""

from datetime import timedelta

import pytest

from rapport.domain.conversation import (
    Cause,
    Due,
    Owner,
    Question,
    answered,
    hand_over,
    handed_back,
    next_due,
    thread_of,
)
from tests.domain.builders import DAY, NIGHT, NOON, PHONE, utc
from tests.domain.scenes import HOUR, MINUTE, RULES, a_conversation

ASKED = Question(asks="destination", asked_at=NOON, about="42")
WAITING = hand_over(a_conversation(), "asked for a person", "bot", NOON, cause=Cause.ASKED)[0]


def test_a_hand_over_awaits_a_person_tells_them_and_drops_what_was_asked() -> None:
    before = a_conversation(asked=ASKED, misses=1)
    after, step = hand_over(before, "asked for a person", "bot", NOON, cause=Cause.ASKED)
    assert (after.owner, after.epoch, after.due) == (Owner.WAITING, 1, Due(what="tell", at=NOON))
    assert (after.asked, after.misses) == (None, 0)
    assert step
    assert (step.to, step.by, step.why, step.case, step.cause) == (
        Owner.WAITING,
        "bot",
        "asked for a person",
        after.case,
        Cause.ASKED,
    )


@pytest.mark.parametrize("owner", [Owner.WAITING, Owner.HUMAN])
def test_what_a_person_has_already_is_no_new_case_but_they_are_told(owner: Owner) -> None:
    before = WAITING.model_copy(update={"owner": owner, "due": None})
    after, step = hand_over(before, "again", "bot", NOON + HOUR, cause=Cause.ASKED)
    assert step is None
    assert (after.owner, after.case, after.epoch, after.why) == (owner, before.case, before.epoch, before.why)
    assert after.unanswered_since == NOON
    assert after.due == Due(what="tell", at=NOON + HOUR)


def test_once_a_person_has_answered_nobody_owes_a_word() -> None:
    after, step = answered(WAITING, "mia", NOON + HOUR)
    assert (after.owner, after.unanswered_since, after.due) == (Owner.HUMAN, None, None)
    assert step
    assert (step.to, step.by, step.case) == (Owner.HUMAN, "mia", WAITING.case)
    assert answered(after, "mia", NOON + 2 * HOUR) == (after, None)


def test_handed_back_the_bot_starts_clean_and_the_next_hand_over_is_another_case() -> None:
    busy = WAITING.model_copy(update={"last_said": "handed-over", "last_heard": "x"})
    after, step = handed_back(busy, "mia", "done", NOON + HOUR)
    assert (after.owner, after.epoch, after.last_said, after.last_heard, after.due) == (Owner.BOT, 2, None, None, None)
    assert (step.to, step.why, step.case) == (Owner.BOT, "done", WAITING.case)
    again, _ = hand_over(after, "asked for a person", "bot", NOON + DAY, cause=Cause.ASKED)
    assert again.case != WAITING.case


def test_who_waits_is_told_of_then_the_desk_reminded_then_the_customer_hears_an_apology_in_open_time() -> None:
    def due_after(what: str, since: object) -> Due | None:
        conversation = WAITING.model_copy(update={"due": Due(what=what, at=NOON), "unanswered_since": since})
        return next_due(conversation, RULES.desk, RULES.opening)

    assert due_after("tell", NOON) == Due(what="remind", at=NOON + 15 * MINUTE)
    assert due_after("remind", NOON) == Due(what="apologise", at=NOON + HOUR)
    assert due_after("tell", NIGHT) == Due(what="remind", at=utc("2026-11-25T09:15"))
    assert due_after("apologise", NOON) is None
    assert due_after("tell", None) is None
    assert next_due(a_conversation(), RULES.desk, RULES.opening) is None


def test_a_thread_says_nothing_of_the_number_and_is_another_for_each_channel() -> None:
    assert PHONE[1:] not in thread_of("sms", PHONE)
    assert thread_of("sms", PHONE) == a_conversation().thread != thread_of("chat", PHONE)
    assert len(thread_of("sms", PHONE + "0" * 100)) == len(thread_of("sms", PHONE))
    assert timedelta() < RULES.desk.remind_after < RULES.desk.apologise_after
