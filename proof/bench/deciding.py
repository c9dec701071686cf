"""Decisions and plans a second, on one core: what the planner and the last look ask while orders are played."""

from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, Final

from proof.bench.figures import Figure
from proof.bench.orders import Asked, asked_while_playing
from proof.bench.profiling import account
from rapport.domain.decision import decide
from rapport.domain.planning import plan_event

ORDERS: Final = 1_000
ROUNDS: Final = 7
LEAST_SECONDS: Final = 0.3
AIM: Final = 20_000


def measure() -> list[Figure]:
    """Both by this process's own time, so that others on the machine count for little."""
    decisions, plans = asked_while_playing(ORDERS)
    return [
        Figure("deciding", "decisions a second", rates(decide, decisions), aim=AIM, rises=True),
        Figure("planning", "events a second", rates(plan_event, plans), rises=True),
    ]


def rates(function: Callable[..., Any], asked: Asked) -> tuple[float, ...]:
    """How often a second the function answers, round by round."""
    return tuple(rate(function, asked) for _ in range(ROUNDS))


def rate(function: Callable[..., Any], asked: Asked) -> float:
    """How often a second, over all that was asked and again until it took long enough to tell."""
    begun, answered = process_time(), 0
    while (seconds := process_time() - begun) < LEAST_SECONDS:
        for given in asked:
            function(*given)
        answered += len(asked)
    return answered / seconds


def profile(folder: Path) -> list[str]:
    """Of each, once over all that was asked."""
    decisions, plans = asked_while_playing(ORDERS)
    lines = account("deciding", lambda: [decide(*given) for given in decisions], folder)
    return lines + account("planning", lambda: [plan_event(*given) for given in plans], folder)
