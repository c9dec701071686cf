"""Which delivery, which place, and to what a yes is one: what customers mean, however they say it."""

import pytest

from tests.domain.builders import SECOND
from tests.domain.scenes import (
    LOST,
    a_delivery,
    reminded,
    talk,
    understood,
)  # fmt: skip


@pytest.mark.parametrize("between", ["OpeningHours", "WhereIsMyOrder", "Thanks"])
def test_a_yes_behind_anything_else_that_we_said_is_asked_about_again(between: str) -> None:
    ada_ = talk(reminded())
    ada_.text("12 Oak Lane please")
    ada_.text("and something else", understood(between))
    ada_.text("ok")
    assert ada_.goes_to() is None
    if ada_.last.says and ada_.last.says[0].name == "read-back":
        assert ada_.text("yes") == ["destination-changed"]


def test_a_yes_that_was_written_before_the_place_was_read_back_is_no_yes_to_it() -> None:
    ada_ = talk(reminded())
    ada_.text("12 Oak Lane please")
    assert ada_.text("yes", after=-SECOND) == ["read-back"]
    assert ada_.goes_to() is None


@pytest.mark.parametrize(
    "text",
    [
        "Don't put it back please, the new place is right",
        "no don't undo it",
        "thanks. I will put it back in the box and return it",
        "as it was raining today can you leave it in the porch",
        "le livreur peut le déposer comme avant chez le voisin ?",
    ],
)
def test_a_sentence_that_only_has_the_word_undoes_nothing(text: str) -> None:
    ada_ = talk(reminded())
    ada_.text("next door")
    ada_.text("yes")
    ada_.text(text)
    assert ada_.goes_to() == "next door"


def test_an_order_that_is_named_is_the_one_that_goes_elsewhere() -> None:
    ada_ = talk(deliveries=(a_delivery(), a_delivery("43")))
    assert ada_.text("leave order 43 with my dad") == ["read-back"]
    assert (ada_.said_of("read-back")["order"], ada_.said_of("read-back")["place"]) == ("43", "with my dad")


def test_what_they_meant_instead_is_read_back_once_it_was_changed() -> None:
    ada_ = talk(reminded())
    ada_.text("the porch")
    ada_.text("yes")
    assert ada_.text("no sorry i meant next door") == ["read-back"]
    assert ada_.said_of("read-back")["place"] == "next door"


def test_a_hyphen_more_or_less_is_no_part_of_the_place() -> None:
    ada_ = talk(reminded())
    ada_.text("laissez la chez ma voisine au 12")
    assert ada_.said_of("read-back")["place"] == "chez ma voisine au 12"


@pytest.mark.parametrize(
    "text",
    [
        "my husband died, please stop the delivery",
        "please stop the delivery to my house",
        "https://evil.example/login",
        "undo",
        "nowhere, cancel it",
    ],
)
def test_what_is_no_place_is_not_read_back_as_one(text: str) -> None:
    ada_ = talk(reminded())
    ada_.text("yes")
    assert "read-back" not in ada_.text(text, LOST)


def test_of_two_reminders_the_one_whose_item_is_named_is_meant() -> None:
    lamp, kettle = a_delivery("42", item="lamp"), a_delivery("43", item="kettle")
    ada_ = talk(reminded("42"), reminded("43", message="m-other"), deliveries=(lamp, kettle))
    assert ada_.text("leave the kettle with the porter") == ["read-back"]
    assert (ada_.said_of("read-back")["order"], ada_.said_of("read-back")["place"]) == ("43", "with the porter")


def test_two_places_for_two_reminders_are_confirmed_one_after_the_other() -> None:
    ada_ = talk(reminded("42"), reminded("43", message="m-other"), deliveries=(a_delivery(), a_delivery("43")))
    ada_.text("next door", previous="m-reminder")
    ada_.text("next door", previous="m-other", after=30 * SECOND)
    ada_.text("yes")
    assert (ada_.goes_to("42"), ada_.goes_to("43")) == (None, "next door")
    assert "m-reminder" in [each.message for each in ada_.scene.questions]


def test_who_is_asked_where_again_and_again_gets_a_person() -> None:
    ada_ = talk(reminded())
    ada_.text("yes")
    elsewhere = understood("ChangeDestination")
    assert ada_.text("I won't be in", elsewhere) == ["not-understood"]
    assert ada_.text("I am at work tomorrow", elsewhere) == ["handed-over"]
