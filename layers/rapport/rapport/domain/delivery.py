"""What is on its way to a customer: when it comes, where it goes, and until when they may send it elsewhere."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from rapport.domain.event import Event, read_moment
from rapport.domain.local_time import local_instant, zone_info
from rapport.domain.run import LONGEST, look_up

KEPT_CHANGES: Final = 10
AHEAD: Final = ("delivery.scheduled", "delivery.moved")
OVER: Final[dict[str, Literal["completed", "cancelled", "failed"]]] = {
    "delivery.completed": "completed",
    "delivery.cancelled": "cancelled",
    "delivery.failed": "failed",
}
Place = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def readable(text: str) -> str:
    """A time or a day, as the event had it. Raises ValueError."""
    read_moment(text)
    return text


class Change(BaseModel):
    """One change of where it goes: who asked for it, from which address, and where it went before.

    What `takes_back` another is the answer to an undo.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    at: AwareDatetime
    by: str
    from_address: str
    before: Place | None
    after: Place | None
    takes_back: bool = False


class Delivery(BaseModel):
    """`due_at` is a time or a day as the event had it; `changeable_until` comes from the event too, where it says so.

    `destination` is nothing while it goes where it was first sent to. `as_of` is the time of its events' latest news;
    `version` rises with every write.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    customer: str
    order: str
    due_at: Annotated[str, AfterValidator(readable)]
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

    def late_at(self, now: datetime, zone: str) -> bool:
        """Whether it should have come by now, or by the day before there, and nobody has said that it did."""
        moment = read_moment(self.due_at)
        over = moment < (now if isinstance(moment, datetime) else now.astimezone(zone_info(zone)).date())
        return self.status == "ahead" and over

    @property
    def last_change(self) -> Change | None:
        """The last change that holds: neither taken back nor overtaken by the company's own word."""
        standing: list[Change] = []
        for change in self.changes:
            standing = standing[:-1] if change.takes_back else [*standing, change]
        return standing[-1] if standing and standing[-1].after == self.destination else None

    def sent_to(
        self, place: str | None, by: str, from_address: str, at: datetime, *, takes_back: bool = False
    ) -> "Delivery":
        """The delivery, to go there from now on, with the change on record."""
        told = {"at": at, "by": by, "from_address": from_address, "before": self.destination, "after": place}
        change = Change.model_validate({**told, "takes_back": takes_back})
        return self.model_copy(update={"destination": place, "changes": (*self.changes, change)[-KEPT_CHANGES:]})


def concerns_delivery(event: Event) -> str | None:
    """The order that the event tells a delivery's news of, if it does."""
    order = look_up("data.order", {"data": event.data})
    if event.type not in (*AHEAD, *OVER) or not isinstance(order, str) or not 0 < len(order) <= LONGEST:
        return None
    return order


def after_event(event: Event, order: str, delivery: Delivery | None) -> Delivery | None:
    """The delivery after the news; what is older than what is known, or names no time, changes nothing.

    What else can't be used of it, such as an address in parts, is left out.
    """
    if delivery and event.at < delivery.as_of:
        return delivery
    if event.type in OVER:
        return delivery.model_copy(update={"status": OVER[event.type], "as_of": event.at}) if delivery else None
    told = {name: event.data.get(name) for name in ("due_at", "window", "item", "destination", "changeable_until")}
    if delivery and delivery.changes and event.at < delivery.changes[-1].at:
        del told["destination"]  # where it goes the customer has said since
    given: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    fresh = {"customer": event.customer, "order": order, "as_of": event.at, **given}
    kept = delivery.model_dump(exclude={"status", "window", "changeable_until"}) if delivery else {}
    try:
        return Delivery.model_validate({**kept, **fresh})
    except ValidationError as error:
        unusable = {detail["loc"][0] for detail in error.errors()}
    if "due_at" in unusable:
        return delivery
    return Delivery.model_validate({**kept, **{name: value for name, value in fresh.items() if name not in unusable}})


def ahead_of(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Those that are still to come, the next one first."""
    return sorted((each for each in deliveries if each.status == "ahead"), key=lambda each: (each.due_on, each.order))
