"""The ledger under real threads: however many senders claim at once, a cap lets through as many as it says."""

import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier

import boto3
import pytest

from rapport.adapters import items
from rapport.adapters.carriers import POOLED
from rapport.adapters.content import Content
from rapport.adapters.many_items import write_all
from rapport.adapters.sends import Sends
from rapport.domain.attempt import Accepted, Answer
from rapport.domain.customer import Address, Consent, Customer
from rapport.domain.decision import Decision
from rapport.domain.message import Content as Words
from rapport.domain.message import Message, Status
from rapport.domain.policy import Cap, Policy
from rapport.domain.run import Run
from rapport.domain.sending import ContentionError, MessageKey
from rapport.domain.words import Channel, Purpose, Reason
from tests.domain.memory_ledger import claim_and_deliver
from tests.e2e.emulator import ROOT
from tests.e2e.stack import Stack, zone_where_it_is_noon

MESSAGES = 500
CAP = 5
WORKERS = 32
NOW = datetime.now(UTC)
CUSTOMER = Customer(
    id="ida",
    known=True,
    zones=(zone_where_it_is_noon(NOW),),
    addresses=(Address(channel=Channel.SMS, value="+14155550108"),),
    consents=(Consent(channel=Channel.SMS, purpose=Purpose.PROMOTIONAL, given=True, at=NOW),),
)
KEYS = [MessageKey(CUSTOMER.id, f"m-{number}", "back-in-stock", f"item-{number}") for number in range(MESSAGES)]


class CountingCarrier:
    """Takes everything, and counts; `next` on a count is one step, whatever the threads."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.taken: list[str] = []

    def send(self, message: Message, content: Words, address: str) -> Answer:
        """One more."""
        self.taken.append(message.id)
        return Accepted(f"taken-{next(self.numbers)}")


def queued(key: MessageKey) -> list[items.Item]:
    """A message that is due, its words, and the run that made it."""
    run = Run(
        customer=key.customer,
        journey=key.journey,
        about=key.about,
        entry=f"back-{key.about}",
        event={"type": "stock.back", "data": {"item": key.about}},
        place="1",
        clock=NOW,
        as_of=NOW,
        status="completed",
    )
    message = Message(
        id=key.message,
        customer=key.customer,
        journey=key.journey,
        about=key.about,
        entry=run.entry,
        purpose=Purpose.PROMOTIONAL,
        template="back-in-stock",
        template_version="1",
        route=(Channel.SMS,),
        channel=Channel.SMS,
        status=Status.QUEUED,
        decision=Decision(outcome="send", at=NOW, because="put there by a test", channel=Channel.SMS),
        created_at=NOW,
        due_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    words = items.to_item({"kind": "content", **items.dumped(Words(text=f"{key.about} is back."))})
    content = {**items.content_key(key.customer, key.message), **words}
    return [items.run_item(run), items.message_item(message), content]


@pytest.fixture
def ledger(stack: Stack) -> Iterator[Sends]:
    """A table like the deployed ledger, but for its stream: the deployed senders are to stay out of it."""
    client = boto3.client("dynamodb", config=POOLED)
    like = client.describe_table(TableName=stack.outputs["LedgerTableName"])["Table"]
    indexes = [
        {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        for index in like["GlobalSecondaryIndexes"]
    ]
    client.create_table(
        TableName="contended",
        AttributeDefinitions=like["AttributeDefinitions"],
        KeySchema=like["KeySchema"],
        GlobalSecondaryIndexes=indexes,  # type: ignore[arg-type]
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName="contended")
    seeded = [items.customer_item(CUSTOMER), *(item for key in KEYS for item in queued(key))]
    write_all(client, "contended", [{"PutRequest": {"Item": item}} for item in seeded])
    yield Sends(client, "contended")
    client.delete_table(TableName="contended")


def capped_policy() -> Policy:
    """The company's policy, with one cap for this test."""
    cap = Cap.model_validate({"purposes": ["promotional"], "at_most": CAP, "every": "7 days"})
    return Content(ROOT / "layers" / "content").policy.model_copy(update={"caps": (cap,)})


def test_five_hundred_parallel_claims_against_a_cap_of_five_send_exactly_five(ledger: Sends) -> None:
    carrier, policy, start = CountingCarrier(), capped_policy(), Barrier(WORKERS)
    comebacks = count()

    def send(number: int) -> None:
        if number < WORKERS:
            start.wait(timeout=60)
        while True:
            try:
                owner = secrets.token_hex(8)
                claim_and_deliver(KEYS[number], owner, ledger, carrier, policy, lambda: datetime.now(UTC))
                return
            except ContentionError:
                next(comebacks)  # the queue would bring it back

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(send, range(MESSAGES)))

    ended = [ledger.message(key.customer, key.message) for key in KEYS]
    print(f"{next(comebacks)} messages came back to the queue")  # noqa: T201 (shown when it fails)
    assert Counter((message.status, message.reason) for message in ended) == {
        (Status.SENT, None): CAP,
        (Status.SKIPPED, Reason.CAPPED): MESSAGES - CAP,
    }
    assert sorted(carrier.taken) == sorted(message.id for message in ended if message.status is Status.SENT)
    assert not list(ledger.open_before(NOW + timedelta(days=1)))
