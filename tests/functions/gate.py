"""IAM in the local world: a function's call to AWS goes through only if its rendered role allows it.

moto enforces policies too, but asks for `dynamodb:TransactWriteItems`, which IAM does not know, and passes over
`NotResource`.
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.iam.aws_managed_policies import aws_managed_policies_data

from local.carriers import answer
from local.template import Stack
from local.world import World
from tests.functions.a_day import permissions
from tests.rendered import as_list

MANAGED: Final = json.loads(aws_managed_policies_data)
Statement = dict[str, Any]  # of a policy, about one action on one resource


class Call(NamedTuple):
    """What a function asks leave for, and who would speak by it, if it is an e-mail."""

    action: str
    resource: str
    speaker: str | None

    def met(self, condition: Mapping[str, Mapping[str, str]]) -> bool:
        """Whether the call is as the statement's condition wants it."""
        facts = {"ses:FromAddress": self.speaker, "iam:PassedToService": "scheduler.amazonaws.com"}
        return all(
            kind == "StringEquals" and facts[name] == wanted
            for kind, wants in condition.items()
            for name, wanted in wants.items()
        )


class Role(NamedTuple):
    """What a function's role says: `own` of our and SAM's writing, `amazons` by the policies that SAM attaches."""

    own: list[Statement]
    amazons: list[Statement]

    def without(self, number: int) -> "Role":
        """The role with one of its own statements taken away."""
        return Role(self.own[:number] + self.own[number + 1 :], self.amazons)

    def permits(self, call: Call) -> bool:
        """As IAM decides: something allows it, and nothing denies it."""
        effects = {each["Effect"] for each in self.own + self.amazons if speaks_of(each, call)}
        return effects == {"Allow"}


def speaks_of(statement: Statement, call: Call) -> bool:
    """Whether the statement is about this call."""
    if statement["Action"] != call.action or not call.met(statement.get("Condition", {})):
        return False
    if "NotResource" in statement:
        return not fnmatchcase(call.resource, statement["NotResource"])
    return fnmatchcase(call.resource, statement["Resource"])


def one_by_one(document: Mapping[str, Any]) -> list[Statement]:
    """The document with a statement for each action on each resource."""
    return [
        {**statement, "Action": action, element: resource}
        for statement in as_list(document["Statement"])
        for element in ("Resource", "NotResource")
        for resource in as_list(statement.get(element, []))
        for action in as_list(statement["Action"])
    ]


def roles(stack: Stack) -> dict[str, Role]:
    """Each function's role, by the name of its file."""
    found = {}
    for logical, function in stack.of_type("AWS::Lambda::Function"):
        given = stack.resolve(stack.template["Resources"][f"{logical}Role"]["Properties"])
        own = [each for policy in given["Policies"] for each in one_by_one(policy["PolicyDocument"])]
        attached = [MANAGED[arn.rsplit("/", 1)[-1]]["Document"] for arn in given["ManagedPolicyArns"]]
        amazons = [each for document in attached for each in one_by_one(document)]
        found[function["Handler"].removesuffix(".handler")] = Role(own, amazons)
    return found


class Gate:
    """Stands in a world before its functions start; `asked` and `refused` are what came there."""

    def __init__(self, world: World, may: Mapping[str, Role]) -> None:
        self.may = may
        self.asked: dict[str, set[Call]] = defaultdict(set)
        self.refused: list[tuple[str, Call]] = []
        world.deployment.account.session.events.register_first("before-call.*.*", self.before)

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """Before a call goes out: IAM's refusal, if it is a function's and not allowed."""
        function = os.environ.get("_HANDLER", "").split(".")[0]
        if not function:
            return None
        asked = context["asked"]
        needed = permissions(f"{model.service_model.service_id}.{model.name}", asked)
        calls = {Call(action, resource, asked.get("FromEmailAddress")) for action, resource in needed}
        self.asked[function] |= calls
        refused = [(function, call) for call in calls if not self.may[function].permits(call)]
        self.refused += refused
        return (AWSResponse("", 403, HTTPHeaders(), None), answer(403, "AccessDeniedException")) if refused else None
