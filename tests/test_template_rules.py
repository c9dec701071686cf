"""The stack keeps every rule, and every rule notices its own mistake: the template with one thing changed."""

from typing import Any, Final

import pytest

from tests import security_rules, template_rules
from tests.rendered import rendered_stack
from tests.security_rules import SECURITY_RULES
from tests.template_rules import FLOW_RULES, Rule

RULES: Final = FLOW_RULES + SECURITY_RULES
GONE: Final = object()
STREAM: Final = "PlanMessagesEvents"
SEND_SMS: Final = "SendSmsRole.Policies.0.PolicyDocument.Statement.0"

# The rule, where the mistake is planted (a resource, and a path in its properties), the mistake, and who is named.
MISTAKES: Final[list[tuple[Rule, str, Any, str]]] = [
    (template_rules.a_queue_hides_what_its_function_is_seeing_to, "InboxQueue.VisibilityTimeout", 359, "InboxQueue"),
    (template_rules.a_queue_hides_what_its_function_is_seeing_to, "SmsQueue.VisibilityTimeout", GONE, "SmsQueue"),
    (template_rules.a_queue_hides_what_its_function_is_seeing_to, "SendEmail.Timeout", 31, "EmailQueue"),
    (template_rules.a_queue_gives_up_in_the_end, "SmsQueue.RedrivePolicy", GONE, "SmsQueue"),
    (template_rules.a_queue_gives_up_in_the_end, "SmsQueue.RedrivePolicy.deadLetterTargetArn", "arn:other", "SmsQueue"),
    (template_rules.a_queue_gives_up_in_the_end, "WakeQueue.RedrivePolicy.maxReceiveCount", 1000, "WakeQueue"),
    (template_rules.a_queue_gives_up_in_the_end, "WakeQueue.RedrivePolicy.maxReceiveCount", 1, "WakeQueue"),
    (template_rules.a_stream_gives_up_in_the_end, f"{STREAM}.MaximumRetryAttempts", GONE, "PlanMessages"),
    (template_rules.a_stream_gives_up_in_the_end, f"{STREAM}.MaximumRetryAttempts", -1, "PlanMessages"),
    (template_rules.a_stream_gives_up_in_the_end, f"{STREAM}.MaximumRecordAgeInSeconds", GONE, "PlanMessages"),
    (template_rules.a_stream_gives_up_in_the_end, f"{STREAM}.MaximumRecordAgeInSeconds", 86400, "PlanMessages"),
    (template_rules.a_stream_gives_up_in_the_end, f"{STREAM}.BisectBatchOnFunctionError", False, "PlanMessages"),
    (template_rules.a_stream_gives_up_in_the_end, f"{STREAM}.DestinationConfig", GONE, "PlanMessages"),
    (template_rules.a_batch_may_fail_in_part, "SendSmsSms.FunctionResponseTypes", GONE, "SendSms"),
    (template_rules.dead_letters_ring, "PlanDeadLettersAlarm.MetricName", "NumberOfMessagesSent", "PlanDeadLetters"),
    (template_rules.dead_letters_ring, "ScheduleDeadLettersAlarm.Threshold", 100, "ScheduleDeadLetters"),
    (template_rules.dead_letters_ring, "SmsDeadLettersAlarm.Dimensions.0.Value", "other", "SmsDeadLetters"),
    (template_rules.dead_letters_ring, "ReconcileDeadLettersAlarm", GONE, "ReconcileDeadLetters"),
    (template_rules.an_alarm_tells_somebody, "FailedChatsAlarm.AlarmActions", [], "FailedChatsAlarm"),
    (template_rules.an_alarm_tells_somebody, "FailedChatsAlarm.AlarmActions", ["arn:other"], "FailedChatsAlarm"),
    (template_rules.an_alarm_tells_somebody, "FailedChatsAlarm.ActionsEnabled", False, "FailedChatsAlarm"),
    (template_rules.an_alarm_tells_somebody, "FailedChatsAlarm.AlarmDescription", "", "FailedChatsAlarm"),
    (template_rules.a_carrier_is_called_by_few_at_once, "SendSmsSms.ScalingConfig", GONE, "SendSms"),
    (template_rules.a_carrier_is_called_by_few_at_once, "TellDeskDesk.ScalingConfig", {}, "TellDesk"),
    (
        template_rules.a_schedule_or_rule_gives_up_in_the_end,
        "ReconcileSendsEveryFiveMinutes.Target.DeadLetterConfig",
        GONE,
        "ReconcileSendsEveryFiveMinutes",
    ),
    (
        template_rules.a_schedule_or_rule_gives_up_in_the_end,
        "ReconcileSendsEveryFiveMinutes.Target.RetryPolicy",
        GONE,
        "ReconcileSendsEveryFiveMinutes",
    ),
    (
        template_rules.a_schedule_or_rule_gives_up_in_the_end,
        "EventBusRule.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
        GONE,
        "EventBusRule",
    ),
    (
        template_rules.a_subscription_gives_up_into_dead_letters,
        "InboundTextsSubscription.RedrivePolicy",
        GONE,
        "InboundTextsSubscription",
    ),
    (template_rules.logs_go_in_the_end, "SendSmsLogs.RetentionInDays", GONE, "SendSmsLogs"),
    (template_rules.logs_go_in_the_end, "DeskApiLogs.RetentionInDays", GONE, "DeskApiLogs"),
    (template_rules.logs_go_in_the_end, "SendSms.LoggingConfig", GONE, "SendSms"),
    (
        template_rules.what_a_function_gives_up_is_kept,
        "RecordReceiptsEventInvokeConfig.DestinationConfig",
        GONE,
        "RecordReceipts",
    ),
    (template_rules.what_a_function_gives_up_is_kept, "ReconcileSendsEventInvokeConfig", GONE, "ReconcileSends"),
    (template_rules.what_a_function_gives_up_is_kept, "SendSmsSms", GONE, "SendSms"),
    (template_rules.what_a_function_gives_up_is_kept, "BotPermission.Principal", "iot.amazonaws.com", "AnswerChat"),
    (security_rules.events_are_forgotten, "EventsTable.TimeToLiveSpecification", GONE, "EventsTable"),
    (security_rules.events_are_forgotten, "EventsTable.TimeToLiveSpecification.AttributeName", "ttl", "EventsTable"),
    (security_rules.what_waits_is_encrypted, "SmsQueue.SqsManagedSseEnabled", GONE, "SmsQueue"),
    (security_rules.what_waits_is_encrypted, "DeskReplies.KmsMasterKeyId", GONE, "DeskReplies"),
    (security_rules.what_waits_is_encrypted, "DeskReplies.KmsMasterKeyId", "alias/aws/sns", "DeskReplies"),
    (security_rules.what_waits_is_encrypted, "LedgerTable.SSESpecification.SSEEnabled", False, "LedgerTable"),
    (
        security_rules.what_others_fill_takes_only_tls,
        "InboxQueuePolicy.PolicyDocument.Statement.1",
        GONE,
        "InboxQueuePolicy",
    ),
    (
        security_rules.what_others_fill_takes_only_tls,
        "SesEventsPolicy.PolicyDocument.Statement.1.Condition.Bool",
        {"aws:SecureTransport": "true"},
        "SesEventsPolicy",
    ),
    (security_rules.nobody_may_do_everything, f"{SEND_SMS}.Action", "*", "SendSmsRole"),
    (security_rules.nobody_may_do_everything, f"{SEND_SMS}.Action", ["dynamodb:Put*"], "SendSmsRole"),
    (security_rules.nobody_may_do_everything, f"{SEND_SMS}.NotAction", "iam:PassRole", "SendSmsRole"),
    (security_rules.nobody_may_do_everything, f"{SEND_SMS}.NotResource", "arn:other", "SendSmsRole"),
    (
        security_rules.nobody_may_do_everything,
        "InboundTextsPolicy.PolicyDocument.Statement.0.Principal",
        "*",
        "InboundTextsPolicy",
    ),
    (security_rules.nobody_may_do_everything, "TopicsKey.KeyPolicy.Statement.0.Principal", {"AWS": "*"}, "TopicsKey"),
    (
        security_rules.a_service_comes_only_for_us,
        "SesEventsPolicy.PolicyDocument.Statement.0.Condition",
        GONE,
        "SesEventsPolicy",
    ),
    (security_rules.a_service_comes_only_for_us, "SmsLogsPermission.SourceArn", GONE, "SmsLogsPermission"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_stack_keeps_the_rule(rule: Rule) -> None:
    assert rule(rendered_stack()) == []


def plant(resources: dict[str, Any], place: str, mistake: Any) -> None:
    """Changes one thing in the template, or takes it out."""
    logical, *path = place.split(".")
    around, last = resources, logical
    for step in ["Properties", *path] if path else []:
        around, last = around[int(last) if isinstance(around, list) else last], step
    key = int(last) if isinstance(around, list) else last
    if mistake is GONE:
        del around[key]
    else:
        around[key] = mistake


@pytest.mark.parametrize(
    ("rule", "place", "mistake", "who"),
    MISTAKES,
    ids=[f"{rule.__name__}-{place}-{number}" for number, (rule, place, _, _) in enumerate(MISTAKES)],
)
def test_a_planted_mistake_is_named(rule: Rule, place: str, mistake: Any, who: str) -> None:
    stack = rendered_stack()
    plant(stack.template["Resources"], place, mistake)
    assert [complaint for complaint in rule(stack) if complaint.startswith(f"{who}:")] != []


def test_a_ledger_that_would_go_with_the_stack_is_named() -> None:
    stack = rendered_stack()
    stack.template["Resources"]["LedgerTable"]["DeletionPolicy"] = "Delete"
    assert security_rules.the_ledger_outlives_the_stack(stack) == ["LedgerTable: goes when the stack goes"]


def test_every_rule_has_a_planted_mistake() -> None:
    planted = {rule for rule, *_ in MISTAKES} | {security_rules.the_ledger_outlives_the_stack}
    assert {rule.__name__ for rule in RULES} == {rule.__name__ for rule in planted}
