"""moto, made quick where ten thousand customers would wait for it; what it answers stays the same."""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import signature
from typing import Any
from unittest.mock import patch

import moto.core.responses as moto_responses
import moto.dynamodb.models as moto_dynamodb
import moto.sqs.models as moto_sqs
from botocore.useragent import UserAgentString
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend

transact_as_moto_does = DynamoDBBackend.transact_write_items
set_as_moto_does = LimitedSizeDict.__setitem__
query_as_moto_does = Table.query
QUERY = signature(Table.query)
NOT_AS_WRITTEN = ("N", "NS", "SS", "BS")  # 1 and 1.0 are the same, and sets have no order
LARGE = 4000  # bytes of an attribute; a hundred smaller ones are no item that is too large
names_of_methods = cache(method_names_from_class)
with_underscores = cache(camelcase_to_underscores)
serialize_as_moto_does = BaseJSONSerializer._serialize_type_structure


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
        hash_key, range_key = DynamoType(source[table.hash_key_attr]), DynamoType(source[str(table.range_key_attr)])
        before.append((table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))))
    shards = {table.name: table.stream_shard for table, *_ in before if table.stream_shard}
    lengths = {name: len(shard.items) for name, shard in shards.items()}
    try:
        transact_as_moto_does(self, transact_items)
    except Exception:
        for table, hash_key, range_key, item in before:
            table.items[hash_key].pop(range_key, None)
            if item is not None:
                table.items[hash_key][range_key] = item
        for name, shard in shards.items():
            del shard.items[lengths[name] :]
        raise


def serialize(self: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """An attribute value is in the form of the wire already; moto would look for each of its ten kinds by name."""
    if shape.name == "AttributeValue" and type(value) is dict:
        serialized[key] = value
    else:
        serialize_as_moto_does(self, serialized, value, shape, key)


def all_items(self: Table) -> Iterator[Item]:
    """Every item, in no order: moto sorts the whole table for each query of an index, and its answer once more."""
    return (item for items in self.items.values() for item in items.values())


def query(self: Table, hash_key: DynamoType | None, *given: Any, **named: Any) -> Any:
    """moto's query, which without an index has only the partition to look through, and not the whole table."""
    asked = QUERY.bind(self, hash_key, *given, **named).arguments
    if hash_key is None or asked.get("index_name"):
        return query_as_moto_does(self, hash_key, *given, **named)
    partition = list(self.items.get(hash_key, {}).values())
    with patch.object(self, "all_items", lambda: partition):
        return query_as_moto_does(self, hash_key, *given, **named)


def is_same(self: DynamoType, other: DynamoType) -> bool:
    """Whether two values are equal; moto makes new ones of both, and of all that is in them, to compare those."""
    if self.type != other.type:
        return False
    return bool(self.value == other.value) or (self.type in NOT_AS_WRITTEN and self.cast_value == other.cast_value)


def is_retained(self: SQSBackend, queue_name: str, message: Message) -> bool:
    """Whether the queue still keeps the message; moto counts all of the queue's messages three times to know it."""
    kept = self.get_queue(queue_name).message_retention_period  # type: ignore[attr-defined]
    return bool((message.sent_timestamp or 0) / 1000 + kept > time.time())


class Visible:
    """The messages that may be received now; whoever wants ten doesn't look at ten thousand, as moto does."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def __iter__(self) -> Iterator[Message]:
        now = time.time() * 1000
        return (each for each in list(self.queue._messages) if each.visible_at < now and each.delayed_until <= now)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def count_delayed(self: Queue) -> int:
    """How many may not be received yet."""
    now = time.time() * 1000
    return sum(each.delayed_until > now for each in self._messages)


def count_in_flight(self: Queue) -> int:
    """How many were received and not deleted."""
    now = time.time() * 1000
    return sum(each.visible_at >= now for each in self._messages)


def delete_message(self: Queue, receipt_handle: str) -> None:
    """Deletes the one message; moto makes a new list of all the others. Raises ReceiptHandleIsInvalid."""
    if receipt_handle in self.deleted_messages:
        return
    found = next((i for i, each in enumerate(self._messages) if each.had_receipt_handle(receipt_handle)), None)
    if found is None:
        raise ReceiptHandleIsInvalid
    message = self._messages.pop(found)
    self.pending_messages.discard(message)
    self.deleted_messages.update(handle for handle in message.all_receipt_handles if handle)


def keep_within_limits(self: LimitedSizeDict, key: str, value: Any) -> None:
    """Sets an attribute; moto sums up the whole item for each, which is only of use where one of them is large."""
    large = isinstance(value, DynamoType) and value.size() > LARGE
    (set_as_moto_does if large else dict.__setitem__)(self, key, value)


@contextmanager
def quick_moto() -> Iterator[None]:
    """While this lasts, a transaction costs what it touches, and an answer what it holds."""
    with (
        patch.object(moto_dynamodb, "copy", TablesStay()),
        patch.object(DynamoDBBackend, "transact_write_items", transact),
        patch.object(Table, "all_items", all_items),
        patch.object(Table, "query", query),
        patch.object(DynamoType, "__eq__", is_same),
        patch.object(DynamoType, "__ne__", lambda one, other: not is_same(one, other)),
        patch.object(LimitedSizeDict, "__setitem__", keep_within_limits),
        patch.object(moto_sqs, "unix_time_millis", lambda: time.time() * 1000),
        patch.object(Queue, "messages", property(Visible)),
        patch.object(Queue, "approximate_number_of_messages_delayed", property(count_delayed)),
        patch.object(Queue, "approximate_number_of_messages_not_visible", property(count_in_flight)),
        patch.object(Queue, "delete_message", delete_message),
        patch.object(SQSBackend, "is_message_valid_based_on_retention_period", is_retained),
        patch.object(moto_responses, "method_names_from_class", names_of_methods),
        patch.object(moto_responses, "camelcase_to_underscores", with_underscores),
        patch.object(UserAgentString, "to_string", lambda self: "local"),
        patch.object(BaseJSONSerializer, "_serialize_type_structure", serialize),
    ):
        yield
