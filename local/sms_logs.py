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
    """Hands the stack's role to SNS, unless it has another; returns what to tell. Raises StopIteration without one.

    The setting is the account's, one for each region: whose it is already may read these logs too.
    """
    stacks = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack_name)["Stacks"]
    outputs = stacks[0]["Outputs"]
    role: str = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "SmsLogsRoleArn")
    sns = boto3.client("sns", region_name=region)
    attributes = {"DeliveryStatusIAMRole": role, "DeliveryStatusSuccessSamplingRate": "100"}
    before = sns.get_sms_attributes(attributes=list(attributes))["attributes"]
    if (other := before.get("DeliveryStatusIAMRole", role) or role) != role:
        wanted = ",".join(f"{name}={value}" for name, value in attributes.items())
        rate = before.get("DeliveryStatusSuccessSamplingRate") or "0"
        return (
            f"SNS logs by another role already, {other}, and {rate} % of the texts that arrived; left as it is.\n"
            "record_receipts reads those logs. For this stack's role, or all texts:\n"
            f"  aws sns set-sms-attributes --attributes {wanted}"
        )
    sns.set_sms_attributes(attributes=attributes)
    return "SNS now logs what becomes of each text, and record_receipts reads it."


if __name__ == "__main__":
    chosen = deployed(ROOT / "samconfig.toml")
    sys.stdout.write(switch_on(chosen["stack_name"], chosen.get("region")) + "\n")
