"""What journeys, templates and answers may speak of: the fields of events, customers, replies and the voice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from local.check.problem import one_of
from rapport.adapters.content import Voice
from rapport.domain.advance import known_of
from rapport.domain.customer import Customer
from rapport.domain.event import FIELD, Catalogue
from rapport.domain.profile import BUILT_IN


@dataclass(frozen=True)
class Value:
    """A single value: `empty` when it may be nothing, `absent` when it may not even be defined."""

    kind: str
    empty: bool = False
    absent: bool = False


Facts = Mapping[str, Union["Facts", Value]]


@dataclass(frozen=True)
class Many(Value):
    """Several things, and what is known of each."""

    each: Facts = field(default_factory=dict)


ANYTHING = Value("anything")
TEXT = Value("text")


def event_types(declared: Catalogue) -> Catalogue:
    """The declared event types, and the built-in ones as if they were declared."""
    built_in = {
        name: {field: "text" if info.is_required() else "text?" for field, info in model.model_fields.items()}
        for name, model in BUILT_IN.items()
    }
    return {**declared, **built_in}


def event_facts(types: Iterable[str], catalogue: Catalogue | None) -> Facts:
    """What is known of an event that is of one of these types: what each of them declares."""
    return {"type": TEXT, "at": Value("time"), "data": data_of(types, catalogue)}


def data_of(types: Iterable[str], catalogue: Catalogue | None) -> Facts | Value:
    """The fields that each of the types declares; anything, when one of them is not known."""
    types = list(types)
    if catalogue is None or any(name not in catalogue for name in types):
        return ANYTHING
    return common(fields_of(name, catalogue) for name in types)


def fields_of(event_type: str, catalogue: Catalogue) -> Facts:
    """The type's fields. What a built-in type lacks is not even nothing: only declared fields are filled up."""
    fields = {}
    for name, declaration in catalogue[event_type].items():
        match = FIELD.fullmatch(declaration)
        optional = bool(match and match[2])
        built_in = event_type in BUILT_IN
        kind = match[1] if match else "text"
        fields[name] = Value(kind, empty=optional and not built_in, absent=optional and built_in)
    return fields


def common(many: Iterable[Facts]) -> Facts:
    """What can be spoken of in every one of them, with the doubts of each."""
    first, *others = [*many] or [{}]
    for other in others:
        first = {name: both(fact, other[name]) for name, fact in first.items() if name in other}
    return first


def both(one: Facts | Value, other: Facts | Value) -> Facts | Value:
    """A fact as it is known when either may be the case."""
    if isinstance(one, Value) and isinstance(other, Value):
        kind = one.kind if one.kind == other.kind else "text"
        return Value(kind, one.empty or other.empty, one.absent or other.absent)
    if isinstance(one, Value) or isinstance(other, Value):
        return other if isinstance(one, Value) else one
    return common([one, other])


def heard_facts(heard: Iterable[str | None], catalogue: Catalogue | None) -> Facts:
    """What is known of what a run has heard: the fields of any, absent unless each has them; None is nothing yet."""
    each = [heard_of(kind, catalogue) for kind in sorted(heard, key=str)]
    every = {name for facts in each for name in facts}
    return {name: some(name, each) for name in sorted(every)}


def heard_of(kind: str | None, catalogue: Catalogue | None) -> Facts:
    """What is known after hearing a receipt, a reply or an event."""
    if kind is None:
        return {}
    if kind == "receipt":
        return {"status": TEXT, "data": {}}
    return {"type": TEXT, "data": data_of(["reply.received" if kind == "reply" else kind], catalogue)}


def some(name: str, each: list[Facts]) -> Facts | Value:
    """The fact of this name, where some may lack it."""
    facts = [facts[name] for facts in each if name in facts]
    values = [fact for fact in facts if isinstance(fact, Value)]
    groups = [fact for fact in facts if not isinstance(fact, Value)]
    if not groups:
        kinds = {value.kind for value in values}
        kind = kinds.pop() if len(kinds) == 1 else "text"
        absent = len(facts) < len(each) or any(value.absent for value in values)
        return Value(kind, any(value.empty for value in values), absent)
    if values:
        return ANYTHING
    # A group is there even where nothing was heard, only empty.
    groups += [{}] * (len(each) - len(facts))
    return {inner: some(inner, groups) for inner in sorted({inner for group in groups for inner in group})}


def customer_facts() -> Facts:
    """What is known of a customer; what a customer without any particulars lacks may be missing."""
    return {name: Value("text", empty=value is None) for name, value in known_of(Customer(id="nobody")).items()}


def voice_facts(voice: Voice | None) -> Facts:
    """What the voice says of the company; anything about its fields, when it can't be read."""
    if voice is None:
        return dict.fromkeys(Voice.model_fields, ANYTHING)
    return {name: as_fact(value) for name, value in voice.model_dump().items()}


def as_fact(value: Any) -> Facts | Value:
    """A mapping as a group of facts, anything else as a value."""
    return {str(name): as_fact(inner) for name, inner in value.items()} if isinstance(value, dict) else TEXT


def look_up(names: Iterable[str], facts: Facts) -> Facts | Value | None:
    """What the names lead to; None when nothing is known of it."""
    fact: Facts | Value | None = facts
    for name in names:
        if fact == ANYTHING:
            return ANYTHING
        fact = fact.get(name) if isinstance(fact, Mapping) else None
    return fact


def unknown(names: tuple[str, ...], facts: Facts) -> str:
    """What is wrong with a reference that leads to nothing, and what it might have been."""
    reference, known = ".".join(names), 0
    group: Facts | Value | None = facts
    for name in names:
        inner = group.get(name) if isinstance(group, Mapping) else None
        if inner is None:
            break
        group, known = inner, known + 1
    before = ".".join(names[:known])
    if not isinstance(group, Mapping):
        return f"nothing is known of {reference}; expected {before}"
    if known == len(names):
        return f"{reference} is no single value; expected one of its fields: {', '.join(sorted(group))}"
    instead = one_of(names[known], group)
    if before == "event.data":
        return f"{reference} is not declared by every event that enters the journey; {instead}"
    if before == "heard" and not group:
        return f"{reference} is never known, since nothing has been listened for before; expected a wait with `for`"
    return f"nothing is known of {reference}; {instead}"
