"""The `rapport` command, as an engineer types it."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from local.cli import main
from local.template import ROOT

STORY = str(ROOT / "events" / "stories" / "ten-days.yaml")
HEADER = "order_id,customer_id,status,purchased_at,handed_to_carrier_at,delivered_at,estimated_delivery_at"
ORDERS = [
    "o1,c1,delivered,2026-11-02T10:00:00,2026-11-03T10:00:00,2026-11-09T15:00:00,2026-11-10T00:00:00",
    "o2,c2,canceled,2026-11-02T11:00:00,,,2026-11-10T00:00:00",
    "o3,c3,delivered,2026-11-02T12:00:00,2026-11-04T10:00:00,2026-11-12T15:00:00,2026-11-11T00:00:00",
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the story of ten days prints, and where it is kept."""
    file = tmp_path_factory.mktemp("kept") / "within" / "last.json"
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr("local.commands.LAST", file)
        assert main(["simulate", STORY]) == 0
    return printed.getvalue(), file


@pytest.fixture
def kept(told: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The story of ten days, as the last one that was played."""
    monkeypatch.setattr("local.commands.LAST", told[1])
    return told[1]


def orders(folder: Path, *rows: str, header: str = HEADER) -> str:
    path = folder / "orders.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def test_a_story_is_told_with_its_hours_words_reasons_and_counts(told: tuple[str, Path]) -> None:
    printed = " ".join(told[0].split())
    for piece in (
        "Tue 18:00 Ana in London sms delivered",
        "hi Ana, your delivery comes on Wednesday, between 2 and 4 pm.",
        "8 attempts",
        "Sam in New York skipped: no-consent back-in-stock, sms: consent withdrawn 2026-11-26 (STOP by text)",
        "Sat 08:05 Kenji in Tokyo sms delivered",
        "held over quiet hours",
        "Lou in Los Angeles skipped: capped",
        "Claire in Paris skipped: relationship check-in, a complaint c-77 has been open since 2026-11-28",
        "Ben in Toronto email failed",
        "12 messages: 7 delivered, 4 skipped, 1 failed",
        "dead letters: 0",
    ):
        assert piece in printed


@pytest.mark.usefixtures("kept")
def test_each_message_of_the_last_story_can_be_explained(
    told: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    messages = set(re.findall(r"m-[a-z2-7]{16}", told[0]))
    assert len(messages) == 12
    for message in messages:
        assert main(["explain", message]) == 0
        explained = capsys.readouterr().out
        assert explained.startswith(message)
        assert "Decided " in explained


@pytest.mark.usefixtures("kept")
def test_a_message_that_was_not_in_the_story_is_said_to_be_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "m-nonsense"]) == 2
    assert capsys.readouterr().err == "m-nonsense: no such message in the last simulation, which had 12\n"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("begins: 2026-11-23", "begins: someday"), "begins: "),
        (("day 1 09:30", "the first day"), "happenings.0.at: "),
        (("Europe/London", "Europe/Londinium"), "expected an IANA name such as Europe/Paris"),
        (("story: Ten", "story: [Ten"), "expected"),
    ],
)
def test_a_story_with_a_mistake_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], error: str
) -> None:
    wrong = tmp_path / "story.yaml"
    wrong.write_text(Path(STORY).read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    assert main(["simulate", str(wrong)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{wrong}: ")
    assert error in said


def test_every_journey_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journeys"]) == 0
    drawn = capsys.readouterr().out
    assert "wait until 1 day before due_at, 17:00 the customer's time" in drawn
    assert "wait until 6 days later, 11:00 the customer's time" in drawn
    assert "exit at once  order.returned, refund.requested" in drawn


@pytest.mark.parametrize("how", [[], ["--rules-only"]])
def test_orders_are_replayed_and_counted_by_the_hour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: list[str]
) -> None:
    assert main(["replay", orders(tmp_path, *ORDERS), *how]) == 0
    out = capsys.readouterr().out
    assert out.startswith("3 orders, ")
    assert re.search(r"^  17  #+ +\d$", out, re.MULTILINE)
    assert "events without an outcome on record   0" in out


def test_only_so_many_orders_are_replayed_as_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", orders(tmp_path, *ORDERS), "--limit", "1", "--rules-only"]) == 0
    assert capsys.readouterr().out.startswith("1 orders, ")


@pytest.mark.parametrize(
    ("rows", "header", "error"),
    [
        (ORDERS, HEADER.replace("delivered_at", "arrived"), "orders.csv:1: expected the columns"),
        ([ORDERS[0], ORDERS[1].replace("2026-11-02T11", "last Monday")], HEADER, "orders.csv:3: purchased_at: "),
        ([], HEADER, "orders.csv: expected at least one order"),
    ],
)
def test_a_file_that_is_not_one_of_orders_is_told_of_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[str], header: str, error: str
) -> None:
    assert main(["replay", orders(tmp_path, *rows, header=header)]) == 2
    assert capsys.readouterr().err.startswith(error)


def test_a_file_that_is_not_there_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "nowhere.csv"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_the_content_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "no mistakes in the content\n"
    assert main(["check", str(tmp_path)]) == 1
    assert "voice.yaml:1: there is no such file" in capsys.readouterr().out


def test_a_story_is_kept_for_those_who_ask_later(kept: Path) -> None:
    entries = json.loads(kept.read_text(encoding="utf-8"))
    assert len(entries) == 12
    assert {entry["zone"] for entry in entries.values()} >= {"Europe/London", "Asia/Tokyo"}


def test_before_any_story_there_is_nothing_to_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.commands.LAST", tmp_path / "none.json")
    assert main(["explain", "m-any"]) == 2
    assert "nothing has been simulated yet" in capsys.readouterr().err
