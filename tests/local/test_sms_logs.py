"""After a deployment SNS is told where to write what becomes of texts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.sms_logs import deployed, switch_on

ROLE = "arn:aws:iam::123456789012:role/rapport-SmsLogsRole"
ANOTHER = "arn:aws:iam::123456789012:role/shop-SmsLogsRole"
NAMES = ["DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate"]
ASKED = dict(zip(NAMES, (ROLE, "100"), strict=True))


def test_what_was_chosen_at_deployment_wins_over_what_the_project_brings(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(
        '[default.global.parameters]\nstack_name = "rapport"\n'
        '[default.deploy.parameters]\nstack_name = "shop"\nregion = "eu-west-1"\n',
        encoding="utf-8",
    )
    chosen = deployed(config)
    assert (chosen["stack_name"], chosen["region"]) == ("shop", "eu-west-1")


@pytest.fixture
def sns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """SNS, in an account that has the stack; everything that is expected of it has to be asked."""
    keys = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody", "region_name": "eu-west-1"}
    clients: dict[str, Any] = {name: boto3.client(name, **keys) for name in ("cloudformation", "sns")}  # type: ignore[call-overload]
    stubs = {name: Stubber(client) for name, client in clients.items()}
    stack = {"StackName": "shop", "CreationTime": "2026-11-23T09:00:00Z", "StackStatus": "CREATE_COMPLETE"}
    outputs = [
        {"OutputKey": "EventBusName", "OutputValue": "shop"},
        {"OutputKey": "SmsLogsRoleArn", "OutputValue": ROLE},
    ]
    stubs["cloudformation"].add_response(
        "describe_stacks", {"Stacks": [{**stack, "Outputs": outputs}]}, {"StackName": "shop"}
    )
    monkeypatch.setattr(boto3, "client", lambda name, region_name: clients[name])
    for stub in stubs.values():
        stub.activate()
    yield stubs["sns"]
    for stub in stubs.values():
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("before", [{}, {"DeliveryStatusIAMRole": ""}, {"DeliveryStatusIAMRole": ROLE}])
def test_sns_is_handed_the_stacks_role(sns: Stubber, before: dict[str, str]) -> None:
    sns.add_response("get_sms_attributes", {"attributes": before}, {"attributes": NAMES})
    sns.add_response("set_sms_attributes", {}, {"attributes": ASKED})
    assert switch_on("shop", "eu-west-1").startswith("SNS now logs")


def test_a_role_that_sns_has_from_elsewhere_is_left_alone_and_told_of(sns: Stubber) -> None:
    before = {"DeliveryStatusIAMRole": ANOTHER, "DeliveryStatusSuccessSamplingRate": "10"}
    sns.add_response("get_sms_attributes", {"attributes": before}, {"attributes": NAMES})
    said = switch_on("shop", "eu-west-1")
    assert f"another role already, {ANOTHER}, and 10 %" in said
    assert f"DeliveryStatusIAMRole={ROLE}" in said
