"""The Ledger table as the planner needs it: read what an event concerns, write all that came of it or nothing."""

import hashlib
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from rapport.adapters import items
from rapport.adapters.items import Item
from rapport.adapters.many_items import fetch, write_all
from rapport.domain.customer import Consent, Customer
from rapport.domain.delivery import Delivery
from rapport.domain.event import Event
from rapport.domain.message import Message
from rapport.domain.profile import texted_stop
from rapport.domain.run import Run
from rapport.domain.words import Channel

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from rapport.domain.advance import Draft
    from rapport.domain.planning import Key, Plan

FULL_PAGE = 100  # of a list of those who asked to hear
MOST_OTHERS: Final = 10  # who are asked for a number's STOP: it holds for everybody who has it
CONFLICTS: Final = {"ConditionalCheckFailed", "TransactionConflict"}


class ConflictError(Exception):
    """Somebody else wrote first: read again."""


@dataclass(frozen=True)
class Read:
    """What is on record about a customer and the runs that an event concerns."""

    customer: Customer
    runs: "dict[Key, Run]"
    outcome: dict[str, Any] | None = None
    delivery: Delivery | None = None


class Ledger:
    """Every write is conditional on what was read."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table

    def read(self, customer: str, runs: "Iterable[Key]", event: str | None = None, order: str | None = None) -> Read:
        """The customer, those runs that exist, the order's delivery, and what came of the event if it was planned."""
        keys = [items.profile_key(customer), *(items.run_key(customer, *run) for run in runs)]
        if event:
            keys.append(items.outcome_key(customer, event))
        if order:
            keys.append(items.delivery_key(customer, order))
        found = fetch(self.client, self.table, keys)
        read = [items.read_run(item) for sk, item in found.items() if sk.startswith("RUN#")]
        outcome, delivery = found.get(f"EVENT#{event}"), found.get(f"ORDER#{order}")
        return Read(
            customer=items.read_customer(found.get(items.PROFILE), customer),
            runs={run.key: run for run in read},
            outcome=items.from_item(outcome) if outcome else None,
            delivery=Delivery.model_validate(items.from_item(delivery)) if delivery else None,
        )

    def commit(self, event: Event, read: Read, plan: "Plan", now: datetime) -> None:
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
        item = {**items.outcome_key(event.customer, event.id), **items.to_item(outcome)}
        puts = [self.anew(item) if read.outcome else self.fresh(item)]
        if plan.customer is not read.customer:
            puts.append(self.versioned(items.customer_item(plan.customer), read.customer.version))
            puts += self.address_changes(event, read.customer, plan.customer)
        if plan.delivery and plan.delivery is not read.delivery:
            puts.append(self.versioned(items.delivery_item(plan.delivery), plan.delivery.version))
        puts += self.run_puts(plan.runs.values(), read.runs)
        puts += [self.want(journey, about, event) for journey, about in plan.wants]
        self.write(puts, plan.drafts)

    def commit_run(self, before: Run, after: Run, drafts: "list[Draft]") -> None:
        """Writes a run that went on by itself, and its messages. Raises ConflictError."""
        self.write(self.run_puts([after], {before.key: before}), drafts)

    def address_changes(self, event: Event, before: Customer, after: Customer) -> list[Item]:
        """Whose number is whose, so that a text from it is known to be theirs.

        An update puts down all of them: those who were here before this was put down have nothing yet.
        """
        had, has = ({each.value for each in customer.addresses_on(Channel.SMS)} for customer in (before, after))
        told = has if event.type == "customer.updated" else has - had
        mark = items.to_item({"kind": "address"})
        puts = [self.put({**items.address_key(value, after.id), **mark}) for value in sorted(told)]
        gone = [items.address_key(value, after.id) for value in sorted(had - has)]
        return [*puts, *({"Delete": {"TableName": self.table, "Key": key}} for key in gone)]

    def owners(self, address: str) -> list[str]:
        """The customers who have this address."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"ADDRESS {address}"}},
            ConsistentRead=True,
        )
        return [item["sk"]["S"] for page in pages for item in page["Items"]]

    def stop_before(self, customer: str, numbers: Iterable[str]) -> Consent | None:
        """The latest STOP by text of others with one of these numbers, where it wasn't put down as the customer's."""
        owners = [self.owners(number) for number in numbers]
        others = {other for each in owners if customer not in each for other in each[:MOST_OTHERS]}
        words = (texted_stop(self.read(other, []).customer) for other in sorted(others))
        return max((word for word in words if word), key=lambda word: word.at, default=None)

    def run_puts(self, runs: Iterable[Run], before: "dict[Key, Run]") -> list[Item]:
        """The runs, each on condition that it is as it was read."""
        versions = {key: run.version for key, run in before.items()}
        return [self.versioned(items.run_item(run), versions.get(run.key, 0)) for run in runs]

    def draft_put(self, draft: "Draft") -> Item:
        """The message; one that is there already was planned before."""
        return self.fresh(items.message_item(with_words(draft)))

    def lay_down(self, draft: "Draft") -> None:
        """What means nothing without its message, and so may come before it: an e-mail's words, and what it asks.

        Each plan's words have a place of their own, and the message that comes to be names its own.
        """
        lying: list[Item] = []
        if draft.content and draft.content.html:
            message = with_words(draft)
            words = items.to_item({"kind": "content", **items.dumped(draft.content)})
            lying.append({**items.content_key(message.customer, message.id, message.words), **words})
        if draft.question:
            lying.append(items.question_item(draft.message.customer, draft.question))
        for item in lying:
            with suppress(self.client.exceptions.ConditionalCheckFailedException):
                self.client.put_item(**self.fresh(item)["Put"])

    def outcome(self, customer: str, event: str) -> dict[str, Any] | None:
        """What came of an event, if it was seen to."""
        found = fetch(self.client, self.table, [items.outcome_key(customer, event)])
        return next((items.from_item(item) for item in found.values()), None)

    def note(self, customer: str, event: str, notes: list[str], now: datetime, fingerprint: str | None = None) -> None:
        """Puts down what came of an event that made no plan."""
        item = self.noted(customer, event, "planned", notes, now, fingerprint)
        self.client.put_item(TableName=self.table, Item=item)

    def reject(
        self, customer: str, event: str, notes: list[str], now: datetime, fingerprint: str
    ) -> dict[str, Any] | None:
        """Puts down why an event can't be used; returns what stays on record instead: the same, or a plan."""
        item = self.noted(customer, event, "rejected", notes, now, fingerprint)
        other = "(attribute_not_exists(fingerprint) OR fingerprint <> :fingerprint)"
        values = {":rejected": {"S": "rejected"}, ":fingerprint": {"S": fingerprint}}
        try:
            self.client.put_item(
                TableName=self.table,
                Item=item,
                ConditionExpression=f"attribute_not_exists(pk) OR (outcome = :rejected AND {other})",
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            return items.from_item(error.response.get("Item", {}))  # type: ignore[arg-type]
        return None

    def noted(
        self, customer: str, event: str, outcome: str, notes: list[str], now: datetime, fingerprint: str | None
    ) -> Item:
        """The outcome of an event that made no plan."""
        values = {"kind": "event", "at": now.isoformat(), "outcome": outcome, "notes": notes}
        return {**items.outcome_key(customer, event), **items.to_item({**values, "fingerprint": fingerprint})}

    def waiting(self, key: "Key") -> list[tuple[str, str]]:
        """The first page of those who asked to hear: customer, and the event by which they asked."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :list",
            FilterExpression="attribute_exists(asked_by)",
            ExpressionAttributeValues={":list": {"S": list_key(*key)}},
            ConsistentRead=True,
            PaginationConfig={"PageSize": FULL_PAGE},
        )
        wants = ((item["sk"]["S"], item["asked_by"]["S"]) for page in pages for item in page["Items"])
        return list(islice(wants, FULL_PAGE))

    def told(self, key: "Key", customers: list[str]) -> None:
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

    def anew(self, outcome: Item) -> Item:
        """Holds only while the outcome on record is a rejection: what was planned once isn't planned again."""
        condition = {
            "ConditionExpression": "outcome = :rejected",
            "ExpressionAttributeValues": {":rejected": {"S": "rejected"}},
        }
        return {"Put": {"TableName": self.table, "Item": outcome, **condition}}

    def versioned(self, item: Item, version: int) -> Item:
        """Holds only where the version is still this one; version 0 is nothing yet."""
        if version == 0:
            return self.fresh(item)
        condition = {
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": {"N": str(version)}},
        }
        return {"Put": {"TableName": self.table, "Item": item, **condition}}

    def write(self, parts: list[Any], drafts: "Iterable[Draft]" = ()) -> None:
        """All of it or nothing; one part alone at the price of one.

        Raises ConflictError when a condition failed or a transaction was at it.
        """
        drafts = list(drafts)
        for draft in drafts:
            self.lay_down(draft)
        parts = [*parts, *(self.draft_put(draft) for draft in drafts)]
        errors = self.client.exceptions
        try:
            if len(parts) == 1 and "Put" in parts[0]:
                self.client.put_item(**parts[0]["Put"])
            else:
                self.client.transact_write_items(TransactItems=parts)
        except errors.ConditionalCheckFailedException as error:
            raise ConflictError(str(error)) from None
        except (errors.TransactionCanceledException, errors.TransactionConflictException) as error:
            refused = error.response.get("CancellationReasons", [{"Code": "TransactionConflict"}])
            reasons = {reason.get("Code", "None") for reason in refused}
            if reasons and not reasons & CONFLICTS:
                raise
            if "TransactionConflict" in reasons:
                # a transaction holds an item; let it finish
                time.sleep(random.uniform(0.005, 0.05))  # noqa: S311  # nosec B311
            raise ConflictError(str(error)) from None


def with_words(draft: "Draft") -> Message:
    """The message with its words, if it is a text, and with what tells which they are, if it is an e-mail."""
    if draft.content is None:
        return draft.message
    if not draft.content.html:
        return draft.message.model_copy(update={"text": draft.content.text})
    words = hashlib.blake2s(draft.content.model_dump_json().encode(), digest_size=8).hexdigest()
    return draft.message.model_copy(update={"words": words})


def settled(outcome: dict[str, Any] | None, event: Event) -> bool:
    """Whether an event was seen to; after a rejection, it may come again under its id when it says something else."""
    if outcome is None or outcome["outcome"] != "rejected":
        return outcome is not None
    return outcome.get("fingerprint") == event.fingerprint()


def list_key(journey: str, about: str) -> str:
    """Where those wait who asked to hear; no customer's id has a space, so no customer lies there."""
    return f"LIST {journey} {about}"
