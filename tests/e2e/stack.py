"""The deployed stack as those around it see it: what a company's systems put in, and what its customers get."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import boto3

from rapport.adapters import items
from rapport.domain.message import Message
from tests.e2e.emulator import STACK, Emulator, eventually

NOON = 12


def zone_where_it_is_noon(now: datetime) -> str:
    """A zone in which we may speak now. The signs of these zones are POSIX's: Etc/GMT+5 is five hours behind UTC."""
    behind = now.astimezone(UTC).hour - NOON
    return f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"


def event(type_: str, customer: str, id_: str, **data: Any) -> dict[str, Any]:
    """An event as a company's system would write it."""
    at = datetime.now(UTC).isoformat()
    return {"id": id_, "type": type_, "customer": customer, "at": at, "data": data}


def delivery(customer: str, order: str, hours: int = 3) -> dict[str, Any]:
    """A delivery; when it is only hours away, the evening before is past, and its reminder is due at once."""
    due_at = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    return event("delivery.scheduled", customer, f"{customer}-{order}", order=order, due_at=due_at)


class Stack:
    """What it was given and what came out of it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        cloudformation = boto3.client("cloudformation")
        described = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        self.resources = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.events = boto3.client("events")

    def put(self, *events: dict[str, Any]) -> None:
        """Into the Events table, in this order."""
        for each in events:
            self.dynamodb.put_item(TableName=self.outputs["EventsTableName"], Item=items.to_item(each))

    def queue(self, *bodies: str) -> None:
        """Into the intake queue, as one batch."""
        entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
        taken = self.sqs.send_message_batch(QueueUrl=self.outputs["IntakeQueueUrl"], Entries=entries)  # type: ignore[arg-type]
        assert not taken.get("Failed")

    def publish(self, told: dict[str, Any]) -> None:
        """Onto the event bus; the bus gives it its id."""
        detail = {"customer": told["customer"], "data": told["data"]}
        taken = self.events.put_events(
            Entries=[
                {
                    "EventBusName": self.outputs["EventBusName"],
                    "Source": "shop",
                    "DetailType": told["type"],
                    "Detail": json.dumps(detail),
                }
            ]
        )
        assert not taken["FailedEntryCount"]

    def introduce(self, customer: str, **addresses: str) -> None:
        """A customer for whom it is noon, who agrees to be spoken to on every channel that they name."""
        zone = zone_where_it_is_noon(datetime.now(UTC))
        self.put(
            event(
                "customer.updated",
                customer,
                f"{customer}-known",
                name=customer.title(),
                time_zone=zone,
                addresses=addresses,
            ),
            *(event("consent.given", customer, f"{customer}-{channel}", channel=channel) for channel in addresses),
        )

    def texts_to(self, number: str) -> list[dict[str, Any]]:
        """The texts that this number got."""
        texts: list[dict[str, Any]] = self.emulator.ask(f"/_ministack/sns/sms-messages?phoneNumber={quote(number)}")[
            "sms_messages"
        ][number]
        return texts

    def mails_to(self, address: str) -> list[dict[str, Any]]:
        """The e-mails that this address got."""
        accounts = self.emulator.ask("/_ministack/ses/messages")["messages"]
        return [mail for mails in accounts.values() for mail in mails if address in mail["To"]]

    def messages(self, customer: str) -> list[Message]:
        """What the ledger has of this customer's messages."""
        found = self.dynamodb.query(
            TableName=self.outputs["LedgerTableName"],
            KeyConditionExpression="pk = :customer AND begins_with(sk, :messages)",
            ExpressionAttributeValues={":customer": {"S": customer}, ":messages": {"S": "MESSAGE#"}},
            ConsistentRead=True,
        )
        return [items.read_message(item) for item in found["Items"]]

    def message(self, customer: str, status: str) -> Message:
        """The customer's one message, once the ledger says that it has this status."""

        def there() -> list[Message]:
            return [message for message in self.messages(customer) if message.status == status]

        eventually(there, f"a message to {customer} that is {status}")
        (message,) = self.messages(customer)
        return message

    def ledger_item(self, key: items.Item) -> items.Item:
        """One item of the ledger."""
        return self.dynamodb.get_item(TableName=self.outputs["LedgerTableName"], Key=key, ConsistentRead=True)["Item"]

    def put_ledger(self, item: items.Item) -> None:
        """Into the ledger, by a hand that only a test has."""
        self.dynamodb.put_item(TableName=self.outputs["LedgerTableName"], Item=item)

    def letters(self, queue: str) -> list[dict[str, Any]]:
        """What lies in one of the stack's queues, taken out of it."""
        found = self.sqs.receive_message(
            QueueUrl=self.resources[queue], MessageAttributeNames=["All"], MaxNumberOfMessages=10
        )
        return list(found.get("Messages", []))  # type: ignore[arg-type]

    def waiting_in(self, queue: str) -> int:
        """How many messages a queue holds, those in flight included."""
        held = self.sqs.get_queue_attributes(
            QueueUrl=self.resources[queue],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(number) for number in held["Attributes"].values())

    def logs(self) -> str:
        """The last that each function said."""
        client = boto3.client("logs")
        said = []
        for group in client.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
            lines = client.filter_log_events(logGroupName=group["logGroupName"])["events"]
            told = [line["message"].strip() for line in lines if not line["message"].startswith(("START", "END"))]
            said += [f"--- {group['logGroupName']}", *told[-20:]]
        return "\n".join(said)
