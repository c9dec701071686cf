"""The ledger of conversations: each turn once, in order, with all that it came to or nothing of it."""

from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.conversations import MOST_QUESTIONS, MOST_SETTLED, MOST_TURNS
from rapport.adapters.ledger import ConflictError
from rapport.domain.advance import Draft
from rapport.domain.conversation import Cause, Conversation, Owner, Question, Turn, hand_over
from rapport.domain.dialogue import Answer, Saying, Telling
from rapport.domain.message import Content, Status
from tests.adapters.talking import ASKED, ORDER, THREAD, Talk, said
from tests.domain.builders import NOON, PHONE, SECOND, a_message, ada

TURN = Turn(id="turn-1", customer="ada", channel="sms", address=PHONE, at=NOON, text="to 12 Oak Lane")
TALK = Conversation(customer="ada", channel="sms", address=PHONE)
LATER = timedelta(minutes=1)


@pytest.fixture
def talk(world: World) -> Talk:
    return Talk(world.dynamodb, world.ledger_table)


def changed(**changes: Any) -> Turn:
    return TURN.model_copy(update=changes)


def test_a_turn_is_kept_once_by_its_id_whoever_has_its_number_by_then(talk: Talk) -> None:
    assert talk.conversations.put_turn(TURN, THREAD)
    assert not talk.conversations.put_turn(TURN, THREAD)
    assert not talk.conversations.put_turn(changed(customer="ben", text="else", at=NOON + SECOND), THREAD)
    assert talk.turns() == [TURN]
    assert talk.turns("ben") == []
    assert talk.conversations.kept_for(THREAD, "turn-1") == "ada"
    assert talk.conversations.kept_for(THREAD, "turn-2") is None


def test_the_earliest_that_nothing_came_of_is_the_next(talk: Talk) -> None:
    assert talk.conversations.unheard("ada", THREAD) is None
    for number in (3, 1, 2):
        talk.conversations.put_turn(changed(id=f"turn-{number}", at=NOON + number * SECOND), THREAD)
    next_ = talk.conversations.unheard("ada", THREAD)
    assert next_
    assert next_.id == "turn-1"


def test_of_two_in_the_same_moment_it_is_always_the_same_one(talk: Talk) -> None:
    for name in ("b", "a"):
        talk.conversations.put_turn(changed(id=name), THREAD)
    next_ = talk.conversations.unheard("ada", THREAD)
    assert next_
    assert next_.id == "a"


def test_however_many_came_at_once_the_first_is_found(talk: Talk) -> None:
    for number in range(MOST_TURNS + 5):
        talk.conversations.put_turn(changed(id=f"turn-{number}", at=NOON + number * SECOND), THREAD)
    next_ = talk.conversations.unheard("ada", THREAD)
    assert next_
    assert next_.id == "turn-0"
    assert len(talk.conversations.turns("ada", THREAD)) == MOST_TURNS
    assert [turn.id for turn in talk.conversations.turns("ada", THREAD, most=2)] == ["turn-104", "turn-103"]


def whole_answer() -> Answer:
    """An answer with something of everything."""
    conversation, step = hand_over(TALK, "asked for a person", "bot", NOON, cause=Cause.ASKED)
    assert step
    return Answer(
        conversation,
        "why",
        says=(Saying("handed-over"),),
        customer=ada(version=1, human_owns=True),
        delivery=ORDER.model_copy(update={"version": 1, "destination": "12 Oak Lane"}),
        settled=(ASKED,),
        tells=(Telling("delivery.destination-changed", {"order": "42"}, out=True), Telling("reply.received", {})),
        steps=(step,),
    )


def commit(talk: Talk, answer: Answer) -> None:
    """What the turn came to, on what was on record before."""
    scene = talk.replier.scene(TURN, THREAD)
    drafts = [Draft(a_message(id="m-2"), Content(text="A person will read this."))]
    talk.conversations.commit(changed(answers=("handed-over",), because="why"), scene, answer, drafts)


def test_all_that_a_turn_comes_to_is_written_with_it(talk: Talk) -> None:
    talk.knows(ada(), asked=(ASKED,))
    talk.conversations.put_turn(TURN, THREAD)
    commit(talk, whole_answer())
    assert talk.turns() == [changed(handled=True, answers=("handed-over",), because="why")]
    assert talk.conversation().owner is Owner.WAITING
    assert (talk.customer().human_owns, talk.customer().version) == (True, 2)
    [delivery] = talk.conversations.deliveries("ada")
    assert (delivery.destination, delivery.version) == ("12 Oak Lane", 2)
    assert talk.everything("question") == []
    assert [
        (each["type"], each["out"]) for each in sorted(talk.everything("telling"), key=lambda each: each["type"])
    ] == [
        ("delivery.destination-changed", True),
        ("reply.received", False),
    ]
    assert [step.to for step in talk.conversations.steps("ada", THREAD)] == [Owner.WAITING]
    assert {each["sk"] for each in talk.everything("message")} == {"MESSAGE#m-1", "MESSAGE#m-2"}


@pytest.mark.parametrize("what", ["the customer", "the delivery", "the conversation", "the turn", "the message"])
def test_when_something_was_written_meanwhile_nothing_of_it_is(talk: Talk, what: str) -> None:
    talk.knows(ada(), asked=(ASKED,))
    talk.conversations.put_turn(TURN, THREAD)
    answer = whole_answer()
    scene = talk.replier.scene(TURN, THREAD)
    match what:
        case "the customer":
            talk.conversations.change_customer("ada", lambda ada: ada.model_copy(update={"name": "Bea"}))
        case "the delivery":
            talk.conversations.ledger.write([talk.conversations.ledger.versioned(delivery_moved(), 1)])
        case "the conversation":
            talk.conversations.commit_desk(scene.conversation, TALK.model_copy(update={"misses": 1}))
        case "the turn":
            talk.put(turn_seen_to())
        case "the message":
            talk.put(message_there())
    before = snapshot(talk)
    with pytest.raises(ConflictError):
        talk.conversations.commit(TURN, scene, answer, [Draft(a_message(id="m-2"), Content(text="x"))])
    assert snapshot(talk) == before


def snapshot(talk: Talk) -> list[Any]:
    found = talk.conversations.client.scan(TableName=talk.conversations.table)["Items"]
    return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def delivery_moved() -> Any:
    return items.delivery_item(ORDER.model_copy(update={"version": 1, "window": "2 to 4"}))


def turn_seen_to() -> Any:
    return items.turn_item(changed(handled=True), THREAD)


def message_there() -> Any:
    return items.message_item(a_message(id="m-2"))


@pytest.mark.parametrize("status", list(Status))
def test_only_what_went_out_has_asked_something(talk: Talk, status: Status) -> None:
    talk.knows(ada(), asked=(ASKED,), status=status)
    asked = status not in (Status.QUEUED, Status.SKIPPED, Status.EXPIRED)
    assert talk.conversations.questions("ada") == ((ASKED,) if asked else ())


def test_of_two_that_ask_the_same_about_the_same_the_later_counts(talk: Talk) -> None:
    again = ASKED.model_copy(update={"message": "m-2", "asked_at": NOON})
    other = ASKED.model_copy(update={"message": "m-3", "about": "43", "asked_at": NOON - LATER})
    talk.knows(ada(), asked=(ASKED, again, other))
    assert talk.conversations.questions("ada") == (again, other)


def settle(talk: Talk, *settled: Question) -> None:
    """A turn settles the questions and nothing else."""
    talk.conversations.put_turn(TURN, THREAD)
    scene = talk.replier.scene(TURN, THREAD)
    talk.conversations.commit(TURN, scene, Answer(scene.conversation, "why", settled=settled), [])


def left(talk: Talk) -> list[str]:
    return sorted(each["message"] for each in talk.everything("question"))


def test_what_is_settled_does_not_bring_back_what_asked_the_same_before(talk: Talk) -> None:
    again = ASKED.model_copy(update={"message": "m-2", "asked_at": NOON})
    other = ASKED.model_copy(update={"message": "m-3", "about": "43"})
    talk.knows(ada(), asked=(ASKED, again, other))
    settle(talk, again)
    assert left(talk) == ["m-3"]
    assert talk.conversations.questions("ada") == (other,)


def test_what_asked_the_same_since_stays(talk: Talk) -> None:
    again = ASKED.model_copy(update={"message": "m-2", "asked_at": NOON})
    talk.knows(ada(), asked=(ASKED, again))
    settle(talk, ASKED)
    assert left(talk) == ["m-2"]


def test_what_asks_the_same_and_has_yet_to_go_out_stays(talk: Talk) -> None:
    held = ASKED.model_copy(update={"message": "m-0", "asked_at": ASKED.asked_at - LATER})
    talk.knows(ada(), asked=(ASKED,))
    talk.put(items.question_item("ada", held), items.message_item(said(held, Status.QUEUED)))
    settle(talk, ASKED)
    assert left(talk) == ["m-0"]


def test_what_somebody_settled_meanwhile_is_settled_once_more(talk: Talk) -> None:
    talk.knows(ada())
    settle(talk, ASKED)
    assert left(talk) == []


def test_however_often_the_same_was_asked_stop_is_heard(talk: Talk) -> None:
    asked = [
        ASKED.model_copy(
            update={"message": f"m-{number}", "about": f"{number % 20}", "asked_at": NOON - number * LATER}
        )
        for number in range(120)
    ]
    talk.knows(ada(), asked=tuple(asked))
    assert talk.says("STOP") == set()
    assert talk.heard() == [("STOP", ("stopped",))]
    assert len(left(talk)) == 120 - MOST_SETTLED


def test_what_was_never_answered_in_years_does_not_keep_anybody_from_saying_stop(talk: Talk) -> None:
    old = [
        ASKED.model_copy(update={"message": f"m-{number}", "about": f"{number}", "asked_at": NOON - number * LATER})
        for number in range(120)
    ]
    talk.knows(ada(), asked=tuple(old))
    assert [each.about for each in talk.conversations.questions("ada")][-1] == "0"
    assert len(talk.conversations.questions("ada")) == MOST_QUESTIONS
    assert talk.says("STOP") == set()
    assert talk.heard() == [("STOP", ("stopped",))]


def test_a_customer_is_changed_whoever_else_writes(talk: Talk) -> None:
    talk.knows(ada())
    write, writes = talk.conversations.ledger.write, list[str]()

    def second(parts: list[Any]) -> None:
        if not writes:
            writes.append("theirs")
            talk.conversations.change_customer("ada", lambda ada: ada.model_copy(update={"country": "FR"}))
        write(parts)

    talk.conversations.ledger.write = second  # type: ignore[method-assign, assignment]
    talk.conversations.change_customer("ada", lambda ada: ada.model_copy(update={"name": "Bea"}))
    assert (talk.customer().name, talk.customer().country, talk.customer().version) == ("Bea", "FR", 3)
    talk.conversations.change_customer("ada", lambda ada: ada)
    assert talk.customer().version == 3


def test_a_message_is_found_by_its_carriers_id_and_an_owner_by_a_number(talk: Talk) -> None:
    talk.knows(ada(), ada(id="ben"), asked=(ASKED,))
    assert talk.conversations.message_of("c-m-1") == ("ada", "m-1")
    assert talk.conversations.message_of("c-m-9") is None
    assert sorted(talk.conversations.owners(PHONE)) == ["ada", "ben"]
    assert talk.conversations.owners("+33600000000") == []
