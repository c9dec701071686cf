"""How much the attackers try, a little with every `make test` and all with `make attackers`; and on what world."""

from collections.abc import Callable, Iterator

import pytest

from local.world import World
from tests.functions.conftest import empty
from tests.functions.on_record import EVENING
from tests.functions.trouble import Trouble

Many = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` tries everything at its full size."""
    parser.addoption("--full", action="store_true", help="attack at full size: minutes, not seconds")


@pytest.fixture(scope="session")
def many(pytestconfig: pytest.Config) -> Many:
    """The first number in every run of the tests, the second at full size."""
    full = bool(pytestconfig.getoption("--full", default=False))
    return lambda small, large: large if full else small


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[World, Trouble]]:
    """A world in which replies by e-mail are set up, with what it asks AWS for."""
    with World(EVENING, parameters={"DeskReplyDomain": "reply.example.com"}) as world:
        yield world, Trouble(world)


@pytest.fixture
def world(standing: tuple[World, Trouble]) -> World:
    """The same on the evening before the delivery, with nothing on record."""
    world, trouble = standing
    begin_again(world)
    trouble.asked.clear()
    return world


def begin_again(world: World) -> None:
    """The evening before the delivery, with nothing on record."""
    empty(world)
    world.clock.move_to(EVENING)


@pytest.fixture
def trouble(standing: tuple[World, Trouble], world: World) -> Trouble:
    """What this world asks AWS for."""
    assert standing[0] is world
    return standing[1]
