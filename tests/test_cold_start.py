"""What a function does as it starts: only what every one of its invocations needs, from bytecode, and no YAML."""

import ast
import datetime
import gc
import json
import pkgutil
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import boto3
import botocore.loaders
import pytest
import s3transfer
from pydantic import BaseModel

import rapport
from local.template import ROOT
from rapport.adapters.content import Content

LAYERS = ROOT / "layers"
PACKAGE = LAYERS / "rapport" / "rapport"
FUNCTIONS = sorted((ROOT / "functions").glob("*.py"))
# What some messages need and most don't, or a large library of which we need ten lines.
DEAR = {"jinja2", "phonenumbers", "yaml", "asyncio", "aws_lambda_powertools.utilities"}
ALWAYS = {"serve_desk": {"jinja2"}}  # each of its answers is a page
SENDERS = {"send_sms", "send_email", "reconcile_sends", "record_receipts"}
JOURNEYS = {"rapport.domain.journey", "rapport.domain.planning", "rapport.domain.advance"}
WHOLE = Path(botocore.__file__).parent / "data"
UNCHECKED = 0b01  # the flags of bytecode that goes by no time and no hash of its source (PEP 552)


def imported_by(source: str) -> Iterator[str]:
    """What the source imports as it is itself imported: not in a function, and not for the type checker."""
    waiting: list[ast.stmt] = ast.parse(source).body
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [inner for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)]


def started_by(source: str) -> set[str]:
    """All that is imported when the source is: by itself, or by a module of ours that it imports."""
    found: set[str] = set()
    waiting = set(imported_by(source))
    while waiting:
        name = waiting.pop()
        found.add(name)
        path = LAYERS / "rapport" / f"{name.replace('.', '/')}.py"
        if path.exists():
            waiting |= set(imported_by(path.read_text(encoding="utf-8"))) - found
    return found


def under(names: set[str], tops: set[str]) -> set[str]:
    """Those of the names that are one of the tops, or lie in one."""
    return {name for name in names if any(name == top or name.startswith(f"{top}.") for top in tops)}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.stem)
def test_a_function_starts_without_what_most_invocations_do_without(function: Path) -> None:
    started = started_by(function.read_text(encoding="utf-8"))
    assert "rapport.adapters.telemetry" in started
    assert under(started, DEAR - ALWAYS.get(function.stem, set())) == set()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.stem)
def test_the_package_is_imported_first_so_that_no_garbage_is_looked_for_while_boto3_is(function: Path) -> None:
    body = ast.parse(function.read_text(encoding="utf-8")).body
    imports = [next(imported_by(ast.unparse(node))) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    tops = [name.partition(".")[0] for name in imports]
    assert next(top for top in tops if top not in sys.stdlib_module_names) == "rapport"
    assert "boto3" in tops
    assert gc.get_threshold()[0] > 150_000


@pytest.mark.parametrize("function", sorted(SENDERS))
def test_what_sends_starts_without_journeys(function: str) -> None:
    started = started_by((ROOT / "functions" / f"{function}.py").read_text(encoding="utf-8"))
    assert "rapport.domain.message" in started
    assert under(started, JOURNEYS) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import yaml", {"yaml"}),
        ("from yaml import CSafeLoader", {"yaml", "yaml.CSafeLoader"}),
        ("class A:\n    import yaml", {"yaml"}),
        ("try:\n    import yaml\nfinally:\n    pass", {"yaml"}),
        ("from rapport.adapters import phone_numbers", {"phonenumbers", "phonenumbers.timezone"}),
        ("import rapport.adapters.templates", {"jinja2"}),
        ("def read():\n    import yaml", set()),
        ("if TYPE_CHECKING:\n    import yaml", set()),
    ],
)
def test_a_dear_import_is_found_wherever_it_costs(source: str, found: set[str]) -> None:
    dear = under(started_by(source), DEAR)
    assert found <= dear
    assert bool(found) == bool(dear)


def test_a_model_is_built_when_it_is_first_used() -> None:
    names = [module.name for module in pkgutil.walk_packages(rapport.__path__, "rapport.") if not module.ispkg]
    found = [each for name in names for each in vars(import_module(name)).values() if isinstance(each, type)]
    models = {each for each in found if issubclass(each, BaseModel) and each is not BaseModel}
    assert len(models) > 30
    assert {model.__name__ for model in models if not model.model_config.get("defer_build")} == set()


# --- what the layers' builds make


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The shipped content as the layer's build leaves it."""
    folder = Path(shutil.copytree(LAYERS / "content", tmp_path / "content"))
    as_json(folder)
    return folder


def as_json(folder: Path) -> None:
    """What the layer's build does to the folder."""
    runpy.run_path(str(LAYERS / "content" / "as_json.py"))["put_json_in_place"](folder)


def test_functions_read_in_json_what_we_wrote_in_yaml(built: Path) -> None:
    assert list(built.rglob("*.yaml")) == []
    shipped, read = Content(LAYERS / "content"), Content(built)
    for part in ("policy", "voice", "plain_words", "replies", "rules", "sentences", "catalogue", "journeys"):
        assert getattr(read, part) == getattr(shipped, part), part
    assert list(read.journeys) == list(shipped.journeys)


def test_a_value_that_json_has_no_word_for_ends_the_build(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("since: 2026-11-23", encoding="utf-8")
    with pytest.raises(TypeError, match=datetime.date.__name__):
        as_json(tmp_path)
    assert not (tmp_path / "policy.json").exists()


def test_what_stays_yaml_is_read_all_the_same(built: Path) -> None:
    policy = built / "policy.json"
    (built / "policy.yaml").write_text(json.dumps(json.loads(policy.read_bytes())), encoding="utf-8")
    policy.unlink()
    assert Content(built).policy == Content(LAYERS / "content").policy


def build_package(folder: Path, python: str) -> str:
    """The layer of our own code, built into the folder; returns what the build said."""
    command = ["make", "--silent", "build-RapportLayer", f"ARTIFACTS_DIR={folder}", f"BYTECODE={python}"]
    return subprocess.run(command, cwd=LAYERS / "rapport", check=True, capture_output=True, text=True).stdout  # noqa: S603


def test_each_module_goes_up_with_bytecode_that_holds_whatever_its_time(tmp_path: Path) -> None:
    assert build_package(tmp_path, sys.executable) == ""
    compiled = list(tmp_path.rglob("*.pyc"))
    assert len(compiled) == len(list(tmp_path.rglob("*.py"))) == len(list(PACKAGE.rglob("*.py")))
    assert {int.from_bytes(file.read_bytes()[4:8], "little") for file in compiled} == {UNCHECKED}


def test_a_machine_without_lambdas_python_says_what_it_leaves_out(tmp_path: Path) -> None:
    assert "without bytecode" in build_package(tmp_path, "python-that-is-not-here")
    assert len(list(tmp_path.rglob("*.py"))) == len(list(PACKAGE.rglob("*.py")))
    assert list(tmp_path.rglob("*.pyc")) == []


# --- boto3, as it goes up


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with boto3 as the layer's build leaves it."""
    folder = tmp_path_factory.mktemp("python")
    others = shutil.ignore_patterns("__pycache__", "examples")
    for package in (boto3, botocore, s3transfer):
        shutil.copytree(Path(str(package.__file__)).parent, folder / package.__name__, ignore=others)
    runpy.run_path(str(LAYERS / "dependencies" / "lean_boto3.py"))["make_lean"](folder)
    return folder


def called() -> set[str]:
    """The services for which functions and adapters make clients."""
    files = [*FUNCTIONS, *(PACKAGE / "adapters").glob("*.py")]
    calls = [
        node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    return {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "boto3.client"}


def test_lean_boto3_makes_the_clients_that_functions_make_and_no_others(lean: Path) -> None:
    source = f"""if True:
        import boto3, sys
        for service in {sorted(called())}:
            client = boto3.client(service, region_name="eu-west-1")
            assert "eu-west-1" in client.meta.endpoint_url, service
            assert client.meta.service_model.operation_names
        assert boto3.client("dynamodb", region_name="eu-west-1").can_paginate("query")
        import boto3.dynamodb.types
        assert boto3.session.Session().get_available_services() == {sorted(called())}
        assert not {{"multiprocessing", "s3transfer.copies"}} & set(sys.modules)
        print(boto3.__file__)
    """
    told = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", source], env={"PYTHONPATH": str(lean)}, check=True, capture_output=True, text=True
    ).stdout
    assert told.strip() == str(lean / "boto3" / "__init__.py")
    assert sorted(path.name for path in (lean / "s3transfer").glob("*.py")) == ["__init__.py", "manager.py"]


def test_lean_boto3_knows_of_each_call_all_but_what_only_people_read(lean: Path) -> None:
    loaders = [
        botocore.loaders.Loader([str(place)], include_default_search_paths=False)
        for place in (lean / "botocore" / "data", WHOLE)
    ]
    for service in called():
        ours, theirs = (loader.load_service_model(service, "service-2") for loader in loaders)
        assert "documentation" not in ours
        assert set(ours["operations"]) == set(theirs["operations"])
        assert ours["shapes"].keys() == theirs["shapes"].keys()
        for name, shape in ours["shapes"].items():
            assert shape.get("members", {}).keys() == theirs["shapes"][name].get("members", {}).keys(), name
