"""Which time zones a customer may be in, by the tz database's own table of countries."""

from functools import cache
from importlib.resources import files
from typing import Final

# The table goes by the map before it goes by the people: in these countries a small place stands first.
MOST_PEOPLE: Final = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
}


def candidate_zones(time_zone: str | None, country: str | None, number: str | None) -> tuple[str, ...]:
    """Every IANA zone that the customer may be in, most likely first.

    Their own zone, else those of their address's country (ISO 3166), else those that their number (E.164) may be in.
    Nothing known, or nothing that leads to a zone: none, and the caller must not guess an hour.
    """
    if time_zone:
        return (time_zone,)
    if country and (zones := zones_of_country(country)):
        return zones
    if number:
        # It takes 50 ms to import, is seldom needed, and itself needs the zones of a country.
        from rapport.adapters.phone_numbers import zones_of_number

        return zones_of_number(number)
    return ()


def zones_of_country(country: str) -> tuple[str, ...]:
    """The zones of a country by its ISO 3166 code, the most populous first; none for an unknown one."""
    return zones_by_country().get(country, ())


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """tzdata's zone.tab: country, coordinates and zone, and perhaps a comment, with tabs between them."""
    rows = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="ascii").splitlines()
    zones: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if not row.startswith("#"):
            country, _, zone = row.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), zone)
    for country, first in MOST_PEOPLE.items():
        zones[country] = (first, *(zone for zone in zones[country] if zone != first))
    return zones
