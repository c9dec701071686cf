"""Amazon's own slot types, as far as a text message needs them, in English and French."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

OPEN: Final = {
    "AMAZON.City",
    "AMAZON.Country",
    "AMAZON.FirstName",
    "AMAZON.FreeFormInput",
    "AMAZON.LastName",
    "AMAZON.State",
    "AMAZON.StreetName",
}
MONTHS: Final = {
    "en": "january|february|march|april|may|june|july|august|september|october|november|december",
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
}
DAYS: Final = {
    "en": "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
}
SOON: Final = {
    "en": {"the day after tomorrow": 2, "today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1},
    "fr": {"après-demain": 2, "aujourd'hui": 0, "ce soir": 0, "demain": 1, "hier": -1},
}
NUMBERS: Final = {
    "en": "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve",
    "fr": "zéro|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze",
}
# The first way to say it that the text begins with decides; what only sounds like the other comes first.
REPLIES: Final = {
    "en": {
        "": r"not sure|not certain|no idea|i'?m not sure",
        "Yes": r"yes|yeah|yea|yep|yup|ya|y|ok|okay|k|sure|correct|exactly|right|please do|do it|go ahead|go for it"
        r"|fine|perfect|great|absolutely|definitely|of course|that'?s (?:right|fine|correct|it|ok)|sounds good"
        r"|no problem|no worries|why not",
        "No": r"no|nope|nah|n|not|don'?t|do not|never|stop|cancel|wrong|that'?s (?:wrong|not)|incorrect",
        "Maybe": r"maybe|perhaps|possibly",
        "Don't know": r"i don'?t know|dunno|idk",
    },
    "fr": {
        "": r"pas sûre?|aucune idée|je ne suis pas sûre?",
        "Yes": r"oui|ouais|ouai|o|ok|d'accord|dac|exact(?:ement)?|bien sûr|parfait|volontiers|allez-y|vas-y"
        r"|c'est (?:ça|bon)|c'est bien ça|pas de (?:problème|souci)|pourquoi pas|tout à fait|absolument|yes",
        "No": r"non|nan|n|pas|surtout pas|jamais|annulez?|arrêtez?|c'est (?:faux|pas ça)|no",
        "Maybe": r"peut[- ]être",
        "Don't know": r"je (?:ne )?sais pas|j'?sais pas|chais pas|jsp",
    },
}
ELSE: Final = re.compile(r"\b(?:but|actually|mais|plutôt|en fait)\b", re.IGNORECASE)
Place = tuple[int, int, tuple[str, ...]]


def strictness(kind: str) -> int:
    """Which type looks at a text first: the one that takes the fewest for its own."""
    order = ["EmailAddress", "PhoneNumber", "UKPostalCode", "Date", "Time", "Confirmation"]
    name = kind.removeprefix("AMAZON.")
    if name in order:
        return order.index(name)
    if kind in OPEN:
        return 20
    return {"AlphaNumeric": 11, "Number": 12}.get(name, 10)


def look_for(kind: str, text: str, language: str, today: date) -> Iterator[Place]:
    """Where the text has a value of the built-in type, and what it may mean, the likeliest first."""
    if kind in OPEN:
        return
    yield from KINDS[kind](text, language, today)


def pattern(found: str) -> Callable[[str, str, date], Iterator[Place]]:
    """A type that is known by its look and stays as it is written."""
    compiled = re.compile(found, re.IGNORECASE)

    def look(text: str, _language: str, _today: date) -> Iterator[Place]:
        for match in compiled.finditer(text):
            yield match.start(), match.end(), (match[0],)

    return look


def phones(text: str, _language: str, _today: date) -> Iterator[Place]:
    """Seven digits and more, without what stands between them."""
    for match in re.finditer(r"\+?\d(?:[ .()-]{0,2}\d){6,14}", text):
        yield match.start(), match.end(), (re.sub(r"[^\d+]", "", match[0]),)


def numbers(text: str, language: str, _today: date) -> Iterator[Place]:
    """Digits, and the words up to twelve."""
    for match in re.finditer(r"(?<![\w.])\d+(?:[.,]\d+)?(?![\w])", text):
        yield match.start(), match.end(), (match[0].replace(",", "."),)
    for match in re.finditer(rf"\b(?:{NUMBERS[language]})\b", text, re.IGNORECASE):
        yield match.start(), match.end(), (str(NUMBERS[language].split("|").index(match[0].lower())),)


def dates(text: str, language: str, today: date) -> Iterator[Place]:
    """Days as people write them; one without a year is the next of its kind."""
    for match in re.finditer(r"\b(\d{4})-(\d\d)-(\d\d)\b", text):
        yield from day(match, int(match[1]), int(match[2]), int(match[3]))
    for match in re.finditer(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2,4}))?\b", text):
        yield from coming(match, today, int(match[2]), int(match[1]), match[3])
    names = "|".join(name[:3] + rf"(?:{name[3:]})?" for name in MONTHS[language].split("|"))
    spelt = rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?(?: of)? ({names})\b|\b({names}) (\d{{1,2}})(?:st|nd|rd|th)?\b"
    for match in re.finditer(spelt, text, re.IGNORECASE):
        name = (match[2] or match[3]).lower()
        month = next(number for number, full in enumerate(MONTHS[language].split("|"), 1) if full.startswith(name))
        yield from coming(match, today, month, int(match[1] or match[4]), None)
    for words, days in SOON[language].items():
        for match in re.finditer(rf"(?<![\w-]){words}(?!\w)", text, re.IGNORECASE):
            yield match.start(), match.end(), ((today + timedelta(days=days)).isoformat(),)
    for match in re.finditer(rf"\b(?:{DAYS[language]})\b", text, re.IGNORECASE):
        ahead = (DAYS[language].split("|").index(match[0].lower()) - today.weekday()) % 7 or 7
        yield match.start(), match.end(), ((today + timedelta(days=ahead)).isoformat(),)


def coming(match: re.Match[str], today: date, month: int, number: int, year: str | None) -> Iterator[Place]:
    """The day of the year that is given, or of this year, or if that is past, of the next."""
    if year:
        yield from day(match, int(year) + (2000 if len(year) == 2 else 0), month, number)
        return
    for each in (today.year, today.year + 1):
        for start, end, values in day(match, each, month, number):
            if values[0] >= today.isoformat():
                yield start, end, values
                return


def day(match: re.Match[str], year: int, month: int, number: int) -> Iterator[Place]:
    """The day, if there is one."""
    try:
        yield match.start(), match.end(), (date(year, month, number).isoformat(),)
    except ValueError:
        return


def times(text: str, language: str, _today: date) -> Iterator[Place]:
    """Times of day; an hour that may be before or after noon means both."""
    for words, value in {"noon": "12:00", "midday": "12:00", "midi": "12:00", "midnight": "00:00"}.items():
        for match in re.finditer(rf"\b{words}\b", text, re.IGNORECASE):
            yield match.start(), match.end(), (value,)
    for match in re.finditer(r"\b(\d{1,2})(?:([:h.])(\d\d)?)? ?(am|pm|a\.m\.|p\.m\.|heures?)?\b", text, re.IGNORECASE):
        hour, half = int(match[1]), (match[4] or "").lower()
        if hour > 23 or not (match[2] or half) or int(match[3] or 0) > 59:
            continue
        clock = f":{match[3] or '00'}"
        if half[:1] in ("a", "p"):
            yield match.start(), match.end(), (f"{hour % 12 + (12 if half[0] == 'p' else 0):02}{clock}",)
        elif language == "fr" or hour > 12 or match[1].startswith("0"):
            yield match.start(), match.end(), (f"{hour:02}{clock}",)
        else:
            yield match.start(), match.end(), (f"{hour % 12:02}{clock}", f"{hour % 12 + 12:02}{clock}")


def replies(text: str, language: str, _today: date) -> Iterator[Place]:
    """Yes, No, Maybe, Don't know."""
    said = reply(text, language)
    if said:
        yield 0, len(text), (said,)


def reply(text: str, language: str) -> str | None:
    """What the text answers to a question of yes or no; None when it doesn't, or says both."""
    plainly = text.strip(" \t\n.,;:!?\"'()").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    begun = [
        (match.end(), meaning)
        for meaning, ways in REPLIES[language].items()
        for way in re.split(r"\|(?![^(]*\))", ways)
        if (match := re.match(rf"(?:{way})(?![\w'])", plainly, re.IGNORECASE))
    ]
    length, meaning = max(begun, default=(0, ""))
    if meaning in ("Yes", "No") and ELSE.search(plainly[length:]):
        return None
    return meaning or None


KINDS: Final[dict[str, Callable[[str, str, date], Iterator[Place]]]] = {
    "AMAZON.AlphaNumeric": pattern(r"(?<![\w+@.-])(?=[A-Za-z-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w@])"),
    "AMAZON.Number": numbers,
    "AMAZON.Date": dates,
    "AMAZON.Time": times,
    "AMAZON.PhoneNumber": phones,
    "AMAZON.EmailAddress": pattern(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "AMAZON.UKPostalCode": pattern(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),
    "AMAZON.Confirmation": replies,
}
