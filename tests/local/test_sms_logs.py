"""After a deployment SNS is told where to write what becomes of texts."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.sms_logs import deployed, switch_on

ROLE = "arn:aws:iam::123456789012:role/rapport-SmsLogsRole"


def test_what_was_chosen_at_deployment_wins_over_what_the_project_brings(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(
        '[default.global.parameters]\nstack_name = "rapport"\n'
        '[default.deploy.parameters]\nstack_name = "shop"\nregion = "eu-west-1"\n',
        encoding="utf-8",
    )
    chosen = deployed(config)
    assert (chosen["stack_name"], chosen["region"]) == ("shop", "eu-west-1")


def test_sns_is_handed_the_stacks_role(monkeypatch: pytest.MonkeyPatch) -> None:
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
    asked = {"DeliveryStatusIAMRole": ROLE, "DeliveryStatusSuccessSamplingRate": "100"}
    stubs["sns"].add_response("set_sms_attributes", {}, {"attributes": asked})
    monkeypatch.setattr(boto3, "client", lambda name, region_name: clients[name])
    for stub in stubs.values():
        stub.activate()
    assert switch_on("shop", "eu-west-1") == ROLE
    for stub in stubs.values():
        stub.assert_no_pending_responses()
