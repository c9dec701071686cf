"""What holds whatever carriers answer, however often the queue brings a message back, and whenever a sender dies."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.domain.attempt import RECEIPT_WAIT, Accepted, Answer, InDoubt, NotAccepted, Refused
from rapport.domain.message import Status
from rapport.domain.reconciling import reconcile
from rapport.domain.sending import LEASE
from rapport.domain.words import Purpose
from tests.domain.builders import DAY, SECOND, a_message, modest
from tests.domain.memory_ledger import Post, post


class Killed(Exception):  # noqa: N818  # nothing went wrong: the machine is gone
    """The sender stops in the middle of its call, and nobody hears the answer."""


ANSWERS: st.SearchStrategy[Answer] = st.sampled_from(
    [Accepted("c-1"), Refused("no"), Refused("opted out", suppress=True), NotAccepted("throttled"), InDoubt("lost")]
)
DELAYS = st.sampled_from([timedelta(0), SECOND, timedelta(minutes=2), LEASE, RECEIPT_WAIT, timedelta(hours=6), DAY])


@st.composite
def days_work(draw: st.DrawFn) -> tuple[list[Answer], list[tuple[str, timedelta]]]:
    """What the carrier answers, and what happens when: a delivery, one whose sender is killed, or the round."""
    deeds = st.tuples(st.sampled_from(["deliver", "deliver", "deliver", "kill", "reconcile"]), DELAYS)
    return draw(st.lists(ANSWERS, min_size=1, max_size=8)), draw(st.lists(deeds, max_size=12))


def play(work: Post, deeds: list[tuple[str, timedelta]]) -> list[bool]:
    """Whether each call may have put the words on their way: it was accepted or in doubt, or nobody heard."""
    gone: list[bool] = []
    for deed, delay in deeds:
        calls = len(work.carrier.calls)
        work.carrier.during = killed if deed == "kill" else lambda: None
        work.now += delay
        if deed == "reconcile":
            reconcile(work.ledger.messages["m-1"], work.ledger, work.policy, work.now)
            continue
        try:
            work.deliver()
        except Killed:
            gone.append(True)
            continue
        if len(work.carrier.calls) > calls:
            gone.append(isinstance(work.carrier.answer, Accepted | InDoubt))
    return gone


def killed() -> None:
    raise Killed


@settings(modest, max_examples=200)
@given(days_work(), st.sampled_from([Purpose.SERVICE, Purpose.TRANSACTIONAL]))
def test_words_go_out_once_or_where_they_must_arrive_at_most_twice_and_never_after_they_were_accepted(
    work: tuple[list[Answer], list[tuple[str, timedelta]]], purpose: Purpose
) -> None:
    answers, deeds = work
    desk = post([a_message(purpose=purpose)], *answers)
    gone = play(desk, deeds)
    message = desk.ledger.messages["m-1"]
    assert len(gone) == len(desk.carrier.calls)
    assert sum(gone) <= (1 if purpose is Purpose.SERVICE else 2)
    if purpose is Purpose.SERVICE:
        assert not any(gone[:-1])
    if sum(gone) == 2:
        assert message.possible_duplicate
    if message.status is Status.SENT:
        assert gone[-1]
    if message.status in (Status.EXPIRED, Status.SKIPPED, Status.FAILED, Status.SUPPRESSED):
        assert not any(gone)


@modest
@given(days_work(), st.sampled_from([Purpose.SERVICE, Purpose.TRANSACTIONAL]))
def test_every_message_comes_to_an_end_though_nothing_but_the_round_is_left_to_see_to_it(
    work: tuple[list[Answer], list[tuple[str, timedelta]]], purpose: Purpose
) -> None:
    answers, deeds = work
    desk = post([a_message(purpose=purpose)], *answers)
    play(desk, deeds)
    for _ in range(3):
        desk.now += 2 * DAY
        reconcile(desk.ledger.messages["m-1"], desk.ledger, desk.policy, desk.now)
    assert desk.ledger.messages["m-1"].status not in (Status.QUEUED, Status.SENDING)
