"""What holds of the whole house, whoever builds on it: names, arrows, and what template.yaml owes to the code."""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.sources import FIRST_RETRY, LONGEST_PAUSE
from local.template import ROOT, Stack
from local.world import RECONCILE_EVERY
from rapport.adapters.carriers import ONE_ATTEMPT
from rapport.adapters.settings import Settings
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
DOMAIN = LAYERS / "rapport" / "rapport" / "domain"
ADAPTERS = LAYERS / "rapport" / "rapport" / "adapters"
OPERATING = ROOT / "docs" / "operating.md"

# Of the standard library, what knows more than it was told: the machine, the clock, chance, the network.
IMPURE = {"os", "sys", "time", "random", "secrets", "uuid", "socket", "ssl", "subprocess", "threading", "asyncio"} | {
    "io",
    "logging",
    "pathlib",
    "shutil",
    "tempfile",
    "urllib",
    "http",
}


def stems(folder: Path, pattern: str) -> set[str]:
    """The names of the folder's files that match, without their endings."""
    return {path.stem for path in folder.glob(pattern)}


WOKEN = stems(ROOT / "functions", "*.py")


# --- one name, four places


def test_every_function_has_its_payload_its_tests_and_its_handler_and_there_are_no_others() -> None:
    about_all_functions = {"test_permissions"}
    other_payloads = {"record_receipts_sms_log"}  # what else wakes record_receipts
    assert stems(ROOT / "events", "*.json") == WOKEN | other_payloads
    assert stems(ROOT / "tests" / "functions", "test_*.py") == {f"test_{name}" for name in WOKEN} | about_all_functions
    assert sorted(given["Handler"] for given in FUNCTIONS.values()) == sorted(f"{name}.handler" for name in WOKEN)


def test_a_function_in_the_template_is_called_what_its_file_is_called() -> None:
    said = {logical: given["Handler"].removesuffix(".handler") for logical, given in FUNCTIONS.items()}
    assert {name.title().replace("_", ""): name for name in said.values()} == said


@pytest.mark.parametrize("function", sorted(WOKEN))
def test_a_function_is_short(function: str) -> None:
    assert len((ROOT / "functions" / f"{function}.py").read_text(encoding="utf-8").splitlines()) <= 45


# --- arrows: functions -> adapters -> domain


def files(folder: Path) -> list[Path]:
    """Every Python file in the folder and below."""
    return sorted(folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: expected imports by full names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(path: Path) -> Iterator[str]:
    """Every attribute that the file speaks of, such as `datetime.now`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            yield f"{owner}.{node.attr}"


@pytest.mark.parametrize("path", files(DOMAIN), ids=lambda path: path.stem)
def test_the_domain_knows_only_what_it_is_told(path: Path) -> None:
    pure = (sys.stdlib_module_names - IMPURE) | {"pydantic"}
    strange = [name for name in imports(path) if name.split(".")[0] not in pure]
    assert [name for name in strange if not name.startswith("rapport.domain.")] == []
    clocks = {f"{owner}.{call}" for owner in ("datetime", "date") for call in ("now", "utcnow", "today")}
    assert clocks & set(called(path)) == set()


@pytest.mark.parametrize("path", files(LAYERS), ids=lambda path: path.stem)
def test_the_layers_do_not_know_who_calls_them(path: Path) -> None:
    callers = WOKEN | {"functions", "local", "tests"}
    assert [name for name in imports(path) if name.split(".")[0] in callers] == []


@pytest.mark.parametrize("function", sorted(WOKEN))
def test_a_function_knows_only_the_layers_and_what_lambda_has(function: str) -> None:
    borrowed = sys.stdlib_module_names | {"boto3", "rapport"}
    path = ROOT / "functions" / f"{function}.py"
    assert [name for name in imports(path) if name.split(".")[0] not in borrowed] == []


# --- what the template sets, and what the code goes by


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


def test_the_environment_is_exactly_what_the_settings_read() -> None:
    given = {name for name in GLOBALS["Environment"]["Variables"] if not name.startswith("POWERTOOLS_")}
    needed = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert given == needed
    own = {name for function in FUNCTIONS.values() for name in function.get("Environment", {}).get("Variables", {})}
    assert own == {name.upper() for name in Settings.model_fields} - needed


def test_a_lease_outlasts_its_sender_and_half_of_it_outlasts_the_call() -> None:
    senders = [FUNCTIONS["SendSms"], FUNCTIONS["SendEmail"]]
    assert all(timedelta(seconds=timeout(sender)) < LEASE for sender in senders)
    call: Any = ONE_ATTEMPT
    assert timedelta(seconds=call.connect_timeout + call.read_timeout) <= LEASE / 2
    assert call.retries["total_max_attempts"] == 1


def test_a_queue_hides_a_message_for_six_times_as_long_as_its_function_may_take() -> None:
    woken = list(sources("SQS"))
    by_arn = {STACK.attribute(logical, "Arn"): queue for logical, queue in QUEUES.items()}
    assert len(woken) == len(QUEUES) - len(DEAD_LETTERS)
    for function, source in woken:
        assert by_arn[source["Queue"]]["VisibilityTimeout"] >= 6 * timeout(function), function["Handler"]


@pytest.mark.parametrize("kind", ["SQS", "DynamoDB"])
def test_every_batch_may_fail_in_part(kind: str) -> None:
    assert all(source["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for _, source in sources(kind))


def test_every_queue_has_dead_letters() -> None:
    for logical in QUEUES.keys() - DEAD_LETTERS:
        target = QUEUES[logical]["RedrivePolicy"]["deadLetterTargetArn"]
        assert target in {STACK.attribute(letters, "Arn") for letters in DEAD_LETTERS}, logical
        assert QUEUES[logical]["RedrivePolicy"]["maxReceiveCount"] >= 3, logical


def test_all_dead_letters_have_an_alarm() -> None:
    watched = [
        alarm["Dimensions"][0]["Value"]
        for alarm in ALARMS.values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 1
    ]
    assert sorted(watched) == sorted(STACK.physical(letters) for letters in DEAD_LETTERS)


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
    for path in files(LAYERS):
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


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every statement of every policy in it."""
    if isinstance(value, dict):
        yield from (each for each in value.get("Statement", []))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from statements(inner)


def texts(value: Any) -> list[str]:
    """One or many, as many."""
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def test_nobody_may_do_everything_nor_anything_to_everything() -> None:
    everything = [
        STACK.resolve(each["Properties"]) for each in STACK.template["Resources"].values() if "Properties" in each
    ]
    found = list(statements(everything))
    assert len(found) > len(FUNCTIONS)
    assert [each for each in found if any("*" in action for action in texts(each["Action"]))] == []
    assert [each for each in found if "*" in texts(each.get("Resource", ""))] == []
    assert [each for each in found if "NotAction" in each or each.get("Principal") == "*"] == []
    # Telephone numbers have no ARN: a text may go to everything but topics.
    [unnamed] = [each for each in found if "NotResource" in each]
    assert (unnamed["Action"], unnamed["NotResource"]) == ("sns:Publish", "arn:aws:sns:*:*:*")
    assert unnamed in [each for policy in FUNCTIONS["SendSms"]["Policies"] for each in policy["Statement"]]


def test_every_function_has_policies_of_its_own_written_out() -> None:
    policies = [policy for function in FUNCTIONS.values() for policy in function["Policies"]]
    assert all(list(policy) == ["Statement"] for policy in policies)
    assert [logical for logical, function in FUNCTIONS.items() if "Role" in function] == []
