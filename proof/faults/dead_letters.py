"""What an operator does with dead letters once the trouble is over: each goes back to where it came from."""

import json
from typing import Any

from moto.backends import get_backend

from local.sources import Batch, QueueSource, StreamSource, as_lambda_gets_it, matches
from local.template import ACCOUNT, REGION
from local.world import World
from rapport.domain.words import Channel


def redrive(world: World) -> int:
    """Every letter back; returns how many there were."""
    sqs = get_backend("sqs")[ACCOUNT][REGION]
    letters = 0
    sources = sources_by_letter_box(world)
    for logical, _ in world.stack.of_type("AWS::SQS::Queue"):
        if not logical.endswith("DeadLetters"):
            continue
        queue = sqs.get_queue(world.stack.physical(logical))
        bodies = [message.body for message in queue._messages]
        queue._messages.clear()
        letters += len(bodies)
        for body in bodies:
            send_back(world, json.loads(body), body, sources.get(queue.name))
        if any(is_of_a_log(json.loads(body)) for body in bodies):
            tell_all_again(world)
    return letters


def send_back(world: World, letter: Any, body: str, queue: str | None) -> None:
    """One letter: a stream's names its records, and a queue's is the message itself."""
    if "DDBStreamBatchInfo" in letter:
        try_again(world, letter["DDBStreamBatchInfo"])
    elif queue and not is_of_a_log(letter):
        world.sqs.send_message(QueueUrl=queue, MessageBody=body)


def is_of_a_log(letter: Any) -> bool:
    """Whether lines of a log weren't taken; it doesn't say which."""
    return "requestContext" in letter and "DDBStreamBatchInfo" not in letter


def tell_all_again(world: World) -> None:
    """The log's lines on every text, once however many letters there are: else letters would beget letters."""
    for taken in world.carriers.taken:
        if taken.channel is Channel.SMS:
            world.post.tell_log(taken)


def sources_by_letter_box(world: World) -> dict[str, str]:
    """The URL of the queue that functions read, by the name of its dead letters' queue."""
    read = {source.queue.name for source in world.deployment.sources if isinstance(source, QueueSource)}
    found = {}
    for logical, properties in world.stack.of_type("AWS::SQS::Queue"):
        if "RedrivePolicy" in properties and world.stack.physical(logical) in read:
            box = properties["RedrivePolicy"]["deadLetterTargetArn"].rsplit(":", 1)[-1]
            found[box] = world.stack.reference(logical)
    return found


def try_again(world: World, batch: dict[str, Any]) -> None:
    """The records that a stream's letter points at, to the function that gave them up."""
    first, last = int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"])
    for source in world.deployment.sources:
        if isinstance(source, StreamSource) and source.table.latest_stream_label == batch["streamArn"]:
            shard = source.table.stream_shard
            every = [as_lambda_gets_it(each.record) for each in (shard.items if shard else [])]
            meant = [each for each in every if first <= int(each["dynamodb"]["SequenceNumber"]) <= last]
            meant = [each for each in meant if any(matches(pattern, each) for pattern in source.filters)]
            source.lanes[0].append(Batch(meant))
