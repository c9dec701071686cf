"""Nothing is allowed on more than one thing by a pattern, unless docs/decisions.md says why."""

import re
from typing import Any, Final

import pytest

from local.template import ROOT, Stack
from tests.rendered import as_list, rendered_stack
from tests.security_rules import policy_statements

DECISIONS: Final = ROOT / "docs" / "decisions.md"
ROW: Final = re.compile(r"^\| (`[^|]+) \| ([^|]+) \|$", re.MULTILINE)
PLACE: Final = re.compile(r"^arn:aws:[a-z]+:(us-east-1)?:([0-9]+)?:")


def reasons() -> dict[str, str]:
    """The rows of the section on permissions: what is allowed by a pattern, and why."""
    section = DECISIONS.read_text(encoding="utf-8").split("\n## Permissions\n")[1].split("\n## ")[0]
    return {what.strip(): why.strip() for what, why in ROW.findall(section)}


def patterns(stack: Stack) -> set[str]:
    """What the stack allows by a pattern, in the words of the table."""
    resources = stack.template["Resources"]
    found = {
        row(resources[logical]["Type"], logical, statement, str(pattern))
        for logical, statement in policy_statements(stack)
        if statement["Effect"] == "Allow"
        for pattern in [*as_list(statement.get("Resource", [])), *as_list(statement.get("NotResource", []))]
        if "*" in str(pattern)
    }
    roles = [properties for _, properties in stack.of_type("AWS::IAM::Role")]
    return found | {f"`{arn.rsplit('/', 1)[-1]}`" for role in roles for arn in role.get("ManagedPolicyArns", [])}


def row(kind: str, logical: str, statement: dict[str, Any], pattern: str) -> str:
    """One of them: a role's by its actions, anything else's by its name."""
    who = ", ".join(sorted(f"`{action}`" for action in as_list(statement["Action"])))
    whose = who if kind == "AWS::IAM::Role" else f"`{logical}`"
    negated = "all but " if "NotResource" in statement else ""
    return f"{whose} on {negated}`{PLACE.sub('', pattern)}`"


def test_what_is_allowed_by_a_pattern_is_written_down_with_its_reason() -> None:
    assert patterns(rendered_stack()) == set(reasons())
    assert all(len(why.split()) > 5 for why in reasons().values())


@pytest.mark.parametrize(
    ("change", "added"),
    [
        ({"Resource": "*"}, "`dynamodb:PutItem` on `*`"),
        ({"Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/*"}, "`dynamodb:PutItem` on `table/*`"),
        (
            {"Action": ["ses:DeleteEmailIdentity"], "Resource": "arn:aws:ses:us-east-1:123456789012:identity/*"},
            "`ses:DeleteEmailIdentity` on `identity/*`",
        ),
        ({"NotResource": "arn:aws:dynamodb:*:*:*"}, "`dynamodb:PutItem` on all but `arn:aws:dynamodb:*:*:*`"),
    ],
)
def test_another_pattern_is_noticed(change: dict[str, Any], added: str) -> None:
    stack = rendered_stack()
    [policy] = stack.template["Resources"]["RecordEventsRole"]["Properties"]["Policies"]
    policy["PolicyDocument"]["Statement"][0].update(change)
    assert patterns(stack) - set(reasons()) == {added}


def test_another_policy_of_amazons_is_noticed() -> None:
    stack = rendered_stack()
    stack.template["Resources"]["SendSmsRole"]["Properties"]["ManagedPolicyArns"].append(
        "arn:aws:iam::aws:policy/AdministratorAccess"
    )
    assert patterns(stack) - set(reasons()) == {"`AdministratorAccess`"}
