"""Which fault befalls which call: as a seed chooses, or as a plan lists them; what befell is a plan again."""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple, Self

SPANS: Final = (2, 61, 200, 1000, 3700)  # seconds; a lease is 60, a queue's visibility 180, a receipt's wait 900


class Kind(StrEnum):
    """What may befall a call, an invocation, or a receipt."""

    THROTTLED = "throttled"
    CONFLICT = "conflict"  # another transaction holds an item
    UNREACHED = "unreached"  # no connection: certainly not applied
    UNANSWERED = "unanswered"  # not applied, but nobody can tell
    REPLY_LOST = "reply-lost"  # applied, and nobody hears
    ERROR_APPLIED = "error-applied"  # HTTP 500, though it was applied
    KILLED_BEFORE = "killed-before"
    KILLED_AFTER = "killed-after"
    TIMED_OUT = "timed-out"  # applied, and then the function's time is up, with all that the batch has in flight
    STALLED_BEFORE = "stalled-before"  # the worker stops; the others go on, its batch comes back; then it goes on too
    STALLED_AFTER = "stalled-after"
    WRITES_FAIL = "writes-fail"  # from here on, for a while, DynamoDB reads but doesn't write
    READS_FAIL = "reads-fail"
    WITHDRAWN = "withdrawn"  # the customer takes their consent back, and that is on record before the call
    REDELIVERED = "redelivered"  # all is done, and whoever woke the function doesn't hear it
    AHEAD = "clock-ahead"
    BEHIND = "clock-behind"
    LATE = "late"
    TWICE = "twice"
    EARLY = "early"  # the receipt is there before the sender hears the carrier's answer


ANYWHERE: Final = (
    Kind.THROTTLED,
    Kind.UNREACHED,
    Kind.UNANSWERED,
    Kind.REPLY_LOST,
    Kind.ERROR_APPLIED,
    Kind.KILLED_BEFORE,
    Kind.KILLED_AFTER,
    Kind.TIMED_OUT,
    Kind.STALLED_BEFORE,
    Kind.STALLED_AFTER,
    Kind.WITHDRAWN,
)
OF_INVOCATIONS: Final = (Kind.REDELIVERED, Kind.AHEAD, Kind.BEHIND)
OF_RECEIPTS: Final = (Kind.LATE, Kind.TWICE, Kind.EARLY)
OTHERS_MOVE: Final = (Kind.STALLED_BEFORE, Kind.STALLED_AFTER, Kind.WITHDRAWN, Kind.EARLY)


class Site(NamedTuple):
    """A function and the call that it makes, such as `send_sms` and `SNS.Publish`; or its `invocation`."""

    function: str
    call: str

    def kinds(self) -> tuple[Kind, ...]:
        """All that may befall it."""
        if self.call == "invocation":
            return OF_INVOCATIONS
        if self.call == "receipt":
            return OF_RECEIPTS
        more: tuple[Kind, ...] = (Kind.WRITES_FAIL, Kind.READS_FAIL) if self.call.startswith("DynamoDB.") else ()
        return (*ANYWHERE, *more, *((Kind.CONFLICT,) if self.call == "DynamoDB.TransactWriteItems" else ()))


class Fault(NamedTuple):
    """What befalls the nth call at a site; `span` (seconds) is how long, where that means something."""

    site: Site
    nth: int
    kind: Kind
    span: int = 0

    def __str__(self) -> str:
        return "/".join((*self.site, str(self.nth), self.kind, str(self.span)))

    @classmethod
    def read(cls, text: str) -> Self:
        """The fault of which this is the text. Raises ValueError."""
        function, call, nth, kind, span = text.split("/")
        return cls(Site(function, call), int(nth), Kind(kind), int(span))


class Faults:
    """Says what befalls each call: `listed` ones, and at this `rate` others.

    `calls` counts them, `befell` is what did, and `strikes` hears of each.
    """

    def __init__(self, listed: Iterable[Fault] = (), *, rate: float = 0.0, seed: int = 0) -> None:
        self.listed = {(fault.site, fault.nth): fault for fault in listed}
        self.rate = rate
        self.rng = Random(f"faults {seed}")  # noqa: S311 (chance that can be played again)
        self.calls: Counter[Site] = Counter()
        self.befell: list[Fault] = []
        self.over = False
        self.strikes: Callable[[Fault], None] = lambda fault: None

    def next(self, site: Site, *, others_may_move: bool) -> Fault | None:
        """What befalls the site's next call; where one worker is stopped already, no second one is."""
        if self.over:
            return None
        self.calls[site] += 1
        nth = self.calls[site]
        found = self.listed.get((site, nth))
        if found is None and self.rate and self.rng.random() < self.rate:
            found = Fault(site, nth, self.rng.choice(site.kinds()), self.rng.choice(SPANS))
        if found is None or (found.kind in OTHERS_MOVE and not others_may_move):
            return None
        self.befell.append(found)
        self.strikes(found)
        return found
