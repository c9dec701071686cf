"""Batches whose records succeed and fail each by itself: of a queue together, of a stream in their order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    BatchProcessor,
    EventType,
    async_process_partial_response,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from rapport.adapters.telemetry import log_failure

MOST_RECORDS = 100
Handler = Callable[[dict[str, Any], Any], Any]


def together(handle: Callable[[str], None]) -> Handler:
    """A Lambda handler that gives each SQS record's body to `handle`, all in flight at once.

    It takes as long as the slowest record; raising means that this record comes back.
    """
    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    pool = a_pool()
    guarded = told(handle)

    async def record_handler(record: SQSRecord) -> None:
        await asyncio.get_running_loop().run_in_executor(pool, guarded, record.body)

    def handler(event: dict[str, Any], context: Any) -> Any:
        return async_process_partial_response(
            event=event, record_handler=record_handler, processor=processor, context=context
        )

    return handler


def a_pool() -> ThreadPoolExecutor:
    """Threads for all that one batch may hold."""
    return ThreadPoolExecutor(max_workers=MOST_RECORDS)


def at_once(pool: ThreadPoolExecutor, tasks: list[Callable[[], None]]) -> None:
    """Runs all tasks in the pool, in flight together; one that is alone needs none. Raises what one of them does."""
    if len(tasks) == 1:
        tasks[0]()
        return

    async def run() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(pool, task) for task in tasks))

    asyncio.run(run())


def in_order(handle: Callable[[dict[str, Any]], None]) -> Handler:
    """A Lambda handler that gives each DynamoDB record's new image to `handle`, one after the other.

    Raising means that the stream comes back to this record; those behind it are handled all the same.
    """
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    guarded = told(lambda change: handle(change["NewImage"]))

    def record_handler(record: DynamoDBRecord) -> None:
        guarded(record.raw_event["dynamodb"])

    def handler(event: dict[str, Any], context: Any) -> Any:
        return process_partial_response(
            event=event, record_handler=record_handler, processor=processor, context=context
        )

    return handler


def told(handle: Callable[[Any], None]) -> Callable[[Any], None]:
    """The same, with every failure in the log: Powertools keeps it to itself."""

    def guarded(given: Any) -> None:
        try:
            handle(given)
        except Exception as error:
            log_failure("record failed", error)
            raise

    return guarded
