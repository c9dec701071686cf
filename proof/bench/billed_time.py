"""The time that is billed for a message: the senders, beside Powertools' own sequential batch and a bare loop.

Carriers answer in 50 ms and tables in 5 ms; the senders are warm, and do all that they do in Lambda.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from local.functions import Context, LocalFunction, Log
from local.interleaving import OneByOne
from local.world import World
from proof.bench.figures import Figure
from proof.bench.profiling import account
from proof.bench.stand_in import CARRIER, TABLE, StandIn, standing_in
from proof.bench.unheard import unheard
from proof.bench.waiting_messages import TEXT, batch, on_record
from rapport.adapters import batch as batches
from rapport.domain.words import Channel

SIZES: Final = {10: 7, 100: 3}  # messages at once, and how often they are sent
FIFTH: Final = 0.2
AIM: Final = 1.5
SENDERS: Final = {Channel.SMS: "send_sms", Channel.EMAIL: "send_email"}
CONTEXT: Final = Context("bench", "request-1")
Handler = Callable[[dict[str, Any], Context], Any]


class Billed(NamedTuple):
    """What one invocation took: seconds by the wall's clock, and seconds in which this process was busy."""

    seconds: float
    busy: float


Rounds = dict[str, list[Billed]]


class UnsentError(Exception):
    """A batch came through without each of its messages going to its carrier once, so its time says nothing."""


def measure() -> list[Figure]:
    """Both senders with each size of batch."""
    figures = []
    with standing_in() as stand_in, lambda_like(stand_in):
        for channel in SENDERS:
            handler, powertools = the_sender(channel), sequential(channel)
            for size, rounds in SIZES.items():
                stand_in.hold(on_record(channel, size, datetime.now(UTC)))
                figures += compare(channel, size, rounds, stand_in, (handler, powertools, bare(channel)))
    return figures


def compare(
    channel: Channel, size: int, rounds: int, stand_in: StandIn, handlers: tuple[Handler, Handler, Handler]
) -> list[Figure]:
    """Each round has all three ways after one another, and its ratios are its own."""
    ours, powertools, bare_loop = handlers
    billed(ours, size)  # warm: the connections are there
    before = stand_in.asked()
    billed(ours, size)
    calls = stand_in.asked() - before
    if calls["carrier"] != size:
        raise UnsentError(f"{SENDERS[channel]}: {calls['carrier']} of {size} messages went to the carrier")
    chain = CARRIER + TABLE * ceil(calls["table"] / size)
    taken: Rounds = {"ours": [], "powertools": [], "bare": []}
    for _ in range(rounds):
        for name, handler in (("ours", ours), ("powertools", powertools), ("bare", bare_loop)):
            taken[name].append(billed(handler, size))
    return figures_of(f"{SENDERS[channel]}, {size} at once", size, taken, chain)


def figures_of(of: str, size: int, taken: Rounds, chain: float) -> list[Figure]:
    """What the rounds say; `chain` is how many seconds the longest chain of calls takes that one message needs."""
    ours, powertools, bare_loop = taken["ours"], taken["powertools"], taken["bare"]
    own = [each.busy / size * 1000 for each in ours]
    in_calls = [mine.busy / other.busy for mine, other in zip(ours, bare_loop, strict=True)]
    return [
        Figure(f"{of}: billed", "ms a message", tuple(each.seconds / size * 1000 for each in ours)),
        Figure(f"{of}: of Powertools' sequential batch", "x", shares(ours, powertools), aim=FIFTH),
        Figure(f"{of}: of a bare loop of calls", "x", shares(ours, bare_loop), aim=FIFTH),
        Figure(
            f"{of}: of a message's calls, {chain * 1000:.0f} ms", "x", tuple(e.seconds / chain for e in ours), aim=AIM
        ),
        Figure(f"{of}: of the carrier's call, {CARRIER * 1000:.0f} ms", "x", tuple(e.seconds / CARRIER for e in ours)),
        Figure(f"{of}: the processor's time", "ms a message", tuple(own)),
        Figure(f"{of}: the processor's time, of a bare call's", "x", tuple(in_calls)),
    ]


def shares(ours: list[Billed], theirs: list[Billed]) -> tuple[float, ...]:
    """How much of their time ours is, round by round."""
    return tuple(mine.seconds / other.seconds for mine, other in zip(ours, theirs, strict=True))


def billed(handler: Handler, size: int) -> Billed:
    """One invocation. Raises UnsentError when a record comes back."""
    event = batch(size)
    begun, idle = perf_counter(), process_time()
    answer = handler(event, CONTEXT)
    taken = Billed(perf_counter() - begun, process_time() - idle)
    if answer["batchItemFailures"]:
        raise UnsentError(f"{len(answer['batchItemFailures'])} of {size} records came back")
    return taken


@contextmanager
def lambda_like(stand_in: StandIn) -> Iterator[None]:
    """The functions' environment, with AWS where the stand-in is, and what they log out of the way."""
    environment = {**World(datetime.now(UTC)).environment(), **stand_in.environment}
    with ExitStack() as exits:
        exits.enter_context(patch.dict(os.environ, environment))
        exits.enter_context(patch.object(boto3, "DEFAULT_SESSION", None))
        exits.enter_context(unheard())
        yield


def the_sender(channel: Channel) -> Handler:
    """The function as it is deployed, started."""
    return LocalFunction("bench", f"{SENDERS[channel]}.handler", {}, Log(), Random(0)).handler  # noqa: S311


def call_of(channel: Channel) -> Callable[[], Any]:
    """One call to the carrier."""
    if channel is Channel.SMS:
        sns = boto3.client("sns")
        return lambda: sns.publish(PhoneNumber="+447700900000", Message=TEXT)
    sesv2 = boto3.client("sesv2")
    body: Any = {"Simple": {"Subject": {"Data": "Your delivery"}, "Body": {"Text": {"Data": TEXT}}}}
    to: Any = {"ToAddresses": ["ana@example.com"]}
    return lambda: sesv2.send_email(FromEmailAddress="shop@example.com", Destination=to, Content=body)


def sequential(channel: Channel) -> Handler:
    """Powertools' example of a batch from SQS, whose records it handles one after the other, with one call for each.

    It is the plain example: no idempotency, no consent, no caps, nothing on record.
    """
    processor = BatchProcessor(event_type=EventType.SQS)
    call = call_of(channel)

    def record_handler(record: Any) -> Any:
        return call()

    def handler(event: dict[str, Any], context: Context) -> Any:
        return process_partial_response(
            event=event,
            record_handler=record_handler,
            processor=processor,
            context=context,  # type: ignore[arg-type]
        )

    return handler


def bare(channel: Channel) -> Handler:
    """A loop of calls, and nothing else."""
    call = call_of(channel)

    def handler(event: dict[str, Any], context: Context) -> Any:
        for _ in event["Records"]:
            call()
        return {"batchItemFailures": []}

    return handler


def profile(folder: Path) -> list[str]:
    """Where a sender's own time goes: ten messages in one thread, so that Python's profiler sees it all."""
    lines = []
    with standing_in() as stand_in, lambda_like(stand_in), patch.object(batches, "ThreadPoolExecutor", one_by_one):
        for channel, name in SENDERS.items():
            handler = the_sender(channel)
            stand_in.hold(on_record(channel, 10, datetime.now(UTC)))
            billed(handler, 10)
            lines += account(name, partial(billed, handler, 10), folder)
    return lines


def one_by_one(max_workers: int) -> OneByOne:
    """In the place of the threads."""
    return OneByOne()
