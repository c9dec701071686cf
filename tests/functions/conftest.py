"""A world for the functions, emptied before each test; afterwards the log is searched for anything personal.

Building a world takes longer than most of these tests, and a function that is warm is what Lambda mostly has.
"""

from collections.abc import Iterator

import pytest
from moto.backends import get_backend

from local.sources import StreamSource
from local.template import ACCOUNT, REGION
from local.world import World
from tests.canaries import leaks
from tests.conftest import MONDAY
from tests.functions.on_record import EVENING, PERSONAL
from tests.functions.trouble import Trouble


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[World, Trouble]]:
    """One world for the tests of a function, with the trouble that they ask for."""
    with World(MONDAY) as world:
        yield world, Trouble(world)


@pytest.fixture
def world(standing: tuple[World, Trouble]) -> Iterator[World]:
    """The world on Monday 23 November 2026 at 09:00 UTC, as if it had just begun."""
    world, trouble = standing
    empty(world)
    trouble.rules.clear()
    trouble.asked.clear()
    yield world
    told = [line for line in world.log.lines for word in PERSONAL if word in line]
    assert told == []


@pytest.fixture
def evening(world: World) -> World:
    """The world on the evening before the delivery, when the reminder is due."""
    world.clock.move_to(EVENING)
    return world


@pytest.fixture
def trouble(standing: tuple[World, Trouble], world: World) -> Trouble:
    """AWS's errors, on demand, in this world."""
    assert standing[0] is world
    return standing[1]


def empty(world: World) -> None:
    """Nothing on record, nothing in a queue, nothing scheduled, nothing said; and nothing personal was told before."""
    found = leaks(world)
    world.clock.move_to(MONDAY)
    for logical, table in world.stack.of_type("AWS::DynamoDB::Table"):
        name, keys = world.stack.physical(logical), [part["AttributeName"] for part in table["KeySchema"]]
        for page in world.dynamodb.get_paginator("scan").paginate(TableName=name):
            for item in page["Items"]:
                world.dynamodb.delete_item(TableName=name, Key={key: item[key] for key in keys})
    for logical, _ in world.stack.of_type("AWS::SQS::Queue"):
        get_backend("sqs")[ACCOUNT][REGION].get_queue(world.stack.physical(logical))._messages.clear()
    for source in world.deployment.sources:
        if isinstance(source, StreamSource):
            source.fetch()
            for lane in source.lanes:
                lane.clear()
    for group in get_backend("scheduler")[ACCOUNT][REGION].schedule_groups.values():
        group.schedules.clear()
    for kept in (
        world.log.lines,
        world.agenda,
        world.carriers.taken,
        world.carriers.outages,
        world.wire.scheduled,
        world.wire.told,
    ):
        kept.clear()
    world.wire.requests.clear()
    assert found == []
