"""What functions tell of themselves (logs, metrics, reasons of dead letters) holds nothing personal of any customer."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from local.world import World
from rapport.adapters import items

SHORTEST_NAME: Final = 4
SHORTEST_TEXT: Final = 12
BEGINNING: Final = 20  # so much of a text gives it away
NUMBER: Final = re.compile(r"\+?\d{7,15}")
MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WORD: Final = re.compile(r"[^\W\d_]{4,}")


def strings(value: Any) -> Iterator[str]:
    """Every text in the value, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def told(world: World) -> set[str]:
    """All that is told: each text once."""
    found: set[str] = set()
    for line in world.log.lines:
        found.update(strings(json.loads(line)) if line.startswith("{") else [line])
    for queue, _ in world.stack.of_type("AWS::SQS::Queue"):
        for letter in world.deployment.letters(queue):
            found.update(given["StringValue"] for given in letter.message_attributes.values() if "StringValue" in given)
    return found


class Personal:
    """The numbers, e-mail addresses, names and texts of customers that a world has seen, and where they are told."""

    def __init__(self, world: World) -> None:
        self.addresses = {taken.to.lstrip("+").lower() for taken in world.carriers.taken}
        self.names: set[str] = set()
        self.texts = {text for taken in world.carriers.taken for text in (taken.text, taken.subject or "")}
        shard = world.deployment.table(world.ledger_table).stream_shard
        for record in shard.items if shard else ():
            self.see(record.record["dynamodb"].get("NewImage", {}))
        ours = {str(world.stack.parameters[name]).lower() for name in ("FromAddress", "DeskAddress")}
        self.addresses -= ours
        self.beginnings = {text.strip()[:BEGINNING] for text in self.texts if len(text.strip()) >= SHORTEST_TEXT}

    def see(self, item: items.Item) -> None:
        """Remembers what is personal in an item of the ledger."""
        match item.get("kind", {}).get("S"):
            case "customer":
                customer = items.from_item(item)
                self.addresses |= {each["value"].lstrip("+").lower() for each in customer.get("addresses", [])}
                name = str(customer.get("name") or "")
                self.names |= {word for word in WORD.findall(name) if len(word) >= SHORTEST_NAME and word[0].isupper()}
            case "turn" | "content" | "message":
                self.texts |= {item[field]["S"] for field in ("text", "subject") if field in item}

    def in_any(self, lines: Iterable[str]) -> list[str]:
        """The lines that give something away."""
        return [line for line in lines if self.is_in(line)]

    def is_in(self, line: str) -> bool:
        """Whether the line has a number, an address, a name, or the beginning of a text."""
        found = {each.lstrip("+") for each in NUMBER.findall(line)} | {each.lower() for each in MAIL.findall(line)}
        if found & self.addresses or self.names.intersection(WORD.findall(line)):
            return True
        return " " in line and any(text in line for text in self.beginnings)


def leaks(world: World) -> list[str]:
    """What this world's functions told of its customers."""
    return sorted(Personal(world).in_any(told(world)))
