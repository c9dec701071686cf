"""send_sms: one look, one claim, one text, and what came of it on record."""

from datetime import timedelta
from typing import Any

import pytest

from local.functions import CutOffError, LocalFunction
from local.world import World
from rapport.adapters import items
from rapport.domain.customer import Address, Consent, Spoken
from rapport.domain.message import Status
from rapport.domain.words import Channel, Purpose
from tests.functions.on_record import (
    CUSTOMER,
    EVENING,
    MESSAGE,
    PHONE,
    RUN,
    WORDS,
    ana,
    counted,
    failed,
    ledger,
    put,
    queued,
    recorded,
    reminder,
    seed,
    the_run,
    wake,
)
from tests.functions.trouble import Trouble

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SPOKEN = Spoken(at=EVENING - timedelta(hours=2), purpose=Purpose.SERVICE)
WITHDRAWN = Consent(channel=Channel.SMS, purpose="*", given=False, at=EVENING - MINUTE, source="reply STOP")


def key(message: str = MESSAGE) -> dict[str, str]:
    """What the queue says of a message."""
    return {"customer": CUSTOMER, "message": message, "journey": "delivery-reminder", "about": "1042"}


def three(world: World) -> dict[str, Any]:
    """Three messages on record, and the batch that asks for them."""
    seed(world, *(reminder(id=f"m-{i}") for i in range(3)))
    return queued("send_sms", *(key(f"m-{i}") for i in range(3)))


def test_the_text_goes_out_and_is_put_down_as_sent(evening: World) -> None:
    seed(evening, reminder())
    assert failed(wake(evening, "send_sms")) == []
    [taken] = evening.carriers.taken
    assert (taken.to, taken.text) == (PHONE, WORDS.text)
    after = recorded(evening)
    assert (after.status, after.attempts, after.carrier_id) == ("sent", 1, taken.carrier_id)
    assert (after.sent_at, after.owner, after.lease_until) == (evening.now, None, None)
    assert "open" not in ledger(evening)[CUSTOMER, f"MESSAGE#{MESSAGE}"]
    assert counted(evening) == {"SentMessages": 1}


def test_it_counts_towards_the_caps_before_the_carrier_is_called(evening: World, trouble: Trouble) -> None:
    seed(evening, reminder())
    counted_by_then: list[str] = []
    trouble.answers("SNS.Publish", lambda _: counted_by_then.extend(evening.customer(CUSTOMER).spoken))
    wake(evening, "send_sms")
    assert list(evening.customer(CUSTOMER).spoken) == counted_by_then == [MESSAGE]


def test_a_text_that_a_cap_counts_takes_four_writes_and_no_transaction(evening: World, trouble: Trouble) -> None:
    seed(evening, reminder())
    wake(evening, "send_sms")
    written = [
        (asked["Key"]["pk"]["S"], asked["Key"]["sk"]["S"]) for asked in trouble.parameters("DynamoDB.UpdateItem")
    ]
    assert [each for each in written if each[0] != "SPENT everywhere"] == [
        (CUSTOMER, f"MESSAGE#{MESSAGE}"),  # the claim
        (CUSTOMER, "PROFILE"),  # its place under the caps
        (f"SPENT {PHONE}", f"{EVENING:%Y-%m-%d}"),  # what its number has cost
        (CUSTOMER, f"MESSAGE#{MESSAGE}"),  # what came of it
    ]
    assert evening.wire.requests["DynamoDB.TransactWriteItems"] == 0


def test_the_same_record_again_sends_nothing_and_changes_nothing(evening: World) -> None:
    seed(evening, reminder())
    wake(evening, "send_sms", queued("send_sms", key(), key()))
    before = ledger(evening)
    assert failed(wake(evening, "send_sms")) == []
    assert ledger(evening) == before
    assert len(evening.carriers.taken) == 1


def test_sender_price_and_kind_are_on_the_wire_and_what_is_not_set_is_not(
    evening: World, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_SENDER_ID", "FernOak")
    freshly_set = LocalFunction("rapport-SendSms", "send_sms.handler", {}, evening.log, evening.rng)
    offer = reminder(id="m-offer", purpose=Purpose.PROMOTIONAL)
    yes = Consent(channel=Channel.SMS, purpose=Purpose.PROMOTIONAL, given=True, at=EVENING - DAY)
    seed(evening, reminder(), offer, customer=ana(consents=(yes,)))
    assert failed(freshly_set.invoke(queued("send_sms", key(), key("m-offer")))) == []
    service, promotional = (asked["MessageAttributes"] for asked in trouble.parameters("SNS.Publish"))
    assert service == {
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "FernOak"},
        "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.50"},
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
    }
    assert promotional["AWS.SNS.SMS.SMSType"]["StringValue"] == "Promotional"


def test_what_another_sender_has_claimed_is_left_to_it(evening: World) -> None:
    claimed = reminder(status=Status.SENDING, owner="another", lease_until=EVENING + MINUTE, attempts=1)
    seed(evening, claimed)
    before = ledger(evening)
    assert failed(wake(evening, "send_sms")) == []
    assert (evening.carriers.taken, ledger(evening)) == ([], before)


def test_what_its_sender_left_behind_may_have_gone_out_and_is_not_sent_again(evening: World) -> None:
    seed(evening, reminder(status=Status.SENDING, owner="another", lease_until=EVENING - MINUTE, attempts=1))
    assert failed(wake(evening, "send_sms")) == []
    assert (recorded(evening).status, recorded(evening).detail) == ("unknown", "its sender was cut off")
    assert evening.carriers.taken == []
    assert counted(evening) == {"UnknownMessages": 1, "AmbiguousSends": 1}


def test_what_is_due_later_is_left_for_later(evening: World) -> None:
    seed(evening, reminder(due_at=EVENING + 10 * MINUTE))
    before = ledger(evening)
    assert failed(wake(evening, "send_sms")) == []
    assert (evening.carriers.taken, ledger(evening)) == ([], before)


FULL = {f"m-{i}": SPOKEN for i in range(6)}
CLOSED = Address(channel=Channel.SMS, value=PHONE, suppressed="opted out")


@pytest.mark.parametrize(
    ("message", "customer", "run", "status", "reason"),
    [
        ({"expires_at": EVENING - MINUTE}, {}, {}, "expired", "expired"),
        ({}, {}, {"status": "exited", "ended_by": "delivery.cancelled"}, "skipped", "exited"),
        ({}, {}, {"entry": "order-1042-moved"}, "skipped", "exited"),
        ({}, {"consents": (WITHDRAWN,)}, {}, "skipped", "no-consent"),
        ({}, {"spoken": FULL}, {}, "skipped", "capped"),
        ({}, {"addresses": (CLOSED,)}, {}, "skipped", "suppressed"),
        ({}, {"addresses": ()}, {}, "skipped", "no-address"),
        ({"purpose": Purpose.CHECK_IN}, {"troubles": {"a complaint": EVENING}}, {}, "skipped", "relationship"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_should_not_be_said_any_more_is_not_and_it_is_on_record_why(
    evening: World, message: Any, customer: Any, run: Any, status: str, reason: str
) -> None:
    seed(evening, reminder(**message), customer=ana(**customer), run=the_run(**run))
    assert failed(wake(evening, "send_sms")) == []
    assert (recorded(evening).status, recorded(evening).reason) == (status, reason)
    assert evening.carriers.taken == []
    assert counted(evening) == {f"{status.capitalize()}Messages": 1}


@pytest.mark.parametrize(
    ("number", "because"),
    [
        ("+18764567890", "we don't text numbers of JM"),
        ("+19005550123", "we text mobile numbers only, and this is no country's"),
        ("+881612345678", "we text mobile numbers only, and this is no country's"),
    ],
)
def test_a_number_that_would_cost_too_much_is_refused_at_the_last_look_however_it_got_on_record(
    evening: World, number: str, because: str
) -> None:
    seed(evening, reminder(), customer=ana(addresses=(Address(channel=Channel.SMS, value=number),)))
    assert failed(wake(evening, "send_sms")) == []
    assert (recorded(evening).status, recorded(evening).reason) == ("skipped", "over-budget")
    assert recorded(evening).detail == f"last look: sms: {because}"
    assert evening.carriers.taken == []
    assert counted(evening) == {"SkippedMessages": 1}


def test_over_a_ceiling_it_is_skipped_and_an_alarm_hears_of_it(evening: World) -> None:
    day = {"day": {"N": "60"}, "h17": {"N": "60"}}
    put(evening, {**items.spent_key(PHONE, "2026-11-25"), **day})
    seed(evening, reminder())
    assert failed(wake(evening, "send_sms")) == []
    over = "60 segments to this number this hour and 1 more, the ceiling is 60"
    after = recorded(evening)
    assert (after.status, after.reason, after.detail, after.owner) == ("skipped", "over-budget", over, None)
    assert evening.carriers.taken == []
    assert evening.customer(CUSTOMER).spoken == {}  # its place under the caps is free again
    assert counted(evening) == {"SkippedMessages": 1, "OverBudgetMessages": 1}
    assert any(over in line and MESSAGE in line for line in evening.log.lines)


def test_a_text_is_counted_before_the_carrier_has_it(evening: World) -> None:
    seed(evening, reminder())
    evening.wire.cut_in("send_sms", "SNS.Publish", before=True)
    with pytest.raises(CutOffError):
        wake(evening, "send_sms")
    assert evening.carriers.taken == []
    assert ledger(evening)[f"SPENT {PHONE}", "2026-11-25"]["h17"] == {"N": "1"}


def test_in_quiet_hours_it_is_held_until_morning(evening: World) -> None:
    evening.clock.move_to(EVENING + timedelta(hours=5))
    seed(evening, reminder())
    assert failed(wake(evening, "send_sms")) == []
    assert recorded(evening).status == "queued"
    assert recorded(evening).due_at.hour == 8
    assert evening.carriers.taken == []


@pytest.mark.parametrize("earlier_writes", [0, 1], ids=["before the claim", "before it is counted"])
def test_consent_that_is_withdrawn_before_the_carrier_is_called_counts(
    evening: World, trouble: Trouble, earlier_writes: int
) -> None:
    seed(evening, reminder())
    left = iter(range(earlier_writes + 1))

    def withdrawn(_: Any) -> None:
        """Somebody else's write comes first."""
        if next(left, None) == earlier_writes:
            changed = items.customer_item(ana(consents=(WITHDRAWN,), version=1))
            evening.dynamodb.put_item(TableName=evening.ledger_table, Item=changed)

    trouble.answers("DynamoDB.UpdateItem", withdrawn)
    assert failed(wake(evening, "send_sms")) == []
    assert (recorded(evening).status, recorded(evening).reason) == ("skipped", "no-consent")
    assert evening.carriers.taken == []


@pytest.mark.parametrize(
    ("code", "status", "ends_as"),
    [
        ("ThrottledException", 400, "queued"),
        ("AuthorizationError", 403, "queued"),
        ("InternalErrorException", 500, "unknown"),
        ("InvalidParameter", 400, "failed"),
        ("ParameterValueInvalid", 400, "failed"),
        ("OptedOut", 400, "suppressed"),
    ],
)
def test_the_carriers_errors_are_answers_and_not_failures(
    evening: World, trouble: Trouble, code: str, status: int, ends_as: str
) -> None:
    seed(evening, reminder())
    trouble.fails("SNS.Publish", code, status)
    assert failed(wake(evening, "send_sms")) == []
    after = recorded(evening)
    assert (after.status, after.attempts, after.owner) == (ends_as, 1, None)
    assert code in (after.detail or "")
    assert len(trouble.parameters("SNS.Publish")) == 1
    given_back = ends_as in ("failed", "suppressed")
    assert list(evening.customer(CUSTOMER).spoken) == ([] if given_back else [MESSAGE])
    assert bool(evening.customer(CUSTOMER).addresses[0].suppressed) == (ends_as == "suppressed")


def test_a_number_that_the_carrier_turns_away_once_holds_up_no_other_message(evening: World, trouble: Trouble) -> None:
    batch = three(evening)
    trouble.fails("SNS.Publish", "ThrottledException", times=1)
    assert failed(wake(evening, "send_sms", batch)) == []
    assert [recorded(evening, f"m-{i}").status for i in range(3)] == ["queued", "sent", "sent"]
    assert MINUTE / 2 <= recorded(evening, "m-0").due_at - EVENING <= MINUTE
    assert counted(evening) == {"RetriedMessages": 1, "SentMessages": 2}


def test_what_is_not_on_record_or_cannot_be_read_comes_back_alone(evening: World) -> None:
    batch = three(evening)
    batch["Records"][1]["body"] = "your parcel"
    batch["Records"] += queued("send_sms", key("m-none"))["Records"]
    batch["Records"][3]["messageId"] = "r3"
    assert failed(wake(evening, "send_sms", batch)) == ["r1", "r3"]
    assert [recorded(evening, f"m-{i}").status for i in range(3)] == ["sent", "queued", "sent"]


def test_when_one_cannot_be_claimed_it_comes_back_unsent(evening: World, trouble: Trouble) -> None:
    batch = three(evening)
    trouble.fails("DynamoDB.UpdateItem", "InternalServerError", 500, about="m-1")
    assert failed(wake(evening, "send_sms", batch)) == ["r1"]
    assert [recorded(evening, f"m-{i}").status for i in range(3)] == ["sent", "queued", "sent"]
    assert len(evening.carriers.taken) == 2


def test_when_what_it_depends_on_cannot_be_read_it_comes_back_unsent_and_as_it_was(
    evening: World, trouble: Trouble
) -> None:
    seed(evening, reminder())
    before = ledger(evening)
    trouble.fails("DynamoDB.BatchGetItem", "InternalServerError", 500, about=RUN, times=9)
    assert failed(wake(evening, "send_sms", queued("send_sms", key()))) == ["r0"]
    assert (ledger(evening), evening.carriers.taken) == (before, [])
    trouble.rules.clear()
    assert failed(wake(evening, "send_sms", queued("send_sms", key()))) == []
    assert (recorded(evening).status, recorded(evening).attempts) == ("sent", 1)


def test_a_batch_is_looked_at_in_one_request(evening: World, trouble: Trouble) -> None:
    batch = three(evening)
    uncapped = (reminder(id=f"m-{i}", purpose=Purpose.TRANSACTIONAL) for i in range(3))
    put(evening, *map(items.message_item, uncapped))
    assert failed(wake(evening, "send_sms", batch)) == []
    assert len(evening.carriers.taken) == 3
    [asked] = trouble.parameters("DynamoDB.BatchGetItem")
    [wanted] = (each["Keys"] for each in asked["RequestItems"].values())
    assert len(wanted) == len({each["sk"]["S"] for each in wanted})  # DynamoDB refuses a key that is named twice


def test_what_cannot_be_looked_at_together_is_looked_at_one_by_one(evening: World, trouble: Trouble) -> None:
    batch = three(evening)
    trouble.fails("DynamoDB.BatchGetItem", "InternalServerError", 500, times=1)
    assert failed(wake(evening, "send_sms", batch)) == []
    assert len(evening.carriers.taken) == 3
    assert len(trouble.parameters("DynamoDB.BatchGetItem")) == 1 + 3


def test_one_whose_run_nobody_can_read_comes_back_alone_and_as_it_was(evening: World) -> None:
    batch = three(evening)
    spoilt = {**items.run_item(the_run(about="7")), "clock": {"S": "after lunch"}}
    put(evening, spoilt, items.message_item(reminder(id="m-1", about="7")))
    assert failed(wake(evening, "send_sms", batch)) == ["r1"]
    assert [recorded(evening, f"m-{i}").status for i in range(3)] == ["sent", "queued", "sent"]
    assert recorded(evening, "m-1").attempts == 0


def test_when_what_came_of_it_cannot_be_written_it_comes_back_and_is_still_said_once(
    evening: World, trouble: Trouble
) -> None:
    seed(evening, reminder())
    trouble.fails("DynamoDB.UpdateItem", "InternalServerError", 500, about="sent_at")
    assert failed(wake(evening, "send_sms", queued("send_sms", key()))) == ["r0"]
    assert recorded(evening).status == "sending"
    evening.clock.shift(90)
    assert failed(wake(evening, "send_sms", queued("send_sms", key()))) == []
    assert recorded(evening).status == "unknown"
    assert len(evening.carriers.taken) == 1


def test_the_run_is_only_read(evening: World) -> None:
    seed(evening, reminder())
    before = ledger(evening)[CUSTOMER, RUN]
    wake(evening, "send_sms")
    assert ledger(evening)[CUSTOMER, RUN] == before


def test_why_somebody_withdrew_is_on_record_and_not_in_the_log(evening: World) -> None:
    word = WITHDRAWN.model_copy(update={"source": "told Quillfeather on the telephone"})
    doubtful = reminder(purpose=Purpose.TRANSACTIONAL, doubts=1, attempts=1)
    seed(evening, doubtful, customer=ana(consents=(word,)))
    assert failed(wake(evening, "send_sms")) == []
    assert (recorded(evening).status, recorded(evening).reason) == ("unknown", "no-consent")
    assert "Quillfeather" in (recorded(evening).detail or "")
    assert [line for line in evening.log.lines if "Quillfeather" in line] == []


def test_a_message_that_is_held_after_an_attempt_is_not_counted_as_retried(evening: World) -> None:
    evening.clock.move_to(EVENING + timedelta(hours=5))
    seed(evening, reminder(attempts=1))
    assert failed(wake(evening, "send_sms")) == []
    assert (recorded(evening).status, recorded(evening).due_at.hour) == ("queued", 8)
    assert counted(evening) == {"HeldMessages": 1}


def test_a_message_in_doubt_that_is_refused_later_is_not_counted_as_doubted_again(
    evening: World, trouble: Trouble
) -> None:
    seed(evening, reminder(purpose=Purpose.TRANSACTIONAL, doubts=1, attempts=1, possible_duplicate=True))
    trouble.fails("SNS.Publish", "ThrottledException")
    wake(evening, "send_sms")
    assert (recorded(evening).status, recorded(evening).doubts) == ("queued", 1)
    assert counted(evening) == {"RetriedMessages": 1}
