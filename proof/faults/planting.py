"""Plants a mistake in the product's code while it runs, in the words of that code; where those are gone, it says so."""

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest.mock import patch

from proof.faults.play import Plan


class GoneError(LookupError):
    """The code that a planted mistake changes isn't there as it was: the mistake has to be written anew."""


@dataclass(frozen=True)
class Edit:
    """In the function at `where`, such as `rapport.domain.sending:hand_over`, `old` becomes `new`.

    Without `old`, `where` names a constant, and `new` is what stands for it.
    """

    where: str
    old: str
    new: str


@dataclass(frozen=True)
class Mistake:
    """A mistake that somebody could make, and the plans under which it shows; with `pure` the domain's runs show it."""

    name: str
    edits: tuple[Edit, ...]
    plans: tuple[Plan, ...] = ()
    pure: bool = False


@contextmanager
def planted(mistake: Mistake) -> Iterator[None]:
    """The product with the mistake in it, for as long as this lasts. Raises GoneError."""
    with ExitStack() as exits:
        for where in dict.fromkeys(edit.where for edit in mistake.edits):
            exits.enter_context(edited(where, [edit for edit in mistake.edits if edit.where == where]))
        yield


@contextmanager
def edited(where: str, edits: list[Edit]) -> Iterator[None]:
    """One place changed. A function keeps its identity and gets other code: whoever has imported it has that too."""
    module_name, _, path = where.partition(":")
    module = import_module(module_name)
    function = find(module, path)
    if not edits[0].old:
        with patch.object(module, path, eval(edits[0].new, vars(module))):  # noqa: S307 (our own words)
            yield
        return
    before = function.__code__
    function.__code__ = changed(function, edits).__code__
    try:
        yield
    finally:
        function.__code__ = before


def find(module: Any, path: str) -> Any:
    """The function or method. Raises GoneError."""
    found = module
    for name in path.split("."):
        if not hasattr(found, name):
            raise GoneError(f"{module.__name__} has no {path} any more")
        found = getattr(found, name)
    return found


def changed(function: Any, edits: list[Edit]) -> Any:
    """The function as its changed source makes it. Raises GoneError unless the words are there, once."""
    source = textwrap.dedent(inspect.getsource(function))
    for edit in edits:
        if source.count(edit.old) != 1:
            raise GoneError(f"{edit.where} says {edit.old!r} {source.count(edit.old)} times; expected once")
        source = source.replace(edit.old, edit.new)
    scope = dict(function.__globals__)
    exec(compile(source, inspect.getfile(function), "exec"), scope)  # noqa: S102 (our own words)
    return scope[function.__name__]
