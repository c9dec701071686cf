"""Batches: of a queue all in flight at once, of a stream one after the other, and each record fails alone."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rapport.adapters import telemetry
from rapport.adapters.batch import MOST_RECORDS, Handler, at_once, in_order, in_two_steps, together

PATIENCE = 20  # seconds until a barrier breaks; nobody waits for it where records are together
SECRET = "what a customer wrote"


@pytest.fixture(autouse=True)
def printed(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the logger prints."""
    stream = io.StringIO()
    for handler in telemetry.logger.handlers:
        monkeypatch.setattr(handler, "stream", stream)
    yield stream
    assert SECRET not in stream.getvalue()


def messages(*bodies: str) -> dict[str, Any]:
    """A batch of a queue, with each record's body as a part of its id."""
    records = [{"messageId": f"id-{body}", "body": body, "eventSource": "aws:sqs"} for body in bodies]
    return {"Records": records}


def changes(*names: str) -> dict[str, Any]:
    """A batch of a stream."""
    return {
        "Records": [
            {
                "eventSource": "aws:dynamodb",
                "eventName": "INSERT",
                "dynamodb": {"SequenceNumber": f"id-{name}", "NewImage": {"name": {"S": name}}},
            }
            for name in names
        ]
    }


def failures(handler: Handler, batch: dict[str, Any]) -> list[str]:
    """The ids of the records that come back."""
    return [failure["itemIdentifier"] for failure in handler(batch, None)["batchItemFailures"]]


def failing_for(*bad: str, taken: list[str] | None = None) -> Callable[[Any], None]:
    """Handles a body or an image, and fails for some."""

    def handle(given: Any) -> None:
        name = given if isinstance(given, str) else given["name"]["S"]
        if taken is not None:
            taken.append(name)
        if name in bad:
            raise ValueError(f"{SECRET}: {name}")

    return handle


@pytest.mark.parametrize("number", [2, MOST_RECORDS])
def test_the_records_of_a_queues_batch_are_in_flight_together(number: int) -> None:
    barrier = threading.Barrier(number, timeout=PATIENCE)

    def handle(_: str) -> None:
        barrier.wait()

    assert failures(together(handle), messages(*map(str, range(number)))) == []
    assert not barrier.broken


def test_a_slow_record_doesnt_keep_the_others_waiting() -> None:
    others, done = threading.Semaphore(0), []

    def handle(body: str) -> None:
        if body == "slow":
            for _ in range(3):
                assert others.acquire(timeout=PATIENCE)
        done.append(body)
        others.release()

    assert failures(together(handle), messages("slow", "a", "b", "c")) == []
    assert done[-1] == "slow"


@pytest.mark.parametrize("bad", [["b"], ["a", "c"], ["a", "b", "c"], []])
def test_only_the_records_that_failed_come_back(bad: list[str]) -> None:
    taken: list[str] = []
    handler = together(failing_for(*bad, taken=taken))
    assert sorted(failures(handler, messages("a", "b", "c"))) == [f"id-{name}" for name in bad]
    assert sorted(taken) == ["a", "b", "c"]


@pytest.mark.parametrize("make", [together, in_order])
def test_the_failures_of_one_invocation_are_forgotten_in_the_next(make: Callable[[Any], Handler]) -> None:
    handler, batch = make(failing_for("a")), messages if make is together else changes
    assert failures(handler, batch("a", "b")) == ["id-a"]
    assert failures(handler, batch("b")) == []


def test_a_stream_is_handled_in_its_order_and_behind_a_failing_record_too() -> None:
    taken: list[str] = []
    assert failures(in_order(failing_for("b", taken=taken)), changes("a", "b", "c", "d")) == ["id-b"]
    assert taken == ["a", "b", "c", "d"]


def test_all_records_may_fail_and_the_invocation_doesnt() -> None:
    assert failures(in_order(failing_for("a", "b")), changes("a", "b")) == ["id-a", "id-b"]


def test_a_record_without_its_image_fails_alone() -> None:
    batch = changes("a", "b", "c")
    del batch["Records"][1]["dynamodb"]["NewImage"]
    assert failures(in_order(failing_for()), batch) == ["id-b"]


@pytest.mark.parametrize("make", [together, in_order])
def test_a_failure_is_logged_by_type_and_place_and_without_its_text(
    make: Callable[[Any], Handler], printed: io.StringIO
) -> None:
    failures(make(failing_for("a")), messages("a") if make is together else changes("a"))
    line = json.loads(printed.getvalue())
    assert (line["message"], line["error"]) == ("record failed", "ValueError")
    assert line["place"].endswith(" in handle")


def test_an_error_of_aws_is_a_records_failure_like_any_other() -> None:
    def handle(_: str) -> None:
        raise ClientError({"Error": {"Code": "X", "Message": SECRET}}, "X")

    assert failures(together(handle), messages("a")) == ["id-a"]


def test_between_two_steps_all_that_go_on_are_looked_at_once() -> None:
    looked: list[list[str]] = []
    finished: list[tuple[str, int]] = []

    def look(made: list[str]) -> int:
        looked.append(sorted(made))
        return len(looked)

    handler = in_two_steps(
        lambda body: None if body == "seen to" else body.upper(),
        look,
        lambda made, seen: finished.append((made, seen)),
    )
    assert failures(handler, messages("a", "seen to", "b")) == []
    assert (looked, sorted(finished)) == ([["A", "B"]], [("A", 1), ("B", 1)])


@pytest.mark.parametrize(("bad", "worse"), [(["a"], []), ([], ["b"]), (["a"], ["c"]), (["a", "b", "c"], [])])
def test_of_two_steps_only_the_records_that_failed_in_one_of_them_come_back(bad: list[str], worse: list[str]) -> None:
    begin, finish = failing_for(*bad), failing_for(*worse)
    finished: list[str] = []

    def begins(body: str) -> str:
        begin(body)
        return body

    def finishes(body: str, _: None) -> None:
        finished.append(body)
        finish(body)

    handler = in_two_steps(begins, lambda _: None, finishes)
    assert failures(handler, messages("a", "b", "c")) == [f"id-{body}" for body in "abc" if body in [*bad, *worse]]
    assert sorted(finished) == [body for body in "abc" if body not in bad]


def test_two_records_under_one_id_are_both_finished() -> None:
    finished: list[str] = []
    batch = messages("a", "b")
    batch["Records"][1]["messageId"] = "id-a"
    assert failures(in_two_steps(str.upper, lambda _: None, lambda made, _: finished.append(made)), batch) == []
    assert sorted(finished) == ["A", "B"]


@pytest.mark.parametrize("step", ["begin", "finish"])
def test_in_each_of_two_steps_the_records_are_in_flight_together(step: str) -> None:
    barrier = threading.Barrier(MOST_RECORDS, timeout=PATIENCE)

    def begin(body: str) -> str:
        if step == "begin":
            barrier.wait()
        return body

    def finish(_: str, seen: None) -> None:
        if step == "finish":
            barrier.wait()

    handler = in_two_steps(begin, lambda _: None, finish)
    assert failures(handler, messages(*map(str, range(MOST_RECORDS)))) == []


@pytest.mark.parametrize("number", [0, 1, 2, MOST_RECORDS])
def test_tasks_are_in_flight_together(number: int) -> None:
    barrier = threading.Barrier(max(number, 1), timeout=PATIENCE)

    def wait() -> None:
        barrier.wait()

    with ThreadPoolExecutor(max_workers=MOST_RECORDS) as pool:
        at_once(pool, [wait] * number)
    assert not barrier.broken


@pytest.mark.parametrize("number", [1, 3])
def test_what_one_of_them_raises_is_raised(number: int) -> None:
    def failing() -> None:
        raise KeyError

    with ThreadPoolExecutor(max_workers=number) as pool, pytest.raises(KeyError):
        at_once(pool, [failing, *[lambda: None] * (number - 1)])
