"""What a customer allowed, where they are reached, and what was said to them lately."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.domain.customer import Consent, Customer, Spoken
from rapport.domain.words import Channel, Purpose
from tests.domain.builders import DAY, NOON, ada, email, modest, phone, said

SMS, EMAIL = Channel.SMS, Channel.EMAIL
OFFERS = Purpose.PROMOTIONAL


def allows(customer: Customer, purpose: Purpose = OFFERS, channel: Channel = SMS) -> bool | None:
    word = customer.consent(channel, purpose)
    return word.given if word else None


def after(*words: Consent) -> Customer:
    customer = ada()
    for word in words:
        customer = customer.with_consent(word)
    return customer


def test_who_has_said_nothing_has_neither_agreed_nor_objected() -> None:
    assert allows(ada()) is None


def test_a_word_about_one_channel_or_purpose_says_nothing_of_another() -> None:
    customer = after(said(True, "2026-01-01", purpose=OFFERS))
    assert allows(customer) is True
    assert allows(customer, channel=EMAIL) is None
    assert allows(customer, purpose=Purpose.SERVICE) is None


def test_stop_to_everything_takes_back_an_earlier_yes_to_offers() -> None:
    assert allows(after(said(True, "2026-01-01", purpose=OFFERS), said(False, "2026-02-01"))) is False


def test_a_later_yes_to_offers_stands_beside_an_earlier_stop_to_everything() -> None:
    customer = after(said(False, "2026-01-01"), said(True, "2026-02-01", purpose=OFFERS))
    assert allows(customer) is True
    assert allows(customer, purpose=Purpose.SERVICE) is False


def test_of_a_yes_and_a_no_at_the_same_instant_the_no_counts() -> None:
    yes, no = said(True, "2026-01-01"), said(False, "2026-01-01")
    assert allows(after(yes, no)) is False
    assert allows(after(no, yes)) is False
    assert allows(after(said(True, "2026-01-01", purpose=OFFERS), no)) is False
    assert allows(after(said(False, "2026-01-01", purpose=OFFERS), yes)) is False


def test_an_old_word_that_arrives_late_changes_nothing() -> None:
    customer = after(said(False, "2026-02-01"))
    assert customer.with_consent(said(True, "2026-01-01")) is customer
    assert customer.with_consent(said(False, "2026-02-01")) is customer


words = st.builds(
    Consent,
    channel=st.sampled_from([SMS, EMAIL]),
    purpose=st.sampled_from([OFFERS, Purpose.SERVICE, "*"]),
    given=st.booleans(),
    at=st.integers(0, 3).map(lambda days: NOON + days * DAY),
)


@modest
@given(st.lists(words, max_size=4))
def test_the_customers_last_word_is_the_same_in_whatever_order_the_words_arrive(given_words: list[Consent]) -> None:
    asked = [(channel, purpose) for channel in Channel for purpose in (OFFERS, Purpose.SERVICE)]
    outcomes = {
        tuple(allows(after(*order), purpose, channel) for channel, purpose in asked)
        for order in permutations(given_words)
    }
    assert len(outcomes) == 1


@modest
@given(st.lists(words, max_size=6))
def test_after_a_no_that_is_the_latest_word_nothing_is_allowed(given_words: list[Consent]) -> None:
    customer = after(*given_words, said(False, "2026-12-24"))
    assert not any(allows(customer, purpose) for purpose in Purpose)


def test_the_first_address_of_a_channel_is_the_preferred_one() -> None:
    customer = ada(addresses=(phone("+33600000001"), email(), phone("+33600000002")))
    assert [address.value for address in customer.addresses_on(SMS)] == ["+33600000001", "+33600000002"]
    assert ada(addresses=()).addresses_on(SMS) == []


def test_an_address_that_is_closed_stays_on_record_with_the_reason_and_the_others_stay_open() -> None:
    customer = ada(addresses=(phone("+33600000001"), phone("+33600000002"), email()))
    closed = customer.suppressing(SMS, "+33600000002", "opted out")
    assert [address.suppressed for address in closed.addresses] == [None, "opted out", None]
    assert [address.value for address in closed.addresses] == [address.value for address in customer.addresses]


@pytest.mark.parametrize(("channel", "value"), [(SMS, "+33699999999"), (EMAIL, "+33612345678")])
def test_closing_an_address_that_the_customer_does_not_have_closes_none_of_theirs(channel: Channel, value: str) -> None:
    assert ada().suppressing(channel, value, "bounced").addresses == ada().addresses


def test_what_was_said_exactly_a_span_ago_no_longer_counts() -> None:
    spoken = {
        "old": Spoken(at=NOON - DAY, purpose=OFFERS),
        "new": Spoken(at=NOON - DAY + DAY / 86400, purpose=OFFERS),
    }
    assert list(ada(spoken=spoken).spoken_since(NOON - DAY)) == ["new"]
