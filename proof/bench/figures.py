"""A measured figure with all of its rounds; what of it is noise; and what got worse since the last record by more."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

LEAST_NOISE: Final = 0.05  # rounds that agree to the last digit were lucky


@dataclass(frozen=True)
class Figure:
    """`rounds` are the same measured several times; `aim` is the most it may be, or of what `rises`, the least."""

    name: str
    unit: str
    rounds: tuple[float, ...]
    aim: float | None = None
    rises: bool = False

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def noise(self) -> float:
        """How far from the value a round may be: the share of it by which the furthest one was."""
        if not self.value:
            return LEAST_NOISE
        return max(LEAST_NOISE, *(abs(each - self.value) / self.value for each in self.rounds))

    @property
    def missed(self) -> bool:
        """Whether the figure has an aim and isn't there."""
        if self.aim is None:
            return False
        return self.value < self.aim if self.rises else self.value > self.aim


@dataclass(frozen=True)
class Worse:
    """A figure that got worse by more than both runs' noise."""

    then: Figure
    now: Figure

    def __str__(self) -> str:
        then, now = self.then, self.now
        allowed = f"noise {then.noise:.0%} then, {now.noise:.0%} now"
        return f"{now.name}: {spell(then.value)} {now.unit} then, {spell(now.value)} {now.unit} now ({allowed})"


def what_got_worse(then: Iterable[Figure], now: Iterable[Figure]) -> list[Worse]:
    """Every figure of both runs whose rounds no longer meet those of then. A figure that is new isn't worse."""
    before = {figure.name: figure for figure in then}
    pairs = [Worse(before[figure.name], figure) for figure in now if figure.name in before]
    return [pair for pair in pairs if is_worse(pair.then, pair.now)]


def is_worse(then: Figure, now: Figure) -> bool:
    """Whether even the best that now's noise allows for is worse than the worst that then's does."""
    if now.rises:
        return now.value * (1 + now.noise) < then.value * (1 - then.noise)
    return now.value * (1 - now.noise) > then.value * (1 + then.noise)


def table(figures: Iterable[Figure]) -> list[str]:
    """A line for each figure: its value, the noise, its aim and whether that is met."""
    rows = [("figure", "value", "", "noise", "aim", "")]
    for figure in figures:
        aim = "" if figure.aim is None else f"{'>=' if figure.rises else '<='} {spell(figure.aim)}"
        met = "" if figure.aim is None else ("missed" if figure.missed else "met")
        rows.append((figure.name, spell(figure.value), figure.unit, f"±{figure.noise:.0%}", aim, met))
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    aligned = ("<", ">", "<", ">", "<", "<")
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, aligned, wide, strict=True)).rstrip()
        for row in rows
    ]


def spell(number: float) -> str:
    """The number with as many digits as anybody reads."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"


def read_record(file: Path) -> list[Figure]:
    """The figures of the last recorded run; none when there was no run."""
    if not file.exists():
        return []
    told: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["figures"]
    return [Figure(**{**each, "rounds": tuple(each["rounds"])}) for each in told]


def write_record(file: Path, figures: Iterable[Figure], at: str) -> None:
    """Puts the figures on record; those of parts that weren't run stay as they were."""
    known = {figure.name: figure for figure in [*read_record(file), *figures]}
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {"at": at, "figures": [asdict(figure) for figure in known.values()]}
    file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
