"""What is counted of conversations, and at which edge it counts as something else."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rapport.domain.conversation import Cause, Owner, Step, Turn
from rapport.domain.measures import End, Measures, Record, measure

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LATER = NOON + 30 * DAY


def turn(after: timedelta, *answers: str, intent: str = "", **more: Any) -> Turn:
    """What a customer wrote so long after noon, and what we said to it."""
    about = {name: more.pop(name) for name in ("Order", "Item") if name in more}
    understood = {"intent": intent, "slots": about, **more.pop("understood", {})} if intent else None
    values = {"text": "...", "handled": True, **more}
    at = NOON + after
    fixed = {"id": at.isoformat(), "customer": "ana", "channel": "sms", "address": "+447700900123", "at": at}
    return Turn.model_validate({**fixed, "answers": answers, "understood": understood, **values})


def step(after: timedelta, to: Owner, cause: Cause | None = None, case: str = "c-1") -> Step:
    return Step(at=NOON + after, to=to, by="somebody", why="words", case=case, cause=cause)


def measured(turns: Iterable[Turn], steps: Iterable[Step] = (), **options: Any) -> Measures:
    return measure([Record(tuple(turns), tuple(steps))], options.pop("now", LATER), **options)


def ends(*turns: Turn, steps: Iterable[Step] = ()) -> dict[End, int]:
    return dict(measured(turns, steps).ends)


WHERE = turn(0 * HOUR, "where-it-is", intent="WhereIsMyOrder", Order="A-1")


def test_a_question_that_the_bot_answered_for_good_is_contained() -> None:
    assert ends(WHERE) == {End.CONTAINED: 1}


def test_coming_back_in_an_hour_with_the_same_question_is_not_containment() -> None:
    assert ends(WHERE, turn(HOUR, "where-it-is", intent="WhereIsMyOrder", Order="a-1")) == {End.RETURNED: 1}


def test_coming_back_the_next_day_is_another_conversation_and_both_are_contained() -> None:
    assert ends(WHERE, turn(DAY, "where-it-is", intent="WhereIsMyOrder", Order="A-1")) == {End.CONTAINED: 2}


def test_coming_back_a_moment_before_a_day_is_over_is_the_same_conversation() -> None:
    again = turn(DAY - MINUTE, "where-it-is", intent="WhereIsMyOrder", Order="A-1")
    assert ends(WHERE, again) == {End.RETURNED: 1}


def test_asking_of_another_order_is_not_coming_back() -> None:
    assert ends(WHERE, turn(HOUR, "where-it-is", intent="WhereIsMyOrder", Order="B-2")) == {End.CONTAINED: 1}


def test_asking_more_closely_is_coming_back() -> None:
    vague = turn(0 * HOUR, "where-orders-are", intent="WhereIsMyOrder")
    assert ends(vague, turn(MINUTE, "where-it-is", intent="WhereIsMyOrder", Order="A-1")) == {End.RETURNED: 1}


def test_answering_a_question_of_ours_is_not_coming_back() -> None:
    asked = turn(0 * HOUR, "which-item", intent="BackInStock")
    assert ends(asked, turn(MINUTE, "will-tell", intent="BackInStock", Item="teapot")) == {End.CONTAINED: 1}


def test_thanking_twice_is_not_coming_back() -> None:
    thanks = [turn(minutes * MINUTE, "welcome", intent="Thanks") for minutes in (1, 50)]
    assert ends(WHERE, *thanks) == {End.CONTAINED: 1}


@pytest.mark.parametrize("answer", ["not-understood", "not-it", "out-of-scope", "too-long"])
def test_giving_up_after_a_miss_is_not_containment(answer: str) -> None:
    assert ends(WHERE, turn(MINUTE, answer)) == {End.GIVEN_UP: 1}


@pytest.mark.parametrize("answer", ["where-to", "read-back", "which-order", "which-question", "which-item"])
def test_giving_up_before_a_question_of_ours_is_not_containment(answer: str) -> None:
    assert ends(WHERE, turn(MINUTE, answer)) == {End.GIVEN_UP: 1}


def test_a_turn_that_nothing_came_of_is_not_containment() -> None:
    assert ends(WHERE, turn(MINUTE, handled=False)) == {End.GIVEN_UP: 1}


def test_a_miss_that_was_made_good_is_contained() -> None:
    found = turn(MINUTE, "where-it-is", intent="WhereIsMyOrder")
    assert ends(turn(0 * HOUR, "not-understood", intent="FallbackIntent"), found) == {End.CONTAINED: 1}


def test_stop_is_not_containment() -> None:
    assert ends(WHERE, turn(MINUTE, "stopped")) == {End.STOPPED: 1}


def test_thanks_alone_are_neither_contained_nor_counted_against_it() -> None:
    counted = measured([turn(0 * HOUR)])
    assert (dict(counted.ends), counted.answerable, counted.contained) == ({End.NOTHING_ASKED: 1}, 0, None)


def test_what_a_person_had_is_not_containment_even_when_the_bot_has_it_back() -> None:
    steps = [step(MINUTE, Owner.WAITING), step(HOUR, Owner.HUMAN), step(2 * HOUR, Owner.BOT)]
    assert ends(WHERE, turn(MINUTE, "handed-over"), steps=steps) == {End.PERSON: 1}


def test_what_a_person_takes_within_a_day_of_the_last_word_is_not_containment() -> None:
    assert ends(WHERE, steps=[step(DAY - MINUTE, Owner.HUMAN)]) == {End.PERSON: 1}
    assert ends(WHERE, steps=[step(DAY, Owner.HUMAN)]) == {End.CONTAINED: 1}


def test_what_a_person_has_had_since_long_ago_is_not_containment() -> None:
    assert ends(WHERE, steps=[step(-9 * DAY, Owner.WAITING), step(-8 * DAY, Owner.HUMAN)]) == {End.PERSON: 1}
    back = [step(-9 * DAY, Owner.WAITING), step(-8 * DAY, Owner.HUMAN), step(-7 * DAY, Owner.BOT)]
    assert ends(WHERE, steps=back) == {End.CONTAINED: 1}


def test_a_conversation_is_not_judged_before_it_is_over() -> None:
    counted = measured([WHERE], now=NOON + DAY - MINUTE)
    assert (dict(counted.ends), counted.going_on) == ({}, 1)
    assert measured([WHERE], now=NOON + DAY).going_on == 0


def test_only_what_began_since_a_day_is_counted_and_all_who_wait_are() -> None:
    turns = [turn(-2 * DAY, "help"), turn(-2 * HOUR, "help"), turn(HOUR, "help")]
    steps = [step(-2 * HOUR, Owner.WAITING, Cause.ASKED)]
    counted = measured(turns, steps, since=NOON)
    assert (sum(counted.ends.values()), counted.causes, counted.waiting) == (0, {}, 1)
    assert sum(measured(turns, steps, since=NOON - 3 * HOUR).ends.values()) == 1
    assert sum(measured(turns, steps).ends.values()) == 2


def test_the_share_of_contained_is_of_those_in_which_something_was_asked() -> None:
    turns = [WHERE, turn(2 * DAY, "not-understood"), turn(4 * DAY), turn(6 * DAY, "opening-hours")]
    counted = measured(turns)
    assert counted.answerable == 3
    assert counted.contained == pytest.approx(2 / 3)


def test_hand_overs_are_counted_by_cause_whatever_their_words() -> None:
    handed = [Cause.MISSES, Cause.ASKED, Cause.ASKED, None]
    steps = [step(number * HOUR, Owner.WAITING, cause) for number, cause in enumerate(handed)]
    assert measured([], steps).causes == {"asked": 2, "misses": 1, "unknown": 1}


def test_the_time_to_a_person_is_from_the_hand_over_to_their_first_word() -> None:
    steps = []
    for number in range(10):
        begins = number * DAY
        steps += [step(begins, Owner.WAITING), step(begins + (number + 1) * MINUTE, Owner.HUMAN)]
        steps += [step(begins + 2 * HOUR, Owner.BOT)]
    counted = measured([], reversed(steps))
    assert (counted.half_within, counted.most_within) == (5.5, 9)
    assert (len(counted.minutes), counted.unanswered, counted.waiting) == (10, 0, 0)


def test_who_was_given_back_without_a_word_has_no_time_to_a_person_and_waits_no_more() -> None:
    counted = measured([], [step(0 * HOUR, Owner.WAITING), step(HOUR, Owner.BOT)])
    assert (counted.minutes, counted.unanswered, counted.waiting) == ((), 1, 0)


def test_who_has_no_answer_yet_still_waits() -> None:
    counted = measured([], [step(0 * HOUR, Owner.WAITING)])
    assert (counted.minutes, counted.half_within, counted.most_within, counted.waiting) == ((), None, None, 1)


def test_of_nothing_there_is_nothing_to_count() -> None:
    counted = measure([], LATER)
    assert (counted.answerable, counted.contained, counted.going_on, counted.waiting) == (0, None, 0, 0)
