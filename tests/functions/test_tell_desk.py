"""tell_desk: a person is told, reminded, and stood in for; what is no longer due is not said."""

from datetime import timedelta

import pytest

from local.world import World
from rapport.domain.conversation import Due, Owner
from rapport.domain.customer import Consent
from rapport.domain.words import Channel
from tests.functions.at_the_desk import (
    DESK,
    THREAD,
    WISH,
    ask_for_a_person,
    asks,
    conversation,
    to_ana,
    to_the_desk,
    with_due,
)
from tests.functions.on_record import CUSTOMER, PHONE, counted, failed, ledger, wake
from tests.functions.trouble import Trouble

HOUR = timedelta(hours=1)


def test_the_desk_gets_the_case_with_a_link_and_without_markup(world: World, trouble: Trouble) -> None:
    desk = ask_for_a_person(world)
    [mail] = desk.mails()
    assert (mail.to, mail.reply_to, mail.unreported) == (DESK, None, True)
    assert WISH in mail.text
    assert "Ana (customer c-ana)" in mail.text
    assert "Quillfeather" not in mail.text
    assert PHONE not in mail.text
    assert "broken" not in (mail.subject or "")
    [asked] = trouble.parameters("SESv2.SendEmail")
    assert set(asked["Content"]["Simple"]["Body"]) == {"Text"}
    assert desk.open_case()["statusCode"] == 200
    assert counted(world)["DeskLetters"] == 1


def test_what_was_told_is_due_as_a_reminder_next(world: World) -> None:
    ask_for_a_person(world)
    due = conversation(world).due
    assert due == Due(what="remind", at=world.now + timedelta(minutes=15))


def test_the_payload_of_a_conversation_that_nobody_knows_does_nothing(world: World) -> None:
    assert failed(wake(world, "tell_desk")) == []
    assert (to_the_desk(world), ledger(world)) == ([], {})


def test_what_is_no_longer_due_is_not_said(world: World) -> None:
    ask_for_a_person(world)
    for stale in (
        Due(what="tell", at=world.now),
        Due(what="remind", at=world.now),
        Due(what="apologise", at=world.now),
    ):
        assert failed(wake(world, "tell_desk", asks(stale))) == []
    assert len(to_the_desk(world)) == 1


def test_of_a_conversation_that_is_the_bots_nobody_is_told(world: World) -> None:
    ask_for_a_person(world)
    due = Due(what="remind", at=world.now)
    with_due(world, due, owner=Owner.BOT)
    wake(world, "tell_desk", asks(due))
    assert len(to_the_desk(world)) == 1


def test_an_email_that_is_refused_comes_back_and_is_told_then(world: World, trouble: Trouble) -> None:
    trouble.fails("SESv2.SendEmail", "TooManyRequestsException", 429, times=1)
    ask_for_a_person(world)
    assert to_the_desk(world) == []
    assert conversation(world).due == Due(what="tell", at=world.now)
    assert len(trouble.parameters("SESv2.SendEmail")) == 1  # one attempt for each try
    world.advance("5 minutes")
    assert len(to_the_desk(world)) == 1


def test_the_email_goes_out_before_it_is_put_down_so_that_none_is_lost(world: World) -> None:
    world.wire.cut_in("tell_desk", "DynamoDB.PutItem", before=True)
    ask_for_a_person(world)
    assert (len(to_the_desk(world)), conversation(world).due) == (1, Due(what="tell", at=world.now))
    world.advance("5 minutes")
    assert len(to_the_desk(world)) == 2  # a second one does no harm
    assert conversation(world).due == Due(what="remind", at=world.now + timedelta(minutes=10))


def test_an_email_that_never_gets_out_ends_among_dead_letters(world: World, trouble: Trouble) -> None:
    trouble.fails("SESv2.SendEmail", "AccessDeniedException", 403)
    ask_for_a_person(world)
    world.advance("1 hour")
    assert list(world.dead_letters()) == ["DeskDeadLetters"]


@pytest.mark.parametrize(
    "code",
    [
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "AccountSuspendedException",
        "SendingPausedException",
        "BadRequestException",
        "NotFoundException",
    ],
)
def test_where_no_email_can_reach_the_desk_the_customer_hears_that_nobody_was_free(
    world: World, trouble: Trouble, code: str
) -> None:
    trouble.fails("SESv2.SendEmail", code)
    ask_for_a_person(world)
    assert conversation(world).due == Due(what="remind", at=world.now + timedelta(minutes=15))
    world.advance("2 hours")
    assert to_ana(world)[-1].startswith("We are sorry")
    counts = counted(world)
    assert (counts["FailedDeskMails"], counts.get("DeskLetters"), counts.get("DeskReminders")) == (2, None, None)
    assert world.dead_letters() == {}


def test_who_writes_while_they_wait_is_told_of_again(world: World) -> None:
    desk = ask_for_a_person(world)
    world.advance("2 minutes")
    world.writes(PHONE, "hello? is your parcel service asleep")
    world.settle()
    assert len(to_the_desk(world)) == 2
    assert "hello? is your parcel service asleep" in desk.mails()[-1].text
    assert to_ana(world)[1:] == []


def test_a_write_that_comes_between_is_waited_out_and_the_desk_told_once(world: World, trouble: Trouble) -> None:
    ask_for_a_person(world)
    due = Due(what="remind", at=world.now)
    with_due(world, due)
    conflict = {"Error": {"Code": "TransactionCanceledException", "Message": "[ConditionalCheckFailed]"}}
    conflict |= {"CancellationReasons": [{"Code": "ConditionalCheckFailed"}]}  # type: ignore[dict-item]
    trouble.fails("DynamoDB.TransactWriteItems", "TransactionCanceledException", times=1)
    trouble.rules[-1].answer = {**trouble.rules[-1].answer, **conflict}
    assert failed(wake(world, "tell_desk", asks(due))) == []
    assert len(to_the_desk(world)) == 2
    assert conversation(world).due == Due(what="apologise", at=world.now + HOUR)


def test_who_said_stop_meanwhile_is_not_told_that_nobody_was_free(world: World) -> None:
    stopped = Consent(channel=Channel.SMS, purpose="*", given=False, at=world.now, source="STOP by text")
    ask_for_a_person(world, consents=(stopped,))
    due = Due(what="apologise", at=world.now)
    with_due(world, due)
    wake(world, "tell_desk", asks(due))
    skipped = [item for (_, sk), item in ledger(world).items() if sk.startswith("MESSAGE#")]
    assert {item["reason"]["S"] for item in skipped} == {"no-consent"}
    assert conversation(world).due is None


def test_the_customer_is_told_once_that_nobody_was_free(world: World) -> None:
    ask_for_a_person(world)
    due = Due(what="apologise", at=world.now)
    with_due(world, due)
    wake(world, "tell_desk", asks(due))
    wake(world, "tell_desk", asks(due))
    world.settle()
    assert len([text for text in to_ana(world) if text.startswith("We are sorry")]) == 1
    assert conversation(world).due is None
    assert ledger(world)[CUSTOMER, f"CONVERSATION#{THREAD}"]["owner"]["S"] == "waiting"


def test_words_that_no_carrier_takes_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_for_a_person(world)
    monkeypatch.setattr("rapport.domain.advance.MAX_SMS_CHARACTERS", 5)
    due = Due(what="apologise", at=world.now)
    with_due(world, due)
    wake(world, "tell_desk", asks(due))
    assert counted(world)["UnsayableMessages"] == 1
    world.writes(PHONE, "HELP")
    world.settle()
    assert counted(world)["UnsayableMessages"] == 2
