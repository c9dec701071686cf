"""What is on its way to a customer, as events tell it and as they change it."""

from datetime import timedelta
from typing import Any

import pytest

from rapport.domain.delivery import Delivery, after_event, ahead_of, concerns_delivery
from rapport.domain.event import Event
from tests.domain.builders import DAY, NOON, PHONE, an_event, utc
from tests.domain.scenes import DUE, HOUR, a_delivery

AHEAD = 12 * HOUR
PARIS = "Europe/Paris"


def scheduled(at: timedelta = timedelta(), **data: Any) -> Event:
    return an_event("delivery.scheduled", NOON + at, **{"due_at": DUE.isoformat(), **data})


def known(*events: Event) -> Delivery:
    """What we know after these events."""
    delivery: Delivery | None = None
    for event in events:
        delivery = after_event(event, "42", delivery)
    assert delivery
    return delivery


def test_a_delivery_is_known_from_its_event() -> None:
    delivery = known(scheduled(item="kettle", window="2 to 4 pm"))
    assert (delivery.order, delivery.item, delivery.window, delivery.status) == ("42", "kettle", "2 to 4 pm", "ahead")
    assert delivery.destination is None


def test_a_move_changes_the_time_and_forgets_the_old_window_but_not_what_it_is_or_where_it_goes() -> None:
    before = known(scheduled(item="kettle", window="2 to 4 pm")).sent_to("the shed", "ada", PHONE, NOON + HOUR)
    moved = after_event(an_event("delivery.moved", NOON + 2 * HOUR, due_at="2026-12-01"), "42", before)
    assert moved
    assert (moved.due_at, moved.window, moved.item, moved.destination) == ("2026-12-01", None, "kettle", "the shed")
    assert moved.changes == before.changes


@pytest.mark.parametrize("end", ["completed", "cancelled", "failed"])
def test_its_end_is_told_by_an_event_and_it_can_no_longer_go_elsewhere(end: str) -> None:
    delivery = known(scheduled(), an_event(f"delivery.{end}", NOON + HOUR))
    assert delivery.status == end
    assert not delivery.open_at(NOON, AHEAD, PARIS)
    assert ahead_of([delivery]) == []


def test_older_news_changes_nothing() -> None:
    delivery = known(scheduled(HOUR))
    assert after_event(scheduled(due_at="2026-12-24"), "42", delivery) == delivery
    assert after_event(an_event("delivery.completed", NOON), "42", delivery) == delivery


def test_a_move_that_was_made_before_the_customers_change_and_heard_after_it_still_counts() -> None:
    changed = known(scheduled()).sent_to("the shed", "ada", PHONE, NOON + HOUR)
    moved = an_event("delivery.moved", NOON + HOUR / 2, due_at="2026-12-01", destination="14 Oak Lane")
    delivery = after_event(moved, "42", changed)
    assert delivery
    assert (delivery.due_at, delivery.destination) == ("2026-12-01", "the shed")


def test_the_companys_own_later_word_on_where_it_goes_counts() -> None:
    changed = known(scheduled()).sent_to("the shed", "ada", PHONE, NOON + HOUR)
    told = an_event("delivery.moved", NOON + 2 * HOUR, due_at=DUE.isoformat(), destination="14 Oak Lane")
    delivery = after_event(told, "42", changed)
    assert delivery
    assert delivery.destination == "14 Oak Lane"
    assert delivery.last_change is None  # so an undo leaves it at that


def test_what_names_no_time_or_no_order_is_no_delivery() -> None:
    assert after_event(an_event("delivery.scheduled"), "42", None) is None
    assert after_event(an_event("delivery.completed"), "42", None) is None
    assert concerns_delivery(an_event("delivery.scheduled", order="42")) == "42"
    assert concerns_delivery(an_event("delivery.scheduled", order="")) is None
    assert concerns_delivery(an_event("stock.back", order="42")) is None


def test_it_may_go_elsewhere_until_the_event_says_or_twelve_hours_before_it_is_due() -> None:
    assert a_delivery().closes_at(AHEAD, PARIS) == DUE - AHEAD
    assert a_delivery(changeable_until=NOON).closes_at(AHEAD, PARIS) == NOON
    assert a_delivery().open_at(DUE - AHEAD - HOUR, AHEAD, PARIS)
    assert not a_delivery().open_at(DUE - AHEAD, AHEAD, PARIS)


def test_a_day_begins_at_the_customers_midnight() -> None:
    delivery = a_delivery(due_at="2026-11-26")
    assert delivery.closes_at(AHEAD, PARIS) == utc("2026-11-25T11:00")
    assert delivery.closes_at(AHEAD, "America/New_York") == utc("2026-11-25T17:00")


@pytest.mark.parametrize(("zone", "late"), [("Pacific/Auckland", True), (PARIS, True), ("Pacific/Honolulu", False)])
def test_it_is_late_when_its_day_is_over_where_the_customer_is(zone: str, late: bool) -> None:
    assert a_delivery(due_at="2026-11-25").late_at(utc("2026-11-26T09:00"), zone) is late


def test_it_is_not_late_before_its_time_nor_once_it_has_come() -> None:
    assert not a_delivery().late_at(DUE, PARIS)
    assert a_delivery().late_at(DUE + HOUR, PARIS)
    assert not a_delivery(status="completed").late_at(DUE + DAY, PARIS)


def test_each_change_is_on_record_and_the_last_that_stands_can_be_taken_back() -> None:
    delivery = a_delivery().sent_to("the shed", "ada", PHONE, NOON).sent_to("the garage", "ada", PHONE, NOON + HOUR)
    last = delivery.last_change
    assert last
    assert (last.before, last.after) == ("the shed", "the garage")
    back = delivery.sent_to("the shed", "ada", PHONE, NOON + 2 * HOUR, takes_back=True)
    assert back.last_change == delivery.changes[0]
    assert len(back.changes) == 3


def test_the_next_delivery_comes_first() -> None:
    deliveries = [a_delivery("3", due_at="2026-12-02"), a_delivery("2", due_at="2026-12-01"), a_delivery("1")]
    assert [each.order for each in ahead_of(deliveries)] == ["1", "2", "3"]
