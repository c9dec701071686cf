"""The local world treats functions as AWS does: batches, retries in time, order, redelivery and dead letters."""

import json
from collections import deque
from random import Random
from typing import Any

import pytest

from local.functions import CutOffError
from local.sources import Batch, Mischief, StreamSource, matches
from local.world import World
from tests.stories.people import LONDON, meet

CALM, RNG = Mischief(), Random(0)  # noqa: S311


class Recorder:
    """A function that fails for the records that it is told to fail for."""

    def __init__(self, *bad: str, whole: bool = False) -> None:
        self.bad = set(bad)
        self.whole = whole
        self.batches: list[list[str]] = []

    def __call__(self, event: dict[str, Any]) -> Any:
        names = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        self.batches.append(names)
        failed = [name for name in names if name in self.bad]
        if failed and self.whole:
            raise CutOffError
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def stream(function: Recorder, given_up: list[dict[str, Any]], *names: str, **other: int) -> StreamSource:
    """A stream of one lane with these records of time 0 in one batch, which nothing more is added to."""

    class Quiet(StreamSource):
        def fetch(self) -> None:
            """Nothing new."""

    class Shard:
        id = "shard"

    class Table:
        latest_stream_label = "label"
        stream_shard = Shard()

    properties = {
        "BatchSize": 10,
        "MaximumRetryAttempts": 3,
        "MaximumRecordAgeInSeconds": 3600,
        "BisectBatchOnFunctionError": True,
        "ParallelizationFactor": 1,
        "FilterCriteria": {"Filters": []},
        **other,
    }
    source = Quiet(Table(), properties, function, given_up.append)  # type: ignore[arg-type]
    records = [{"dynamodb": {"SequenceNumber": name, "ApproximateCreationDateTime": 0.0}} for name in names]
    source.lanes = [deque([Batch(records)])]
    return source


def run(source: StreamSource) -> float:
    """Until nothing is left to retry; returns the time (seconds) at which that was."""
    now = 0.0
    while due := list(source.due()):
        now = max(now, *due)
        source.poll(now, RNG, CALM)
    return now


def test_a_stream_comes_back_to_the_first_record_that_failed_and_gives_it_up_with_a_note() -> None:
    function, given_up = Recorder("b"), list[dict[str, Any]]()
    assert run(stream(function, given_up, "a", "b", "c")) == 7.0  # 1, 2 and 4 seconds
    assert function.batches[0] == ["a", "b", "c"]
    assert all(batch[0] == "b" for batch in function.batches[1:-1])
    [note] = given_up
    assert note["DDBStreamBatchInfo"]["startSequenceNumber"] == "b"
    assert ["c"] in function.batches


def test_a_batch_that_is_cut_off_is_halved_until_the_poisoned_record_is_alone() -> None:
    function, given_up = Recorder("c", whole=True), list[dict[str, Any]]()
    run(stream(function, given_up, "a", "b", "c", "d"))
    assert ["a", "b"] in function.batches
    assert ["d"] in function.batches
    assert [note["DDBStreamBatchInfo"]["batchSize"] for note in given_up] == [1]


@pytest.mark.parametrize(
    ("attempts", "age", "seconds", "condition"),
    [
        (8, 3600, 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60, "RetryAttemptsExhausted"),
        (20, 3600, 63 + 14 * 60, "RetryAttemptsExhausted"),
        (100, 120, 63 + 60, "RecordAgeExceeded"),
    ],
)
def test_the_pause_between_retries_grows_to_a_minute_until_they_are_used_up_or_the_record_is_too_old(
    attempts: int, age: int, seconds: int, condition: str
) -> None:
    function, given_up = Recorder("a"), list[dict[str, Any]]()
    source = stream(function, given_up, "a", MaximumRetryAttempts=attempts, MaximumRecordAgeInSeconds=age)
    assert run(source) == seconds
    [note] = given_up
    assert note["requestContext"] == {"condition": condition, "approximateInvokeCount": len(function.batches)}


def lanes_of(world: World, function: str, items: list[dict[str, Any]]) -> list[set[str]]:
    """In which lane of the function's stream the changes of these items are, by their sequence numbers."""
    [source] = [
        source
        for source in world.deployment.sources
        if isinstance(source, StreamSource) and source.invoke == world.deployment.functions[function].invoke
    ]
    for item in items:
        world.dynamodb.put_item(TableName=source.table.name, Item=item)
    source.fetch()
    return [{json.dumps(r["dynamodb"]["Keys"]) for batch in lane for r in batch.records} for lane in source.lanes]


def test_all_that_happens_is_planned_in_order(world: World) -> None:
    events = [{"customer": {"S": who}, "id": {"S": str(n)}} for who in ("ana", "ben") for n in range(4)]
    [lane] = lanes_of(world, "plan_messages", events)
    assert len(lane) == len(events)


def test_the_outbox_keeps_the_order_of_each_item_and_not_of_a_customers_items(world: World) -> None:
    kind = {"kind": {"S": "run"}, "status": {"S": "active"}}
    runs = [{"pk": {"S": "ana"}, "sk": {"S": f"RUN#{n}"}, **kind} for n in range(20)]
    again = [{**run, "version": {"N": "2"}} for run in runs]
    lanes = lanes_of(world, "dispatch_messages", runs + again)
    assert all(lanes)
    assert sum(len(lane) for lane in lanes) == len(runs)  # none in two


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ({"kind": {"S": ["message"]}}, {"kind": {"S": "message"}, "more": 1}, True),
        ({"kind": {"S": ["message"]}}, {"kind": {"S": "run"}}, False),
        ({"kind": {"S": ["message"]}}, {}, False),
        ({"awaited": {"BOOL": [True]}}, {"awaited": {"BOOL": True}}, True),
        ({"eventName": ["INSERT", "MODIFY"]}, {"eventName": "REMOVE"}, False),
        ({"a": {"b": [{"exists": False}]}}, {"a": {"b": 1}}, False),
        ({"a": {"b": [{"exists": False}]}}, {"a": {}}, True),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
    ],
)
def test_a_filter_lets_through_what_it_names(pattern: Any, value: Any, *, fits: bool) -> None:
    assert matches(pattern, value) == fits


def test_a_message_that_keeps_failing_comes_back_after_its_visibility_and_ends_among_dead_letters(world: World) -> None:
    meet(world, "ana", LONDON)
    url = world.stack.reference("WakeQueue")
    world.sqs.send_message(QueueUrl=url, MessageBody='{"customer": "ana"}')
    good = {"customer": "ana", "journey": "check-in", "about": "7"}
    world.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(good))
    world.settle()
    waiting = world.deployment.letters("WakeQueue")
    assert [message.body for message in waiting] == ['{"customer": "ana"}']
    for minutes in (3, 6, 9, 12):
        world.advance("3 minutes")
        assert world.deployment.letters("WakeQueue"), minutes
    world.advance("4 minutes")
    assert world.dead_letters() == {"WakeDeadLetters": ['{"customer": "ana"}']}


def test_a_one_time_schedule_fires_at_its_time_and_is_gone(world: World) -> None:
    meet(world, "ana", LONDON)
    world.happens("delivery.scheduled", "ana", order="7", due_at="2026-11-26T10:00:00+00:00")
    scheduler = world.session.client("scheduler")
    [waiting] = scheduler.list_schedules()["Schedules"]
    assert waiting["GroupName"] == "rapport"
    world.advance("3 days")
    assert scheduler.list_schedules()["Schedules"] == []
    assert len(world.texts_to("ana")) == 1


def test_the_worlds_clock_is_every_parts_clock(world: World) -> None:
    assert world.now == world.start
    world.advance("1 week")
    assert (world.now - world.start).days == 7
