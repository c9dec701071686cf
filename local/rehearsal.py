"""The rules and the clock alone: events are planned and messages decided in memory, without any AWS at all."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from rapport.adapters.planner import Atlas, read_event
from rapport.domain.advance import Draft
from rapport.domain.customer import Customer, Spoken
from rapport.domain.decision import Request, decide
from rapport.domain.event import Event, EventError
from rapport.domain.message import Message, Status
from rapport.domain.planning import Content, Key, concerned, plan_event, plan_wake
from rapport.domain.run import Run
from rapport.domain.words import Reason


@dataclass
class Rehearsal:
    """Plays events in the order of time; a message that passes its last look counts as sent at once."""

    content: Content
    customers: dict[str, Customer] = field(default_factory=dict)
    runs: dict[str, dict[Key, Run]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    outcomes: set[tuple[str, str]] = field(default_factory=set)
    agenda: list[tuple[datetime, int, Any]] = field(default_factory=list)
    tickets: Any = field(default_factory=count)

    def play(self, events: Iterable[dict[str, Any]]) -> None:
        """Everything that the events lead to, until nothing more is due."""
        for values in events:
            event = read_event(values)
            self.put(event.at, event)
        while self.agenda:
            now, _, due = heapq.heappop(self.agenda)
            if isinstance(due, Event):
                self.take(due, now)
            else:
                customer, key = due
                self.wake(customer, key, now)

    def put(self, at: datetime, due: Any) -> None:
        """On the agenda; what is due at one time comes in the order in which it was put there."""
        heapq.heappush(self.agenda, (at, next(self.tickets), due))

    def take(self, event: Event, now: datetime) -> None:
        """One event, planned."""
        customer = self.customers.get(event.customer, Customer(id=event.customer))
        runs = self.runs.setdefault(event.customer, {})
        try:
            keys = concerned(event, self.content.journeys.values())
        except EventError:
            keys = {}
        plan = plan_event(event, customer, {key: runs[key] for key in keys if key in runs}, self.content, Atlas(), now)
        self.outcomes.add((event.customer, event.id))
        self.customers[event.customer] = plan.customer
        for run in plan.runs.values():
            self.keep(run)
        self.send(plan.drafts, now)

    def wake(self, customer: str, key: Key, now: datetime) -> None:
        """One run whose time has come."""
        run = self.runs[customer][key]
        after, drafts = plan_wake(run, self.customers[customer], self.content, now)
        if after is not run:
            self.keep(after)
            self.send(drafts, now)

    def keep(self, run: Run) -> None:
        """The run, and when it wants to be woken."""
        self.runs[run.customer][run.key] = run
        if run.waiting:
            self.put(run.waiting.until, (run.customer, run.key))

    def send(self, drafts: list[Draft], now: datetime) -> None:
        """The last look, and what comes of it."""
        for draft in drafts:
            message, customer = draft.message, self.customers[draft.message.customer]
            if message.status is Status.QUEUED and message.channel:
                request = Request(
                    message=message.id,
                    purpose=message.purpose,
                    route=(message.channel,),
                    expires_at=message.expires_at,
                )
                decision = decide(request, customer, customer.spoken, self.content.policy, now)
                if decision.outcome == "send":
                    spoken = {**customer.spoken, message.id: Spoken(at=now, purpose=message.purpose)}
                    self.customers[customer.id] = customer.model_copy(update={"spoken": spoken})
                    message = message.model_copy(update={"status": Status.SENT, "sent_at": now})
                else:
                    refused = {"status": Status.SKIPPED, "reason": decision.reason or Reason.QUIET_HOURS}
                    message = message.model_copy(update=refused)
            self.messages.append(message)
