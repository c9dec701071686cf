"""The local world with faults in it: functions that are cut off, stall or see another clock, and others meanwhile."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self, cast
from unittest.mock import patch

import time_machine
from botocore.endpoint import Endpoint

from local.carriers import RECEIPT_AFTER, Taken
from local.functions import CutOffError, LocalFunction
from local.sources import StreamSource
from local.world import World
from proof.faults.faults import Faults, Kind, Site
from proof.faults.journal import HandOver, Journal
from proof.faults.wire import FaultyWire
from rapport.adapters import sender
from rapport.adapters.sends import Sends
from rapport.domain.message import Message
from rapport.domain.sending import Look, Moved, deliver
from rapport.domain.words import Channel

AS_DEPLOYED: Final = LocalFunction.invoke
ONE_REQUEST: Final = Endpoint._do_get_response  # type: ignore[attr-defined]
SKEWS: Final = {Kind.AHEAD: timedelta(minutes=5), Kind.BEHIND: timedelta(minutes=-5)}


class Invocation:
    """One invocation of a function: it ends when it is cut off or its time is up, however many records are in flight.

    One that has `stalled` goes on behind the back of its source, which has given it up.
    """

    def __init__(self, world: "FaultyWorld", function: LocalFunction, event: dict[str, Any], seconds: float) -> None:
        self.world = world
        self.function = function
        self.event = event
        self.ends = world.now + timedelta(seconds=seconds)
        self.skew = timedelta(0)
        self.stalled = False
        self.cut = False

    def go_on(self) -> None:
        """Raises CutOffError if this is over."""
        if self.cut or (not self.stalled and self.world.now >= self.ends):
            self.end()

    def end(self) -> None:
        """Raises CutOffError, here and at the next call of every other record in flight."""
        self.cut = True
        raise CutOffError(self.function.module)

    def wait(self, seconds: float) -> None:
        """The clock goes on while nothing happens. Raises CutOffError when the function's time is up meanwhile."""
        left = max(0.0, (self.ends - self.world.now).total_seconds())
        if seconds > left and not self.stalled:
            self.world.clock.shift(left)
            self.end()
        self.world.clock.shift(min(seconds, 60))


class Clock:
    """The world's clock, without a time zone: that would be a variable of the environment, which functions change."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller
        self.shift = traveller.shift
        self.move_to(datetime.now(UTC))

    def move_to(self, moment: datetime | float) -> None:
        """Turns it to a time."""
        self.traveller.move_to(moment.timestamp() if isinstance(moment, datetime) else moment)


class FaultyWorld(World):
    """What befalls which call is up to `faults`; `journal` is what really happened. Sleeping only moves the clock."""

    def __init__(self, start: datetime, faults: Faults, **options: Any) -> None:
        super().__init__(start, **options)
        self.faults = faults
        self.journal = Journal()
        self.wire: FaultyWire = FaultyWire(self)
        self.under_way: list[Invocation] = []
        self.somebody_stopped = False
        self.busy: set[StreamSource] = set()
        self.withdraw: Callable[[str], bool] = lambda asked: False
        faults.strikes = lambda fault: self.journal.faults.append((self.position(), self.now, fault))
        limit = self.stack.template["Globals"]["Function"]["Timeout"]
        self.limits = {
            properties["Handler"].split(".")[0]: float(properties.get("Timeout", limit))
            for _, properties in self.stack.of_type("AWS::Serverless::Function")
        }

    def __enter__(self) -> Self:
        enter = self.exits.enter_context
        # A plain function, so that it is bound to each LocalFunction.
        enter(patch.object(LocalFunction, "invoke", lambda function, event: self.invoke(function, event)))  # noqa: PLW0108
        super().__enter__()
        self.clock = cast("time_machine.Traveller", Clock(self.clock))
        self.exits.callback(random.setstate, random.getstate())
        random.seed(self.seed)
        enter(patch.object(time, "sleep", self.clock.shift))

        def one_request(endpoint: Endpoint, request: Any, model: Any, context: dict[str, Any]) -> Any:
            return self.wire.request(lambda: ONE_REQUEST(endpoint, request, model, context), request, model, context)

        enter(patch.object(Endpoint, "_do_get_response", one_request))
        self.tell_who_sees_what(enter)
        for source in self.deployment.sources:
            if isinstance(source, StreamSource):
                self.guard(source)
        return self

    def tell_who_sees_what(self, enter: Callable[[Any], Any]) -> None:
        """The journal hears of what no request says: whose look a sender goes by, and which message it has in hand."""
        look = Sends.looks

        def looks(sends: Sends, claimed: list[Message]) -> dict[str, Look]:
            seen = look(sends, claimed)
            self.journal.looked_together(claimed)
            return seen

        def delivers(claimed: Message, seen: Look | None, *given: Any) -> Moved | None:
            self.journal.takes_in_hand(claimed)
            return deliver(claimed, seen, *given)

        enter(patch.object(Sends, "looks", looks))
        enter(patch.object(sender, "deliver", delivers))

    # --- functions

    def invoke(self, function: LocalFunction, event: dict[str, Any]) -> Any:
        """One invocation; what wakes it may never hear of its end. Raises CutOffError then, and what it raises."""
        invocation = Invocation(self, function, event, self.limits[function.module])
        fault = self.faults.next(Site(function.module, "invocation"), others_may_move=False)
        kind = fault.kind if fault else None
        invocation.skew = SKEWS.get(kind, timedelta(0)) if kind else timedelta(0)
        self.under_way.append(invocation)
        self.clock.shift(invocation.skew)
        try:
            answer = AS_DEPLOYED(function, event)
        finally:
            self.clock.shift(-invocation.skew)
            self.under_way.pop()
        if kind is Kind.REDELIVERED or invocation.stalled or invocation.cut:
            raise CutOffError(function.module)
        return answer

    def invocation(self) -> Invocation | None:
        """The function that is running here; None for the world itself."""
        return self.under_way[-1] if self.under_way and os.environ.get("_HANDLER") else None

    @contextmanager
    def true_time(self, invocation: Invocation) -> Iterator[None]:
        """AWS's own clock, whatever the function's may say."""
        self.clock.shift(-invocation.skew)
        try:
            yield
        finally:
            self.clock.shift(invocation.skew)

    def guard(self, source: StreamSource) -> None:
        """A shard whose batch is being tried has no other one tried meanwhile."""
        poll, due = source.poll, source.due

        def guarded(*given: Any) -> bool:
            if source in self.busy:
                return False
            self.busy.add(source)
            try:
                return poll(*given)
            finally:
                self.busy.discard(source)

        def due_if_free() -> Iterable[float]:
            return () if source in self.busy else due()

        source.poll = guarded  # type: ignore[method-assign, assignment]
        source.due = due_if_free  # type: ignore[method-assign, assignment]

    def reconcile(self) -> None:
        """The five-minute round; one that fails is followed by the next."""
        with suppress(Exception, CutOffError):
            super().reconcile()

    # --- meanwhile

    def stall(self, invocation: Invocation, seconds: float) -> None:
        """The worker stops for so long. A stream's batch is tried again at once, a queue's when it is visible."""
        invocation.stalled = True
        invocation.function.__dict__.pop("handler", None)  # others get a sandbox of their own

        def others() -> None:
            if self.is_stream(invocation.event):
                with suppress(Exception, CutOffError):
                    invocation.function.invoke(invocation.event)
            self.run_until(self.now + timedelta(seconds=seconds))

        self.meanwhile(others)

    def is_stream(self, event: dict[str, Any]) -> bool:
        """Whether it was a stream that woke the function."""
        return any(record.get("eventSource") == "aws:dynamodb" for record in event.get("Records", ()))

    def meanwhile(self, work: Callable[[], None]) -> None:
        """Others at work while one stands still: in a thread of their own, for they take no turns with its records."""
        failures: list[BaseException] = []

        def work_there() -> None:
            try:
                with patch.dict(os.environ, {"_HANDLER": ""}):
                    work()
            except BaseException as error:
                failures.append(error)

        self.somebody_stopped = True
        thread = threading.Thread(target=work_there)
        thread.start()
        thread.join()
        self.somebody_stopped = False
        if failures:
            raise failures[0]

    # --- what is put down

    def position(self) -> int:
        """How many writes the ledger has seen."""
        shard = self.deployment.table(self.ledger_table).stream_shard
        return len(shard.items) if shard else 0

    def hands_over(
        self, invocation: Invocation, channel: Channel, asked: dict[str, Any], at: datetime, position: int
    ) -> HandOver:
        """A request to a carrier, which was made then, and after so many writes, is on the wire."""
        return self.journal.hands_over(invocation.function.module, channel, asked, at, position)

    def accepted(self, taken: Taken) -> None:
        """A carrier took a message: it says what became of it, sometimes late, twice, or before the sender hears."""
        if not self.carriers.receipts or taken.unreported:
            return
        fault = self.faults.next(
            Site(f"carrier of {taken.channel}", "receipt"), others_may_move=not self.somebody_stopped
        )
        kind = fault.kind if fault else None

        def tell() -> None:
            (self.post.tell_log if taken.channel is Channel.SMS else self.post.tell_topic)(taken)

        def tell_now() -> None:
            tell()
            self.settle()

        if kind is Kind.EARLY:
            self.meanwhile(tell_now)
            return
        after = RECEIPT_AFTER + timedelta(seconds=fault.span if fault and kind is Kind.LATE else 0)
        for _ in range(2 if kind is Kind.TWICE else 1):
            self.later((self.now + after).timestamp(), tell)
