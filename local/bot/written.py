"""template.yaml as it is written: every value with the line that it stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.check.problem import Problem, UnreadableError, read_text
from local.check.yaml_lines import Path_, Sheet, parse, unreadable
from local.template import Loader


@dataclass(frozen=True)
class Written:
    """A value in its place. What isn't there is nothing, and has nothing in it."""

    sheet: Sheet
    path: Path_ = ()
    value: Any = None

    def __getitem__(self, name: str) -> "Written":
        """What stands under the key."""
        inner = self.value.get(name) if isinstance(self.value, dict) else None
        return Written(self.sheet, (*self.path, name), inner)

    def each(self) -> list["Written"]:
        """The items of a list."""
        items = self.value if isinstance(self.value, list) else []
        return [Written(self.sheet, (*self.path, index), item) for index, item in enumerate(items)]

    def entries(self) -> Iterator[tuple[str, "Written"]]:
        """The keys of a mapping, each with its value."""
        for name in self.value if isinstance(self.value, dict) else ():
            yield str(name), self[name]

    def below(self) -> Iterator["Written"]:
        """The value itself and all that is in it."""
        yield self
        for inner in [*self.each(), *(value for _, value in self.entries())]:
            yield from inner.below()

    @property
    def text(self) -> str:
        """The value if it is text, else nothing."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def line(self) -> int:
        """Where it stands; of what isn't there, where it would belong."""
        return self.sheet.line(self.path)

    def problem(self, place: str, text: str) -> Problem:
        """A mistake here."""
        return Problem(self.sheet.file, self.line, place, text)


def read_written(path: Path) -> Written:
    """The whole template. Raises UnreadableError."""
    text = read_text(path.parent, path.name)
    sheet = Sheet(path.name, parse(path.name, text))
    try:
        return Written(sheet, (), Loader(text).get_single_data())
    except yaml.MarkedYAMLError as error:
        raise unreadable(path.name, text, error) from None
    except Exception:  # YAML lets whatever Python says of a value such as 2026-13-45 through
        raise UnreadableError(path.name, 1, "expected YAML whose values can be read") from None


def of_type(template: Written, kind: str) -> list[tuple[str, Written]]:
    """Logical name and properties of every resource of the type."""
    resources = template["Resources"].entries()
    return [(name, resource["Properties"]) for name, resource in resources if resource["Type"].text == kind]
