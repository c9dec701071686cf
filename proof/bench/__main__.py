"""`make bench`: measures every part, or those that are named, and puts the figures on record in .rapport/bench.json.

With --check it puts nothing on record, but fails when something got slower than the record by more than noise.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from local.template import ROOT
from proof.bench import billed_time, cold_start, costs, deciding, fan_out, replay
from proof.bench.deployed import NotSetUpError
from proof.bench.figures import Figure, read_record, table, what_got_worse, write_record

RECORD: Final = ROOT / ".rapport" / "bench.json"
RESTLESS: Final = 0.3  # with more noise than this, only what became twice as slow would be seen
PROFILES: Final = ROOT / ".rapport" / "profile"


class Part(NamedTuple):
    """What is measured, and where its time goes."""

    measure: Callable[[], list[Figure]]
    profile: Callable[[Path], list[str]] | None = None


PARTS: Final = {
    "cold-start": Part(cold_start.measure, cold_start.profile),
    "billed-time": Part(billed_time.measure, billed_time.profile),
    "fan-out": Part(fan_out.measure, fan_out.profile),
    "deciding": Part(deciding.measure, deciding.profile),
    "replay": Part(replay.measure, replay.profile),
    "costs": Part(costs.measure),
}


def main() -> int:
    """0 when everything that was asked for could be done, and with --check, nothing got slower."""
    parser = argparse.ArgumentParser(prog="python -m proof.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--check", action="store_true", help="compare with the last recorded run")
    parser.add_argument("--profile", action="store_true", help="say where the time goes instead")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = options.parts or list(PARTS)
    try:
        if options.profile:
            print_profiles(chosen)
            return 0
        return check(measured(chosen)) if options.check else record(measured(chosen))
    except NotSetUpError as error:
        sys.exit(f"{error}")


def measured(chosen: list[str]) -> list[Figure]:
    """The figures of the chosen parts, each part's printed once it is done."""
    figures: list[Figure] = []
    for name in chosen:
        found = PARTS[name].measure()
        print("\n".join(table(found)), end="\n\n", flush=True)
        figures += found
    return figures


def record(figures: list[Figure]) -> int:
    """Puts the figures on record."""
    write_record(RECORD, figures, datetime.now(UTC).isoformat(timespec="seconds"))
    missed = [figure.name for figure in figures if figure.missed]
    print(f"{len(figures)} figures on record in {RECORD.relative_to(ROOT)}; {len(missed)} miss their aim")
    return 0


def check(figures: list[Figure]) -> int:
    """Compares the figures with those on record."""
    then = read_record(RECORD)
    if not then:
        print("nothing is on record: run `make bench` first", file=sys.stderr)
        return 1
    worse = what_got_worse(then, figures)
    for each in worse:
        print(f"slower: {each}")
    for figure in figures:
        if figure.noise > RESTLESS:
            print(f"too restless to tell: {figure.name} (noise {figure.noise:.0%}); run it again on a machine at rest")
    print(f"{len(worse)} of {len(figures)} figures got worse by more than noise")
    return 1 if worse else 0


def print_profiles(chosen: list[str]) -> None:
    """Where the time of each chosen part goes; all of it in files."""
    PROFILES.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        profile = PARTS[name].profile
        print("\n".join(profile(PROFILES) if profile else [f"{name}: has no profile"]), flush=True)
    print(f"in full: {PROFILES.relative_to(ROOT)}/*.txt")


if __name__ == "__main__":
    sys.exit(main())
