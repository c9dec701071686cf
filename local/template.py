"""template.yaml as CloudFormation reads it: parameters, conditions, and what resources say of one another."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parent.parent
REGION: Final = "us-east-1"
ACCOUNT: Final = "123456789012"
PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")
SERVICES: Final = {
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::LayerVersion": "lambda:{region}:{account}:layer:{name}:1",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lex::Bot": "lex:{region}:{account}:bot/{name}",
    "AWS::Lex::BotAlias": "lex:{region}:{account}:bot-alias/{name}",
}
NO_VALUE: Final = object()  # what `!Ref AWS::NoValue` gives: the property or item is left out


class Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags: `!Ref X` as {"Ref": "X"}, any other as {"Fn::...": ...}."""


def short_tag(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """The long form of a short tag."""
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise yaml.constructor.ConstructorError(None, None, f"!{suffix}: expected a text or a list", node.start_mark)
    if suffix == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", short_tag)


@cache
def read_template(path: Path) -> dict[str, Any]:
    """The template as it is written, in long form."""
    template: dict[str, Any] = Loader(path.read_text(encoding="utf-8")).get_single_data()
    return template


class Stack:
    """The template with its parameters filled in; each resource is named after the stack and itself."""

    def __init__(self, parameters: Mapping[str, str] | None = None, path: Path = ROOT / "template.yaml") -> None:
        self.name = "rapport"
        self.template = read_template(path)
        defaults = {name: given.get("Default", "") for name, given in self.template["Parameters"].items()}
        self.parameters = {**defaults, **(parameters or {})}

    def of_type(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Logical name and resolved properties of every resource of the type that its condition lets be."""
        for logical, resource in self.template["Resources"].items():
            if resource["Type"] == kind and self.holds(resource.get("Condition")):
                yield logical, self.resolve(resource.get("Properties", {}))

    def holds(self, condition: str | None) -> bool:
        """Whether the named condition is met."""
        return condition is None or bool(self.resolve(self.template["Conditions"][condition]))

    def resolve(self, value: Any) -> Any:
        """The value with every function of CloudFormation worked out. Raises ValueError for one that isn't known."""
        if isinstance(value, list):
            return [found for inner in value if (found := self.resolve(inner)) is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            named = function in ("Ref", "Condition") and isinstance(argument, str)
            if named or function.startswith("Fn::"):
                return self.work_out(function, argument)
        return {name: found for name, inner in value.items() if (found := self.resolve(inner)) is not NO_VALUE}

    def work_out(self, function: str, argument: Any) -> Any:
        """One function of CloudFormation's."""
        match function:
            case "Ref":
                return self.reference(argument)
            case "Condition":
                return self.holds(argument)
            case "Fn::GetAtt":
                return self.attribute(*argument)
            case "Fn::Sub":
                return PLACEHOLDER.sub(lambda found: str(self.substitute(found[1])), argument)
            case "Fn::If":
                return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
            case "Fn::Equals":
                first, second = self.resolve(argument)
                return first == second
            case "Fn::Not":
                return not self.resolve(argument[0])
            case "Fn::And":
                return all(self.resolve(argument))
        raise ValueError(f"{function}: expected Ref, GetAtt, Sub, If, Equals, Not, And or Condition")

    def substitute(self, name: str) -> Any:
        """What `${Name}` or `${Name.Attribute}` stands for."""
        return self.attribute(*name.split(".", 1)) if "." in name else self.reference(name)

    def reference(self, name: str) -> Any:
        """What `!Ref` gives: a parameter's value, or what its type of resource is known by."""
        pseudo = {
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::StackName": self.name,
            "AWS::NoValue": NO_VALUE,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        if name.endswith(".Alias"):  # of a function that SAM publishes
            function = name.removesuffix(".Alias")
            return f"{self.attribute(function, 'Arn')}:{self.properties(function)['AutoPublishAlias']}"
        kind = self.template["Resources"][name]["Type"]
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.physical(name)}"
        if kind in ("AWS::SNS::Topic", "AWS::Serverless::LayerVersion"):
            return self.attribute(name, "Arn")
        return self.physical(name)

    def attribute(self, name: str, attribute: str) -> str:
        """What `!GetAtt` gives: an ARN, a stream's ARN, a queue's name, or what Lex calls its own."""
        match attribute:
            case "QueueName":
                return self.physical(name)
            case "ApiEndpoint":
                return f"https://{self.physical(name)}.execute-api.{REGION}.amazonaws.com"
            case "Id" | "BotAliasId":
                return lex_id(name)
            case "BotVersion" | "Version":
                return "1"
        kind = self.template["Resources"][name]["Type"]
        place = SERVICES[kind].format(region=REGION, account=ACCOUNT, name=self.physical(name))
        return f"arn:aws:{place}" + ("/stream/2026-01-01T00:00:00.000" if attribute == "StreamArn" else "")

    def physical(self, name: str) -> str:
        """The name that the account knows the resource by."""
        properties = self.properties(name)
        match self.template["Resources"][name]["Type"]:
            case "AWS::Lex::Bot":
                return lex_id(name)
            case "AWS::Lex::BotAlias":
                return f"{self.resolve(properties['BotId'])}/{lex_id(name)}"
        given = properties.get("Name") or properties.get("LogGroupName")
        return str(self.resolve(given)) if given else f"{self.name}-{name}"

    def properties(self, name: str) -> dict[str, Any]:
        """The resource's properties as they are written."""
        found: dict[str, Any] = self.template["Resources"][name].get("Properties", {})
        return found


def lex_id(name: str) -> str:
    """Lex names what it makes by ten letters and digits; here they come from the logical name."""
    return hashlib.sha256(name.encode()).hexdigest()[:10].upper()
