"""What a text says for a slot: the bot's own values, Amazon's types, and open words, in English and French."""

from datetime import date

import pytest

from local.lex import slots
from local.lex.bot import Intent, Locale, read_bot
from local.lex.builtin import look_for, reply
from local.template import Stack
from tests.local.lex.talk import small_bot

TODAY = date(2026, 11, 23)  # a Monday
ENGLISH = small_bot().locales["en_GB"]


def named(locale: Locale, name: str) -> Intent:
    """The locale's intent of this name."""
    intent = locale.intent(name)
    assert intent
    return intent


CHANGE, STOCK = named(ENGLISH, "ChangeDestination"), named(ENGLISH, "BackInStock")


def values(kind: str, text: str, language: str = "en") -> list[tuple[str, ...]]:
    """What the text may mean for a built-in type."""
    return [meant for _, _, meant in look_for(f"AMAZON.{kind}", text, language, TODAY)]


def in_text(intent: Intent, text: str, locale: Locale = ENGLISH) -> dict[str, str]:
    """What the text has for the intent's slots."""
    return {name: found.interpreted for name, found in slots.in_text(locale, intent, text, TODAY).items()}


def answered(intent: Intent, slot: str, text: str) -> tuple[str, str] | None:
    """Original and interpreted value of an answer."""
    found = slots.answer(ENGLISH, intent.slot(slot), text, TODAY)
    return (found.original, found.interpreted) if found else None


# --- the bot's own types


def test_a_type_with_top_resolution_gives_the_value_that_a_synonym_stands_for() -> None:
    found = slots.in_text(ENGLISH, CHANGE, "Please leave it Next Door", TODAY)["Destination"]
    value = {"originalValue": "Next Door", "interpretedValue": "neighbour", "resolvedValues": ["neighbour"]}
    assert found.as_slot() == {"shape": "Scalar", "value": value}


def test_a_type_with_the_original_value_keeps_the_customers_words_and_resolves_them() -> None:
    found = slots.in_text(ENGLISH, STOCK, "have you got teapots?", TODAY)["Item"]
    value = {"originalValue": "teapots", "interpretedValue": "teapots", "resolvedValues": ["blue teapot"]}
    assert found.as_slot() == {"shape": "Scalar", "value": value}


def test_the_longest_name_wins() -> None:
    assert in_text(STOCK, "is the blue teapot back?") == {"Item": "blue teapot"}


def test_a_type_that_expands_takes_new_words_where_an_utterance_has_the_slot() -> None:
    assert in_text(STOCK, "Is the green lamp back in stock?") == {"Item": "green lamp"}
    assert in_text(STOCK, "tell me when something is back") == {}


def test_only_a_type_that_expands_takes_any_words_for_an_answer() -> None:
    assert answered(STOCK, "Item", "the green lamp") == ("green lamp", "green lamp")
    assert answered(CHANGE, "Destination", "my aunt's house") is None


def test_a_filter_turns_away_what_does_not_look_right() -> None:
    assert answered(CHANGE, "Order", "it's 1042 I think") == ("1042", "1042")
    assert answered(CHANGE, "Order", "104256") is None
    assert in_text(CHANGE, "send order 104 to the locker") == {"Destination": "pick-up point"}


# --- codes, and what only looks like one


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("where is order 1042", "1042"),
        ("Where's my order A-1042?", "A-1042"),
        ("order #58213 please", "58213"),
        ("has AB12345 been sent", "AB12345"),
        ("call +447700900123 about order 7741", "7741"),
        ("will it be here by 5pm", None),
        ("will it come on 25/11", None),
        ("leave it with no 14 next door", None),
        ("my postcode is SW1A 1AA", None),
    ],
)
def test_an_order_number_is_told_from_times_days_postcodes_and_house_numbers(text: str, order: str | None) -> None:
    locale = read_bot(Stack({"Chatbot": "lex"})).locales["en_GB"]
    assert in_text(named(locale, "WhereIsMyOrder"), text, locale).get("Order") == order


def test_any_single_word_may_be_a_code_when_one_is_asked_for_but_not_a_sentence() -> None:
    french = small_bot().locales["fr_FR"]
    slot = named(french, "WhereIsMyOrder").slot("Order")
    found = slots.answer(french, slot, "abcd", TODAY)
    assert found
    assert (found.interpreted, found.sure) == ("abcd", False)
    assert slots.answer(french, slot, "je ne sais pas", TODAY) is None


def test_free_words_are_only_taken_when_they_are_asked_for() -> None:
    text = "Leave it with Mrs. Bell, she's in all day"
    assert "Note" not in in_text(STOCK, text)
    assert answered(STOCK, "Note", text) == (text, text)


# --- Amazon's types


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("Number", "for 12 people", "12"),
        ("Number", "two please", "2"),
        ("Number", "1,5 kg", "1.5"),
        ("EmailAddress", "write to ana@example.com.", "ana@example.com"),
        ("PhoneNumber", "it's +44 7700 900-123", "+447700900123"),
        ("UKPostalCode", "to sw1a 1aa", "sw1a 1aa"),
        ("Date", "on 2026-12-24", "2026-12-24"),
        ("Date", "25/12", "2026-12-25"),
        ("Date", "the 3rd of january", "2027-01-03"),
        ("Date", "Dec 24th", "2026-12-24"),
        ("Date", "tomorrow morning", "2026-11-24"),
        ("Date", "the day after tomorrow", "2026-11-25"),
        ("Date", "on Monday", "2026-11-30"),
        ("Date", "on friday", "2026-11-27"),
        ("Time", "at 5 pm", "17:00"),
        ("Time", "at 12am", "00:00"),
        ("Time", "17:30 is fine", "17:30"),
        ("Time", "around noon", "12:00"),
    ],
)
def test_amazons_types_are_known_by_their_look(kind: str, text: str, value: str) -> None:
    assert values(kind, text)[0][0] == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("Number", "deux personnes", "2"),
        ("Date", "le 24 décembre", "2026-12-24"),
        ("Date", "après-demain", "2026-11-25"),
        ("Date", "plutôt vendredi", "2026-11-27"),
        ("Time", "à 17h30", "17:30"),
        ("Time", "vers 9 heures", "09:00"),
    ],
)
def test_amazons_types_know_french(kind: str, text: str, value: str) -> None:
    assert values(kind, text, "fr")[0][0] == value


def test_an_hour_that_may_be_before_or_after_noon_means_both() -> None:
    assert values("Time", "at 5:30") == [("05:30", "17:30")]


@pytest.mark.parametrize(
    ("kind", "text"), [("Date", "31/02"), ("Time", "25:00"), ("Time", "room 12"), ("Number", "a1")]
)
def test_what_there_is_not_is_not_found(kind: str, text: str) -> None:
    assert values(kind, text) == []


# --- yes and no


@pytest.mark.parametrize("text", ["Yes", "yep!", "ok", "Sure, go ahead", "that's right", "no problem", "y", "why not"])
def test_yes(text: str) -> None:
    assert reply(text, "en") == "Yes"


@pytest.mark.parametrize("text", ["No", "nope", "no thanks", "Don't", "that's wrong", "not that one"])
def test_no(text: str) -> None:
    assert reply(text, "en") == "No"


@pytest.mark.parametrize("text", ["Oui", "ouais", "d\N{RIGHT SINGLE QUOTATION MARK}accord", "pas de souci", "C'est ça"])
def test_oui(text: str) -> None:
    assert reply(text, "fr") == "Yes"


@pytest.mark.parametrize("text", ["Non", "non merci", "surtout pas", "pas du tout"])
def test_non(text: str) -> None:
    assert reply(text, "fr") == "No"


@pytest.mark.parametrize("text", ["not sure", "yes but somewhere else", "yesterday", "hmm", "1042", ""])
def test_neither_yes_nor_no(text: str) -> None:
    assert reply(text, "en") is None


@pytest.mark.parametrize(("text", "meant"), [("maybe", "Maybe"), ("I don't know", "Don't know"), ("yes", "Yes")])
def test_a_confirmation_has_four_values(text: str, meant: str) -> None:
    assert values("Confirmation", text) == [(meant,)]
