"""What texts may cost: which countries' numbers we text, and how many segments a number, or all of them, may have."""

from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rapport.domain.customer import Address
from rapport.domain.words import Channel

# 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1; the second table's are written as two.
GSM_7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_ESCAPED: Final = frozenset("\f^{}\\[~]|€")
LAST_OF_TWO_BYTES: Final = "\uffff"
BLOCKS_A_DAY: Final = 1000
LARGEST_BLOCK: Final = 25

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Ceiling = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Room(NamedTuple):
    """So many characters fit into a text that goes out as one segment, and into each segment of a longer one."""

    alone: int
    each: int


OF_GSM_7, OF_UCS_2 = Room(160, 153), Room(70, 67)


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


def segments(text: str) -> int:
    """How many segments the text is billed as; no segment ends within a character."""
    if all(char in GSM_7 or char in GSM_7_ESCAPED for char in text):
        room, sizes = OF_GSM_7, [2 if char in GSM_7_ESCAPED else 1 for char in text]
    else:
        room, sizes = OF_UCS_2, [2 if char > LAST_OF_TWO_BYTES else 1 for char in text]
    if sum(sizes) <= room.alone:
        return 1
    many, left = 1, room.each
    for size in sizes:
        if size > left:
            many, left = many + 1, room.each
        left -= size
    return many
