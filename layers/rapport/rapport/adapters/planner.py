"""Takes events and waking runs through the ledger: read, decide, write; and again when somebody else wrote first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from rapport.adapters import time_zones
from rapport.adapters.ledger import ConflictError, Ledger, settled
from rapport.adapters.telemetry import count, logger
from rapport.domain.advance import Draft
from rapport.domain.delivery import concerns_delivery
from rapport.domain.event import Event, EventError
from rapport.domain.planning import Content, Key, Plan, concerned, is_early, plan_event, plan_receipt, plan_wake
from rapport.domain.profile import numbers_after
from rapport.domain.sending import EarlyError
from rapport.domain.words import Reason

MOST_TRIES = 10


class Atlas:
    """What libphonenumber and the time zone database know."""

    candidate_zones = staticmethod(time_zones.candidate_zones)

    @staticmethod
    def e164(number: str, country: str | None = None) -> str:
        """As `phone_numbers` has it, which takes 50 ms to import, and few events tell us of a number."""
        from rapport.adapters import phone_numbers

        return phone_numbers.e164(number, country)

    @staticmethod
    def country_of(number: str) -> str | None:
        """As `phone_numbers` has it."""
        from rapport.adapters import phone_numbers

        return phone_numbers.country_of(number)


class Planner:
    """`clock` tells the time in UTC."""

    def __init__(self, ledger: Ledger, content: Content, clock: Callable[[], datetime]) -> None:
        self.ledger = ledger
        self.content = content
        self.clock = clock

    def take(self, event: Event) -> None:
        """Plans what an event deserves, once; what is wrong with it ends as a rejected outcome on record.

        What was rejected may come again, corrected, under the same id. Raises ConflictError at length.
        """
        for _ in range(MOST_TRIES):
            read = self.ledger.read(event.customer, self.keys(event), event.id, concerns_delivery(event))
            if read.outcome and settled(read.outcome, event):
                seen_before(event.id, event.fingerprint(), read.outcome)
                return
            now = self.clock()
            stop = self.ledger.stop_before(event.customer, numbers_after(event, read.customer, Atlas()))
            plan = plan_event(event, read.customer, read.runs, self.content, Atlas(), now, read.delivery, stop)
            try:
                self.ledger.commit(event, read, plan, now)
            except ConflictError:
                continue
            report(event, plan)
            return
        raise ConflictError(f"its customer was written to {MOST_TRIES} times meanwhile")

    def keys(self, event: Event) -> list[Key]:
        """The runs that the event concerns; none when it can't say, and `plan_event` rejects it."""
        try:
            return list(concerned(event, self.content.journeys.values()))
        except EventError:
            return []

    def wake(self, customer: str, key: Key, receipt: tuple[str, str] | None = None) -> None:
        """Takes a run on whose time has come, or that hears the receipt it listened for; any other stays as it is.

        `receipt` is the message and its status. Raises EarlyError when the run's time is about to come, and
        ConflictError at length.
        """
        for _ in range(MOST_TRIES):
            read = self.ledger.read(customer, [key])
            before = read.runs.get(key)
            if before is None:
                return
            if receipt:
                after, drafts = plan_receipt(before, *receipt, read.customer, self.content, self.clock())
            else:
                after, drafts = plan_wake(before, read.customer, self.content, self.clock())
            if after is before and not receipt and is_early(before, self.clock()):
                raise EarlyError("its time hasn't come by this clock")
            if after is before:
                return
            try:
                self.ledger.commit_run(before, after, drafts)
            except ConflictError:
                continue
            report_drafts(drafts)
            return
        raise ConflictError(f"the run was written to {MOST_TRIES} times meanwhile")


def read_event(values: dict[str, Any]) -> Event:
    """The event that these values are. Raises EventError naming each field and what was expected of it."""
    try:
        return Event.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        details = [f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}" for detail in found]
        raise EventError("; ".join(details)) from None


def seen_before(event_id: str, fingerprint: str, outcome: dict[str, Any]) -> None:
    """A repeated event is nothing new; one that uses another's id is told of."""
    if outcome.get("fingerprint") not in (None, fingerprint):
        count("ContradictedEvents")
        logger.warning("event id used before for something else", event_id=event_id)


def report_rejected(event_id: str, fingerprint: str, instead: dict[str, Any] | None) -> None:
    """Says that an event can't be used, if that is news."""
    if instead is not None:
        seen_before(event_id, fingerprint, instead)
        return
    count("RejectedEvents")
    logger.info("rejected", event_id=event_id)


def report(event: Event, plan: Plan) -> None:
    """Says what came of the event."""
    if plan.rejected:
        count("RejectedEvents")
    logger.info("rejected" if plan.rejected else "planned", event_id=event.id, type=event.type)
    report_drafts(plan.drafts)


def report_drafts(drafts: list[Draft]) -> None:
    """Counts and logs each message and each non-message."""
    for draft in drafts:
        message = draft.message
        if message.reason is Reason.UNSAYABLE:
            count("UnsayableMessages")
        count(f"{message.status.capitalize()}Messages")
        logger.info(message.status, message_id=message.id, journey=message.journey, reason=message.reason)
