"""Reads a sentence of answers.yaml with facts as they usually are, and says what sounds wrong or costs too much."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from local.check.templates import TAG
from rapport.adapters.content import Voice
from rapport.adapters.templates import Templates
from rapport.domain.message import UnsayableError
from rapport.domain.sayings import SAYINGS, Facts, Kind
from rapport.domain.segments import CHEAPLY, DEARLY, cheapened, costly, length, segments

MOST: Final = 2  # texts that a sentence may be sent as
SEVERAL: Final = 2  # things that a list has, as a rule
TYPICAL: Final[Mapping[str, str]] = {
    "order": "A-10423",
    "item": "the blue teapot",
    "window": "between 2 and 4 pm",
    "destination": "my neighbour at number 12",
    "place": "my neighbour at number 12",
}
BY_KIND: Final[Mapping[str, Any]] = {
    "text": "something",
    "day": "2026-09-23",  # a Wednesday in September: few are longer
    "time": "2026-09-23T16:30:00+00:00",
    "number": 3,
}
CUSTOMER: Final = {"id": "ana", "name": "Alexandra", "locale": "en-GB", "country": "GB", "zone": "Europe/London"}


def check_aloud(name: str, language: str, source: str, voice: Voice) -> Iterator[str]:
    """What is wrong with the sentence as customers would read it."""
    try:
        read = readings(name, language, source, voice.model_dump_json())
    except UnsayableError as error:
        *_, cause = str(error).split(": ", 2)
        yield f"can't be said with everything that it may be said with: {cause}"
        return
    if not all(read):
        yield "empty with some of what it may be said with; expected words for every case"
    longest = max(read, key=lambda text: (segments(text), len(text)))
    strange = costly(TAG.sub("", source))
    texts, cheaper = segments(longest), segments(cheapened(longest))
    if texts > MOST:
        because = f", since it has {strange}" if strange else ""
        yield (
            f"{length(longest)} characters with a usual order and address, sent as {texts} texts{because}; expected at "
            f"most {MOST}: {MOST * CHEAPLY.each} characters, or {MOST * DEARLY.each} outside the cheap alphabet"
        )
    elif strange and can_do_without(language, voice) and texts > cheaper:
        yield (
            f"{strange} takes it out of the cheap alphabet, {CHEAPLY.alone} characters a text, so that it is sent as "
            f"{texts} texts rather than {cheaper}; expected other letters"
        )


def can_do_without(language: str, voice: Voice) -> bool:
    """Whether the language is at home in the cheap alphabet: its weekdays are."""
    return not costly("".join(voice.languages[language].weekdays))


@lru_cache(maxsize=512)
def readings(name: str, language: str, source: str, voice: str) -> tuple[str, ...]:
    """The sentence with everything that it may be said with. Raises UnsayableError."""
    templates = Templates(Path(), Voice.model_validate_json(voice))
    return tuple(templates.sentence(name, source, language, facts) for facts in variants(SAYINGS[name]))


def variants(declared: Facts) -> Iterator[dict[str, Any]]:
    """Facts as they may be: each of the texts that one may be, with every flag and without, with all there and not."""
    choices = {name: kind for name, kind in declared.items() if isinstance(kind, tuple)}
    for there, flag in product((True, False), (True, False)):
        known = {name: several(kind, name, there, flag) for name, kind in declared.items()}
        customer = {**CUSTOMER, **({} if there else {"name": None, "country": None})}
        for chosen in product(*choices.values()):
            yield {**known, **dict(zip(choices, chosen, strict=True)), "customer": customer}


def several(kind: Kind | list[Mapping[str, Kind]], name: str, there: bool, flag: bool) -> Any:
    """One fact, or several things with their facts, each of another kind where there are kinds."""
    if isinstance(kind, list):
        return [
            {inner: one(each, inner, there, flag, number) for inner, each in kind[0].items()}
            for number in range(SEVERAL)
        ]
    return one(kind, name, there, flag, 0)


def one(kind: Kind, name: str, there: bool, flag: bool, number: int) -> Any:
    """One fact; one that may be missing is nothing where it isn't there."""
    if isinstance(kind, tuple):
        return kind[number % len(kind)]
    if kind.endswith("?") and not there:
        return None
    return flag if kind == "flag" else TYPICAL.get(name, BY_KIND[kind.rstrip("?")])
