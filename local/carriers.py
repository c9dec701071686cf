"""What SNS and SES do with the messages they are given, and the receipts that they send back later."""

import gzip
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from rapport.domain.words import Channel

RECEIPT_AFTER: Final = timedelta(seconds=3)
Behaviour = Literal["throttles", "answers 503", "times out", "refuses"]
ERRORS: Final = {
    (Channel.SMS, "throttles"): (400, "ThrottledException"),
    (Channel.SMS, "answers 503"): (503, "InternalErrorException"),
    (Channel.EMAIL, "throttles"): (429, "TooManyRequestsException"),
    (Channel.EMAIL, "answers 503"): (503, "ServiceUnavailable"),
    (Channel.SMS, "refuses"): (400, "InvalidParameter"),
    (Channel.EMAIL, "refuses"): (400, "MessageRejected"),
}


@dataclass(frozen=True)
class Outage:
    """How a carrier misbehaves, from when to when; with an `address`, for that one only."""

    channel: Channel
    behaviour: Behaviour
    begins: datetime
    ends: datetime
    address: str | None = None


@dataclass(frozen=True)
class Taken:
    """One message that a carrier took: this is what a customer would have got; `reply_to` is where an answer goes.

    What is under no configuration set is `unreported`: nobody hears what became of it.
    """

    channel: Channel
    to: str
    text: str
    at: datetime
    carrier_id: str
    subject: str | None = None
    tags: dict[str, list[str]] = field(default_factory=dict)
    reply_to: str | None = None
    unreported: bool = False


@dataclass
class Carriers:
    """SNS's and SES's part. `bounces` and `opted_out` are addresses; `receipts` off means that none ever come."""

    bounces: set[str] = field(default_factory=set)
    opted_out: set[str] = field(default_factory=set)
    outages: list[Outage] = field(default_factory=list)
    receipts: bool = True
    taken: list[Taken] = field(default_factory=list)

    def refusal(self, channel: Channel, to: str, now: datetime) -> tuple[AWSResponse, dict[str, Any]] | None:
        """What is answered in place of taking the message. Raises ReadTimeoutError."""
        for outage in self.outages:
            if outage.channel == channel and outage.begins <= now < outage.ends and outage.address in (None, to):
                if outage.behaviour == "times out":
                    raise ReadTimeoutError(endpoint_url="https://carrier.invalid")
                status, code = ERRORS[channel, outage.behaviour]
                return AWSResponse("", status, HTTPHeaders(), None), answer(status, code)
        return None

    def take(self, channel: Channel, request: dict[str, Any], carrier_id: str, now: datetime) -> Taken:
        """The message, as the carrier's own books have it."""
        if channel is Channel.SMS:
            taken = Taken(channel, request["PhoneNumber"], request["Message"], now, carrier_id)
        else:
            simple = request["Content"]["Simple"]
            taken = Taken(
                channel,
                request["Destination"]["ToAddresses"][0],
                simple["Body"]["Text"]["Data"],
                now,
                carrier_id,
                subject=simple["Subject"]["Data"],
                tags={tag["Name"]: [tag["Value"]] for tag in request.get("EmailTags", [])},
                reply_to=next(iter(request.get("ReplyToAddresses", [])), None),
                unreported="ConfigurationSetName" not in request,
            )
        self.taken.append(taken)
        return taken

    def email_events(self, taken: Taken, now: datetime) -> list[dict[str, Any]]:
        """What SES publishes about an e-mail: that it went, and that it arrived or bounced."""
        mail = {
            "timestamp": stamp(taken.at),
            "messageId": taken.carrier_id,
            "destination": [taken.to],
            "tags": taken.tags,
        }
        if taken.to in self.bounces:
            bounce = {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [{"emailAddress": taken.to}],
                "timestamp": stamp(now),
            }
            return [
                {"eventType": "Send", "mail": mail, "send": {}},
                {"eventType": "Bounce", "mail": mail, "bounce": bounce},
            ]
        delivery = {"timestamp": stamp(now), "recipients": [taken.to], "smtpResponse": "250 OK"}
        return [
            {"eventType": "Send", "mail": mail, "send": {}},
            {"eventType": "Delivery", "mail": mail, "delivery": delivery},
        ]

    def text_log(self, taken: Taken, now: datetime) -> dict[str, Any]:
        """What SNS writes into its delivery log about a text, as CloudWatch Logs hands it to a function."""
        reached = taken.to not in self.opted_out | self.bounces
        failure = (
            "Phone number is opted out" if taken.to in self.opted_out else "Phone is currently unreachable/unavailable"
        )
        entry = {
            "notification": {"messageId": taken.carrier_id, "timestamp": f"{taken.at:%Y-%m-%d %H:%M:%S}.000"},
            "delivery": {
                "destination": taken.to,
                "priceInUSD": 0.00645,
                "smsType": "Transactional",
                "providerResponse": "Message has been accepted by phone carrier" if reached else failure,
            },
            "status": "SUCCESS" if reached else "FAILURE",
        }
        log = {
            "messageType": "DATA_MESSAGE",
            "logEvents": [{"id": "0", "timestamp": int(now.timestamp() * 1000), "message": json.dumps(entry)}],
        }
        return {"awslogs": {"data": b64encode(gzip.compress(json.dumps(log).encode(), mtime=0)).decode()}}


def answer(status: int, code: str) -> dict[str, Any]:
    """An error as botocore parses it."""
    return {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}


def stamp(at: datetime) -> str:
    """A time as SES writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
