"""What the company says, hears and goes by, read from its files."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rapport.domain.event import Catalogue, Declaration, EventType
from rapport.domain.message import Content as Words
from rapport.domain.message import UnsayableError
from rapport.domain.policy import Policy
from rapport.domain.words import Channel

if TYPE_CHECKING:
    from rapport.adapters.templates import Templates
    from rapport.domain.dialogue import Rules
    from rapport.domain.journey import Journey
    from rapport.domain.plain_words import PlainWords
    from rapport.domain.replies import Replies

LATER: Final = ConfigDict(defer_build=True)
SENTENCES: TypeAdapter[dict[str, dict[str, str]]] = TypeAdapter(dict[str, dict[str, str]], config=LATER)
CATALOGUE: TypeAdapter[dict[str, dict[str, str]]] = TypeAdapter(dict[EventType, dict[str, Declaration]], config=LATER)


class Language(BaseModel):
    """How a language writes days and hours; `hour` is a strftime format."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    weekdays: tuple[str, str, str, str, str, str, str]
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    hour: str


class Voice(BaseModel):
    """Who the company is and how it speaks."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    company: str
    tone: str
    sign_off: dict[str, str]
    avoid: tuple[str, ...] = ()
    languages: dict[str, Language]


class Content:
    """Read when first asked for: a sender needs the policy and nothing else."""

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        self.versions: dict[str, str] = {}

    @cached_property
    def policy(self) -> Policy:
        """policy.yaml."""
        return Policy.model_validate(read_values(self.directory / "policy.yaml"))

    @cached_property
    def voice(self) -> Voice:
        """voice.yaml."""
        return Voice.model_validate(read_values(self.directory / "voice.yaml"))

    @cached_property
    def plain_words(self) -> "PlainWords":
        """plain-words.yaml: only what reads customers' texts pays for it."""
        from rapport.domain.plain_words import PlainWords

        return PlainWords.model_validate(read_values(self.directory / "plain-words.yaml"))

    @cached_property
    def replies(self) -> "Replies":
        """replies.yaml: how customers answer our questions."""
        from rapport.domain.replies import Replies

        return Replies.model_validate(read_values(self.directory / "replies.yaml"))

    @cached_property
    def rules(self) -> "Rules":
        """conversation.yaml: how we converse."""
        from rapport.domain.dialogue import Rules

        return Rules.model_validate(read_values(self.directory / "conversation.yaml"))

    @cached_property
    def sentences(self) -> dict[str, dict[str, str]]:
        """answers.yaml: what we answer, by name and language."""
        return SENTENCES.validate_python(read_values(self.directory / "answers.yaml"))

    @cached_property
    def catalogue(self) -> Catalogue:
        """events.yaml."""
        return CATALOGUE.validate_python(read_values(self.directory / "events.yaml"))

    @cached_property
    def journeys(self) -> "Mapping[str, Journey]":
        """journeys/*.yaml, by name."""
        from rapport.domain.journey import Journey

        folder = self.directory / "journeys"
        files = [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("*.json"))]
        journeys = [Journey.model_validate(read_values(file)) for file in files]
        return {journey.journey: journey for journey in journeys}

    @cached_property
    def templates(self) -> "Templates":
        """templates/, by Jinja2: only what renders pays for importing it."""
        from rapport.adapters.templates import Templates

        return Templates(self.directory / "templates", self.voice)

    def render(self, template: str, channel: Channel, locale: str, facts: Mapping[str, Any]) -> Words:
        """The template in the customer's language. Raises UnsayableError, which names file and cause, never a value."""
        facts = {**facts, "event": self.complete(facts["event"]), "heard": self.complete(facts["heard"])}
        return self.templates.render(template, channel, locale, facts)

    def answer(self, name: str, customer: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
        """The sentence in the customer's language. Raises UnsayableError, which names it and the cause."""
        worded = self.sentences.get(name)
        if not worded:
            raise UnsayableError(f"answers.yaml: expected {name}")
        language = str(customer["locale"]).split("-")[0]
        language = language if language in worded else next(iter(worded))
        return self.templates.sentence(name, worded[language], language, {**facts, "customer": customer})

    def complete(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """An event with its declared fields all there: one that may be missing, and is, is nothing."""
        declared = self.catalogue.get(str(told.get("type")), {})
        return {**told, "data": {**dict.fromkeys(declared), **told.get("data", {})}}

    def version(self, template: str) -> str:
        """A short hash of the template's files. Raises UnsayableError when there are none."""
        if template not in self.versions:
            files = sorted((self.directory / "templates" / template).glob("*.txt"))
            if not files:
                raise UnsayableError(f"templates/{template}: no such template")
            said = b"\0".join(file.name.encode() + file.read_bytes() for file in files)
            self.versions[template] = hashlib.blake2s(said, digest_size=4).hexdigest()
        return self.versions[template]


def read_values(file: Path) -> Any:
    """The YAML file's values, or those of the JSON that the layer's build has put in its place."""
    built = file.with_suffix(".json")
    return json.loads(built.read_bytes()) if built.exists() else read_yaml(file)


def read_yaml(file: Path) -> Any:
    """The file's values. Raises OSError and yaml.YAMLError."""
    import yaml

    return yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
