"""Customers, runs and messages lie in DynamoDB and come back as they were."""

from datetime import UTC, datetime
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from rapport.adapters import items
from rapport.domain.customer import Address, Consent, Customer, Spoken
from rapport.domain.decision import Candidate, Decision
from rapport.domain.message import Message, Status
from rapport.domain.run import Run, Waiting
from rapport.domain.words import Channel, Purpose, Reason
from tests.domain.builders import DAY, NOON, WANTS_OFFERS, a_journey, a_message, a_run, ada, email, modest, phone, said

for model in (Address, Candidate, Consent, Customer, Decision, Message, Run, Spoken, Waiting):
    model.model_rebuild()  # Hypothesis goes by signatures, and those aren't there before the model is

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))
FLOATS = st.floats(-1e15, 1e15, allow_subnormal=False).filter(lambda number: abs(number) > 1e-15 or number == 0)
NUMBERS = st.integers(-(10**37), 10**37) | FLOATS
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
DATA = st.dictionaries(TEXT, JSON, max_size=4)
DECISIONS = st.builds(
    Decision,
    at=TIMES,
    until=st.none() | TIMES,
    held_since=st.none() | TIMES,
    because=TEXT,
    candidates=st.lists(st.builds(Candidate, pro=st.lists(TEXT).map(tuple)), max_size=2).map(tuple),
)
MESSAGES = st.builds(
    Message,
    route=st.sampled_from([(Channel.SMS,), (Channel.EMAIL, Channel.SMS)]),
    id=TEXT,
    customer=TEXT,
    decision=DECISIONS,
    created_at=TIMES,
    due_at=TIMES,
    expires_at=TIMES,
    lease_until=st.none() | TIMES,
    sent_at=st.none() | TIMES,
    address=st.none() | TEXT,
    detail=st.none() | TEXT,
    attempts=st.integers(0, 10**6),
    doubts=st.integers(0, 10),
    possible_duplicate=st.booleans(),
    awaited=st.booleans(),
    engagement=st.none() | st.dictionaries(TEXT, TIMES, max_size=2),
    journey=TEXT,
    about=TEXT,
    entry=TEXT,
    template=TEXT,
    template_version=TEXT,
    owner=st.none() | TEXT,
    asks=st.none() | TEXT,
    carrier_id=st.none() | TEXT,
)
CUSTOMERS = st.builds(
    Customer,
    id=TEXT,
    name=st.none() | TEXT,
    locale=TEXT,
    addresses=st.lists(st.builds(Address, value=TEXT, suppressed=st.none() | TEXT), max_size=3).map(tuple),
    consents=st.lists(st.builds(Consent, at=TIMES, source=TEXT), max_size=3).map(tuple),
    troubles=st.dictionaries(TEXT, TIMES, max_size=2),
    settled=st.dictionaries(TEXT, TIMES, max_size=2),
    closed=st.dictionaries(TEXT, TEXT, max_size=2),
    spoken=st.dictionaries(TEXT, st.builds(Spoken, at=TIMES), max_size=2),
    told_at=st.dictionaries(st.sampled_from(["name", "addresses.sms"]), TIMES),
    version=st.integers(0, 10**9),
)
RUNS = st.builds(
    Run,
    event=DATA,
    heard=st.none() | DATA,
    clock=TIMES,
    as_of=TIMES,
    waiting=st.none() | st.builds(Waiting, until=TIMES, held_since=st.none() | TIMES),
    about=TEXT,
    journey=TEXT,
    version=st.integers(0, 10**9),
)


def without_emptiness(message: Message) -> Message:
    """What is empty where nothing may be comes back as nothing."""
    return message.model_copy(update={"engagement": message.engagement or None})


@modest
@given(MESSAGES)
def test_a_message_comes_back_whatever_is_in_it(message: Message) -> None:
    assert items.read_message(items.message_item(message)) == without_emptiness(message)


@modest
@given(CUSTOMERS)
def test_a_customer_comes_back_one_version_on(customer: Customer) -> None:
    back = items.read_customer(items.customer_item(customer), customer.id)
    assert back == customer.model_copy(update={"version": customer.version + 1})


@modest
@given(RUNS)
def test_a_run_comes_back_one_version_on(run: Run) -> None:
    back = items.read_run(items.run_item(run))
    assert back == run.model_copy(update={"version": run.version + 1, "heard": run.heard or None})


@modest
@given(DATA)
def test_plain_values_come_back_in_every_depth(data: dict[str, Any]) -> None:
    kept = {name: value for name, value in data.items() if value not in (None, {}, [])}
    assert items.from_item(items.to_item(data)) == kept


@pytest.mark.parametrize("number", [0, 1, -1, 10**37, 0.1, -2.5, 1e22, 1e-100, 123456789.123456789])
def test_a_number_comes_back_as_the_number_it_was(number: float) -> None:
    assert items.from_item(items.to_item({"n": number, "deep": [{"n": number}]})) == {
        "n": number,
        "deep": [{"n": number}],
    }


def test_flags_are_no_numbers() -> None:
    back = items.from_item(items.to_item({"yes": True, "no": False, "zero": 0, "empty": "", "deep": {"none": None}}))
    assert back == {"yes": True, "no": False, "zero": 0, "empty": "", "deep": {"none": None}}
    assert [type(back[name]) for name in ("yes", "no", "zero")] == [bool, bool, int]


def test_what_other_systems_may_put_into_a_table_reads_as_plain_values() -> None:
    back = items.from_item({"set": {"SS": ["a"]}, "numbers": {"NS": ["1"]}, "none": {"NULL": True}})
    assert back == {"set": ["a"], "numbers": [1], "none": None}


@pytest.mark.parametrize("given", [{"B": b"x"}, {"BS": [b"x"]}])
def test_binaries_read_as_text(given: dict[str, Any]) -> None:
    assert "x" in str(items.from_item({"bytes": given})["bytes"])


def test_a_customer_at_its_defaults_loses_nothing() -> None:
    customer = Customer(id="ada")
    assert items.read_customer(items.customer_item(customer), "ada") == Customer(id="ada", version=1)
    assert items.read_customer(None, "ada") == customer


def test_what_is_at_its_default_takes_no_room() -> None:
    assert set(items.customer_item(Customer(id="ada"))) == {"pk", "sk", "kind", "id", "version"}
    assert not {"doubts", "possible_duplicate", "awaited"} & set(items.message_item(a_message()))


def test_a_full_customer_loses_nothing() -> None:
    customer = ada(
        consents=(WANTS_OFFERS, said(False, "2026-02-01")),
        troubles={"a refund": NOON},
        settled={"a complaint": NOON},
        closed={"+33600000000": "opted out"},
        spoken={"m-1": Spoken(at=NOON, purpose=Purpose.PROMOTIONAL)},
        human_owns=True,
        told_at={"name": NOON},
    )
    assert items.read_customer(items.customer_item(customer), "ada") == customer.model_copy(update={"version": 1})


def test_a_waiting_run_tells_the_dispatcher_when_to_wake_it_and_another_doesnt() -> None:
    run = a_run(a_journey({"wait": "3 days"}))
    waiting = run.model_copy(update={"waiting": Waiting(until=NOON + DAY)})
    assert "wake_at" not in items.run_item(run)
    assert items.run_item(waiting)["wake_at"] == {"S": "2026-11-25T11:00:00Z"}
    assert items.run_item(waiting)["status"] == {"S": "active"}


@pytest.mark.parametrize("status", list(Status))
def test_a_message_is_in_the_open_index_exactly_while_it_is_to_be_sent(status: Status) -> None:
    item = items.message_item(a_message(status=status))
    is_open = status in (Status.QUEUED, Status.SENDING)
    assert ("open" in item, "open_since" in item) == (is_open, is_open)
    if is_open:
        assert item["open"] in [{"S": str(shard)} for shard in range(items.SHARDS)]
        assert item["open_since"] == {"S": "2026-11-24T11:00:00Z"}


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENDING])
def test_a_message_is_open_since_it_was_due_and_its_claim_does_not_move_it(status: Status) -> None:
    message = a_message(due_at=NOON + DAY, lease_until=NOON, status=status)
    assert items.message_item(message)["open_since"] == {"S": "2026-11-25T11:00:00Z"}


def test_a_messages_key_says_whose_it_is_and_which() -> None:
    item = items.message_item(a_message(carrier_id="c-1"))
    assert not {"id", "customer"} & set(item)
    assert items.read_message(item) == a_message(carrier_id="c-1")


def test_many_messages_spread_over_all_shards() -> None:
    assert {items.shard(f"m-{number}") for number in range(20)} == {str(shard) for shard in range(items.SHARDS)}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e200, 10**40])
def test_a_number_that_dynamodb_cant_hold_is_never_written_as_another(number: float) -> None:
    with pytest.raises((TypeError, ArithmeticError)):
        items.to_item({"n": number})


def test_no_two_kinds_of_items_have_a_key_in_common() -> None:
    keys = [
        items.profile_key("ada"),
        items.run_key("ada", "x", "y"),
        items.message_key("ada", "x"),
        items.content_key("ada", "x"),
        items.outcome_key("ada", "x"),
    ]
    assert len({str(key) for key in keys}) == len(keys)
    assert {key["pk"]["S"] for key in keys} == {"ada"}


def test_an_endless_event_id_still_makes_a_key() -> None:
    assert items.outcome_key("ada", "x" * 5000)["sk"]["S"] == "EVENT#" + "x" * 256


def test_attribute_values_are_those_that_boto3_reads() -> None:
    item = items.message_item(a_message(reason=Reason.CAPPED, channel=Channel.EMAIL))
    read = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    assert (read["reason"], read["channel"], read["kind"]) == ("capped", "email", "message")


def test_numbers_that_were_put_down_without_their_country_have_it_when_they_are_read() -> None:
    numbers = ("+33612345678", "+18764567890", "+19005550123", "72345")
    customer = ada(addresses=(*(phone(number, "opted out", country=None) for number in numbers), email()))
    back = items.read_customer(items.customer_item(customer), "ada")
    assert [address.country for address in back.addresses] == ["FR", "JM", None, None, None]
    assert back.addresses[0] == phone("+33612345678", "opted out", country="FR")
    assert items.read_customer(items.customer_item(back), "ada").addresses == back.addresses
