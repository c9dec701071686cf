"""Customers send a delivery elsewhere by text: in their own words, read back, and only by their yes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.domain.dialogue import Understood
from tests.domain.builders import DAY, NOON, PHONE, SECOND, ada, modest
from tests.domain.scenes import (
    DUE,
    HOUR,
    LAMP,
    LOST,
    MINUTE,
    REPLIES,
    Talk,
    a_delivery,
    checked_in,
    reminded,
    talk,
    understood,
)  # fmt: skip


def test_the_place_in_their_own_words_is_read_back_and_by_their_yes_it_goes_there_on_record() -> None:
    ada_ = talk(reminded())
    assert ada_.text("can you leave it with Mrs. Ngo next door, please?") == ["read-back"]
    assert ada_.said_of("read-back")["place"] == "with Mrs. Ngo next door"
    assert ada_.goes_to() is None
    assert ada_.text("yes") == ["destination-changed"]
    assert (ada_.goes_to(), ada_.scene.questions) == ("with Mrs. Ngo next door", ())
    change = ada_.scene.deliveries[0].changes[-1]
    assert (change.by, change.from_address, change.at) == ("ada", PHONE, NOON + 2 * MINUTE)
    (told,) = ada_.last.tells
    assert (told.type, told.out, told.data["destination"]) == ("delivery.destination-changed", True, ada_.goes_to())


def test_who_only_says_yes_is_asked_where() -> None:
    ada_ = talk(reminded())
    assert ada_.text("Yes please") == ["where-to"]
    assert ada_.text("the shed") == ["read-back"]
    assert ada_.text("OK 👍") == ["destination-changed"]
    assert ada_.goes_to() == "the shed"


def test_what_the_chatbot_makes_nothing_of_may_be_the_place_that_was_asked_for_but_no_question_is() -> None:
    ada_ = talk(reminded())
    ada_.text("yes")
    assert ada_.text("what do you mean?", LOST) == ["not-understood"]
    assert ada_.text("Rose Cottage", LOST) == ["read-back"]
    assert ada_.said_of("read-back")["place"] == "Rose Cottage"


def test_a_no_leaves_all_as_it_was_and_so_does_thanks() -> None:
    for text, said in (("no thanks", ["as-planned"]), ("no, I'll be in", ["as-planned"]), ("ok thanks", [])):
        ada_ = talk(reminded())
        assert ada_.text(text) == said
        assert (ada_.goes_to(), ada_.scene.questions) == (None, ())


def test_who_changes_their_mind_when_asked_where_or_when_it_is_read_back_is_left_in_peace() -> None:
    for before in (["yes"], ["next door"]):
        ada_ = talk(reminded())
        for text in before:
            ada_.text(text)
        assert ada_.text("never mind, leave it as it is") == ["as-planned"]
        assert ada_.scene.conversation.asked is None
        ada_.text("yes")
        assert ada_.goes_to() is None


@pytest.mark.parametrize(
    "delivery",
    [
        a_delivery(due_at=(NOON + 12 * HOUR).isoformat()),
        a_delivery(changeable_until=NOON),
        a_delivery(due_at="2026-11-25"),  # its day begins at 23:00 UTC in Paris, twelve hours from noon there
    ],
)
def test_too_late_is_said_kindly_and_nothing_changes(delivery: object) -> None:
    ada_ = talk(reminded(), deliveries=(delivery,))
    assert ada_.text("leave it next door") == ["too-late"]
    ada_.text("yes")
    assert ada_.goes_to() is None


def test_a_delivery_of_a_day_goes_by_the_customers_own_midnight() -> None:
    in_tokyo = talk(customer=ada(zones=("Asia/Tokyo",)), deliveries=(a_delivery(due_at="2026-11-25"),))
    in_honolulu = talk(customer=ada(zones=("Pacific/Honolulu",)), deliveries=(a_delivery(due_at="2026-11-25"),))
    assert in_tokyo.scene.open_for_change() == []
    assert in_honolulu.scene.open_for_change()


def test_a_yes_that_comes_after_the_cut_off_is_too_late() -> None:
    ada_ = talk(reminded(), deliveries=(a_delivery(changeable_until=NOON + HOUR),))
    assert ada_.text("next door") == ["read-back"]
    assert ada_.text("yes", after=HOUR) == ["too-late"]
    assert ada_.goes_to() is None


def test_what_has_been_delivered_meanwhile_goes_nowhere() -> None:
    ada_ = talk(reminded(), deliveries=(a_delivery(status="completed"),))
    assert ada_.text("leave it next door") == ["already-over"]


def test_when_the_delivery_has_changed_since_the_place_is_read_back_again() -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    ada_.news(a_delivery(due_at=(DUE + DAY).isoformat()))
    assert ada_.text("yes") == ["read-back"]
    assert ada_.goes_to() is None
    assert ada_.text("yes") == ["destination-changed"]
    assert ada_.goes_to() == "next door"


def test_a_yes_of_more_than_a_day_later_changes_nothing() -> None:
    ada_ = talk(reminded(), deliveries=(a_delivery(due_at=(DUE + 5 * DAY).isoformat()),))
    ada_.text("next door")
    assert ada_.text("yes", after=DAY) == ["stale-yes"]
    ada_.text("yes")
    assert ada_.goes_to() is None


def test_a_yes_when_nothing_was_asked_changes_nothing() -> None:
    ada_ = talk()
    assert ada_.text("yes") == []
    assert ada_.answers == [None]
    assert ada_.text("yes", LOST) == ["not-understood"]
    assert ada_.goes_to() is None


@pytest.mark.parametrize("text", ["no, 14 Oak Lane", "No the shed please", "sorry I meant my mum's", "14 Oak Lane"])
def test_a_no_with_another_place_corrects(text: str) -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    assert ada_.text(text) == ["read-back"]
    corrected = str(ada_.said_of("read-back")["place"])
    assert corrected in text
    ada_.text("yes")
    assert ada_.goes_to() == corrected


def test_a_bare_no_to_what_was_read_back_asks_where_then() -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    assert ada_.text("no that's wrong") == ["where-to"]
    assert ada_.text("no") == ["as-planned"]


def test_a_yes_with_a_condition_is_no_yes() -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    for text in ("yes but can it come after 5", "yes?", "yes if they are in"):
        ada_.text(text)
        assert ada_.goes_to() is None


def test_undo_takes_it_back_and_a_second_undo_does_not_bring_it_there_again() -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    ada_.text("yes")
    assert ada_.text("UNDO") == ["destination-undone"]
    assert ada_.goes_to() is None
    assert ada_.text("undo") == ["destination-undone"]
    assert (ada_.goes_to(), ada_.last.delivery, ada_.last.tells) == (None, None, ())


def test_undo_goes_back_one_change_at_a_time() -> None:
    ada_ = talk(reminded())
    for text in ("the shed", "yes", "leave it in the garage", "yes"):
        ada_.text(text)
    assert ada_.goes_to() == "in the garage"
    ada_.text("undo")
    assert ada_.goes_to() == "the shed"
    ada_.text("change it back")
    assert ada_.goes_to() is None


def test_undo_too_late_changes_nothing_and_undo_of_nothing_is_left_to_the_chatbot() -> None:
    ada_ = talk(reminded(), deliveries=(a_delivery(changeable_until=NOON + HOUR),))
    assert ada_.text("undo") == []
    ada_.text("the shed")
    ada_.text("yes")
    assert ada_.text("undo", after=HOUR) == ["too-late"]
    assert ada_.goes_to() == "the shed"


@pytest.mark.parametrize(("chosen", "order"), [("2", "77"), ("the lamp", "77"), ("kettle", "42"), ("first", "42")])
def test_of_two_deliveries_they_are_asked_which_and_what_they_said_is_kept(chosen: str, order: str) -> None:
    ada_ = talk(deliveries=(a_delivery(), LAMP))
    assert ada_.text("can you leave it with my neighbour") == ["which-order"]
    assert ada_.text(chosen) == ["read-back"]
    ada_.text("yes")
    assert ada_.goes_to(order) == "with my neighbour"


def test_an_order_that_is_not_theirs_is_refused_alike_whether_there_is_one_or_not() -> None:
    for order in ("1000", "anything"):
        ada_ = talk()
        assert ada_.text("send order elsewhere", understood("ChangeDestination", Order=order)) == ["not-your-order"]
        assert ada_.last.says[0].facts == {}
        assert ada_.text("where is it", understood("WhereIsMyOrder", Order=order)) == ["not-your-order"]
        assert ada_.last.says[0].facts == {}


def test_a_place_by_itself_is_enough_while_something_may_still_go_elsewhere() -> None:
    ada_ = talk()
    assert ada_.text("leave it in the greenhouse please") == ["read-back"]
    assert talk(deliveries=()).text("leave it in the greenhouse please") == []


def test_a_check_in_sent_since_makes_a_bare_yes_doubtful_and_nothing_changes() -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    ada_.scene = replace(ada_.scene, questions=(checked_in(at=NOON + 2 * MINUTE),))
    assert ada_.text("yes", after=5 * MINUTE) == ["read-back"]
    assert ada_.goes_to() is None
    assert ada_.text("yes") == ["destination-changed"]


def read_back_later(by: timedelta) -> Talk:
    """Ada named a place, and our question whether that is right went out so much later than it was made."""
    ada_ = talk(reminded())
    ada_.text("next door")
    conversation = ada_.scene.conversation
    assert conversation.asked
    asked = conversation.asked.model_copy(update={"sent_at": conversation.asked.asked_at + by})
    ada_.scene = replace(ada_.scene, conversation=conversation.model_copy(update={"asked": asked}))
    return ada_


def test_a_question_asked_while_the_read_back_was_held_up_makes_a_bare_yes_doubtful_too() -> None:
    ada_ = read_back_later(MINUTE)
    ada_.scene = replace(ada_.scene, questions=(checked_in(at=ada_.scene.now + MINUTE / 2),))
    assert ada_.text("yes", after=5 * MINUTE) == ["read-back"]
    assert ada_.goes_to() is None


@pytest.mark.parametrize(("later", "said"), [(MINUTE, "destination-changed"), (10 * MINUTE, "read-back")])
def test_a_yes_counts_if_it_was_written_once_the_place_was_read_back(later: timedelta, said: str) -> None:
    assert read_back_later(later).text("yes", after=5 * MINUTE) == [said]


def test_a_yes_that_the_carrier_says_answers_the_check_in_never_confirms_the_destination() -> None:
    ada_ = talk(reminded(), checked_in())
    ada_.text("next door", previous="m-reminder")
    ada_.text("yes", previous="m-check-in")
    assert ada_.goes_to() is None
    assert ada_.last.because == "happy, as they said"


def test_a_yes_that_the_carrier_says_answers_anything_else_is_asked_about_again() -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    asked = ada_.scene.conversation.asked
    assert asked
    named = asked.model_copy(update={"message": "m-read-back"})
    ada_.scene = replace(ada_.scene, conversation=ada_.scene.conversation.model_copy(update={"asked": named}))
    assert ada_.text("yes", previous="m-settled-long-ago") == ["read-back"]
    assert ada_.goes_to() is None
    assert ada_.text("yes") == ["destination-changed"]


POOL = [
    "yes", "no", "ok", "next door", "no, 14 Oak Lane", "the shed please", "undo", "undo", "STOP", "START", "HELP", "1",
    "2", "the lamp", "leave it in the garage", "thanks", "love it", "it broke", "agent", "where is my order", "hello",
    "yes please", "👍", "somewhere else", "never mind", "no, the porch", "that's not it", "", "?", "yes but later",
    "don't text me at night", "chez ma voisine", "oui", "non", "kettle", "change it back", "sorry, my office", "10/10",
    "can it go to my mum's?", "yes", "sure",
]  # fmt: skip
MEANINGS: list[Understood | None] = [
    None, LOST, understood("ChangeDestination"), understood("WhereIsMyOrder"), understood("Thanks"),
    understood("ChangeDestination", Order="77"),
]  # fmt: skip
steps = st.tuples(
    st.sampled_from(POOL),
    st.sampled_from(MEANINGS),
    st.sampled_from([SECOND, MINUTE, MINUTE, HOUR, DAY]),
    st.sampled_from([None, None, "m-check-in", "m-reminder", "m-strange"]),
    st.sampled_from([None, None, None, "news", "asked"]),
)


Step = tuple[str, Understood | None, timedelta, str | None, str | None]


def happen(ada_: Talk, what: str | None) -> None:
    """What may happen between two texts: a delivery moves, or a check-in is sent."""
    delivery = ada_.scene.delivery("42")
    if what == "news" and delivery:
        ada_.news(delivery)
    if what == "asked":
        sent = checked_in(at=ada_.scene.now)
        ada_.scene = replace(ada_.scene, questions=(*ada_.scene.questions[:1], sent))


@settings(modest, max_examples=300)
@given(st.lists(steps, max_size=14))
def test_whatever_is_texted_it_goes_elsewhere_only_by_a_yes_to_that_place_read_back_or_by_undo(
    walk: list[Step],
) -> None:
    far = (DUE + timedelta(days=20)).isoformat()
    ada_ = talk(
        reminded(), checked_in(), deliveries=(a_delivery(due_at=far), a_delivery("77", due_at=far, item="lamp"))
    )
    read_back: object = None
    for text, means, after, previous, between in walk:
        happen(ada_, between)
        before = {each.order: each.destination for each in ada_.scene.deliveries}
        names = ada_.text(text, means, after=after, previous=previous)
        after_ = {each.order: each.destination for each in ada_.scene.deliveries}
        changed = [order for order in before if before[order] != after_[order]]
        if changed and "destination-undone" not in names:
            assert names == ["destination-changed"]
            assert REPLIES.yes_or_no(text) is True
            assert read_back == (changed[0], after_[changed[0]])
        if names == ["destination-undone"]:
            assert REPLIES.is_undo(text)
        if "read-back" in names:
            facts = ada_.said_of("read-back")
            read_back = (facts["order"], facts["place"])
