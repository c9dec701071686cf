"""Plays one day under faults, and judges what came of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from local.sources import Mischief
from proof.faults.books import Books
from proof.faults.content import content_for_days
from proof.faults.days import DAYS
from proof.faults.faults import Fault, Faults, Site
from proof.faults.history import history
from proof.faults.invariants import Violation, judge
from proof.faults.stage import Stage
from proof.faults.world import FaultyWorld

MONDAY: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """All that decides a run: the same plan gives the same run. `faults` are those listed, `rate` makes others."""

    day: str
    seed: int = 0
    rate: float = 0.0
    faults: tuple[Fault, ...] = ()
    interleaved: bool = False
    mischief: bool = False

    def command(self) -> str:
        """What plays it again."""
        parts = ["python -m proof.faults", f"--day {self.day}", f"--seed {self.seed}"]
        parts += [f"--rate {self.rate}"] if self.rate else []
        parts += ["--interleaved"] if self.interleaved else []
        parts += ["--mischief"] if self.mischief else []
        parts += [f"--fault {fault}" for fault in self.faults]
        return " ".join(parts)


@dataclass(frozen=True)
class Outcome:
    """What came of a plan; `befell` are the faults that struck, `calls` how often each site was there to be struck.

    `history` is what happened, line by line: faults, writes of the ledger, and what carriers were asked.
    """

    plan: Plan
    messages: int
    befell: tuple[Fault, ...]
    calls: Counter[Site]
    doubts: int
    doubles: int
    violations: tuple[Violation, ...]
    history: tuple[str, ...]


def play(plan: Plan) -> Outcome:
    """One run, from the first event until nothing is due any more."""
    faults = Faults(plan.faults, rate=plan.rate, seed=plan.seed)
    world = FaultyWorld(
        MONDAY,
        faults,
        seed=plan.seed,
        content=content_for_days(),
        interleaved=plan.interleaved,
        mischief=Mischief(duplicates=True, reordering=True) if plan.mischief else None,
    )
    with world:
        stage = Stage(world, withdrawals=2 if plan.rate else 1000)
        world.withdraw = stage.withdraw
        DAYS[plan.day](stage)
        letters = stage.come_to_rest()
        books = Books(stage, letters)
        found = judge(books)
        return Outcome(
            plan=plan,
            messages=found.messages,
            befell=tuple(faults.befell),
            calls=faults.calls,
            doubts=found.doubts,
            doubles=found.doubles,
            violations=tuple(found.violations),
            history=tuple(history(books)),
        )
