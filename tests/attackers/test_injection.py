"""What customers write becomes no header, no markup and no template anywhere: texts, e-mails, the letter, the page."""

from html import escape

import pytest

from local.world import World
from rapport.adapters import items
from tests.adapters.test_templates_hostile import NAMES, TEXTS
from tests.attackers.neighbours import to_send
from tests.functions.at_the_desk import ask_for_a_person
from tests.functions.on_record import LETTER, PHONE, mail, put, queued, wake
from tests.functions.trouble import Trouble

FIELDS = {"FromEmailAddress", "Destination", "Content", "ReplyToAddresses", "ConfigurationSetName", "EmailTags"}
PARTS = {"Subject", "Body"}
MARKS = ("{{7*7}}", "{% raw %}", "{0}", "%(name)s", "<script>", "&amp;")


def check_headers(trouble: Trouble) -> None:
    """Of every e-mail asked for: no header but the fixed ones, each on one line."""
    asked = trouble.parameters("SESv2.SendEmail")
    assert asked
    for each in asked:
        simple = each["Content"]["Simple"]
        assert set(each) <= FIELDS
        assert set(each["Content"]) == {"Simple"}
        assert set(simple) == PARTS
        addresses = [*each["Destination"]["ToAddresses"], *each.get("ReplyToAddresses", []), each["FromEmailAddress"]]
        tags = [tag[part] for tag in each.get("EmailTags", []) for part in ("Name", "Value")]
        assert set(each["Destination"]) == {"ToAddresses"}
        assert all(line.isprintable() for line in (*addresses, *tags, simple["Subject"]["Data"]))


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_what_customers_and_the_desk_write_is_only_text(world: World, trouble: Trouble, text: str) -> None:
    desk = ask_for_a_person(world, name=text)
    world.writes(PHONE, text)
    world.settle()
    page = desk.open_case()["body"]
    answered = desk.post(desk.token(), text=text, by=text, do="send", nonce="n")
    check_headers(trouble)
    for each in (page, answered["body"]):
        assert "<script>" not in each
        assert "onerror=alert(1)>" not in each
    said = [taken.text for taken in world.carriers.taken if taken.to == PHONE]
    for mark in (mark for mark in MARKS if mark in text):
        assert escape(mark, quote=False) in page
        assert answered["statusCode"] != 200 or mark in said[-1]


def test_a_subject_that_was_put_on_record_becomes_one_header(world: World, trouble: Trouble) -> None:
    bodies = []
    for number, text in enumerate(TEXTS):
        bodies.append(to_send(mail)(world, number))
        words = LETTER.model_copy(update={"subject": f"Hi {text}"})
        where = items.content_key(bodies[-1]["customer"], bodies[-1]["message"])
        put(world, {**where, **items.to_item({"kind": "content", **items.dumped(words)})})
    wake(world, "send_email", queued("send_email", *bodies))
    check_headers(trouble)
    assert len(trouble.parameters("SESv2.SendEmail")) == len(TEXTS)
