"""Canaries in every field of every payload, through every function, well and failing: none sings in a log."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from local.world import World
from rapport.adapters import items
from rapport.adapters.telemetry import logger
from tests.attackers.mutations import as_json, changed, places, put
from tests.attackers.neighbours import OF
from tests.canaries import leaks, told
from tests.functions.at_the_desk import ask_for_a_person
from tests.functions.on_record import EMAIL, PHONE, WORDS, ana, payload, queued, seed, streamed, wake
from tests.functions.on_record import put as put_down

CANARY: Final = "Canarybird +447700900999 canary@canary.example wrote that the parcel came broken"
SINGS: Final = ("anarybird", "7700900999", "canary@", "came broken")


def canaries(document: Any) -> Iterator[Any]:
    """The document with a canary in each of its fields, one after the other, and one in a field of its own."""
    for path in places(document):
        yield changed(document, path, put(CANARY))
    yield {**document, CANARY: CANARY} if isinstance(document, dict) else document


def events(function: str) -> list[dict[str, Any]]:
    """The function's payload, with a canary for each field of what others say in it."""
    event = payload(function)
    if function in ("plan_messages", "dispatch_messages"):
        plain = [items.from_item(record["dynamodb"]["NewImage"]) for record in event["Records"]]
        images = [items.to_item(each) for image in plain for each in canaries(image)]
        return [streamed(function, *images)]
    if function in OF:
        bodies = [as_json(each) for record in event["Records"] for each in canaries(json.loads(record["body"]))]
        return [queued(function, *bodies[start : start + 50]) for start in range(0, len(bodies), 50)]
    return list(canaries(event))


FUNCTIONS: Final = (*sorted(OF), "answer_chat", "serve_desk", "reconcile_sends")


def sung(world: World) -> list[str]:
    """What was told that has a canary in it."""
    return [line for line in told(world) if any(song in line for song in SINGS)]


def aws_fails(error: Exception) -> AbstractContextManager[Any]:
    """Every call to AWS ends with this error."""
    return patch.object(BaseClient, "_make_api_call", side_effect=error)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_canary_sings(world: World, function: str) -> None:
    seed(world)
    ask_for_a_person(world)
    for event in events(function):
        for around in (nullcontext(), aws_fails(RuntimeError(CANARY))):
            with suppress(Exception), around:
                wake(world, function, event)
    assert sung(world) == []
    assert world.log.lines


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: logger.info("text", body=WORDS.text),
        lambda: logger.info(f"could not send to {PHONE}"),
        lambda: logger.error("failed", error=f"ValidationError: input_value='{EMAIL}'"),
        lambda: logger.info("customer", customer={"name": "Ana Quillfeather"}),
        lambda: print('{"_aws": {}, "address": "ANA@example.com", "FailedMessages": [1.0]}'),  # noqa: T201
    ],
    ids=["the text", "the number", "an exception's text", "the name", "the address as a dimension"],
)
def test_what_is_told_by_mistake_is_found(world: World, mistake: Callable[[], None]) -> None:
    seed(world)
    wake(world, "send_sms")
    assert leaks(world) == []
    function = world.deployment.functions["send_sms"]
    with patch.object(function, "handler", lambda *_: mistake()):
        function.invoke({})
    assert len(leaks(world)) == 1
    world.log.lines.clear()


def test_a_reason_that_repeats_what_was_given_is_found(world: World) -> None:
    put_down(world, items.customer_item(ana()))
    world.sqs.send_message(
        QueueUrl=world.stack.reference("IntakeDeadLetters"),
        MessageBody="{}",
        MessageAttributes={"reason": {"DataType": "String", "StringValue": f"data.sms: {PHONE} is no number"}},
    )
    assert leaks(world) == [f"data.sms: {PHONE} is no number"]
    world.deployment.account.sqs.purge_queue(QueueUrl=world.stack.reference("IntakeDeadLetters"))
