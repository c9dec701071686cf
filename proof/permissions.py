"""`python -m proof.permissions` takes each action from each function in turn, and sees whether a day goes otherwise.

It costs a day for each action (eight minutes of one core), so `make test` only sees that the action is asked for.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from local.world import World
from tests.functions.a_day import MONDAY, live
from tests.functions.gate import Gate, Role, roles
from tests.rendered import EVERYTHING, rendered_stack


class Taken(NamedTuple):
    """One of a function's own statements that allows something, by its place in the role."""

    function: str
    number: int


def outcome(taken: Taken | None) -> str:
    """How the day ends: what is on record, what was told and sent, and what lies among dead letters."""
    may = roles(rendered_stack())
    if taken:
        may[taken.function] = may[taken.function].without(taken.number)
    with World(MONDAY, parameters=EVERYTHING) as world:
        Gate(world, may)
        try:
            live(world)
        except Exception as error:  # the day asks for what only comes when all is well
            return f"could not go on: {type(error).__name__}"
        return repr((on_record(world), world.wire.told, world.carriers.taken, sorted(world.dead_letters())))


def on_record(world: World) -> list[str]:
    """Everything in both tables."""
    tables = [world.stack.physical(logical) for logical, _ in world.stack.of_type("AWS::DynamoDB::Table")]
    pages = [page for each in tables for page in world.dynamodb.get_paginator("scan").paginate(TableName=each)]
    return sorted(json.dumps(item, sort_keys=True) for page in pages for item in page["Items"])


def candidates(may: dict[str, Role]) -> list[Taken]:
    """All that is allowed, but for what Lambda itself puts among dead letters."""
    return [
        Taken(function, number)
        for function, role in sorted(may.items())
        for number, each in enumerate(role.own)
        if each["Effect"] == "Allow" and not lambdas(each)
    ]


def lambdas(statement: dict[str, str]) -> bool:
    """Whether it is for Lambda's letters about what a stream's or an asynchronous call's function gave up."""
    boxes = ("PlanDeadLetters", "DispatchDeadLetters", "ReceiptsDeadLetters", "ReconcileDeadLetters")
    return statement["Action"] == "sqs:SendMessage" and statement.get("Resource", "").endswith(boxes)


def main() -> int:
    """Prints a line for each; fails if one is not missed."""
    may = roles(rendered_stack())
    tried, whole = candidates(may), outcome(None)
    if whole.startswith("could not") or outcome(None) != whole:
        raise SystemExit("the whole day does not end the same each time")
    unmissed = 0
    with ProcessPoolExecutor(2) as pool:
        for taken, found in zip(tried, pool.map(outcome, tried), strict=True):
            statement = may[taken.function].own[taken.number]
            where = statement.get("Resource", "all but topics").rsplit(":", 1)[-1]
            unmissed += found == whole
            said = "NOT MISSED" if found == whole else found if found.startswith("could") else "the day ended otherwise"
            print(f"{taken.function:18} {statement['Action']:32} {where:34} {said}", flush=True)
    print(f"{len(tried)} actions taken away one by one; {len(tried) - unmissed} missed, {unmissed} not")
    return 1 if unmissed else 0


if __name__ == "__main__":
    sys.exit(main())
