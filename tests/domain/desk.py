"""A planner's desk: events come in one after the other, and what came of them is kept as the ledger would keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.domain.customer import Customer
from rapport.domain.event import Catalogue, Event
from rapport.domain.journey import Journey
from rapport.domain.planning import Key, Plan, plan_event
from rapport.domain.policy import Policy
from rapport.domain.run import Run
from tests.domain.builders import NOON, SEND, Phrases, a_journey, a_policy, ada, an_event

HOUR = timedelta(hours=1)
KEY = ("delivery", "42")
CATALOGUE = {
    "delivery.scheduled": {"order": "text", "due_at": "time?"},
    "delivery.moved": {"order": "text?"},
    "delivery.completed": {"order": "text"},
    "order.rated": {"order": "text"},
    "stock.wanted": {"item": "text"},
    "stock.back": {"item": "text"},
    "reply.received": {"journey": "text", "about": "text"},
}
REMINDER = a_journey({"wait": "3 days"}, SEND)
LISTENER = a_journey(SEND, {"wait": {"for": "reply", "up_to": "3 days"}}, SEND)
STOCK = a_journey(SEND, journey="back", enter="stock.back", exit=[], about="event.data.item", audience="stock.wanted")


class Atlas:
    """Takes every number as it is, and knows one zone."""

    def e164(self, number: str, country: str | None) -> str:
        """The number unchanged."""
        return number

    def country_of(self, number: str) -> str | None:
        """France."""
        return "FR"

    def candidate_zones(self, time_zone: str | None, country: str | None, number: str | None) -> tuple[str, ...]:
        """Paris."""
        return ("Europe/Paris",)


class Said(Phrases):
    """What the company says: the journeys given, the small policy and the small catalogue."""

    def __init__(self, *journeys: Journey) -> None:
        super().__init__()
        self.journeys: Mapping[str, Journey] = {journey.journey: journey for journey in journeys}
        self.policy: Policy = a_policy()
        self.catalogue: Catalogue = CATALOGUE


@dataclass
class Desk:
    """Plans one event after the other, and keeps what came of them as the ledger would."""

    content: Said
    customer: Customer = field(default_factory=ada)
    runs: dict[Key, Run] = field(default_factory=dict)

    def take(self, event: Event, now: datetime = NOON) -> Plan:
        plan = plan_event(event, self.customer, self.runs, self.content, Atlas(), now)
        self.customer = plan.customer
        self.runs |= plan.runs
        return plan


def desk(*journeys: Journey) -> Desk:
    return Desk(Said(*journeys))


SCHEDULED = an_event("delivery.scheduled", NOON)
COMPLETED = an_event("delivery.completed", NOON + 2 * HOUR)
