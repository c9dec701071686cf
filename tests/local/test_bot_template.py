"""The chatbot of template.yaml: there when it was asked for, complete, and read as CloudFormation reads it."""

import re
from typing import Any

import pytest

from local.template import Stack

INTENTS = [
    "WhereIsMyOrder",
    "ChangeDestination",
    "OpeningHours",
    "ReturnsAndRefunds",
    "BackInStock",
    "Complaint",
    "StopTexting",
    "TalkToAPerson",
    "NotHelpful",
    "Greeting",
    "Thanks",
    "OutOfScope",
    "FallbackIntent",
]
STACK = Stack({"Chatbot": "lex"})
LOGGING = Stack({"Chatbot": "lex", "ChatbotLogs": "text"})
BOT_ID = STACK.reference("Bot")


def only(stack: Stack, kind: str) -> dict[str, Any]:
    """The one resource of this type."""
    [(_, properties)] = stack.of_type(kind)
    return properties


def roles(stack: Stack) -> dict[str, dict[str, Any]]:
    """Every role by its logical name."""
    return dict(stack.of_type("AWS::IAM::Role"))


def log_groups(stack: Stack) -> dict[str, dict[str, Any]]:
    """Every log group by its logical name."""
    return dict(stack.of_type("AWS::Logs::LogGroup"))


@pytest.mark.parametrize("kind", ["AWS::Lex::Bot", "AWS::Lex::BotVersion", "AWS::Lex::BotAlias"])
def test_there_is_a_chatbot_only_when_it_was_asked_for(kind: str) -> None:
    assert list(Stack().of_type(kind)) == []
    assert len(list(STACK.of_type(kind))) == 1


def test_lex_names_things_by_ten_letters_and_digits() -> None:
    for name in (BOT_ID, STACK.attribute("Bot", "Id"), STACK.attribute("BotAlias", "BotAliasId")):
        assert re.fullmatch("[0-9A-Z]{10}", name)
    assert STACK.attribute("Bot", "Arn") == f"arn:aws:lex:us-east-1:123456789012:bot/{BOT_ID}"
    alias = STACK.attribute("BotAlias", "BotAliasId")
    assert alias != BOT_ID
    assert STACK.attribute("BotAlias", "Arn") == f"arn:aws:lex:us-east-1:123456789012:bot-alias/{BOT_ID}/{alias}"


def test_the_alias_leads_to_the_version_and_each_locale_to_the_function() -> None:
    alias, version = only(STACK, "AWS::Lex::BotAlias"), only(STACK, "AWS::Lex::BotVersion")
    assert alias["BotId"] == version["BotId"] == BOT_ID
    assert alias["BotVersion"] == "1"
    function = f"{STACK.attribute('AnswerChat', 'Arn')}:live"
    hooks = {
        each["LocaleId"]: each["BotAliasLocaleSetting"]["CodeHookSpecification"]["LambdaCodeHook"]["LambdaArn"]
        for each in alias["BotAliasLocaleSettings"]
    }
    assert hooks == {"en_GB": function, "fr_FR": function}


def test_lex_may_call_the_function_for_this_bot_alone() -> None:
    permission = dict(STACK.of_type("AWS::Lambda::Permission"))["BotPermission"]
    assert permission == {
        "FunctionName": f"{STACK.attribute('AnswerChat', 'Arn')}:live",
        "Action": "lambda:InvokeFunction",
        "Principal": "lexv2.amazonaws.com",
        "SourceAccount": "123456789012",
        "SourceArn": f"arn:aws:lex:us-east-1:123456789012:bot-alias/{BOT_ID}/*",
    }
    assert "BotPermission" not in dict(Stack().of_type("AWS::Lambda::Permission"))


def test_what_customers_write_is_logged_only_when_that_was_asked_for() -> None:
    assert STACK.parameters["ChatbotLogs"] == "none"
    assert "ConversationLogSettings" not in only(STACK, "AWS::Lex::BotAlias")
    assert "Policies" not in roles(STACK)["BotRole"]
    for silent in (STACK, Stack({"ChatbotLogs": "text"})):
        assert "BotLogs" not in log_groups(silent)
    [setting] = only(LOGGING, "AWS::Lex::BotAlias")["ConversationLogSettings"]["TextLogSettings"]
    group = LOGGING.attribute("BotLogs", "Arn")
    assert setting == {
        "Enabled": True,
        "Destination": {"CloudWatch": {"CloudWatchLogGroupArn": group, "LogPrefix": ""}},
    }
    [policy] = roles(LOGGING)["BotRole"]["Policies"]
    assert [each["Resource"] for each in policy["PolicyDocument"]["Statement"]] == [group]
    assert log_groups(LOGGING)["BotLogs"]["RetentionInDays"] == LOGGING.parameters["LogRetentionDays"]


@pytest.mark.parametrize("locale", only(STACK, "AWS::Lex::Bot")["BotLocales"], ids=lambda locale: locale["LocaleId"])
def test_each_language_has_every_intent_and_each_intent_stands_by_itself(locale: dict[str, Any]) -> None:
    assert [intent["Name"] for intent in locale["Intents"]] == INTENTS
    for intent in locale["Intents"]:
        assert intent["FulfillmentCodeHook"] == {"Enabled": True}
        assert intent.get("DialogCodeHook") == (None if intent["Name"] == "FallbackIntent" else {"Enabled": True})
        for slot in intent.get("Slots", []):
            asked = slot["ValueElicitationSetting"]
            assert asked["SlotConstraint"] == "Optional"
            assert asked["PromptSpecification"]["MessageGroupsList"]
    slots = {
        intent["Name"]: [slot["Name"] for slot in intent["Slots"]] for intent in locale["Intents"] if "Slots" in intent
    }
    assert slots == {
        "WhereIsMyOrder": ["Order"],
        "ChangeDestination": ["Order", "Destination"],
        "ReturnsAndRefunds": ["Order"],
        "BackInStock": ["Item"],
        "Complaint": ["Order"],
        "OutOfScope": ["Order"],
    }
