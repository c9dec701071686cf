"""Cold starts beneath Amazon's own runtime, each beside one of the floor: boto3 and one client, nothing of ours."""

import re
import subprocess
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Final

from proof.bench.deployed import HERE, RUNTIME, environment, functions, lay_out
from proof.bench.emulator import cold_start
from proof.bench.figures import Figure

ROUNDS: Final = 9
FIRST: Final = "send_sms"  # whose environment the floor has
ALONE: Final = "two clients, pydantic and Powertools alone"
AIM: Final = 1.25
FLOOR: Final = """import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    return None
"""
LIBRARIES: Final = """import boto3
from aws_lambda_powertools import Logger, Metrics
from pydantic import BaseModel

dynamodb, sns = boto3.client("dynamodb"), boto3.client("sns")
logger, metrics = Logger(service="bench"), Metrics(namespace="Bench", service="bench")


class Message(BaseModel):
    id: str


def handler(event, context):
    Message(id="m-1")
"""
IMPORT: Final = re.compile(r"import time: +(\d+) \| +\d+ \| +(\S+)")
LONGEST: Final = 12


def measure() -> list[Figure]:
    """How many times the floor each function takes, and what all are built on; and the floor's own milliseconds.

    Each start is compared with the floors before and behind it, so that what slows this machine down slows both.
    """
    stage, bare = lay_out(), lay_floor()
    layers = f"{bare}:{stage / 'opt' / 'python'}"
    starts = {name: (stage / "task", f"{name}.handler", environment(stage, name)) for name in functions()}
    given = starts[FIRST][2]
    starts[ALONE] = (bare, "libraries.handler", {**given, "PYTHONPATH": layers})
    floor = (bare, "floor.handler", {**given, "PYTHONPATH": str(bare)})
    cold_start(*floor)  # once, so that the disk's cache has the runtime
    times: dict[str, list[float]] = {name: [] for name in starts}
    floors = [cold_start(*floor)]
    for _ in range(ROUNDS):
        for name, start in starts.items():
            taken = cold_start(*start)
            floors.append(cold_start(*floor))
            times[name].append(taken / mean(floors[-2:]))
    alone = Figure(f"cold start, {ALONE}", "x floor", tuple(times.pop(ALONE)))
    ratios = [Figure(f"cold start, {name}", "x floor", tuple(found), aim=AIM) for name, found in times.items()]
    return [*ratios, alone, Figure("cold start, the floor", "ms", tuple(floors))]


def lay_floor() -> Path:
    """A folder with the floor's handler, and with that of the libraries alone."""
    folder = HERE / "floor"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "floor.py").write_text(FLOOR, encoding="utf-8")
    (folder / "libraries.py").write_text(LIBRARIES, encoding="utf-8")
    return folder


def profile(folder: Path) -> list[str]:
    """Python's own account of every import, in a file for each function; the packages that take longest, summed up."""
    stage = lay_out()
    lines = []
    for name in functions():
        told = subprocess.run(  # noqa: S603 (our own functions)
            [RUNTIME, "-X", "importtime", "-c", f"import {name}"],
            cwd=stage / "task",
            env=environment(stage, name),
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        (folder / f"cold-start-{name}.txt").write_text(told, encoding="utf-8")
        packages: Counter[str] = Counter()
        for micros, module in IMPORT.findall(told):
            packages[package(module)] += int(micros)
        spelt = ", ".join(f"{each} {micros / 1000:.0f}" for each, micros in packages.most_common(LONGEST))
        lines.append(f"{name}, ms by package ({sum(packages.values()) / 1000:.0f} in all): {spelt}")
    return lines


def package(module: str) -> str:
    """Whose a module is: of ours, which layer of it."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "rapport" else parts[0]
