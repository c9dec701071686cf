"""What a shipped template is told when it is rendered, and folders of templates that a test writes itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.template import ROOT
from rapport.adapters.content import Content, Voice
from rapport.adapters.templates import Templates
from rapport.domain.message import Content as Words
from rapport.domain.words import Channel

SHIPPED = Content(ROOT / "layers" / "content")
TEMPLATES = sorted(folder.name for folder in (SHIPPED.directory / "templates").iterdir() if folder.is_dir())
DUE = "2026-11-27T16:00:00+01:00"  # a Friday
EVENTS: dict[str, dict[str, Any]] = {
    "delivery-reminder": {"type": "delivery.scheduled", "data": {"order": "42", "due_at": DUE}},
    "check-in": {"type": "delivery.completed", "data": {"order": "42"}},
    "thank-you": {"type": "delivery.completed", "data": {"order": "42"}},
    "back-in-stock": {"type": "stock.back", "data": {"item": "fern-7"}},
}
OPTIONAL = {
    "delivery-reminder": {"window": "between 2 and 4", "item": "blue fern"},
    "check-in": {"item": "blue fern"},
    "thank-you": {"item": "blue fern"},
    "back-in-stock": {"name": "Blue fern", "url": "https://shop.example/fern?a=1&b=2"},
}


def facts(template: str, *, called: str | None = "Ada", zone: str = "Europe/Paris", **data: Any) -> dict[str, Any]:
    """What is known when the template is rendered."""
    event = EVENTS[template]
    customer = {"id": "ada", "name": called, "locale": "en", "country": "FR", "zone": zone}
    return {"event": {**event, "at": DUE, "data": {**event["data"], **data}}, "heard": {}, "customer": customer}


def say(template: str, channel: Channel = Channel.EMAIL, locale: str = "en", **told: Any) -> Words:
    """A shipped template's words."""
    return SHIPPED.render(template, channel, locale, facts(template, **told))


def written(directory: Path, files: Mapping[str, str]) -> Templates:
    """Templates in a folder of their own, all of one template `t`, in the company's voice and layout."""
    (directory / "t").mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / "t" / name).write_text(text, encoding="utf-8")
    layout = (SHIPPED.directory / "templates" / "layout.html").read_text(encoding="utf-8")
    (directory / "layout.html").write_text(layout, encoding="utf-8")
    return Templates(directory, SHIPPED.voice)


def voice(**changes: Any) -> Voice:
    """The company's voice with something changed."""
    return SHIPPED.voice.model_copy(update=changes)
