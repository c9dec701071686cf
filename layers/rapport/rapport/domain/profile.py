"""What an event changes about a customer: who they are, what they allow, what troubles them."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from rapport.domain.customer import ALL, BY_TEXT, Address, Consent, Customer
from rapport.domain.event import Event, EventError
from rapport.domain.local_time import TimeZone
from rapport.domain.policy import Policy
from rapport.domain.run import about_of
from rapport.domain.words import Channel, Purpose

# The address syntax of WHATWG's HTML standard for <input type=email>, with a dot required in the domain and no
# control character, space, quote or angle bracket possible: nothing that could break out of a header.
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)
MOST_ADDRESSES = 10  # of one channel
STOP_HOLDS: Final = "a STOP from a number of theirs holds for them"
MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


class Atlas(Protocol):
    """What is known of numbers and places."""

    def e164(self, number: str, country: str | None) -> str:
        """The number in E.164 form. Raises ValueError, which says what is wrong without repeating the number."""

    def country_of(self, number: str) -> str | None:
        """The country (ISO 3166) of a number in E.164 form; none if it takes no texts."""

    def candidate_zones(self, time_zone: str | None, country: str | None, number: str | None) -> tuple[str, ...]:
        """The IANA zones that the customer may be in."""


def some(value: object) -> object:
    """One address stands for a list of one."""
    return [value] if isinstance(value, str) else value


class Update(BaseModel):
    """`customer.updated`: what is given replaces what was known, the rest stays; `addresses` by channel, best first."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    name: Annotated[str, Field(max_length=200)] | None = None
    locale: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    time_zone: TimeZone | None = None
    addresses: dict[Channel, Annotated[list[str], BeforeValidator(some), Field(max_length=MOST_ADDRESSES)]] = Field(
        default_factory=dict
    )

    @field_validator("name")
    @classmethod
    def printable(cls, name: str | None) -> str | None:
        """Raises ValueError for a name with line breaks or other control characters."""
        if name is not None and not name.isprintable():
            raise ValueError("expected a name without control characters")
        return name


class Word(BaseModel):
    """`consent.given` and `consent.withdrawn`: without a purpose, for all of them."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    channel: Channel
    purpose: Purpose | Literal["*"] = ALL
    source: Annotated[str, Field(max_length=200)] = ""


BUILT_IN: dict[str, type[BaseModel]] = {"customer.updated": Update, "consent.given": Word, "consent.withdrawn": Word}


def apply(
    event: Event, customer: Customer, policy: Policy, atlas: Atlas, stop: Consent | None = None
) -> tuple[Customer, list[str]]:
    """The customer after the event, and notes on what could not be taken over.

    `stop` is what one of their numbers had said before it was known to be theirs.

    Raises EventError when an event that only speaks of the customer can't be read at all.
    """
    if event.type == "customer.updated":
        updated, notes = update(event, customer, atlas)
        return (bound_by(stop, updated), [*notes, STOP_HOLDS]) if stop else (updated, notes)
    if event.type in BUILT_IN:
        word = Word.model_validate(read(event, Word))
        given = event.type == "consent.given"
        return customer.with_consent(Consent(**word.model_dump(), given=given, at=event.at)), []
    return with_troubles(event, customer, policy), []


def read(event: Event, model: type[BaseModel]) -> dict[str, Any]:
    """The data as the model reads it. Raises EventError naming each field and what was expected of it."""
    try:
        return model.model_validate(event.data).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise EventError("; ".join(spell(detail) for detail in error.errors(include_input=False))) from None


def spell(detail: Any) -> str:
    """One of pydantic's findings, as place and expectation."""
    # A key below `addresses` may be an address that was put in the wrong place: it isn't repeated.
    where = detail["loc"][:1] if detail["loc"][0] == "addresses" else detail["loc"]
    return f"data.{'.'.join(str(part) for part in where)}: {detail['msg']}"


def update(event: Event, customer: Customer, atlas: Atlas) -> tuple[Customer, list[str]]:
    """The customer as described; what can't be used, or is older than what is known, is left out, and noted."""
    given, notes = usable_fields(event)
    fields = {**{f"addresses.{channel}": values for channel, values in given.pop("addresses", {}).items()}, **given}
    late = sorted(name for name in fields if event.at < customer.told_at.get(name, event.at))
    notes += [f"{name}: superseded by later news" for name in late]
    fresh = {name: value for name, value in fields.items() if name not in late}
    told_at = {**customer.told_at, **dict.fromkeys(fresh, event.at)}
    updated = customer.model_copy(
        update={**{name: fresh[name] for name in given if name in fresh}, "known": True, "told_at": told_at}
    )
    for channel in Channel:
        if (values := fresh.get(f"addresses.{channel}")) is not None:
            updated = updated.reached_at(channel, usable_addresses(channel, values, updated.country, atlas, notes))
    number = next((address.value for address in updated.addresses_on(Channel.SMS)), None)
    zones = atlas.candidate_zones(updated.time_zone, updated.country, number)
    return updated.model_copy(update={"zones": zones}), notes


def numbers_after(event: Event, customer: Customer, atlas: Atlas) -> list[str]:
    """The telephone numbers that the customer has after an update; of what is no update, none."""
    if event.type != "customer.updated":
        return []
    updated, _ = update(event, customer, atlas)
    return [address.value for address in updated.addresses_on(Channel.SMS)]


def texted_stop(customer: Customer) -> Consent | None:
    """The customer's word that they want no texts, if they said so by text: it is their number's, and goes with it."""
    no = (Channel.SMS, ALL, False)
    words = (word for word in customer.consents if (word.channel, word.purpose, word.given) == no)
    return next((word for word in words if word.source.startswith(BY_TEXT)), None)


def bound_by(stop: Consent, customer: Customer) -> Customer:
    """The customer, with a STOP that their number had said before; what they have allowed since counts."""
    source = f"{BY_TEXT}, from their number before it was known to be theirs"
    return customer.with_consent(stop.model_copy(update={"source": source}))


def usable_addresses(
    channel: Channel, values: list[str], country: str | None, atlas: Atlas, notes: list[str]
) -> Iterator[Address]:
    """The addresses in their normal form; a note on each that can't be used."""
    for value in values:
        try:
            if channel is Channel.EMAIL:
                yield Address(channel=channel, value=check_email(value))
            else:
                number = atlas.e164(value, country)
                yield Address(channel=channel, value=number, country=atlas.country_of(number))
        except ValueError as error:
            notes.append(f"an address for {channel} was left out: {error}")


def usable_fields(event: Event) -> tuple[dict[str, Any], list[str]]:
    """What of the description can be read, and notes on what can't: one bad field doesn't cost the others."""
    try:
        return Update.model_validate(event.data).model_dump(exclude_unset=True), []
    except ValidationError as error:
        details = error.errors(include_input=False)
        bad = {detail["loc"][0] for detail in details}
        rest = {name: value for name, value in event.data.items() if name not in bad}
        notes = [f"{spell(detail)}; left out" for detail in details]
        return Update.model_validate(rest).model_dump(exclude_unset=True), notes


def check_email(value: str) -> str:
    """The address, if it is one that a header can carry. Raises ValueError."""
    if len(value) > MAX_EMAIL or not EMAIL.fullmatch(value):
        raise ValueError("expected an e-mail address such as someone@example.com")
    return value


def with_troubles(event: Event, customer: Customer, policy: Policy) -> Customer:
    """The customer with the troubles that the event opens or settles."""
    for name, trouble in policy.troubles.items():
        label = f"{name} {about_of(event, trouble.about) or ''}".strip()
        if event.type in trouble.opened_by:
            customer = customer.with_trouble(label, event.at)
        if event.type in trouble.closed_by:
            customer = customer.without_trouble(label, event.at)
    return customer
