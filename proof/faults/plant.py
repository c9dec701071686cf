"""Plants each mistake in turn, and plays what should show it until a rule is broken."""

import shlex
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import process_time
from typing import Any, Final
from unittest.mock import patch

from proof.faults import pure_rules
from proof.faults.planted import OF_CARRIERS, OF_CLAIMS
from proof.faults.planted_plans import OF_PLANNING, OF_THE_OUTBOX
from proof.faults.planted_talk import OF_CONSENT_AND_CAPS, OF_RECEIPTS, OF_SPENDING, OF_TALK
from proof.faults.planting import Mistake, planted
from proof.faults.play import Plan, play
from proof.faults.world import FaultyWorld

MISTAKES: Final = (
    *OF_CARRIERS,
    *OF_CLAIMS,
    *OF_CONSENT_AND_CAPS,
    *OF_SPENDING,
    *OF_RECEIPTS,
    *OF_PLANNING,
    *OF_THE_OUTBOX,
    *OF_TALK,
)
MOST_INVOCATIONS: Final = 1000  # a day has 100, and some hundred rounds where something waits for its time to be up
PURE_RUNS: Final = tuple((rate, range(start, start + 100)) for start in range(0, 3000, 100) for rate in (0.02, 0.2))


class UnendingError(BaseException):  # nothing that tries again may hold it up
    """A run that doesn't come to rest."""


@dataclass(frozen=True)
class Finding:
    """What came of a mistake: the rule that was broken, by which message or customer and how, and what plays it again.

    No rule was broken where nothing caught it.
    """

    name: str
    rule: str | None = None
    how: str = ""
    command: str = ""
    seconds: float = 0.0

    @property
    def caught(self) -> bool:
        """Whether a rule was broken."""
        return self.rule is not None


def catch_all(mistakes: tuple[Mistake, ...] = MISTAKES, processes: int = 2) -> Iterator[Finding]:
    """What came of each, in their order. Raises GoneError when the code of one isn't there any more."""
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(catch, mistakes)


def catch(mistake: Mistake) -> Finding:
    """Plays its plans, and then the domain alone, with the mistake in it, until a rule is broken. Raises GoneError."""
    begun = process_time()
    with planted(mistake):
        for plan in mistake.plans:
            if broken := broken_by(plan):
                return Finding(mistake.name, *broken, f"{plan.command()}{planting(mistake)}", process_time() - begun)
        for rate, seeds in PURE_RUNS if mistake.pure else ():
            for seed, found in pure_rules.run(seeds, rate).violations:
                command = f"python -m proof.faults --pure --seed {seed} --rate {rate}{planting(mistake)}"
                return Finding(mistake.name, found.rule, f"{found.about}: {found.how}", command, process_time() - begun)
    return Finding(mistake.name, seconds=process_time() - begun)


def planting(mistake: Mistake) -> str:
    """What makes a command play with the mistake."""
    return f" --plant {shlex.quote(mistake.name)}"


def named(name: str) -> Mistake:
    """The mistake. Raises LookupError."""
    for mistake in MISTAKES:
        if mistake.name == name:
            return mistake
    raise LookupError(f"no mistake is called {name!r}")


def broken_by(plan: Plan) -> tuple[str, str] | None:
    """The first rule that the plan breaks, and how; to go on for ever breaks the rule that nothing is stuck."""
    try:
        with no_longer_than(MOST_INVOCATIONS):
            violations = play(plan).violations
    except UnendingError as error:
        return "nothing_is_stuck", str(error)
    return next(((found.rule, f"{found.about}: {found.how}") for found in violations), None)


@contextmanager
def no_longer_than(most: int) -> Iterator[None]:
    """What is played meanwhile ends after so many invocations of functions. Raises UnendingError then."""
    invoke, many = FaultyWorld.invoke, 0

    def counted(world: FaultyWorld, *given: Any) -> Any:
        nonlocal many
        many += 1
        if many > most:
            raise UnendingError(f"not at rest after {most} invocations, on {world.now:%d %B %Y}")
        return invoke(world, *given)

    with patch.object(FaultyWorld, "invoke", counted):
        yield
