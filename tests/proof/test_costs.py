"""The meter of costs: DynamoDB's rules by hand-made sums, and a bill that notices what is wasted."""

from typing import Any

import boto3
import pytest

from local.template import REGION
from local.world import World
from proof.bench import costs
from proof.bench.costs import AIM, PRICES, Bill, at_once, bill_of, measure, table_of
from proof.bench.figures import Figure
from proof.bench.meter import Meter
from proof.bench.units import Index, Item, size_of, size_of_number, units_to_index, units_to_read, units_to_write
from rapport.adapters import items

INDEX = Index("open", ("open", "open_since"), ("pk", "sk"))


def text(length: int) -> dict[str, str]:
    return {"S": "x" * length}


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({}, 0),
        ({"pk": {"S": "ada"}}, 2 + 3),
        ({"pk": {"S": "é€"}}, 2 + 2 + 3),  # UTF-8
        ({"é": {"S": ""}}, 2),
        ({"on": {"BOOL": True}, "no": {"NULL": True}}, 3 + 3),
        ({"version": {"N": "7"}}, 7 + 2),
        ({"list": {"L": []}}, 4 + 3),
        ({"list": {"L": [{"S": "ab"}, {"N": "12"}]}}, 4 + 3 + (1 + 2) + (1 + 2)),
        ({"map": {"M": {"at": {"S": "now"}}}}, 3 + 3 + (1 + 2 + 3)),
        ({"map": {"M": {"in": {"M": {}}}}}, 3 + 3 + (1 + 2 + 3)),
    ],
)
def test_an_item_is_as_large_as_its_names_and_its_values(item: Item, size: int) -> None:
    assert size_of(item) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("1200", 2), ("0.0012", 2), ("10203", 4), ("-15", 2)],
)
def test_a_number_takes_a_byte_for_two_digits_that_count_and_one_more(number: str, size: int) -> None:
    assert size_of_number(number) == size


def test_what_the_ledger_never_writes_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="SS"):
        size_of({"names": {"SS": ["a"]}})


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [(0, 0, 1), (0, 1024, 1), (0, 1025, 2), (2048, 10, 2), (10, 3073, 4)],
)
def test_a_write_costs_the_larger_of_before_and_after_in_whole_kilobytes(before: int, after: int, units: int) -> None:
    assert units_to_write({"": text(before)}, {"": text(after)}) == units


def entry(**values: str) -> Item:
    return {name: {"S": value} for name, value in {"pk": "ada", "sk": "MESSAGE#1", **values}.items()}


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, entry(open="1", open_since="a"), 1),
        (entry(open="1", open_since="a"), None, 1),
        (entry(open="1", open_since="a"), entry(), 1),
        (entry(open="1", open_since="a"), entry(open="1", open_since="b"), 2),
        (entry(open="1", open_since="a"), entry(open="1", open_since="a", status="sent"), 0),
        (entry(open="1"), entry(), 0),  # it never was in the index
    ],
)
def test_an_index_costs_a_write_for_what_comes_or_goes_and_two_for_what_moves(
    before: Item | None, after: Item | None, units: int
) -> None:
    assert units_to_index(INDEX, before, after) == units


@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [(0, True, 1), (0, False, 0.5), (4096, True, 1), (4097, True, 2), (8193, False, 1.5)],
)
def test_a_read_costs_a_unit_for_four_kilobytes_and_half_where_it_may_be_old(
    size: int, consistent: bool, units: float
) -> None:
    assert units_to_read(size, consistent=consistent) == units


def profile(name: str = "Ada") -> dict[str, Any]:
    return {**items.profile_key("ada"), "name": {"S": name}}


def test_on_the_wire_a_transaction_costs_twice_and_a_failed_condition_costs_too(world: World) -> None:
    meter = Meter(world)
    table, client = world.ledger_table, world.session.client("dynamodb", region_name=REGION)
    client.put_item(TableName=table, Item=profile("x" * 1024))
    assert meter.counts == {("event in", "PROFILE", "write"): 2}
    check: Any = {"TableName": table, "Key": items.profile_key("ada"), "ConditionExpression": "attribute_exists(pk)"}
    client.transact_write_items(TransactItems=[{"ConditionCheck": check}])
    assert meter.counts["event in", "PROFILE", "write"] == 2 + 2 * 2
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=table, Item=profile(), ConditionExpression="attribute_not_exists(pk)")
    assert meter.counts["event in", "PROFILE", "write"] == 2 + 2 * 2 + 2
    client.batch_get_item(RequestItems={table: {"Keys": [items.profile_key("ada"), items.profile_key("bea")]}})
    assert meter.counts["event in", "PROFILE", "read"] == 0.5 + 0.5


def test_each_step_of_a_message_is_on_the_bill_and_the_steps_add_up() -> None:
    bill = bill_of(at_once, by="sms", customers=1)
    steps = ["event in", "plan", "dispatch", "claim", "settle", "receipt"]
    assert bill.names(0) == steps
    assert sum(bill.dollars(step=step) for step in steps) == pytest.approx(bill.dollars())
    assert sum(bill.dollars(thing=thing) for thing in bill.names(1)) == pytest.approx(bill.dollars())
    assert sum(bill.dollars(unit=unit) for unit in PRICES) == pytest.approx(bill.dollars())
    assert all(len(line) < 120 for line in table_of("a text", bill))


def test_what_is_written_in_vain_is_on_the_bill() -> None:
    def wasteful(world: World, customers: list[str]) -> None:
        waste = {**items.key("a", "WASTE"), "kind": {"S": "waste"}, "x": text(5000)}
        boto3.client("dynamodb").put_item(TableName=world.ledger_table, Item=waste)
        at_once(world, customers)

    thrifty, dear = bill_of(at_once, by="sms", customers=1), bill_of(wasteful, by="sms", customers=1)
    assert dear.used("write") == thrifty.used("write") + 5
    assert dear.dollars() == pytest.approx(thrifty.dollars() + 5 * 0.625)


def test_a_bill_is_for_as_many_messages_as_were_sent() -> None:
    counts = {("plan", "RUN", "write"): 6.0, ("plan", "x-ray", "trace"): 2.0}
    bill = Bill(counts, messages=2, traced=0.5)
    assert bill.used("write") == 3
    assert bill.dollars() == pytest.approx(3 * 0.625 + 0.5 * 5)


def test_capacity_that_is_bought_by_the_hour_is_paid_for_whether_or_not_it_is_used() -> None:
    bill = Bill({("plan", "RUN", "write"): 7.0, ("plan", "queue", "sqs"): 1.0}, messages=1, traced=0.0)
    assert bill.provisioned() == pytest.approx(7 * 0.00065 / 3600 / 0.7 * 1e6 + 0.40)


def test_what_is_measured_is_the_dollars_of_each_way_against_the_aim_and_its_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bill = Bill({("plan", "RUN", "write"): 32.0}, messages=2, traced=0.0)
    monkeypatch.setattr(costs, "bills", lambda: {"a text": bill})
    assert measure() == [
        Figure("a text", "dollars a million", (10.0,), AIM),
        Figure("a text, at a steady load", "dollars a million", (bill.provisioned(),)),
        Figure("a text: writes", "request units a message", (16.0,)),
    ]
