"""Telephone numbers as libphonenumber knows them: which ones take texts, and where they may ring.

Importing this takes some 50 ms.
"""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult, timezone

from rapport.adapters.time_zones import zones_of_country

EXPECTED: Final = "expected a mobile number in international form: + and country code first"

# Digits and what people print between them; libphonenumber would take a number out of any text around it.
PRINTED: Final = re.compile(r"[+\uff0b]?[\d\s().\-\u2010-\u2015/]+")

MALFORMED: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: "no known country code",
    NumberParseException.NOT_A_NUMBER: "not a telephone number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too short",
    NumberParseException.TOO_SHORT_NSN: "too short",
    NumberParseException.TOO_LONG: "too long",
}
IMPOSSIBLE: Final = {
    ValidationResult.TOO_SHORT: "too short for its country",
    ValidationResult.TOO_LONG: "too long for its country",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "too short, or without its area code",
}
# Internet and personal numbers are refused too: few carriers deliver texts to them, and in some countries
# (+44 70) they cost as much as a premium-rate number.
WITHOUT_TEXTS: Final = {
    PhoneNumberType.FIXED_LINE: "a landline number",
    PhoneNumberType.TOLL_FREE: "a toll-free number",
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.VOIP: "an internet telephone number",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number",
    PhoneNumberType.PAGER: "a pager's number",
    PhoneNumberType.UAN: "a company's universal access number",
    PhoneNumberType.VOICEMAIL: "a voicemail number",
    PhoneNumberType.UNKNOWN: "not assigned in its country",
}
# Mobile numbers for fiction and tests, never assigned to anyone: Ofcom's (07700 900xxx) and ARCEP's (06 39 98 xx xx).
# The North American 555 01xx, libphonenumber takes for numbers like any other.
FICTION: Final = ("+447700900", "+3363998")
NOWHERE: Final = "001"  # libphonenumber's region for satellite and other networks that belong to no country


def e164(number: str, country: str | None = None) -> str:
    """The E.164 form of a number that can take texts; `country` (ISO 3166) reads one without a country code.

    Raises ValueError, which says what is wrong and what was expected, and never repeats the number.
    """
    if not PRINTED.fullmatch(number.strip()):
        raise ValueError(f"not a telephone number; {EXPECTED}")
    try:
        parsed = phonenumbers.parse(number, country)
    except NumberParseException as error:
        raise ValueError(f"{MALFORMED[error.error_type]}; {EXPECTED}") from None
    normal = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if wrong := against_texting(parsed, normal):
        raise ValueError(f"{wrong}; {EXPECTED}")
    return normal


def country_of(number: str) -> str | None:
    """The country (ISO 3166) of a number that takes texts; none for any other: landline, premium, satellite, short.

    Countries that share a country code are told apart by what comes after it.
    """
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return None
    if against_texting(parsed, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)):
        return None
    # Numbers for fiction are in no country's plan.
    return phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )


def against_texting(parsed: PhoneNumber, normal: str) -> str | None:
    """Why the number can't be a customer's that takes texts."""
    if phonenumbers.region_code_for_number(parsed) == NOWHERE:
        return "a satellite or international network's number"
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != ValidationResult.IS_POSSIBLE:
        return IMPOSSIBLE.get(possible, "not a possible number for its country")
    if normal.startswith(FICTION):
        return None
    return WITHOUT_TEXTS.get(phonenumbers.number_type(parsed))


def zones_of_number(number: str) -> tuple[str, ...]:
    """The IANA zones that the number (E.164) may be in, most likely first; none for what isn't a country's number.

    They are libphonenumber's where all of those lie in the number's own country, else all of the country's: it puts
    Jamaica in every zone of +1, Algeria in Europe/Paris, Nicaragua in America/Chicago.
    """
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return ()
    listed = set(timezone.time_zones_for_number(parsed))
    country = phonenumbers.region_code_for_number(parsed)
    home = zones_of_country(country) if country else ()
    if not listed <= set(home):
        home = tuple(dict.fromkeys(zone for each in countries(parsed) for zone in zones_of_country(each)))
    if listed <= set(home):
        return tuple(zone for zone in home if zone in listed)
    return home or tuple(sorted(listed - {timezone.UNKNOWN_TIMEZONE}))


def countries(parsed: PhoneNumber) -> list[str]:
    """Where the number is valid (a toll-free one in many countries); if nowhere, all that share its country code."""
    sharing = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return [each for each in sharing if phonenumbers.is_valid_number_for_region(parsed, each)] or list(sharing)
