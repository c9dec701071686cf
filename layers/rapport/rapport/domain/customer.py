"""A person the company talks with: who they are, where they are reached, what they allowed, and what troubles them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from rapport.domain.words import Channel, Purpose

ALL: Final = "*"
BY_TEXT: Final = "STOP by text"  # how the source of every consent begins that was withdrawn by a text
REMEMBERED: Final = timedelta(days=30)


class Address(BaseModel):
    """A telephone number in E.164 form or an e-mail address; `suppressed` says why nothing may go there any more.

    `country` (ISO 3166) is a number's; it has none if it takes no texts.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    channel: Channel
    value: str
    suppressed: str | None = None
    country: str | None = None


class Consent(BaseModel):
    """The customer's latest word on one channel, for one purpose or for all."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    channel: Channel
    purpose: Purpose | Literal["*"]
    given: bool
    at: AwareDatetime
    source: str = ""


class Spoken(BaseModel):
    """A message that counts towards the caps."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    at: AwareDatetime
    purpose: Purpose


class Customer(BaseModel):
    """`zones` are the IANA zones that the customer may be in, most likely first; `version` rises with every write.

    `told_at` is when each field was last told: older news of it changes nothing. `troubles` are open since a time,
    `settled` at one; `closed` says why an address wants nothing from us, be it one of the customer's at present or not.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: str
    known: bool = False
    name: str | None = None
    locale: str = "en"
    country: str | None = None
    time_zone: str | None = None
    zones: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    consents: tuple[Consent, ...] = ()
    troubles: dict[str, AwareDatetime] = Field(default_factory=dict)
    settled: dict[str, AwareDatetime] = Field(default_factory=dict)
    closed: dict[str, str] = Field(default_factory=dict)
    spoken: dict[str, Spoken] = Field(default_factory=dict)
    human_owns: bool = False
    told_at: dict[str, AwareDatetime] = Field(default_factory=dict)
    version: int = 0

    def addresses_on(self, channel: Channel) -> list[Address]:
        """Every address on the channel, the preferred one first."""
        return [address for address in self.addresses if address.channel == channel]

    def consent(self, channel: Channel, purpose: Purpose) -> Consent | None:
        """The customer's latest word that covers this channel and purpose."""
        words = [word for word in self.consents if word.channel == channel and word.purpose in (purpose, ALL)]
        return max(words, key=lambda word: (word.at, not word.given), default=None)

    def with_consent(self, word: Consent) -> "Customer":
        """The customer after this word; of two about the same channel and purpose the later one counts."""
        same = [old for old in self.consents if (old.channel, old.purpose) == (word.channel, word.purpose)]
        if any((old.at, not old.given) >= (word.at, not word.given) for old in same):
            return self
        others = tuple(old for old in self.consents if old not in same)
        return self.model_copy(update={"consents": (*others, word)})

    def without_stop(self, channel: Channel, at: datetime) -> "Customer":
        """The customer without the no to everything on the channel that they had said by then; any other no stays.

        Of a word at that very moment, only a text is known to have come before: texts are heard in their order.
        """
        no = (channel, ALL, False)
        before = (w for w in self.consents if w.at < at or (w.at == at and w.source.startswith(BY_TEXT)))
        gone = {w for w in before if (w.channel, w.purpose, w.given) == no}
        stays = tuple(w for w in self.consents if w not in gone)
        return self if stays == self.consents else self.model_copy(update={"consents": stays})

    def has_stopped(self, channel: Channel) -> bool:
        """Whether they said no to everything on the channel."""
        return any((word.channel, word.purpose, word.given) == (channel, ALL, False) for word in self.consents)

    def reached_at(self, channel: Channel, addresses: Iterable[Address]) -> "Customer":
        """The customer with these addresses on the channel, best first; one that was closed stays closed."""
        others = tuple(address for address in self.addresses if address.channel != channel)
        theirs = (each.model_copy(update={"suppressed": self.closed.get(each.value)}) for each in addresses)
        return self.model_copy(update={"addresses": (*others, *theirs)})

    def suppressing(self, channel: Channel, value: str, why: str) -> "Customer":
        """The customer with nothing more to be sent to this address, now or when it is told again."""
        addresses = tuple(
            address.model_copy(update={"suppressed": why})
            if (address.channel, address.value) == (channel, value)
            else address
            for address in self.addresses
        )
        return self.model_copy(update={"addresses": addresses, "closed": {**self.closed, value: why}})

    def reopened(self, value: str) -> "Customer":
        """The customer with an address open again that was closed because they had opted out of it."""
        if "optedout" not in self.closed.get(value, "").lower().replace(" ", ""):
            return self
        addresses = tuple(
            address.model_copy(update={"suppressed": None}) if address.value == value else address
            for address in self.addresses
        )
        closed = {each: why for each, why in self.closed.items() if each != value}
        return self.model_copy(update={"addresses": addresses, "closed": closed})

    def with_trouble(self, label: str, at: datetime) -> "Customer":
        """The customer with a trouble open, unless it was settled since: events come in any order."""
        if label in self.troubles or self.settled.get(label, at) > at:
            return self
        return self.model_copy(update={"troubles": {**self.troubles, label: at}})

    def without_trouble(self, label: str, at: datetime) -> "Customer":
        """The customer with the trouble settled; that is kept in mind for 30 days, for an opening that comes late."""
        if self.troubles.get(label, at) > at:
            return self
        troubles = {name: since for name, since in self.troubles.items() if name != label}
        recent = {name: when for name, when in self.settled.items() if when > at - REMEMBERED}
        settled = {**recent, label: max(at, recent.get(label, at))}
        return self.model_copy(update={"troubles": troubles, "settled": settled})

    def spoken_since(self, since: datetime) -> dict[str, Spoken]:
        """What counts towards a cap from this instant on, by message id."""
        return {message: spoken for message, spoken in self.spoken.items() if spoken.at > since}
