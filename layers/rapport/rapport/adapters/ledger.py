"""The Ledger table as the planner needs it: read what an event concerns, write all that came of it or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rapport.adapters import items
from rapport.adapters.events_table import write_all
from rapport.adapters.items import Item
from rapport.domain.advance import Draft
from rapport.domain.customer import Customer
from rapport.domain.event import Event
from rapport.domain.planning import Key, Plan
from rapport.domain.run import Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_KEYS = 100  # of one BatchGetItem, by DynamoDB's limit
FULL_PAGE = 100  # of a list of those who asked to hear


class ConflictError(Exception):
    """Somebody else wrote first: read again."""


@dataclass(frozen=True)
class Read:
    """What is on record about a customer and the runs that an event concerns."""

    customer: Customer
    runs: dict[Key, Run]
    outcome: dict[str, Any] | None = None


class Ledger:
    """Every write is conditional on what was read."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table

    def read(self, customer: str, runs: Iterable[Key], event: str | None = None) -> Read:
        """The customer, those runs that exist, and what came of the event if it was planned before."""
        keys = [items.profile_key(customer), *(items.run_key(customer, *run) for run in runs)]
        if event:
            keys.append(items.outcome_key(customer, event))
        found = fetch(self.client, self.table, keys)
        read = [items.read_run(item) for sk, item in found.items() if sk.startswith("RUN#")]
        outcome = found.get(f"EVENT#{event}")
        return Read(
            customer=items.read_customer(found.get(items.PROFILE), customer),
            runs={run.key: run for run in read},
            outcome=items.from_item(outcome) if outcome else None,
        )

    def commit(self, event: Event, read: Read, plan: Plan, now: datetime) -> None:
        """Writes the plan and the event's outcome, all or nothing. Raises ConflictError."""
        outcome = {
            "kind": "event",
            "type": event.type,
            "fingerprint": event.fingerprint(),
            "at": now.isoformat(),
            "outcome": "rejected" if plan.rejected else "planned",
            "notes": plan.notes,
            "messages": [draft.message.id for draft in plan.drafts],
        }
        puts = [self.fresh({**items.outcome_key(event.customer, event.id), **items.to_item(outcome)})]
        if plan.customer is not read.customer:
            puts.append(self.versioned(items.customer_item(plan.customer), read.customer.version))
        puts += self.run_puts(plan.runs.values(), read.runs)
        puts += self.draft_puts(plan.drafts)
        puts += [self.want(journey, about, event) for journey, about in plan.wants]
        self.write(puts)

    def commit_run(self, before: Run, after: Run, drafts: list[Draft]) -> None:
        """Writes a run that went on by itself, and its messages. Raises ConflictError."""
        self.write([*self.run_puts([after], {before.key: before}), *self.draft_puts(drafts)])

    def run_puts(self, runs: Iterable[Run], before: dict[Key, Run]) -> list[Item]:
        """The runs, each on condition that it is as it was read."""
        versions = {key: run.version for key, run in before.items()}
        return [self.versioned(items.run_item(run), versions.get(run.key, 0)) for run in runs]

    def draft_puts(self, drafts: list[Draft]) -> list[Item]:
        """The messages and their words; a message that is there already was planned before."""
        puts = []
        for draft in drafts:
            message = draft.message
            puts.append(self.fresh(items.message_item(message)))
            if draft.content:
                words = {"kind": "content", **items.dumped(draft.content)}
                puts.append(self.put({**items.content_key(message.customer, message.id), **items.to_item(words)}))
        return puts

    def outcome(self, customer: str, event: str) -> dict[str, Any] | None:
        """What came of an event, if it was seen to."""
        found = fetch(self.client, self.table, [items.outcome_key(customer, event)])
        return next((items.from_item(item) for item in found.values()), None)

    def note(self, customer: str, event: str, notes: list[str], now: datetime, *, rejected: bool = False) -> None:
        """Puts down what came of an event that made no plan."""
        outcome = {"kind": "event", "at": now.isoformat(), "notes": notes}
        outcome["outcome"] = "rejected" if rejected else "planned"
        item = {**items.outcome_key(customer, event), **items.to_item(outcome)}
        self.client.put_item(TableName=self.table, Item=item)

    def waiting(self, key: Key) -> list[tuple[str, str]]:
        """The first page of those who asked to hear: customer, and the event by which they asked."""
        page = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :list",
            ExpressionAttributeValues={":list": {"S": list_key(*key)}},
            Limit=FULL_PAGE,
            ConsistentRead=True,
        )
        return [(item["sk"]["S"], item["asked_by"]["S"]) for item in page["Items"]]

    def told(self, key: Key, customers: list[str]) -> None:
        """Takes the customers off the list."""
        deletes = [{"DeleteRequest": {"Key": items.key(list_key(*key), customer)}} for customer in customers]
        write_all(self.client, self.table, deletes)

    def want(self, journey: str, about: str, event: Event) -> Item:
        """Puts the customer on a list; who is on it already keeps their place, so asking twice is waiting once."""
        return {
            "Update": {
                "TableName": self.table,
                "Key": items.key(list_key(journey, about), event.customer),
                "UpdateExpression": "SET kind = :kind, asked_by = if_not_exists(asked_by, :asked_by)",
                "ExpressionAttributeValues": {":kind": {"S": "want"}, ":asked_by": {"S": event.id}},
            }
        }

    def put(self, item: Item) -> Item:
        """One unconditional part of a transaction."""
        return {"Put": {"TableName": self.table, "Item": item}}

    def fresh(self, item: Item) -> Item:
        """Holds only where nothing is yet."""
        return {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def versioned(self, item: Item, version: int) -> Item:
        """Holds only where the version is still this one; version 0 is nothing yet."""
        if version == 0:
            return self.fresh(item)
        condition = {
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": {"N": str(version)}},
        }
        return {"Put": {"TableName": self.table, "Item": item, **condition}}

    def write(self, puts: list[Any]) -> None:
        """All of it or nothing. Raises ConflictError when a condition failed or another transaction was at it."""
        try:
            self.client.transact_write_items(TransactItems=puts)
        except self.client.exceptions.TransactionCanceledException as error:
            raise ConflictError(str(error)) from None


def fetch(client: "DynamoDBClient", table: str, keys: list[Item]) -> dict[str, Item]:
    """One customer's items by sort key, read consistently. Raises TimeoutError when DynamoDB keeps some back."""
    found: dict[str, Item] = {}
    for start in range(0, len(keys), MOST_KEYS):
        wanted = keys[start : start + MOST_KEYS]
        for _ in range(5):
            answer = client.batch_get_item(RequestItems={table: {"Keys": wanted, "ConsistentRead": True}})
            found |= {item["sk"]["S"]: item for item in answer["Responses"].get(table, [])}
            unprocessed = answer["UnprocessedKeys"].get(table)
            wanted = list(unprocessed["Keys"]) if unprocessed else []
            if not wanted:
                break
        else:
            raise TimeoutError("DynamoDB returned unprocessed keys five times")
    return found


def list_key(journey: str, about: str) -> str:
    """Where those wait who asked to hear; no customer's id has a space, so no customer lies there."""
    return f"LIST {journey} {about}"
