"""What users of other systems complain of in public, each by its name: here it doesn't happen."""

from collections.abc import Iterator

import boto3
import pytest

from local.desk import Desk
from local.world import World
from tests.conftest import MONDAY
from tests.stories.people import LONDON, meet

ANA = "+447700900123"
PERSON_COMES = "A person here will read this and write back to you."


@pytest.fixture
def world() -> Iterator[World]:
    """A world with a chatbot, and Ana, whose kettle comes on Wednesday."""
    with World(MONDAY, parameters={"Chatbot": "lex"}) as world:
        meet(world, "ana", LONDON)
        world.happens("delivery.scheduled", "ana", order="1042", due_at="2026-11-25T14:00:00+00:00", item="kettle")
        yield world


def answers(world: World, text: str) -> list[str]:
    """What Ana gets by text within a minute of writing this."""
    before = len(world.texts_to("ana"))
    world.writes(ANA, text)
    world.advance("1 minute")
    return [str(entry.text) for entry in world.texts_to("ana")[before:]]


def test_the_bot_talks_over_the_person(world: World) -> None:
    assert answers(world, "get me a human please")[0].startswith(PERSON_COMES)
    assert answers(world, "where is my order?") == []
    Desk(world).answer("ana", "Kim here. It comes tomorrow at two.", name="Kim")
    world.advance("1 minute")
    assert world.texts_to("ana")[-1].text == "Kim here. It comes tomorrow at two."
    assert answers(world, "where is my order?") == []
    assert answers(world, "when are you open") == []


def test_what_the_bot_was_about_to_say_is_not_said_once_a_person_has_it(world: World) -> None:
    world.writes(ANA, "where is my order?")
    world.writes(ANA, "forget it, I want to talk to a person")
    world.advance("5 minutes")
    assert [str(entry.text) for entry in world.texts_to("ana")][-1].startswith(PERSON_COMES)
    void = [entry.message for entry in world.unsaid_to("ana")]
    assert [(message.template, message.reason) for message in void] in ([], [("where-it-is", "exited")])


def test_silent_for_ever_after_hand_back(world: World) -> None:
    answers(world, "get me a human please")
    Desk(world).answer("ana", "Done, all yours.", name="Kim", hand_back=True)
    world.advance("1 minute")
    assert answers(world, "where is my order?")[0].startswith("Order 1042 (kettle) comes on Wednesday")
    assert answers(world, "I need an agent")[0].startswith(PERSON_COMES)
    Desk(world).answer("ana", "", name="Kim", hand_back=True)
    assert answers(world, "when are you open?")[0].startswith("People are in")


def test_closing_line_twice(world: World) -> None:
    assert answers(world, "thanks") == ["You're welcome."]
    assert answers(world, "thank you so much") == []


def test_the_story_is_lost_at_hand_over(world: World) -> None:
    answers(world, "where is my order?")
    answers(world, "the last one came with a crack in it and nobody answered me")
    [letter] = [taken for taken in world.carriers.taken if taken.to == world.stack.parameters["FromAddress"]]
    for told in ("where is my order?", "the last one came with a crack in it", "1042", "kettle", "Complaint"):
        assert told in letter.text


def test_no_that_is_not_it_is_taken_for_a_new_question(world: World) -> None:
    answers(world, "when are you open?")
    assert answers(world, "no, that's not it")[0].startswith("Sorry, that was no answer then.")
    assert answers(world, "still not what I asked")[0].startswith(PERSON_COMES)


@pytest.mark.parametrize("word", ["agent", "HUMAN!", "can I talk to a real person", "je veux parler à quelqu'un"])
def test_no_way_out(world: World, word: str) -> None:
    answers(world, "can you leave it next door?")
    assert answers(world, word)[0].startswith(PERSON_COMES)


def test_going_round_in_circles_ends_with_a_person(world: World) -> None:
    first = answers(world, "purple monkey dishwasher")
    assert "eply AGENT" in first[0]
    assert answers(world, "qwertyuiop asdf")[0].startswith(PERSON_COMES)


def test_the_same_question_again_is_a_miss(world: World) -> None:
    answers(world, "can I send it back?")
    world.advance("1 minute")
    assert answers(world, "can I send it back?")[0].startswith("Sorry, that was no answer then.")
    world.advance("1 minute")
    assert answers(world, "can I send it back?")[0].startswith(PERSON_COMES)


def test_one_tab_gets_the_other_tabs_answer(world: World) -> None:
    lex = boto3.client("lexv2-runtime")

    def chat(tab: str, text: str) -> list[str]:
        bot, alias = world.stack.attribute("Bot", "Id"), world.stack.attribute("BotAlias", "BotAliasId")
        answer = lex.recognize_text(botId=bot, botAliasId=alias, localeId="en_GB", sessionId=tab, text=text)
        return [message["content"] for message in answer.get("messages", [])]

    assert chat("tab-1", "I want to talk to a person")[0].startswith(PERSON_COMES)
    assert chat("tab-2", "when are you open?")[0].startswith("People are in")
    assert chat("tab-1", "when are you open?") == []
