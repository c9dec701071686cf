"""What happened in a run, line by line, for whoever looks for the cause."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from proof.faults.books import Books
from proof.faults.journal import HandOver

TOKEN: Final = re.compile(r"(?<=owner=)[0-9a-f]{16}|(?<=taken as )[^,]+")
TOLD: Final = (
    "status",
    "outcome",
    "owner",
    "attempts",
    "doubts",
    "due_at",
    "lease_until",
    "detail",
    "reason",
    "handled",
)


def history(books: Books) -> list[str]:
    """Faults, writes of the ledger and requests to carriers in the order in which they were."""
    lines: list[tuple[int, int, str]] = []
    for (customer, name), writes in books.history.written.items():
        lines += [(each.position, 0, line(each.at, customer, name, *facts(each.image))) for each in writes]
    for position, at, fault in books.world.journal.faults:
        lines.append((position, 1, line(at, "FAULT", str(fault))))
    for request in books.world.journal.hand_overs:
        lines.append((request.position, 2, line(request.at, request.function, *asked(request))))
    return named([text for _, _, text in sorted(lines, key=lambda each: each[:2])])


def named(lines: list[str]) -> list[str]:
    """The lines with numbers for the random tokens in them: they are others in each run of the same plan."""
    names: dict[str, str] = {}

    def name(token: re.Match[str]) -> str:
        return names.setdefault(token[0], f"#{len(names) + 1}")

    return [TOKEN.sub(name, each) for each in lines]


def line(at: datetime, *parts: str) -> str:
    """One line."""
    return " ".join((f"{at:%a %H:%M:%S}", *parts))


def facts(image: dict[str, Any]) -> Iterator[str]:
    """What a write says of where something is now."""
    if not image:
        yield "is gone"
    for name in TOLD:
        if name in image:
            yield f"{name}={image[name]}"


def asked(request: HandOver) -> Iterator[str]:
    """What a carrier was asked, and what it and its sender made of that."""
    yield f"asks the carrier for {request.to}: {request.text.splitlines()[0][:60]!r};"
    yield f"taken as {request.carrier_id}," if request.carrier_id else "not taken,"
    yield "answered" if request.answered else "no answer"
