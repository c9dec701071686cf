"""The Ledger table as senders, receipts and the five-minute round need it: conditional moves of one message."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rapport.adapters import items
from rapport.adapters.many_items import fetch, fetch_all
from rapport.domain.customer import Customer
from rapport.domain.message import Content, Message, Status
from rapport.domain.receipts import Receipt, after_receipt
from rapport.domain.sending import ChangedError, Look, MessageKey, Moved
from rapport.domain.words import CONVERSATION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_TRIES = 10


class NotOnRecordError(KeyError):
    """No such message is on record (yet)."""


class Sends:
    """Every move holds only if the message is where it was when it was read."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table

    def claim(self, key: MessageKey, owner: str, *, due_by: datetime, lease_until: datetime) -> Message:
        """Makes a queued message that is due its owner's; returns it as it is now. Raises NotOnRecordError."""
        values = {"sending": Status.SENDING, "queued": Status.QUEUED, "owner": owner, "one": 1}
        values |= {"due_by": stamp(due_by), "lease": stamp(lease_until)}
        try:
            found = self.client.update_item(
                TableName=self.table,
                Key=items.message_key(key.customer, key.message),
                UpdateExpression="SET #status = :sending, #owner = :owner, lease_until = :lease ADD attempts :one",
                ConditionExpression="#status = :queued AND due_at <= :due_by",
                ExpressionAttributeNames={"#status": "status", "#owner": "owner"},
                ExpressionAttributeValues={f":{name}": value for name, value in items.to_item(values).items()},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except self.client.exceptions.ConditionalCheckFailedException as error:
            refused: Any = error.response
            found = refused.get("Item")
        if not found:
            raise NotOnRecordError("no such message (yet)")
        return items.read_message(found)

    def put_back(self, key: MessageKey, owner: str) -> None:
        """Undoes the owner's claim. Raises ChangedError when there is none."""
        values = {"sending": Status.SENDING, "queued": Status.QUEUED, "owner": owner, "one": 1}
        update = {
            "TableName": self.table,
            "Key": items.message_key(key.customer, key.message),
            "UpdateExpression": "SET #status = :queued, attempts = attempts - :one REMOVE #owner, lease_until",
            "ConditionExpression": "#status = :sending AND #owner = :owner",
            "ExpressionAttributeNames": {"#status": "status", "#owner": "owner"},
            "ExpressionAttributeValues": {f":{name}": value for name, value in items.to_item(values).items()},
        }
        try:
            self.write([{"Update": update}])
        except ChangedError:  # or a transaction held it: once more, else it would be in doubt when its lease is over
            self.write([{"Update": update}])

    def look(self, message: Message) -> Look:
        """The message's words, its customer and its run, read consistently. Raises KeyError."""
        return look_in(fetch(self.client, self.table, looked_at(message)), message)

    def looks(self, messages: list[Message]) -> dict[str, Look]:
        """The looks at many messages in one request, by id; one that something is wrong with has none."""
        keys = [key for message in messages for key in looked_at(message)]
        found = fetch_all(self.client, self.table, keys)
        looks: dict[str, Look] = {}
        for message in messages:
            with suppress(KeyError, ValueError):
                looks[message.id] = look_in(found.get(message.customer, {}), message)
        return looks

    def count(self, before: Customer, after: Customer) -> None:
        """What counts towards the customer's caps, if they are as they were read. Raises ChangedError."""
        self.write([{"Update": self.counted(before, after)}])

    def settle(self, before: Message, after: Message, *, release: bool = False, suppress: str | None = None) -> None:
        """The message to where it is now; `release` and `suppress` change its customer with it. Raises ChangedError."""
        for _ in range(MOST_TRIES):
            change = self.customer_change(after, release, suppress) if release or suppress else []
            try:
                self.write([{"Update": self.move(before, after)}, *change])
                return
            except ChangedError:
                if not change or self.message(after.customer, after.id) != before:
                    raise
        raise ChangedError(f"{after.id}: its customer changed {MOST_TRIES} times")

    def customer_change(self, message: Message, release: bool, suppress: str | None) -> list[Any]:
        """What a message's end changes about its customer."""
        key = items.profile_key(message.customer)
        found = fetch(self.client, self.table, [key])
        before = after = items.read_customer(found.get(items.PROFILE), message.customer)
        if release:
            spoken = {id_: word for id_, word in after.spoken.items() if id_ != message.id}
            after = after.model_copy(update={"spoken": spoken})
        if suppress and message.channel and message.address:
            after = after.suppressing(message.channel, message.address, suppress)
        return [] if after == before else [{"Update": self.counted(before, after)}]

    def record(self, receipt: Receipt) -> Moved:
        """Where the receipt moved its message. Raises NotOnRecordError, and ChangedError at length."""
        customer, name = self.addressee(receipt)
        for _ in range(MOST_TRIES):
            before = self.message(customer, name)
            after = after_receipt(before, receipt)
            if after is before and not receipt.suppress:
                return Moved(before, before)
            try:
                self.settle(before, after, suppress=receipt.detail or "complaint" if receipt.suppress else None)
                return Moved(before, after)
            except ChangedError:
                continue
        raise ChangedError(f"{name}: it changed {MOST_TRIES} times while its receipt was recorded")

    def addressee(self, receipt: Receipt) -> tuple[str, str]:
        """Customer and message: from an e-mail's tags, else by the carrier's id. Raises NotOnRecordError."""
        if receipt.customer and receipt.message:
            return receipt.customer, receipt.message
        found = self.client.query(
            TableName=self.table,
            IndexName="carrier_id",
            KeyConditionExpression="carrier_id = :id",
            ExpressionAttributeValues={":id": {"S": receipt.carrier_id}},
        )["Items"]
        if not found:
            raise NotOnRecordError("no message has this carrier's id (yet)")
        return items.whose(found[0])

    def message(self, customer: str, message: str) -> Message:
        """The message as it is now. Raises NotOnRecordError."""
        found = fetch(self.client, self.table, [items.message_key(customer, message)])
        if not found:
            raise NotOnRecordError("no such message (yet)")
        return items.read_message(found[f"MESSAGE#{message}"])

    def open_before(self, moment: datetime) -> Iterator[tuple[str, str]]:
        """Customer and id of every message that was due before the moment, and isn't at its end.

        Each minute begins at another shard, so that a round which is cut short doesn't always forget the same ones.
        """
        pages = self.client.get_paginator("query")
        for place in range(items.SHARDS):
            shard = (moment.minute + place) % items.SHARDS
            for page in pages.paginate(
                TableName=self.table,
                IndexName="open",
                KeyConditionExpression="#open = :shard AND open_since < :moment",
                ExpressionAttributeNames={"#open": "open"},
                ExpressionAttributeValues={":shard": {"S": str(shard)}, ":moment": {"S": stamp(moment)}},
            ):
                for item in page["Items"]:
                    yield items.whose(item)

    def move(self, before: Message, after: Message) -> Any:
        """The update that takes the message from one state to the other, and only from that one."""
        old, new = items.message_item(before), items.message_item(after)
        sets = {name: value for name, value in new.items() if old.get(name) != value} or {"status": new["status"]}
        gone = [name for name in old if name not in new]
        names = {f"#{name}": name for name in [*sets, *gone, "status", "owner", "attempts", "due_at"]}
        values = {f":{name}": value for name, value in sets.items()}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in sets)
        if gone:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in gone)
        tried = "#attempts = :was_attempts"
        if before.attempts == 0:  # which was left out once
            tried = f"(attribute_not_exists(#attempts) OR {tried})"
        conditions = ["#status = :was_status", "#due_at = :was_due_at", tried]
        values |= {f":was_{name}": old[name] for name in ("status", "due_at", "attempts")}
        fences = ["owner", "engagement"] if old.get("engagement") != new.get("engagement") else ["owner"]
        for name in fences:
            if name in old:
                conditions.append(f"#{name} = :was_{name}")
                values[f":was_{name}"] = old[name]
            else:
                conditions.append(f"attribute_not_exists(#{name})")
        return {
            "TableName": self.table,
            "Key": items.message_key(before.customer, before.id),
            "UpdateExpression": expression,
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }

    def counted(self, before: Customer, after: Customer) -> Any:
        """The customer's counted messages and addresses as they are now, if nothing else has changed meanwhile."""
        item = items.customer_item(after)
        return {
            "TableName": self.table,
            "Key": items.profile_key(before.id),
            "UpdateExpression": "SET version = :next, spoken = :spoken, addresses = :addresses, closed = :closed",
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {
                ":version": {"N": str(before.version)},
                ":next": {"N": str(before.version + 1)},
                ":spoken": item.get("spoken", {"M": {}}),
                ":addresses": item.get("addresses", {"L": []}),
                ":closed": item.get("closed", {"M": {}}),
            },
        }

    def write(self, parts: list[Any]) -> None:
        """All of it or nothing; one part alone at the price of one. Raises ChangedError."""
        errors = self.client.exceptions
        try:
            if len(parts) == 1:
                self.client.update_item(**parts[0]["Update"])
            else:
                self.client.transact_write_items(TransactItems=parts)
        except (
            errors.ConditionalCheckFailedException,
            errors.TransactionCanceledException,
            errors.TransactionConflictException,
        ) as error:
            if "TransactionConflict" in str(error):
                # a transaction holds an item; let it finish
                time.sleep(random.uniform(0.005, 0.05))  # noqa: S311  # nosec B311
            raise ChangedError(str(error)) from None


def looked_at(message: Message) -> list[items.Item]:
    """The keys of what a look at the message goes by: its customer, what it belongs to, and its words."""
    parent = items.parent_key(message.customer, message.journey, message.about)
    words = [items.content_key(message.customer, message.id, message.words)] if message.text is None else []
    return [items.profile_key(message.customer), parent, *words]


def look_in(found: Mapping[str, items.Item], message: Message) -> Look:
    """The look, in what was found of the customer's items. Raises KeyError, and ValueError for what nobody can read."""
    _, parent, *apart = looked_at(message)
    words = found[apart[0]["sk"]["S"]] if apart else {"text": {"S": message.text}}
    return Look(
        content=Content.model_validate(items.from_item(words)),
        customer=items.read_customer(found.get(items.PROFILE), message.customer),
        exited_by=void_by(message, found[parent["sk"]["S"]]),
    )


def void_by(message: Message, parent: items.Item) -> str | None:
    """What has made the message void: its run is over or anew, or the bot has lost the conversation since."""
    if message.journey == CONVERSATION:
        void = message.entry not in ("", parent["epoch"]["N"])
        return "a change of who has the conversation" if void else None
    run = items.read_run(parent)
    exited_by = run.ended_by if run.status == "exited" else None
    return "a newer event" if run.entry != message.entry else exited_by


def stamp(moment: datetime) -> str:
    """The moment as pydantic writes it into the ledger, so that texts compare as times, to the second."""
    return moment.isoformat().replace("+00:00", "Z")
