"""Whether to speak: on which channel, now or later, or not at all, and why."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from rapport.domain.customer import Address, Customer, Spoken
from rapport.domain.local_time import is_open, next_opening
from rapport.domain.policy import ConsentRule, Policy, PurposeRules
from rapport.domain.words import Channel, Purpose, Reason, spell_span

FEW_ZONES = 3
AWAKE = timedelta(minutes=30)  # who wrote to us just now isn't asleep


class Request(BaseModel):
    """Something that we want to say; `route` is the order of channels that it may be said on.

    `address` is the only one that it may go to, if it answers somebody who wrote from there, at `heard_at`.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    message: str
    purpose: Purpose
    route: tuple[Channel, ...]
    expires_at: AwareDatetime
    exited_by: str | None = None
    address: str | None = None
    heard_at: AwareDatetime | None = None


class Candidate(BaseModel):
    """One channel, with what spoke for it and, when it lost, against it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    channel: Channel
    pro: tuple[str, ...] = ()
    con: str | None = None
    reason: Reason | None = None


class Decision(BaseModel):
    """`send` on a channel now, `hold` until a time, or `skip`; `because` says it in a sentence."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    outcome: Literal["send", "hold", "skip"]
    at: AwareDatetime
    because: str
    reason: Reason | None = None
    channel: Channel | None = None
    until: AwareDatetime | None = None
    held_since: AwareDatetime | None = None
    candidates: tuple[Candidate, ...] = ()


def decide(
    request: Request, customer: Customer, history: Mapping[str, Spoken], policy: Policy, now: datetime
) -> Decision:
    """The same judgement for the planner, the sender's last look, `simulate` and `explain`.

    `history` is what counted towards the caps lately, by message id; the message's own entry never counts against it.
    """
    rules = policy.purposes[request.purpose]
    refused = against_speaking(request, customer, rules, now)
    if refused:
        return Decision(outcome="skip", at=now, reason=refused[0], because=refused[1])
    candidates = weigh(request, customer, rules)
    chosen = candidates[-1]
    if chosen.reason:
        because = "; ".join(f"{each.channel}: {each.con}" for each in candidates)
        return Decision(outcome="skip", at=now, reason=main_reason(candidates), because=because, candidates=candidates)
    if full := against_the_caps(request, history, policy, now):
        return Decision(outcome="skip", at=now, reason=Reason.CAPPED, because=full, candidates=candidates)
    timing = against_the_hour(request, customer, policy, now)
    if timing:
        return timing.model_copy(update={"candidates": candidates, "channel": chosen.channel})
    because = f"{chosen.channel}: " + ", ".join(chosen.pro)
    return Decision(outcome="send", at=now, channel=chosen.channel, because=because, candidates=candidates)


def against_speaking(
    request: Request, customer: Customer, rules: PurposeRules, now: datetime
) -> tuple[Reason, str] | None:
    """What forbids the message whatever the channel."""
    if request.exited_by:
        return Reason.EXITED, f"{request.exited_by} came first"
    if now >= request.expires_at:
        return Reason.EXPIRED, f"it was worth saying until {request.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if rules.heeds_troubles and customer.human_owns:
        return Reason.HUMAN_OWNS, "a person is talking with this customer"
    if rules.heeds_troubles and customer.troubles:
        trouble, since = min(customer.troubles.items(), key=lambda item: item[1])
        return Reason.RELATIONSHIP, f"{trouble} has been open since {since:%Y-%m-%d}"
    return None


def weigh(request: Request, customer: Customer, rules: PurposeRules) -> tuple[Candidate, ...]:
    """The route's channels up to the first that will do; when none will, all of them."""
    candidates: list[Candidate] = []
    for channel in request.route:
        candidates.append(weigh_channel(channel, request, customer, rules))
        if candidates[-1].reason is None:
            break
    return tuple(candidates)


def main_reason(candidates: tuple[Candidate, ...]) -> Reason | None:
    """Of all channels that won't do: what closed the first one that the customer has; if they have none, that."""
    reasons = [candidate.reason for candidate in candidates]
    return next((reason for reason in reasons if reason is not Reason.NO_ADDRESS), Reason.NO_ADDRESS)


def weigh_channel(channel: Channel, request: Request, customer: Customer, rules: PurposeRules) -> Candidate:
    """Whether this channel has an address that may be used, and the customer's leave."""
    purpose, addresses = request.purpose, eligible(customer, channel, request.address)
    if not addresses:
        con = "no address" if customer.known else "nobody is known by this id"
        return Candidate(channel=channel, con=con, reason=Reason.NO_ADDRESS)
    consent = None if rules.consent is ConsentRule.NOT_NEEDED else customer.consent(channel, purpose)
    if consent and not consent.given:
        con = f"consent withdrawn {consent.at:%Y-%m-%d} ({consent.source or 'no source'})"
        return Candidate(channel=channel, con=con, reason=Reason.NO_CONSENT)
    if rules.consent is ConsentRule.GIVEN and not consent:
        return Candidate(channel=channel, con=f"no consent to {purpose} messages", reason=Reason.NO_CONSENT)
    if not (address := usable(addresses)):
        return Candidate(channel=channel, con=f"suppressed: {addresses[0].suppressed}", reason=Reason.SUPPRESSED)
    pro = f"consent given {consent.at:%Y-%m-%d}" if consent else f"no objection to {purpose} messages"
    preferred = "preferred address" if address == addresses[0] else "second address, the first is suppressed"
    return Candidate(channel=channel, pro=(preferred, pro))


def eligible(customer: Customer, channel: Channel, address: str | None) -> list[Address]:
    """The customer's addresses on the channel; of a given one, that one alone."""
    return [each for each in customer.addresses_on(channel) if address in (None, each.value)]


def usable(addresses: list[Address]) -> Address | None:
    """The first address that nothing speaks against."""
    return next((address for address in addresses if not address.suppressed), None)


def against_the_caps(request: Request, history: Mapping[str, Spoken], policy: Policy, now: datetime) -> str | None:
    """The first cap that this message would break."""
    for cap in policy.caps:
        if request.purpose not in cap.purposes:
            continue
        since = now - cap.every
        counted = sum(
            spoken.at > since and spoken.purpose in cap.purposes
            for message, spoken in history.items()
            if message != request.message
        )
        if counted >= cap.at_most:
            kinds = " and ".join(cap.purposes)
            return f"{counted} {kinds} messages in {spell_span(cap.every)}, the cap is {cap.at_most}"
    return None


def against_the_hour(request: Request, customer: Customer, policy: Policy, now: datetime) -> Decision | None:
    """Holds or drops what would reach the customer in quiet hours, in any zone that they may be in."""
    on_quiet = policy.purposes[request.purpose].quiet_hours
    if request.heard_at and now - request.heard_at < AWAKE:
        return None
    if on_quiet == "ignore" or (customer.zones and is_open(policy.send_window, customer.zones, now)):
        return None
    quiet = f"it is outside {policy.send_window.opens:%H:%M} to {policy.send_window.closes:%H:%M} in {places(customer)}"
    opening = next_opening(policy.send_window, customer.zones, now) if customer.zones else None
    if opening is None:
        return Decision(outcome="skip", at=now, reason=Reason.QUIET_HOURS, because=no_hour(customer))
    if on_quiet == "drop":
        return Decision(outcome="skip", at=now, reason=Reason.QUIET_HOURS, because=quiet)
    if opening >= request.expires_at:
        late = f"{quiet}, and by the next opening it would have expired"
        return Decision(outcome="skip", at=now, reason=Reason.QUIET_HOURS, because=late)
    return Decision(outcome="hold", at=now, until=whole_second(opening), reason=Reason.QUIET_HOURS, because=quiet)


def places(customer: Customer) -> str:
    """The zones, spelt out while they are few."""
    many = len(customer.zones)
    return ", ".join(customer.zones) if many <= FEW_ZONES else f"one of {many} zones that this customer may be in"


def no_hour(customer: Customer) -> str:
    """Why no hour will do."""
    if not customer.zones:
        return "no time zone, country or number tells what hour it is there"
    return f"the {len(customer.zones)} zones that this customer may be in share no waking hour"


def whole_second(instant: datetime) -> datetime:
    """The instant, rounded up: EventBridge Scheduler knows no fractions of a second."""
    return instant if instant.microsecond == 0 else instant.replace(microsecond=0) + timedelta(seconds=1)
