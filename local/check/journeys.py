"""What can be wrong with a journey beyond its form: events, references and templates that aren't there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

from local.check.facts import (
    Facts,
    Value,
    customer_facts,
    data_of,
    event_facts,
    heard_facts,
    look_up,
    unknown,
)
from local.check.problem import Problem, one_of
from local.check.yaml_lines import Path_, Sheet
from rapport.domain.event import Catalogue
from rapport.domain.journey import Branch, BranchStep, Journey, Listen, Send, SendStep, Step, Until
from rapport.domain.planning import listened_for
from rapport.domain.talk import ASKED_BY_JOURNEYS
from rapport.domain.words import CONVERSATION

Part = Until | Listen | Send | Branch
MOMENTS = ("time", "day", "anything")


@dataclass(frozen=True)
class Surroundings:
    """Where the journey is written, and what there is beside it."""

    sheet: Sheet
    catalogue: Catalogue | None
    templates: Path


def check_journey(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    """Every mistake in one journey."""
    stem = PurePosixPath(around.sheet.file).stem
    if stem != journey.journey:
        yield around.sheet.problem(("journey",), f"expected {stem}, as the file is named, found {journey.journey}")
    if journey.journey == CONVERSATION:
        text = "expected another name; what is said in conversations goes by this one"
        yield around.sheet.problem(("journey",), text)
    if around.catalogue is not None:
        yield from check_types(journey, around.sheet, around.catalogue)
        yield from check_about(journey, around.sheet, around.catalogue)
    heard = heard_at(journey)
    facts = {"event": event_facts(journey.enter, around.catalogue), "customer": customer_facts()}
    yield from check_questions(journey, around.sheet)
    for path, part in parts(journey.steps, ("steps",)):
        here = {**facts, "heard": heard_facts(heard.get(id(part), set()), around.catalogue)}
        if isinstance(part, Until) and part.until:
            yield from check_moment((*path, "until"), part.until, here, around)
        if isinstance(part, Branch):
            yield from check_reference((*path, "if"), part.if_, here, around)
        if isinstance(part, Send):
            if isinstance(part.expires, str):
                yield from check_moment((*path, "expires"), part.expires, here, around)
            yield from check_template(path, part, around)


def check_questions(journey: Journey, sheet: Sheet) -> Iterator[Problem]:
    """Questions that nobody hears answers to, and replies that are waited for though nothing was asked."""
    asked = False
    for path, part in parts(journey.steps, ("steps",)):
        if isinstance(part, Send) and part.asks:
            asked = True
            if part.asks not in ASKED_BY_JOURNEYS:
                text = f"nobody hears answers to {part.asks}; {one_of(part.asks, ASKED_BY_JOURNEYS)}"
                yield sheet.problem((*path, "asks"), text)
        if isinstance(part, Listen) and part.listen_for == "reply" and not asked:
            text = f"no reply is heard, for no send before it `asks`; {one_of('', ASKED_BY_JOURNEYS)}"
            yield sheet.problem((*path, "for"), text)


def parts(steps: tuple[Step, ...], path: Path_) -> Iterator[tuple[Path_, Part]]:
    """Everything that the steps are made of, with its place; spans and ends have nothing that could be wrong."""
    for index, step in enumerate(steps):
        here = (*path, index)
        if isinstance(step, SendStep):
            yield (*here, "send"), step.send
        elif isinstance(step, BranchStep):
            yield (*here, "branch"), step.branch
            yield from parts(step.branch.then, (*here, "branch", "then"))
            yield from parts(step.branch.otherwise, (*here, "branch", "otherwise"))
        elif not isinstance(step, str) and not isinstance(step.wait, timedelta):
            yield (*here, "wait"), step.wait
            if isinstance(step.wait, Listen) and isinstance(step.wait.otherwise, tuple):
                yield from parts(step.wait.otherwise, (*here, "wait", "otherwise"))


def heard_at(journey: Journey) -> dict[int, set[str | None]]:
    """By each part's identity, what may have been heard last when a run comes to it; None stands for nothing yet."""
    heard: dict[int, set[str | None]] = {}
    seen: set[tuple[int, str | None]] = set()
    ahead: list[tuple[int, str | None]] = [(0, None)]
    while ahead:
        index, last = here = ahead.pop()
        if here in seen:
            continue
        seen.add(here)
        place = journey.places[index]
        heard.setdefault(id(place.step), set()).add(last)
        if place.jump is not None:
            ahead.append((place.jump, last))
        if isinstance(place.step, Listen):
            ahead.append((index + 1, place.step.listen_for))
        elif place.step is not None:
            ahead.append((index + 1, last))
    return heard


def check_types(journey: Journey, sheet: Sheet, catalogue: Catalogue) -> Iterator[Problem]:
    """Event types that nobody declares."""
    named: list[tuple[Path_, str]] = []
    for key in ("enter", "exit"):
        types = getattr(journey, key)
        single = (key, 0) not in sheet.lines
        named += [((key,) if single else (key, index), name) for index, name in enumerate(types)]
    if journey.audience:
        named.append((("audience",), journey.audience))
    for path, part in parts(journey.steps, ("steps",)):
        if isinstance(part, Listen) and part.listen_for != "receipt":
            named.append(((*path, "for"), "reply.received" if part.listen_for == "reply" else part.listen_for))
    for path, name in named:
        yield from check_type(path, name, sheet, catalogue)


def check_type(path: Path_, name: str, sheet: Sheet, catalogue: Catalogue) -> Iterator[Problem]:
    """An event type that nobody declares."""
    if name not in catalogue:
        yield sheet.problem(path, f"{name} is not in events.yaml; {one_of(name, catalogue)}")


def check_about(journey: Journey, sheet: Sheet, catalogue: Catalogue) -> Iterator[Problem]:
    """An `about` that some event of the journey doesn't say. A reply names journey and run itself."""
    audience = [journey.audience] if journey.audience else []
    named = [*journey.enter, *journey.exit, *audience, *sorted(listened_for(journey) - {"receipt"})]
    yield from declared_by_each(("about",), journey.about, named, sheet, catalogue)


def declared_by_each(
    path: Path_, reference: str, types: list[str], sheet: Sheet, catalogue: Catalogue
) -> Iterator[Problem]:
    """What tells one thing from another has to be said by each of these events, always."""
    names = reference.split(".")
    for name in dict.fromkeys(types):
        if name not in catalogue or name == "reply.received":
            continue
        fact = look_up(names, {"event": {"data": data_of([name], catalogue)}})
        if not isinstance(fact, Value) or names[:2] != ["event", "data"]:
            fields = ", ".join(f"event.data.{field}" for field in catalogue[name]) or "one that has fields"
            yield sheet.problem(path, f"{name} does not declare {reference}; expected {fields}")
        elif fact.empty or fact.absent:
            yield sheet.problem(path, f"{reference} may be missing in {name}; expected a field without ?")


def check_reference(path: Path_, reference: str, facts: Facts, around: Surroundings) -> Iterator[Problem]:
    """A reference to what nothing is known of."""
    names = tuple(reference.split("."))
    if not isinstance(look_up(names, facts), Value):
        yield around.sheet.problem(path, unknown(names, facts))


def check_moment(path: Path_, reference: str, facts: Facts, around: Surroundings) -> Iterator[Problem]:
    """A reference that is no time or day, or that may be missing."""
    yield from check_reference(path, reference, facts, around)
    fact = look_up(reference.split("."), facts)
    if isinstance(fact, Value):
        if fact.kind not in MOMENTS:
            yield around.sheet.problem(path, f"{reference} is a {fact.kind}; expected a field of kind time or day")
        elif fact.empty or fact.absent:
            yield around.sheet.problem(path, f"{reference} may be missing; expected a field without ?")


def check_template(path: Path_, send: Send, around: Surroundings) -> Iterator[Problem]:
    """A template that isn't there, or lacks the file for a channel."""
    folder = around.templates / send.template
    if not folder.is_dir():
        there = [each.name for each in around.templates.iterdir() if each.is_dir()] if around.templates.is_dir() else []
        text = f"there is no folder templates/{send.template}; {one_of(send.template, there)}"
        yield around.sheet.problem((*path, "template"), text)
        return
    for index, channel in enumerate(send.route):
        if not (folder / f"{channel}.txt").is_file():
            text = (
                f"there is no templates/{send.template}/{channel}.txt; expected one, for every language without its own"
            )
            yield around.sheet.problem((*path, "route", index), text)


def spoken_by(journey: Journey, catalogue: Catalogue | None) -> Iterator[tuple[str, Facts]]:
    """Each template that the journey sends, with what is known when it does."""
    heard = heard_at(journey)
    for send in journey.sends():
        yield (
            send.template,
            {
                "event": event_facts(journey.enter, catalogue),
                "customer": customer_facts(),
                "heard": heard_facts(heard.get(id(send), set()), catalogue),
            },
        )
