"""What each command of `rapport` does."""

import json
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.progress import track

from local.acting import acts
from local.audit import audit
from local.diagram import draw
from local.orders import Event, OrdersError, events_of, read_orders
from local.rehearsal import Rehearsal
from local.story import Story, read_story
from local.template import ROOT
from local.timeline import Entry, Happened, counts, read_entries, read_written, show
from local.world import World
from rapport.adapters.content import Content
from rapport.adapters.events_table import KEPT
from rapport.domain.explaining import explain
from rapport.domain.local_time import zone_info
from rapport.domain.message import Message, Status

WITH_CHATBOT = {"Chatbot": "lex"}
CONTENT = ROOT / "layers" / "content"
LAST = ROOT / ".rapport" / "last.json"


class CommandError(Exception):
    """The command could not be run; the text says what was wrong and what was expected."""


def simulate(options: Namespace) -> int:
    """Plays a story and shows its timeline; keeps what was said for `explain`. 1 when an event was rejected."""
    from local.measuring import lines, measured

    require_sound(options.content)
    story = load_story(options.story)
    console = Console(highlight=False, soft_wrap=False)
    console.print(f"[bold]{story.story}[/bold], from {story.begins:%A %d %B %Y}")
    console.print("Every hour is on the customer's own clock.\n")
    for name, person in story.customers.items():
        console.print(f"  {person.name:<8} {person.about}" if person.about else f"  {person.name} ({name})")
    with World(story.start, seed=options.seed, content=options.content, parameters=WITH_CHATBOT) as world:
        story.set_up(world.carriers)
        refused: list[Happened] = []
        for when, act in track(acts(story, world, refused), story.story, console=Console(stderr=True), transient=True):
            world.run_until(when)
            act()
        world.run_until(story.end)
        entries = read_entries(world.dynamodb, world.ledger_table)
        written = read_written(world.dynamodb, world.ledger_table)
        outcomes = world.outcomes()
        dead = world.dead_letters()
        talked = measured(world.dynamodb, world.ledger_table, world.now)
    show(entries, [*story.told(outcomes), *written, *refused], story.start, console)
    rejected = sum(outcome["outcome"] == "rejected" for outcome in outcomes.values())
    console.print()
    for line in [*counts(entries), *(lines(talked) if written else [])]:
        console.print(line)
    if rejected:
        console.print(f"events that could not be used: {rejected}", style="red")
    console.print(f"dead letters: {sum(len(letters) for letters in dead.values())}")
    console.print("why, in sentences: rapport explain MESSAGE, with an id from above", style="dim")
    keep(entries)
    return 1 if rejected else 0


def chat(options: Namespace) -> int:
    """Lets somebody talk with it by hand, or line by line from a file."""
    require_sound(options.content)
    from local.chatting import BEGINS, HELP, Chat
    from local.lex import NOTE

    with World(BEGINS, content=options.content, parameters=WITH_CHATBOT) as world:
        talk = Chat(world, options.by, options.language, options.trace, partial(print, flush=True))
        print(f"{HELP}\n\n{NOTE}\n")
        talk.begin()
        talk.converse(prompted() if sys.stdin.isatty() else echoed())
    return 0


def prompted() -> Iterator[str]:
    """What is typed, until the end of it."""
    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            return


def echoed() -> Iterator[str]:
    """What comes by a pipe, shown as if it was typed."""
    for line in sys.stdin:
        print(f"> {line.rstrip()}")
        yield line.rstrip("\n")


def require_sound(content: Path) -> None:
    """Raises CommandError with every mistake in the content: what is built on one would only puzzle."""
    from local.check.content import problems

    if found := problems(content):
        raise CommandError("\n".join([*found, "mend the content first"]))


def load_story(path: Path) -> Story:
    """The story in the file. Raises CommandError."""
    try:
        return read_story(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{path}: {error}") from None
    except ValidationError as error:
        details = [f"{place_of(detail['loc'])}: {detail['msg']}" for detail in error.errors()]
        raise CommandError(f"{path}: " + "; ".join(details)) from None


def place_of(where: tuple[int | str, ...]) -> str:
    """Where in a story a mistake is, less pydantic's word for the kind of thing that happens there."""
    kinds = ("event", "writes", "desk")
    return (
        "the story"
        if not where
        else ".".join(
            str(part)
            for part, before in zip(where, ("", *where), strict=False)
            if not (isinstance(before, int) and part in kinds)
        )
    )


def keep(entries: list[Entry]) -> None:
    """What was said, for `explain`."""
    LAST.parent.mkdir(exist_ok=True)
    kept = {
        entry.message.id: {"zone": entry.zone, "message": entry.message.model_dump(mode="json")} for entry in entries
    }
    LAST.write_text(json.dumps(kept), encoding="utf-8")


def explain_message(options: Namespace) -> int:
    """Explains a message of the last simulation, or of a deployed ledger."""
    message, zone = deployed(options) if options.table else simulated(options.message)
    print("\n".join(explain(message, zone)))
    return 0


def simulated(name: str) -> tuple[Message, str]:
    """A message of the last simulation. Raises CommandError."""
    if not LAST.exists():
        raise CommandError("nothing has been simulated yet; rapport simulate events/stories/ten-days.yaml does")
    kept = json.loads(LAST.read_text(encoding="utf-8"))
    if name not in kept:
        raise CommandError(f"{name}: no such message in the last simulation, which had {len(kept)}")
    return Message.model_validate(kept[name]["message"]), kept[name]["zone"]


def deployed(options: Namespace) -> tuple[Message, str]:
    """A message of a deployed ledger. Raises CommandError."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from rapport.adapters.ledger import Ledger
    from rapport.adapters.sends import Sends

    if not options.customer:
        raise CommandError("--customer: expected with --table, since the ledger keeps messages by customer")
    try:
        client = boto3.client("dynamodb")
        message = Sends(client, options.table).message(options.customer, options.message)
        zones = Ledger(client, options.table).read(options.customer, []).customer.zones
    except KeyError:
        raise CommandError(f"{options.message}: customer {options.customer} has no such message") from None
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"{options.table}: {error}") from None
    return message, zones[0] if zones else "UTC"


def draw_journeys(options: Namespace) -> int:
    """Draws every journey."""
    require_sound(options.content)
    print("\n\n".join(draw(journey) for journey in Content(options.content).journeys.values()))
    return 0


def check(options: Namespace) -> int:
    """Prints every mistake in the content."""
    from local.check.content import problems

    found = problems(options.content)
    for problem in found:
        print(problem)
    if not found:
        print("no mistakes in the content")
    return 1 if found else 0


def replay(options: Namespace) -> int:
    """Orders into events, events into messages, and the counts of both."""
    require_sound(options.content)
    try:
        rows = list(read_orders(options.orders, options.limit))
        events = sorted((event for row in rows for event in events_of(row)), key=at)
        if not events:
            raise OrdersError(f"{options.orders.name}: expected at least one order")
    except UnicodeDecodeError:
        raise CommandError(f"{options.orders.name}: expected text in UTF-8") from None
    except (OSError, OrdersError) as error:
        raise CommandError(str(error)) from None
    content = Content(options.content)
    played = rehearse(events, content) if options.rules_only else play(events, options.seed, options.content)
    messages, zones, outcomes = played
    print(f"{len(rows)} orders, {len(events)} events, {len(messages)} messages")
    print_by_hour(messages, zones)
    found = audit(events, messages, zones, content.journeys, outcomes)
    print("\n" + "\n".join(found.lines()))
    return 0 if found.clean() else 1


Played = tuple[list[Message], dict[str, tuple[str, ...]], set[tuple[str, str]]]


def at(event: Event) -> datetime:
    """When it happened."""
    return datetime.fromisoformat(event["at"])


def rehearse(events: list[Event], content: Content) -> Played:
    """By the rules and the clock alone."""
    rehearsal = Rehearsal(content)
    rehearsal.play(events)
    zones = {name: customer.zones for name, customer in rehearsal.customers.items()}
    return rehearsal.messages, zones, rehearsal.outcomes


def play(events: list[Event], seed: int, content: Path = CONTENT) -> Played:
    """Through the whole world."""
    with World(at(events[0]), seed=seed, content=content) as world:
        for event in track(events, "Replaying", console=Console(stderr=True), transient=True):
            world.run_until(at(event))
            world.put({**event, "expires": int((at(event) + KEPT).timestamp())})
        world.run_until_idle()
        entries = read_entries(world.dynamodb, world.ledger_table)
        outcomes = set(world.outcomes())
    zones = {entry.customer.id: entry.customer.zones for entry in entries}
    return [entry.message for entry in entries], zones, outcomes


def print_by_hour(messages: list[Message], zones: dict[str, tuple[str, ...]]) -> None:
    """What was sent by the hour of the customer's day, and what wasn't with its reasons."""
    sent = [message for message in messages if message.status in (Status.SENT, Status.DELIVERED)]
    hours = Counter(local_hour(message, zones) for message in sent)
    tallest = max(hours.values(), default=1)
    print("\nsent, by the hour of the customer's day")
    for hour in range(24):
        print(f"  {hour:02d}  {'#' * round(40 * hours[hour] / tallest):<40} {hours[hour] or ''}".rstrip())
    print("\nby journey")
    for (journey, status, reason), many in sorted(Counter(fate(message) for message in messages).items()):
        print(f"  {journey:<20} {status:<10} {reason:<14} {many}")


def local_hour(message: Message, zones: dict[str, tuple[str, ...]]) -> int:
    """The hour where the customer most likely is."""
    when = message.sent_at or message.decision.at
    return when.astimezone(zone_info((zones[message.customer] or ("UTC",))[0])).hour


def fate(message: Message) -> tuple[str, str, str]:
    """Journey, status and reason."""
    return message.journey, str(message.status), str(message.reason or "")
