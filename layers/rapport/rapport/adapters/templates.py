"""Templates to words, by Jinja2 in its sandbox: the unknown is an error, and what a customer wrote is only text."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Template, TemplateError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rapport.domain.event import read_moment
from rapport.domain.local_time import zone_info
from rapport.domain.message import Content as Words
from rapport.domain.message import UnsayableError
from rapport.domain.words import Channel

if TYPE_CHECKING:
    from rapport.adapters.content import Language, Voice

JOINERS = "\u200c\u200d"  # parts of Persian words and of emoji
HEADERS = ("Subject: ", "Preheader: ")


class Environment(ImmutableSandboxedEnvironment):
    """`event.data.items` is the event's item, never a method of Python's dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A mapping's value by its name; anything else as the sandbox has it."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same in brackets; what isn't there stays unnamed, since a value may have named it."""
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined("it looks in brackets for what isn't there")
        return super().getitem(obj, argument)


def something(value: Any) -> Any:
    """Raises UnsayableError instead of printing nothing as `None`."""
    if value is None:
        raise UnsayableError("it prints a value that may be missing; guard it with {% if %}")
    return value


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Raises UnsayableError, which names the place and the cause, for whatever can go wrong in a template."""
    try:
        yield
    except (TemplateError, UnsayableError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        cause = str(error) if isinstance(error, TemplateError | UnsayableError) else type(error).__name__
        raise UnsayableError(f"{place}: {cause}") from None


class Templates:
    """`directory` has a folder for each template, with one file for each channel and locale, and layout.html."""

    def __init__(self, directory: Path, voice: "Voice") -> None:
        self.directory = directory
        self.voice = voice
        self.text = Environment(undefined=StrictUndefined, finalize=something, autoescape=False)
        self.html = Environment(undefined=StrictUndefined, finalize=something, autoescape=True, trim_blocks=True)
        self.text.filters |= {"weekday": self.weekday, "day": self.day, "hour": self.hour}
        self.compiled = cache(self.compile)

    def render(self, template: str, channel: Channel, locale: str, facts: Mapping[str, Any]) -> Words:
        """The words for one channel. Raises UnsayableError."""
        file = self.find(template, channel, locale)
        language = self.language_of(file)
        known = {**calm(facts), "voice": self.voice.model_dump(), "language": language}
        with naming(f"templates/{template}/{file.name}"):
            parts = [part.render(known).strip() for part in self.compiled(file)]
            if channel == Channel.SMS:
                return Words(text=parts[0])
            subject, preheader, text = parts
            return Words(text=text, subject=subject, html=self.page(language, subject, preheader, text))

    def sentence(self, name: str, source: str, language: str, facts: Mapping[str, Any]) -> str:
        """One of answers.yaml. Raises UnsayableError."""
        with naming(f"answers.yaml: {name}"):
            known = {**calm(facts), "voice": self.voice.model_dump(), "language": language}
            return " ".join(self.text.from_string(source).render(known).split())

    def find(self, template: str, channel: Channel, locale: str) -> Path:
        """The file for the locale, for its language, or for all. Raises UnsayableError."""
        language = locale.split("-", maxsplit=1)[0]
        names = [f"{channel}.{locale}.txt", f"{channel}.{language}.txt", f"{channel}.txt"]
        for name in names:
            if (file := self.directory / template / name).exists():
                return file
        raise UnsayableError(f"templates/{template}: expected {channel}.txt")

    def compile(self, file: Path) -> list[Template]:
        """A text's one part, or an e-mail's three: apart, so that no value can become a header."""
        source = file.read_text(encoding="utf-8")
        if not file.name.startswith(Channel.EMAIL):
            return [self.text.from_string(source)]
        return [self.text.from_string(part) for part in split_email(source)]

    def language_of(self, file: Path) -> str:
        """The language that the file is written in: its name's, or the first that the voice has."""
        name = file.name.split(".")
        first = next(iter(self.voice.languages))
        return name[1].split("-")[0] if len(name) > len(("sms", "txt")) else first

    def page(self, language: str, subject: str, preheader: str, text: str) -> str:
        """The e-mail's HTML: the same paragraphs, escaped, in the company's layout."""
        paragraphs = [paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()]
        return self.layout.render(
            voice=self.voice.model_dump(),
            language=language,
            subject=subject,
            preheader=preheader,
            paragraphs=paragraphs,
        )

    @cached_property
    def layout(self) -> Template:
        """layout.html, which every e-mail is put into."""
        return self.html.from_string((self.directory / "layout.html").read_text(encoding="utf-8"))

    @pass_context
    def weekday(self, context: Context, value: str) -> str:
        """`Thursday`, where the customer is."""
        return self.language(context).weekdays[local(context, value).weekday()]

    @pass_context
    def day(self, context: Context, value: str) -> str:
        """`26 November`, where the customer is."""
        there = local(context, value)
        return f"{there.day} {self.language(context).months[there.month - 1]}"

    @pass_context
    def hour(self, context: Context, value: str) -> str:
        """`14:00`, on the customer's clock."""
        return f"{local(context, value):{self.language(context).hour}}"

    def language(self, context: Context) -> "Language":
        """How the language that the template is written in writes days and hours."""
        return self.voice.languages[context["language"]]


def local(context: Context, value: str) -> datetime | date:
    """A time on the customer's clock, or a day as it is."""
    moment = read_moment(value)
    return moment.astimezone(zone_info(context["customer"]["zone"])) if isinstance(moment, datetime) else moment


def split_email(source: str) -> list[str]:
    """Subject, preheader and body. Raises ValueError when the file doesn't begin with the first two."""
    lines = source.split("\n")
    for line, header in zip(lines, HEADERS, strict=False):
        if not line.startswith(header):
            raise ValueError(f"expected a line '{header}...'")
    subject, preheader = (line.removeprefix(header) for line, header in zip(lines, HEADERS, strict=False))
    return [subject, preheader, "\n".join(lines[2:])]


def calm(value: Any) -> Any:
    """What is known, with every text on one line: no value can begin a line, a paragraph or a link of its own."""
    if isinstance(value, str):
        return " ".join("".join(char if char.isprintable() or char in JOINERS else " " for char in value).split())
    if isinstance(value, Mapping):
        return {name: calm(inner) for name, inner in value.items()}
    return [calm(inner) for inner in value] if isinstance(value, list | tuple) else value
