"""A day on which every function does all that it does, and the permissions that its calls to AWS need."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3

from local.carriers import Outage
from local.desk import Desk
from local.template import ACCOUNT, REGION
from local.world import World
from rapport.domain.tokens import Tokens
from rapport.domain.words import Channel
from tests.stories.people import BY_EMAIL, LONDON, meet

MONDAY: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Needed = set[tuple[str, str]]  # an IAM action, and the ARN of what it is done to
PARTS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def live(world: World) -> None:
    """Texts and e-mails, now and later; carriers that fail; bad input; what is lost, abandoned, and in doubt."""
    meet(world, "ana", LONDON, "promotional")
    meet(world, "ben", BY_EMAIL, "promotional")
    world.send("not json")
    world.send(json.dumps({"id": "e", "type": "stock.wanted", "customer": "ana", "at": stamp(world), "data": ITEM}))
    world.happens("stock.wanted", "ben", **ITEM)
    world.happens("delivery.dreamt", "ana")
    outages = [Outage(channel, "throttles", MONDAY, MONDAY + timedelta(minutes=5)) for channel in Channel]
    world.carriers.outages += outages
    world.happens("stock.back", "*", **ITEM)
    world.advance("10 minutes")
    world.carriers.bounces.add("ben@example.com")
    world.carriers.opted_out.add("+447700900123")
    world.wire.cut_in("send_sms", "SNS.Publish", before=False)
    for customer in ("ana", "ben"):
        world.happens("delivery.scheduled", customer, order="7", due_at="2026-11-23T17:30:00+00:00")
        world.happens("delivery.scheduled", customer, order="8", due_at="2026-11-26T14:00:00+00:00")
    world.sqs.purge_queue(QueueUrl=world.stack.reference("SmsQueue"))
    world.run_until(MONDAY + timedelta(hours=7, minutes=50))
    world.happens("delivery.scheduled", "ben", order="9", due_at="2026-11-24T14:00:00+00:00")
    world.advance("4 days")
    talk(world)


def talk(world: World) -> None:
    """Texts: an answer to what a message asked, something that takes the chatbot, a person; and from a stranger."""
    for customer, number in (("cy", CY), ("dee", "+447700900201")):
        meet(world, customer, {**LONDON, "addresses": {"sms": number}})
        world.happens("delivery.scheduled", customer, order=f"10-{customer}", due_at="2026-11-28T17:30:00+00:00")
    world.happens("customer.updated", "dee", addresses={"sms": "+447700900202"})
    world.advance("1 hour")
    chat(world, "dee", "no thanks")
    [reminder] = world.texts_to("cy")
    world.writes(CY, "to 12 Oak Lane", answering=reminder.message.carrier_id)
    for text in ("yes", "what are your opening hours?"):
        world.advance("1 minute")
        world.writes(CY, text)
    world.happens("delivery.completed", "cy", order="10-cy")
    world.advance("7 days")
    for text in ("I love it", "AGENT"):
        world.writes(CY, text)
        world.advance("1 minute")
    world.writes("+447700900888", "hello")
    world.advance("1 minute")
    Desk(world).answer("cy", "Here I am.")
    Desk(world).reply("All done.\n#bot")
    Desk(world).reply("One thing more.")


def chat(world: World, customer: str, text: str) -> None:
    """A customer, whom a ticket names, writes this in a chat."""
    ticket = Tokens(b"the Secret of the local world").make("chat", [customer], world.now + timedelta(hours=1))
    boto3.client("lexv2-runtime").recognize_text(
        botId=world.stack.attribute("Bot", "Id"),
        botAliasId=world.stack.attribute("BotAlias", "BotAliasId"),
        localeId="en_GB",
        sessionId="a-tab",
        text=text,
        requestAttributes={"rapport-ticket": ticket},
    )


CY: Final = "+447700900200"
ITEM: Final = {"item": "teapot"}


def stamp(world: World) -> str:
    """The time, as events have it."""
    return world.now.isoformat()


def permissions(call: str, asked: dict[str, Any]) -> Needed:
    """What IAM asks of a call."""
    service, operation = call.split(".")
    if operation == "TransactWriteItems":
        parts = [next(iter(part.items())) for part in asked["TransactItems"]]
        return {(f"dynamodb:{PARTS[kind]}", table(part["TableName"])) for kind, part in parts}
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return {(f"dynamodb:{operation}", table(name)) for name in asked["RequestItems"]}
    if service == "DynamoDB":
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        return {(f"dynamodb:{operation}", table(asked["TableName"]) + index)}
    if service == "SQS":  # IAM knows no batches
        queue = asked["QueueUrl"].rsplit("/", 1)[-1]
        return {(f"sqs:{operation.removesuffix('Batch')}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")}
    if service == "Scheduler":
        schedule = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{asked['GroupName']}/{asked['Name']}"
        return {(f"scheduler:{operation}", schedule), ("iam:PassRole", asked["Target"]["RoleArn"])}
    if service == "SNS":
        return {(f"sns:{operation}", asked.get("TopicArn") or asked["PhoneNumber"])}
    if service == "SESv2":
        ours = f"arn:aws:ses:{REGION}:{ACCOUNT}:"
        kinds = {f"identity/{asked['FromEmailAddress']}"}
        kinds |= {f"configuration-set/{asked[name]}" for name in ("ConfigurationSetName",) if name in asked}
        return {(f"ses:{operation}", f"{ours}{kind}") for kind in kinds}
    return of_conversations(service, operation, asked)


def of_conversations(service: str, operation: str, asked: dict[str, Any]) -> Needed:
    """What IAM asks of a call that only conversations make."""
    if service == "EventBridge":
        buses = {entry["EventBusName"] for entry in asked["Entries"]}
        return {(f"events:{operation}", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}") for bus in buses}
    if service == "Secrets Manager":
        return {(f"secretsmanager:{operation}", asked["SecretId"])}
    if service == "Lex Runtime V2":
        return {
            (f"lex:{operation}", f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/{asked['botId']}/{asked['botAliasId']}")
        }
    raise ValueError(f"{service}: expected a service that Rapport uses")


def table(name: str) -> str:
    """A table's ARN."""
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
