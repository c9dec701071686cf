"""A case at the desk: what a person's answer does, what the hand-back settles, and what is due when nobody answers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from rapport.domain.answering import PERSON
from rapport.domain.case import (
    LONGEST,
    MOST_LEFT,
    MOST_SINCE,
    Came,
    Case,
    Doing,
    act,
    after_telling,
    answer_id,
    apologise,
    called,
    elsewhere,
    is_due,
    of_case,
    prospect,
    readable,
)
from rapport.domain.case_letter import LONGEST_LINE, MARKER, letter, story
from rapport.domain.case_reply import read_reply, words_of
from rapport.domain.conversation import Cause, Conversation, Due, Owner, Step, Turn, hand_over
from rapport.domain.customer import Consent
from rapport.domain.delivery import Delivery
from rapport.domain.dialogue import Rules
from rapport.domain.words import Channel
from tests.domain.builders import DAY, MORNING, NIGHT, NOON, PHONE, a_policy, ada

POLICY = a_policy()
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
RULES = Rules.model_validate(
    {
        "opening": {"time_zone": "Europe/Paris", "hours": {"tuesday": "09:00-17:30", "wednesday": "09:00-17:30"}},
        "desk": {"remind_after": "15 minutes", "apologise_after": "1 hour"},
        "destination_closes": "12 hours",
        "yes_lasts": "1 day",
        "question_lasts": "14 days",
        "late_for": "7 days",
        "misses": 2,
        "least_score": 0.4,
        "always_a_person": [],
    }
)
ANSWER = Doing("send", "n-1", "We have found it.", "Kim")
STOPPED = Consent(channel=Channel.SMS, purpose="*", given=False, at=NOON, source="STOP by text")


def waiting(now: datetime = NOON, channel: Any = "sms") -> tuple[Conversation, Step]:
    """Ada's conversation, just handed over."""
    before = Conversation(customer="ada", channel=channel, address=PHONE, heard_at=now)
    after, step = hand_over(before, "asked for a person", "bot", now, cause=Cause.ASKED)
    assert step
    return after, step


def a_case(now: datetime = NOON, channel: Any = "sms", **changes: Any) -> Case:
    conversation, step = waiting(now, channel)
    customer = ada(human_owns=True)
    turn = Turn(id="t1", customer="ada", channel=channel, address=PHONE, at=now, text="I want a person", handled=True)
    return replace(Case(customer, conversation, turns=(turn,), steps=(step,)), **changes)


def name(case: Case) -> str:
    return case.conversation.case or ""


def test_an_answer_is_a_reply_to_where_the_customer_wrote_from_and_the_conversation_is_a_persons() -> None:
    case = a_case()
    done = act(case, name(case), ANSWER, POLICY, NOON + MINUTE)
    assert (done.came, done.change and done.change.conversation.owner) == (Came.SENT, Owner.HUMAN)
    assert done.change
    [draft] = done.change.drafts
    assert (draft.message.template, draft.message.address, draft.message.entry) == (PERSON, PHONE, "")
    assert draft.content
    assert draft.content.text == "We have found it."
    assert done.change.conversation.due is None
    assert done.change.conversation.unanswered_since is None
    [step] = done.change.steps
    assert (step.to, step.by, step.at, step.case) == (Owner.HUMAN, "Kim", NOON + MINUTE, name(case))
    assert done.change.customer is None


def test_every_answer_is_on_record_with_who_gave_it() -> None:
    case = a_case()
    first = act(case, name(case), ANSWER, POLICY, NOON + MINUTE).change
    assert first
    second = act(replace(case, conversation=first.conversation), name(case), replace(ANSWER, by="Lee"), POLICY, NOON)
    assert second.change
    assert [(step.to, step.by) for step in second.change.steps] == [(Owner.HUMAN, "Lee")]


def test_the_same_answer_from_the_same_page_is_one_message_and_from_another_page_another() -> None:
    conversation, _ = waiting()
    ids = {
        answer_id(conversation, "c-1", doing)
        for doing in (ANSWER, replace(ANSWER, by="Lee"), replace(ANSWER, text=" We have found it.\r\n"))
    }
    assert len(ids) == 1
    assert answer_id(conversation, "c-1", replace(ANSWER, nonce="n-2")) not in ids
    assert answer_id(conversation, "c-1", replace(ANSWER, text="No, we have not.")) not in ids
    assert answer_id(conversation, "c-2", ANSWER) not in ids


def test_a_case_that_is_over_takes_no_answer_and_no_hand_back() -> None:
    case = a_case()
    back = act(case, name(case), Doing("hand-back", "n-1"), POLICY, NOON).change
    assert back
    over = replace(case, conversation=back.conversation)
    for doing in (ANSWER, Doing("hand-back", "n-2"), replace(ANSWER, what="send-and-hand-back")):
        assert act(over, name(case), doing, POLICY, NOON).came is Came.OVER
        assert act(case, "c-of-long-ago", doing, POLICY, NOON).came is Came.OVER
        assert act(over, name(case), doing, POLICY, NOON).change is None


@pytest.mark.parametrize(
    ("text", "came"),
    [("", Came.EMPTY), (" \n\t\x00 ", Came.EMPTY), ("x" * LONGEST, Came.SENT), ("x" * (LONGEST + 1), Came.TOO_LONG)],
)
def test_an_answer_has_some_words_and_not_too_many(text: str, came: Came) -> None:
    case = a_case()
    done = act(case, name(case), replace(ANSWER, text=text), POLICY, NOON)
    assert (done.came, done.change is None) == (came, came is not Came.SENT)


def test_nothing_is_texted_to_who_said_stop_and_the_case_stays_open() -> None:
    case = a_case(customer=ada(consents=(STOPPED,)))
    for what in ("send", "send-and-hand-back"):
        done = act(case, name(case), replace(ANSWER, what=what), POLICY, NOON)
        assert (done.came, done.change) == (Came.UNSENDABLE, None)
        assert done.because.startswith("sms: consent withdrawn")
    assert prospect(case, POLICY, NOON).came is Came.UNSENDABLE


def test_by_night_an_answer_waits_for_the_morning_unless_they_wrote_just_now() -> None:
    case = a_case(now=NIGHT - HOUR)
    done = act(case, name(case), ANSWER, POLICY, NIGHT)
    assert (done.came, done.until) == (Came.HELD, MORNING)
    assert (prospect(case, POLICY, NIGHT).came, prospect(case, POLICY, NIGHT).until) == (Came.HELD, MORNING)
    awake = a_case(now=NIGHT - MINUTE)
    assert act(awake, name(awake), ANSWER, POLICY, NIGHT).came is Came.SENT


def test_handing_back_starts_clean_and_lets_cheerful_words_go_on() -> None:
    troubles = {"a complaint about 1042": NOON, "a complaint": NOON + MINUTE, "a refund 7": NOON}
    case = a_case(customer=ada(human_owns=True, troubles=troubles))
    done = act(case, name(case), replace(ANSWER, what="send-and-hand-back"), POLICY, NOON + HOUR)
    assert done.change
    assert done.change.customer
    assert (done.change.conversation.owner, done.change.conversation.epoch) == (Owner.BOT, 2)
    assert [step.to for step in done.change.steps] == [Owner.HUMAN, Owner.BOT]
    assert done.change.customer.human_owns is False
    assert done.change.customer.troubles == {"a refund 7": NOON}
    assert len(done.change.drafts) == 1


def test_a_hand_back_settles_no_complaint_that_is_older_or_that_an_event_told_of() -> None:
    troubles = {"a complaint about 7": NOON - DAY, "a complaint c-77": NOON}
    case = a_case(customer=ada(human_owns=True, troubles=troubles))
    done = act(case, name(case), Doing("hand-back", "n"), POLICY, NOON + HOUR)
    assert done.change
    assert done.change.customer
    assert done.change.customer.troubles == troubles


def test_while_another_of_their_conversations_is_a_persons_the_customer_stays_one() -> None:
    other, _ = waiting(channel="chat")
    case = a_case(elsewhere=elsewhere([a_case().conversation, other], a_case().conversation.thread))
    done = act(case, name(case), Doing("hand-back", "n"), POLICY, NOON)
    assert done.change
    assert done.change.customer
    assert done.change.customer.human_owns is True


def test_in_a_chat_the_answer_is_left_for_the_customers_next_turn_and_is_on_record() -> None:
    case = a_case(channel="chat")
    done = act(case, name(case), ANSWER, POLICY, NIGHT)
    assert done.change
    [draft] = done.change.drafts
    assert (done.came, done.change.conversation.left) == (Came.LEFT, ("We have found it.",))
    assert (draft.message.status, draft.message.channel) == ("sent", None)


def test_a_chat_in_which_too_much_waits_takes_no_more_and_loses_nothing() -> None:
    case = a_case(channel="chat")
    full = case.conversation.model_copy(update={"left": ("Hello.",) * MOST_LEFT})
    done = act(replace(case, conversation=full), name(case), ANSWER, POLICY, NOON)
    assert (done.came, done.change) == (Came.UNSENDABLE, None)
    assert "20 answers wait in the chat" in done.because
    assert apologise(full, ada(), "Sorry.", POLICY, NOON).conversation.left == (*full.left, "Sorry.")


def test_what_is_too_long_for_a_text_is_said_so_and_not_why_it_might_have_gone_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rapport.domain.case.LONGEST", 5000)
    case = a_case()
    done = act(case, name(case), replace(ANSWER, text="x" * 2000), POLICY, NOON)
    assert (done.came, done.change) == (Came.UNSENDABLE, None)
    assert done.because == "the text has 2000 characters; SNS takes at most 1600"


def test_a_hand_back_is_on_record_with_the_mail_or_page_that_it_was_done_by() -> None:
    case = a_case()
    done = act(case, name(case), Doing("hand-back", "n-1"), POLICY, NOON)
    assert done.change
    after = replace(case, conversation=done.change.conversation, steps=(*case.steps, *done.change.steps))
    assert after.handed_back_by(name(case), "n-1")
    for other in ((name(case), "n-2"), ("c-of-long-ago", "n-1"), (name(case), "")):
        assert not after.handed_back_by(*other)


def test_a_case_has_ten_turns_before_it_and_what_came_until_it_was_handed_back() -> None:
    case = a_case()
    every = [case.turns[0].model_copy(update={"id": f"{at}", "at": NOON + at * MINUTE}) for at in range(-15, 16)]
    back = Step(at=NOON + 5 * MINUTE, to=Owner.BOT, by="Kim", why="handed back", case=name(case))
    older = Step(at=NOON - 5 * MINUTE, to=Owner.BOT, by="Kim", why="handed back", case="c-of-long-ago")
    for steps, last in ((), 15), ((older,), 15), ((older, back), 5):
        found = of_case(every[::-1], name(case), (*case.steps, *steps))
        assert [turn.id for turn in found] == [str(at) for at in range(-9, last + 1)]


def test_of_a_case_without_end_the_latest_turns_are_kept() -> None:
    case = a_case()
    every = [case.turns[0].model_copy(update={"id": f"{at}", "at": NOON + at * MINUTE}) for at in range(1, 201)]
    found = of_case(every[::-1], name(case), case.steps)
    assert (len(found), found[-1].id) == (MOST_SINCE, "200")


def test_what_was_due_is_no_longer_when_they_wrote_again_or_were_answered() -> None:
    conversation, _ = waiting()
    due = Due(what="tell", at=NOON)
    assert is_due(conversation, due)
    assert not is_due(conversation, Due(what="tell", at=NOON - MINUTE))
    assert not is_due(conversation, Due(what="remind", at=NOON))
    assert not is_due(conversation.model_copy(update={"owner": Owner.BOT}), due)


def test_the_desk_is_told_then_reminded_then_the_customer_hears_of_it_in_the_time_that_people_are_in() -> None:
    conversation, _ = waiting(now=NIGHT)
    reminded = after_telling(conversation, RULES).conversation
    opens = datetime.fromisoformat("2026-11-25T08:00:00+00:00")
    assert reminded.due == Due(what="remind", at=opens + 15 * MINUTE)
    assert after_telling(reminded, RULES).conversation.due == Due(what="apologise", at=opens + HOUR)


def test_who_writes_again_after_the_reminder_does_not_have_the_desk_reminded_at_once() -> None:
    conversation, _ = waiting()
    again = conversation.model_copy(update={"due": Due(what="tell", at=NOON + 20 * MINUTE)})
    assert after_telling(again, RULES).conversation.due == Due(what="apologise", at=NOON + HOUR)


def test_the_customer_is_told_once_that_nobody_was_free_until_they_write_again() -> None:
    conversation, _ = waiting()
    late = conversation.model_copy(update={"due": Due(what="apologise", at=NOON + HOUR)})
    change = apologise(late, ada(), "Sorry.", POLICY, NOON + HOUR)
    [draft] = change.drafts
    assert (draft.message.template, draft.message.entry) == ("still-waiting", "1")
    assert (change.conversation.due, change.conversation.unanswered_since) == (None, None)
    assert change.conversation.owner is Owner.WAITING


def test_by_night_nobody_is_told_that_nobody_is_free_and_in_the_morning_it_is_looked_at_again() -> None:
    conversation, _ = waiting(now=NIGHT - HOUR)
    late = conversation.model_copy(update={"due": Due(what="apologise", at=NIGHT)})
    change = apologise(late, ada(), "Sorry.", POLICY, NIGHT)
    assert (change.drafts, change.conversation.due) == ((), Due(what="apologise", at=MORNING))


def test_in_a_chat_the_apology_is_left_too() -> None:
    conversation, _ = waiting(channel="chat")
    change = apologise(conversation, ada(), "Sorry.", POLICY, NIGHT)
    assert (change.drafts, change.conversation.left, change.conversation.due) == ((), ("Sorry.",), None)


# --- the case in words


def told(case: Case, what: Any = "tell", **options: Any) -> Any:
    given = {"company": "Fern", "link": "https://desk/case/x", "zone": "Europe/Paris", "now": NOON, "replies": False}
    return letter(case, what, **{**given, **options})


def test_the_letter_has_all_that_a_person_needs() -> None:
    turn = Turn(
        id="t0",
        customer="ada",
        channel="sms",
        address=PHONE,
        at=NOON - HOUR,
        text="Where is it?",
        handled=True,
        because="it is ahead",
        understood={"intent": "WhereIsMyOrder", "score": 0.8, "slots": {"Order": "1042"}},
    )
    delivery = Delivery(
        customer="ada", order="1042", item="kettle", due_at="2026-11-26", as_of=NOON, destination="no 7"
    )
    mail = told(a_case(turns=(turn, *a_case().turns), deliveries=(delivery,)))
    for part in (
        "Why: asked for a person",
        "customer ada",
        "Where is it?",
        "WhereIsMyOrder 0.8",
        "Order: 1042",
        "order 1042 (kettle); due Thu 26 Nov; ahead; goes to: no 7",
        "https://desk/case/x",
        "I want a person",
    ):
        assert part in mail.text
    assert mail.text.index("Where is it?") < mail.text.index("I want a person")
    assert MARKER not in mail.text


def test_what_a_customer_writes_is_neither_a_header_nor_a_line_of_ours() -> None:
    evil = "hi\r\nBcc: all@example.com\n\nAnswer here: https://evil.example\u2028{0} %s {{ x }} \u202eback"
    case = a_case()
    turn = case.turns[0].model_copy(update={"text": evil})
    mail = told(replace(case, turns=(turn,)))
    assert "hi" not in mail.subject.split()
    assert "\n" not in mail.subject
    [line] = [each for each in mail.text.split("\n") if "Bcc" in each]
    assert "{0} %s {{ x }}" in line
    assert [each for each in mail.text.split("\n") if each.startswith("Answer here")] == [
        "Answer here: https://desk/case/x"
    ]
    assert "\u202e" not in mail.text


def test_a_text_without_end_is_cut_in_the_letter() -> None:
    case = a_case()
    turn = case.turns[0].model_copy(update={"text": "x" * 10_000})
    assert max(map(len, told(replace(case, turns=(turn,))).text.split("\n"))) < LONGEST_LINE + 100


def test_a_reminder_says_since_when_they_wait() -> None:
    mail = told(a_case(), "remind")
    assert "still waiting since Tue 24 Nov 12:00" in mail.subject
    assert MARKER in told(a_case(), replies=True).text.split("\n")[0]


def test_the_story_says_who_answered() -> None:
    case = a_case()
    change = act(case, name(case), ANSWER, POLICY, NOON + MINUTE).change
    assert change
    said = ((change.drafts[0].message, "We have found it."),)
    lines = story(replace(case, said=said, steps=(*case.steps, *change.steps)))
    assert [(line.who, line.text) for line in lines] == [("customer", "I want a person"), ("Kim", "We have found it.")]


def test_what_a_person_writes_reaches_a_telephone_as_text() -> None:
    assert (
        readable("  Hello\x00 Ada,\r\n\r\nit is\there. \U0001f469\u200d\U0001f373 ")
        == "Hello  Ada,\n\nit is here. \U0001f469\u200d\U0001f373"
    )
    assert called("  Kim\r\nX-Header: 1 ") == "Kim X-Header: 1"
    assert called(" ") == "a person"


# --- replies by e-mail


@pytest.mark.parametrize(
    "below",
    [
        f"> {MARKER}\n> Ada (customer ada)",
        f"{MARKER}\nAda (customer ada)",
        "On Tue, 24 Nov 2026 at 12:00, Fern <hello@example.com> wrote:\n> Ada",
        "On Tue, 24 Nov 2026 at 12:00, Fern\n<hello@example.com> wrote:\n\n> Ada",
        "Le mar. 24 nov. 2026 à 12:00, Fern <hello@example.com> a écrit :\n> Ada",
        "-----Original Message-----\nFrom: Fern",
        "From: Fern <hello@example.com>\nSent: Tuesday\nAda",
        "-- \nKim, at the desk",
        "--\nKim, at the desk",
    ],
)
def test_a_reply_is_what_stands_above_the_mail_that_it_answers(below: str) -> None:
    doing = read_reply(f"We have found it.\n\nIt comes on Friday.\n\n{below}\n", "m-1", "Kim")
    assert doing == Doing("send", "m-1", "We have found it.\n\nIt comes on Friday.", "Kim")


def test_what_only_looks_like_a_mail_of_ours_is_sent() -> None:
    text = "On Friday it comes.\nFrom: the depot\n\nIs that 2 pm or what you wrote: 3 pm?"
    assert read_reply(text, "m-1", "Kim").text == text


@pytest.mark.parametrize(
    ("text", "what", "said"),
    [
        ("Done.\n#bot\n", "send-and-hand-back", "Done."),
        ("Done.\r\n\r\n #BOT \r\n\r\n> old", "send-and-hand-back", "Done."),
        ("#bot", "hand-back", ""),
        ("#bot is what you write\nDone.", "send", "#bot is what you write\nDone."),
        ("", "send", ""),
    ],
)
def test_a_last_line_of_its_own_hands_back(text: str, what: str, said: str) -> None:
    doing = read_reply(text, "m-1", "Kim")
    assert (doing.what, doing.text) == (what, said)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("We have found it.", "We have found it."),
        ("<p>We have<br>found it.</p>\n<p>Kim</p>", "We have\nfound it.\n\nKim"),
        ("<div>We have</div><div><br></div><div>found it.</div>", "We have\n\nfound it."),
        ("<head><title>no</title><style>no</style></head><script>no</script>yes", "yes"),
        ("1 &lt; 2 &amp; 3&nbsp;&gt; 2", "1 < 2 & 3 > 2"),
        ("Yes.<blockquote>no<blockquote>no</blockquote>no</blockquote>", "Yes."),
        ("Yes.<br>-- reply above\n this line --<br>no", "Yes."),
        ("Yes.<div>On Tue, 24 Nov 2026, Fern &lt;a@b.c&gt; wrote:<br></div>no", "Yes."),
        ("<div>We have</div>\n<div>found it.</div>", "We have\nfound it."),
        ("We\n<b>have</b>\nfound it<br/>.", "We have found it\n."),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("</blockquote>Yes.", "Yes."),
    ],
)
def test_a_reply_in_html_is_its_words(html: str, text: str) -> None:
    assert read_reply(words_of(html), "m-1", "Kim").text == text
