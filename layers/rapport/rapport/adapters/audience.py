"""An event to everyone: each customer who asked to hear gets an event of their own, page by page."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from rapport.adapters.events_table import EventsTable
from rapport.adapters.ledger import FULL_PAGE, Ledger, settled
from rapport.adapters.planner import report_rejected, seen_before
from rapport.adapters.telemetry import logger
from rapport.domain.event import Event, EventError, check_data
from rapport.domain.planning import Content, Key, audiences


class Audience:
    """Who is told leaves the list, so the next page is always the first one: nothing to remember but the event."""

    def __init__(self, ledger: Ledger, events: EventsTable, content: Content, clock: Callable[[], datetime]) -> None:
        self.ledger = ledger
        self.events = events
        self.content = content
        self.clock = clock

    def tell(self, event: Event) -> None:
        """Tells one page of each list, and puts the event again for the rest."""
        outcome = self.ledger.outcome(event.customer, event.id)
        if outcome and settled(outcome, event):
            seen_before(event.id, event.fingerprint(), outcome)
            return
        now = self.clock()
        try:
            check_data(event, self.content.catalogue)
        except EventError as error:
            instead = self.ledger.reject(event.customer, event.id, [str(error)], now, event.fingerprint())
            report_rejected(event.id, event.fingerprint(), instead)
            return
        told = [self.tell_page(event, key, now) for key in audiences(event, self.content.journeys.values())]
        if any(page >= FULL_PAGE for page in told):
            self.events.put_all([event.model_copy(update={"id": hashed("page", event.id)})], now)
        note = f"told {sum(told)} who asked to hear of it" if told else "nobody can ask to hear of it"
        self.ledger.note(event.customer, event.id, [note], now, event.fingerprint())
        logger.info("told", event_id=event.id, customers=sum(told))

    def tell_page(self, event: Event, key: Key, now: datetime) -> int:
        """Tells the first page of the list and takes it off; returns how many that were.

        The id of a customer's own event comes from their asking: one wish is answered once, however often it is back.
        """
        page = self.ledger.waiting(key)
        own = [
            event.model_copy(update={"id": hashed("told", *key, customer, asked_by), "customer": customer})
            for customer, asked_by in page
        ]
        self.events.put_all(own, now)
        self.ledger.told(key, [customer for customer, _ in page])
        return len(page)


def hashed(kind: str, *parts: str) -> str:
    """An id that the same parts always make."""
    return f"{kind}-{hashlib.blake2s(chr(31).join(parts).encode(), digest_size=16).hexdigest()}"
