"""How are you liking it? Whoever likes it is thanked, and whoever doesn't has a person within minutes."""

import pytest

from rapport.domain.conversation import Owner, Question
from tests.domain.builders import DAY, NOON
from tests.domain.scenes import HOUR, LOST, checked_in, reminded, talk, understood


def test_who_likes_it_is_told_to_the_journey_which_thanks_them_itself() -> None:
    ada_ = talk(checked_in())
    assert ada_.text("love it ❤️") == []
    (told,) = ada_.last.tells
    assert (told.type, told.out) == ("reply.received", False)
    assert told.data == {"journey": "check-in", "about": "7", "feeling": "happy"}
    assert ada_.scene.questions == ()
    assert ada_.owner is Owner.BOT


@pytest.mark.parametrize("question", [checked_in(at=NOON - 4 * DAY), checked_in(heard_until=None)])
def test_when_the_journey_listens_no_more_we_thank_them_ourselves(question: Question) -> None:
    ada_ = talk(question)
    assert ada_.text("5 stars") == ["thanks-for-telling"]
    assert ada_.last.tells[0].data["stars"] == 5


def test_who_is_so_so_is_thanked_and_left_in_peace() -> None:
    ada_ = talk(checked_in())
    assert ada_.text("meh, 3/5") == ["thanks-for-telling"]
    assert ada_.last.tells[0].data == {"journey": "check-in", "about": "7", "feeling": "neutral", "stars": 3}
    assert ada_.owner is Owner.BOT


def test_who_does_not_like_it_has_a_person_and_hears_nothing_cheerful_until_it_is_settled() -> None:
    ada_ = talk(checked_in())
    assert ada_.text("nice kettle but the lid broke") == ["handed-over"]
    assert ada_.owner is Owner.WAITING
    assert ada_.scene.customer.human_owns
    assert "a complaint about 7" in ada_.scene.customer.troubles
    assert [(told.type, told.data.get("feeling")) for told in ada_.last.tells] == [
        ("reply.received", "unhappy"),
        ("complaint.received", None),
    ]
    assert ada_.scene.questions == ()


def test_thanks_alone_is_taken_as_thanks_for_asking() -> None:
    ada_ = talk(checked_in())
    assert ada_.text("thank you!") == []
    assert (ada_.last.tells, ada_.scene.questions) == ((), ())


def test_what_nobody_can_read_goes_to_a_person_as_the_check_in_promised() -> None:
    ada_ = talk(checked_in())
    assert ada_.text("well you know how kettles are") == []
    assert ada_.text("well you know how these kettles are", LOST) == ["handed-over"]
    assert ada_.last.tells[0].data["feeling"] == "neutral"
    assert ada_.scene.customer.troubles == {}


def test_a_complaint_or_a_wish_for_money_back_counts_as_unhappy() -> None:
    for intent in ("Complaint", "ReturnsAndRefunds"):
        ada_ = talk(checked_in())
        assert ada_.text("I would rather have had the blue one", understood(intent)) == ["handed-over"]
        assert "a complaint about 7" in ada_.scene.customer.troubles


def test_a_question_of_weeks_ago_is_not_what_an_unreadable_text_answers() -> None:
    ada_ = talk(checked_in(at=NOON - 15 * DAY))
    assert ada_.text("hmm whatever", LOST) == ["not-understood"]


def test_another_question_behind_a_check_in_is_answered_and_the_check_in_stays_open() -> None:
    ada_ = talk(checked_in())
    assert ada_.text("where is my other order?", understood("WhereIsMyOrder")) == ["where-it-is"]
    assert len(ada_.scene.questions) == 1


def test_two_open_questions_are_told_apart_by_asking() -> None:
    ada_ = talk(reminded(), checked_in())
    assert ada_.text("yes") == ["which-question"]
    assert ada_.text("2") == []
    assert ada_.last.tells[0].data["feeling"] == "happy"
    again = talk(reminded(), checked_in())
    again.text("yes")
    assert again.text("1", after=HOUR) == ["where-to"]


def test_what_only_one_of_two_questions_can_mean_needs_no_asking() -> None:
    assert talk(reminded(), checked_in()).text("leave it next door") == ["read-back"]
    assert talk(reminded(), checked_in()).text("it broke") == ["handed-over"]


def test_a_reply_that_the_carrier_says_answers_one_of_them_is_heard_so() -> None:
    ada_ = talk(reminded(), checked_in())
    assert ada_.text("no", previous="m-reminder") == ["as-planned"]
    assert ada_.text("no", previous="m-check-in") == ["handed-over"]
