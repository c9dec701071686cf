"""Every mistake in a content folder is found, with its file and line and with what was expected."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.check.content import problems
from tests.local.content_mistakes import (
    CHECK_IN,
    EMAIL,
    FINE,
    FORM,
    JOURNEYS,
    LAYOUT,
    REMINDER,
    SMS,
    STOCK,
    TEMPLATES,
    THANKS,
    YAML,
)
from tests.local.conversation_mistakes import ALSO_FINE, ANSWERS, HEARD

SHIPPED = Path(__file__).parents[2] / "layers" / "content"
FILES = sorted(str(file.relative_to(SHIPPED)) for file in SHIPPED.rglob("*.*") if file.is_file())


WHOLE = {file: (SHIPPED / file).read_bytes() for file in FILES}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the shipped content for all tests: copying is the slow part of them."""
    return Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("copied") / "content"))


@pytest.fixture
def content(copied: Path) -> Iterator[Path]:
    """A copy of the shipped content, which is put right again after the test."""
    yield copied
    for file, text in WHOLE.items():
        if not (copied / file).exists() or (copied / file).read_bytes() != text:
            (copied / file).write_bytes(text)
    for path in sorted(copied.rglob("*"), reverse=True):
        if not (SHIPPED / path.relative_to(copied)).exists():
            path.rmdir() if path.is_dir() else path.unlink()


def replace(content: Path, file: str, old: str, new: str) -> None:
    """Puts something else in the place of a piece of the file, which has to be in it."""
    text = (content / file).read_text(encoding="utf-8")
    assert old in text
    (content / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def assert_found(content: Path, where: str, words: str) -> None:
    """One of the problems is in this place and says all of the words."""
    found = problems(content)
    said = words.split(" | ")
    assert any(problem.startswith(f"{where}: ") and all(word in problem for word in said) for problem in found), found


def test_the_shipped_content_has_no_mistakes() -> None:
    assert problems(SHIPPED) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "words"),
    [
        (file, *mistake)
        for mistakes in (YAML, FORM, JOURNEYS, TEMPLATES, ANSWERS, HEARD)
        for file, many in mistakes.items()
        for mistake in many
    ],
)
def test_a_mistake_is_found_where_it_is(content: Path, file: str, old: str, new: str, where: str, words: str) -> None:
    where = counted(where, content / file, old)
    replace(content, file, old, new)
    assert_found(content, f"{file}:{where}" if where[0].isdigit() else where, words)


def counted(where: str, file: Path, piece: str) -> str:
    """The place with the line's number: `@` is the line of the piece that is replaced, and `@+1` the one behind it."""
    text, piece = file.read_text(encoding="utf-8"), piece.lstrip("\n")
    line = text.count("\n", 0, text.index(piece)) + 1
    return re.sub(r"^@([+-]\d+)?", lambda found: str(line + int(found[1] or 0)), where)


@pytest.mark.parametrize(("file", "old", "new"), [*FINE, *ALSO_FINE])
def test_what_is_no_mistake_is_not_found(content: Path, file: str, old: str, new: str) -> None:
    replace(content, file, old, new)
    assert problems(content) == []


@pytest.mark.parametrize(
    ("file", "where", "words"),
    [
        ("voice.yaml", "voice.yaml:1", "no such file"),
        ("policy.yaml", "policy.yaml:1", "no such file"),
        ("events.yaml", "events.yaml:1", "no such file"),
        ("answers.yaml", "answers.yaml:1", "no such file"),
        ("replies.yaml", "replies.yaml:1", "no such file"),
        ("conversation.yaml", "conversation.yaml:1", "no such file"),
        (LAYOUT, f"{LAYOUT}:1", "no such file"),
        (THANKS, f"{CHECK_IN}:14: steps.3.branch.then.0.send.route.0", "no templates/thank-you/sms.txt"),
        (EMAIL, f"{REMINDER}:7: steps.1.send.route.1", "no templates/delivery-reminder/email.txt"),
    ],
)
def test_a_file_that_is_not_there_is_missed(content: Path, file: str, where: str, words: str) -> None:
    (content / file).unlink()
    assert_found(content, where, words)


@pytest.mark.parametrize(
    ("file", "where", "words"),
    [
        ("templates/check-in/sms.de.txt", "templates/check-in/sms.de.txt:1", "de is not in the languages"),
        ("templates/check-in/fax.txt", "templates/check-in/fax.txt:1", "nothing reads it"),
        ("templates/check-in/email.html", "templates/check-in/email.html:1", "nothing reads it"),
        ("templates/unheard/sms.txt", "templates/unheard:1", "no journey uses it"),
        ("journeys/welcome.yml", "journeys/welcome.yml:1", "ends in .yaml"),
    ],
)
def test_a_file_that_nothing_reads_is_found(content: Path, file: str, where: str, words: str) -> None:
    (content / file).parent.mkdir(exist_ok=True)
    (content / file).write_text("Hello.", encoding="utf-8")
    assert_found(content, where, words)


def test_a_text_that_says_nothing_is_found(content: Path) -> None:
    (content / SMS).write_text(" \n", encoding="utf-8")
    (content / EMAIL).write_text("Subject: A\nPreheader: B\n\n", encoding="utf-8")
    assert [problem.split(": ")[:2] for problem in problems(content)] == [
        [f"{EMAIL}:3", "empty; expected the words that are to be sent"],
        [f"{SMS}:1", "empty; expected the words that are to be sent"],
    ]


def test_every_file_is_checked_even_if_others_are_broken(content: Path) -> None:
    for file in ("voice.yaml", "policy.yaml", "events.yaml", CHECK_IN, REMINDER):
        (content / file).write_text("a: [", encoding="utf-8")
    replace(content, EMAIL, "Subject: ", "Subjekt: ")
    replace(content, STOCK, "purpose: promotional", "purpose: pushing")
    found = {problem.split(":")[0] for problem in problems(content)}
    assert found == {"voice.yaml", "policy.yaml", "events.yaml", CHECK_IN, REMINDER, STOCK, EMAIL}


def test_one_mistake_is_one_problem(content: Path) -> None:
    replace(content, CHECK_IN, "up_to: 3 days", "up_to: 3 dayz")
    assert problems(content) == [
        f"{CHECK_IN}:9: steps.2.wait.up_to: expected a span of time such as '90 minutes', '3 days' or '1 week',"
        " found '3 dayz'"
    ]


def test_a_value_that_only_a_reply_could_give_is_guarded_where_none_may_have_come(content: Path) -> None:
    replace(content, CHECK_IN, "up_to: 3 days", "up_to: 3 days, otherwise: go on")
    replace(content, CHECK_IN, "is: happy", "one_of: [happy, null]")
    replace(content, THANKS, "That is", "{% if heard.data.text %}{{ heard.data.text }}{% endif %} That is")
    assert_found(content, f"{THANKS}:1: heard.data.text", "{% if heard.data.text is defined and heard.data.text %}")


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff\xfe\0", b"- a\n- b\n", b"a: [", b"- - -\n", b"[" * 9999, b"? [a]\n: b\n", b"&a [*a]", b"1", b"{{"],
    ids=["empty", "binary", "list", "open", "lists", "deep", "odd-key", "endless", "number", "tag"],
)
def test_nothing_is_too_broken_to_be_told(content: Path, garbage: bytes) -> None:
    for file in FILES:
        (content / file).write_bytes(garbage)
    assert {problem.split(":")[0] for problem in problems(content)} >= {file for file in FILES if "yaml" in file}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert problems(nowhere) == [f"{nowhere}:1: there is no such folder; expected the content's"]


def test_an_empty_folder_lacks_every_file(tmp_path: Path) -> None:
    found = {problem.split(":")[0] for problem in problems(tmp_path)}
    heard = {"plain-words.yaml", "replies.yaml", "conversation.yaml", "answers.yaml"}
    assert found == {"voice.yaml", "policy.yaml", "events.yaml", *heard, "journeys", LAYOUT}


GARBAGE = st.binary(max_size=20) | st.text("{}%[]|:-?*&!'\" \n\tab.", max_size=20).map(str.encode)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), cut=st.tuples(st.integers(0, 2000), st.integers(0, 2000)), garbage=GARBAGE)
def test_no_cut_or_garbage_makes_it_fail(content: Path, file: str, cut: tuple[int, int], garbage: bytes) -> None:
    whole = WHOLE[file]
    (content / file).write_bytes(whole[: min(cut)] + garbage + whole[max(cut) :])
    assert all(isinstance(problem, str) for problem in problems(content))
    (content / file).write_bytes(whole)
