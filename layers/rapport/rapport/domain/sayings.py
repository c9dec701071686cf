"""Every sentence that we may say in a conversation, by its name in content/answers.yaml, and what it may speak of."""

from collections.abc import Mapping
from typing import Final

from rapport.domain.talk import ASKED_BY_JOURNEYS

# Of each fact its kind, as content/events.yaml has them, with ? when it may be missing; or the texts that it may be, or
# in a list, what each of several things is.
Kind = str | tuple[str, ...]
Facts = Mapping[str, Kind | list[Mapping[str, Kind]]]

DELIVERY: Final[Mapping[str, Kind]] = {
    "order": "text",
    "item": "text?",
    "due_at": "day",
    "window": "text?",
    "destination": "text?",
}
STATUS: Final = ("ahead", "completed", "cancelled", "failed")
WEEK: Final[Mapping[str, Kind]] = {"first": "number", "last": "number", "opens": "text", "closes": "text"}
HOURS: Final[Facts] = {"open": "flag", "closes": "time?", "opens": "time", "week": [WEEK], "desk_zone": "text"}

SAYINGS: Final[Mapping[str, Facts]] = {
    "stopped": {},
    "started": {},
    "did-you-mean-stop": {},
    "not-stopped": {},
    "help": {},
    "handed-over": HOURS,
    "still-waiting": HOURS,
    "something-failed": {},
    "try-again": {},
    "too-long": {},
    "where-it-is": {**DELIVERY, "status": STATUS, "changeable": "flag"},
    "where-orders-are": {"orders": [DELIVERY]},
    "late": DELIVERY,
    "no-order": {},
    "not-your-order": {},
    "where-to": DELIVERY,
    "read-back": {**DELIVERY, "place": "text"},
    "destination-changed": {**DELIVERY, "place": "text"},
    "destination-undone": {**DELIVERY, "place": "text?"},
    "as-planned": DELIVERY,
    "too-late": {**DELIVERY, "status": STATUS},
    "already-over": {**DELIVERY, "status": STATUS[1:]},
    "stale-yes": DELIVERY,
    "which-order": {"orders": [DELIVERY]},
    "which-question": {"questions": [{"asks": ASKED_BY_JOURNEYS, "order": "text", "item": "text?"}]},
    "thanks-for-telling": {},
    "opening-hours": HOURS,
    "returns": HOURS,
    "which-item": {},
    "will-tell": {"item": "text"},
    "hello": HOURS,
    "welcome": HOURS,
    "not-it": {},
    "not-understood": {},
    "out-of-scope": {},
}

# Those by which we owned that we had no answer, and those that wait for the customer's next word.
MISSES: Final = frozenset({"not-it", "not-understood", "out-of-scope", "too-long", "something-failed", "try-again"})
ASKING: Final = frozenset(
    {"did-you-mean-stop", "where-to", "read-back", "which-order", "which-question", "which-item", "stale-yes"}
)
