"""An emulator of AWS as a process of its own, and the stack that SAM builds and deploys to it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-emulator/bin/python"
SAM = ROOT / ".venv-sam/bin/sam"
STACK = "rapport"
SENDER = "hello@example.com"  # the parameter FromAddress, as it is by default
PATIENCE = 90  # seconds that something may take to come about; most take two
TAIL = 60  # lines of a log that say what went wrong

T = TypeVar("T")


def eventually(see: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """What `see` returns as soon as that is something; fails, naming what was awaited, when it takes too long."""
    deadline = time.monotonic() + patience
    while not (seen := see()):
        assert time.monotonic() < deadline, f"waited {patience:.0f} seconds in vain for {what}"
        time.sleep(0.2)
    return seen


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Emulator:
    """It keeps all that it has in `folder`, and holds every call of a function to the function's own role."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "emulator.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """What leads any AWS client here, and to no account of the machine's owner."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def start(self) -> None:
        """Starts it and waits until it answers."""
        rooms = {name: self.folder / name.lower() for name in ("TMPDIR", "STATE_DIR", "S3_DATA_DIR")}
        for room in rooms.values():
            room.mkdir()
        own = {
            **{name: str(room) for name, room in rooms.items()},
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "AUTH": "true",  # functions call with their roles' credentials, and what these don't allow is denied
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own command)
                [str(PYTHON), "-m", "ministack"],
                env={**os.environ, **own},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(self.answers, "the emulator to answer", 60)

    def answers(self) -> bool:
        """Whether it is up; a process that is gone won't be."""
        assert self.process
        assert self.process.poll() is None, "the emulator ended as it started"
        try:
            return bool(self.ask("/_ministack/ready"))
        except (URLError, ConnectionError):
            return False

    def stop(self) -> None:
        """Ends it and the functions' processes, which are of its group."""
        if self.process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process.wait(timeout=10)

    def ask(self, path: str) -> Any:
        """What the emulator says of itself: its mailbox, its texts."""
        with urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 (our own process)
            return json.load(answer)

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL:]) if self.log.exists() else ""


def build(folder: Path) -> Path:
    """`sam build`, the layers for this machine's own Python; returns the built template, fit for the emulator."""
    flags = ["--no-cached", "--build-dir", str(folder / "build")]
    run("build", *flags, LAYER_TARGET="", PYTHON=str(PYTHON), BYTECODE=str(PYTHON))
    template = folder / "build" / "template.yaml"
    text = template.read_text(encoding="utf-8")
    for pattern, instead, times in (
        # It mounts no layers at /opt,
        (r"CONTENT: /opt/content\b", f"CONTENT: {folder}/build/ContentLayer/content", 1),
        # takes the value of a parameter of type Number for a text,
        (r"MaximumConcurrency:\s+Ref: \w+", "MaximumConcurrency: 5", 2),
        # and where it asks what a role may do, takes every schedule for one of the default group,
        (r"schedule/\$\{ScheduleGroup\}/", "schedule/default/", 1),
        # and SendMessageBatch, which is part of what sqs:SendMessage allows, for an action of its own.
        (r"sqs:SendMessage\b", "sqs:SendMessage*", None),
        # and it knows neither from which address an e-mail is to be, nor whose identity that is.
        (r"StringEquals(:\s+ses:FromAddress)", r"StringEqualsIfExists\1", 3),
        (r"Fn::Sub: arn:\S+:identity/\*", "'*'", 3),
        # It speaks no TLS, and would let nothing in.
        (r"(aws:SecureTransport: )'false'", r"\1'true'", 7),
        # For a secret, Ref is its name here, not its ARN.
        (r"Resource:\s+Ref: Secret\b", "Resource: '*'", None),
    ):
        text, found = re.subn(pattern, instead, text)
        assert found == (times or found) > 0, f"the built template has {pattern} {found} times"
    template.write_text(text, encoding="utf-8")
    return template


def deploy(template: Path) -> None:
    """`sam deploy`."""
    flags = ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    where = ["--template-file", str(template), "--stack-name", STACK, "--region", "us-east-1"]
    run("deploy", *where, *flags, "--no-fail-on-empty-changeset")


def run(command: str, *flags: str, **environment: str) -> None:
    """One command of the SAM CLI; fails with the end of what it said."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [str(SAM), command, *flags],
        cwd=ROOT,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    said = "\n".join(done.stdout.splitlines()[-TAIL:])
    assert done.returncode == 0, f"sam {command} failed:\n{said}"


def missing() -> list[str]:
    """What `make e2e` sets up and isn't there."""
    found = {str(path.relative_to(ROOT)): path.exists() for path in (PYTHON, SAM)}
    return [name for name, there in {**found, "make": bool(shutil.which("make"))}.items() if not there]
