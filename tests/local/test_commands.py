"""The `rapport` command, as an engineer types it."""

import io
import json
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from local.cli import main
from local.orders import events_of, read_orders
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
        "Tue 18:11 Ana in London sms delivered",
        "hi Ana, your delivery comes on Wednesday, between 2 and 4 pm.",
        "turned away 9 times first (ThrottledException)",
        "Sam in New York skipped: no-consent back-in-stock, sms: consent withdrawn 2026-11-26 (STOP by text)",
        "Sat 08:05 Kenji in Tokyo sms delivered",
        "held over quiet hours",
        "Lou in Los Angeles skipped: capped",
        "Claire in Paris skipped: relationship check-in, a complaint c-77 has been open since 2026-11-28",
        "Ben in Toronto email failed",
        'Sam in New York writes "Please stop texting me"',
        "Maria: delivery.destination-changed 1043 (told on the bus)",
        "Done. Order 1043 comes on Friday. New place: with my neighbour Rosa at number 14.",
        "Noah: waits for a person (bot: an unhappy answer to a check-in)",
        "A new lamp leaves today, and you can keep the old one. Kim",
        "Noah in London skipped: human-owns back-in-stock, a person is talking with this customer",
        "Noah: is back with the bot (Kim: handed back)",
        "thank you, Ana. That is good to hear.",
        "19 messages: 13 delivered, 5 skipped, 1 failed",
        "hand-overs: 1 (unhappy 1)",
        "dead letters: 0",
    ):
        assert piece in printed


@pytest.mark.usefixtures("kept")
def test_each_message_of_the_last_story_can_be_explained(
    told: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    messages = set(re.findall(r"m-[a-z2-7]{16}", told[0]))
    assert len(messages) == 19
    for message in messages:
        assert main(["explain", message]) == 0
        explained = capsys.readouterr().out
        assert explained.startswith(message)
        assert "Decided " in explained


@pytest.mark.usefixtures("kept")
def test_a_message_that_was_not_in_the_story_is_said_to_be_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "m-nonsense"]) == 2
    assert capsys.readouterr().err == "m-nonsense: no such message in the last simulation, which had 19\n"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("begins: 2026-11-23", "begins: someday"), "begins: "),
        (("day 1 09:30", "the first day"), "happenings.0.at: "),
        (("Europe/London", "Europe/Londinium"), "expected an IANA name such as Europe/Paris"),
        (("story: Ten", "story: [Ten"), "expected"),
        (("customer: ana, event", "customer: anna, event"), "happenings.0.customer: expected one of ana, maria"),
        (("at: day 9 11:20", "at: day 11 11:20"), "at: expected a day of the story's 10"),
        (("day 1 09:30", "day 1 24:30"), "happenings.0.at: "),
        (("customer: sam, writes", "customer: ben, writes"), "expected one with a telephone number to write from"),
        (("customer: noah, desk: Kim, writes", "customer: nobody, desk: Kim, writes"), "expected one of ana, maria"),
        (("desk: Kim, hand_back: true", "desk: Kim, hands_back: true"), "Extra inputs are not permitted"),
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


def changed(folder: Path, old: str, new: str) -> str:
    """The story of ten days with one piece of it replaced."""
    path = folder / "story.yaml"
    path.write_text(Path(STORY).read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("kept")
def test_an_event_that_could_not_be_used_is_shown_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.commands.LAST", tmp_path / "last.json")
    assert main(["simulate", changed(tmp_path, "due_at: day 3 14:00, ", "")]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "Ana: delivery.scheduled 1042 data.due_at: missing; expected a time with its offset" in out
    assert "events that could not be used: 1" in out


def test_nothing_is_played_with_content_that_has_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = shutil.copytree(ROOT / "layers" / "content", tmp_path / "content")
    journey = content / "journeys" / "check-in.yaml"
    journey.write_text(journey.read_text(encoding="utf-8").replace("purpose:", "purpos:", 1), encoding="utf-8")
    for command in (["simulate", STORY], ["replay", orders(tmp_path, *ORDERS)], ["journeys"]):
        assert main([*command, "--content", str(content)]) == 2
        assert capsys.readouterr().err.startswith("journeys/check-in.yaml:")


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


def test_a_delivery_is_due_when_it_was_promised_and_made_when_it_came(tmp_path: Path) -> None:
    [row, *_] = read_orders(Path(orders(tmp_path, *ORDERS)))
    told = {event["type"]: event for event in events_of(row)}
    assert told["delivery.scheduled"]["data"]["due_at"] == "2026-11-10T00:00:00-03:00"
    assert told["delivery.scheduled"]["at"] == "2026-11-03T10:00:00-03:00"
    assert told["delivery.completed"]["at"] == "2026-11-09T15:00:00-03:00"


def test_only_so_many_orders_are_replayed_as_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", orders(tmp_path, *ORDERS), "--limit", "1", "--rules-only"]) == 0
    assert capsys.readouterr().out.startswith("1 orders, ")


@pytest.mark.parametrize(
    ("rows", "header", "error"),
    [
        (ORDERS, HEADER.replace("delivered_at", "arrived"), "orders.csv:1: expected the columns"),
        ([ORDERS[0], ORDERS[1].replace("2026-11-02T11", "last Monday")], HEADER, "orders.csv:3: purchased_at: "),
        ([], HEADER, "orders.csv: expected at least one order"),
        (["o1,,delivered,2026-11-02T10:00:00,,,"], HEADER, "orders.csv:2: customer_id: expected 1 to 100 characters"),
        (["o1,c1,delivered,0017-11-02T10:00:00,,,"], HEADER, "orders.csv:2: purchased_at: expected a time"),
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
    assert main(["check", "--content", str(tmp_path)]) == 1
    assert "voice.yaml:1: there is no such file" in capsys.readouterr().out


def test_a_story_is_kept_for_those_who_ask_later(kept: Path) -> None:
    entries = json.loads(kept.read_text(encoding="utf-8"))
    assert len(entries) == 19
    assert {entry["zone"] for entry in entries.values()} >= {"Europe/London", "Asia/Tokyo"}


def test_before_any_story_there_is_nothing_to_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.commands.LAST", tmp_path / "none.json")
    assert main(["explain", "m-any"]) == 2
    assert "nothing has been simulated yet" in capsys.readouterr().err


def test_a_conversation_by_hand_shows_what_was_understood_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["where is my order?", "/nonsense", "/case", "/desk x", "leave it next door", "yes", "my lamp came broken"]
    typed = [
        *lines,
        "/case",
        "/desk A new one leaves today. Kim",
        "/back",
        "/wait a while",
        "/wait 2 hours",
        "/quit",
        "x",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed)))
    assert main(["chat", "--trace"]) == 0
    told = capsys.readouterr().out
    for piece in (
        "This is a stand-in for Amazon Lex: the same contract, another brain.",
        "Order 1042 (kettle) comes on Wednesday 25 November.",
        "understood: WhereIsMyOrder",
        "the desk has got no e-mail yet",
        "the desk has no case of Ana's: ask for a person first",
        "New place for order 1042 (kettle): next door.",
        "because: confirmed",
        "A person here will read this",
        "Ana: my lamp came broken",
        "desk: Your answer is on its way.",
        "< A new one leaves today. Kim",
        "desk: Handed back",
        "expected a span of time such as",
        "it is Tue 19:",
    ):
        assert piece in told
    assert "> x" not in told


def test_a_chat_by_hand_goes_by_way_of_lex(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("où est ma commande ?\n\n" + "a" * 1025 + "\n"))
    assert main(["chat", "--by", "chat", "--language", "fr"]) == 0
    told = capsys.readouterr().out
    assert "< La commande 1042 (kettle) arrive mercredi 25 novembre." in told
    assert "Lex refuses it: " in told
