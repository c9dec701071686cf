"""Whatever comes twice, out of order or at the same moment: the customer hears the same, once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from local.sources import Mischief
from local.story import read_story
from local.template import ROOT
from local.world import World
from tests.stories.people import LONDON, meet

STORY = ROOT / "events" / "stories" / "ten-days.yaml"
ALL_OF_IT = Mischief(duplicates=True, reordering=True)
Told = list[tuple[str, str, str, str | None]]


def play(world: World) -> Told:
    """The story of ten days, and for each message whom it was for, what it was about, and what became of it."""
    story = read_story(STORY)
    story.set_up(world.carriers)
    for event in story.events():
        world.run_until(datetime.fromisoformat(event["at"]))
        world.put(event)
    world.run_until(story.end)
    assert world.dead_letters() == {}
    found = [entry.message for entry in world.entries()]
    return sorted((each.customer, f"{each.template} {each.about}", each.status, each.reason) for each in found)


@cache
def plain_story() -> Told:
    """What the story comes to when nothing comes twice or out of order."""
    with World(read_story(STORY).start) as world:
        return play(world)


@pytest.mark.parametrize(("mischief", "interleaved"), [(ALL_OF_IT, False), (None, True), (ALL_OF_IT, True)])
def test_duplicates_reordering_and_races_change_nothing_that_customers_notice(
    make_world: Callable[..., World], mischief: Mischief | None, *, interleaved: bool
) -> None:
    plain = plain_story()
    stirred = make_world(read_story(STORY).start, seed=7, mischief=mischief, interleaved=interleaved)
    assert play(stirred) == plain
    sent = [(taken.to, taken.text) for taken in stirred.carriers.taken]
    assert len(sent) == len(set(sent)) == sum(status in ("delivered", "failed") for _, _, status, _ in plain)


def test_the_same_seed_gives_the_same_bytes(make_world: Callable[..., World]) -> None:
    def log_of(seed: int) -> list[str]:
        world = make_world(read_story(STORY).start, seed=seed, mischief=ALL_OF_IT, interleaved=True)
        play(world)
        return [line for line in world.log.lines if '"level":"WARNING"' not in line]

    first = log_of(3)
    assert log_of(3) == first
    assert log_of(4) != first


def test_a_cap_holds_when_many_messages_are_in_flight_together(make_world: Callable[..., World]) -> None:
    world = make_world(interleaved=True, seed=11)
    meet(world, "ana", LONDON, "promotional")
    for item in range(12):
        world.happens("stock.wanted", "ana", item=f"item {item}")
    for item in range(12):
        at = world.now.isoformat()
        data = {"item": f"item {item}"}
        world.put({"id": f"back-{item}", "type": "stock.back", "customer": "*", "at": at, "data": data})
    world.settle()
    world.advance("1 hour")
    assert len(world.carriers.taken) == 2
    assert [entry.message.reason for entry in world.unsaid_to("ana")] == ["capped"] * 10


def test_no_order_of_arrival_makes_a_delivery_that_was_made_be_announced(make_world: Callable[..., World]) -> None:
    def event(number: int, kind: str, **data: Any) -> str:
        at = (datetime(2026, 11, 23, 9, tzinfo=UTC) + timedelta(minutes=number)).isoformat()
        return json.dumps({"id": f"e{number}", "type": kind, "customer": "ana", "at": at, "data": data})

    due = "2026-11-26T10:00:00+00:00"
    events = [
        event(1, "delivery.scheduled", order="7", due_at=due),
        event(2, "delivery.moved", order="7", due_at="2026-11-27T10:00:00+00:00"),
        event(3, "delivery.completed", order="7"),
        event(4, "delivery.scheduled", order="8", due_at=due),
    ]
    for seed in range(4):
        world = make_world(seed=seed)
        meet(world, "ana", LONDON)
        Random(seed).shuffle(events)  # noqa: S311
        for body in events:
            world.send(body)
            world.settle()
        world.advance("5 days")
        assert [text.message.about for text in world.texts_to("ana")] == ["8"]
