"""What customers and shops write is only ever text: on one line, as it was, a part of a sentence."""

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.adapters.templates import calm
from rapport.domain.message import Content as Words
from rapport.domain.message import UnsayableError
from rapport.domain.words import Channel
from tests.adapters.sayings import DUE, EVENTS, OPTIONAL, TEMPLATES, facts, say, written
from tests.domain.builders import modest

TEXTS = [
    "{{7*7}}",
    "{% raw %}",
    "{% endif %}",
    "{# no #}",
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "Ada\r\nBcc: everyone@example.com",
    "Ada\n\nSubject: another",
    "Ada\n\nhttps://evil.example/",
    "Ada\u2028\u2029\x0b\x0c\x1c\x85Bcc: everyone@example.com",
    "A\x00d\x00a",
    "\u202eadA\u202c \u200fx\u2066y",
    "%s %(name)s %d",
    "{0} {customer} {0.__class__}",
    "&amp; &lt;",
    "x" * 10_000,
    "line\n" * 2000,
]
NAMES = [text[:12].encode("unicode_escape").decode() for text in TEXTS]
HARMLESS = "harmless"
CALM = st.text(st.characters(codec="utf-8"), max_size=40)


def as_said(text: str) -> str:
    """The text on one line, without what can't be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


@cache
def everywhere(text: str, template: str, locale: str) -> tuple[Words, Words]:
    """Text and e-mail with the same words in every field that takes words."""
    told: dict[str, Any] = dict.fromkeys(["called", *EVENTS[template]["data"], *OPTIONAL[template]], text)
    told |= {"due_at": DUE} if "due_at" in told else {}
    return say(template, Channel.SMS, locale, **told), say(template, Channel.EMAIL, locale, **told)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_hostile_text_stays_text_wherever_it_is_said(template: str, text: str, locale: str) -> None:
    short, mail = everywhere(text, template, locale)
    short_before, mail_before = everywhere(HARMLESS, template, locale)
    assert HARMLESS in short_before.text + mail_before.text
    expected = as_said(text)
    assert short.text == short_before.text.replace(HARMLESS, expected)
    assert mail.text == mail_before.text.replace(HARMLESS, expected)
    assert mail.subject == str(mail_before.subject).replace(HARMLESS, expected)
    escaped = escape(expected).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    assert mail.html == str(mail_before.html).replace(HARMLESS, escaped)
    assert short.text.isprintable()
    assert mail.subject.isprintable()
    assert mail.text.replace("\n", "").isprintable()


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_a_time_that_is_no_time_is_told_of_without_repeating_it(text: str) -> None:
    with pytest.raises(UnsayableError) as caught:
        say("delivery-reminder", due_at=text)
    assert str(caught.value) == "templates/delivery-reminder/email.txt: ValueError"


@modest
@given(CALM, CALM)
def test_whatever_is_written_it_takes_up_one_line_of_text_and_no_markup(name: str, order: str) -> None:
    mail, plain = say("check-in", called=f"x{name}.", order=f"y{order}."), say("check-in", called="x", order="y")
    assert mail.text.count("\n") == plain.text.count("\n")
    assert mail.text.startswith(as_said(f"Hello x{name}.,"))
    assert as_said(f"Your order y{order}. has been") in mail.text
    assert str(mail.html).count("<") == str(plain.html).count("<")


@modest
@given(CALM)
def test_a_calm_text_is_printable_without_breaks_and_calm_already(text: str) -> None:
    said = calm(text)
    assert said.isprintable()
    assert said == said.strip()
    assert calm(said) == said


def test_texts_deep_inside_lists_and_fields_are_calm_too(tmp_path: Path) -> None:
    templates = written(tmp_path, {"sms.txt": "{{ event.data.lines | join(';') }} {{ event.data.at.home }}"})
    told = facts("check-in", lines=["a\nb", "c\r\nd"], at={"home": "e\x00f"})
    assert templates.render("t", Channel.SMS, "en", told).text == "a b;c d e f"


def test_numbers_flags_and_nothing_stay_what_they_are() -> None:
    assert calm({"a": 5, "b": True, "c": None, "d": 1.5}) == {"a": 5, "b": True, "c": None, "d": 1.5}


@pytest.mark.parametrize("value", ["{{7*7}}", "<b>&", "Ada"])
def test_html_is_escaped_once_in_title_preheader_and_paragraph(tmp_path: Path, value: str) -> None:
    source = "Subject: {{ customer.name }}\nPreheader: {{ customer.name }}!\n\n{{ customer.name }}?\n"
    words = written(tmp_path, {"email.txt": source}).render("t", Channel.EMAIL, "en", facts("check-in", called=value))
    assert words.html
    assert (words.subject, words.text) == (value, f"{value}?")
    said = escape(value)
    for part in (f"<title>{said}</title>", f">{said}!</div>", f"<p>{said}?</p>"):
        assert part in words.html
