"""What no tool asks of the stack's secrecy and leave: rules over the rendered template, as in template_rules."""

from collections.abc import Iterator
from typing import Any, Final

from local.template import Stack
from tests.rendered import as_list
from tests.template_rules import Rule, named


def policy_statements(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy in the template, with the resource that has it."""
    for logical, resource in stack.template["Resources"].items():
        if stack.holds(resource.get("Condition")):
            yield from ((logical, stack.resolve(each)) for each in written_in(resource.get("Properties", {})))


def written_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every statement in it, however deep."""
    if isinstance(value, dict):
        yield from as_list(value.get("Statement", []))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from written_in(inner)


def events_are_forgotten(stack: Stack) -> list[str]:
    """The Events table is a door and not an archive."""
    ttl = named(stack, "AWS::DynamoDB::Table")["EventsTable"].get("TimeToLiveSpecification", {})
    return [] if ttl == {"AttributeName": "expires", "Enabled": True} else ["EventsTable: keeps events for ever"]


def the_ledger_outlives_the_stack(stack: Stack) -> list[str]:
    """It is the record of what was said."""
    ledger = stack.template["Resources"]["LedgerTable"]
    kept = (ledger.get("DeletionPolicy"), ledger.get("UpdateReplacePolicy")) == ("RetainExceptOnCreate", "Retain")
    return [] if kept else ["LedgerTable: goes when the stack goes"]


def what_waits_is_encrypted(stack: Stack) -> list[str]:
    """In queues by SQS, in topics by the stack's key, in tables by KMS."""
    queues = [
        logical for logical, queue in stack.of_type("AWS::SQS::Queue") if queue.get("SqsManagedSseEnabled") is not True
    ]
    keys = {stack.reference(logical) for logical in named(stack, "AWS::KMS::Key")}
    topics = [logical for logical, topic in stack.of_type("AWS::SNS::Topic") if topic.get("KmsMasterKeyId") not in keys]
    tables = [
        logical
        for logical, table in stack.of_type("AWS::DynamoDB::Table")
        if table.get("SSESpecification") != {"SSEEnabled": True}
    ]
    return [f"{logical}: is not encrypted" for logical in queues + topics + tables]


def what_others_fill_takes_only_tls(stack: Stack) -> list[str]:
    """A queue or topic that lets a service in turns away what comes unencrypted, whoever sends it."""
    complaints = []
    for kind, named_as in (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics")):
        for logical, given in stack.of_type(kind):
            lines = as_list(given["PolicyDocument"]["Statement"])
            let_in = {arn for each in lines if each["Effect"] == "Allow" for arn in as_list(each["Resource"])}
            turned_away = {arn for each in lines if turns_plain_away(each) for arn in as_list(each["Resource"])}
            if not given[named_as] or let_in - turned_away:
                complaints.append(f"{logical}: lets in what is not encrypted on its way")
    return complaints


def turns_plain_away(statement: dict[str, Any]) -> bool:
    """Whether the statement denies everybody what they put in without TLS."""
    return (
        (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        and bool({"sqs:SendMessage", "sns:Publish"} & set(as_list(statement["Action"])))
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    )


def nobody_may_do_everything(stack: Stack) -> list[str]:
    """No action by a pattern, nothing allowed but for exceptions, nothing to everybody."""
    complaints = []
    for logical, statement in policy_statements(stack):
        actions, allows = as_list(statement.get("Action", "*")), statement["Effect"] == "Allow"
        if "NotAction" in statement or any("*" in action or "?" in action for action in actions):
            complaints.append(f"{logical}: names actions by a pattern, or by what they are not")
        if allows and statement.get("Principal") in ("*", {"AWS": "*"}):
            complaints.append(f"{logical}: lets everybody in")
        if allows and "NotResource" in statement and actions != ["sns:Publish"]:
            complaints.append(f"{logical}: allows {actions} on all but a few")
    return complaints


def a_service_comes_only_for_us(stack: Stack) -> list[str]:
    """Who may put into a queue or topic, take on a role, or call a function, may not do so for another account."""
    complaints = [
        f"{logical}: lets a service in for whichever account"
        for logical, statement in policy_statements(stack)
        if logical.endswith("Policy") and statement["Effect"] == "Allow" and "Condition" not in statement
    ]
    for logical, each in stack.template["Resources"].items():
        if each["Type"] == "AWS::Lambda::Permission" and "SourceArn" not in each["Properties"]:
            complaints.append(f"{logical}: lets a service call for whichever account")
    return complaints


SECURITY_RULES: Final[list[Rule]] = [
    events_are_forgotten,
    the_ledger_outlives_the_stack,
    what_waits_is_encrypted,
    what_others_fill_takes_only_tls,
    nobody_may_do_everything,
    a_service_comes_only_for_us,
]
