"""The layers and functions as `sam build` lays them out for Lambda, but with this machine's wheels."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2s
from pathlib import Path
from typing import Final

from local.template import ROOT, Stack
from local.world import World

HERE: Final = ROOT / ".rapport" / "bench"
RUNTIME: Final = ROOT / ".venv-bench" / "bin" / "python"  # in the place of Lambda's own Python, with its boto3
ALL_OF_IT: Final = {"Chatbot": "lex"}  # the parameters with which the stack has all of its functions
DEPENDENCIES: Final = ROOT / "layers" / "dependencies"


class NotSetUpError(Exception):
    """Something that `make bench` sets up isn't there; the text says what."""


def lay_out() -> Path:
    """A folder with `task`, which is /var/task in Lambda, and `opt`. Raises NotSetUpError."""
    if not RUNTIME.exists():
        raise NotSetUpError(f"{RUNTIME.relative_to(ROOT)} is missing: run `make bench`")
    stage = HERE / "deployed"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(dependencies(), stage / "opt")
    make_layer("rapport", "RapportLayer", stage / "opt")
    make_layer("content", "ContentLayer", stage / "opt")
    shutil.copytree(ROOT / "functions", stage / "task", ignore=shutil.ignore_patterns("__pycache__"))
    return stage


def dependencies() -> Path:
    """The dependencies layer; made again only when what it is made of has changed."""
    made_of = b"\0".join(file.read_bytes() for file in sorted(DEPENDENCIES.iterdir()) if file.is_file())
    made = HERE / f"dependencies-{blake2s(made_of, digest_size=4).hexdigest()}"
    if not made.exists():
        unfinished = made.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make_layer("dependencies", "DependenciesLayer", unfinished)
        unfinished.rename(made)
    return made


def make_layer(folder: str, layer: str, into: Path) -> None:
    """What `sam build` runs for the layer, with the bytecode of the Python that starts it here."""
    target = ["ARTIFACTS_DIR=" + str(into), "LAYER_TARGET=", "PYTHON=" + sys.executable, f"BYTECODE={RUNTIME}"]
    into.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(  # noqa: S603 (our own Makefiles)
        ["make", "--silent", f"build-{layer}", *target],  # noqa: S607
        cwd=ROOT / "layers" / folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise NotSetUpError(f"{layer} could not be built: {made.stderr.strip()[-500:]}")


def environment(stage: Path, function: str) -> dict[str, str]:
    """What the function finds in Lambda: template.yaml's variables, its folders, and a file system to be read only."""
    stack = Stack(ALL_OF_IT)
    own: Mapping[str, str] = next(
        given.get("Environment", {}).get("Variables", {})
        for _, given in stack.of_type("AWS::Serverless::Function")
        if given["Handler"] == f"{function}.handler"
    )
    return {
        "PATH": os.environ["PATH"],
        **World(datetime.now(UTC), parameters=ALL_OF_IT).environment(),
        **{name: str(value) for name, value in own.items()},
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "CONTENT": str(stage / "opt" / "content"),
        "LAMBDA_TASK_ROOT": str(stage / "task"),
        "PYTHONPATH": f"{stage / 'task'}:{stage / 'opt' / 'python'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def functions() -> list[str]:
    """The names of all functions."""
    given = Stack(ALL_OF_IT).of_type("AWS::Serverless::Function")
    return sorted(properties["Handler"].removesuffix(".handler") for _, properties in given)
