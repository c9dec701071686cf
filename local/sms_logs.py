"""After a deployment: has SNS write its delivery logs for texts, which no CloudFormation resource can ask for."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import boto3

from local.template import ROOT


def deployed(config: Path) -> dict[str, Any]:
    """Stack name, and region where one was chosen, as `sam deploy --guided` left them in samconfig.toml."""
    environment = tomllib.loads(config.read_text(encoding="utf-8"))["default"]
    chosen: dict[str, Any] = {}
    for command in ("global", "deploy"):
        chosen |= environment.get(command, {}).get("parameters", {})
    return chosen


def switch_on(stack_name: str, region: str | None) -> str:
    """Hands the stack's role to SNS; returns the role's ARN. Raises StopIteration when the stack has no such output."""
    stacks = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack_name)["Stacks"]
    outputs = stacks[0]["Outputs"]
    role: str = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "SmsLogsRoleArn")
    attributes = {"DeliveryStatusIAMRole": role, "DeliveryStatusSuccessSamplingRate": "100"}
    boto3.client("sns", region_name=region).set_sms_attributes(attributes=attributes)
    return role


if __name__ == "__main__":
    chosen = deployed(ROOT / "samconfig.toml")
    switch_on(chosen["stack_name"], chosen.get("region"))
    sys.stdout.write("SNS now logs what becomes of each text, and record_receipts reads it.\n")
