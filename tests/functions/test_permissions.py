"""Every function may do what it does, and nothing else: its role, as it is deployed, against a day's calls."""

import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import ClientError

from local.template import ROOT, Stack
from local.world import World
from tests.functions.a_day import MONDAY, live
from tests.functions.gate import Call, Gate, Role, roles
from tests.rendered import EVERYTHING, rendered_stack

WOKEN: Final = sorted(path.stem for path in (ROOT / "functions").glob("*.py"))
MANY: Final = 10


@pytest.fixture(scope="module")
def may() -> dict[str, Role]:
    """Each function's role."""
    return roles(rendered_stack())


class Day(NamedTuple):
    """A world when a day is over; what each function asked leave for in its course, and what was refused."""

    world: World
    asked: dict[str, set[Call]]
    refused: list[tuple[str, Call]]


@pytest.fixture(scope="module")
def day(may: dict[str, Role]) -> Iterator[Day]:
    """A day of every function's, each under its own role."""
    with World(MONDAY, parameters=EVERYTHING) as world:
        gate = Gate(world, may)
        live(world)
        yield Day(world, {function: set(calls) for function, calls in gate.asked.items()}, list(gate.refused))


def test_every_function_may_do_all_that_it_does(day: Day) -> None:
    assert (sorted(day.asked), day.refused) == (WOKEN, [])


@pytest.mark.parametrize("function", WOKEN)
def test_whatever_is_taken_from_a_function_is_missed(may: dict[str, Role], day: Day, function: str) -> None:
    role = may[function]
    unmissed = {
        (statement["Action"], statement["Resource"])
        for number, statement in enumerate(role.own)
        if statement["Effect"] == "Allow" and all(role.without(number).permits(call) for call in day.asked[function])
    }
    assert unmissed == lambdas_own(function)


def lambdas_own(function: str) -> set[tuple[str, str]]:
    """What the function's role needs for Lambda itself: to say where what it gave up on is."""
    functions = dict(Stack(EVERYTHING).of_type("AWS::Serverless::Function")).values()
    [given] = [each for each in functions if each["Handler"] == f"{function}.handler"]
    sources = [source["Properties"] for source in given["Events"].values()] + [given.get("EventInvokeConfig", {})]
    return {
        ("sqs:SendMessage", source["DestinationConfig"]["OnFailure"]["Destination"])
        for source in sources
        if "DestinationConfig" in source
    }


@pytest.mark.parametrize("function", WOKEN)
def test_a_function_may_not_do_what_others_do(may: dict[str, Role], day: Day, function: str) -> None:
    others = {call for calls in day.asked.values() for call in calls} - day.asked[function]
    assert len(others) > MANY
    assert [call for call in others if may[function].permits(call)] == []


def strange_calls(stack: Stack) -> list[tuple[str, str, dict[str, Any]]]:
    """What no function has any business with: a client, what it is asked, and how."""
    ledger, events, queue = (stack.reference(name) for name in ("LedgerTable", "EventsTable", "SmsQueue"))
    letters, payroll = stack.reference("ScheduleDeadLetters"), queue.replace(stack.physical("SmsQueue"), "payroll")
    item = {"pk": {"S": "x"}, "sk": {"S": "x"}}
    mail = {"Destination": {"ToAddresses": ["ana@example.com"]}, "Content": {"Raw": {"Data": b"x"}}}
    schedule = {
        "Name": "x",
        "ScheduleExpression": "at(2030-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
    }
    target = {"Arn": stack.attribute("WakeQueue", "Arn")}
    ours, admin = stack.attribute("ScheduleRole", "Arn"), "arn:aws:iam::123456789012:role/admin"
    group = stack.reference("ScheduleGroup")
    word = {"botAliasId": "TSTALIASID", "localeId": "en_GB", "sessionId": "a-tab", "text": "x"}
    return [
        ("dynamodb", "put_item", {"TableName": "payroll", "Item": item}),
        ("dynamodb", "scan", {"TableName": ledger}),
        ("dynamodb", "delete_table", {"TableName": ledger}),
        ("dynamodb", "get_item", {"TableName": events, "Key": {"customer": {"S": "x"}, "id": {"S": "x"}}}),
        ("dynamodb", "delete_item", {"TableName": events, "Key": {"customer": {"S": "x"}, "id": {"S": "x"}}}),
        ("sqs", "send_message", {"QueueUrl": payroll, "MessageBody": "x"}),
        ("sqs", "receive_message", {"QueueUrl": letters}),
        ("sqs", "delete_message", {"QueueUrl": letters, "ReceiptHandle": "x"}),
        ("sqs", "purge_queue", {"QueueUrl": queue}),
        ("sns", "publish", {"TopicArn": stack.reference("InboundTexts"), "Message": "STOP"}),
        ("sesv2", "send_email", {"FromEmailAddress": "chief@example.com", **mail}),
        ("secretsmanager", "get_secret_value", {"SecretId": "payroll"}),
        ("secretsmanager", "put_secret_value", {"SecretId": stack.reference("Secret"), "SecretString": "x"}),
        ("scheduler", "create_schedule", {**schedule, "GroupName": "other", "Target": {**target, "RoleArn": ours}}),
        ("scheduler", "create_schedule", {**schedule, "GroupName": group, "Target": {**target, "RoleArn": admin}}),
        ("events", "put_events", {"Entries": [{"EventBusName": "default", "Source": "x", "Detail": "{}"}]}),
        ("lexv2-runtime", "recognize_text", {"botId": "ABCDEFGHIJ", **word}),
    ]


@pytest.mark.parametrize("function", WOKEN)
def test_a_function_is_refused_what_it_has_no_business_with(day: Day, function: str) -> None:
    strange = strange_calls(day.world.stack)
    assert len(strange) >= MANY
    for service, call, parameters in strange:
        with patch.dict(os.environ, {"_HANDLER": f"{function}.handler"}), pytest.raises(ClientError) as error:
            getattr(boto3.client(service), call)(**parameters)  # type: ignore[call-overload]
        assert error.value.response["Error"]["Code"] == "AccessDeniedException", call


@pytest.mark.parametrize("function", WOKEN)
def test_a_function_takes_from_its_own_queue_or_stream_alone(may: dict[str, Role], function: str) -> None:
    stack = rendered_stack()
    queues = {stack.attribute(logical, "Arn") for logical, _ in stack.of_type("AWS::SQS::Queue")}
    streams = {stack.attribute(logical, "StreamArn") for logical, _ in stack.of_type("AWS::DynamoDB::Table")}
    takes = {("sqs:ReceiveMessage", queue) for queue in queues} | {("sqs:DeleteMessage", queue) for queue in queues}
    takes |= {("dynamodb:GetRecords", stream) for stream in streams}
    taken = {resource for action, resource in takes if may[function].permits(Call(action, resource, None))}
    mappings = [given for _, given in stack.of_type("AWS::Lambda::EventSourceMapping")]
    names = {stack.physical(logical): given for logical, given in stack.of_type("AWS::Lambda::Function")}
    fed = {
        given["EventSourceArn"]
        for given in mappings
        if names[given["FunctionName"]]["Handler"] == f"{function}.handler"
    }
    assert taken == fed
