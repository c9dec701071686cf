"""The local world as a fixture: a stack in memory, on a clock that a test turns."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings

from local.world import World
from rapport.adapters.telemetry import metrics
from tests.canaries import leaks

# Fixed here and not in CI alone: a test that failed once fails again.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
os.environ["PYTHONTZPATH"] = ""  # the zones of the package tzdata, as in Lambda, not the machine's

# AWS in memory is many small things that stay: looking through them for garbage takes a fifth of the time.
gc.set_threshold(200_000, 50, 100)

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_metrics_left() -> Iterator[None]:
    """What a test counted without a function to publish it isn't counted for the next."""
    yield
    metrics.clear_metrics()


@pytest.fixture(autouse=True, scope="session")
def nothing_personal_is_told() -> Iterator[None]:
    """No world of the whole suite ends with anything personal in its logs, metrics or reasons of dead letters."""
    leave = World.__exit__

    def look_and_leave(world: World, *error: object) -> None:
        found = leaks(world)
        leave(world, *error)
        if error[0] is None:
            assert found == []

    with patch.object(World, "__exit__", look_and_leave):
        yield


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Builds worlds with chosen seeds, mischief and starts; each takes the place of the one before."""
    with ExitStack() as exits:

        def make(start: datetime = MONDAY, **options: Any) -> World:
            exits.close()
            return exits.enter_context(World(start, **options))

        yield make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world that begins on Monday 23 November 2026 at 09:00 UTC."""
    return make_world()
