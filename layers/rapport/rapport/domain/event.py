"""Something that happened to a customer; its id is the caller's idempotency key."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

EVERYONE: Final = "*"  # an event's customer when it is addressed to all who asked to hear of it
EventId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[!-~]+$")]
EventType = Annotated[str, Field(max_length=128, pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$")]
CustomerId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
MAX_DATA_BYTES: Final = 16_384
LEAST: Final = 1e-125
MOST: Final = 10.0**38
MOST_LEVELS: Final = 25
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
SURROGATE: Final = re.compile("[\ud800-\udfff]")  # JSON can spell one; no text can be written down with it


class EventError(ValueError):
    """The event can't be used; the text says where and what was expected, and never repeats what was given."""


def plausible(at: datetime) -> datetime:
    """Raises ValueError for a time that only a mistake can name, such as the year 1 of an unset clock."""
    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise ValueError(f"expected a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return at


def storable(data: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Raises ValueError for what DynamoDB can't hold: other numbers or text, and more levels than fit its 32."""
    level: list[JsonValue] = [data]
    for _ in range(MOST_LEVELS):
        for value in level:
            check_leaves(value)
        level = [inner for value in level if isinstance(value, dict | list) for inner in parts(value)]
        if not level:
            return data
    raise ValueError(f"expected at most {MOST_LEVELS} levels")


def check_leaves(value: JsonValue) -> None:
    """Raises ValueError for a number or a text, or a field's name, that DynamoDB can't hold."""
    if isinstance(value, int | float) and not abs(value) < MOST:
        raise ValueError("expected numbers below 10 to the 38th")
    if isinstance(value, float) and 0 < abs(value) < LEAST:
        raise ValueError("expected numbers no nearer to 0 than 10 to the -125th")
    texts = value if isinstance(value, dict) else [value]
    if any(isinstance(text, str) and SURROGATE.search(text) for text in texts):
        raise ValueError("expected text that UTF-8 can hold, without half of a surrogate pair")


def parts(value: dict[str, JsonValue] | list[JsonValue]) -> Iterable[JsonValue]:
    """What lies one level below."""
    return value.values() if isinstance(value, dict) else value


def whole(value: JsonValue) -> JsonValue:
    """The value with 5.0 as 5, which is how DynamoDB gives it back."""
    if isinstance(value, dict):
        return {name: whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Event(BaseModel):
    """`data` holds what the event's type declares in content/events.yaml."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: EventId
    type: EventType
    customer: CustomerId
    at: Annotated[AwareDatetime, AfterValidator(plausible)]
    data: Annotated[dict[str, JsonValue], AfterValidator(storable)] = Field(default_factory=dict)

    def fingerprint(self) -> str:
        """What the event says, hashed: two events with one id and different fingerprints contradict each other."""
        said = [self.type, self.customer, whole(self.data)]
        content = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2s(content.encode(), digest_size=12).hexdigest()


FIELD = re.compile(r"(text|time|day|number|flag)(\?)?")


def check_field(declaration: object) -> object:
    """Accepts `text`, `time`, `day`, `number` or `flag`, with `?` behind it when the field may be missing."""
    if not isinstance(declaration, str) or not FIELD.fullmatch(declaration):
        raise ValueError("expected text, time, day, number or flag, and ? behind it if the field may be missing")
    return declaration


Declaration = Annotated[str, BeforeValidator(check_field)]
Catalogue = Mapping[str, Mapping[str, Declaration]]


def is_a(kind: str, value: JsonValue) -> bool:
    """Whether the value is of the declared kind: a `time` is ISO 8601 with its offset, a `day` an ISO date."""
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "flag":
        return isinstance(value, bool)
    if not isinstance(value, str) or kind == "text":
        return isinstance(value, str)
    try:
        moment = read_moment(value)
    except ValueError:
        return False
    return isinstance(moment, datetime) == (kind == "time")


def read_moment(value: str) -> datetime | date:
    """A day as `2026-11-30`, or an ISO 8601 time with its offset. Raises ValueError."""
    if DAY.fullmatch(value):
        day = date.fromisoformat(value)
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise ValueError(f"expected a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
        return day
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("expected a time with its offset, such as 2026-11-30T17:00:00+01:00")
    return plausible(at)


EXPECTED = {
    "text": "text",
    "time": "a time with its offset, such as 2026-11-30T17:00:00+01:00",
    "day": "a day such as 2026-11-30",
    "number": "a number",
    "flag": "true or false",
}


def check_data(event: Event, catalogue: Catalogue) -> None:
    """Raises EventError where the data lacks what its type declares, is of another kind, or is larger than 16 KB."""
    declared = catalogue.get(event.type)
    if declared is None:
        raise EventError(f"type: nothing is known of {event.type}; expected one that content/events.yaml declares")
    if len(json.dumps(event.data)) > MAX_DATA_BYTES:
        raise EventError(f"data: expected at most {MAX_DATA_BYTES} bytes of JSON")
    for name, declaration in declared.items():
        kind, optional = FIELD.fullmatch(declaration).groups()  # type: ignore[union-attr]  # checked on reading
        value = event.data.get(name)
        if value is None and not optional:
            raise EventError(f"data.{name}: missing; expected {EXPECTED[kind]}")
        if value is not None and not is_a(kind, value):
            raise EventError(f"data.{name}: expected {EXPECTED[kind]}")
