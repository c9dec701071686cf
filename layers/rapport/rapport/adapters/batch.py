"""Batches whose records succeed and fail each by itself: of a queue together, of a stream in their order."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from rapport.adapters.telemetry import log_failure

MOST_RECORDS = 100
Handler = Callable[[dict[str, Any], Any], Any]
T = TypeVar("T")
Seen = TypeVar("Seen")


def together(handle: Callable[[str], None]) -> Handler:
    """A Lambda handler that gives each SQS record's body to `handle`, all in flight at once.

    It takes as long as the slowest record; raising means that this record comes back.
    """
    pool = a_pool()

    def handler(event: dict[str, Any], context: Any) -> Any:
        records = event["Records"]
        handled = at_once(pool, [partial(succeeds, handle, record["body"]) for record in records])
        return coming_back(record["messageId"] for record, good in zip(records, handled, strict=True) if not good)

    return handler


def in_two_steps(
    begin: Callable[[str], T | None], look: Callable[[list[T]], Seen], finish: Callable[[T, Seen], None]
) -> Handler:
    """A Lambda handler of SQS records: `begin` of each, all in flight at once, and then `finish` of what it returned.

    A record of which it returned None is done. In between, `look` reads once what all others need; it must not raise.
    """
    pool = a_pool()

    def begun(body: str) -> tuple[bool, T | None]:
        made: list[T | None] = []
        good = succeeds(lambda it: made.append(begin(it)), body)
        return good, made[0] if good else None

    def handler(event: dict[str, Any], context: Any) -> Any:
        records = event["Records"]
        begins = at_once(pool, [partial(begun, record["body"]) for record in records])
        named = [(record["messageId"], *each) for record, each in zip(records, begins, strict=True)]
        going = [(name, made) for name, _, made in named if made is not None]
        failed = [name for name, good, _ in named if not good]
        if going:
            seen = look([made for _, made in going])
            ends = at_once(pool, [partial(succeeds, lambda it: finish(it, seen), made) for _, made in going])
            failed += [name for (name, _), good in zip(going, ends, strict=True) if not good]
        return coming_back(failed)

    return handler


def a_pool() -> ThreadPoolExecutor:
    """Threads for all that one batch may hold."""
    return ThreadPoolExecutor(max_workers=MOST_RECORDS)


def at_once(pool: ThreadPoolExecutor, tasks: list[Callable[[], T]]) -> list[T]:
    """What the tasks return, run in the pool, in flight together; one that is alone needs no pool.

    Raises what one of them does, when all are over.
    """
    if len(tasks) == 1:
        return [tasks[0]()]
    running = [pool.submit(task) for task in tasks]
    for each in running:
        each.exception()
    return [each.result() for each in running]


def in_order(handle: Callable[[dict[str, Any]], None]) -> Handler:
    """A Lambda handler that gives each DynamoDB record's new image to `handle`, one after the other.

    Raising means that the stream comes back to this record; those behind it are handled all the same.
    """

    def handler(event: dict[str, Any], context: Any) -> Any:
        changes = [record["dynamodb"] for record in event["Records"]]
        return coming_back(
            change["SequenceNumber"] for change in changes if not succeeds(lambda it: handle(it["NewImage"]), change)
        )

    return handler


def succeeds(handle: Callable[[T], None], given: T) -> bool:
    """Whether it was handled; a failure is in the log."""
    try:
        handle(given)
    except Exception as error:
        log_failure("record failed", error)
        return False
    return True


def coming_back(failed: Iterable[str]) -> dict[str, Any]:
    """What tells Lambda which records to bring again."""
    return {"batchItemFailures": [{"itemIdentifier": record} for record in failed]}
