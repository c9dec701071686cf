"""What is on its way to a customer: when it comes, where it goes, and until when they may send it elsewhere."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from rapport.domain.event import Event, read_moment
from rapport.domain.local_time import local_instant
from rapport.domain.run import LONGEST, look_up

KEPT_CHANGES: Final = 10
AHEAD: Final = ("delivery.scheduled", "delivery.moved")
OVER: Final[dict[str, Literal["completed", "cancelled", "failed"]]] = {
    "delivery.completed": "completed",
    "delivery.cancelled": "cancelled",
    "delivery.failed": "failed",
}
Place = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Change(BaseModel):
    """One change of where it goes: who asked for it, from which address, and where it went before."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    by: str
    from_address: str
    before: Place | None
    after: Place | None


class Delivery(BaseModel):
    """`due_at` is a time or a day as the event had it; `changeable_until` comes from the event too, where it says so.

    `destination` is nothing while it goes where it was first sent to. `version` rises with every write.
    """

    model_config = ConfigDict(frozen=True)

    customer: str
    order: str
    due_at: str
    as_of: AwareDatetime
    status: Literal["ahead", "completed", "cancelled", "failed"] = "ahead"
    window: str | None = None
    item: str | None = None
    destination: Place | None = None
    changeable_until: AwareDatetime | None = None
    changes: tuple[Change, ...] = ()
    version: int = 0

    @property
    def due_on(self) -> date:
        """The day that it is due, where the event was told."""
        moment = read_moment(self.due_at)
        return moment.date() if isinstance(moment, datetime) else moment

    def closes_at(self, ahead: timedelta, zone: str) -> datetime:
        """Until when it may go elsewhere: as told, else so long before it is due, or before its day begins there."""
        moment = read_moment(self.due_at)
        begins = moment if isinstance(moment, datetime) else local_instant(moment, time(), zone)
        return self.changeable_until or begins - ahead

    def open_at(self, now: datetime, ahead: timedelta, zone: str) -> bool:
        """Whether it may still go elsewhere."""
        return self.status == "ahead" and now < self.closes_at(ahead, zone)

    def late_at(self, now: datetime) -> bool:
        """Whether it should have come by now, and nobody has said that it did."""
        moment = read_moment(self.due_at)
        over = moment < now if isinstance(moment, datetime) else moment < now.date()
        return self.status == "ahead" and over

    def sent_to(self, place: str | None, by: str, from_address: str, at: datetime) -> "Delivery":
        """The delivery, to go there from now on, with the change on record."""
        change = Change(at=at, by=by, from_address=from_address, before=self.destination, after=place)
        return self.model_copy(
            update={"destination": place, "changes": (*self.changes, change)[-KEPT_CHANGES:], "as_of": at}
        )


def concerns_delivery(event: Event) -> str | None:
    """The order that the event tells a delivery's news of, if it does."""
    order = look_up("data.order", {"data": event.data})
    if event.type not in (*AHEAD, *OVER) or not isinstance(order, str) or not 0 < len(order) <= LONGEST:
        return None
    return order


def after_event(event: Event, order: str, delivery: Delivery | None) -> Delivery | None:
    """The delivery after the news; what is older than what is known, or names no time, changes nothing."""
    if delivery and event.at < delivery.as_of:
        return delivery
    if event.type in OVER:
        return delivery.model_copy(update={"status": OVER[event.type], "as_of": event.at}) if delivery else None
    told = {name: event.data.get(name) for name in ("due_at", "window", "item", "destination", "changeable_until")}
    given: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    fresh = {"customer": event.customer, "order": order, "as_of": event.at, **given}
    if delivery is None:
        return Delivery.model_validate(fresh)
    kept = delivery.model_dump(exclude={"status", "window", "changeable_until"})
    return Delivery.model_validate({**kept, **fresh})


def ahead_of(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Those that are still to come, the next one first."""
    return sorted((each for each in deliveries if each.status == "ahead"), key=lambda each: (each.due_on, each.order))
