"""`python -m proof.faults`: plays customers' days under faults, or one plan again, and says which rules were broken."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from difflib import get_close_matches
from typing import Final

from proof.faults import pure_rules
from proof.faults.coverage import table, why_missing
from proof.faults.days import DAYS
from proof.faults.faults import Fault, Kind
from proof.faults.play import Outcome, Plan, play
from proof.faults.runs import LONG, SHORT, Report, Row, Size, cores, pure_runs, random_runs, systematic_runs
from proof.faults.shrinking import shrink

MOST_SHRUNK: Final = 5
COLUMNS: Final = "{:<28}{:>14}{:>12}{:>10}{:>10}{:>12}"


def main(given: Sequence[str] | None = None) -> int:
    """Does what is asked for; 1 if a rule was broken, a pair is missing, or a planted mistake was not caught."""
    parser = argparse.ArgumentParser(prog="python -m proof.faults", description=__doc__)
    parser.add_argument("--long", action="store_true", help="30 seeds of every day at three rates, every call x fault")
    parser.add_argument("--planted", action="store_true", help="plant mistakes in the product: each must be caught")
    parser.add_argument("--day", choices=DAYS, help="play one plan, and tell its history")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--fault", type=fault, action="append", default=[], metavar="FUNCTION/CALL/NTH/KIND/SPAN")
    parser.add_argument("--interleaved", action="store_true", help="the records of a batch take turns")
    parser.add_argument("--mischief", action="store_true", help="sources deliver twice and in another order")
    parser.add_argument("--pure", action="store_true", help="play one customer of the pure model, and tell its history")
    parser.add_argument(
        "--plant", type=mistake, metavar="MISTAKE", help="with this mistake in it; alone: is it caught?"
    )
    asked = parser.parse_args(given)
    if asked.day or asked.pure:
        with with_mistake(asked.plant):
            return replay(asked)
    if asked.planted or asked.plant:
        return tell_planted(asked.plant)
    return all_of_it(LONG, systematic=True) if asked.long else all_of_it(SHORT, systematic=False)


def fault(text: str) -> Fault:
    """The fault of which this is the text. Raises ArgumentTypeError."""
    try:
        return Fault.read(text)
    except ValueError:
        kinds = ", ".join(Kind)
        expected = f"expected a fault such as send_sms/SNS.Publish/1/reply-lost/0, of one of the kinds {kinds}"
        raise argparse.ArgumentTypeError(f"{text!r}: {expected}") from None


def mistake(name: str) -> str:
    """The name of a mistake that can be planted. Raises ArgumentTypeError."""
    from proof.faults.plant import MISTAKES

    names = [each.name for each in MISTAKES]
    if name in names:
        return name
    meant = get_close_matches(name, names, n=1)
    raise argparse.ArgumentTypeError(f"no mistake is called so{f'; did you mean {meant[0]!r}?' if meant else ''}")


def with_mistake(name: str | None) -> AbstractContextManager[None]:
    """The product with the mistake of this name in it, or as it is."""
    if name is None:
        return nullcontext()
    from proof.faults.plant import named
    from proof.faults.planting import planted

    return planted(named(name))


def replay(asked: argparse.Namespace) -> int:
    """One plan again, or one customer of the pure model's."""
    if asked.day:
        plan = Plan(asked.day, asked.seed, asked.rate, tuple(asked.fault), asked.interleaved, asked.mischief)
        outcome = play(plan)
        unstruck = [fault for fault in plan.faults if fault not in outcome.befell]
        for fault in unstruck:
            print(f"never befell: {fault}")
        return tell_one(outcome) or bool(unstruck)
    print(pure_rules.replay(asked.seed, asked.rate))
    violations = pure_rules.run(range(asked.seed, asked.seed + 1), asked.rate).violations
    for _, found in violations:
        print(f"BROKEN {found.rule}: {found.about} {found.how}")
    return bool(violations)


def tell_planted(name: str | None = None) -> int:
    """Each planted mistake, or one, and the rule that caught it; 1 if one was not caught."""
    from proof.faults.plant import MISTAKES, catch_all, named

    findings = []
    for finding in catch_all((named(name),) if name else MISTAKES):
        findings.append(finding)
        caught = f"by {finding.rule}: {finding.how}; {finding.command}" if finding.caught else "NOT CAUGHT"
        print(f"{finding.name}: {caught}", flush=True)
    caught_ones = sum(finding.caught for finding in findings)
    print(f"{caught_ones} of {len(findings)} planted mistakes caught")
    return caught_ones < len(findings)


def tell_one(outcome: Outcome) -> int:
    """A run's history, and the rules that it broke."""
    print(*outcome.history, sep="\n")
    print(
        f"{outcome.messages} messages, {len(outcome.befell)} faults, {outcome.doubts} doubts, {outcome.doubles} twice"
    )
    for found in outcome.violations:
        print(f"BROKEN {found.rule}: {found.about} {found.how}")
    if not outcome.violations:
        print("no rule broken")
    return bool(outcome.violations)


def all_of_it(size: Size, *, systematic: bool) -> int:
    """Plays it, and tells of it as it goes."""
    report = Report()
    with cores() as spread:
        timed("handlers under chance", lambda: random_runs(report, size, spread))
        if systematic:
            timed("handlers, every call x fault", lambda: systematic_runs(report, spread))
        timed("pure model", lambda: pure_runs(report, size, spread))
    tell_table(report, systematic=systematic)
    missing = report.coverage.missing() if systematic else []
    if systematic:
        tell_coverage(report)
    tell_failures(report)
    return bool(report.failed or report.failed_pure or missing)


def timed(what: str, work: Callable[[], None]) -> None:
    """Says how long it took."""
    begun = time.monotonic()
    work()
    print(f"{what}: {time.monotonic() - begun:.0f} s", flush=True)


def tell_table(report: Report, *, systematic: bool) -> None:
    """What was counted."""
    print(COLUMNS.format("", "message-runs", "faults", "doubts", "doubles", "violations"))
    rows = [(f"handlers at {rate:.1%}", row) for rate, row in report.real.items()]
    rows += [("handlers, every call x fault", report.systematic)] if systematic else []
    rows += [(f"pure at {rate:.1%}", row) for rate, row in sorted(report.pure.items())]
    for name, row in rows:
        print(COLUMNS.format(name, *figures(row)))


def figures(row: Row) -> tuple[str, ...]:
    """In their columns."""
    return tuple(f"{each:,}" for each in (row.messages, row.faults, row.doubts, row.doubles, row.violations))


def tell_coverage(report: Report) -> None:
    """How often each fault struck each call, and what nothing struck."""
    coverage = report.coverage
    pairs, missing = coverage.pairs(), coverage.missing()
    print(
        f"{len(coverage.witnesses)} call sites, {len(pairs) - len(missing)} of {len(pairs)} pairs with a fault struck:"
    )
    print(*table(coverage), sep="\n")
    for site, kind in missing:
        print(f"MISSING {why_missing(coverage, site, kind)}")


def tell_failures(report: Report) -> None:
    """Each broken rule by the shortest plan found that breaks it."""
    told: set[str] = set()
    for failed in sorted(report.failed, key=lambda each: len(each.befell)):
        rule = failed.violations[0].rule
        if rule in told or len(told) >= MOST_SHRUNK:
            print(f"BROKEN {rule}: {failed.violations[0].how}; {failed.plan.command()}")
            continue
        told.add(rule)
        shortest = shrink(failed)
        print(f"BROKEN {rule}: {shortest.command()}", flush=True)
        tell_one(play(shortest))
    print(*report.failed_pure, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
