"""A batch's records in flight together: it takes as long as the slowest one, and only failed ones come back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType, async_process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from rapport.adapters.telemetry import log_failure

MOST_RECORDS = 100
Handler = Callable[[dict[str, Any], Any], Any]


def together(handle: Callable[[str], None]) -> Handler:
    """A Lambda handler that gives each SQS record's body to `handle`; raising means that this record comes back."""
    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    pool = ThreadPoolExecutor(max_workers=MOST_RECORDS)

    def guarded(body: str) -> None:
        try:
            handle(body)
        except Exception as error:
            log_failure("record failed", error)
            raise

    async def record_handler(record: SQSRecord) -> None:
        await asyncio.get_running_loop().run_in_executor(pool, guarded, record.body)

    def handler(event: dict[str, Any], context: Any) -> Any:
        return async_process_partial_response(
            event=event, record_handler=record_handler, processor=processor, context=context
        )

    return handler
