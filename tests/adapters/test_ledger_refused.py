"""What DynamoDB keeps back or cancels: asked for again after a pause, read again, or raised as it is."""

import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from rapport.adapters import items
from rapport.adapters.ledger import ConflictError, Ledger
from rapport.adapters.many_items import fetch
from tests.adapters.stub import session


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause would have been."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def keys(number: int) -> list[items.Item]:
    return [items.run_key("ada", "x", str(index)) for index in range(number)]


def stubbed(*backs: list[items.Item]) -> tuple[Any, Stubber]:
    """DynamoDB, keeping back these keys in turn."""
    client: Any = boto3.Session.client(session(), "dynamodb")
    stub = Stubber(client)
    for back in backs:
        unprocessed = {"t": {"Keys": back}} if back else {}
        stub.add_response("batch_get_item", {"Responses": {"t": []}, "UnprocessedKeys": unprocessed})
    return client, stub


def test_keys_that_dynamodb_keeps_back_are_asked_for_again_after_a_while(pauses: list[float]) -> None:
    client, stub = stubbed(keys(2), keys(1), keys(1), keys(1), [])
    with stub:
        assert fetch(client, "t", keys(3)) == {}
    stub.assert_no_pending_responses()
    assert len(pauses) == 4
    assert pauses == sorted(pauses)


def test_keys_that_dynamodb_keeps_back_for_good_raise(pauses: list[float]) -> None:
    client, stub = stubbed(*[keys(1)] * 5)
    with stub, pytest.raises(TimeoutError, match="unprocessed"):
        fetch(client, "t", keys(1))
    stub.assert_no_pending_responses()
    assert sum(pauses) < 2


def cancelled(*codes: str) -> Ledger:
    """A ledger whose next transaction is cancelled for these reasons, one for each of its parts."""
    client: Any = boto3.Session.client(session(), "dynamodb")
    stub = Stubber(client)
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )
    stub.activate()
    return Ledger(client, "t")


PARTS = [{"Put": {"TableName": "t", "Item": items.key("a", name)}} for name in ("b", "c")]


@pytest.mark.parametrize("codes", [["ConditionalCheckFailed"], ["None", "ConditionalCheckFailed", "ThrottlingError"]])
def test_a_condition_that_failed_is_a_conflict_at_once(pauses: list[float], codes: list[str]) -> None:
    with pytest.raises(ConflictError):
        cancelled(*codes).write(PARTS)
    assert pauses == []


def test_another_transaction_is_given_a_moment(pauses: list[float]) -> None:
    with pytest.raises(ConflictError):
        cancelled("None", "TransactionConflict").write(PARTS)
    [pause] = pauses
    assert 0 < pause <= 0.05


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded", "ValidationError"])
def test_what_no_reading_again_can_help_is_raised_as_it_is(pauses: list[float], code: str) -> None:
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        cancelled("None", code).write(PARTS)
    assert pauses == []


@pytest.mark.parametrize(
    ("code", "moments"), [("ConditionalCheckFailedException", 0), ("TransactionConflictException", 1)]
)
def test_one_part_alone_is_refused_like_a_whole_transaction(pauses: list[float], code: str, moments: int) -> None:
    client: Any = boto3.Session.client(session(), "dynamodb")
    stub = Stubber(client)
    stub.add_client_error("put_item", code)
    with stub, pytest.raises(ConflictError):
        Ledger(client, "t").write(PARTS[:1])
    assert len(pauses) == moments
