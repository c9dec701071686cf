"""Many runs, on as many cores as there are: of the real handlers day by day, and of the pure model by the million."""

import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from proof.faults.coverage import Coverage, Spread, in_peace, strike
from proof.faults.days import DAYS
from proof.faults.play import Outcome, Plan, play
from proof.faults.pure_rules import Counted, run

RATES: Final = (0.001, 0.02, 0.2)
CHUNK: Final = 500  # seeds of the pure model at a time
PER_SEED: Final = 5  # messages of its customer


@dataclass(frozen=True)
class Size:
    """How much is played at each rate: seeds of every day, at least so many real messages, and so many pure ones."""

    seeds: int
    messages: int
    pure: int


SHORT: Final = Size(seeds=1, messages=0, pure=4_000)
LONG: Final = Size(seeds=30, messages=3_400, pure=340_000)


@dataclass
class Row:
    """What was counted at one rate."""

    messages: int = 0
    faults: int = 0
    doubts: int = 0
    doubles: int = 0
    violations: int = 0

    def add(self, messages: int, faults: int, doubts: int, doubles: int, violations: int) -> None:
        """Some more."""
        self.messages += messages
        self.faults += faults
        self.doubts += doubts
        self.doubles += doubles
        self.violations += violations


@dataclass
class Report:
    """`real` and `pure` are by rate; `failed` are the runs of the handlers that broke a rule."""

    real: dict[float, Row] = field(default_factory=dict)
    pure: dict[float, Row] = field(default_factory=dict)
    systematic: Row = field(default_factory=Row)
    coverage: Coverage = field(default_factory=Coverage)
    failed: list[Outcome] = field(default_factory=list)
    failed_pure: list[str] = field(default_factory=list)

    def put(self, row: Row, outcome: Outcome) -> None:
        """One run of the handlers."""
        found = len(outcome.violations)
        row.add(outcome.messages, len(outcome.befell), outcome.doubts, outcome.doubles, found)
        self.coverage.add(outcome)
        if found:
            self.failed.append(outcome)

    def put_pure(self, rate: float, counted: Counted) -> None:
        """Some runs of the pure model."""
        row, faults = self.pure.setdefault(rate, Row()), sum(counted.faults.values())
        row.add(counted.messages, faults, counted.doubts, counted.doubles, len(counted.violations))
        self.failed_pure += [f"pure, seed {seed}, rate {rate}: {found}" for seed, found in counted.violations]


@contextmanager
def cores() -> Iterator[Spread]:
    """A process for each core; a new one after a while, so that what AWS in memory leaves behind goes with the old."""
    with get_context("spawn").Pool(os.cpu_count(), initializer=settle_in, maxtasksperchild=100) as pool:
        yield pool.imap_unordered


def settle_in() -> None:
    """AWS in memory is many small things that stay: looking through them for garbage takes a fifth of the time."""
    gc.set_threshold(200_000, 50, 100)


def random_runs(report: Report, size: Size, spread: Spread) -> None:
    """Every day under each rate, with more seeds while there are too few messages."""
    for rate in RATES:
        row, seed = report.real.setdefault(rate, Row()), 0
        while seed < size.seeds or row.messages < size.messages:
            seeds = range(seed, max(size.seeds, seed + 1))
            for outcome in spread(play, plans(rate, seeds)):
                report.put(row, outcome)
            seed = seeds.stop


def plans(rate: float, seeds: Iterable[int]) -> list[Plan]:
    """Every day for every seed; with every other seed batches take turns, and for two of four sources do mischief."""
    return [
        Plan(day, seed=seed, rate=rate, interleaved=bool(seed & 1), mischief=bool(seed & 2))
        for seed in seeds
        for day in DAYS
    ]


def systematic_runs(report: Report, spread: Spread) -> None:
    """Each pair of site and kind that exists, in a run of its own; what such a run comes to is struck next."""
    for outcome in spread(play, in_peace()):
        report.put(report.systematic, outcome)
    played: Counter[object] = Counter()
    while asked := [pair for pair in report.coverage.pairs() if not played[pair]]:
        played.update(asked)
        work = [(pair, report.coverage.witnesses[pair[0]]) for pair in asked]
        for outcomes in spread(strike, work):
            for outcome in outcomes:
                report.put(report.systematic, outcome)


def pure_runs(report: Report, size: Size, spread: Spread) -> None:
    """The pure model under each rate."""
    seeds = size.pure // PER_SEED
    work = [(range(first, min(first + CHUNK, seeds)), rate) for rate in RATES for first in range(0, seeds, CHUNK)]
    for rate, counted in spread(pure_run, work):
        report.put_pure(rate, counted)


def pure_run(asked: tuple[range, float]) -> tuple[float, Counted]:
    """Some of them."""
    seeds, rate = asked
    return rate, run(seeds, rate)
