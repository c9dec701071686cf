"""What no tool asks of the stack: each rule reads the rendered template and says, of whom it is broken, how."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from local.template import Stack
from tests.rendered import as_list

Rule = Callable[[Stack], list[str]]
CARRIERS: Final = {"sns:Publish", "ses:SendEmail"}
MOST_RECEIVES: Final = 10
STREAM_KEEPS: Final = 24 * 3600  # seconds
WAIT_FOR_AN_ANSWER: Final = {"apigateway.amazonaws.com", "lexv2.amazonaws.com"}


def named(stack: Stack, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of the type, by name."""
    return dict(stack.of_type(kind))


def queues_by_arn(stack: Stack) -> dict[str, str]:
    """Each queue's name by its ARN."""
    return {stack.attribute(logical, "Arn"): logical for logical in named(stack, "AWS::SQS::Queue")}


def wakings(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each function's name with a stream or queue that wakes it."""
    by_name = {stack.physical(logical): logical for logical in named(stack, "AWS::Lambda::Function")}
    for _, mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        yield by_name[mapping["FunctionName"]], mapping


def on_failure(given: dict[str, Any]) -> str | None:
    """Where goes what was given up."""
    destination: str | None = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return destination


def letter_boxes(stack: Stack) -> set[str]:
    """The queues that others name as the place for what they give up."""
    targets = {on_failure(mapping) for _, mapping in wakings(stack)}
    targets |= {on_failure(config) for _, config in stack.of_type("AWS::Lambda::EventInvokeConfig")}
    targets |= {dead_letters(target) for _, target in clock_and_bus_targets(stack)}
    for kind in ("AWS::SQS::Queue", "AWS::SNS::Subscription"):
        targets |= {each.get("RedrivePolicy", {}).get("deadLetterTargetArn") for _, each in stack.of_type(kind)}
    at_run_time = named(stack, "AWS::Lambda::Function")["DispatchMessages"]["Environment"]["Variables"]
    targets.add(at_run_time["SCHEDULE_DEAD_LETTERS"])  # of the schedules that dispatch_messages makes
    return {logical for arn, logical in queues_by_arn(stack).items() if arn in targets}


def dead_letters(target: dict[str, Any]) -> str | None:
    """Where a schedule's or a rule's target leaves what it can't hand over."""
    arn: str | None = target.get("DeadLetterConfig", {}).get("Arn")
    return arn


def clock_and_bus_targets(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """What schedules and the bus's rules call."""
    for logical, schedule in stack.of_type("AWS::Scheduler::Schedule"):
        yield logical, schedule["Target"]
    for logical, rule in stack.of_type("AWS::Events::Rule"):
        yield from ((logical, target) for target in rule["Targets"])


def statements(stack: Stack, function: str) -> list[dict[str, Any]]:
    """What the function's role allows and denies, as far as the template writes it out."""
    role = stack.resolve(stack.template["Resources"][f"{function}Role"]["Properties"])
    return [statement for policy in role["Policies"] for statement in as_list(policy["PolicyDocument"]["Statement"])]


# --- the rules


def a_queue_hides_what_its_function_is_seeing_to(stack: Stack) -> list[str]:
    """For six times the function's timeout, as AWS advises: else a second copy would see to it too."""
    queues, functions, boxes = (
        named(stack, "AWS::SQS::Queue"),
        named(stack, "AWS::Lambda::Function"),
        queues_by_arn(stack),
    )
    return [
        f"{box}: hides messages for less than six times the timeout of {function}"
        for function, mapping in wakings(stack)
        if (box := boxes.get(mapping["EventSourceArn"]))
        and queues[box].get("VisibilityTimeout", 30) < 6 * functions[function].get("Timeout", 3)
    ]


def a_queue_gives_up_in_the_end(stack: Stack) -> list[str]:
    """A message that fails goes to dead letters, after a few tries and not at the first."""
    boxes, arns = letter_boxes(stack), queues_by_arn(stack)
    complaints = []
    for logical, queue in stack.of_type("AWS::SQS::Queue"):
        redrive = queue.get("RedrivePolicy", {})
        if logical in boxes:
            continue
        if redrive.get("deadLetterTargetArn") not in arns:
            complaints.append(f"{logical}: has no dead letters")
        if not 3 <= redrive.get("maxReceiveCount", 0) <= MOST_RECEIVES:
            complaints.append(f"{logical}: is tried fewer than three times or more than {MOST_RECEIVES}")
    return complaints


def a_stream_gives_up_in_the_end(stack: Stack) -> list[str]:
    """One bad record must not hold up its shard for ever, nor take its batch with it, nor be lost without a word."""
    arns, complaints = queues_by_arn(stack), []
    for function, mapping in wakings(stack):
        if mapping["EventSourceArn"] in arns:
            continue
        if mapping.get("MaximumRetryAttempts", -1) < 0:
            complaints.append(f"{function}: tries a record of its stream for ever")
        if not 0 < mapping.get("MaximumRecordAgeInSeconds", -1) < STREAM_KEEPS:
            complaints.append(f"{function}: keeps at a record of its stream until the stream has lost it")
        if mapping.get("BisectBatchOnFunctionError") is not True:
            complaints.append(f"{function}: one bad record of its stream takes the whole batch with it")
        if on_failure(mapping) not in arns:
            complaints.append(f"{function}: says nowhere what it gave up of its stream")
    return complaints


def a_batch_may_fail_in_part(stack: Stack) -> list[str]:
    """Else what was done is done again with what failed."""
    return [
        f"{function}: fails whole batches"
        for function, mapping in wakings(stack)
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]
    ]


def dead_letters_ring(stack: Stack) -> list[str]:
    """The first dead letter is one too many."""
    watched = {
        alarm["Dimensions"][0]["Value"]
        for _, alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        and (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
        and (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1)
    }
    boxes = sorted(letter_boxes(stack))
    return [f"{box}: no alarm watches these dead letters" for box in boxes if stack.physical(box) not in watched]


def an_alarm_tells_somebody(stack: Stack) -> list[str]:
    """Through a topic of the stack, saying what it means."""
    topics = {stack.attribute(logical, "Arn") for logical in named(stack, "AWS::SNS::Topic")}
    return [
        f"{logical}: tells nobody, or not what it means"
        for logical, alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if not set(alarm.get("AlarmActions", [])) & topics
        or alarm.get("ActionsEnabled") is False
        or not alarm.get("AlarmDescription")
    ]


def a_carrier_is_called_by_few_at_once(stack: Stack) -> list[str]:
    """A function that may call SNS or SES has a bound; without one a full queue would call with a thousand copies."""
    return [
        f"{function}: calls a carrier with as many copies as Lambda has"
        for function, mapping in wakings(stack)
        if CARRIERS & {action for statement in statements(stack, function) for action in as_list(statement["Action"])}
        and "MaximumConcurrency" not in mapping.get("ScalingConfig", {})
    ]


def a_schedule_or_rule_gives_up_in_the_end(stack: Stack) -> list[str]:
    """And says where. The schedules that dispatch_messages makes are held by its tests."""
    arns = queues_by_arn(stack)
    return [
        f"{logical}: its target has no end of tries, or no dead letters"
        for logical, target in clock_and_bus_targets(stack)
        if not {"MaximumRetryAttempts", "MaximumEventAgeInSeconds"} <= target.get("RetryPolicy", {}).keys()
        or dead_letters(target) not in arns
    ]


def a_subscription_gives_up_into_dead_letters(stack: Stack) -> list[str]:
    """What a topic can't put into its queue must not be lost."""
    arns = queues_by_arn(stack)
    return [
        f"{logical}: what doesn't reach its queue is lost"
        for logical, subscription in stack.of_type("AWS::SNS::Subscription")
        if subscription["Protocol"] == "sqs"
        and subscription.get("RedrivePolicy", {}).get("deadLetterTargetArn") not in arns
    ]


def logs_go_in_the_end(stack: Stack) -> list[str]:
    """Every function logs to a group of the stack, and every group has a retention."""
    groups = named(stack, "AWS::Logs::LogGroup")
    names = {group["LogGroupName"] for group in groups.values()}
    complaints = [
        f"{logical}: keeps logs for ever" for logical, group in groups.items() if not group.get("RetentionInDays")
    ]
    for logical, function in stack.of_type("AWS::Lambda::Function"):
        if function.get("LoggingConfig", {}).get("LogGroup") not in names:
            complaints.append(f"{logical}: logs to a group that Lambda makes, which keeps logs for ever")
    return complaints


def callers(stack: Stack) -> Iterator[tuple[str, str]]:
    """Each function that is called, and not fed from a stream or queue, with the service that calls it."""
    functions = {stack.physical(logical): logical for logical in named(stack, "AWS::Lambda::Function")}
    for logical, alias in stack.of_type("AWS::Lambda::Alias"):
        functions[stack.physical(logical)] = functions[alias["FunctionName"]]
    for each in stack.template["Resources"].values():
        if each["Type"] == "AWS::Lambda::Permission" and stack.holds(each.get("Condition")):
            function, caller = stack.resolve([each["Properties"]["FunctionName"], each["Properties"]["Principal"]])
            yield functions[function], caller
    for _, schedule in stack.of_type("AWS::Scheduler::Schedule"):
        yield functions[schedule["Target"]["Arn"].rsplit(":", 1)[-1]], "scheduler.amazonaws.com"


def what_a_function_gives_up_is_kept(stack: Stack) -> list[str]:
    """Streams and queues keep their own; a caller that waits hears of a failure; of any other the function must."""
    kept = {
        config["FunctionName"]
        for _, config in stack.of_type("AWS::Lambda::EventInvokeConfig")
        if on_failure(config) in queues_by_arn(stack) and config.get("MaximumRetryAttempts", -1) >= 0
    }
    called, fed = list(callers(stack)), {function for function, _ in wakings(stack)}
    lost = [each for each, caller in called if caller not in WAIT_FOR_AN_ANSWER and stack.physical(each) not in kept]
    strange = named(stack, "AWS::Lambda::Function").keys() - fed - {function for function, _ in called}
    return [f"{function}: what fails there is lost" for function in [*lost, *sorted(strange)]]


FLOW_RULES: Final[list[Rule]] = [
    a_queue_hides_what_its_function_is_seeing_to,
    a_queue_gives_up_in_the_end,
    a_stream_gives_up_in_the_end,
    a_batch_may_fail_in_part,
    dead_letters_ring,
    an_alarm_tells_somebody,
    a_carrier_is_called_by_few_at_once,
    a_schedule_or_rule_gives_up_in_the_end,
    a_subscription_gives_up_into_dead_letters,
    logs_go_in_the_end,
    what_a_function_gives_up_is_kept,
]
