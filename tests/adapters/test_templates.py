"""Every shipped template in every language, for every kind of customer; and what a template can't say."""

from pathlib import Path

import pytest

from rapport.adapters.templates import split_email
from rapport.domain.advance import check_length
from rapport.domain.message import Content as Words
from rapport.domain.message import UnsayableError
from rapport.domain.words import Channel
from tests.adapters.sayings import DUE, EVENTS, OPTIONAL, SHIPPED, TEMPLATES, facts, say, written

EMAIL = "Subject: {subject}\nPreheader: p\n\n{body}\n"


def test_this_file_knows_every_shipped_template() -> None:
    assert sorted(EVENTS) == sorted(OPTIONAL) == TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("locale", ["en", "en-GB", "fr", "fr-CA", "de"])
@pytest.mark.parametrize("name", ["Ada", None])
@pytest.mark.parametrize("with_optional", [True, False])
def test_every_template_reads_well_in_every_language_whatever_is_known(
    template: str, locale: str, name: str | None, with_optional: bool
) -> None:
    optional = OPTIONAL[template] if with_optional else {}
    text = say(template, Channel.SMS, locale, called=name, **optional)
    mail = say(template, Channel.EMAIL, locale, called=name, **optional)
    check_length(text, Channel.SMS)
    assert "\n" not in text.text
    assert (text.subject, text.html) == (None, None)
    assert mail.subject
    assert mail.html
    language = "fr" if locale.startswith("fr") else "en"
    assert f'<html lang="{language}">' in mail.html
    for said in (text.text, mail.text, mail.subject, mail.html):
        assert said == said.strip()
        assert "None" not in said
        assert "{" not in said
        assert "  " not in said.replace("\n", "")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize(("locale", "greeting"), [("en", "Hello"), ("fr", "Bonjour")])
def test_a_mail_greets_by_name_where_there_is_one(template: str, locale: str, greeting: str) -> None:
    assert say(template, locale=locale, called="Ada").text.startswith(f"{greeting} Ada,\n\n")
    assert say(template, locale=locale, called=None).text.startswith(f"{greeting},\n\n")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_mails_html_says_the_same_paragraphs_as_its_text(template: str, locale: str) -> None:
    mail = say(template, locale=locale, called=None)
    assert mail.html
    paragraphs = mail.text.replace("&", "&amp;").replace("'", "&#39;").split("\n\n")
    assert all(f"<p>{paragraph}</p>" in mail.html for paragraph in paragraphs)
    assert mail.html.count("<p>") == len(paragraphs)


def test_subject_and_preheader_are_headers_and_no_part_of_the_text() -> None:
    mail = say("delivery-reminder")
    assert mail.subject == "Your delivery comes on Friday"
    assert mail.html
    assert "<title>Your delivery comes on Friday</title>" in mail.html
    assert ">Order 42, and what to do if you won&#39;t be in.</div>" in mail.html
    assert "Subject" not in mail.text
    assert "Preheader" not in mail.text


def test_only_an_https_address_on_a_line_of_its_own_becomes_a_link() -> None:
    linked = say("back-in-stock", url="https://shop.example/fern?a=1&b=2")
    assert linked.html
    assert '<a href="https://shop.example/fern?a=1&amp;b=2"' in linked.html
    for url in ("javascript:alert(1)", "http://shop.example/", "https://shop.example/ and more"):
        bare = say("back-in-stock", url=url)
        assert bare.html
        assert "<a " not in bare.html
        assert f"<p>{url}</p>" in bare.html


@pytest.mark.parametrize(
    ("locale", "zone", "at", "weekday"),
    [
        ("en", "Europe/Paris", DUE, "Friday"),
        ("fr", "Europe/Paris", DUE, "vendredi"),
        ("fr-CA", "America/Toronto", "2026-11-27T03:00:00Z", "jeudi"),
        ("en", "Asia/Tokyo", "2026-11-27T15:00:00Z", "Saturday"),
        ("en", "Asia/Tokyo", "2026-11-27T14:59:59Z", "Friday"),
    ],
)
def test_weekdays_are_the_templates_language_on_the_customers_calendar(
    locale: str, zone: str, at: str, weekday: str
) -> None:
    text = say("delivery-reminder", Channel.SMS, locale, zone=zone, due_at=at).text
    assert weekday in text


@pytest.mark.parametrize(
    ("file", "locale", "said"),
    [
        ("sms.txt", "fr-CA", "Sunday, 1 March, 19:30"),
        ("sms.en.txt", "en-GB", "Sunday, 1 March, 19:30"),
        ("sms.fr.txt", "fr-CA", "dimanche, 1 mars, 19h30"),
        ("sms.fr-CA.txt", "fr-CA", "dimanche, 1 mars, 19h30"),
    ],
)
def test_days_and_hours_follow_the_files_language_and_the_customers_clock(
    tmp_path: Path, file: str, locale: str, said: str
) -> None:
    source = "{{ event.data.at | weekday }}, {{ event.data.at | day }}, {{ event.data.at | hour }}"
    words = written(tmp_path, {file: source}).render(
        "t", Channel.SMS, locale, facts("check-in", zone="America/Toronto", at="2026-03-02T00:30:00Z")
    )
    assert words.text == said


def test_a_day_is_the_same_day_everywhere(tmp_path: Path) -> None:
    templates = written(tmp_path, {"sms.txt": "{{ event.data.on | weekday }} {{ event.data.on | day }}"})
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        words = templates.render("t", Channel.SMS, "en", facts("check-in", zone=zone, on="2026-11-30"))
        assert words.text == "Monday 30 November"


def test_the_nearest_file_speaks() -> None:
    assert "Bonjour" in say("check-in", locale="fr-CA").text
    assert "Hello" in say("check-in", locale="de-AT").text


def test_the_locale_comes_before_its_language_and_that_before_all(tmp_path: Path) -> None:
    templates = written(tmp_path, {"sms.txt": "all", "sms.fr.txt": "French", "sms.fr-CA.txt": "Canadian"})
    said = [templates.render("t", Channel.SMS, locale, facts("check-in")).text for locale in ("fr-CA", "fr-FR", "en")]
    assert said == ["Canadian", "French", "all"]


@pytest.mark.parametrize(("template", "channel"), [("nowhere", Channel.SMS), ("t", Channel.EMAIL)])
def test_a_file_that_isnt_there_is_named(tmp_path: Path, template: str, channel: Channel) -> None:
    with pytest.raises(UnsayableError, match=f"templates/{template}: expected {channel}.txt"):
        written(tmp_path, {"sms.txt": "x"}).render(template, channel, "en", facts("check-in"))


@pytest.mark.parametrize(
    "source",
    [
        "{{ event.data.nothing }}",
        "{{ nothing }}",
        "{% if event.data.nothing %}x{% endif %}",
        "{{ event.data.order.nothing }}",
        "{{ event.data.order | nothing }}",
        "{{ event.data.order",
        "{{ heard.data.feeling }}",
        "{{ event.data.order | day }}",
        "{{ event.data.number | day }}",
        "{{ event.data.order + event.data.number }}",
        "{{ customer.name.__class__ }}",
        "{{ event.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ event.data.order.format.__globals__ }}",
        "{{ '{0.__class__}'.format(customer.name) }}",
        "{{ event.data.items() }}",
        "{{ event.data.keys() }}",
        "{{ customer.pop('name') }}",
        "{{ event.data.list.append(1) }}",
        "{% include 'layout.html' %}",
        "{{ self._TemplateReference__context }}",
    ],
)
def test_what_cant_be_said_names_the_file_and_never_a_value(tmp_path: Path, source: str) -> None:
    told = facts("check-in", called="Secret-name", order="Secret-order", number=5, list=[1])
    with pytest.raises(UnsayableError) as caught:
        written(tmp_path, {"sms.txt": source}).render("t", Channel.SMS, "en", told)
    assert str(caught.value).startswith("templates/t/sms.txt: ")
    assert "Secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("sms.txt", "{{ 10 / event.data.zero }}"),
        ("sms.txt", "{{ range(10 ** 9) | length }}"),
        ("sms.de.txt", "{{ event.data.due | day }}"),
        ("sms.txt", "{{ event.data['values'] }}"),
        ("sms.txt", "{{ event.data['keys']() | list }}"),
        ("sms.txt", "{{ event.data[customer.name] }}"),
    ],
)
def test_nor_does_this_which_is_odder(tmp_path: Path, file: str, source: str) -> None:
    told = facts("check-in", called="Secret-name", zero=0, due=DUE)
    with pytest.raises(UnsayableError) as caught:
        written(tmp_path, {file: source}).render("t", Channel.SMS, "de", told)
    assert "Secret" not in str(caught.value)


def test_a_field_called_items_is_the_events_field(tmp_path: Path) -> None:
    templates = written(tmp_path, {"sms.txt": "{{ event.data.items }} {{ event.data['keys'] }}"})
    told = facts("check-in", items="two ferns", keys="three")
    assert templates.render("t", Channel.SMS, "en", told).text == "two ferns three"


@pytest.mark.parametrize("with_it", [True, False])
def test_an_optional_field_printed_without_a_guard_is_told_of(tmp_path: Path, with_it: bool) -> None:
    templates = written(tmp_path, {"email.txt": EMAIL.format(subject="s", body="Your {{ event.data.item }}")})
    told = facts("check-in", item="fern" if with_it else None)
    if with_it:
        assert templates.render("t", Channel.EMAIL, "en", told).text == "Your fern"
        return
    with pytest.raises(UnsayableError, match=r"templates/t/email\.txt: it prints a value that may be missing"):
        templates.render("t", Channel.EMAIL, "en", told)


def test_the_shipped_content_fills_in_what_may_be_missing(tmp_path: Path) -> None:
    complete = SHIPPED.complete({"type": "delivery.completed", "data": {"order": "42"}})
    templates = written(tmp_path, {"sms.txt": "{% if event.data.item %}x{% else %}none{% endif %}"})
    assert templates.render("t", Channel.SMS, "en", {**facts("check-in"), "event": complete}).text == "none"


@pytest.mark.parametrize(
    "source", ["Hello", "Preheader: p\nSubject: s\n\nHello", "Subject: s\n\nHello", "subject: s\nPreheader: p\n"]
)
def test_a_mail_begins_with_its_subject_and_its_preheader(tmp_path: Path, source: str) -> None:
    with pytest.raises(ValueError, match="expected a line"):
        split_email(source)
    with pytest.raises(UnsayableError, match=r"templates/t/email\.txt: "):
        written(tmp_path, {"email.txt": source}).render("t", Channel.EMAIL, "en", facts("check-in"))


def test_a_value_spread_over_headers_stays_in_its_header(tmp_path: Path) -> None:
    source = "Subject: {% set x = 1 %}{{ customer.name }}\nPreheader: p\n\nHello\n"
    mail = written(tmp_path, {"email.txt": source}).render(
        "t", Channel.EMAIL, "en", facts("check-in", called="A\nB: c")
    )
    assert (mail.subject, mail.text) == ("A B: c", "Hello")


def test_a_text_as_long_as_sns_takes_may_go_and_one_character_more_may_not() -> None:
    check_length(Words(text="x" * 1600), Channel.SMS)
    with pytest.raises(UnsayableError, match="1601 characters; SNS takes at most 1600"):
        check_length(Words(text="x" * 1601), Channel.SMS)
    check_length(Words(text="x" * 1601), Channel.EMAIL)
