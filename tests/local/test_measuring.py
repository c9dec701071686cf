"""`rapport measure`, on the ledger of a local world in place of a deployed one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from local.cli import main
from local.measuring import measured, read_records
from local.world import World
from rapport.domain.measures import End

TEXTS = [
    ("+447700900123", "HELP"),
    ("+447700900124", "STOP"),
    ("+447700900125", "AGENT"),
    ("+447700900126", "where is my order?"),
    ("+447700900126", "so where is my order then"),
]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One asked for help and was content, one said STOP, one asked for a person, and one asked the same twice."""
    with World(datetime(2026, 11, 23, 10, tzinfo=UTC), parameters={"Chatbot": "lex"}) as played:
        for number, text in TEXTS:
            played.writes(number, text)
            played.advance("1 hour")
        played.advance("2 days")
        yield played


def asked(world: World, *options: str) -> int:
    """What the command comes to when the deployed ledger is the world's."""
    with patch.object(boto3, "client", lambda service: world.dynamodb):
        return main(["measure", "--table", world.ledger_table, *options])


def test_the_worlds_conversations_are_counted_like_a_deployed_ledgers(world: World) -> None:
    counted = measured(world.dynamodb, world.ledger_table, world.now)
    assert counted.ends == {End.CONTAINED: 1, End.STOPPED: 1, End.PERSON: 1, End.RETURNED: 1}
    assert (counted.causes, counted.waiting, counted.going_on) == ({"asked": 1}, 1, 0)


def test_the_counts_are_printed_in_sentences(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(world) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "4 conversations are over, 0 go on; in 4 something was asked"
    assert [line.split() for line in out[1:3]] == [["contained", "1", "25%"], ["person", "1", "25%"]]
    assert out[-2:] == ["hand-overs: 1 (asked 1)", "given back without a person's word: 0; waiting for one now: 1"]


def test_only_what_began_since_a_day_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(world, "--since", "2026-11-24") == 0
    assert capsys.readouterr().out.startswith("0 conversations are over")


def test_only_turns_and_steps_are_read_page_by_page(world: World) -> None:
    pages: list[dict[str, Any]] = []
    paginator = world.dynamodb.get_paginator("scan")

    def small(**given: Any) -> Any:
        for page in paginator.paginate(**given):  # moto's own small pages leave items out
            pages.extend({"Items": [item]} for item in page["Items"])
        yield from pages

    with patch.object(world.dynamodb, "get_paginator") as asked_for:
        asked_for.return_value.paginate = small
        records = read_records(world.dynamodb, world.ledger_table)
    assert len(pages) == len(TEXTS) + 1
    assert {item["kind"]["S"] for page in pages for item in page["Items"]} == {"turn", "step"}
    assert sorted((len(record.turns), len(record.steps)) for record in records) == [(1, 0), (1, 0), (1, 1), (2, 0)]


def test_a_ledger_that_is_not_there_is_told_of(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with patch.object(boto3, "client", lambda service: world.dynamodb):
        assert main(["measure", "--table", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("nowhere: ")


def test_a_day_that_is_none_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["measure", "--table", "any", "--since", "yesterday"])
    assert "expected a day such as 2026-11-23" in capsys.readouterr().err
