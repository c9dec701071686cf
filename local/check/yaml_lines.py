"""A YAML file together with the line of every key and value in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from local.check.problem import Problem, UnreadableError, read_text
from rapport.adapters.content import read_yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one that reads content at run time
DEEPEST = 100
Path_ = tuple[str | int, ...]  # the keys and indices that lead to a value


class Sheet:
    """`file` is relative to the content's folder; `root` is nothing for a file that is empty or can't be read."""

    def __init__(self, file: str, root: yaml.Node | None = None) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.nodes: dict[Path_, yaml.Node] = {}
        self.written: dict[Path_, str] = {}
        self.repeated: list[Problem] = []
        if root is not None:
            self.add((), root, root.start_mark.line + 1, frozenset())

    def add(self, path: Path_, node: yaml.Node, line: int, above: frozenset[int]) -> None:
        """Takes down the node and all below it; a value that contains itself is followed once."""
        self.lines[path], self.nodes[path] = line, node
        if id(node) in above:
            return
        above |= {id(node)}
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.add((*path, index), item, item.start_mark.line + 1, above)
        elif isinstance(node, yaml.MappingNode):
            self.add_keys(path, node, above)

    def add_keys(self, path: Path_, node: yaml.MappingNode, above: frozenset[int]) -> None:
        """Takes down a mapping's keys; YAML would quietly let the last of two equal ones count."""
        for key, value in node.value:
            name = key_of(key)
            inner, line = (*path, name), key.start_mark.line + 1
            self.written[inner] = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if inner in self.lines and name != "<<":
                text = f"expected each key once, found it in line {self.lines[inner]} as well"
                self.repeated.append(self.problem_at(line, inner, text))
                continue
            self.add(inner, value, line, above)

    def line(self, path: Path_) -> int:
        """The line of the value, or of the nearest that there is above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path_, text: str) -> Problem:
        """A mistake in this place."""
        return self.problem_at(self.line(path), path, text)

    def problem_at(self, line: int, path: Path_, text: str) -> Problem:
        """A mistake in a line that is known."""
        return Problem(self.file, line, self.place(path), text)

    def place(self, path: Path_) -> str:
        """`steps.1.send.route`, with the keys as they are written."""
        return ".".join(self.written.get(path[: end + 1], str(part)) for end, part in enumerate(path))

    def scalars(self) -> Iterator[tuple[Path_, yaml.ScalarNode]]:
        """Every single value."""
        for path, node in self.nodes.items():
            if isinstance(node, yaml.ScalarNode):
                yield path, node


def key_of(node: yaml.Node) -> str | int:
    """The key as pydantic names it in its findings: YAML's `no` is false to it, and false is 0."""
    if not isinstance(node, yaml.ScalarNode):
        return "?"
    if node.tag == "tag:yaml.org,2002:bool":
        return int(yaml.SafeLoader.bool_values.get(node.value.lower(), False))
    return str(node.value)


def read_sheet(directory: Path, file: str) -> tuple[Sheet, Any]:
    """The file's lines, and its values as they are read at run time. Raises UnreadableError."""
    text = read_text(directory, file)
    sheet = Sheet(file, parse(file, text))
    try:
        return sheet, read_yaml(directory / file)
    except yaml.MarkedYAMLError as error:
        raise unreadable(file, text, error) from None
    except Exception:  # YAML lets whatever Python says of a value such as 2026-13-45 through
        raise strange_value(sheet) from None


def parse(file: str, text: str) -> yaml.Node | None:
    """The tree of what was written. Raises UnreadableError."""
    try:
        check_depth(file, text)
        root: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        raise unreadable(file, text, error) from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise UnreadableError(file, line, "expected text without control characters") from None
    return root


def check_depth(file: str, text: str) -> None:
    """Raises UnreadableError for what is nested so deeply that the C parser would bring Python down."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise UnreadableError(file, line, f"expected at most {DEEPEST} levels of keys and lists in one another")


def unreadable(file: str, text: str, error: yaml.MarkedYAMLError) -> UnreadableError:
    """What is wrong with the YAML, and in which line."""
    mark = error.problem_mark or error.context_mark
    problem = " ".join(part for part in (error.context, error.problem) if part)
    lines = text.split("\n")
    line = min(mark.line if mark else 0, len(lines) - 1)
    if mark and lines[line][mark.column : mark.column + 1] == "\t":
        problem = "a tab; expected spaces"
    return UnreadableError(file, line + 1, f"expected YAML, found: {problem}")


def strange_value(sheet: Sheet) -> UnreadableError:
    """The first value that YAML takes for a date, a number or the like, and that is none."""
    for path, node in sheet.scalars():
        try:
            yaml.SafeLoader("").construct_object(node, deep=True)
        except Exception:  # the same as in read_sheet
            text = f"expected a value that can be read, found {node.value[:40]!r}; put it in quotes if it is text"
            return UnreadableError(sheet.file, sheet.line(path), f"{sheet.place(path)}: {text}")
    return UnreadableError(sheet.file, 1, "expected YAML whose values can be read")
