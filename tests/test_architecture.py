"""What holds of the whole house, whoever builds on it: names and arrows."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.template import ROOT, Stack

STACK = Stack()
FUNCTIONS = dict(STACK.of_type("AWS::Serverless::Function"))
LAYERS = ROOT / "layers"
DOMAIN = LAYERS / "rapport" / "rapport" / "domain"
ADAPTERS = LAYERS / "rapport" / "rapport" / "adapters"

# Of the standard library, what knows more than it was told: the machine, the clock, chance, the network.
IMPURE = {"os", "sys", "time", "random", "secrets", "uuid", "socket", "ssl", "subprocess", "threading", "asyncio"} | {
    "io",
    "logging",
    "pathlib",
    "shutil",
    "tempfile",
    "urllib",
    "http",
}


def stems(folder: Path, pattern: str) -> set[str]:
    """The names of the folder's files that match, without their endings."""
    return {path.stem for path in folder.glob(pattern)}


WOKEN = stems(ROOT / "functions", "*.py")


# --- one name, four places


def test_every_function_has_its_payload_its_tests_and_its_handler_and_there_are_no_others() -> None:
    about_all_functions = {"test_permissions"}
    other_payloads = {"record_receipts_sms_log"}  # what else wakes record_receipts
    assert stems(ROOT / "events", "*.json") == WOKEN | other_payloads
    assert stems(ROOT / "tests" / "functions", "test_*.py") == {f"test_{name}" for name in WOKEN} | about_all_functions
    assert sorted(given["Handler"] for given in FUNCTIONS.values()) == sorted(f"{name}.handler" for name in WOKEN)


def test_a_function_in_the_template_is_called_what_its_file_is_called() -> None:
    said = {logical: given["Handler"].removesuffix(".handler") for logical, given in FUNCTIONS.items()}
    assert {name.title().replace("_", ""): name for name in said.values()} == said


@pytest.mark.parametrize("function", sorted(WOKEN))
def test_a_function_is_short(function: str) -> None:
    assert len((ROOT / "functions" / f"{function}.py").read_text(encoding="utf-8").splitlines()) <= 45


# --- arrows: functions -> adapters -> domain


def files(folder: Path) -> list[Path]:
    """Every Python file in the folder and below."""
    return sorted(folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: expected imports by full names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(path: Path) -> Iterator[str]:
    """Every attribute that the file speaks of, such as `datetime.now`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            yield f"{owner}.{node.attr}"


@pytest.mark.parametrize("path", files(DOMAIN), ids=lambda path: path.stem)
def test_the_domain_knows_only_what_it_is_told(path: Path) -> None:
    pure = (sys.stdlib_module_names - IMPURE) | {"pydantic"}
    strange = [name for name in imports(path) if name.split(".")[0] not in pure]
    assert [name for name in strange if not name.startswith("rapport.domain.")] == []
    clocks = {f"{owner}.{call}" for owner in ("datetime", "date") for call in ("now", "utcnow", "today")}
    assert clocks & set(called(path)) == set()


@pytest.mark.parametrize("path", files(LAYERS), ids=lambda path: path.stem)
def test_the_layers_do_not_know_who_calls_them(path: Path) -> None:
    callers = WOKEN | {"functions", "local", "tests"}
    assert [name for name in imports(path) if name.split(".")[0] in callers] == []


@pytest.mark.parametrize("function", sorted(WOKEN))
def test_a_function_knows_only_the_layers_and_what_lambda_has(function: str) -> None:
    borrowed = sys.stdlib_module_names | {"boto3", "rapport"}
    path = ROOT / "functions" / f"{function}.py"
    assert [name for name in imports(path) if name.split(".")[0] not in borrowed] == []
