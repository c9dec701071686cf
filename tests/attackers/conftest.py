"""How much the attackers try, a little with every `make test` and all with `make attackers`; and on what world."""

from collections.abc import Callable, Iterator

import pytest

from local.world import World
from tests.functions.conftest import empty
from tests.functions.on_record import EVENING

Many = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` tries everything at its full size."""
    parser.addoption("--full", action="store_true", help="attack at full size: minutes, not seconds")


@pytest.fixture(scope="session")
def many(pytestconfig: pytest.Config) -> Many:
    """The first number in every run of the tests, the second at full size."""
    full = bool(pytestconfig.getoption("--full", default=False))
    return lambda small, large: large if full else small


@pytest.fixture(scope="package")
def standing() -> Iterator[World]:
    """A world in which replies by e-mail are set up."""
    with World(EVENING, parameters={"DeskReplyDomain": "reply.example.com"}) as world:
        yield world


@pytest.fixture
def world(standing: World) -> World:
    """The same on the evening before the delivery, with nothing on record."""
    empty(standing)
    standing.clock.move_to(EVENING)
    return standing
