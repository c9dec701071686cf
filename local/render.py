"""template.yaml as CloudFormation gets it: rendered by SAM's own translator, without an account or a network."""

import json
from pathlib import Path
from typing import Any

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.template import REGION, ROOT

TEMPLATE = ROOT / "template.yaml"


def render(path: Path = TEMPLATE) -> dict[str, Any]:
    """The plain CloudFormation template; local code paths stand in for uploaded ones. Raises SystemExit."""
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = "s3://bucket/key"
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    parameters = {name: given.get("Default", "") for name, given in template["Parameters"].items()}
    session = boto3.Session(region_name=REGION)
    try:
        rendered: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(template, parameters)
    except InvalidDocumentException as error:
        raise SystemExit("\n".join(cause.message for cause in error.causes)) from None
    return rendered


def without_bots_words(rendered: dict[str, Any]) -> dict[str, Any]:
    """The template for checkov, which has no rule on what a bot says and takes a quarter of a minute to read it."""
    resources = {
        logical: {**each, "Properties": {**each["Properties"], "BotLocales": []}}
        for logical, each in rendered["Resources"].items()
        if each["Type"] == "AWS::Lex::Bot"
    }
    return {**rendered, "Resources": rendered["Resources"] | resources}


def main() -> None:
    """Writes both into .rapport/."""
    rendered, folder = render(), ROOT / ".rapport"
    folder.mkdir(exist_ok=True)
    for name, template in {"rendered": rendered, "without-bots-words": without_bots_words(rendered)}.items():
        (folder / f"{name}.json").write_text(json.dumps(template, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
