"""What DynamoDB charges for, computed by its rules: the bytes of an item, and the request units of writes and reads.

Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats", "Read and write operations", "Global secondary
indexes: write capacity units". It calls the size of numbers approximate; we take its formula as it stands.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

Item = Mapping[str, Any]
KB = 1024
READ_BLOCK = 4 * KB
CONTAINER = 3  # bytes of a list or a map, whatever is in it,
ELEMENT = 1  # and of each thing in it


class Index(NamedTuple):
    """A global secondary index that holds keys only: its own keys, and the table's."""

    name: str
    keys: tuple[str, ...]
    table_keys: tuple[str, ...]

    def entry(self, item: Item | None) -> dict[str, Any] | None:
        """What the index has of the item; nothing where it lacks one of the index's keys."""
        if item is None or not all(name in item for name in self.keys):
            return None
        return {name: item[name] for name in (*self.keys, *self.table_keys)}


def size_of(item: Item | None) -> int:
    """The bytes of an item: of its names and its values."""
    return sum(len(name.encode()) + size_of_value(value) for name, value in (item or {}).items())


def size_of_value(attribute: Mapping[str, Any]) -> int:
    """The bytes of one value, in DynamoDB's own JSON."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return size_of_number(value)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return CONTAINER + sum(ELEMENT + size_of_value(each) for each in value)
        case "M":
            return CONTAINER + sum(ELEMENT + len(name.encode()) + size_of_value(each) for name, each in value.items())
    raise ValueError(f"{kind}: the ledger writes no such type")


def size_of_number(text: str) -> int:
    """One byte for two significant digits, and one; the zeroes at both ends aren't significant."""
    digits = "".join(str(digit) for digit in Decimal(text).as_tuple().digits).strip("0")
    return ceil(len(digits) / 2) + 1


def units_to_write(before: Item | None, after: Item | None) -> int:
    """What a write of the table costs: the larger of both, in whole KB, and never less than one."""
    return max(1, ceil(max(size_of(before), size_of(after)) / KB))


def units_to_index(index: Index, before: Item | None, after: Item | None) -> int:
    """What the write costs in an index: one write for an entry that comes or goes, two for one that moves."""
    old, new = index.entry(before), index.entry(after)
    if old == new:
        return 0
    return sum(units_to_write(None, entry) for entry in (old, new) if entry)


def units_to_read(size: int, *, consistent: bool) -> float:
    """What reading so many bytes costs: 4 KB for a unit, or for half of one where the answer may be a moment old."""
    return max(1, ceil(size / READ_BLOCK)) * (1.0 if consistent else 0.5)
