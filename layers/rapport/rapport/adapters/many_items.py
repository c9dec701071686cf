"""Many of a table's items in few requests: what DynamoDB keeps back is asked for again."""

import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rapport.adapters.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_KEYS = 100  # of one BatchGetItem, by DynamoDB's limit
MOST_WRITES = 25  # of one BatchWriteItem, by DynamoDB's limit
MOST_TRIES = 5


def fetch(client: "DynamoDBClient", table: str, keys: list[Item]) -> dict[str, Item]:
    """One customer's items by sort key, read consistently. Raises TimeoutError when DynamoDB keeps some back."""
    return {sk: item for found in fetch_all(client, table, keys).values() for sk, item in found.items()}


def fetch_all(client: "DynamoDBClient", table: str, keys: list[Item]) -> dict[str, dict[str, Item]]:
    """The same of many customers: each one's items by sort key."""
    found: dict[str, dict[str, Item]] = defaultdict(dict)
    once = list({(key["pk"]["S"], key["sk"]["S"]): key for key in keys}.values())  # DynamoDB refuses a key named twice
    for start in range(0, len(once), MOST_KEYS):
        wanted = once[start : start + MOST_KEYS]
        for tries in range(MOST_TRIES):
            pause(tries)
            answer = client.batch_get_item(RequestItems={table: {"Keys": wanted, "ConsistentRead": True}})
            for item in answer["Responses"].get(table, []):
                found[item["pk"]["S"]][item["sk"]["S"]] = item
            unprocessed = answer["UnprocessedKeys"].get(table)
            wanted = list(unprocessed["Keys"]) if unprocessed else []
            if not wanted:
                break
        else:
            raise TimeoutError("DynamoDB returned unprocessed keys five times")
    return found


def write_all(client: "DynamoDBClient", table: str, writes: list[Any]) -> None:
    """Unconditional writes, 25 at a time. Raises TimeoutError when DynamoDB keeps some back."""
    for start in range(0, len(writes), MOST_WRITES):
        left = writes[start : start + MOST_WRITES]
        for tries in range(MOST_TRIES):
            pause(tries)
            left = client.batch_write_item(RequestItems={table: left})["UnprocessedItems"].get(table, [])
            if not left:
                break
        else:
            raise TimeoutError("DynamoDB kept back some of a batch's writes five times")


def pause(tries: int) -> None:
    """Waits before trying again, longer each time and never in step with others; the first try comes at once."""
    if tries:
        time.sleep(random.uniform(0.025, 0.05) * 2**tries)  # noqa: S311 (nothing secret about it)  # nosec B311
