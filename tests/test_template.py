"""What template.yaml owes to the code and to docs/operating.md: the same names, the same spans, no door forgotten."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.sources import FIRST_RETRY, LONGEST_PAUSE
from local.template import ROOT, Stack
from local.world import RECONCILE_EVERY
from rapport.adapters.carriers import ONE_ATTEMPT, POOLED
from rapport.adapters.telemetry import metrics
from rapport.domain.message import Status
from rapport.domain.sending import LEASE
from rapport.domain.words import parse_span

STACK = Stack()
GLOBALS = STACK.resolve(STACK.template["Globals"])["Function"]
FUNCTIONS = dict(STACK.of_type("AWS::Serverless::Function"))
QUEUES = dict(STACK.of_type("AWS::SQS::Queue"))
ALARMS = dict(STACK.of_type("AWS::CloudWatch::Alarm"))
DEAD_LETTERS = {logical for logical in QUEUES if logical.endswith("DeadLetters")}
LAYERS = ROOT / "layers"
OPERATING = ROOT / "docs" / "operating.md"


def timeout(function: dict[str, Any]) -> int:
    """How long the function may take (seconds)."""
    return int(function.get("Timeout", GLOBALS["Timeout"]))


def sources(kind: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every function that a source of this kind wakes, with the source."""
    for function in FUNCTIONS.values():
        for source in function["Events"].values():
            if source["Type"] == kind:
                yield function, source["Properties"]


def test_every_function_writes_to_a_log_group_that_was_made_before_it() -> None:
    groups = dict(STACK.of_type("AWS::Logs::LogGroup"))
    for logical, function in FUNCTIONS.items():
        name = f"/aws/lambda/{STACK.name}/{function['Handler'].removesuffix('.handler')}"
        assert function["LoggingConfig"] == {"LogGroup": name}, logical
        assert groups[f"{logical}Logs"]["LogGroupName"] == name, logical


def test_what_customers_do_with_an_email_is_noted_only_when_it_was_asked_for() -> None:
    for tracking, noted in {"none": set(), "open-and-click": {"OPEN", "CLICK"}}.items():
        stack = Stack({"EmailTracking": tracking})
        [(_, told)] = stack.of_type("AWS::SES::ConfigurationSetEventDestination")
        assert {"OPEN", "CLICK"} & set(told["EventDestination"]["MatchingEventTypes"]) == noted
    assert STACK.parameters["EmailTracking"] == "none"


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("hello@example.com", True),
        ("first.last+tag@mail.example.co.uk", True),
        ("Rapport <hello@example.com>", False),
        ("<hello@example.com>", False),
        ("hello@example", False),
        ("hello@example.com,you@example.com", False),
    ],
)
def test_the_sender_is_an_address_alone(address: str, *, bare: bool) -> None:
    pattern = STACK.template["Parameters"]["FromAddress"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, address)) == bare


def test_the_stack_fits_twice_into_an_account() -> None:
    [(_, schedule)] = sources("ScheduleV2")
    assert schedule["OmitName"] is True
    assert "Name" not in schedule


def test_a_function_has_what_it_reads_of_its_environment_and_nobody_has_what_nobody_reads() -> None:
    of_libraries = ("POWERTOOLS_", "PYDANTIC_")
    common = {name for name in GLOBALS["Environment"]["Variables"] if not name.startswith(of_libraries)}
    read_by = {function["Handler"]: read_from_environment(function["Handler"]) for function in FUNCTIONS.values()}
    for function in FUNCTIONS.values():
        own = set(function.get("Environment", {}).get("Variables", {}))
        assert read_by[function["Handler"]] - common == own, function["Handler"]
    assert set().union(*read_by.values()) >= common


def read_from_environment(handler: str) -> set[str]:
    """The variables that the function's file takes from its environment: a missing one ends its start by its name."""
    source = ROOT / "functions" / f"{handler.removesuffix('.handler')}.py"
    return {
        ast.literal_eval(node.slice)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "environ"
    }


def test_a_lease_outlasts_its_sender_and_half_of_it_outlasts_the_call() -> None:
    senders = [FUNCTIONS["SendSms"], FUNCTIONS["SendEmail"]]
    assert all(timedelta(seconds=timeout(sender)) < LEASE for sender in senders)
    call: Any = ONE_ATTEMPT
    assert timedelta(seconds=call.connect_timeout + call.read_timeout) <= LEASE / 2
    assert call.retries["total_max_attempts"] == 1


def test_a_claim_that_hangs_leaves_its_neighbours_the_time_to_be_sent() -> None:
    call: Any = ONE_ATTEMPT
    table: Any = POOLED
    gives_up = table.retries["total_max_attempts"] * max(table.connect_timeout, table.read_timeout)
    claimed_and_put_back, settled = 2 * gives_up, gives_up
    sent = call.connect_timeout + call.read_timeout
    for sender in (FUNCTIONS["SendSms"], FUNCTIONS["SendEmail"]):
        assert claimed_and_put_back + sent + settled < timeout(sender)
        assert timedelta(seconds=claimed_and_put_back) < LEASE / 2


def test_a_queue_hides_a_message_for_six_times_as_long_as_its_function_may_take() -> None:
    woken = list(sources("SQS"))
    by_arn = {STACK.attribute(logical, "Arn"): queue for logical, queue in QUEUES.items()}
    assert len(woken) == len(QUEUES) - len(DEAD_LETTERS)
    for function, source in woken:
        assert by_arn[source["Queue"]]["VisibilityTimeout"] >= 6 * timeout(function), function["Handler"]


def test_every_queue_keeps_messages_as_long_as_sqs_keeps_anything() -> None:
    assert {queue["MessageRetentionPeriod"] for queue in QUEUES.values()} == {14 * 24 * 3600}


def test_streams_give_up_in_the_end_and_say_where() -> None:
    streams = list(sources("DynamoDB"))
    assert len(streams) == 2
    for function, source in streams:
        pauses = (min(FIRST_RETRY * 2**retry, LONGEST_PAUSE) for retry in range(source["MaximumRetryAttempts"]))
        assert 15 * 60 <= sum(pauses) < source["MaximumRecordAgeInSeconds"], function["Handler"]
        assert source["MaximumRecordAgeInSeconds"] < 24 * 3600, (
            "a letter says where a record is while it still is there"
        )
        assert source["BisectBatchOnFunctionError"] is True, function["Handler"]
        letters = source["DestinationConfig"]["OnFailure"]["Destination"]
        assert letters in {STACK.attribute(queue, "Arn") for queue in DEAD_LETTERS}, function["Handler"]


def test_a_customers_events_are_planned_one_after_the_other() -> None:
    # AWS keeps the order of each item; each event is an item of its own.
    [events] = [source for function, source in sources("DynamoDB") if function is FUNCTIONS["PlanMessages"]]
    assert events["ParallelizationFactor"] == 1


def test_no_stream_has_more_than_two_consumers() -> None:
    streams = [source["Stream"] for _, source in sources("DynamoDB")]
    assert all(streams.count(stream) <= 2 for stream in streams)


def test_the_local_world_reconciles_as_often_as_the_stack() -> None:
    [(_, schedule)] = sources("ScheduleV2")
    rate = schedule["ScheduleExpression"].removeprefix("rate(").removesuffix(")")
    assert parse_span(rate) == timedelta(seconds=RECONCILE_EVERY)


METRIC = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")


def counted() -> set[str]:
    """Every metric that the layers count; where a status is a part of its name, that of each status.

    A name may be chosen in one place and counted in another, so all names count that a module has which counts.
    """
    names: set[str] = set()
    for path in sorted(LAYERS.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        if "count" in calls:
            names |= {name for node in ast.walk(tree) for name in names_in(node)}
    return names


def names_in(node: ast.AST) -> set[str]:
    """The metrics' names that the expression itself is."""
    if isinstance(node, ast.JoinedStr) and "status.capitalize()" in ast.unparse(node):
        [_, end] = node.values
        assert isinstance(end, ast.Constant)
        return {f"{status.capitalize()}{end.value!s}" for status in Status}
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and METRIC.fullmatch(node.value):
        return {node.value}
    return set()


def test_what_an_alarm_watches_is_counted_and_under_the_same_names() -> None:
    ours = [alarm for alarm in ALARMS.values() if not alarm["Namespace"].startswith("AWS/")]
    assert {alarm["MetricName"] for alarm in ours} - counted() == set()
    assert {alarm["Namespace"] for alarm in ours} == {metrics.provider.namespace}
    dimensions = [{"Name": "service", "Value": metrics.provider.service}]
    assert all(alarm["Dimensions"] == dimensions for alarm in ours)


def test_every_alarm_tells_somebody_and_says_what_it_means() -> None:
    topic = STACK.reference("AlarmTopic")
    assert all(alarm["AlarmActions"] == [topic] and alarm["AlarmDescription"] for alarm in ALARMS.values())


@pytest.mark.parametrize("alarm", sorted(ALARMS))
def test_the_operators_page_has_a_heading_for_each_alarm(alarm: str) -> None:
    if not OPERATING.exists():
        pytest.skip("docs/operating.md is not written yet")
    headings = re.findall(r"^#+ (.*)$", OPERATING.read_text(encoding="utf-8"), re.MULTILINE)
    said = re.compile(rf"\b{alarm.removesuffix('Alarm')}(Alarm)?\b")
    assert any(said.search(heading) for heading in headings)


def test_the_stack_says_where_its_doors_are() -> None:
    doors = {"EventsTableName", "LedgerTableName", "IntakeQueueUrl", "EventBusName"}
    queues = {"SmsQueueUrl", "EmailQueueUrl", "ReceiptsQueueUrl"}
    assert doors | queues <= STACK.template["Outputs"].keys()


def test_every_function_has_policies_of_its_own_written_out() -> None:
    policies = [policy for function in FUNCTIONS.values() for policy in function["Policies"]]
    assert all(list(policy) == ["Statement"] for policy in policies)
    assert [logical for logical, function in FUNCTIONS.items() if "Role" in function] == []
