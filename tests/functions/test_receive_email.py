"""receive_email: what the desk surely wrote answers the customer, once; what may be the desk's goes back to it."""

import json
from collections.abc import Iterator

import pytest

from local.desk import Desk
from local.world import World
from rapport.adapters import items
from rapport.domain.case_letter import MARKER
from rapport.domain.conversation import Owner
from rapport.domain.customer import Consent
from rapport.domain.words import Channel
from tests.conftest import MONDAY
from tests.functions.at_the_desk import DESK, ask_for_a_person, conversation, to_ana, to_the_desk
from tests.functions.conftest import empty
from tests.functions.on_record import CUSTOMER, PERSONAL, PHONE, ana, counted, failed, payload, put, queued, wake
from tests.functions.trouble import Trouble


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[World, Trouble]]:
    """A world in which replies by e-mail are set up."""
    with World(MONDAY, parameters={"DeskReplyDomain": "reply.example.com"}) as world:
        yield world, Trouble(world)


@pytest.fixture
def world(standing: tuple[World, Trouble]) -> Iterator[World]:
    """The same, as if it had just begun."""
    world, trouble = standing
    empty(world)
    trouble.rules.clear()
    trouble.asked.clear()
    yield world
    assert [line for line in world.log.lines for word in PERSONAL if word in line] == []


def deliver(desk: Desk, raw: str) -> None:
    """An e-mail to the case's address, to the letter, as SES tells of it."""
    latest = desk.mails()[-1]
    desk.deliver(raw.encode(), str(latest.reply_to), latest.to)


def test_a_reply_to_the_cases_email_answers_the_customer(world: World) -> None:
    desk = ask_for_a_person(world)
    mail = desk.mails()[-1]
    assert (mail.reply_to or "").startswith("case+c-")
    assert mail.text.startswith(MARKER)
    desk.reply("Hi Quillfeather, a new one leaves today.\n\nKim")
    assert to_ana(world)[-1] == "Hi Quillfeather, a new one leaves today.\n\nKim"
    assert conversation(world).owner is Owner.HUMAN
    assert counted(world)["DeskAnswers"] == 1


def test_an_email_that_comes_twice_answers_once(world: World) -> None:
    desk = ask_for_a_person(world)
    desk.reply("It comes.")
    desk.written = iter([0])  # type: ignore[assignment]
    desk.reply("It comes.")
    assert to_ana(world).count("It comes.") == 1


def test_a_last_line_hands_back(world: World) -> None:
    desk = ask_for_a_person(world)
    desk.reply("It comes.\n#bot")
    assert (to_ana(world)[-1], conversation(world).owner) == ("It comes.", Owner.BOT)
    assert world.customer(CUSTOMER).human_owns is False


def test_the_address_may_be_written_in_capitals(world: World) -> None:
    desk = ask_for_a_person(world)
    desk.reply("It comes.", to=str(desk.mails()[-1].reply_to).upper())
    assert to_ana(world)[-1] == "It comes."


@pytest.mark.parametrize(
    ("verdicts", "headers"),
    [
        ({"virus": "FAIL"}, {}),
        ({"virus": "PROCESSING_FAILED"}, {}),
        ({"spam": "FAIL"}, {}),
        ({}, {"Auto_Submitted": "auto-replied"}),
        ({"dmarc": "FAIL", "spf": "FAIL"}, {"Auto_Submitted": "auto-replied", "From": "kim@example.com"}),
        ({}, {"Precedence": "auto_reply"}),
        ({}, {"To": "case@reply.example.com"}),
        ({}, {"To": "case+c-aaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaaa@reply.example.com"}),
    ],
)
def test_what_is_spam_or_a_machines_or_to_no_case_is_dropped_and_counted(
    world: World, verdicts: dict[str, str], headers: dict[str, str]
) -> None:
    desk = ask_for_a_person(world)
    desk.reply("your parcel: <script>", verdicts=verdicts, **headers)
    assert len(to_ana(world)) == 1
    assert len(to_the_desk(world)) == 1
    assert conversation(world).owner is Owner.WAITING
    assert counted(world)["DroppedDeskReplies"] == 1
    assert world.dead_letters() == {}


@pytest.mark.parametrize(
    ("verdicts", "headers", "why"),
    [
        ({"spf": "FAIL", "dmarc": "FAIL"}, {}, "nobody vouches for its sender"),
        ({"spf": "GRAY", "dmarc": "GRAY"}, {}, "nobody vouches for its sender"),
        ({}, {"From": "Kim <kim@example.com>"}, f"it came from kim@example.com, and {DESK} alone may answer"),
        ({}, {"From": f'"{DESK}" <somebody@example.net>'}, "it came from somebody@example.net"),
        ({}, {"From": f"{DESK}, somebody@example.net"}, "it came from"),
        ({}, {"From": "x"}, "alone may answer"),
    ],
)
def test_what_the_desk_did_not_surely_write_goes_back_to_it_with_the_reason(
    world: World, verdicts: dict[str, str], headers: dict[str, str], why: str
) -> None:
    desk = ask_for_a_person(world)
    desk.reply("your parcel: <script>", verdicts=verdicts, **headers)
    assert len(to_ana(world)) == 1
    assert conversation(world).owner is Owner.WAITING
    back = world.carriers.taken[-1]
    assert (back.to, back.reply_to) == (DESK, None)
    assert why in back.text
    assert "<script>" not in back.text  # who knows who wrote it
    assert counted(world)["UnsentDeskReplies"] == 1
    assert world.dead_letters() == {}


@pytest.mark.parametrize("second", ["From: somebody@example.net\r\n", f"From: {DESK}\r\n", ""])
def test_an_email_without_one_from_header_is_nobodys(world: World, second: str) -> None:
    desk = ask_for_a_person(world)
    first = f"From: Kim <{DESK}>\r\n" if second else "From: <\r\n"
    deliver(desk, f"{first}{second}Content-Type: text/plain\r\n\r\nIt comes.\r\n")
    assert "It comes." not in to_ana(world)
    assert "alone may answer" in world.carriers.taken[-1].text


@pytest.mark.parametrize(
    ("head", "body", "why"),
    [
        ("Content-Type: text/plain; charset=klingon", "It comes.", "its text could not be read"),
        ("Content-Type: application/pdf", "It comes.", "without text"),
        ("Content-Type: text/html", "<p></p>", "no answer was found"),
        ("Content-Type: text/html", "<p>It comes.<![no <", "its text could not be read"),
        ("Content-Type: multipart/alternative", "It comes.", "it"),
    ],
)
def test_what_cannot_be_read_goes_back_to_the_desk(world: World, head: str, body: str, why: str) -> None:
    desk = ask_for_a_person(world)
    deliver(desk, f"From: Kim <{DESK}>\r\n{head}\r\n\r\n{body}\r\n")
    assert len(to_ana(world)) == 1
    assert why in world.carriers.taken[-1].text
    assert world.dead_letters() == {}


def test_an_email_in_html_only_answers_with_its_words_alone(world: World) -> None:
    desk = ask_for_a_person(world)
    quoted = desk.mails()[-1].text.replace("\n", "<br>\n")
    words = "<p>It&nbsp;comes,\r\n <b>surely</b>.</p><p>Kim</p>"
    body = f"<html><style>p {{}}</style>{words}<blockquote>{quoted}</blockquote></html>"
    deliver(desk, f"From: Kim <{DESK}>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n")
    assert to_ana(world)[-1] == "It comes, surely.\n\nKim"


def test_an_email_to_hand_back_that_comes_twice_is_no_failure_the_second_time(world: World) -> None:
    desk = ask_for_a_person(world)
    desk.reply("#bot")
    said = len(world.carriers.taken)
    desk.written = iter([0])  # type: ignore[assignment]
    desk.reply("#bot")
    assert conversation(world).owner is Owner.BOT
    assert world.carriers.taken[said:] == []
    assert counted(world)["HandBacks"] == 1
    desk.written = iter([7])  # type: ignore[assignment]
    desk.reply("#bot")
    assert "the case is over" in world.carriers.taken[-1].text


def test_where_no_email_can_reach_the_desk_nothing_is_tried_for_ever(
    world: World, standing: tuple[World, Trouble]
) -> None:
    desk = ask_for_a_person(world)
    standing[1].fails("SESv2.SendEmail", "MessageRejected")
    desk.reply("")
    world.advance("1 hour")
    assert world.dead_letters() == {}
    assert counted(world)["FailedDeskMails"] >= 1


@pytest.mark.parametrize(("spf", "dmarc"), [("PASS", "GRAY"), ("FAIL", "PASS")])
def test_either_spf_of_the_desks_domain_or_dmarc_vouches_for_the_desk(world: World, spf: str, dmarc: str) -> None:
    ask_for_a_person(world).reply("It comes.", verdicts={"spf": spf, "dmarc": dmarc, "dkim": "FAIL"})
    assert to_ana(world)[-1] == "It comes."


def test_an_address_is_good_for_fourteen_days_after_the_last_email(world: World) -> None:
    desk = ask_for_a_person(world)
    world.advance("15 days")
    desk.reply("It comes.")
    assert "It comes." not in to_ana(world)
    assert "too old" in world.carriers.taken[-1].text
    assert "It comes." in world.carriers.taken[-1].text
    assert counted(world)["UnsentDeskReplies"] == 1


def test_the_address_of_an_older_case_sends_nothing_and_says_so(world: World) -> None:
    desk = ask_for_a_person(world)
    old = desk.mails()[-1].reply_to
    desk.reply("#bot")
    world.advance("1 minute")
    world.writes(PHONE, "I want a human")
    world.settle()
    desk.reply("It comes.", to=old)
    assert "It comes." not in to_ana(world)
    assert to_the_desk(world)[-1].startswith("Your answer was not sent (c-")
    assert "the case is over" in world.carriers.taken[-1].text
    assert "It comes." in world.carriers.taken[-1].text


@pytest.mark.parametrize(("text", "why"), [("", "no answer was found"), ("x" * 1001, "1000 characters")])
def test_an_answer_that_is_none_or_too_long_is_sent_back(world: World, text: str, why: str) -> None:
    desk = ask_for_a_person(world)
    desk.reply(text)
    assert len(to_ana(world)) == 1
    assert why in world.carriers.taken[-1].text
    assert counted(world)["UnsentDeskReplies"] == 1


def test_who_said_stop_is_not_texted_and_the_desk_hears_of_it(world: World) -> None:
    desk = ask_for_a_person(world)
    stopped = Consent(channel=Channel.SMS, purpose="*", given=False, at=world.now, source="STOP by text")
    put(world, items.customer_item(ana(consents=(stopped,), version=world.customer(CUSTOMER).version)))
    desk.reply("It comes.")
    assert "consent withdrawn" in world.carriers.taken[-1].text
    assert "It comes." not in to_ana(world)


def test_what_is_no_email_ends_among_dead_letters(world: World) -> None:
    assert failed(wake(world, "receive_email", queued("receive_email", "not json", {"receipt": {}}))) == ["r0", "r1"]


def test_the_payload_in_events_is_an_email_to_a_case_that_nobody_knows(world: World) -> None:
    told = json.loads(payload("receive_email")["Records"][0]["body"])
    assert told["notificationType"] == "Received"
    assert failed(wake(world, "receive_email")) == []
    assert counted(world) == {"DroppedDeskReplies": 1}
