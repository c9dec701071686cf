"""resume_journeys: a run whose wait is over goes on, on what is true now."""

from datetime import timedelta
from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.domain.message import Message, Status
from rapport.domain.run import Waiting
from tests.functions.on_record import (
    CUSTOMER,
    MESSAGE,
    PHONE,
    RUN,
    ana,
    counted,
    failed,
    ledger,
    put,
    queued,
    seed,
    the_run,
    wake,
)
from tests.functions.trouble import Trouble

BEN: dict[str, Any] = {"customer": "c-ben", "journey": "delivery-reminder", "about": "1042"}
ANA: dict[str, Any] = {**BEN, "customer": CUSTOMER}


def said(world: World) -> list[Message]:
    """The messages on record."""
    return [items.read_message(item) for (_, sk), item in ledger(world).items() if sk.startswith("MESSAGE#")]


def ben_waits_too(world: World) -> None:
    """Ben's delivery is at the same hour."""
    put(world, items.customer_item(ana(id="c-ben")), items.run_item(the_run(customer="c-ben")))


def test_the_reminder_is_queued_with_its_words_and_the_run_is_over(evening: World) -> None:
    seed(evening)
    assert failed(wake(evening, "resume_journeys")) == []
    [message] = said(evening)
    assert (message.status, message.channel, message.address) == ("queued", "sms", PHONE)
    assert (message.template, message.asks, message.entry) == (
        "delivery-reminder",
        "change-destination",
        "order-1042-scheduled",
    )
    assert message.expires_at.isoformat() == "2026-11-26T14:00:00+00:00"
    said_so = "Fern & Oak: hi Ana Quillfeather, your delivery comes on Thursday, 2 to 4 pm."
    assert (message.text or "").startswith(said_so)
    assert ledger(evening)[CUSTOMER, RUN]["status"] == {"S": "completed"}
    assert counted(evening)["QueuedMessages"] == 1


def test_waking_twice_says_nothing_twice(evening: World) -> None:
    seed(evening)
    wake(evening, "resume_journeys", queued("resume_journeys", ANA, ANA))
    before = ledger(evening)
    evening.clock.shift(600)
    assert failed(wake(evening, "resume_journeys")) == []
    assert ledger(evening) == before
    assert len(said(evening)) == 1


def test_a_run_that_is_woken_too_early_goes_on_waiting(world: World) -> None:
    seed(world)
    before = ledger(world)
    assert failed(wake(world, "resume_journeys")) == []
    assert ledger(world) == before


def test_a_run_that_a_slow_clock_holds_for_early_comes_back_and_is_not_forgotten(evening: World) -> None:
    seed(evening)
    evening.clock.shift(timedelta(minutes=-5))
    assert len(failed(wake(evening, "resume_journeys"))) == 1
    assert said(evening) == []
    evening.clock.shift(timedelta(minutes=5))
    assert failed(wake(evening, "resume_journeys")) == []
    assert [message.status for message in said(evening)] == [Status.QUEUED]


@pytest.mark.parametrize("known", [True, False])
def test_a_run_that_is_over_or_that_nobody_knows_is_left_alone(evening: World, known: bool) -> None:
    if known:
        seed(evening, run=the_run().ended("exited", "delivery.cancelled"))
    before = ledger(evening)
    assert failed(wake(evening, "resume_journeys")) == []
    assert ledger(evening) == before


def test_a_customer_who_has_no_address_any_more_is_told_nothing_and_it_is_on_record_why(evening: World) -> None:
    seed(evening, customer=ana(addresses=()))
    assert failed(wake(evening, "resume_journeys")) == []
    [message] = said(evening)
    assert (message.status, message.reason) == ("skipped", "no-address")
    assert counted(evening)["SkippedMessages"] == 1


def test_in_quiet_hours_the_run_waits_until_morning(evening: World) -> None:
    seed(evening, customer=ana(zones=("Asia/Tokyo",)))
    assert failed(wake(evening, "resume_journeys")) == []
    assert said(evening) == []
    assert ledger(evening)[CUSTOMER, RUN]["wake_at"]["S"] > "2026-11-25T23:00:00Z"
    assert ledger(evening)[CUSTOMER, RUN]["status"] == {"S": "active"}


def test_a_receipt_wakes_only_a_run_that_listens_for_it(evening: World) -> None:
    seed(evening, run=the_run(waiting=Waiting(until=evening.now)))
    before = ledger(evening)
    heard = {**ANA, "message": MESSAGE, "receipt": Status.DELIVERED}
    assert failed(wake(evening, "resume_journeys", queued("resume_journeys", heard))) == []
    assert ledger(evening) == before


def test_what_cannot_be_read_fails_alone(evening: World) -> None:
    seed(evening)
    ben_waits_too(evening)
    batch = queued("resume_journeys", "your parcel", ANA, {"customer": "Quillfeather"}, BEN)
    assert failed(wake(evening, "resume_journeys", batch)) == ["r0", "r2"]
    assert {message.customer for message in said(evening)} == {"c-ana", "c-ben"}


def test_when_the_ledger_does_not_take_one_of_them_that_one_alone_comes_back(evening: World, trouble: Trouble) -> None:
    seed(evening)
    ben_waits_too(evening)
    trouble.fails("DynamoDB.TransactWriteItems", "InternalServerError", 500, about="c-ana")
    assert failed(wake(evening, "resume_journeys", queued("resume_journeys", ANA, BEN))) == ["r0"]
    assert {message.customer for message in said(evening)} == {"c-ben"}


@pytest.mark.parametrize(("conflicts", "comes_back"), [(9, []), (10, ["r0"])])
def test_when_others_write_first_it_reads_again_ten_times_at_most(
    evening: World, trouble: Trouble, conflicts: int, comes_back: list[str]
) -> None:
    seed(evening)
    trouble.fails("DynamoDB.TransactWriteItems", "TransactionCanceledException", times=conflicts)
    assert failed(wake(evening, "resume_journeys", queued("resume_journeys", ANA))) == comes_back
    assert len(said(evening)) == (0 if comes_back else 1)
