"""One wire request, and what may befall it: below boto3's retries, so that those are really at work."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from local.carriers import answer
from local.wire import Wire
from proof.faults.faults import Fault, Kind, Site

if TYPE_CHECKING:
    from proof.faults.world import FaultyWorld, Invocation

Reply = tuple[
    tuple[Any, dict[str, Any]] | None, Exception | None
]  # as botocore.endpoint has it: an answer, or an error
THROTTLES: Final = {
    "DynamoDB": (400, "ProvisionedThroughputExceededException"),
    "SQS": (400, "ThrottlingException"),
    "SNS": (400, "ThrottledException"),
    "SESv2": (429, "TooManyRequestsException"),
    "Scheduler": (429, "ThrottlingException"),
    "EventBridge": (400, "ThrottlingException"),
    "Secrets Manager": (400, "ThrottlingException"),
}
READS: Final = ("BatchGetItem", "GetItem", "Query", "Scan")
TOKEN_LASTS: Final = timedelta(minutes=10)


class FaultyWire(Wire):
    """A wire on which faults befall the functions' requests; the world's own are left alone."""

    def __init__(self, world: "FaultyWorld") -> None:
        super().__init__(world.carriers, world.turns, world.accepted)
        self.world = world
        self.failing: tuple[Kind, float] | None = None
        self.tokens: dict[str, tuple[float, Reply]] = {}

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """As ever; but a sender calls its carrier now, whoever may have a turn before that is on the wire."""
        if invocation := self.world.invocation():
            with self.world.true_time(invocation):
                context["called"] = self.world.now, self.world.position()
        return super().before(model, context)

    def after(self, http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Nothing more: what was applied had its consequences when it was, for its answer may not arrive."""

    def request(self, send: Callable[[], Reply], request: Any, model: Any, context: dict[str, Any]) -> Reply:
        """One request; `send` passes it on to AWS."""
        invocation = self.world.invocation()
        if invocation is None:
            return send()
        name = f"{model.service_model.service_id}.{model.name}"
        with self.world.true_time(invocation):
            invocation.go_on()
            fault = self.world.faults.next(
                Site(invocation.function.module, name), others_may_move=not self.world.somebody_stopped
            )
            return self.befallen(fault, invocation, lambda: self.apply(send, request, model, context), model, context)

    def befallen(
        self,
        fault: Fault | None,
        invocation: "Invocation",
        apply: Callable[[], Reply],
        model: Any,
        context: dict[str, Any],
    ) -> Reply:
        """The request under a fault, or under none."""
        channel, asked = self.channel(model, context), context["asked"]
        done = None
        if channel:
            done = self.world.hands_over(invocation, channel, asked, *context["called"])
        reply = self.before_it(fault, invocation, model, context)
        if reply is None:
            reply = apply()
            if done and reply[0] and accepted(reply):
                done.carrier_id = reply[0][1]["MessageId"]
            reply = self.after_it(fault, invocation, reply, context)
        if done:
            answered = reply[0] is not None and reply[0][0].status_code < 500
            done.answered = answered or isinstance(reply[1], ConnectTimeoutError)
        if accepted(reply) and model.service_model.service_id == "DynamoDB":
            self.world.journal.looked(asked, self.world.position())
        if fault and fault.kind is Kind.STALLED_AFTER:
            self.world.stall(invocation, fault.span)
        return reply

    def before_it(
        self, fault: Fault | None, invocation: "Invocation", model: Any, context: dict[str, Any]
    ) -> Reply | None:
        """What befalls the request on its way: an answer without having been applied, or None."""
        service, kind = model.service_model.service_id, fault.kind if fault else None
        config = context["client_config"]
        span = fault.span if fault else 0
        match kind:
            case Kind.KILLED_BEFORE:
                invocation.end()
            case Kind.STALLED_BEFORE:
                self.world.stall(invocation, span)
            case Kind.WITHDRAWN:
                if not self.world.withdraw(json.dumps(context["asked"], default=str)):
                    self.world.faults.befell.pop()
                    self.world.journal.faults.pop()
            case Kind.THROTTLED:
                return refused(*THROTTLES[service])
            case Kind.CONFLICT:
                reasons = {"CancellationReasons": [{"Code": "TransactionConflict"}] * len(context["asked"])}
                return refused(400, "TransactionCanceledException", **reasons)
            case Kind.UNREACHED:
                invocation.wait(config.connect_timeout)
                return None, ConnectTimeoutError(endpoint_url="https://aws.invalid")
            case Kind.UNANSWERED:
                return self.lost(invocation, context)
            case Kind.WRITES_FAIL | Kind.READS_FAIL:
                self.failing = kind, self.world.now.timestamp() + span
        return refused(500, "InternalServerError") if self.is_failing(service, model.name) else None

    def is_failing(self, service: str, operation: str) -> bool:
        """Whether DynamoDB has a part of its service out of order now, and this is of that part."""
        if service != "DynamoDB" or not self.failing or self.world.now.timestamp() >= self.failing[1]:
            return False
        return (operation in READS) == (self.failing[0] is Kind.READS_FAIL)

    def after_it(self, fault: Fault | None, invocation: "Invocation", reply: Reply, context: dict[str, Any]) -> Reply:
        """What befalls a request that was applied."""
        match fault.kind if fault else None:
            case Kind.KILLED_AFTER:
                invocation.end()
            case Kind.TIMED_OUT:
                invocation.wait(float("inf"))
            case Kind.REPLY_LOST:
                return self.lost(invocation, context)
            case Kind.ERROR_APPLIED:
                return refused(500, "InternalFailure")
        return reply

    def lost(self, invocation: "Invocation", context: dict[str, Any]) -> Reply:
        """No answer for as long as the client waits for one."""
        invocation.wait(context["client_config"].read_timeout)
        return None, ReadTimeoutError(endpoint_url="https://aws.invalid")

    def apply(self, send: Callable[[], Reply], request: Any, model: Any, context: dict[str, Any]) -> Reply:
        """The request as AWS takes it: a transaction that comes again under its token is not applied again.

        moto ignores tokens; boto3 gives one to each transaction, and the same to its own retries.
        """
        token = None
        if model.name == "TransactWriteItems":
            token = json.loads(request.body)["ClientRequestToken"]
            since, before = self.tokens.get(token, (0.0, None))
            if before and self.world.now.timestamp() - since < TOKEN_LASTS.total_seconds():
                return before
        reply = send()
        if accepted(reply) and reply[0]:
            if model.name == "CreateSchedule":
                self.world.journal.schedules.append((self.world.now, context["asked"]))
            self.applied(reply[0][1], model, context)
            if token:
                self.tokens[token] = self.world.now.timestamp(), reply
        return reply


def accepted(reply: Reply) -> bool:
    """Whether AWS did what it was asked, and says so."""
    return reply[0] is not None and reply[0][0].status_code < 300


def refused(status: int, code: str, **more: Any) -> Reply:
    """An error of AWS's."""
    response = AWSResponse("", status, HTTPHeaders(), None)
    response._content = b""  # type: ignore[attr-defined]
    return (response, {**answer(status, code), **more}), None
