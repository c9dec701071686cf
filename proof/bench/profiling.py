"""Where the time goes, by Python's own profiler: all of it in a file, the longest few on the screen."""

import io
import pstats
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path
from typing import Any, Final

LINES: Final = 60
LONGEST: Final = 6


def account(name: str, work: Callable[[], Any], folder: Path) -> list[str]:
    """Does the work once; returns which functions spent most of it, waiting on sockets left out."""
    profiler = Profile()
    profiler.runcall(work)
    told = io.StringIO()
    stats = pstats.Stats(profiler, stream=told)
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(LINES)
    (folder / f"{name}.txt").write_text(told.getvalue(), encoding="utf-8")
    own = {spelt(where): each[2] for where, each in stats.stats.items() if not waits(where)}  # type: ignore[attr-defined]
    whole = sum(own.values())
    longest = sorted(own.items(), key=lambda each: -each[1])[:LONGEST]
    shares = ", ".join(f"{each} {seconds / whole:.0%}" for each, seconds in longest)
    return [f"{name}: {whole * 1000:.0f} ms of its own, under the profiler; {shares}"]


def waits(where: tuple[str, int, str]) -> bool:
    """Whether the function only waits for somebody's answer."""
    return any(word in where[2] for word in ("recv_into", "'poll'", "poll' of", "acquire", "connect"))


def spelt(where: tuple[str, int, str]) -> str:
    """A function, as one would look for it."""
    file, line, function = where
    return function.strip("<>") if file == "~" else f"{Path(file).stem}.{function}:{line}"
