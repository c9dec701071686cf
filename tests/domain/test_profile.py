"""What an event changes about a customer, and what of it is left out because it can't be used."""

from typing import Any

import pytest

from rapport.domain.customer import Consent, Customer
from rapport.domain.event import EventError
from rapport.domain.profile import apply, numbers_after, texted_stop
from rapport.domain.words import Channel, Purpose
from tests.domain.builders import DAY, EMAIL, NOON, PARIS, PHONE, a_policy, ada, an_event, email, phone, said

TROUBLES = {
    "a complaint": {
        "opened_by": ["complaint.opened"],
        "closed_by": ["complaint.closed"],
        "about": "event.data.complaint",
    },
    "a failed delivery": {
        "opened_by": ["delivery.failed"],
        "closed_by": ["delivery.completed"],
        "about": "event.data.order",
    },
}
POLICY = a_policy(troubles=TROUBLES)
NOBODY = Customer(id="ada")


class Map:
    """Knows French numbers by their first digits, and which zones a country or a number is in."""

    def e164(self, number: str, country: str | None) -> str:
        """The number in E.164 form. Raises ValueError."""
        bare = number.replace(" ", "")
        if country == "FR" and bare.startswith("0"):
            bare = "+33" + bare[1:]
        if not bare.startswith("+"):
            raise ValueError("not a telephone number")
        return bare

    def country_of(self, number: str) -> str | None:
        """France, by its first digits."""
        return "FR" if number.startswith("+33") else None

    def candidate_zones(self, time_zone: str | None, country: str | None, number: str | None) -> tuple[str, ...]:
        """The zone that was named, else the country's, else the number's."""
        return (time_zone,) if time_zone else (f"zone of {country or number}",)


def told(customer: Customer, kind: str = "customer.updated", at: Any = NOON, **data: Any) -> tuple[Customer, list[str]]:
    return apply(an_event(kind, at, **data), customer, POLICY, Map())


def test_who_was_nobody_becomes_somebody() -> None:
    customer, notes = told(
        NOBODY,
        name="Ada",
        locale="fr",
        country="FR",
        time_zone="Europe/Paris",
        addresses={"sms": "06 12 34 56 78", "email": [EMAIL, "ada@work.example"]},
    )
    assert customer.known
    assert (customer.name, customer.locale, customer.zones) == ("Ada", "fr", PARIS)
    assert customer.addresses == (phone(PHONE), email(EMAIL), email("ada@work.example"))
    assert notes == []


def test_what_is_not_mentioned_stays_as_it_was() -> None:
    customer, _ = told(ada(locale="fr"), addresses={"sms": "+33600000001"})
    assert (customer.name, customer.locale) == ("Ada", "fr")
    assert customer.addresses_on(Channel.SMS) == [phone("+33600000001")]
    assert customer.addresses_on(Channel.EMAIL) == [email()]


def test_an_address_that_was_closed_stays_closed_when_it_is_told_again() -> None:
    customer, _ = told(ada().suppressing(Channel.SMS, PHONE, "opted out"), addresses={"sms": ["+33600000001"]})
    customer, _ = told(customer, addresses={"sms": [PHONE, "+33600000001"]})
    assert customer.addresses_on(Channel.SMS) == [phone(PHONE, "opted out"), phone("+33600000001")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Ada\r\nBcc: eve@example.com"),
        ("name", "x" * 201),
        ("locale", "french"),
        ("country", "France"),
        ("time_zone", "Atlantis"),
    ],
)
def test_a_field_that_can_not_be_used_is_left_out_and_does_not_cost_the_others(field: str, value: str) -> None:
    data: dict[str, Any] = {"addresses": {"sms": "+33600000001"}, field: value}
    customer, notes = told(ada(name="Ada", locale="fr"), **data)
    assert (customer.name, customer.locale, customer.country, customer.time_zone) == ("Ada", "fr", None, None)
    assert customer.addresses_on(Channel.SMS) == [phone("+33600000001")]
    assert len(notes) == 1
    assert notes[0].startswith(f"data.{field}: ")
    assert notes[0].endswith("; left out")
    assert value not in notes[0]


@pytest.mark.parametrize(
    "value",
    [
        "ada",
        "ada@example",
        "ada@example.com\nBcc: eve@example.com",
        "Ada <ada@example.com>",
        '"a b"@example.com',
        "ada@-example.com",
        "ada@exa mple.com",
        "é@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 63 + "." + "b" * 63 + "." + "c" * 63 + "." + "d" * 60,
    ],
)
def test_an_e_mail_address_that_no_header_could_carry_is_left_out_and_not_repeated(value: str) -> None:
    customer, notes = told(ada(), addresses={"email": [value, "ada@work.example"]})
    assert customer.addresses_on(Channel.EMAIL) == [email("ada@work.example")]
    assert notes == ["an address for email was left out: expected an e-mail address such as someone@example.com"]


@pytest.mark.parametrize("value", ["o'hara+news@mail.example.co.uk", "ADA@EXAMPLE.COM", "1@x.io"])
def test_an_e_mail_address_may_look_unusual(value: str) -> None:
    customer, notes = told(ada(), addresses={"email": value})
    assert customer.addresses_on(Channel.EMAIL) == [email(value)]
    assert notes == []


def test_a_number_that_is_none_is_left_out_and_not_repeated() -> None:
    customer, notes = told(ada(), addresses={"sms": "12345"})
    assert customer.addresses == (email(),)
    assert notes == ["an address for sms was left out: not a telephone number"]


def test_a_number_keeps_its_country_and_one_that_takes_no_texts_has_none() -> None:
    customer, _ = told(NOBODY, addresses={"sms": [PHONE, "+881612345678"], "email": EMAIL})
    assert [(each.value, each.country) for each in customer.addresses] == [
        (PHONE, "FR"),
        ("+881612345678", None),
        (EMAIL, None),
    ]


def test_the_zones_follow_the_country_and_the_first_number() -> None:
    assert told(NOBODY, country="FR")[0].zones == ("zone of FR",)
    assert told(NOBODY, addresses={"sms": ["+33600000001", "+81300000000"]})[0].zones == ("zone of +33600000001",)


def test_older_news_of_a_customer_does_not_undo_newer_news() -> None:
    newer, _ = told(ada(), at=NOON, name="Ada Lovelace")
    same, notes = told(newer, at=NOON - DAY, name="Ada Byron")
    assert same == newer
    assert notes == ["name: superseded by later news"]
    assert told(newer, at=NOON, name="Ada King")[0].name == "Ada King"


def test_older_news_still_tells_what_newer_news_left_out() -> None:
    newer, _ = told(Customer(id="ada"), at=NOON, addresses={"sms": [PHONE]})
    older: dict[str, Any] = {
        "name": "Ada",
        "time_zone": "Europe/Paris",
        "addresses": {"sms": ["+33600000001"], "email": [EMAIL]},
    }
    both, notes = told(newer, at=NOON - DAY, **older)
    assert (both.name, both.zones) == ("Ada", ("Europe/Paris",))
    assert [address.value for address in both.addresses] == [PHONE, EMAIL]
    assert notes == ["addresses.sms: superseded by later news"]


def test_more_addresses_than_anybody_has_are_left_out_and_cost_nothing_else() -> None:
    customer, notes = told(ada(), name="Ada L.", addresses={"email": [f"a{i}@example.com" for i in range(11)]})
    assert (customer.name, customer.addresses) == ("Ada L.", ada().addresses)
    assert notes == ["data.addresses: Value should have at most 10 items after validation, not 11; left out"]


def test_a_customer_says_yes_to_offers_by_text_and_no_to_everything_by_e_mail() -> None:
    customer, _ = told(ada(), "consent.given", channel="sms", purpose="promotional", source="web form")
    customer, _ = told(customer, "consent.withdrawn", NOON + DAY, channel="email")
    yes, no = customer.consent(Channel.SMS, Purpose.PROMOTIONAL), customer.consent(Channel.EMAIL, Purpose.SERVICE)
    assert yes
    assert (yes.given, yes.at, yes.source) == (True, NOON, "web form")
    assert no
    assert (no.given, no.at, no.purpose) == (False, NOON + DAY, "*")


@pytest.mark.parametrize("data", [{}, {"channel": "pigeon"}, {"channel": "sms", "purpose": "everything"}])
def test_a_word_on_no_channel_or_for_no_purpose_is_refused_by_its_place(data: dict[str, Any]) -> None:
    with pytest.raises(EventError, match=r"^data\.(channel|purpose)\b") as refusal:
        told(ada(), "consent.withdrawn", **data)
    assert not any(value in str(refusal.value) for value in ("pigeon", "everything"))


def test_a_trouble_is_open_from_the_event_that_opens_it_to_the_one_that_closes_it() -> None:
    customer, _ = told(ada(), "complaint.opened", complaint="7")
    assert customer.troubles == {"a complaint 7": NOON}
    customer, _ = told(customer, "complaint.opened", NOON + DAY, complaint="7")
    assert customer.troubles == {"a complaint 7": NOON}
    customer, _ = told(customer, "complaint.closed", NOON + DAY, complaint="7")
    assert customer.troubles == {}


def test_each_trouble_is_closed_by_itself() -> None:
    customer, _ = told(ada(), "complaint.opened", complaint="7")
    customer, _ = told(customer, "complaint.opened", complaint="8")
    customer, _ = told(customer, "delivery.failed", order="7")
    for kind, about in [("complaint.closed", {"complaint": "9"}), ("delivery.completed", {"order": "8"})]:
        customer, _ = told(customer, kind, **about)
    assert set(customer.troubles) == {"a complaint 7", "a complaint 8", "a failed delivery 7"}
    customer, _ = told(customer, "complaint.closed", complaint="8")
    assert set(customer.troubles) == {"a complaint 7", "a failed delivery 7"}


def test_an_event_that_tells_nothing_of_the_customer_leaves_them_the_same() -> None:
    customer = ada()
    assert told(customer, "delivery.scheduled")[0] is customer
    assert told(customer, "order.rated")[0] is customer


def test_a_trouble_that_was_settled_before_we_heard_of_it_is_not_open() -> None:
    customer, _ = told(ada(), "complaint.closed", NOON + DAY, complaint="7")
    customer, _ = told(customer, "complaint.opened", NOON, complaint="7")
    assert customer.troubles == {}
    customer, _ = told(customer, "complaint.opened", NOON + 2 * DAY, complaint="7")
    assert customer.troubles == {"a complaint 7": NOON + 2 * DAY}
    customer, _ = told(customer, "complaint.closed", NOON + DAY, complaint="7")
    assert customer.troubles == {"a complaint 7": NOON + 2 * DAY}


def test_what_was_settled_is_kept_in_mind_for_thirty_days() -> None:
    customer, _ = told(ada(), "complaint.closed", NOON, complaint="7")
    customer, _ = told(customer, "complaint.closed", NOON + 29 * DAY, complaint="8")
    assert set(customer.settled) == {"a complaint 7", "a complaint 8"}
    customer, _ = told(customer, "complaint.closed", NOON + 31 * DAY, complaint="9")
    assert set(customer.settled) == {"a complaint 8", "a complaint 9"}


def test_an_address_in_the_wrong_place_is_not_repeated_in_what_is_noted() -> None:
    customer, notes = told(ada(), addresses={"ada@example.com": "+33600000001"}, name="Ada L.")
    assert customer.name == "Ada L."
    assert len(notes) == 1
    assert notes[0].startswith("data.addresses: ")
    assert "ada@" not in notes[0]


STOPPED = said(False, "2026-11-01", source="STOP by text")


def test_an_update_with_a_number_that_had_said_stop_binds_them_and_says_so() -> None:
    event = an_event("customer.updated", addresses={"sms": PHONE})
    found, notes = apply(event, NOBODY, POLICY, Map(), STOPPED)
    [word] = found.consents
    assert (found.has_stopped(Channel.SMS), word.at) == (True, STOPPED.at)
    assert word.source == "STOP by text, from their number before it was known to be theirs"
    assert notes == ["a STOP from a number of theirs holds for them"]
    assert texted_stop(found) == word


@pytest.mark.parametrize(
    "word",
    [
        said(False, "2026-11-01", source="web"),
        said(True, "2026-11-01", source="STOP by text"),
        said(False, "2026-11-01", Channel.EMAIL, source="STOP by text"),
        said(False, "2026-11-01", purpose=Purpose.PROMOTIONAL, source="STOP by text"),
    ],
)
def test_any_other_word_is_no_stop_of_their_numbers(word: Consent) -> None:
    assert texted_stop(ada(consents=(word,))) is None


def test_the_numbers_after_an_update_are_those_told_else_those_known() -> None:
    assert numbers_after(an_event("customer.updated", addresses={"sms": "06 1", "email": EMAIL}), NOBODY, Map()) == []
    told = an_event("customer.updated", country="FR", addresses={"sms": ["0612345679"]})
    assert numbers_after(told, ada(), Map()) == ["+33612345679"]
    assert numbers_after(an_event("customer.updated", name="Bea"), ada(), Map()) == [PHONE]
    assert numbers_after(an_event("delivery.scheduled"), ada(), Map()) == []
