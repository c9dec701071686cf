"""How much the attackers try: a little with every `make test`, all of it with `make attackers`."""

from collections.abc import Callable

import pytest

Many = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` tries everything at its full size."""
    parser.addoption("--full", action="store_true", help="attack at full size: minutes, not seconds")


@pytest.fixture(scope="session")
def many(pytestconfig: pytest.Config) -> Many:
    """The first number in every run of the tests, the second at full size."""
    full = bool(pytestconfig.getoption("--full", default=False))
    return lambda small, large: large if full else small
