"""Every function may do what it does, and nothing else: the template's policies against the calls of a full day."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from local.template import ROOT, Stack
from local.world import World
from tests.functions.a_day import MONDAY, Needed, Watch, live

EVERYTHING = {"Chatbot": "lex", "DeskReplyDomain": "reply.example.com"}
STACK = Stack(EVERYTHING)
FUNCTIONS = {
    properties["Handler"].removesuffix(".handler"): properties
    for _, properties in STACK.of_type("AWS::Serverless::Function")
}


@pytest.fixture(scope="module")
def day() -> Iterator[dict[str, Needed]]:
    """What each function needed leave for in the course of a day."""
    with World(MONDAY, parameters=EVERYTHING) as world:
        watch = Watch(world)
        live(world)
        yield watch.needed


def statements(function: str) -> list[dict[str, Any]]:
    """The function's policies, one by one."""
    return [statement for policy in FUNCTIONS[function]["Policies"] for statement in policy["Statement"]]


def as_list(value: Any) -> list[str]:
    """One or many, as many."""
    return list(value) if isinstance(value, list) else [value]


def allows(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Whether the statement gives leave for the action on the resource."""
    if action not in as_list(statement["Action"]):
        return False
    if "NotResource" in statement:
        return not any(fnmatchcase(resource, pattern) for pattern in as_list(statement["NotResource"]))
    return any(fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"]))


@pytest.mark.parametrize("function", sorted(path.stem for path in (ROOT / "functions").glob("*.py")))
def test_a_function_may_do_all_that_it_does_and_only_that(day: dict[str, Needed], function: str) -> None:
    needed, policies = day[function], statements(function)
    for action, resource in needed:
        assert any(allows(statement, action, resource) for statement in policies), (action, resource)
    unused = {
        (action, resource)
        for statement in policies
        for action in as_list(statement["Action"])
        for resource in as_list(statement.get("Resource", "but topics"))
        if not any(allows({**statement, "Action": action}, *each) for each in needed)
        or ("Resource" in statement and not any(fnmatchcase(each[1], resource) for each in needed))
    }
    assert unused == lambdas_own(function)


def lambdas_own(function: str) -> Needed:
    """What the function's role needs for Lambda itself: to say where what it gave up on is."""
    given = FUNCTIONS[function]
    sources = [source["Properties"] for source in given["Events"].values()] + [given.get("EventInvokeConfig", {})]
    destinations = [
        source["DestinationConfig"]["OnFailure"]["Destination"] for source in sources if "DestinationConfig" in source
    ]
    return {("sqs:SendMessage", destination) for destination in destinations}


def test_every_function_had_something_to_do(day: dict[str, Needed]) -> None:
    assert set(day) == set(FUNCTIONS)
