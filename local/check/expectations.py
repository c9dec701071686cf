"""What pydantic found wrong in a file, in the words of the file: place, line, and what was expected."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from local.check.problem import Problem, one_of
from local.check.yaml_lines import Path_, Sheet
from rapport.adapters.content import Language
from rapport.domain.conversation import Reminding
from rapport.domain.event import EventType
from rapport.domain.journey import Branch, Listen, Name, Reference, Send, Until
from rapport.domain.liking import LikingWords
from rapport.domain.opening import Opening
from rapport.domain.places import PlaceWords
from rapport.domain.plain_words import Rule
from rapport.domain.policy import Cap, PurposeRules, Trouble
from rapport.domain.spending import CountryCode, NumberCeilings, Spending

STEP = "a step: wait, send, branch or end"
SPAN = "a span of time such as '90 minutes', '3 days' or '1 week'"
REFERENCE = "a reference such as event.data.order"
COUNTRY = "a country's code of ISO 3166 such as US, GB or FR"
EVENT_TYPE = "an event type such as delivery.completed"
WAIT = f"{SPAN}, or {{until: event.data.due_at}}, {{days: 2}} or {{for: reply, up_to: 3 days}}"

# Pydantic puts the kind of a step and the kind of a wait into its locations; the files don't have them.
STEPS = ("steps", "then", "otherwise")
KINDS_OF_STEP = ("wait", "send", "branch", "end")
KINDS_OF_WAIT = ("span", "listen", "until")

PATTERNS = {
    TypeAdapter(Name).json_schema()["pattern"]: "a name in lower case such as delivery-reminder",
    TypeAdapter(Reference).json_schema()["pattern"]: REFERENCE,
    TypeAdapter(EventType).json_schema()["pattern"]: EVENT_TYPE,
    TypeAdapter(CountryCode).json_schema()["pattern"]: COUNTRY,
}
MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "send": (Send,),
    "branch": (Branch,),
    "wait": (Until, Listen),
    "caps": (Cap,),
    "purposes": (PurposeRules,),
    "troubles": (Trouble,),
    "spending": (Spending,),
    "per_number": (NumberCeilings,),
    "languages": (Language,),
    "opening": (Opening,),
    "desk": (Reminding,),
    "rules": (Rule,),
    "likings": (LikingWords,),
    "places": (PlaceWords,),
}
MISSING = {
    "journey": "the journey's name, the same as its file's",
    "enter": EVENT_TYPE,
    "about": REFERENCE,
    "purpose": "transactional, service, check-in or promotional",
    "steps": "a list of steps",
    "template": "the name of a folder in templates",
    "route": "a list of channels such as [sms, email]",
    "for": "reply, receipt or an event type",
    "up_to": SPAN,
    "every": SPAN,
    "expires": SPAN,
    "if": REFERENCE,
    "opened_by": "a list of event types",
    "closed_by": "a list of event types",
    "opens": "a wall-clock time in quotes, such as '08:00'",
    "spending": "countries, per_number and per_day",
    "countries": "a list of countries such as [US, GB]",
    "per_number": "the most segments of one number such as {hour: 60, day: 200}",
    "per_day": "the most segments of all texts of a day",
    "closes": "a wall-clock time in quotes, such as '21:00'",
    "time_zone": "an IANA name such as Europe/Paris",
    "hours": "days with their hours, such as monday: 09:00-17:30",
    "destination_closes": SPAN,
    "yes_lasts": SPAN,
    "question_lasts": SPAN,
    "remind_after": SPAN,
    "apologise_after": SPAN,
    "misses": "a whole number",
    "least_score": "a number from 0 to 1",
    "always_a_person": "a list of the chatbot's intents",
    "yes": 'a list of words, and the key in quotes: "yes"',
    "no": 'a list of words, and the key in quotes: "no"',
}
TYPES = {
    "string_type": "text (in quotes if YAML reads it as something else, as it does with no, 12 and 2026-11-30)",
    "invalid_key": "a key that is text; YAML reads this one as something else, so write it in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "time_delta_type": SPAN,
    "time_parsing": "a wall-clock time in quotes, such as '08:00'",
    "recursion_loop": "a value that does not contain itself",
}


def explain(error: ValidationError, sheet: Sheet, model: type[BaseModel] | None) -> Iterator[Problem]:
    """Every finding, once: what several members of a union say of one value is one mistake."""
    details = [detail for detail in error.errors(include_url=False) if not follows_from_others(detail)]
    placed = [(*locate(detail, sheet), detail) for detail in details]
    places = [path for path, _, _ in placed]
    texts: dict[tuple[Path_, str], list[str]] = {}
    for path, of_union, detail in placed:
        if of_union and any(len(other) > len(path) and other[: len(path)] == path for other in places):
            continue
        text, stands_there = expectation(detail, path, model), found(detail, path, sheet)
        texts.setdefault((path, stands_there), []).append(text)
    for (path, stands_there), said in texts.items():
        yield sheet.problem(path, f"{' or '.join(alternatives(said))}{stands_there}")


def follows_from_others(detail: Any) -> bool:
    """Whether a list only seems too short because its items, which are there, are wrong."""
    return bool(detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"])


def locate(detail: Any, sheet: Sheet) -> tuple[Path_, bool]:
    """The place in the file, and whether pydantic speaks of one member of a union there."""
    path: Path_ = ()
    tagged = of_union = False
    for part in detail["loc"]:
        kinds = () if tagged else kinds_behind(path)
        if part in kinds:
            tagged = True
        elif (*path, part) in sheet.lines or (*path, str(part)) in sheet.lines:
            path = (*path, part) if (*path, part) in sheet.lines else (*path, str(part))
            tagged = False
        elif detail["type"] == "missing" and isinstance(part, str) and part == detail["loc"][-1]:
            path = (*path, part)
        else:
            of_union = of_union or isinstance(part, str)
    return path or quoted(detail, sheet), of_union


def quoted(detail: Any, sheet: Sheet) -> Path_:
    """The place of the value that a finding about the whole file quotes."""
    if detail["type"] != "value_error":
        return ()
    named = [(len(node.value), path) for path, node in sheet.scalars() if repr(node.value) in detail["msg"]]
    return max(named, default=(0, ()), key=lambda each: each[0])[1]


def kinds_behind(path: Path_) -> tuple[str, ...]:
    """What pydantic may call the thing in this place."""
    if len(path) > 1 and isinstance(path[-1], int) and path[-2] in STEPS:
        return KINDS_OF_STEP
    return KINDS_OF_WAIT if path and path[-1] == "wait" else ()


def expectation(detail: Any, path: Path_, model: type[BaseModel] | None) -> str:
    """What was expected in this place."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing" and isinstance(detail["loc"][-1], int):
        return f"expected more items than the {len(detail['input'])} there are"
    if kind == "missing":
        return f"missing; expected {MISSING.get(str(path[-1]), 'a value')}"
    if kind == "extra_forbidden":
        return f"unknown key; {one_of(str(path[-1]), keys_of(path[:-1], model))}"
    if kind == "step" or (kinds_behind(path) == KINDS_OF_STEP and kind in ("literal_error", "model_type")):
        return f"expected {STEP}"
    if kind == "model_type" and path and path[-1] == "wait":
        return f"expected {WAIT}"
    if kind == "string_type" and isinstance(detail["input"], bool):
        return f"expected text; YAML reads this as {str(detail['input']).lower()}, so write it in quotes"
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return f"expected {PATTERNS.get(context['pattern'], 'other text')}"
    if kind in ("enum", "literal_error"):
        return f"expected {context['expected']}"
    return f"expected {TYPES.get(kind) or bounds(kind, context) or str(detail['msg']).replace('Input should be ', '')}"


def bounds(kind: str, context: dict[str, Any]) -> str | None:
    """What a number or a list has to keep to."""
    return {
        "greater_than_equal": f"{context.get('ge')} or more",
        "less_than_equal": f"{context.get('le')} or less",
        "too_short": f"at least {context.get('min_length')} in the list",
        "too_long": f"at most {context.get('max_length')} in the list, found {context.get('actual_length')}",
        "string_too_long": f"at most {context.get('max_length')} characters",
    }.get(kind)


def keys_of(path: Path_, model: type[BaseModel] | None) -> list[str]:
    """The keys that the mapping in this place may have."""
    if kinds_behind(path) == KINDS_OF_STEP:
        return ["wait", "send", "branch"]
    names = [name for name in path if isinstance(name, str)]
    near = next((MODELS[name] for name in reversed(names[-2:]) if name in MODELS), None)
    if "send_window" in names:
        return ["opens", "closes"]
    models = near or ((model,) if model else ())
    return [field.alias or name for each in models for name, field in each.model_fields.items()]


def alternatives(said: list[str]) -> list[str]:
    """The expectations, each once, and the word `expected` only in the first."""
    first, *others = dict.fromkeys(said)
    return [first, *(other.removeprefix("expected ") for other in others)]


def found(detail: Any, path: Path_, sheet: Sheet) -> str:
    """What stands there instead, when it is a single value or a key."""
    if detail["type"] == "extra_forbidden":
        return ""
    if "[key]" in detail["loc"]:
        return f", found {sheet.written.get(path, '')!r}"
    value = getattr(sheet.nodes.get(path), "value", None)
    if not isinstance(value, str):
        return ""
    return f", found {value[:40]!r}" if value else ", found nothing"


def bare_numbers(sheet: Sheet) -> Iterator[Problem]:
    """Numbers where a span of time belongs: pydantic would take them for seconds."""
    for path, node in sheet.scalars():
        if path and path[-1] in ("up_to", "every", "expires") and node.tag.endswith((":int", ":float")):
            yield sheet.problem(path, f"expected {SPAN}, found {node.value}")
