"""One emulator of AWS with the real stack on it, for all of these tests. `make e2e` sets up what they need."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
import pytest

from tests.e2e import emulator as aws
from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def emulator() -> Iterator[aws.Emulator]:
    """An empty account, in a folder that is gone afterwards; every AWS client of this process leads to it."""
    if missing := aws.missing():
        pytest.fail(f"make e2e sets up what is missing: {', '.join(missing)}", pytrace=False)
    with TemporaryDirectory(prefix="rapport-e2e-") as folder, pytest.MonkeyPatch.context() as patch:
        running = aws.Emulator(Path(folder).resolve())
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in running.environment().items():
            patch.setenv(name, value)
        try:
            with explained(running):
                running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="session")
def stack(emulator: aws.Emulator) -> Stack:
    """The stack, built and deployed; SES knows its sender."""
    with explained(emulator):
        template = aws.build(emulator.folder)
        boto3.client("sesv2").create_email_identity(EmailIdentity=aws.SENDER)
        aws.deploy(template)
    return Stack(emulator)


@contextmanager
def explained(emulator: aws.Emulator) -> Iterator[None]:
    """What fails in here fails with the end of the emulator's log."""
    try:
        yield
    except AssertionError as error:
        pytest.fail(f"{error}\n--- the emulator's log ends:\n{emulator.tail()}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what the emulator and the functions said."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.when == "call" and report.failed and isinstance(stack, Stack):
        report.sections.append(("the functions' logs", stack.logs()))
        report.sections.append(("the emulator's log", stack.emulator.tail()))
    return report
