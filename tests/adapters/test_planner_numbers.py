"""Whose number is whose: put down with every update, and a STOP that the number said before holds for them too."""

from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.inbox import stranger_with
from rapport.adapters.ledger import Ledger
from rapport.adapters.planner import Planner
from rapport.domain.customer import Consent, Customer
from rapport.domain.words import Channel, Purpose
from tests.adapters.talking import SHIPPED, Talk
from tests.domain.builders import NOON, PHONE, SECOND, ada, an_event, said

OTHER = "+33612345679"
STRANGER = stranger_with(PHONE)


@pytest.fixture
def talk(world: World) -> Talk:
    """Nobody is known yet."""
    return Talk(world.dynamodb, world.ledger_table)


def tell(talk: Talk, *numbers: str, at: Any = NOON, kind: str = "customer.updated", **data: Any) -> None:
    """The shop says what Ada's numbers are."""
    planner = Planner(Ledger(talk.conversations.client, talk.conversations.table), SHIPPED, lambda: talk.now)
    given = {"addresses": {"sms": list(numbers)}} if numbers else {}
    planner.take(an_event(kind, at, **given, **data))


def stop(talk: Talk, customer: str = "ada") -> list[Consent]:
    return [word for word in talk.customer(customer).consents if not word.given]


def test_a_customer_from_before_the_marks_gets_them_with_the_next_update(talk: Talk) -> None:
    talk.put(items.customer_item(ada()))
    tell(talk, PHONE)
    assert talk.conversations.owners(PHONE) == ["ada"]
    talk.says("STOP")
    assert talk.customer().has_stopped(Channel.SMS)


@pytest.mark.parametrize("data", [{}, {"name": "Bea"}, {"addresses": {"email": "ada@example.com"}}])
def test_also_where_the_update_says_nothing_of_the_number(talk: Talk, data: dict[str, Any]) -> None:
    talk.put(items.customer_item(ada()))
    tell(talk, **data)
    assert talk.conversations.owners(PHONE) == ["ada"]


def test_a_number_that_is_theirs_no_more_loses_its_mark_and_the_others_keep_theirs(talk: Talk) -> None:
    tell(talk, PHONE, OTHER)
    tell(talk, OTHER, at=NOON + SECOND)
    assert (talk.conversations.owners(PHONE), talk.conversations.owners(OTHER)) == ([], ["ada"])


def test_a_stop_from_before_the_number_was_known_to_be_theirs_holds(talk: Talk) -> None:
    talk.says("STOP")
    tell(talk, PHONE)
    [word] = stop(talk)
    assert (word.channel, word.purpose, word.at) == (Channel.SMS, "*", NOON)
    assert word.source == "STOP by text, from their number before it was known to be theirs"
    [outcome] = talk.everything("event")
    assert "a STOP from a number of theirs holds for them" in outcome["notes"]


def test_also_for_a_customer_from_before_the_marks_whose_number_has_not_changed(talk: Talk) -> None:
    talk.put(items.customer_item(ada()))
    talk.says("STOP")
    assert not talk.customer().has_stopped(Channel.SMS)
    tell(talk, name="Bea")
    assert talk.customer().has_stopped(Channel.SMS)


def test_a_stop_is_handed_on_from_one_to_the_next(talk: Talk) -> None:
    talk.knows(ada(id="ben").with_consent(said(False, "2026-11-01", source="STOP by text, from their number")))
    tell(talk, OTHER, PHONE)
    assert talk.customer().has_stopped(Channel.SMS)


def test_what_another_withdrew_elsewhere_is_their_own_wish(talk: Talk) -> None:
    talk.knows(ada(id="ben").with_consent(said(False, "2026-11-01", source="web")))
    tell(talk, PHONE)
    assert stop(talk) == []


def test_a_stop_that_was_taken_back_is_none(talk: Talk) -> None:
    talk.says("STOP")
    talk.says("START", at=NOON + 60 * SECOND)
    tell(talk, PHONE)
    assert stop(talk) == []


def test_a_stop_holds_once_and_start_takes_it_back_whatever_is_told_again(talk: Talk) -> None:
    talk.says("STOP")
    tell(talk, PHONE)
    talk.says("START", at=NOON + 60 * SECOND)
    tell(talk, PHONE, at=NOON + 90 * SECOND)
    assert (stop(talk), stop(talk, STRANGER)) == ([], [])


@pytest.mark.parametrize("consent_first", [True, False])
def test_what_they_allowed_since_counts_in_whatever_order_it_is_told(talk: Talk, consent_first: bool) -> None:
    talk.says("STOP")
    given = {"channel": "sms", "purpose": "*"}
    for step in (consent_first, not consent_first):
        if step:
            tell(talk, kind="consent.given", at=NOON + SECOND, **given)
        else:
            tell(talk, PHONE)
    word = talk.customer().consent(Channel.SMS, Purpose.SERVICE)
    assert word
    assert word.given


def test_nobody_elses_number_is_looked_at_when_nothing_is_said_of_whom_it_is(talk: Talk) -> None:
    tell(talk, PHONE)
    reads: list[str] = []
    ledger = Ledger(talk.conversations.client, talk.conversations.table)
    ledger.owners = lambda number: reads.append(number) or []  # type: ignore[method-assign, assignment, func-returns-value]
    planner = Planner(ledger, SHIPPED, lambda: talk.now)
    planner.take(an_event("delivery.scheduled", due_at="2026-11-27T14:00:00+00:00"))
    planner.take(an_event("consent.given", channel="sms", purpose="*"))
    assert reads == []


def test_of_a_number_that_everybody_has_a_few_are_looked_at(talk: Talk) -> None:
    people: list[Customer] = [ada(id=f"c{number:03}") for number in range(60)]
    talk.knows(*people)
    tell(talk, PHONE)
    assert len(talk.conversations.owners(PHONE)) == 61
