"""Lambda's runtime interface emulator: starts a function cold beneath Amazon's own runtime, and times it."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from platform import machine
from typing import Final

from local.template import ROOT
from proof.bench.deployed import RUNTIME, NotSetUpError

PROCESSOR: Final = {"aarch64": "arm64", "arm64": "arm64"}.get(machine(), "x86_64")
READY: Final = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")  # its REPORT line's "Init Duration" isn't measured
FAILED: Final = re.compile(r"INIT RTDONE\(status: (?!success)")
TRIES: Final = 500
LISTENING: Final = "Runtime API Server listening"
INVOKE: Final = b"POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"


def cold_start(task: Path, handler: str, environment: Mapping[str, str]) -> float:
    """Milliseconds from the start of the runtime until it asks for its first event. Raises RuntimeError."""
    with started(task, handler, environment) as (log, port):
        for line in log:
            if LISTENING in line:
                break
        with invoked(port):
            lines = []
            for line in log:
                if found := READY.search(line):
                    return float(found[1])
                lines.append(line)
                if FAILED.search(line):
                    break
    raise RuntimeError(f"{handler} did not start:\n{''.join(lines)}")


@contextmanager
def started(task: Path, handler: str, environment: Mapping[str, str]) -> Iterator[tuple[Iterator[str], int]]:
    """The emulator's log, line by line, and the port that takes events; the first starts the function."""
    port, runtime = free_port(), free_port()
    ports = [
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{runtime}",
    ]
    process = subprocess.Popen(  # noqa: S603 (the emulator that the SAM CLI brings)
        [emulator(), "--log-level", "debug", *ports, RUNTIME, "-m", "awslambdaric", handler],
        cwd=task,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield iter(process.stdout or ()), port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextmanager
def invoked(port: int) -> Iterator[None]:
    """An event that nobody waits for the answer of: what it would do isn't what is measured."""
    with connected(port) as connection:
        connection.sendall(INVOKE)
        yield


def connected(port: int) -> socket.socket:
    """The emulator says that it listens a moment before it does. Raises ConnectionRefusedError after five seconds."""
    for _ in range(TRIES):
        with suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        time.sleep(5 / TRIES)
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def emulator() -> Path:
    """The emulator that comes with the SAM CLI. Raises NotSetUpError."""
    name = f"aws-lambda-rie-{PROCESSOR}"
    found = next((ROOT / ".venv-sam").glob(f"lib/python*/site-packages/samcli/local/rapid/{name}"), None)
    if found is None:
        raise NotSetUpError(f"{name} is missing from .venv-sam: run `make bench`")
    return found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
