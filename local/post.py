"""What comes back from carriers a little later: SES's events by way of SNS, and SNS's own delivery log."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local.carriers import RECEIPT_AFTER, Carriers, Taken
from local.deployment import Deployment
from local.functions import CutOffError
from rapport.domain.words import Channel

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

ASYNC_RETRIES = (60, 120)  # seconds until Lambda tries an asynchronous event again


class Post:
    """`later` puts something on the world's agenda, at a time in seconds."""

    def __init__(
        self,
        carriers: Carriers,
        deployment: Deployment,
        sns: "SNSClient",
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self.carriers = carriers
        self.deployment = deployment
        self.sns = sns
        self.later = later

    def expect(self, taken: Taken) -> None:
        """What the carrier says of a message, a little later."""
        if not self.carriers.receipts or taken.unreported:
            return
        at = (now() + RECEIPT_AFTER).timestamp()
        if taken.channel is Channel.SMS:
            self.later(at, lambda: self.tell_log(taken))
        else:
            self.later(at, lambda: self.tell_topic(taken))

    def tell_topic(self, taken: Taken) -> None:
        """SES's events, by way of SNS."""
        topic = self.deployment.stack.reference("SesEvents")
        for event in self.carriers.email_events(taken, now()):
            self.sns.publish(TopicArn=topic, Message=json.dumps(event))

    def tell_log(self, taken: Taken, failures: int = 0) -> None:
        """SNS's delivery log, which CloudWatch Logs gives the function asynchronously: two more tries, then a note."""
        try:
            self.deployment.functions["record_receipts"].invoke(self.carriers.text_log(taken, now()))
        except (Exception, CutOffError):
            if failures < len(ASYNC_RETRIES):
                at = now().timestamp() + ASYNC_RETRIES[failures]
                self.later(at, lambda: self.tell_log(taken, failures + 1))
            else:
                note = {"requestContext": {"condition": "RetriesExhausted"}}
                letters = self.deployment.stack.attribute("ReceiptsDeadLetters", "Arn")
                self.deployment.letter_box(letters)(note)


def now() -> datetime:
    """On the world's clock, which is this process's while it lasts."""
    return datetime.now(UTC)
