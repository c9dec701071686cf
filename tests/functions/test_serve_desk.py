"""serve_desk: the link's holder reads the case and answers it, once; nobody else learns that it is there."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from local.desk import NONCE, Desk, notice
from local.world import World
from rapport.adapters import items
from rapport.domain.conversation import Owner
from rapport.domain.customer import Consent
from rapport.domain.tokens import Tokens
from rapport.domain.words import Channel
from tests.functions.at_the_desk import THREAD, WISH, ask_for_a_person, conversation, to_ana
from tests.functions.on_record import CUSTOMER, PHONE, ana, counted, ledger, put, wake
from tests.functions.trouble import Trouble

SECRET = Tokens(b"the Secret of the local world")


def nonce_of(page: dict[str, Any]) -> str:
    """The nonce in the page's form."""
    found = NONCE.search(page["body"])
    assert found
    return found[1]


def token_for(world: World, *subject: str, kind: str = "case", days: int = 14) -> str:
    """A token that the stack's secret signed."""
    return SECRET.make(kind, list(subject), world.now + timedelta(days=days))


def the_case(world: World) -> str:
    """The name of the case."""
    return conversation(world).case or ""


def test_the_page_shows_the_case_and_changes_nothing(world: World) -> None:
    desk = ask_for_a_person(world)
    before = ledger(world)
    page = desk.open_case()
    assert page["statusCode"] == 200
    assert WISH in page["body"]
    assert "asked for a person" in page["body"]
    assert ledger(world) == before
    assert PHONE not in page["body"]


def test_the_page_lets_nothing_run_and_nobody_keep_or_frame_it(world: World) -> None:
    headers = ask_for_a_person(world).open_case()["headers"]
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
    assert headers["Content-Security-Policy"].startswith(policy)
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_what_anybody_wrote_is_only_text_on_the_page(world: World) -> None:
    desk = ask_for_a_person(world, name='<b onclick="x">')
    world.writes(PHONE, "<script>alert('your parcel')</script> {{ case }} </textarea>")
    world.settle()
    page = desk.post(
        desk.token(), text="</textarea><script>1</script>" + "x" * 1000, by='"><script>2</script>', nonce="n"
    )
    assert "<script" not in page["body"]
    assert "&lt;script&gt;alert" in page["body"]
    assert "{{ case }}" in page["body"]
    assert 'onclick="x"' not in page["body"]


def test_an_answer_reaches_the_customer_and_is_a_persons(world: World) -> None:
    desk = ask_for_a_person(world)
    assert desk.answer(None, "Hi Quillfeather, a new one leaves today.") == "Your answer is on its way."
    assert to_ana(world)[-1] == "Hi Quillfeather, a new one leaves today."
    after = conversation(world)
    assert (after.owner, after.due, after.unanswered_since) == (Owner.HUMAN, None, None)
    assert "Hi Quillfeather, a new one leaves today." in desk.open_case()["body"]
    assert counted(world)["DeskAnswers"] == 1


def test_a_page_that_is_sent_twice_sends_once(world: World) -> None:
    desk = ask_for_a_person(world)
    nonce = nonce_of(desk.open_case())
    pages = [desk.post(desk.token(), text="It comes.", by="Kim", do="send", nonce=nonce) for _ in range(3)]
    assert [notice(page) for page in pages] == ["Your answer is on its way."] * 3
    assert to_ana(world).count("It comes.") == 1
    desk.post(desk.token(), text="It comes.", by="Kim", do="both", nonce=nonce_of(pages[-1]))
    desk.post(desk.token(), text="It comes.", by="Kim", do="both", nonce=nonce_of(pages[-1]))
    assert to_ana(world).count("It comes.") == 2
    steps = [item["to"]["S"] for (_, sk), item in sorted(ledger(world).items()) if sk.startswith("STEP#")]
    assert steps == ["waiting", "human", "human", "bot"]


def test_a_form_comes_in_base64_too(world: World) -> None:
    desk = ask_for_a_person(world)
    event = {
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"token": desk.token()},
        "body": b64encode(b"text=It+comes.&do=send&nonce=n&by=").decode(),
        "isBase64Encoded": True,
    }
    wake(world, "serve_desk", event)
    world.settle()
    assert to_ana(world)[-1] == "It comes."


@pytest.mark.parametrize(("body", "base64"), [("a=1&" * 30, False), ("%%%=", True), ("x", True), ("é", True)])
def test_what_is_no_form_is_an_empty_one(world: World, body: str, base64: bool) -> None:
    desk = ask_for_a_person(world)
    event = {
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"token": desk.token()},
        "body": body,
        "isBase64Encoded": base64,
    }
    page = wake(world, "serve_desk", event)
    assert (page["statusCode"], notice(page).startswith("Nothing was sent: there was no answer")) == (400, True)
    assert conversation(world).owner is Owner.WAITING


def test_half_an_emoji_in_a_form_is_a_question_mark(world: World) -> None:
    desk = ask_for_a_person(world)
    page = desk.ask("POST", desk.token(), "text=It+comes+\ud83d&by=\udc4d&do=send&nonce=\ud83d")
    world.settle()
    assert (page["statusCode"], to_ana(world)[-1]) == (200, "It comes ?")


def test_a_case_that_is_over_shows_nothing_of_what_was_said_to_the_bot_since(world: World) -> None:
    desk = ask_for_a_person(world)
    token = desk.token()
    desk.answer(None, "It comes.", hand_back=True)
    world.advance("1 minute")
    for text in ("when are you open", "HELP", "where is my lantern"):
        world.writes(PHONE, text)
        world.advance("1 minute")
    page = desk.open_case(token=token)["body"]
    assert WISH in page
    assert "It comes." in page
    assert "lantern" not in page
    assert "People are in" not in page


def test_an_open_case_shows_all_that_was_written_since_it_began_and_ten_turns_before(world: World) -> None:
    desk = Desk(world)
    put(world, items.customer_item(ana()), {**items.address_key(PHONE, CUSTOMER), "kind": {"S": "address"}})
    for text in [f"where is order {number:03}" for number in range(11)]:
        world.writes(PHONE, text)
        world.advance("1 minute")
        put(world, items.conversation_item(conversation(world).model_copy(update={"misses": 0})))
    world.writes(PHONE, WISH)
    world.advance("1 minute")
    for number in range(12):
        world.writes(PHONE, f"and another thing, {number:03}")
        world.advance("1 minute")
    page = desk.open_case()["body"]
    assert WISH in page
    assert [number for number in range(12) if f"another thing, {number:03}" not in page] == []
    assert [number for number in range(11) if f"order {number:03}" not in page] == [0, 1]


@pytest.mark.parametrize(
    "wrong", ["expired", "cut", "forged", "foreign", "of a chat", "nobody's", "long", "none", "odd"]
)
def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(world: World, wrong: str) -> None:
    desk = ask_for_a_person(world)
    subject = (CUSTOMER, THREAD, the_case(world))
    good = token_for(world, *subject)
    token = {
        "expired": token_for(world, *subject, days=0),
        "cut": good[:-1],
        "forged": "A" + good[1:],
        "foreign": Tokens(b"another").make("case", list(subject), world.now + timedelta(days=1)),
        "of a chat": token_for(world, *subject, kind="chat"),
        "nobody's": token_for(world, "nobody", THREAD, "c-1"),
        "long": good * 100,
        "none": "",
        "odd": "\ud800é.\x00",
    }[wrong]
    assert desk.open_case(token=good)["statusCode"] == 200
    nothing = wake(world, "serve_desk")
    before = ledger(world)
    assert nothing["statusCode"] == 404
    assert desk.open_case(token=token) == nothing
    assert desk.post(token, text="It comes.", do="both", nonce="n") == nothing
    assert ledger(world) == before


@pytest.mark.parametrize(("text", "says"), [("", "there was no answer"), ("x" * 1001, "this one has 1001")])
def test_an_answer_that_is_none_or_too_long_stays_in_the_form(world: World, text: str, says: str) -> None:
    desk = ask_for_a_person(world)
    page = desk.post(desk.token(), text=text, by="Kim", do="both", nonce="n")
    assert page["statusCode"] == 400
    assert says in page["body"]
    assert f"{text}</textarea>" in page["body"]
    assert 'value="Kim"' in page["body"]
    assert conversation(world).owner is Owner.WAITING


def test_who_said_stop_can_be_sent_nothing_and_the_page_says_so(world: World) -> None:
    desk = ask_for_a_person(world)
    stopped = Consent(channel=Channel.SMS, purpose="*", given=False, at=world.now, source="STOP by text")
    put(world, items.customer_item(ana(consents=(stopped,), version=world.customer(CUSTOMER).version)))
    assert "Nothing can be texted to this customer" in desk.open_case()["body"]
    page = desk.post(desk.token(), text="It comes.", do="both", nonce="n")
    assert (page["statusCode"], conversation(world).owner) == (409, Owner.WAITING)
    assert "It comes.</textarea>" in page["body"]
    assert desk.answer(None, hand_back=True).startswith("Handed back")


def test_by_night_the_page_says_until_when_an_answer_waits(world: World) -> None:
    desk = ask_for_a_person(world)
    world.run_until(world.now.replace(hour=23))
    assert "It is night where the customer is" in desk.open_case()["body"]
    said = desk.answer(None, "It comes.")
    assert said == "It is night where the customer is: your answer goes out on Tue 24 Nov 08:05 (Europe/London)."
    assert "It comes." not in to_ana(world)
    world.advance("10 hours")
    assert to_ana(world)[-1] == "It comes."


def test_handing_back_is_on_record_and_the_case_is_over(world: World) -> None:
    desk = ask_for_a_person(world)
    assert world.customer(CUSTOMER).human_owns is True
    token = desk.token()
    page = desk.post(token, text="not to be sent", by="Kim", do="back", nonce="n")
    assert "What you had written was not sent" in notice(page)
    assert "not to be sent</textarea>" in page["body"]
    assert (conversation(world).owner, world.customer(CUSTOMER).human_owns) == (Owner.BOT, False)
    late = desk.post(token, text="It comes.", do="send", nonce="n2")
    assert late["statusCode"] == 409
    assert "It comes.</textarea>" in late["body"]
    assert "This case is over" in desk.open_case(token=token)["body"]
    assert len(to_ana(world)) == 1


def test_the_link_of_an_older_case_writes_nothing_and_shows_nothing_of_the_new_one(world: World) -> None:
    desk = ask_for_a_person(world)
    old = desk.token()
    desk.answer(None, hand_back=True)
    world.advance("1 minute")
    world.writes(PHONE, "I want a human, your parcel again")
    world.settle()
    before = ledger(world)
    assert desk.token() != old
    page = desk.open_case(token=old)
    assert "This case is over" in page["body"]
    assert "your parcel again" not in page["body"]
    assert desk.post(old, text="It comes.", do="both", nonce="n")["statusCode"] == 409
    assert ledger(world) == before


def test_what_fails_on_our_side_keeps_what_was_written_and_may_be_sent_again(world: World, trouble: Trouble) -> None:
    desk = ask_for_a_person(world)
    trouble.fails("DynamoDB.TransactWriteItems", "InternalServerError", 500, times=20)
    page = desk.post(desk.token(), text="It comes.", by="Kim", do="both", nonce="n-7")
    assert page["statusCode"] == 500
    assert "It comes.</textarea>" in page["body"]
    assert nonce_of(page) == "n-7"
    trouble.rules.clear()
    desk.post(desk.token(), text="It comes.", by="Kim", do="both", nonce="n-7")
    assert to_ana(world)[-1] == "It comes."
    assert counted(world)["FailedDeskPages"] == 1


def test_in_a_chat_the_answer_waits_for_the_customers_next_turn(world: World) -> None:
    desk = Desk(world)
    ask_for_a_person(world)
    chat = conversation(world).model_copy(update={"channel": "chat", "address": "session-1", "version": 0})
    put(world, items.conversation_item(chat))
    token = token_for(world, CUSTOMER, chat.thread, the_case(world))
    assert "This is a chat" in desk.open_case(token=token)["body"]
    said = [desk.post(token, text="It comes.", do="both", nonce="n") for _ in range(2)]
    assert {notice(page) for page in said} == {
        "Your answer is in the chat; the customer sees it when they write next. The bot has the conversation again."
    }
    assert conversation(world, chat.thread).left == ("It comes.",)
    assert len(to_ana(world)) == 1
    assert world.customer(CUSTOMER).human_owns is True  # her texts still wait for a person
