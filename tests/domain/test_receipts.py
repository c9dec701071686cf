"""What carriers say later: late, twice and out of order, and the message ends up where it truly is all the same."""

from datetime import timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.domain.message import Message, Status
from rapport.domain.receipts import Receipt, after_receipt, height
from tests.domain.builders import NOON, a_message, modest

MINUTE = timedelta(minutes=1)
LADDER = [Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.SENT, Status.DELIVERED, Status.FAILED]


def receipt(status: Status | None, minutes: int = 1, **changes: object) -> Receipt:
    return Receipt(carrier_id="c-1", at=NOON + minutes * MINUTE, status=status).model_copy(update=changes)


def test_a_delivery_receipt_says_when_it_was_delivered_and_by_which_id_of_the_carriers() -> None:
    sending = a_message(status=Status.SENDING, owner="sender-1", lease_until=NOON)
    after = after_receipt(sending, receipt(Status.DELIVERED))
    assert (after.status, after.carrier_id, after.sent_at) == (Status.DELIVERED, "c-1", NOON + MINUTE)
    assert (after.owner, after.lease_until) == (None, None)


def test_the_hour_at_which_the_carrier_took_it_is_not_moved_by_later_receipts() -> None:
    sent = a_message(status=Status.SENT, sent_at=NOON)
    assert after_receipt(sent, receipt(Status.DELIVERED)).sent_at == NOON


def test_a_failure_is_on_record_with_the_carriers_words() -> None:
    after = after_receipt(a_message(status=Status.SENT), receipt(Status.FAILED, detail="the mailbox is full"))
    assert (after.status, after.detail, after.sent_at) == (Status.FAILED, "the mailbox is full", None)


def test_a_bounce_after_a_delivery_is_believed() -> None:
    assert after_receipt(a_message(status=Status.DELIVERED), receipt(Status.FAILED)).status is Status.FAILED


SOFT = receipt(Status.FAILED, soft=True, detail="the mailbox is full")


def test_a_carrier_that_gave_up_for_now_does_not_undo_a_delivery() -> None:
    delivered = a_message(status=Status.DELIVERED)
    assert after_receipt(delivered, SOFT) is delivered


def test_a_delivery_outdoes_a_soft_failure_that_was_told_first() -> None:
    failed = after_receipt(a_message(status=Status.SENT), SOFT)
    assert (failed.status, failed.soft, failed.detail) == (Status.FAILED, True, "the mailbox is full")
    after = after_receipt(failed, receipt(Status.DELIVERED))
    assert (after.status, after.soft, after.detail) == (Status.DELIVERED, False, None)


def test_a_permanent_failure_is_told_of_after_a_soft_one() -> None:
    failed = after_receipt(a_message(status=Status.SENT), SOFT)
    after = after_receipt(failed, receipt(Status.FAILED, detail="no such mailbox"))
    assert (after.status, after.soft, after.detail) == (Status.FAILED, False, "no such mailbox")


@pytest.mark.parametrize("told", [Status.SENT, Status.DELIVERED, Status.FAILED])
def test_a_message_in_doubt_is_settled_by_its_receipt(told: Status) -> None:
    assert after_receipt(a_message(status=Status.UNKNOWN, doubts=1), receipt(told)).status is told


@pytest.mark.parametrize("status", LADDER)
def test_a_receipt_that_tells_nothing_new_changes_nothing(status: Status) -> None:
    message = a_message(status=status, engagement={"opened": NOON})
    for old in LADDER[: LADDER.index(status) + 1]:
        assert after_receipt(message, receipt(old, detail="late news")) is message
    assert after_receipt(message, receipt(None)) is message
    assert after_receipt(message, receipt(None, 5, engagement="opened")) is message


def test_what_the_customer_does_with_a_message_is_kept_apart_from_where_it_is() -> None:
    opened = after_receipt(a_message(status=Status.SENT), receipt(None, 2, engagement="opened"))
    assert (opened.status, opened.engagement) == (Status.SENT, {"opened": NOON + 2 * MINUTE})
    clicked = after_receipt(opened, receipt(None, 3, engagement="clicked"))
    assert clicked.engagement == {"opened": NOON + 2 * MINUTE, "clicked": NOON + 3 * MINUTE}
    assert after_receipt(clicked, receipt(Status.DELIVERED)).engagement == clicked.engagement


def climb(message: Message, receipts: tuple[Receipt, ...]) -> Message:
    """The message after the receipts, which it never goes down by."""
    for each in receipts:
        after = after_receipt(message, each)
        assert height(after.status, after.soft) >= height(message.status, message.soft)
        assert set(message.engagement or {}) <= set(after.engagement or {})
        message = after
    return message


@modest
@given(
    st.sampled_from(LADDER),
    st.sampled_from([Status.FAILED, Status.SUPPRESSED]),
    st.lists(st.sampled_from([0, 1, 2, 3, 4]), max_size=4),
    st.lists(st.sampled_from(["opened", "clicked", "complained", None]), min_size=5, max_size=5),
)
def test_a_message_ends_at_the_same_place_in_whatever_order_its_receipts_come(
    start: Status, failure: Status, told: list[int], engagements: list[str | None]
) -> None:
    kinds = [Status.SENT, Status.DELIVERED, failure, None, Status.FAILED]
    receipts = [receipt(kinds[each], each, engagement=engagements[each], soft=each == 4) for each in told]
    ends = [climb(a_message(status=start), order) for order in permutations(receipts)]
    assert len({end.status for end in ends}) == 1
    assert len({frozenset(end.engagement or {}) for end in ends}) == 1
    twice = reduce(after_receipt, [*receipts, *receipts], a_message(status=start))
    assert twice == ends[0]
