"""SNS: texts out, and the delivery logs that say what became of them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rapport.adapters.carriers import attempt
from rapport.domain.attempt import Answer
from rapport.domain.message import Content, Message, Status
from rapport.domain.receipts import Receipt
from rapport.domain.words import Purpose

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef, PublishInputTypeDef

PERMANENT: Final = frozenset({"InvalidParameter", "ParameterValueInvalid", "ValidationException", "ValidationError"})
CLOSED: Final = frozenset({"OptedOut", "OptedOutException"})


class Texts:
    """Sends SMS; the sender id, the origination number and the price ceiling (US dollars) are the stack's."""

    def __init__(self, client: "SNSClient", sender_id: str, origination_number: str, max_price: str) -> None:
        self.client = client
        self.fixed = {
            "AWS.SNS.SMS.SenderID": sender_id,
            "AWS.MM.SMS.OriginationNumber": origination_number,
            "AWS.SNS.SMS.MaxPrice": max_price,
        }

    def send(self, message: Message, content: Content, address: str) -> Answer:
        """One attempt at one text."""
        kind = "Promotional" if message.purpose is Purpose.PROMOTIONAL else "Transactional"
        values = {**self.fixed, "AWS.SNS.SMS.SMSType": kind}
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "Number" if name.endswith("MaxPrice") else "String", "StringValue": value}
            for name, value in values.items()
            if value
        }
        request: PublishInputTypeDef = {
            "PhoneNumber": address,
            "Message": content.text,
            "MessageAttributes": attributes,
        }
        return attempt(lambda: self.client.publish(**request)["MessageId"], PERMANENT, CLOSED)


def read_delivery_log(entry: dict[str, Any]) -> Receipt:
    """One line of SNS's delivery log for texts. Raises KeyError, ValueError or TypeError for anything else."""
    delivered = entry["status"] == "SUCCESS"
    response = str(entry["delivery"].get("providerResponse", ""))
    opted_out = not delivered and "opted out" in response.lower()
    failure = Status.SUPPRESSED if opted_out else Status.FAILED
    at = datetime.fromisoformat(entry["notification"]["timestamp"]).replace(tzinfo=UTC)
    return Receipt(
        carrier_id=entry["notification"]["messageId"],
        at=at,
        status=Status.DELIVERED if delivered else failure,
        detail=None if delivered else response[:120],
        suppress=opted_out,
    )
