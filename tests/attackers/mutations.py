"""What may be wrong with a document: each field gone, empty, of another kind, huge, deep or hostile; by seed."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, NamedTuple

from rapport.adapters import items

Path = tuple[str | int, ...]
GONE: Final = object()
INSIDE: Final = "<the JSON in this text>"
HUGE: Final = "x" * 300_000
DEEP: Final = "<a thousand lists, each in another>"
LEVELS: Final = 1_000
STRANGE: Final = "an emoji is a pair 🙂, and so is its half "
HOSTILE: Final = (
    *("", " ", "\x00", "a\x00b\x01\x1b[31m\x7f", "\u202eadA\u202c\u2066", "🙂" * 40, "e\u0301" * 90, "\ufeff\u200b"),
    *(
        "%s%n%(name)s%d",
        "{0} {0.__class__.__init__.__globals__}",
        "{{ 7*7 }}",
        "{% for x in y %}",
        "{# no #}",
        "${7*7}",
    ),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;&#0;", "</textarea>", "]]>"),
    *("Ana\r\nBcc: everyone@example.com\r\n\r\n", "Ana\nSubject: another", "\u2028\u2029\x85\x0b\x0c"),
    *("#pk", ":v", "attribute_exists(pk)", "PROFILE", "*", "LIST back-in-stock", "a#b#c", "REJECTED a", "ADDRESS +1"),
    *("../../etc/passwd", "' OR 1=1 --", "__proto__", "$(reboot)", "file:///etc/passwd", "NaN", "1e400", "null"),
    *("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z", "2026-11-23T25:61:00Z"),
    *("2026-11-23", "2026-11-23T09:00:00", "12:00", "-1", "0", "999999999999999999999999", "true", "٣"),
)
KINDS: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    [],
    {},
    [None],
    [[]],
    {"": ""},
    {"S": "x"},
    ["x"],
    [{}],
    {"M": {"S": 1}},
)
ONLY_IN_JSON: Final = (float("nan"), float("inf"), -float("inf"), 10**400, "\ud800", "a\udfffb", DEEP)
NAMES: Final = (
    "",
    "k" * 5_000,
    "#n",
    "pk",
    "__class__",
    "a.b",
    "{{ x }}",
    "\x00",
    "constructor",
    "expires",
    "version",
    "🙂",
)


class Mutant(NamedTuple):
    """A document with something wrong, and what."""

    what: str
    document: Any


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every field in the document, and in the JSON that its texts are."""
    if isinstance(value, str) and value.startswith("{"):
        yield from places(json.loads(value), (*path, INSIDE))
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*path, name)
        yield from places(each, (*path, name))


def changed(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """A copy with another value at the place, or without one; where there is no such place any more, as it is."""
    if not path:
        return change(value)
    step: Any = path[0]
    rest = path[1:]
    if step == INSIDE:
        return as_json(changed(json.loads(value), rest, change)) if holds_json(value) else value
    if not (isinstance(value, dict) and step in value) and not (isinstance(value, list) and step in range(len(value))):
        return value
    inner = changed(value[step], rest, change)
    if isinstance(value, dict):
        return {
            name: inner if name == step else each for name, each in value.items() if name != step or inner is not GONE
        }
    return [inner if at == step else each for at, each in enumerate(value) if at != step or inner is not GONE]


def holds_json(value: Any) -> bool:
    """Whether this is a text that can still be opened."""
    return isinstance(value, str) and value.startswith("{") and "[[[" not in value


def as_json(document: Any) -> str:
    """The document as text; what no encoder can hold goes in as it would be written."""
    return json.dumps(document).replace(json.dumps(DEEP), "[" * LEVELS + "]" * LEVELS)


def solid(value: Any) -> Any:
    """The document with what is deep really so."""
    if isinstance(value, str) and value == DEEP:
        nest: list[Any] = []
        for _ in range(LEVELS):
            nest = [nest]
        return nest
    if isinstance(value, dict):
        return {name: solid(each) for name, each in value.items()}
    return [solid(each) for each in value] if isinstance(value, list) else value


def put(new: Any) -> Callable[[Any], Any]:
    """This in its place; beside what is there, if it is a mapping."""
    return lambda _: new


def beside(name: str, new: Any) -> Callable[[Any], Any]:
    """One field more, where there are fields."""
    return lambda there: {**there, name: new} if isinstance(there, dict) else there


def changes(seed: int, document: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, Path, Callable[[Any], Any]]]:
    """Everything that may be wrong with it, in an order that the seed decides, and again without end."""
    chance = Random(seed)  # noqa: S311
    everywhere = sorted(set(places(document)), key=repr)
    ways = [(f"{path} is {str(new)[:40]!r}", path, put(new)) for path in everywhere for new in values]
    ways += [(f"{path} is gone", path, put(GONE)) for path in everywhere]
    ways += [
        (f"{path} has {name[:20]!r}", path, beside(name, chance.choice(values)))
        for path in everywhere
        for name in NAMES
    ]
    # Those that every field deserves come first: gone, null, huge and deep.
    first = [way for way in ways if way[0].endswith((" is gone", "'None'", repr(DEEP[:40]), repr(HUGE[:40])))]
    rest = [way for way in ways if way not in first]
    chance.shuffle(first)
    chance.shuffle(rest)
    yield from first
    yield from rest
    while True:
        yield chance.choice(ways)


def mutants(document: Any, number: int, seed: int = 0) -> list[Mutant]:
    """So many of a JSON document; the later half has two things wrong at once."""
    values = (*HOSTILE, *KINDS, *ONLY_IN_JSON, HUGE)
    return made(document, changes(seed, document, values), number)


def made(document: Any, ways: Iterator[tuple[str, Path, Callable[[Any], Any]]], number: int) -> list[Mutant]:
    """The first so many, then pairs of the next."""
    found: list[Mutant] = []
    while len(found) < number:
        what, path, change = next(ways)
        mutant = changed(document, path, change)
        if len(found) >= number * 3 // 4:
            also, elsewhere, other = next(ways)
            what, mutant = f"{what}; {also}", changed(mutant, elsewhere, other)
        found.append(Mutant(what, mutant))
    return found


def torn(body: str, number: int, seed: int = 0) -> list[Mutant]:
    """A text cut off, said twice, with a character changed or put in."""
    chance = Random(seed)  # noqa: S311
    found: list[Mutant] = []
    for at in (chance.randrange(len(body)) for _ in range(number)):
        odd = chance.choice('\x00{}[]",:\\\ud800é0')
        spoilt = (body[:at], body + body[:at], body[:at] + odd + body[at + 1 :], body[:at] + odd + body[at:])
        found.append(Mutant(f"spoilt at {at}", chance.choice(spoilt)))
    return found


def image_mutants(image: items.Item, keys: tuple[str, ...], number: int, seed: int = 0) -> list[Mutant]:
    """Of an item as a stream shows it: what DynamoDB can hold, and never without its keys, which are texts."""
    values = (*HOSTILE, *KINDS, HUGE, {"a"}, {1, 2}, b"\x00\xff", [[[[[[[[["deep"]]]]]]]]])
    ways = changes(seed, items.from_item(image), values)
    found: list[Mutant] = []
    while len(found) < number:
        for what, mutant in made(items.from_item(image), ways, 1):
            if isinstance(mutant, dict) and all(
                isinstance(mutant.get(key), str) and 0 < len(mutant[key]) < 2048 for key in keys
            ):
                found.append(Mutant(what, {name: as_attribute(value) for name, value in mutant.items() if name}))
    return found


def as_attribute(value: Any) -> items.Item:
    """The value as Lambda shows it: binaries in base64."""
    attribute = dict(items.serializer.serialize(items.exact(value)))
    return {"B": "AP8="} if "B" in attribute else attribute
