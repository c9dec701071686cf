"""The planner's side of the ledger: all that an event came to, or nothing, and only on what was read."""

from contextlib import suppress
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.ledger import FULL_PAGE, ConflictError, Ledger, settled, with_words
from rapport.adapters.many_items import write_all
from rapport.adapters.sends import Sends
from rapport.domain.advance import Draft
from rapport.domain.conversation import Question
from rapport.domain.customer import Customer
from rapport.domain.delivery import Delivery
from rapport.domain.message import Content
from rapport.domain.planning import Plan
from rapport.domain.run import Run, Waiting
from tests.domain.builders import DAY, NOON, PHONE, a_journey, a_message, a_run, ada, an_event

EVENT = an_event("delivery.scheduled")
RUN = a_run(a_journey({"wait": "3 days"}))
KEY = RUN.key
DELIVERY = Delivery(customer="ada", order="42", due_at="2026-11-30", as_of=NOON)
ASKED = Question(asks="change-destination", asked_at=NOON, about="42", journey="delivery", message="m-1")
WORDS = Content(text="Your parcel comes tomorrow.", subject="Tomorrow", html="<p>Tomorrow</p>")


@pytest.fixture
def ledger(world: World) -> Ledger:
    return Ledger(world.dynamodb, world.ledger_table)


def everything(ledger: Ledger) -> dict[tuple[str, str], dict[str, Any]]:
    """All that is on record, by key."""
    found = ledger.client.scan(TableName=ledger.table)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): items.from_item(item) for item in found}


def words_of(message: str, words: Content) -> tuple[str, str]:
    """Where an e-mail's words lie."""
    key = items.content_key("ada", message, with_words(Draft(a_message(), words)).words)
    return key["pk"]["S"], key["sk"]["S"]


def a_plan(customer: Customer | None = None, **changes: Any) -> Plan:
    """A plan with something of everything."""
    whole: dict[str, Any] = {
        "runs": {KEY: RUN},
        "drafts": [Draft(a_message(), WORDS, ASKED), Draft(a_message(id="m-2"))],
        "wants": [("back-in-stock", "fern-7")],
        "notes": ["delivery about 42 begins"],
        "delivery": DELIVERY,
    }
    return Plan(customer or ada(), **{**whole, **changes})


def commit(ledger: Ledger, plan: Plan, event: Any = EVENT) -> None:
    """Reads and writes with nothing in between."""
    ledger.commit(event, ledger.read("ada", [KEY], event.id, "42"), plan, NOON)


def test_of_a_stranger_nothing_is_known(ledger: Ledger) -> None:
    read = ledger.read("ada", [KEY], "e-1")
    assert (read.customer, read.runs, read.outcome) == (Customer(id="ada"), {}, None)


def test_a_commit_writes_all_that_the_event_came_to(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    read = ledger.read("ada", [KEY, ("delivery", "other")], EVENT.id)
    assert read.customer == ada(version=1)
    assert read.runs == {KEY: RUN.model_copy(update={"version": 1})}
    assert ledger.read("ada", [], order="42").delivery == DELIVERY.model_copy(update={"version": 1})
    assert set(everything(ledger)) == {
        ("ada", "PROFILE"),
        ("ada", "RUN#delivery#42"),
        ("ada", "MESSAGE#m-1"),
        ("ada", "MESSAGE#m-2"),
        words_of("m-1", WORDS),
        ("ada", "QUESTION#m-1"),
        ("ada", "ORDER#42"),
        ("ada", f"EVENT#{EVENT.id}"),
        (f"ADDRESS {PHONE}", "ada"),
        ("LIST back-in-stock fern-7", "ada"),
    }
    words = everything(ledger)[words_of("m-1", WORDS)]
    assert Content.model_validate(words) == WORDS


def test_the_outcome_says_what_became_of_the_event(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    outcome = ledger.outcome("ada", EVENT.id)
    assert outcome
    assert {name: outcome[name] for name in ("type", "fingerprint", "at", "outcome", "notes", "messages")} == {
        "type": "delivery.scheduled",
        "fingerprint": EVENT.fingerprint(),
        "at": NOON.isoformat(),
        "outcome": "planned",
        "notes": ["delivery about 42 begins"],
        "messages": ["m-1", "m-2"],
    }
    assert ledger.read("ada", [], EVENT.id).outcome == outcome
    assert ledger.read("ada", []).outcome is None
    assert ledger.outcome("ada", "another") is None


def test_a_rejected_event_leaves_its_reason_and_nothing_else(ledger: Ledger) -> None:
    read = ledger.read("ada", [], EVENT.id)
    ledger.commit(EVENT, read, Plan(read.customer, notes=["data.order: missing"], rejected=True), NOON)
    (outcome,) = everything(ledger).values()
    assert (outcome["outcome"], outcome["notes"]) == ("rejected", ["data.order: missing"])


def rejected(ledger: Ledger) -> None:
    """The event is on record as one that can't be used."""
    read = ledger.read("ada", [], EVENT.id)
    ledger.commit(EVENT, read, Plan(read.customer, notes=["no"], rejected=True), NOON)


def test_in_the_place_of_a_rejection_a_plan_is_committed_once(ledger: Ledger) -> None:
    rejected(ledger)
    read = ledger.read("ada", [KEY], EVENT.id)
    ledger.commit(EVENT, read, a_plan(read.customer), NOON)
    before = everything(ledger)
    assert before["ada", f"EVENT#{EVENT.id}"]["outcome"] == "planned"
    with pytest.raises(ConflictError):
        ledger.commit(EVENT, read, Plan(read.customer), NOON)
    assert everything(ledger) == before


def test_an_event_is_settled_unless_it_was_rejected_saying_something_else() -> None:
    mark, other = EVENT.fingerprint(), "other"
    assert not settled(None, EVENT)
    for outcome, fingerprint, expected in (
        ("planned", {"fingerprint": mark}, True),
        ("planned", {"fingerprint": other}, True),
        ("planned", {}, True),
        ("rejected", {"fingerprint": mark}, True),
        ("rejected", {"fingerprint": other}, False),
        ("rejected", {}, False),
    ):
        assert settled({"outcome": outcome, **fingerprint}, EVENT) is expected


def test_a_rejection_takes_the_place_of_another_rejection_only(ledger: Ledger) -> None:
    assert ledger.reject("ada", "e-1", ["no"], NOON, "f1") is None
    same = ledger.reject("ada", "e-1", ["again"], NOON, "f1")
    assert same
    assert same["notes"] == ["no"]
    assert ledger.reject("ada", "e-1", ["neither"], NOON, "f2") is None
    ledger.note("ada", "e-1", ["told 3"], NOON, "f3")
    planned = ledger.reject("ada", "e-1", ["no"], NOON, "f4")
    assert planned == ledger.outcome("ada", "e-1")
    assert planned
    assert (planned["outcome"], planned["fingerprint"]) == ("planned", "f3")


def test_a_rejection_of_long_ago_has_no_fingerprint_and_gives_way(ledger: Ledger) -> None:
    old = {"kind": "event", "outcome": "rejected", "notes": ["no"]}
    ledger.client.put_item(TableName=ledger.table, Item={**items.outcome_key("ada", "e-1"), **items.to_item(old)})
    assert ledger.reject("ada", "e-1", ["no"], NOON, "f1") is None


def test_an_unchanged_customer_isnt_written(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    read = ledger.read("ada", [KEY], "e-2")
    ledger.commit(an_event("order.rated"), read, Plan(read.customer), NOON)
    assert ledger.read("ada", []).customer.version == 1


def meanwhile_the_customer(ledger: Ledger) -> None:
    ledger.client.put_item(TableName=ledger.table, Item=items.customer_item(ada(version=6)))


def meanwhile_the_run(ledger: Ledger) -> None:
    ledger.client.put_item(TableName=ledger.table, Item=items.run_item(RUN.model_copy(update={"version": 6})))


def meanwhile_the_event(ledger: Ledger) -> None:
    ledger.note("ada", "second", ["somebody else planned it"], NOON)


def meanwhile_the_message(ledger: Ledger) -> None:
    ledger.client.put_item(TableName=ledger.table, Item=items.message_item(a_message(id="m-3")))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "meanwhile", [meanwhile_the_customer, meanwhile_the_run, meanwhile_the_event, meanwhile_the_message]
)
def test_when_somebody_wrote_first_nothing_is_written(ledger: Ledger, known: bool, meanwhile: Any) -> None:
    if known:
        commit(ledger, a_plan())
    event = EVENT.model_copy(update={"id": "second"})
    read = ledger.read("ada", [KEY], event.id)
    run = read.runs.get(KEY, RUN).ended("exited", "x")
    plan = a_plan(ada(version=read.customer.version), runs={KEY: run}, drafts=[Draft(a_message(id="m-3"), WORDS)])
    meanwhile(ledger)
    before = everything(ledger)
    with pytest.raises(ConflictError):
        ledger.commit(event, read, plan, NOON)
    assert without_words_of("m-3", everything(ledger)) == before


def without_words_of(message: str, lying: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """What lies there but for words of a message that never came to be: nobody reads them without it."""
    return {key: item for key, item in lying.items() if not key[1].startswith(f"CONTENT#{message}")}


def test_a_message_that_is_planned_once_more_has_the_words_of_the_plan_that_came_to_be(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    before = ledger.read("ada", [KEY]).runs[KEY]
    early, late = (WORDS.model_copy(update={"text": text}) for text in ("Of the first plan.", "Of one too late."))
    sends = Sends(ledger.client, ledger.table)
    gone_on = before.model_copy(update={"version": 7})
    for run, words in ((gone_on, early), (before, WORDS), (gone_on, late)):
        with suppress(ConflictError):
            ledger.commit_run(run, run, [Draft(a_message(id="m-3", entry=before.entry), words)])
    assert sends.look(sends.message("ada", "m-3")).content == WORDS


def test_the_words_of_a_text_lie_with_it(ledger: Ledger) -> None:
    commit(ledger, a_plan(drafts=[Draft(a_message(), Content(text="Tomorrow."))]))
    lying = everything(ledger)
    assert lying["ada", "MESSAGE#m-1"]["text"] == "Tomorrow."
    assert not any(sk.startswith("CONTENT#") for _, sk in lying)


def test_what_is_one_item_only_is_written_without_a_transaction(ledger: Ledger) -> None:
    called: list[str] = []
    ledger.client.meta.events.register("before-call.dynamodb.*", lambda model, **_: called.append(model.name))
    read = ledger.read("ada", [KEY], EVENT.id)
    ledger.commit(EVENT, read, Plan(read.customer), NOON)
    with pytest.raises(ConflictError):
        ledger.commit(EVENT, read, Plan(read.customer), NOON)
    assert called == ["BatchGetItem", "PutItem", "PutItem"]


def test_the_same_event_cant_be_committed_twice(ledger: Ledger) -> None:
    read = ledger.read("ada", [KEY], EVENT.id)
    ledger.commit(EVENT, read, a_plan(), NOON)
    before = everything(ledger)
    with pytest.raises(ConflictError):
        ledger.commit(EVENT, read, Plan(read.customer), NOON)
    assert everything(ledger) == before


def test_a_run_goes_on_with_its_messages(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    before = ledger.read("ada", [KEY]).runs[KEY]
    after = before.model_copy(update={"waiting": Waiting(until=NOON + DAY)})
    ledger.commit_run(before, after, [Draft(a_message(id="m-3"), WORDS)])
    assert ledger.read("ada", [KEY]).runs[KEY] == after.model_copy(update={"version": 2})
    assert words_of("m-3", WORDS) in everything(ledger)


def test_a_run_that_went_on_meanwhile_stays_where_it_is_and_says_nothing(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    before = ledger.read("ada", [KEY]).runs[KEY]
    ledger.commit_run(before, before, [])
    there = everything(ledger)
    with pytest.raises(ConflictError):
        ledger.commit_run(before, before.ended("exited", "x"), [Draft(a_message(id="m-3"), WORDS)])
    assert without_words_of("m-3", everything(ledger)) == there


def test_a_message_that_was_planned_before_isnt_planned_again(ledger: Ledger) -> None:
    commit(ledger, a_plan())
    before = ledger.read("ada", [KEY]).runs[KEY]
    with pytest.raises(ConflictError):
        ledger.commit_run(before, before, [Draft(a_message(detail="again"))])


def test_who_asks_twice_waits_once_in_their_old_place(ledger: Ledger) -> None:
    for name in ("first", "second"):
        event = EVENT.model_copy(update={"id": name})
        read = ledger.read("ada", [], event.id)
        ledger.commit(event, read, Plan(read.customer, wants=[("back", "fern")]), NOON)
    assert ledger.waiting(("back", "fern")) == [("ada", "first")]
    ledger.told(("back", "fern"), ["ada"])
    assert ledger.waiting(("back", "fern")) == []


def test_a_note_is_an_outcome_without_a_plan(ledger: Ledger) -> None:
    ledger.note("*", "e-1", ["told 3"], NOON)
    assert ledger.reject("ada", "x" * 5000, ["id: too long"], NOON, "f") is None
    outcomes = [ledger.outcome("*", "e-1"), ledger.outcome("ada", "x" * 5000)]
    assert [(each["outcome"], each["notes"]) for each in outcomes if each] == [
        ("planned", ["told 3"]),
        ("rejected", ["id: too long"]),
    ]


def test_a_customer_named_like_a_list_is_no_member_of_it(ledger: Ledger) -> None:
    ledger.client.put_item(TableName=ledger.table, Item=items.customer_item(Customer(id="LIST#back#fern")))
    assert ledger.waiting(("back", "fern")) == []


def test_what_is_no_wish_keeps_nobody_from_hearing(ledger: Ledger) -> None:
    for number in range(FULL_PAGE + 5):
        ledger.note("LIST back fern", str(number), ["a poisoned note"], NOON)
    wish = {"kind": "want", "asked_by": "e-1"}
    wishes = [
        {**items.key("LIST back fern", f"c{number:03}"), **items.to_item(wish)} for number in range(FULL_PAGE + 5)
    ]
    write_all(ledger.client, ledger.table, [{"PutRequest": {"Item": item}} for item in wishes])
    assert ledger.waiting(("back", "fern")) == [(f"c{number:03}", "e-1") for number in range(FULL_PAGE)]


def test_more_runs_than_one_request_takes_are_all_read(ledger: Ledger) -> None:
    runs = [RUN.model_copy(update={"about": str(number)}) for number in range(130)]
    for run in runs:
        ledger.client.put_item(TableName=ledger.table, Item=items.run_item(run))
    assert set(ledger.read("ada", [run.key for run in runs]).runs) == {run.key for run in runs}


def test_a_finished_run_keeps_its_place_in_the_ledger(ledger: Ledger) -> None:
    ended: Run = RUN.ended("completed", "its last step")
    commit(ledger, a_plan(runs={KEY: ended}))
    assert ledger.read("ada", [KEY]).runs[KEY] == ended.model_copy(update={"version": 1})
