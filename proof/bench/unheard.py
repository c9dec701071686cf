"""What functions log and print while they are measured, out of the way."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from unittest.mock import patch

from local.functions import Log
from rapport.adapters import telemetry


@contextmanager
def unheard() -> Iterator[None]:
    """Logs, metrics and progress are written as ever, and nobody reads them."""
    with ExitStack() as exits:
        exits.enter_context(redirect_stdout(Log()))
        exits.enter_context(redirect_stderr(Log()))
        for handler in telemetry.logger.handlers:
            exits.enter_context(patch.object(handler, "stream", Log()))
        yield
