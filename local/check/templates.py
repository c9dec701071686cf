"""What can be wrong with a template: its name, its headers, its Jinja2, its values and its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

from jinja2 import Environment, TemplateSyntaxError, nodes

from local.check.facts import TEXT, Facts, common, voice_facts
from local.check.problem import Problem, UnreadableError, one_of, read_text
from local.check.values import Reader
from rapport.adapters.content import Voice
from rapport.adapters.templates import HEADERS, Templates
from rapport.domain.advance import MAX_SMS_CHARACTERS
from rapport.domain.words import Channel

TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
LAYOUT = "templates/layout.html"
OF_LAYOUT = ("language", "subject", "preheader", "paragraphs")


@dataclass(frozen=True)
class House:
    """The folder, the voice if it can be read, and what is known wherever a template is sent."""

    directory: Path
    voice: Voice | None
    spoken: dict[str, list[Facts]]
    all_journeys_known: bool


@cache
def engine(html: bool) -> Environment:
    """Jinja2 as it is at run time; what it takes for right depends on no folder and no voice."""
    templates = Templates(Path(), Voice(company="", tone="", sign_off={}, languages={}))
    return templates.html if html else templates.text


@lru_cache(maxsize=256)
def parse(source: str, html: bool) -> nodes.Template:
    """The tree of the source. Raises TemplateSyntaxError and RecursionError."""
    return engine(html).parse(source)


@lru_cache(maxsize=256)
def translate(source: str, html: bool) -> None:
    """Raises TemplateSyntaxError for what can be parsed, and is wrong even so."""
    engine(html).compile(source, raw=True)


def check_templates(house: House) -> Iterator[Problem]:
    """Every mistake in every template, and in the layout."""
    yield from check_layout(house)
    folder = house.directory / "templates"
    for each in sorted(folder.iterdir()) if folder.is_dir() else []:
        if each.is_dir():
            yield from check_folder(each.name, house)


def check_folder(name: str, house: House) -> Iterator[Problem]:
    """One template, on every channel and in every language."""
    folder = f"templates/{name}"
    if name not in house.spoken and house.all_journeys_known:
        yield Problem(folder, 1, "", "no journey uses it; expected a send with this template, or no such folder")
    voice = voice_facts(house.voice)
    told = house.spoken.get(name)
    facts: Facts = {**common(told), "voice": voice, "language": TEXT} if told else {}
    for each in sorted((house.directory / folder).iterdir()):
        if each.name.startswith("."):
            continue
        yield from check_name(f"{folder}/{each.name}", house.voice)
        if each.suffix != ".txt":
            continue
        try:
            text = read_text(house.directory, f"{folder}/{each.name}")
        except UnreadableError as error:
            yield error.problem
            continue
        yield from check_text(f"{folder}/{each.name}", text, facts, house)


def check_name(file: str, voice: Voice | None) -> Iterator[Problem]:
    """A file that no message would be made from."""
    channel, *locale = PurePosixPath(file).name.removesuffix(".txt").split(".")
    if channel not in list(Channel) or len(locale) > 1 or not file.endswith(".txt"):
        text = "nothing reads it; expected a channel, a locale if need be, and .txt, such as sms.txt or email.fr.txt"
        yield Problem(file, 1, "", text)
    elif voice and locale and locale[0].split("-")[0] not in voice.languages:
        language = locale[0].split("-")[0]
        text = f"{language} is not in the languages of voice.yaml; {one_of(language, voice.languages)}"
        yield Problem(file, 1, "", text)


def check_text(file: str, text: str, facts: Facts, house: House) -> Iterator[Problem]:
    """What one file says."""
    email = PurePosixPath(file).name.startswith(Channel.EMAIL)
    if email:
        yield from check_headers(file, text)
    for line, part in split(text) if email else [(1, text)]:
        yield from check_jinja(file, part, line - 1, facts)
    said = "\n".join(text.split("\n")[len(HEADERS) :]) if email else text
    if not said.strip():
        yield Problem(file, len(HEADERS) + 1 if email else 1, "", "empty; expected the words that are to be sent")
    if not email and (length := shortest(text)) > MAX_SMS_CHARACTERS:
        expected = f"expected at most {MAX_SMS_CHARACTERS}, which is what SNS takes"
        yield Problem(file, 1, "", f"{length} characters, even before any value; {expected}")
    yield from check_words(file, text, house.voice)


def check_headers(file: str, text: str) -> Iterator[Problem]:
    """The two lines that an e-mail begins with."""
    lines = [*text.split("\n"), "", ""]
    for index, header in enumerate(HEADERS):
        if not lines[index].startswith(header):
            yield Problem(file, index + 1, header.split(":")[0], f"expected a line '{header}...' here")
        elif not lines[index].removeprefix(header).strip():
            yield Problem(file, index + 1, header.split(":")[0], "empty; expected the words that are to be sent")


def split(text: str) -> Iterator[tuple[int, str]]:
    """Subject, preheader and body with their first lines, as they are rendered apart, even where headers are wrong."""
    lines = [*text.split("\n"), ""]
    for index, header in enumerate(HEADERS):
        yield index + 1, lines[index].removeprefix(header)
    yield 3, "\n".join(lines[2:])


def check_jinja(file: str, source: str, above: int, facts: Facts, html: bool = False) -> Iterator[Problem]:
    """Jinja2's own mistakes, and values that aren't known. Without facts, of any value nothing is said."""
    try:
        tree = parse(source, html)
        found = [*read_values(tree, engine(html), facts)]
        yield from (Problem(file, line + above, place, text) for line, place, text in found)
        if not any(text.startswith("unknown ") for _, _, text in found):
            translate(source, html)
    except TemplateSyntaxError as error:
        message = (error.message or "a mistake").rstrip(".")
        yield Problem(file, error.lineno + above, "", f"expected Jinja2, found: {message}")
    except (RecursionError, SyntaxError, ValueError):
        yield Problem(file, above + 1, "", "expected Jinja2 that can be compiled, and is not nested so deeply")


def read_values(tree: nodes.Template, environment: Environment, facts: Facts) -> Iterator[tuple[int, str, str]]:
    """What is wrong with the values, filters and tests; without facts, with filters and tests alone."""
    names = {(name.name, name.ctx) for name in tree.find_all(nodes.Name)}
    own = {name for name, context in names if context != "load" or not facts} | {"loop", "caller"}
    own |= {macro.name for macro in tree.find_all(nodes.Macro)}
    yield from Reader(environment, facts, frozenset(own)).read(tree)


def check_layout(house: House) -> Iterator[Problem]:
    """The page around every e-mail."""
    try:
        source = read_text(house.directory, LAYOUT)
    except UnreadableError as error:
        yield error.problem
        return
    facts: Facts = {**dict.fromkeys(OF_LAYOUT, TEXT), "voice": voice_facts(house.voice)}
    yield from check_jinja(LAYOUT, source, 0, facts, html=True)
    if "paragraphs" not in source:
        yield Problem(LAYOUT, 1, "paragraphs", "missing; expected {% for paragraph in paragraphs %}, the e-mail's text")


def shortest(text: str) -> int:
    """How long the text is at least, before any value: of alternatives, the shorter counts."""
    try:
        return literal_length(parse(text.strip(), html=False))
    except (TemplateSyntaxError, RecursionError, ValueError):
        return 0


def literal_length(node: nodes.Node) -> int:
    """The characters that are printed whatever the values are."""
    if isinstance(node, nodes.TemplateData):
        return len(node.data)
    if isinstance(node, nodes.If):
        bodies = [node.body, *(part.body for part in node.elif_), node.else_]
        return min(sum(map(literal_length, body)) for body in bodies)
    if isinstance(node, nodes.For | nodes.Macro):
        return 0
    return sum(map(literal_length, node.iter_child_nodes()))


def check_words(file: str, text: str, voice: Voice | None) -> Iterator[Problem]:
    """Words that the voice avoids, in what a customer may read: not in names of values, nor in comments."""
    for line, words in avoided(TAG.sub(hide, text), voice):
        yield Problem(file, line, words, "expected other words; the voice avoids these")


def hide(tag: re.Match[str]) -> str:
    """The tag with only its quoted texts left, as long as before and with its lines."""
    blank = re.sub(r"[^\n]", "\0", tag[0])
    if not tag[0].startswith("{{"):
        return blank
    for quoted in QUOTED.finditer(tag[0]):
        blank = blank[: quoted.start()] + quoted[0] + blank[quoted.end() :]
    return blank


def avoided(text: str, voice: Voice | None) -> Iterator[tuple[int, str]]:
    """Where the text has words that the voice avoids, whole and in any case."""
    if voice is None or not any(map(str.split, voice.avoid)):
        return
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for match in any_of(voice.avoid).finditer(plain):
        yield plain.count("\n", 0, match.start()) + 1, " ".join(match[0].lower().split())


@cache
def any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the phrases, whatever their case and however they are spaced."""
    split_up = [phrase.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split() for phrase in phrases]
    patterns = [r"\s+".join(map(re.escape, words)) for words in split_up if words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
