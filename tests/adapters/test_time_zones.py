"""Which time zones a customer may be in, by what is known of them."""

from datetime import UTC, datetime, time

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from rapport.adapters.time_zones import candidate_zones, zones_by_country, zones_of_country
from rapport.domain.local_time import SendWindow, is_open, known_zone, next_opening

DAYTIME = SendWindow(opens=time(8), closes=time(21))


def test_the_customers_own_zone_comes_before_everything_else() -> None:
    assert candidate_zones("Asia/Tokyo", "US", "+12125550123") == ("Asia/Tokyo",)


def test_the_country_of_the_address_comes_before_the_number() -> None:
    assert candidate_zones(None, "FR", "+61491570006") == ("Europe/Paris",)


def test_without_zone_and_country_the_number_decides() -> None:
    assert candidate_zones(None, None, "+18085550123") == ("Pacific/Honolulu",)


def test_a_country_that_leads_to_no_zone_leaves_it_to_the_number() -> None:
    assert candidate_zones(None, "XK", "+38343201234") == ("Europe/Belgrade",)


@pytest.mark.parametrize("country", [None, "ZZ"])
@pytest.mark.parametrize("number", [None, "+881612345678"])
def test_with_nothing_known_there_is_no_zone_to_guess_by(country: str | None, number: str | None) -> None:
    assert candidate_zones(None, country, number) == ()


@pytest.mark.parametrize(
    ("country", "first", "count"),
    [
        ("FR", "Europe/Paris", 1),
        ("GB", "Europe/London", 1),
        ("US", "America/New_York", 29),
        ("AU", "Australia/Sydney", 12),
        ("BR", "America/Sao_Paulo", 16),
        ("CA", "America/Toronto", None),
        ("RU", "Europe/Moscow", 26),
        ("ES", "Europe/Madrid", 3),
    ],
)
def test_a_countrys_zones_begin_with_the_one_that_most_people_live_in(
    country: str, first: str, count: int | None
) -> None:
    zones = zones_of_country(country)
    assert zones[0] == first
    assert len(set(zones)) == len(zones) == (count or len(zones))


def test_every_zone_of_every_country_is_known() -> None:
    zones = [zone for zones in zones_by_country().values() for zone in zones]
    assert all(known_zone(zone) for zone in zones)
    assert len(zones_by_country()) > 240


def test_somebody_in_the_united_states_hears_from_us_between_hawaiis_morning_and_new_yorks_night() -> None:
    anywhere = candidate_zones(None, "US", None)
    assert next_opening(DAYTIME, anywhere, datetime(2026, 7, 1, 6, tzinfo=UTC)) == datetime(
        2026, 7, 1, 18, 5, tzinfo=UTC
    )
    assert is_open(DAYTIME, anywhere, datetime(2026, 7, 2, 0, 54, 59, tzinfo=UTC))
    assert not is_open(DAYTIME, anywhere, datetime(2026, 7, 2, 0, 55, tzinfo=UTC))


def test_a_toll_free_number_leaves_an_hour_and_twenty_minutes_of_a_summers_day() -> None:
    anywhere = candidate_zones(None, None, "+18005550123")
    assert next_opening(DAYTIME, anywhere, datetime(2026, 7, 1, 6, tzinfo=UTC)) == datetime(
        2026, 7, 1, 22, 5, tzinfo=UTC
    )
    assert is_open(DAYTIME, anywhere, datetime(2026, 7, 1, 23, 24, 59, tzinfo=UTC))
    assert not is_open(DAYTIME, anywhere, datetime(2026, 7, 1, 23, 25, tzinfo=UTC))


@pytest.mark.parametrize("month", [1, 7])
def test_no_countrys_mobile_is_out_of_reach_all_day(month: int) -> None:
    now = datetime(2026, month, 14, tzinfo=UTC)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        if example := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE):
            number = phonenumbers.format_number(example, PhoneNumberFormat.E164)
            assert next_opening(DAYTIME, candidate_zones(None, None, number), now), region
            assert next_opening(DAYTIME, candidate_zones(None, region, number), now), region
