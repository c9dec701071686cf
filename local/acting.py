"""Plays a story: what happens to its customers, what they write, and what the desk writes back, each in its time."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from local.desk import Desk
from local.story import Answering, Story, Writing
from local.timeline import Happened
from local.world import World
from rapport.domain.local_time import zone_info


def acts(story: Story, world: World, refused: list[Happened]) -> list[tuple[datetime, Callable[[], object]]]:
    """All that happens in the story, in the order of time, to be done in the world; `refused` gathers what isn't."""
    happens = [(datetime.fromisoformat(event["at"]), partial(world.put, event)) for event in story.events()]
    spoken = [(when, partial(speak, story, world, act, refused)) for when, act in story.spoken()]
    return sorted([*happens, *spoken], key=lambda each: each[0])


def speak(story: Story, world: World, act: Writing | Answering, refused: list[Happened]) -> None:
    """Has a customer or the desk write."""
    if isinstance(act, Answering):
        desk = Desk(world)
        told = "no case of theirs was ever opened: nobody can be answered who asked nobody"
        if desk.has_case(act.customer):
            told = desk.answer(act.customer, act.writes, name=act.desk, hand_back=act.hand_back)
        if not told.startswith(("Your answer", "Handed back")):
            zone = zone_info(story.zone_of(act.customer))
            who = f"{act.desk} at the desk, to {story.customers[act.customer].name}"
            refused.append(Happened(world.now.astimezone(zone), who, act.writes or "hands back", (told,)))
        return
    said = [text.message for text in world.texts_to(act.customer) if text.message.template == act.answering]
    world.writes(story.number_of(act.customer), act.writes, said[-1].carrier_id if said else None)
