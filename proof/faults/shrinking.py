"""Makes a failing plan as short as it can be: fewer faults, one thing at a time, and the same rule still broken."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from proof.faults.faults import Fault
from proof.faults.play import Outcome, Plan, play

MOST_RUNS: Final = 150

Breaks = Callable[[Plan], bool]


def shrink(failed: Outcome) -> Plan:
    """The shortest plan found that breaks the rule that this one broke first."""
    rule = failed.violations[0].rule

    def breaks(plan: Plan) -> bool:
        return any(found.rule == rule for found in play(plan).violations)

    return shortest(failed.plan, failed.befell, breaks)


def shortest(plan: Plan, befell: tuple[Fault, ...], breaks: Breaks, most: int = MOST_RUNS) -> Plan:
    """The plan with as few as possible of the faults that befell it, and without what else it doesn't need.

    Where it doesn't break with all of them listed, it stays as it is; `most` is how many runs it may take.
    """
    left = [most]

    def still(tried: Plan) -> bool:
        left[0] -= 1
        return left[0] >= 0 and breaks(tried)

    listed = replace(plan, rate=0.0, faults=befell)
    if not still(listed):
        return plan
    found = replace(listed, faults=fewest(listed, still))
    for simpler in ({"interleaved": False}, {"mischief": False}, {"seed": 0}):
        tried = replace(found, **simpler)
        if tried != found and still(tried):
            found = tried
    return found


def fewest(plan: Plan, breaks: Breaks) -> tuple[Fault, ...]:
    """Halves, then quarters, and at last single faults are left out, for as long as it breaks without them."""
    faults = list(plan.faults)
    if faults and breaks(replace(plan, faults=())):
        return ()
    size = len(faults) // 2
    while size:
        place = 0
        while place < len(faults):
            tried = faults[:place] + faults[place + size :]
            if tried and breaks(replace(plan, faults=tuple(tried))):
                faults = tried
            else:
                place += size
        size = min(size // 2, len(faults) // 2) if size > 1 else 0
    return tuple(faults)
