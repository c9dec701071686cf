"""A person one reply away, in the deployed stack: a text becomes a case, and its page an answer."""

import json
import re
import secrets
from urllib.parse import urlencode

import boto3

from rapport.adapters import items
from tests.e2e.emulator import ROOT, SENDER, eventually
from tests.e2e.stack import Stack

LINK = re.compile(r"Answer here: (\S+)")


def ask(stack: Stack, link: str, form: dict[str, str] | None = None) -> str:
    """The page that the link leads to, from the function itself: the emulator finds no route of the API."""
    event = json.loads((ROOT / "events" / "serve_desk.json").read_text(encoding="utf-8"))
    event["pathParameters"] = {"token": link.rsplit("/", 1)[-1]}
    event["requestContext"]["http"]["method"] = "POST" if form else "GET"
    event["body"] = urlencode(form) if form else None
    name = stack.resources["ServeDesk"]
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    page: str = json.loads(answer["Payload"].read())["body"]
    return page


def test_a_text_for_a_person_becomes_a_case_and_its_page_an_answer(stack: Stack) -> None:
    number = "+447700900555"
    stack.introduce("dora", sms=number)
    known = items.profile_key("dora")
    where = stack.outputs["LedgerTableName"]
    eventually(lambda: "Item" in stack.dynamodb.get_item(TableName=where, Key=known), "a customer who is known")
    text = {"originationNumber": number, "messageBody": "I want a person", "inboundMessageId": secrets.token_hex(8)}
    boto3.client("sns").publish(TopicArn=stack.outputs["InboundTextsTopic"], Message=json.dumps(text))

    def letters() -> list[str]:
        return [body for mail in stack.mails_to(SENDER) if "customer dora" in (body := json.dumps(mail))]

    eventually(letters, "an e-mail to the desk", 30)
    found = LINK.search(letters()[-1].replace("\\n", " "))
    assert found
    assert "I want a person" in ask(stack, found[1])
    form = {"text": "Here I am.", "by": "Kim", "do": "both", "nonce": "n"}
    assert "Your answer is on its way." in ask(stack, found[1], form)
    eventually(lambda: [each for each in stack.texts_to(number) if "Here I am." in json.dumps(each)], "the answer")
