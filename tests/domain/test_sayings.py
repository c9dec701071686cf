"""What the code says in conversations is what SAYINGS lists, with the facts that it lists; read off the code itself."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import pytest

from rapport.domain import sayings
from rapport.domain.conversation import Cause, Question
from rapport.domain.sayings import ASKING, DELIVERY, HOURS, MISSES, SAYINGS
from rapport.domain.talk import ASKED_BY_JOURNEYS, hear_one
from tests.domain.builders import NOON
from tests.domain.scenes import a_scene, a_turn

LAYER = Path(sayings.__file__).parents[2]
FILES = sorted((LAYER / "rapport").rglob("*.py"))
# What takes a sentence's name, and where.
TAKES = {"say": 1, "Saying": 0, "missed": 2, "sent_to": 4, "answer": 0}
KNOWN = {"facts_of": DELIVERY.keys(), "hours": HOURS.keys()}


class Said(NamedTuple):
    """One place that says something: by which call, in which function and module."""

    call: ast.Call
    function: ast.FunctionDef
    module: str

    @property
    def by(self) -> str:
        """What is called."""
        return self.call.func.attr if isinstance(self.call.func, ast.Attribute) else ast.unparse(self.call.func)

    @property
    def where(self) -> str:
        """The place, for people."""
        return f"{self.module}:{self.call.lineno}"


def parsed(path: Path) -> ast.Module:
    """What the file says."""
    return ast.parse(path.read_text(encoding="utf-8"))


def is_cause(node: ast.AST) -> TypeGuard[ast.Attribute]:
    """Whether it is `Cause.ASKED` or the like."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Cause"


def all_said() -> Iterator[Said]:
    """Every call in the layer that takes a sentence's name."""
    for path in FILES:
        module = ".".join(path.relative_to(LAYER).with_suffix("").parts)
        for function in (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                said = Said(call, function, module)
                if said.by in TAKES and len(call.args) > TAKES[said.by]:
                    yield said


ALL = list(all_said())


def names_of(said: Said) -> set[str]:
    """The names that the call may say."""
    return set(values(said.call.args[TAKES[said.by]], said))


def values(node: ast.expr, said: Said) -> Iterator[str]:
    """The texts that the expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from values(node.body, said)
            yield from values(node.orelse, said)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="get")):
            yield from getattr(importlib.import_module(said.module), table).values()
        case ast.Name(id=name):
            yield from named(name, said)


def named(name: str, said: Said) -> Iterator[str]:
    """The texts that a variable may be: as the function sets it, as its callers do, or as the module has it."""
    parameters = [each.arg for each in [*said.function.args.posonlyargs, *said.function.args.args]]
    if name in parameters:
        own = said.function.name
        if TAKES.get(own) == parameters.index(name):
            yield from (text for other in ALL if other.by == own for text in names_of(other))
        return
    found = list(assigned(name, said.function))
    for value in found:
        yield from values(value, said)
    constant = getattr(importlib.import_module(said.module), name, None)
    if not found and isinstance(constant, str):
        yield constant


def assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What the function gives the name to."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == name for each in node.targets
        ):
            yield node.value
        if isinstance(node, ast.NamedExpr) and node.target.id == name:
            yield node.value


def facts_in(said: Said) -> set[str] | None:
    """The facts that `say` is given; None when they can't be read off the code."""
    facts: set[str] = set()
    for keyword in said.call.keywords:
        more = {keyword.arg} if keyword.arg else keys_of(keyword.value, said)
        if more is None:
            return None
        facts |= more
    return facts


def keys_of(node: ast.expr, said: Said) -> set[str] | None:
    """The keys of what is unpacked."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in KNOWN:
            return set(KNOWN[name])
        case ast.Dict():
            keys: set[str] = set()
            for key, value in zip(node.keys, node.values, strict=True):
                inner = {str(key.value)} if isinstance(key, ast.Constant) else keys_of(value, said)
                keys |= inner or set()
            return keys
        case ast.Name(id=name):
            found = [keys_of(value, said) for value in assigned(name, said.function)]
            return found[0] if found else None
    return None


def test_the_code_says_no_other_sentence_than_those_listed() -> None:
    strange = {f"{said.where}: {name}" for said in ALL for name in names_of(said) - SAYINGS.keys()}
    assert strange == set()


def test_every_sentence_listed_is_said_somewhere() -> None:
    assert SAYINGS.keys() - {name for said in ALL for name in names_of(said)} == set()


@pytest.mark.parametrize("said", [said for said in ALL if said.by == "say"], ids=lambda said: said.where)
def test_a_sentence_is_given_the_facts_that_are_listed(said: Said) -> None:
    facts: Any = facts_in(said)
    assert names_of(said), "expected a name that can be read off the code"
    assert dict.fromkeys(names_of(said), facts) == {name: set(SAYINGS[name]) for name in names_of(said)}


def test_every_cause_of_a_hand_over_is_given_somewhere() -> None:
    given = {node.attr for path in FILES for node in ast.walk(parsed(path)) if is_cause(node)}
    assert given == {cause.name for cause in Cause}


@pytest.mark.parametrize("asks", ASKED_BY_JOURNEYS)
def test_what_a_journey_may_ask_is_heard(asks: str) -> None:
    question = Question(asks=asks, asked_at=NOON, about="42", journey="any", message="m-1")
    heard = [hear_one(a_turn(text), question, a_scene()) for text in ("yes", "love it")]
    assert any(heard)
    assert hear_one(a_turn("yes"), question.model_copy(update={"asks": "something-else"}), a_scene()) is None


def test_what_owns_a_miss_and_what_asks_something_is_listed_and_is_not_both() -> None:
    assert SAYINGS.keys() >= MISSES | ASKING
    assert not MISSES & ASKING


def test_what_is_said_of_a_miss_is_listed_as_one() -> None:
    assert {name for said in ALL if said.by == "missed" for name in names_of(said)} <= MISSES
