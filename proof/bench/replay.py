"""Orders a second that `rapport replay` plays: by the rules alone, and through the whole world in memory."""

from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, Final

from local.commands import play, rehearse
from proof.bench.figures import Figure
from proof.bench.orders import CONTENT, events_in_order
from proof.bench.profiling import account
from proof.bench.unheard import unheard
from rapport.adapters.content import Content

BY_RULES: Final = 1_000
WHOLE: Final = 40
ROUNDS: Final = 3


def measure() -> list[Figure]:
    """Both by this process's own time."""
    content = Content(CONTENT)
    few, many = events_in_order(WHOLE), events_in_order(BY_RULES)
    by_rules = tuple(BY_RULES / seconds(lambda: rehearse(many, content)) for _ in range(ROUNDS))
    whole = tuple(WHOLE / seconds(lambda: play(few, 0)) for _ in range(ROUNDS))
    return [
        Figure("replay, by the rules", "orders a second", by_rules, rises=True),
        Figure("replay, the whole world", "orders a second", whole, rises=True),
    ]


def seconds(work: Callable[[], Any]) -> float:
    """How long this process was busy with it."""
    begun = process_time()
    with unheard():
        work()
    return process_time() - begun


def profile(folder: Path) -> list[str]:
    """Of each, once."""
    few, many = events_in_order(WHOLE), events_in_order(BY_RULES)
    lines = account("replay-by-the-rules", lambda: rehearse(many, Content(CONTENT)), folder)
    return lines + account("replay-the-whole-world", lambda: play(few, 0), folder)
