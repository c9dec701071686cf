"""Where a day is played: customers to whom things happen, who write texts, and whom a person at the desk answers."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from local.desk import Desk
from local.functions import CutOffError
from proof.faults.dead_letters import redrive
from proof.faults.world import FaultyWorld
from rapport.domain.conversation import short_hash

MOST_ROUNDS: Final = 6  # of redriving
PATIENCE: Final = 12  # how often a person loads a page again that fails
STOP, START, YES = "STOP", "START", "Yes"


@dataclass(frozen=True)
class Text:
    """What a customer wrote."""

    customer: str
    body: str
    turn: str
    at: datetime


@dataclass
class Stage:
    """`events` are those that were put in, `texts` those that were written, `numbers` and `mails` are by customer."""

    world: FaultyWorld
    withdrawals: int = 1000
    events: list[dict[str, Any]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def meet(self, many: int, *, by: str = "sms", agree: tuple[str, ...] = ()) -> list[str]:
        """So many people in London become known, with a number or an e-mail address, and agree to these purposes."""
        met = []
        for _ in range(many):
            place = len(self.numbers) + len(self.mails)
            customer = f"{by}-person-{place}"
            known = self.numbers if by == "sms" else self.mails
            known[customer] = f"+447700900{place:03}" if by == "sms" else f"{customer}@example.com"
            self.put("customer.updated", customer, time_zone="Europe/London", addresses={by: known[customer]})
            for purpose in agree:
                self.put("consent.given", customer, channel=by, purpose=purpose)
            met.append(customer)
        self.world.settle()
        return met

    def put(self, event_type: str, customer: str, /, **data: Any) -> None:
        """Something happens now; what follows does when the world settles."""
        self.put_at(self.world.now, event_type, customer, **data)

    def put_at(self, at: datetime, event_type: str, customer: str, /, **data: Any) -> None:
        """Something is told of now that happened then."""
        self.world.put(self.event(at, event_type, customer, data))

    def event(self, at: datetime, event_type: str, customer: str, data: dict[str, Any]) -> dict[str, Any]:
        """The next event."""
        told: dict[str, Any] = {"id": f"event-{len(self.events)}", "type": event_type, "customer": customer}
        told |= {"at": at.isoformat(), "data": data}
        self.events.append(told)
        return told

    def happens(self, event_type: str, customers: list[str], /, **data: Any) -> None:
        """Something happens to all of them, and what follows at once; an order is each one's own."""
        for customer in customers:
            own = {"order": f"{data['order']}-{customer}"} if "order" in data else {}
            self.put(event_type, customer, **{**data, **own})
        self.world.settle()

    def sends(self, event_type: str, customers: list[str], *, order: str) -> None:
        """The same by way of the intake's queue, about an order of each one's own."""
        for customer in customers:
            event = self.event(self.world.now, event_type, customer, {"order": f"{order}-{customer}"})
            self.world.send(json.dumps(event))
        self.world.settle()

    def write(self, customers: list[str], body: str) -> None:
        """All of them write this; they have a minute for what follows."""
        for customer in customers:
            text_id = self.world.writes(self.numbers[customer], body)
            self.texts.append(Text(customer, body, short_hash(text_id), self.world.now))
        self.world.advance("1 minute")

    def advance(self, span: str) -> None:
        """Time goes by."""
        self.world.advance(span)

    def answer_at_desk(self, customer: str, text: str, *, hand_back: bool = False) -> None:
        """A person answers; who gets no page loads it again. Where the desk was never told, nobody answers."""
        desk = Desk(self.world)
        form = {"text": text, "by": "Kim", "do": "both" if hand_back else "send", "nonce": f"nonce-{customer}-{text}"}
        with suppress(LookupError):
            token = desk.token(customer)
            for _ in range(PATIENCE):
                with suppress(Exception, CutOffError):
                    if desk.post(token, **form)["statusCode"] < 500:
                        return
                self.world.advance("1 minute")

    def withdraw(self, asked: str) -> bool:
        """The customer whom the request names says, this moment, that they want nothing more; False if nobody can."""
        people = {**self.numbers, **self.mails}
        named = [each for each in people if f"{each}" in asked or people[each] in asked]
        customer = next((each for each in named or people if each not in self.withdrawn), None)
        if customer is None or len(self.withdrawn) >= self.withdrawals:
            return False
        self.withdrawn.add(customer)

        def say_no() -> None:
            self.put("consent.withdrawn", customer, channel="sms" if customer in self.numbers else "email")
            self.world.settle()

        self.world.meanwhile(say_no)
        return True

    def come_to_rest(self) -> int:
        """The faults are over: time goes on, and dead letters go back, until nothing is due; returns what is left."""
        self.world.faults.over = True
        left = 0
        for _ in range(MOST_ROUNDS):
            self.world.run_until_idle()
            left = redrive(self.world)
            if not left:
                break
        return left


def morning(stage: Stage, days: int, hour: int) -> datetime:
    """So many days from now, at that hour, UTC."""
    return (stage.world.now + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
