"""moto, made quick, answers as moto does."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.quick_moto import quick_moto
from local.template import REGION

Items = list[dict[str, Any]]
LYING: Items = [
    {"pk": {"S": "ada"}, "sk": {"S": "b"}, "open": {"S": "1"}, "n": {"N": "1"}},
    {"pk": {"S": "ada"}, "sk": {"S": "a"}, "open": {"S": "2"}, "n": {"N": "2.50"}, "is": {"M": {"x": {"N": "1.0"}}}},
    {
        "pk": {"S": "bob"},
        "sk": {"S": "a"},
        "open": {"S": "1"},
        "n": {"N": "3"},
        "of": {"NS": ["1", "2"]},
        "to": {"SS": ["x", "y"]},
    },
    {"pk": {"S": "1"}, "sk": {"S": "ada"}, "n": {"N": "1"}},
]
ASKED: list[dict[str, Any]] = [
    {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "ada"}}},
    {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "nobody"}}},
    {
        "KeyConditionExpression": "pk = :v AND begins_with(sk, :a)",
        "ExpressionAttributeValues": {":v": {"S": "ada"}, ":a": {"S": "a"}},
    },
    {
        "KeyConditionExpression": "#open = :v",
        "IndexName": "open",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":v": {"S": "1"}},
    },
    *(
        {
            "KeyConditionExpression": "pk = :v",
            "FilterExpression": f"#f {compared} :f",
            "ExpressionAttributeNames": {"#f": field},
            "ExpressionAttributeValues": {":v": {"S": who}, ":f": value},
        }
        for who, field, value in (
            ("ada", "n", {"N": "1.00"}),
            ("ada", "n", {"N": "2.5"}),
            ("ada", "n", {"S": "1"}),
            ("ada", "is", {"M": {"x": {"N": "1"}}}),
            ("ada", "is", {"M": {"x": {"N": "2"}}}),
            ("bob", "of", {"NS": ["2", "1.0"]}),
            ("bob", "to", {"SS": ["y", "x"]}),
        )
        for compared in ("=", "<>")
    ),
]


@pytest.fixture
def table() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        client.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "open")],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "open",
                    "KeySchema": [{"AttributeName": "open", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        for item in LYING:
            client.put_item(TableName="t", Item=item)
        yield client


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_query_finds_what_moto_finds(table: Any, asked: dict[str, Any]) -> None:
    as_moto = table.query(TableName="t", **asked)["Items"]
    with quick_moto():
        assert table.query(TableName="t", **asked)["Items"] == as_moto


def test_the_queries_find_something_and_not_everything(table: Any) -> None:
    found = [len(table.query(TableName="t", **asked)["Items"]) for asked in ASKED]
    assert set(found) == {0, 1, 2}
