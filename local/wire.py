"""Every call to AWS in the local world passes here: counted, interleaved, cut off, or answered by a carrier."""

import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore import UNSIGNED

from local.carriers import Carriers, Taken
from local.functions import CutOffError
from local.interleaving import TakingTurns
from rapport.domain.words import Channel

CARRIED = {"Publish": Channel.SMS, "SendEmail": Channel.EMAIL}


class Wire:
    """Hangs on a session's events; `accepted` hears of each message that a carrier took, `told` is what the bus got."""

    def __init__(self, carriers: Carriers, turns: TakingTurns | None, accepted: Callable[[Taken], None]) -> None:
        self.carriers = carriers
        self.turns = turns
        self.accepted = accepted
        self.requests: Counter[str] = Counter()
        self.cuts: list[tuple[str, str, bool]] = []
        self.scheduled: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    def attach(self, session: boto3.Session) -> None:
        """From now on, for every client that the session makes."""
        session.events.register("choose-signer.*.*", lambda **_: UNSIGNED)
        session.events.register("provide-client-params.*.*", self.remember)
        session.events.register("before-call.*.*", self.before)
        session.events.register("after-call.*.*", self.after)

    def remember(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Keeps what is asked for, in the words of boto3."""
        context["asked"] = params

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """Before the call goes out; what is returned here is its answer."""
        if self.turns:
            self.turns.switch()
        name = f"{model.service_model.service_id}.{model.name}"
        self.requests[name] += 1
        self.cut(name, before=True)
        channel = self.channel(model, context)
        if channel is None:
            return None
        return self.carriers.refusal(channel, address(channel, context["asked"]), now())

    def after(self, http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Once the answer is there."""
        if http_response.status_code >= 300:
            return
        self.applied(parsed, model, context)
        self.cut(f"{model.service_model.service_id}.{model.name}", before=False)

    def applied(self, parsed: dict[str, Any], model: Any, context: dict[str, Any]) -> None:
        """What AWS did has consequences here, whether or not its answer arrives."""
        name = f"{model.service_model.service_id}.{model.name}"
        channel = self.channel(model, context)
        if channel:
            self.accepted(self.carriers.take(channel, context["asked"], parsed["MessageId"], now()))
        if name == "Scheduler.CreateSchedule":
            self.scheduled.append(context["asked"])
        if name == "EventBridge.PutEvents":
            self.told += [json.loads(entry["Detail"]) for entry in context["asked"]["Entries"]]

    def channel(self, model: Any, context: dict[str, Any]) -> Channel | None:
        """The channel, if the call sends a customer something."""
        to_a_topic = "TopicArn" in context.get("asked", {})
        return None if to_a_topic else CARRIED.get(model.name)

    def cut_in(self, function: str, call: str, *, before: bool) -> None:
        """Has the function cut off, once, before or after its next call of this name, such as `SNS.Publish`."""
        self.cuts.append((function, call, before))

    def cut(self, call: str, *, before: bool) -> None:
        """Ends the function that is running here, if that was asked for."""
        here = os.environ.get("_HANDLER", "").split(".")[0], call, before
        if here in self.cuts:
            self.cuts.remove(here)
            raise CutOffError(call)


def address(channel: Channel, asked: dict[str, Any]) -> str:
    """Whom the message is for."""
    to: str = asked["PhoneNumber"] if channel is Channel.SMS else asked["Destination"]["ToAddresses"][0]
    return to


def now() -> datetime:
    """On the world's clock, which is this process's while it lasts."""
    return datetime.now(UTC)
