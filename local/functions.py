"""The deployed functions, unchanged, loaded afresh for one world and woken through their handlers."""

import importlib.util
import io
import os
import uuid
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from local.template import ACCOUNT, REGION, ROOT
from rapport.adapters.content import Content


class CutOffError(BaseException):
    """The function was stopped in the middle of its work, as by Lambda at its timeout."""


class Log(io.TextIOBase):
    """What functions print: logs and metrics, a line each."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        """Keeps whole lines."""
        self.lines.extend(line for line in text.split("\n") if line)
        return len(text)


def read_once(directory: str) -> Content:
    """The content as the functions have it: read once in this process for as long as its files stay the same."""
    files = sorted(Path(directory).rglob("*"))
    return as_it_stands(directory, tuple((file, file.stat().st_mtime_ns) for file in files))


@cache
def as_it_stands(directory: str, _files: tuple[tuple[Path, int], ...]) -> Content:
    """The content, of which these are the files and the times of their last change."""
    return Content(directory)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of its invocation."""

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int = 512

    @property
    def invoked_function_arn(self) -> str:
        """The function's own name in full."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """The clock stands still while a function runs."""
        return 30_000


class LocalFunction:
    """One function; it starts cold with its first event."""

    def __init__(self, name: str, handler: str, environment: dict[str, str], log: Log, rng: Random) -> None:
        self.name = name
        self.environment = environment
        self.module, self.attribute = handler.split(".")
        self.log = log
        self.rng = rng

    @cached_property
    def handler(self) -> Callable[[dict[str, Any], Context], Any]:
        """The module's handler, from a copy of the module that is this world's alone."""
        path = ROOT / "functions" / f"{self.module}.py"
        spec = importlib.util.spec_from_file_location(f"local_world_{self.module}", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        handler: Callable[[dict[str, Any], Context], Any] = getattr(module, self.attribute)
        return handler

    def invoke(self, event: dict[str, Any]) -> Any:
        """One invocation. Raises what the handler raises; one that was cut off starts cold the next time."""
        request = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        told = {
            "_HANDLER": f"{self.module}.{self.attribute}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            **self.environment,
        }
        try:
            with redirect_stdout(self.log), patch.dict(os.environ, told):
                return self.handler(event, Context(self.name, str(request)))
        except CutOffError:
            self.__dict__.pop("handler", None)
            raise
