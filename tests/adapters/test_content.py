"""The company's files: what is read when, which wording a template is, and which fields an event has."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from rapport.adapters.content import Content, read_yaml
from rapport.domain.message import UnsayableError
from rapport.domain.words import Channel
from tests.adapters.sayings import SHIPPED, TEMPLATES, facts


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The company's files, to be changed."""
    return Path(shutil.copytree(SHIPPED.directory, tmp_path / "content"))


def version(directory: Path) -> str:
    """The wording of one template, as a fresh reader sees it."""
    return Content(directory).version("check-in")


def append(file: str) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        path = directory / file
        path.write_text(path.read_text(encoding="utf-8") + "# x\n", encoding="utf-8")

    return change


def add_language(directory: Path) -> None:
    (directory / "templates/check-in/sms.de.txt").write_text("Hallo", encoding="utf-8")


def remove_language(directory: Path) -> None:
    (directory / "templates/check-in/sms.fr.txt").unlink()


def rename(directory: Path) -> None:
    (directory / "templates/check-in/sms.fr.txt").rename(directory / "templates/check-in/sms.fr-CA.txt")


def swap(directory: Path) -> None:
    one, other = directory / "templates/check-in/sms.txt", directory / "templates/check-in/sms.fr.txt"
    words = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(words)


def touch(directory: Path) -> None:
    (directory / "templates/check-in/notes.md").write_text("not a wording", encoding="utf-8")


CHANGES = [append(f"templates/check-in/{name}") for name in ("sms.txt", "sms.fr.txt", "email.txt", "email.fr.txt")]


@pytest.mark.parametrize("change", [*CHANGES, add_language, remove_language, rename, swap])
def test_another_wording_is_another_version(copied: Path, change: Callable[[Path], None]) -> None:
    before = version(copied)
    change(copied)
    assert version(copied) != before


@pytest.mark.parametrize(
    "change", [touch, append("templates/thank-you/sms.txt"), append("voice.yaml"), append("policy.yaml")]
)
def test_what_is_no_wording_of_the_template_leaves_its_version(copied: Path, change: Callable[[Path], None]) -> None:
    before = version(copied)
    change(copied)
    assert version(copied) == before


def test_the_version_doesnt_depend_on_where_the_files_are(copied: Path) -> None:
    assert [Content(copied).version(name) for name in TEMPLATES] == [SHIPPED.version(name) for name in TEMPLATES]
    assert len({SHIPPED.version(name) for name in TEMPLATES}) == len(TEMPLATES)


def test_a_template_that_is_gone_has_no_version() -> None:
    with pytest.raises(UnsayableError, match="templates/gone: no such template"):
        SHIPPED.version("gone")


def test_the_shipped_files_are_all_there() -> None:
    assert sorted(SHIPPED.journeys) == ["back-in-stock", "check-in", "delivery-reminder"]
    assert all(name == journey.journey for name, journey in SHIPPED.journeys.items())
    assert "delivery.scheduled" in SHIPPED.catalogue
    assert SHIPPED.policy.caps
    assert set(SHIPPED.voice.sign_off) == set(SHIPPED.voice.languages)


def test_optional_fields_of_an_event_are_there_and_nothing() -> None:
    told = {"type": "delivery.scheduled", "data": {"order": "42", "window": "noon", "extra": 1}}
    expected = {"order": "42", "window": "noon", "extra": 1, "due_at": None, "item": None}
    assert SHIPPED.complete(told) == {"type": "delivery.scheduled", "data": expected}
    assert told["data"] == {"order": "42", "window": "noon", "extra": 1}


def test_what_is_no_event_gets_no_fields() -> None:
    assert SHIPPED.complete({}) == {"data": {}}
    assert SHIPPED.complete({"status": "delivered"}) == {"status": "delivered", "data": {}}
    assert SHIPPED.complete({"type": "unheard.of", "data": {"a": 1}}) == {"type": "unheard.of", "data": {"a": 1}}


def test_what_was_heard_has_its_optional_fields_too(copied: Path) -> None:
    source = "{% if heard.data.text %}{{ heard.data.text }}{% else %}no words{% endif %}"
    (copied / "templates/check-in/sms.txt").write_text(source, encoding="utf-8")
    content, told = Content(copied), facts("check-in")
    reply = {"type": "reply.received", "data": {"journey": "check-in", "about": "42"}}
    assert content.render("check-in", Channel.SMS, "en", {**told, "heard": reply}).text == "no words"
    with pytest.raises(UnsayableError, match="has no attribute 'text'"):
        content.render("check-in", Channel.SMS, "en", told)


@pytest.mark.parametrize("broken", ["a: [", "\t- x", "a: b: c", "!!python/object:os.system {}", "\x00"])
def test_broken_yaml_raises(tmp_path: Path, broken: str) -> None:
    (tmp_path / "policy.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(yaml.YAMLError):
        read_yaml(tmp_path / "policy.yaml")
    with pytest.raises(yaml.YAMLError):
        Content(tmp_path).policy  # noqa: B018


@pytest.mark.parametrize(
    ("file", "part", "addition"),
    [
        ("policy.yaml", "policy", "unheard: 1\n"),
        ("voice.yaml", "voice", "unheard: 1\n"),
        ("events.yaml", "catalogue", "stock.gone: {item: colour}\n"),
        ("journeys/check-in.yaml", "journeys", "unheard: 1\n"),
    ],
)
def test_an_unheard_of_line_raises_when_its_file_is_read(copied: Path, file: str, part: str, addition: str) -> None:
    path = copied / file
    path.write_text(path.read_text(encoding="utf-8") + addition, encoding="utf-8")
    with pytest.raises(ValidationError):
        getattr(Content(copied), part)


def test_a_missing_file_raises_and_only_when_it_is_asked_for(copied: Path) -> None:
    (copied / "voice.yaml").unlink()
    content = Content(copied)
    assert content.policy.caps
    with pytest.raises(FileNotFoundError):
        content.voice  # noqa: B018
