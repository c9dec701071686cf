"""Good records, and how it shows that they were seen to; whatever comes with them in a batch."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from local.desk import VERDICTS, Desk
from local.world import World
from rapport.adapters import items
from rapport.domain.conversation import Due
from rapport.domain.message import Message, Status
from tests.functions.at_the_desk import DESK, ask_for_a_person, conversation
from tests.functions.on_record import LETTER, WORDS, ana, events, ledger, mail, payload, put, reminder, the_run, waiting

NEIGHBOUR: Final = "good-{}"
GOOD: Final = re.compile(r".*good-(\d+)\s*", re.DOTALL)


class Neighbours(NamedTuple):
    """`good` makes the record of a number, with what has to be there before; `arrived` says which were seen to."""

    good: Callable[[World, int], Any]
    arrived: Callable[[World], set[int]]


def numbers(names: Iterable[Any]) -> set[int]:
    """Which neighbours these names and texts are of; what is of none may be anything."""
    found = [GOOD.fullmatch(name) for name in names if isinstance(name, str)]
    return {int(match[1]) for match in found if match}


def with_message(world: World, message: Message) -> None:
    """Puts a message of a neighbour's on record, with all that it needs."""
    words = LETTER if message.channel == "email" else WORDS
    content = items.to_item({"kind": "content", **items.dumped(words)})
    put(world, items.customer_item(ana(id=message.customer)), items.run_item(the_run(customer=message.customer)))
    put(world, items.message_item(message), {**items.content_key(message.customer, message.id), **content})


def of(number: int) -> dict[str, str]:
    """The ids of a neighbour and their message."""
    return {"customer": NEIGHBOUR.format(number), "id": f"m-good-{number}"}


def messages(world: World, *statuses: str) -> set[int]:
    """The neighbours of whom there is a message of one of these statuses."""
    found = [(pk, item) for (pk, sk), item in ledger(world).items() if sk.startswith("MESSAGE#")]
    return numbers(pk for pk, item in found if item["status"]["S"] in statuses)


def to_record(_: World, number: int) -> dict[str, Any]:
    """An event into the intake queue."""
    body: dict[str, Any] = json.loads(payload("record_events")["Records"][0]["body"])
    return {**body, "id": NEIGHBOUR.format(number)}


def to_plan(_: World, number: int) -> items.Item:
    """An item of the Events table."""
    image = payload("plan_messages")["Records"][1]["dynamodb"]["NewImage"]
    name = {"S": NEIGHBOUR.format(number)}
    return {**image, "id": name, "customer": name}


def planned(world: World) -> set[int]:
    """Of whom it is on record that their event was planned."""
    lines = ledger(world).items()
    return numbers(sk for (_, sk), item in lines if sk.startswith("EVENT#") and item["outcome"]["S"] == "planned")


def to_resume(world: World, number: int) -> dict[str, str]:
    """A run whose wait is over."""
    customer = NEIGHBOUR.format(number)
    put(world, items.customer_item(ana(id=customer)), items.run_item(the_run(customer=customer)))
    return {"customer": customer, "journey": "delivery-reminder", "about": "1042"}


def to_send(draft: Callable[..., Message]) -> Callable[[World, int], dict[str, str]]:
    """A message that is due."""

    def good(world: World, number: int) -> dict[str, str]:
        message = draft(**of(number))
        with_message(world, message)
        return {"customer": message.customer, "message": message.id, "journey": message.journey, "about": message.about}

    return good


def to_dispatch(_: World, number: int) -> items.Item:
    """A message that was queued."""
    return items.message_item(reminder(**of(number)))


def dispatched(world: World) -> set[int]:
    """Whose message is in the queue."""
    return numbers(each.get("message") for each in waiting(world, "SmsQueue"))


def told_of_mail(world: World, number: int) -> dict[str, Any]:
    """SES's word that an e-mail arrived."""
    message = mail(**of(number), status=Status.SENT, carrier_id=f"ses-{number}", attempts=1)
    with_message(world, message)
    told: dict[str, Any] = json.loads(payload("record_receipts")["Records"][0]["body"])
    tags = {
        "rapport-customer": [b64encode(message.customer.encode()).decode().rstrip("=")],
        "rapport-message": [message.id],
    }
    return {**told, "mail": {**told["mail"], "messageId": message.carrier_id, "tags": tags}}


def text_in(_: World, number: int) -> dict[str, Any]:
    """A text that asks for help, from a number of its own."""
    envelope: dict[str, Any] = json.loads(payload("receive_sms")["Records"][0]["body"])
    said = {**json.loads(envelope["Message"]), "originationNumber": f"+4477009{number:05}"}
    said |= {"inboundMessageId": NEIGHBOUR.format(number)}
    said.pop("previousPublishedMessageId")
    return {**envelope, "Message": json.dumps(said)}


def answered(world: World) -> set[int]:
    """Whose text is seen to, and who is sent an answer."""
    found = [item for (_, sk), item in ledger(world).items() if sk.startswith("MESSAGE#")]
    senders = [item.get("address", {}).get("S", "") for item in found]
    return {int(each[-5:]) for each in senders if each.startswith("+4477009") and each[-5:].isdigit()}


def reply_in(world: World, number: int) -> dict[str, Any]:
    """An e-mail of the desk's that answers the case of Ana, whom it was told of first."""
    desk = Desk(world)
    if not desk.mails():
        ask_for_a_person(world)
    latest = desk.mails()[0]
    raw = f"From: Kim <{DESK}>\r\nTo: {latest.reply_to}\r\nSubject: Re\r\n\r\nYour parcel, good-{number}\r\n"
    return {
        "notificationType": "Received",
        "receipt": {"recipients": [latest.reply_to], **{name: {"status": "PASS"} for name in VERDICTS}},
        "mail": {"messageId": NEIGHBOUR.format(number), "source": DESK},
        "content": b64encode(raw.encode()).decode(),
    }


def desk_said(world: World) -> set[int]:
    """Which of the desk's words are on their way to the customer."""
    found = [item for (_, sk), item in ledger(world).items() if sk.startswith("MESSAGE#")]
    return numbers(item["text"]["S"] for item in found if "text" in item)


def case_due(world: World, number: int) -> dict[str, Any]:
    """A conversation of which the desk is to be told."""
    if not Desk(world).mails():
        ask_for_a_person(world)
    customer, due = NEIGHBOUR.format(number), Due(what="tell", at=world.now)
    waits = conversation(world).model_copy(update={"customer": customer, "due": due, "version": 0})
    put(world, items.customer_item(ana(id=customer)), items.conversation_item(waits))
    return {"customer": customer, "thread": waits.thread, **due.model_dump(mode="json")}


def desk_told(world: World) -> set[int]:
    """Of which customers the desk got an e-mail."""
    return {number for number in range(1_000) if Desk(world).mails(NEIGHBOUR.format(number))}


SENT: Final = ("sent", "delivered")
OF: Final[dict[str, Neighbours]] = {
    "record_events": Neighbours(to_record, lambda world: numbers(events(world))),
    "plan_messages": Neighbours(to_plan, planned),
    "dispatch_messages": Neighbours(to_dispatch, dispatched),
    "resume_journeys": Neighbours(to_resume, lambda world: messages(world, "queued")),
    "send_sms": Neighbours(to_send(reminder), lambda world: messages(world, *SENT)),
    "send_email": Neighbours(to_send(mail), lambda world: messages(world, *SENT)),
    "record_receipts": Neighbours(told_of_mail, lambda world: messages(world, "delivered")),
    "receive_sms": Neighbours(text_in, answered),
    "receive_email": Neighbours(reply_in, desk_said),
    "tell_desk": Neighbours(case_due, desk_told),
}
