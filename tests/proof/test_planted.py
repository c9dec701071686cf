"""The fault harness can fail: mistakes planted in the product break its rules, and the product as it is doesn't."""

from importlib import import_module
from unittest.mock import patch

import pytest

from proof.faults import plant
from proof.faults.plant import MISTAKES, broken_by, catch, named
from proof.faults.planting import Edit, GoneError, Mistake, find, planted
from proof.faults.play import Plan
from rapport.adapters import batch, carriers
from rapport.domain import sending

# A few that are quick to play; `python -m proof.faults --planted` plays them all.
QUICK = {
    "a time-out means failed": "accepted_is_never_unsent",
    "a possible duplicate isn't marked": "at_most_once",
    "a place under the cap is given back when the message is sent": "within_the_caps",
    "who never agreed gets offers": "only_with_consent",
    "a failed record is taken for done": "every_event_is_on_record",
}
UNDER = {mistake.plans[0]: mistake.name for mistake in MISTAKES if mistake.name in QUICK}
HARMLESS = Edit("rapport.adapters.batch:succeeds", "record failed", "a record failed")


@pytest.mark.parametrize(("name", "rule"), QUICK.items())
def test_a_planted_mistake_breaks_a_rule(name: str, rule: str) -> None:
    found = catch(named(name))
    assert found.rule == rule
    assert found.command.startswith("python -m proof.faults --day ")


@pytest.mark.parametrize("plan", UNDER, ids=UNDER.values())
def test_the_product_as_it_is_breaks_none_under_the_same_plan(plan: Plan) -> None:
    assert broken_by(plan) is None


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_every_mistake_fits_the_code_as_it_is(mistake: Mistake) -> None:
    places = [edit.where.split(":") for edit in mistake.edits if edit.old]
    functions = [find(import_module(module), path) for module, path in places]
    before = [function.__code__ for function in functions]
    with planted(mistake):
        assert all(function.__code__ != code for function, code in zip(functions, before, strict=True))
    assert [function.__code__ for function in functions] == before
    assert mistake.plans or mistake.pure


def test_each_mistake_has_a_name_of_its_own() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)


def refuse(given: str) -> None:
    raise ValueError(given)


def test_a_mistake_is_in_what_others_have_imported_already() -> None:
    imported = batch.succeeds
    with planted(Mistake("all is well", (Edit("rapport.adapters.batch:succeeds", "return False", "return True"),))):
        assert imported(refuse, "a record")
    assert not imported(refuse, "a record")


def test_a_constant_that_a_mistake_changes_is_back_afterwards() -> None:
    shipped = carriers.ONE_ATTEMPT
    with planted(named("the SDK's retries are on at the carrier")):
        assert carriers.ONE_ATTEMPT is carriers.POOLED
    assert carriers.ONE_ATTEMPT is shipped


@pytest.mark.parametrize(
    "edit",
    [
        Edit("rapport.domain.sending:deliver", "claimed = ledger.claim_in_a_transaction(", ""),
        Edit("rapport.domain.sending:deliver", "ledger", ""),
        Edit("rapport.domain.sending:deliver_all", "claimed", ""),
        Edit("rapport.adapters.sends:Sends.unchanged", "version", ""),
        Edit("rapport.adapters.carriers:NO_ATTEMPT", "", "POOLED"),
    ],
    ids=["the words are gone", "the words are there twice", "no such function", "no such method", "no such constant"],
)
def test_a_mistake_whose_code_is_gone_says_so_and_plants_nothing(edit: Edit) -> None:
    before = batch.succeeds.__code__, sending.deliver.__code__
    with pytest.raises(GoneError), planted(Mistake("of long ago", (HARMLESS, edit))):
        pytest.fail("it was planted")
    assert (batch.succeeds.__code__, sending.deliver.__code__) == before


def test_what_breaks_no_rule_isnt_called_caught() -> None:
    with patch.object(plant, "PURE_RUNS", ((0.2, range(100)),)):
        found = catch(Mistake("another word in the log", (HARMLESS,), pure=True))
    assert not found.caught
    assert found.command == ""


def test_a_run_that_never_ends_breaks_a_rule() -> None:
    with patch.object(plant, "MOST_INVOCATIONS", 3):
        assert broken_by(Plan("shipped")) == (
            "nothing_is_stuck",
            "not at rest after 3 invocations, on 23 November 2026",
        )
