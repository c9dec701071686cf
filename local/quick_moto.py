"""moto's DynamoDB, made quick: it copies the whole table for each part of a transaction, which is a day's work at 10,000."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import moto.dynamodb.models as moto_dynamodb
from moto.dynamodb.models import DynamoDBBackend, Table
from moto.dynamodb.models.dynamo_type import DynamoType

transact_as_moto_does = DynamoDBBackend.transact_write_items


class TablesStay:
    """The module `copy`, but a table's copy is the table itself: `transact` puts back what it changed."""

    def __getattr__(self, name: str) -> Any:
        return getattr(copy, name)

    def deepcopy(self, value: Any) -> Any:
        """A deep copy of anything but a table."""
        return value if isinstance(value, Table) else copy.deepcopy(value)


def transact(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """moto's transaction, with only the items that it touches put by for the case that it fails."""
    before = []
    for part in transact_items:
        operation = next(iter(part.values()))
        table = self.tables[operation["TableName"]]
        source = operation.get("Key") or operation["Item"]
        key = tuple(DynamoType(source[name]) for name in (table.hash_key_attr, table.range_key_attr) if name)
        before.append((table, key, copy.deepcopy(table.get_item(*key))))
    streams = {table.name: (table.stream_shard, len(table.stream_shard.items)) for table, _, _ in before}
    try:
        transact_as_moto_does(self, transact_items)
    except Exception:
        for table, (hash_key, range_key), item in before:
            table.items[hash_key].pop(range_key, None)
            if item is not None:
                table.items[hash_key][range_key] = item
        for shard, length in streams.values():
            del shard.items[length:]
        raise


@contextmanager
def quick_transactions() -> Iterator[None]:
    """While this lasts, a transaction costs what it touches."""
    with (
        patch.object(moto_dynamodb, "copy", TablesStay()),
        patch.object(DynamoDBBackend, "transact_write_items", transact),
    ):
        yield
