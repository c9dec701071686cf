"""Each test of a function has a world to itself; after each of them the log is searched for anything personal."""

from collections.abc import Iterator

import pytest

from local.world import World
from tests.functions.on_record import EVENING, PERSONAL
from tests.functions.trouble import Trouble


@pytest.fixture
def evening(world: World) -> World:
    """The world on the evening before the delivery, when the reminder is due."""
    world.clock.move_to(EVENING)
    return world


@pytest.fixture
def trouble(world: World) -> Trouble:
    """AWS's errors, on demand."""
    return Trouble(world)


@pytest.fixture(autouse=True)
def nothing_personal_is_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test has functions do, no name, address or text may be in a line of their log."""
    if "world" not in request.fixturenames:
        yield
        return
    world: World = request.getfixturevalue("world")
    yield
    told = [line for line in world.log.lines for word in PERSONAL if word in line]
    assert told == []
