"""Which numbers take texts, and where they may ring. Every number here is an example, or kept for fiction."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from rapport.adapters.phone_numbers import country_of, e164, zones_of_number
from rapport.domain.local_time import known_zone

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
EXPECTED = "expected a mobile number in international form"


def example(region: str, kind: int) -> str | None:
    number = phonenumbers.example_number_for_type(region, kind)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("+447700900123", None, "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("+44 (0)7700-900 123", None, "+447700900123"),
        ("0044 7700 900123", "GB", "+447700900123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("0491 570 006", "AU", "+61491570006"),
        ("06 39 98 00 01", "FR", "+33639980001"),
        (" +1 808 555 0199\n", "FR", "+18085550199"),
    ],
)
def test_a_number_as_people_write_it_becomes_e164(written: str, country: str | None, number: str) -> None:
    assert e164(written, country) == number


@pytest.mark.parametrize("area", ["201", "212", "305", "415", "808", "907"])
def test_north_american_fiction_is_accepted(area: str) -> None:
    assert e164(f"+1 {area} 555 0100") == f"+1{area}5550100"
    assert e164(f"+1 {area} 555 0199") == f"+1{area}5550199"


def test_the_mobile_numbers_of_every_country_are_accepted() -> None:
    numbers = {region: example(region, PhoneNumberType.MOBILE) for region in REGIONS}
    refused = [region for region, number in numbers.items() if number and e164(number) != number]
    assert not refused
    assert sum(number is not None for number in numbers.values()) > 240


@pytest.mark.parametrize(
    ("number", "country", "wrong"),
    [
        ("07700 900123", None, "no known country code"),
        ("07700 900123", "ZZ", "no known country code"),
        ("+999 123 456 789", None, "no known country code"),
        ("+33 6 39 98", None, "too short for its country"),
        ("+44 7700 900123 456", None, "too long for its country"),
        ("5550123", "US", "too short, or without its area code"),
        ("+1", None, "not a telephone number"),
        ("", "GB", "not a telephone number"),
        ("call +44 7700 900123", None, "not a telephone number"),
        ("+44 7700 900123 ext 5", None, "not a telephone number"),
        ("+44 7700 900123, +44 7700 900456", None, "not a telephone number"),
        ("+44 7700 901123", None, "not assigned in its country"),
        ("+44 1632 960123", None, "not assigned in its country"),
        ("+44 20 7946 0000", None, "a landline number"),
        ("+1 800 555 0123", None, "a toll-free number"),
        ("+1 900 555 1234", None, "a premium-rate number"),
        ("+44 9098 790000", None, "a premium-rate number"),
        ("+44 7012 345678", None, "a personal number"),
        ("+44 5600 123456", None, "an internet telephone number"),
        ("+881 612 345 678", None, "a satellite or international network's number"),
        ("+870 773 111 632", None, "a satellite or international network's number"),
        ("+882 123 4567890", None, "a satellite or international network's number"),
        ("+883 5100 12345678", None, "a satellite or international network's number"),
        ("+979 1 2345 6789", None, "a satellite or international network's number"),
    ],
)
def test_a_number_that_takes_no_texts_is_refused_with_what_is_wrong_and_what_was_expected(
    number: str, country: str | None, wrong: str
) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}.*; {EXPECTED}"):
        e164(number, country)


@pytest.mark.parametrize(
    "kind",
    ["FIXED_LINE", "TOLL_FREE", "PREMIUM_RATE", "SHARED_COST", "VOIP", "PERSONAL_NUMBER", "PAGER", "UAN", "VOICEMAIL"],
)
def test_no_country_has_a_way_around_it(kind: str) -> None:
    number_type = getattr(PhoneNumberType, kind)
    tried = 0
    for number in filter(None, (example(region, number_type) for region in REGIONS)):
        if phonenumbers.number_type(phonenumbers.parse(number)) == number_type:
            tried += 1
            with pytest.raises(ValueError, match=EXPECTED):
                e164(number)
    assert tried


@given(st.text(st.sampled_from("+0123456789 ()-./xA"), max_size=25), st.sampled_from([None, "GB", "US", "FR", "AU"]))
def test_whatever_is_written_the_answer_is_e164_or_a_refusal_that_does_not_repeat_it(
    written: str, country: str | None
) -> None:
    try:
        answer = e164(written, country)
    except ValueError as refusal:
        answer = str(refusal)
    if EXPECTED in answer:
        assert not re.search(r"\d", answer)
    else:
        assert re.fullmatch(r"\+[1-9]\d{6,14}", answer)
        assert e164(answer) == answer


def test_a_long_text_is_refused_as_quickly_as_a_short_one() -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        e164(" " * 100_000 + "x")


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550123", ("America/New_York",)),
        ("+18085550123", ("Pacific/Honolulu",)),
        ("+447400123456", ("Europe/London",)),
        ("+12424567890", ("America/Nassau",)),
        ("+18764567890", ("America/Jamaica",)),
        ("+213551234567", ("Africa/Algiers",)),
        ("+50581234567", ("America/Managua",)),
        ("+919876543210", ("Asia/Kolkata",)),
        ("+33639980001", ("Europe/Paris",)),
        ("+38343201234", ("Europe/Belgrade",)),
    ],
)
def test_a_number_is_in_its_own_countrys_zone(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of_number(number) == zones


def test_a_british_number_kept_for_fiction_is_in_london_first() -> None:
    assert zones_of_number("+447700900123")[0] == "Europe/London"


def test_an_australian_mobile_may_be_anywhere_in_australia() -> None:
    zones = zones_of_number("+61491570006")
    assert zones[0] == "Australia/Sydney"
    assert {"Australia/Perth", "Australia/Lord_Howe", "Australia/Eucla"} < set(zones)
    assert len(zones) == 8


def test_a_russian_mobile_is_nowhere_in_kazakhstan() -> None:
    zones = zones_of_number("+79161234567")
    assert {"Europe/Moscow", "Asia/Kamchatka"} < set(zones)
    assert "Asia/Almaty" not in zones


def test_a_toll_free_number_may_be_anywhere_in_plus_one() -> None:
    zones = zones_of_number("+18005550123")
    assert zones[0] == "America/New_York"
    assert {"Pacific/Honolulu", "America/St_Johns", "America/Nassau", "Pacific/Guam"} < set(zones)
    assert len(zones) == 42


@pytest.mark.parametrize("number", ["+881612345678", "+870773111632", "garbage", "", "+", "+999123456789"])
def test_a_number_of_no_country_is_in_no_zone(number: str) -> None:
    assert zones_of_number(number) == ()


def test_every_countrys_mobiles_have_zones_and_all_of_them_are_known() -> None:
    for number in filter(None, (example(region, PhoneNumberType.MOBILE) for region in REGIONS)):
        zones = zones_of_number(number)
        assert zones, number
        assert all(known_zone(zone) for zone in zones)
        assert len(set(zones)) == len(zones)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+12125550123", "US"),
        ("+14165550123", "CA"),
        ("+18764567890", "JM"),
        ("+17875550123", "PR"),
        ("+447400123456", "GB"),
        ("+447781123456", "GG"),
        ("+447700900123", "GB"),  # for fiction
        ("+33612345678", "FR"),
        ("+33639980001", "FR"),  # for fiction
        ("+79161234567", "RU"),
        ("+77012345678", "KZ"),
    ],
)
def test_a_numbers_country_is_told_by_its_digits_where_countries_share_a_code(number: str, country: str) -> None:
    assert country_of(number) == country


@pytest.mark.parametrize(
    "number",
    [
        "+19005550123",  # premium-rate
        "+18005550123",  # toll-free
        "+447012345678",  # personal, as dear as a premium-rate number
        "+33899123456",  # premium-rate
        "+33142685300",  # landline
        "+881612345678",  # satellite
        "+870773111632",  # satellite
        "+882161234567",  # an international network
        "+9999999999",
        "72345",  # short
        "+72345",
        "AMAZON",
        "",
    ],
)
def test_a_number_that_takes_no_texts_has_no_country(number: str) -> None:
    assert country_of(number) is None


# Their mobile numbers are their larger neighbour's, or look like them.
LIKE_A_NEIGHBOURS = {"AX": "FI", "BL": "GP", "CC": "AU", "CX": "AU", "EH": "MA", "IM": "GB", "MF": "GP"} | {
    "SJ": "NO",
    "VA": "IT",
}


def test_the_mobile_numbers_of_every_country_are_in_it() -> None:
    numbers = {region: number for region in REGIONS if (number := example(region, PhoneNumberType.MOBILE))}
    found = {region: country_of(number) for region, number in numbers.items()}
    assert {region: country for region, country in found.items() if region != country} == LIKE_A_NEIGHBOURS


@given(st.text(max_size=20) | st.from_regex(r"\+[0-9]{1,16}", fullmatch=True))
def test_of_whatever_is_no_mobile_number_the_country_is_none_and_nothing_breaks(number: str) -> None:
    country = country_of(number)
    assert country is None or country in REGIONS
