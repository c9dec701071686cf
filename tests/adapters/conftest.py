"""One account in moto for each file of tests, emptied for each test: building one costs more than most of them."""

from collections.abc import Iterator

import pytest
from moto.backends import get_backend

from local.template import ACCOUNT, REGION
from local.world import World
from tests.conftest import MONDAY


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """The stack of template.yaml, on Monday 23 November 2026 at 09:00 UTC."""
    with World(MONDAY) as world:
        yield world


@pytest.fixture
def world(account: World) -> World:
    """The account with nothing in its tables and queues."""
    for table in get_backend("dynamodb")[ACCOUNT][REGION].tables.values():
        table.items.clear()
    queues = get_backend("sqs")[ACCOUNT][REGION].queues.values()
    for queue in queues:
        queue._messages.clear()
    return account
