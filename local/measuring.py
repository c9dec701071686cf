"""`rapport measure`: what became of conversations, read off a ledger, deployed or of the local world."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local.commands import CommandError
from rapport.adapters import items
from rapport.domain.conversation import Step, Turn
from rapport.domain.measures import End, Measures, Record, measure

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def add_measure(command: ArgumentParser) -> None:
    """What `rapport measure` takes."""
    command.add_argument("--table", required=True, help="the deployed ledger's name")
    command.add_argument("--since", type=day, help="only what began on this day (UTC) or later, such as 2026-11-23")
    command.set_defaults(run=measure_conversations)


def day(text: str) -> datetime:
    """The day's first moment, in UTC. Raises ArgumentTypeError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError("expected a day such as 2026-11-23") from None


def measure_conversations(options: Namespace) -> int:
    """Counts what is on record in a deployed ledger."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        counted = measured(boto3.client("dynamodb"), options.table, datetime.now(UTC), options.since)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"{options.table}: {error}") from None
    print("\n".join(lines(counted)))
    return 0


def measured(client: "DynamoDBClient", table: str, now: datetime, since: datetime | None = None) -> Measures:
    """The measures of a ledger's conversations."""
    return measure(read_records(client, table), now, since)


def read_records(client: "DynamoDBClient", table: str) -> list[Record]:
    """Every conversation of the ledger, by a scan of the whole of it."""
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="#kind IN (:turn, :step)",
        ExpressionAttributeNames={"#kind": "kind"},
        ExpressionAttributeValues={":turn": {"S": "turn"}, ":step": {"S": "step"}},
    )
    turns: dict[tuple[str, str], list[Turn]] = {}
    steps: dict[tuple[str, str], list[Step]] = {}
    for page in pages:
        for item in page["Items"]:
            thread = (item["pk"]["S"], item["thread"]["S"])
            if item["kind"]["S"] == "turn":
                turns.setdefault(thread, []).append(Turn.model_validate(items.from_item(item)))
            else:
                steps.setdefault(thread, []).append(Step.model_validate(items.from_item(item)))
    return [Record(tuple(turns.get(each, ())), tuple(steps.get(each, ()))) for each in turns.keys() | steps.keys()]


def lines(counted: Measures) -> Iterator[str]:
    """The measures, for people."""
    over = sum(counted.ends.values())
    yield f"{over} conversations are over, {counted.going_on} go on; in {counted.answerable} something was asked"
    for end in End:
        many = counted.ends.get(end, 0)
        share = f"{many / counted.answerable:6.0%}" if counted.answerable and end is not End.NOTHING_ASKED else ""
        yield f"  {end:<16} {many:>6} {share}".rstrip()
    handed = sum(counted.causes.values())
    causes = ", ".join(f"{cause} {many}" for cause, many in sorted(counted.causes.items(), key=lambda each: -each[1]))
    yield f"hand-overs: {handed}{f' ({causes})' if causes else ''}"
    if counted.half_within is not None and counted.most_within is not None:
        half, most = round(counted.half_within), round(counted.most_within)
        yield f"a person's first word: half within {half} minutes, nine of ten within {most}"
    yield f"given back without a person's word: {counted.unanswered}; waiting for one now: {counted.waiting}"
