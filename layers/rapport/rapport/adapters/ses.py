"""SES: e-mails out, and its events (or, in their older shape, notifications) back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final

from rapport.adapters.carriers import attempt
from rapport.domain.attempt import Answer
from rapport.domain.message import Content, Message, Status
from rapport.domain.receipts import Receipt

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

PERMANENT: Final = frozenset({"MessageRejected", "BadRequestException"})
CUSTOMER_TAG: Final = "rapport-customer"
MESSAGE_TAG: Final = "rapport-message"


class Mails:
    """Sends e-mail from the stack's address, under its configuration set."""

    def __init__(self, client: "SESV2Client", from_address: str, configuration_set: str) -> None:
        self.client = client
        self.from_address = from_address
        self.configuration_set = configuration_set

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """One attempt at one e-mail, tagged so that its receipts find their way back."""

        def call() -> str:
            body = {"Text": {"Data": content.text, "Charset": "UTF-8"}}
            if content.html:
                body["Html"] = {"Data": content.html, "Charset": "UTF-8"}
            subject = {"Data": one_line(content.subject or ""), "Charset": "UTF-8"}
            answer = self.client.send_email(
                FromEmailAddress=self.from_address,
                Destination={"ToAddresses": [address]},
                Content={"Simple": {"Subject": subject, "Body": body}},  # type: ignore[typeddict-item]
                ConfigurationSetName=self.configuration_set,
                EmailTags=[
                    {"Name": CUSTOMER_TAG, "Value": as_tag(message.customer)},
                    {"Name": MESSAGE_TAG, "Value": message.id},
                    {"Name": "journey", "Value": message.journey},
                ],
            )
            return answer["MessageId"]

        return attempt(call, PERMANENT, frozenset())


def one_line(subject: str) -> str:
    """The subject with every control character and line break made a space, so that no header can follow it."""
    return " ".join("".join(char if char.isprintable() else " " for char in subject).split())


def as_tag(customer: str) -> str:
    """The customer's id in the characters that SES allows in a tag."""
    return urlsafe_b64encode(customer.encode()).decode().rstrip("=")


def from_tag(tag: str) -> str:
    """The customer's id from its tag."""
    return urlsafe_b64decode(tag + "=" * (-len(tag) % 4)).decode()


def read_event(payload: dict[str, Any]) -> Receipt | None:
    """An event of SES's event publishing (`eventType`) or a notification (`notificationType`).

    None for what changes nothing, such as a delay. Raises KeyError, ValueError, TypeError or AttributeError for
    anything that is neither.
    """
    kind = payload.get("eventType") or payload["notificationType"]
    mail = payload["mail"]
    tags = mail.get("tags", {})
    told = what_happened(kind, payload)
    if told is None:
        return None
    customer, message = tags.get(CUSTOMER_TAG), tags.get(MESSAGE_TAG)
    return Receipt(
        carrier_id=mail["messageId"],
        customer=from_tag(customer[0]) if customer else None,
        message=message[0] if message else None,
        **told,
    )


def what_happened(kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """When and what, in the ladder's words."""
    sent_at = payload["mail"]["timestamp"]
    match kind:
        case "Send":
            return {"at": sent_at, "status": Status.SENT}
        case "Delivery":
            return {"at": payload["delivery"]["timestamp"], "status": Status.DELIVERED}
        case "Bounce":
            return bounced(payload["bounce"])
        case "Complaint":
            at = payload["complaint"]["timestamp"]
            return {"at": at, "engagement": "complained", "detail": "complained of as spam", "suppress": True}
        case "Reject":
            return {"at": sent_at, "status": Status.FAILED, "detail": f"rejected: {payload['reject']['reason']}"[:120]}
        case "Rendering Failure":
            return {"at": sent_at, "status": Status.FAILED, "detail": "SES could not render it"}
        case "Open" | "Click":
            told = payload[kind.lower()]
            return {"at": told["timestamp"], "engagement": {"Open": "opened", "Click": "clicked"}[kind]}
        case "DeliveryDelay" | "Subscription":
            return None
    raise ValueError("expected an event type that SES documents")


def bounced(bounce: dict[str, Any]) -> dict[str, Any]:
    """A bounce: a permanent one closes the address; any other is soft, and the next message may arrive."""
    kind = f"{bounce['bounceType']} bounce ({bounce['bounceSubType']})"
    permanent = bounce["bounceType"] == "Permanent"
    fate = {"suppress": permanent, "soft": not permanent, "bounced": True}
    return {"at": bounce["timestamp"], "status": Status.FAILED, "detail": kind[:120], **fate}
