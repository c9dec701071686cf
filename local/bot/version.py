"""The version of a bot: CloudFormation makes a new one only under a new name, so the name has to follow the content.

Nothing in an AWS::Lex::BotVersion changes when an intent does. Its logical name ends in a hash of BotLocales.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from local.bot.written import Written, of_type
from local.check.problem import Problem

HASH = re.compile(r"[0-9a-f]{10}$")
NAME = re.compile(r"(?<![.\w])[A-Za-z0-9]+")  # of a resource; its attribute comes after a point
NAME_IN_TEXT = re.compile(r"(?<=\$\{)[A-Za-z0-9]+")
NAMED_BY = {"!Ref": NAME, "!GetAtt": NAME, "!Sub": NAME_IN_TEXT}
NAMED_UNDER = {"Ref": NAME, "Fn::GetAtt": NAME, "DependsOn": NAME, "Fn::Sub": NAME_IN_TEXT}
Reference = tuple[yaml.ScalarNode, re.Pattern[str]]


@dataclass(frozen=True)
class Version:
    """A version in the template: what it is called, and what its bot's content wants it to be called."""

    logical: str
    expected: str

    def stale(self, name: str) -> bool:
        """Whether this is a name of the version for another content."""
        return name != self.expected and HASH.sub("", name) == HASH.sub("", self.expected)


def hash_of(bot: Written) -> str:
    """Ten hexadecimal digits of what the bot's locales say."""
    content = json.dumps(bot["BotLocales"].value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:10]


def versions(template: Written) -> Iterator[Version]:
    """Each version of a bot whose locales the template has."""
    bots = dict(of_type(template, "AWS::Lex::Bot"))
    for logical, version in of_type(template, "AWS::Lex::BotVersion"):
        bot = bots.get(version["BotId"]["Ref"].text)
        if bot and bot["BotLocales"].value:
            yield Version(logical, HASH.sub("", logical) + hash_of(bot))


def check_versions(template: Written) -> Iterator[Problem]:
    """Names of versions, where they are given and where they are used, that are not for this content."""
    sheet = template.sheet
    for version in versions(template):
        expected = f"expected {version.expected}, for what BotLocales says now; rapport bot lint --fix writes it"
        if version.stale(version.logical):
            yield template["Resources"][version.logical].problem(
                "", f"the version {version.logical} is stale; {expected}"
            )
        for node, names in references(template):
            for name in names.findall(node.value):
                if version.stale(name):
                    line = node.start_mark.line + 1
                    yield Problem(sheet.file, line, "", f"{name} is a stale version; {expected}")


def references(template: Written) -> Iterator[Reference]:
    """Every value that names resources, with how it names them."""
    for path, node in template.sheet.scalars():
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        attribute = key == "Fn::GetAtt" and path[-1] == 1
        names = NAMED_BY.get(node.tag) or NAMED_UNDER.get(key)
        if names and not attribute:
            yield node, names


def fix_versions(path: Path, template: Written) -> list[str]:
    """Gives stale versions the names that their content wants; returns what was renamed."""
    text = path.read_bytes().decode()
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    spans: dict[tuple[int, int], re.Pattern[str]] = {}
    for node, names in references(template):
        begin, end = node.start_mark, node.end_mark
        spans[starts[begin.line] + begin.column, starts[end.line] + end.column] = names
    known = list(versions(template))
    for version in known:
        start = starts[template["Resources"][version.logical].line - 1]
        spans[start, text.index(":", start)] = NAME
    told: dict[str, None] = {}
    for (start, stop), names in sorted(spans.items(), key=lambda item: item[0], reverse=True):
        before = text[start:stop]
        after = names.sub(lambda found: renamed(found[0], known), before)
        told |= {f"{path.name}: {old} is now {renamed(old, known)}": None for old in stale_in(names, before, known)}
        text = text[:start] + after + text[stop:]
    if told:
        path.write_bytes(text.encode())
    return list(told)


def stale_in(names: re.Pattern[str], text: str, known: list[Version]) -> list[str]:
    """The stale names in the text."""
    return [name for name in names.findall(text) if renamed(name, known) != name]


def renamed(name: str, known: list[Version]) -> str:
    """The new name of a version that is stale; any other name as it is."""
    return next((version.expected for version in known if version.stale(name)), name)
