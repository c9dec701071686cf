"""Whether to speak: what the customer allowed, where and when they are reached, and how often they were lately."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from rapport.domain.customer import Customer, Spoken
from rapport.domain.decision import Decision, decide, usable
from rapport.domain.words import Channel, Purpose, Reason
from tests.domain.builders import (
    DAY,
    MORNING,
    NIGHT,
    NOON,
    SECOND,
    WANTS_OFFERS,
    a_policy,
    a_request,
    ada,
    email,
    phone,
    said,
    utc,
)

OFFERS = Purpose.PROMOTIONAL
WEEK = 7 * DAY


def judge(customer: Customer, purpose: str = "service", now: datetime = NOON, **changes: Any) -> Decision:
    history = changes.pop("history", {})
    policy = changes.pop("policy", a_policy())
    return decide(a_request(purpose=purpose, **changes), customer, history, policy, now)


def test_a_customer_who_said_stop_gets_no_text_and_the_reason_says_when_they_said_it() -> None:
    decision = judge(ada(consents=(said(False, "2026-11-02", source="STOP by text"),)), route=["sms"])
    assert (decision.outcome, decision.reason) == ("skip", Reason.NO_CONSENT)
    assert decision.because == "sms: consent withdrawn 2026-11-02 (STOP by text)"


@pytest.mark.parametrize(
    ("purpose", "never_asked", "withdrawn", "given"),
    [
        ("transactional", "send", "skip", "send"),
        ("service", "send", "skip", "send"),
        ("promotional", "skip", "skip", "send"),
    ],
)
def test_what_each_purpose_needs_of_the_customers_leave(
    purpose: str, never_asked: str, withdrawn: str, given: str
) -> None:
    for outcome, consents in [
        (never_asked, ()),
        (withdrawn, (said(False, "2026-02-01"),)),
        (given, (said(True, "2026-02-01"),)),
    ]:
        assert judge(ada(consents=consents), purpose, route=["sms"]).outcome == outcome


def test_who_never_agreed_to_offers_is_told_so_by_the_decision() -> None:
    decision = judge(ada(), "promotional", route=["sms"])
    assert (decision.reason, decision.because) == (Reason.NO_CONSENT, "sms: no consent to promotional messages")


def test_a_stop_to_offers_leaves_the_news_of_a_delivery_alone() -> None:
    customer = ada(consents=(said(False, "2026-02-01", purpose=OFFERS),))
    assert judge(customer, "service").outcome == "send"
    assert judge(customer, "promotional").outcome == "skip"


def test_leave_is_given_by_channel() -> None:
    decision = judge(ada(consents=(said(False, "2026-02-01"),)))
    assert (decision.outcome, decision.channel) == ("send", Channel.EMAIL)


def test_a_suppressed_address_gives_way_to_the_second_on_the_same_channel() -> None:
    decision = judge(ada(addresses=(phone("+33600000001", "opted out"), phone("+33600000002"))))
    assert (decision.outcome, decision.channel) == ("send", Channel.SMS)
    assert "second address, the first is suppressed" in decision.because


def test_with_every_address_suppressed_the_message_is_skipped_with_the_first_ones_reason() -> None:
    both = (phone("+33600000001", "opted out"), phone("+33600000002", "bounced"))
    decision = judge(ada(addresses=both), route=["sms"])
    assert (decision.reason, decision.because) == (Reason.SUPPRESSED, "sms: suppressed: opted out")
    assert usable(list(both), a_policy()) is None


def test_the_route_is_tried_in_its_order_and_each_channel_that_was_looked_at_is_on_record() -> None:
    decision = judge(ada(addresses=(phone(suppressed="opted out"), email())))
    assert decision.channel is Channel.EMAIL
    assert [(each.channel, each.reason) for each in decision.candidates] == [
        (Channel.SMS, Reason.SUPPRESSED),
        (Channel.EMAIL, None),
    ]
    assert judge(ada(), route=["email", "sms"]).channel is Channel.EMAIL
    assert [each.channel for each in judge(ada()).candidates] == [Channel.SMS]


def test_when_no_channel_will_do_the_reason_is_what_closed_the_first_that_the_customer_has() -> None:
    decision = judge(ada(addresses=(email(suppressed="bounced"),)))
    assert decision.reason is Reason.SUPPRESSED
    assert decision.because == "sms: no address; email: suppressed: bounced"
    assert decision.channel is None
    both = judge(ada(addresses=(phone(), email(suppressed="bounced")), consents=(said(False, "2026-02-01"),)))
    assert both.reason is Reason.NO_CONSENT
    assert judge(ada(addresses=())).reason is Reason.NO_ADDRESS


def test_a_customer_of_whom_nothing_is_known_is_not_mistaken_for_one_without_a_telephone() -> None:
    decision = judge(ada(known=False, addresses=()), route=["sms"])
    assert decision.because == "sms: nobody is known by this id"


def test_a_message_waits_for_the_morning_where_the_customer_is() -> None:
    decision = judge(ada(), now=NIGHT)
    assert (decision.outcome, decision.until, decision.reason) == ("hold", MORNING, Reason.QUIET_HOURS)
    assert decision.because == "it is outside 08:00 to 21:00 in Europe/Paris"
    assert decision.channel is Channel.SMS


def test_a_purpose_that_does_not_wait_is_dropped_at_night_and_one_that_cannot_wait_goes_out() -> None:
    dropped = judge(ada(), "check-in", now=NIGHT)
    assert (dropped.outcome, dropped.reason) == ("skip", Reason.QUIET_HOURS)
    assert judge(ada(), "transactional", now=NIGHT).outcome == "send"


def test_without_a_zone_no_hour_is_known_to_be_right() -> None:
    decision = judge(ada(zones=()))
    assert (decision.outcome, decision.reason) == ("skip", Reason.QUIET_HOURS)
    assert decision.because == "no time zone, country or number tells what hour it is there"
    assert judge(ada(zones=()), "transactional").outcome == "send"


def test_zones_that_share_no_waking_hour_get_nothing() -> None:
    short = a_policy(send_window={"opens": "09:00", "closes": "12:00"})
    decision = judge(ada(zones=("Europe/Paris", "Asia/Tokyo")), policy=short)
    assert (decision.outcome, decision.reason) == ("skip", Reason.QUIET_HOURS)
    assert decision.because == "the 2 zones that this customer may be in share no waking hour"


def test_who_may_be_in_many_places_is_told_of_by_their_number() -> None:
    zones = ("America/New_York", "America/Chicago", "America/Denver", "Pacific/Honolulu")
    decision = judge(ada(zones=zones), now=utc("2026-11-24T14:00"))
    assert decision.because.endswith("in one of 4 zones that this customer may be in")
    assert decision.until == utc("2026-11-24T18:05")


@pytest.mark.parametrize(("expires", "outcome"), [(MORNING, "skip"), (MORNING + SECOND, "hold")])
def test_what_would_be_stale_by_the_morning_is_not_kept_for_it(expires: datetime, outcome: str) -> None:
    decision = judge(ada(), now=NIGHT, expires_at=expires)
    assert (decision.outcome, decision.reason) == (outcome, Reason.QUIET_HOURS)
    assert ("by the next opening it would have expired" in decision.because) is (outcome == "skip")


def test_a_hold_ends_on_a_whole_second_and_not_before_the_opening() -> None:
    finely = a_policy(send_window={"opens": "08:00:00.250000", "closes": "21:00"})
    assert judge(ada(), now=NIGHT, policy=finely).until == MORNING + SECOND


@pytest.mark.parametrize(("now", "outcome"), [(NOON + DAY - SECOND, "send"), (NOON + DAY, "skip")])
def test_a_message_is_worth_saying_until_it_expires(now: datetime, outcome: str) -> None:
    decision = judge(ada(), now=now)
    assert decision.outcome == outcome
    if outcome == "skip":
        assert decision.reason is Reason.EXPIRED
        assert decision.because == "it was worth saying until 2026-11-25 11:00 UTC"


def test_a_run_that_is_over_says_nothing_more() -> None:
    decision = judge(ada(), exited_by="delivery.completed")
    assert (decision.reason, decision.because) == (Reason.EXITED, "delivery.completed came first")


def test_while_a_person_talks_with_the_customer_only_what_heeds_no_troubles_goes_out() -> None:
    customer = ada(human_owns=True)
    assert judge(customer, "check-in").reason is Reason.HUMAN_OWNS
    assert judge(customer, "service").outcome == "send"


def test_a_cheerful_word_is_unwelcome_while_a_trouble_is_open_and_the_oldest_is_named() -> None:
    customer = ada(troubles={"a refund 42": utc("2026-11-20"), "a complaint 7": utc("2026-11-03")})
    decision = judge(customer, "check-in")
    assert decision.reason is Reason.RELATIONSHIP
    assert decision.because == "a complaint 7 has been open since 2026-11-03"
    assert judge(customer, "service").outcome == "send"


def offers(*ages: timedelta, purpose: Purpose = OFFERS) -> dict[str, Spoken]:
    return {f"m-{100 + number}": Spoken(at=NOON - age, purpose=purpose) for number, age in enumerate(ages)}


@pytest.mark.parametrize(
    ("ages", "outcome"),
    [((DAY,), "send"), ((DAY, 2 * DAY), "skip"), ((DAY, WEEK), "send"), ((DAY, WEEK - SECOND), "skip")],
)
def test_a_third_offer_in_any_week_is_not_sent(ages: tuple[timedelta, ...], outcome: str) -> None:
    decision = judge(ada(consents=(WANTS_OFFERS,)), "promotional", history=offers(*ages))
    assert decision.outcome == outcome
    if outcome == "skip":
        assert decision.reason is Reason.CAPPED
        assert decision.because == "2 promotional messages in 1 week, the cap is 2"


def test_what_a_cap_does_not_count_does_not_fill_it() -> None:
    customer = ada(consents=(WANTS_OFFERS,))
    news = offers(DAY, DAY, DAY, purpose=Purpose.SERVICE)
    assert judge(customer, "promotional", history=news).outcome == "send"
    assert judge(customer, "service", history=offers(DAY, DAY, DAY)).outcome == "send"


def test_a_message_does_not_stand_in_its_own_way() -> None:
    history = {**offers(DAY), "m-1": Spoken(at=NOON, purpose=OFFERS)}
    customer = ada(consents=(WANTS_OFFERS,))
    assert judge(customer, "promotional", history=history).outcome == "send"
    assert judge(customer, "promotional", history=history, message="m-2").outcome == "skip"
