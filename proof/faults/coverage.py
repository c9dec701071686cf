"""Which fault has struck which call: each pair that exists is played by a plan of its own."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from proof.faults.days import DAYS
from proof.faults.faults import SPANS, Fault, Kind, Site
from proof.faults.play import Outcome, Plan, play

PAST_THE_LEASE: Final = SPANS[2]
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


class Witness(NamedTuple):
    """A run in which a site is called so often; what befell before may be why."""

    plan: Plan
    calls: int


@dataclass
class Coverage:
    """How often each kind struck each site, and for each site a run that comes there, with as few faults as any."""

    struck: Counter[tuple[Site, Kind]] = field(default_factory=Counter)
    witnesses: dict[Site, Witness] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """One run."""
        self.struck.update((fault.site, fault.kind) for fault in outcome.befell)
        listed = replace(outcome.plan, rate=0.0, faults=outcome.befell)
        for site, calls in outcome.calls.items():
            known = self.witnesses.get(site)
            if known is None or len(listed.faults) < len(known.plan.faults):
                self.witnesses[site] = Witness(listed, calls)

    def pairs(self) -> list[tuple[Site, Kind]]:
        """All that exist, as far as any run has come."""
        return [(site, kind) for site in sorted(self.witnesses) for kind in site.kinds()]

    def missing(self) -> list[tuple[Site, Kind]]:
        """The pairs that nothing has struck."""
        return [pair for pair in self.pairs() if not self.struck[pair]]


def in_peace() -> list[Plan]:
    """Every day without any fault: where they come is where faults may strike."""
    return [Plan(day) for day in DAYS]


def strike(asked: tuple[tuple[Site, Kind], Witness]) -> list[Outcome]:
    """Plays the pair, at the call in the middle, else at the first or the last; ends with the run that it struck in."""
    (site, kind), (plan, calls) = asked
    outcomes = []
    for nth in dict.fromkeys(((calls + 1) // 2, 1, calls)):
        others = tuple(each for each in plan.faults if (each.site, each.nth) != (site, nth))
        fault = Fault(site, nth, kind, PAST_THE_LEASE)
        outcomes.append(play(replace(plan, faults=(*others, fault))))
        if fault in outcomes[-1].befell:
            break
    return outcomes


def why_missing(coverage: Coverage, site: Site, kind: Kind) -> str:
    """What is known of a pair that nothing struck."""
    plan, calls = coverage.witnesses[site]
    return f"{'/'.join(site)} x {kind}: called {calls} times, and never free to be struck; {plan.command()}"


def table(coverage: Coverage) -> list[str]:
    """Each site with how often each kind struck it."""
    lines = []
    for site in sorted(coverage.witnesses):
        counts = (f"{kind} {coverage.struck[site, kind]}" for kind in site.kinds())
        lines.append(f"  {'/'.join(site)}: {', '.join(counts)}")
    return lines
