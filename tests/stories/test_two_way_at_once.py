"""Texts of several people at once, twice and out of order: each has a conversation of their own, answered once."""

from collections.abc import Callable

import pytest

from local.sources import Mischief
from local.world import World
from tests.stories.people import LONDON, meet
from tests.stories.test_two_way import delivery, on_record

NUMBERS = {"ana": "+447700900123", "ben": "+447700900456"}
PLACES = {"ana": "12 Oak Lane", "ben": "14 Elm Road"}
DUE = "2026-11-25T14:00:00+00:00"


@pytest.mark.parametrize("seed", [1, 2])
def test_two_people_who_write_at_once_each_have_their_own_conversation(
    make_world: Callable[..., World], seed: int
) -> None:
    world = make_world(seed=seed, mischief=Mischief(duplicates=True, reordering=True), interleaved=True)
    for customer, number in NUMBERS.items():
        meet(world, customer, {**LONDON, "addresses": {"sms": number}})
        world.happens("delivery.scheduled", customer, order=f"o-{customer}", due_at=DUE)
    for text in ("place", "yes", "no, to the neighbour"):
        for customer, number in NUMBERS.items():
            world.writes(number, f"to {PLACES[customer]}" if text == "place" else text)
        world.advance("1 minute")
    world.advance("20 minutes")
    for customer, place in PLACES.items():
        turns = on_record(world, customer, "turn")
        assert [turn["answers"] for turn in turns[:2]] == [["read-back"], ["destination-changed"]]
        assert len(turns) == 3
        assert all(turn["handled"] for turn in turns)
        assert delivery(world, customer).destination == place
    news = {told["id"]: told["customer"] for told in world.wire.told}  # it may be told twice, under the same id
    assert sorted(news.values()) == ["ana", "ben"]
    sent = [(taken.to, taken.text) for taken in world.carriers.taken]
    assert len(sent) == len(set(sent))
    assert world.dead_letters() == {}
