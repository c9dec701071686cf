"""A number that two customers have: when it says STOP it says so for both, and START too."""

import pytest

from local.world import World
from rapport.domain.customer import Customer
from rapport.domain.words import Channel
from tests.adapters.talking import ASKED, Talk
from tests.domain.builders import NOON, SECOND, ada, said


@pytest.fixture
def talk(world: World) -> Talk:
    """Ada, who was asked an hour ago where her delivery should go, and Zoe, who has the same number."""
    talk = Talk(world.dynamodb, world.ledger_table)
    talk.knows(ada(), ada(id="zoe"), asked=(ASKED,))
    return talk


def stopped(talk: Talk) -> dict[str, bool]:
    return {name: talk.customer(name).has_stopped(Channel.SMS) for name in ("ada", "zoe")}


def test_stop_holds_for_everybody_who_has_the_number_and_start_too(talk: Talk) -> None:
    talk.says("STOP")
    assert stopped(talk) == {"ada": True, "zoe": True}
    talk.says("START", at=NOON + 60 * SECOND)
    assert stopped(talk) == {"ada": False, "zoe": False}


@pytest.mark.parametrize("before", ["ada", "zoe"])
def test_stop_holds_for_the_other_too_when_one_had_said_so_before(talk: Talk, before: str) -> None:
    talk.conversations.change_customer(before, has_said_stop)
    assert stopped(talk)[before]
    talk.says("STOP")
    assert stopped(talk) == {"ada": True, "zoe": True}


@pytest.mark.parametrize("still", ["ada", "zoe"])
def test_start_holds_for_the_other_too_when_one_had_not_stopped(talk: Talk, still: str) -> None:
    talk.conversations.change_customer(still, has_said_stop)
    talk.says("START")
    assert stopped(talk) == {"ada": False, "zoe": False}


def has_said_stop(customer: Customer) -> Customer:
    return customer.with_consent(said(False, "2026-11-01"))
