"""When people are in, and what they promise: the hours that a customer is told, and by which the desk is reminded."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, PlainSerializer, model_validator

from rapport.domain.local_time import TimeZone, local_instant, zone_info

HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOK_AHEAD: Final = 22  # days: of the only hours of a week, a clock put forward may leave out a whole one


def read_hours(text: object) -> object:
    """`09:00-17:30` as two times of day. Raises ValueError."""
    if not isinstance(text, str):
        return text
    match = HOURS.fullmatch(text)
    if not match:
        raise ValueError("expected hours such as 09:00-17:30")
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if opens >= closes:
        raise ValueError("expected to open before it closes, such as 09:00-17:30")
    return opens, closes


Hours = Annotated[
    tuple[time, time], BeforeValidator(read_hours), PlainSerializer(lambda given: f"{given[0]:%H:%M}-{given[1]:%H:%M}")
]


class Opening(BaseModel):
    """On which days, from when to when, by the clock of the people who are in."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    time_zone: TimeZone
    hours: dict[str, Hours]

    @model_validator(mode="after")
    def opens_on_days_of_the_week(self) -> "Opening":
        """Raises ValueError for what isn't a day of the week, and when nobody is ever in."""
        if not self.hours or (strange := sorted(self.hours.keys() - set(DAYS))):
            found = f"found {', '.join(strange)}" if self.hours else "found none"
            raise ValueError(f"expected days of the week, monday to sunday; {found}")
        return self

    def week(self) -> list[JsonValue]:
        """The days with the same hours in a row: first and last (Monday is 0), and from when to when."""
        rows: list[dict[str, JsonValue]] = []
        for number, day in enumerate(DAYS):
            if hours := self.hours.get(day):
                opens, closes = (f"{each:%H:%M}" for each in hours)
                row: dict[str, JsonValue] = {"first": number, "last": number, "opens": opens, "closes": closes}
                before = rows[-1] if rows else {}
                same = (before.get("last"), before.get("opens"), before.get("closes")) == (number - 1, opens, closes)
                rows = [*rows[:-1], {**before, "last": number}] if same else [*rows, row]
        return [*rows]

    def closes(self, now: datetime) -> datetime | None:
        """When it closes, if it is open now."""
        today = now.astimezone(zone_info(self.time_zone)).date()
        hours = self.hours.get(DAYS[today.weekday()])
        if hours is None:
            return None
        opens, closes = (local_instant(today, each, self.time_zone) for each in hours)
        return closes if opens <= now < closes else None

    def opens(self, now: datetime) -> datetime:
        """When it is open next: now, if it is."""
        if self.closes(now):
            return now
        today = now.astimezone(zone_info(self.time_zone)).date()
        for ahead in range(LOOK_AHEAD):
            day = today + timedelta(days=ahead)
            hours = self.hours.get(DAYS[day.weekday()])
            opening = local_instant(day, hours[0], self.time_zone) if hours else now
            if opening > now and self.closes(opening):
                return opening
        raise ValueError("expected to open within three weeks")

    def after(self, now: datetime, span: timedelta) -> datetime:
        """When so much of the time that people are in will have gone by."""
        while True:
            begins = self.opens(now)
            ends = self.closes(begins)
            if ends is None or ends - begins >= span:
                return begins + span
            now, span = ends, span - (ends - begins)
