"""What customers and shops write is only ever text: on one line, as it was, and never more than a part of a sentence."""

from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.adapters.templates import calm
from rapport.domain.advance import UnsayableError
from rapport.domain.message import Content as Words
from rapport.domain.words import Channel
from tests.adapters.sayings import EVENTS, OPTIONAL, TEMPLATES, facts, say, written
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
FIELDS = [
    (template, field)
    for template in TEMPLATES
    for field in ["called", *EVENTS[template]["data"], *OPTIONAL[template]]
    if field != "due_at"
]
CALM = st.text(st.characters(codec="utf-8"), max_size=40)


def as_said(text: str) -> str:
    """The text on one line, without what can't be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def with_field(template: str, field: str, text: str, locale: str) -> tuple[Words, Words]:
    """Text and e-mail with hostile words in one field, and all the others as they should be."""
    told: dict[str, Any] = {**OPTIONAL[template], field: text}
    return say(template, Channel.SMS, locale, **told), say(template, Channel.EMAIL, locale, **told)


@pytest.mark.parametrize(("template", "field"), FIELDS)
@pytest.mark.parametrize("text", TEXTS, ids=[text[:12].encode("unicode_escape").decode() for text in TEXTS])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_hostile_text_stays_text_wherever_it_is_said(template: str, field: str, text: str, locale: str) -> None:
    expected, harmless = as_said(text), "harmless"
    short, mail = with_field(template, field, text, locale)
    short_before, mail_before = with_field(template, field, harmless, locale)
    assert mail.subject is not None
    assert mail_before.subject is not None
    assert short.text == short_before.text.replace(harmless, expected)
    assert mail.text == mail_before.text.replace(harmless, expected)
    assert mail.subject == mail_before.subject.replace(harmless, expected)
    assert mail.html
    assert mail_before.html
    assert unescape(mail.html) == unescape(mail_before.html.replace(harmless, escape(expected)))
    assert mail.html.count("<") == mail_before.html.count("<")
    assert mail.html.count('"') == mail_before.html.count('"')
    assert "\n" not in short.text + mail.subject
    assert mail.text.count("\n") == mail_before.text.count("\n")


@pytest.mark.parametrize("text", TEXTS, ids=[text[:12].encode("unicode_escape").decode() for text in TEXTS])
def test_a_time_that_is_no_time_is_told_of_without_repeating_it(text: str) -> None:
    with pytest.raises(UnsayableError) as caught:
        say("delivery-reminder", due_at=text)
    assert str(caught.value) == "templates/delivery-reminder/email.txt: ValueError"


@modest
@given(CALM, CALM)
def test_whatever_is_written_it_takes_up_one_line_of_text_and_no_markup(name: str, order: str) -> None:
    mail, plain = say("check-in", called=f"x{name}", order=f"y{order}"), say("check-in", called="x", order="y")
    assert mail.text.count("\n") == plain.text.count("\n")
    assert as_said(f"Hello x{name},") in mail.text
    assert as_said(f"Your order y{order} has been") in mail.text
    assert mail.html
    assert plain.html
    assert mail.html.count("<") == plain.html.count("<")
    assert mail.text.isprintable() or set(mail.text) - {"\n"} == set(mail.text.replace("\n", ""))


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
