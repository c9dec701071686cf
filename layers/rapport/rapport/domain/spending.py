"""What texts may cost: which countries' numbers we text, and how many segments a number, or all of them, may have."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rapport.domain.customer import Address
from rapport.domain.words import Channel

BLOCKS_A_DAY: Final = 1000
LARGEST_BLOCK: Final = 25

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Ceiling = Annotated[int, Field(ge=1, le=1_000_000_000)]


class NumberCeilings(BaseModel):
    """The most segments that one number may have in an hour of the clock, and in a day, both UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    hour: Ceiling
    day: Ceiling

    @model_validator(mode="after")
    def hour_within_day(self) -> "NumberCeilings":
        """Raises ValueError for an hour's ceiling that the day's would never let anybody reach."""
        if self.hour > self.day:
            raise ValueError(f"expected an hour's ceiling of at most the day's, {self.day}")
        return self

    def broken(self, hour: int, day: int, more: int) -> str | None:
        """The ceiling that so many more segments would break, after those of this hour and this day."""
        if day + more > self.day:
            return f"{day} segments to this number today and {more} more, the ceiling is {self.day}"
        if hour + more > self.hour:
            return f"{hour} segments to this number this hour and {more} more, the ceiling is {self.hour}"
        return None


class Spending(BaseModel):
    """`countries` (ISO 3166) are those whose numbers we text; ceilings count segments, which is what carriers bill."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    countries: tuple[CountryCode, ...]
    per_number: NumberCeilings
    per_day: Ceiling

    def against(self, address: Address) -> str | None:
        """Why the address would cost what we don't pay; of e-mail addresses, none does."""
        if address.channel is not Channel.SMS or address.country in self.countries:
            return None
        if address.country is None:
            return "we text mobile numbers only, and this is no country's"
        return f"we don't text numbers of {address.country}"

    def block(self) -> int:
        """How many of the day's segments a sender takes at once, so as not to write to the stack's count each time."""
        return min(max(1, self.per_day // BLOCKS_A_DAY), LARGEST_BLOCK)
