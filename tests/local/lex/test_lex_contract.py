"""What a code hook answers is held to Lex's rules, and what breaks one fails under the rule's name."""

from typing import Any

import pytest

from local.lex.runtime import RuntimeFault
from tests.local.lex.talk import Talk, close, intent

ORDER = {"name": "WhereIsMyOrder", "state": "InProgress"}
TEXT = {"contentType": "PlainText", "content": "Hello."}


def state(kind: str, **more: Any) -> dict[str, Any]:
    """A session's state with this dialog action and no intent unless one is given."""
    slot = {"slotToElicit": more.pop("slot")} if "slot" in more else {}
    return {"dialogAction": {"type": kind} | slot} | more


BROKEN: list[tuple[str, Any]] = [
    ("answer-is-an-object", None),
    ("answer-is-an-object", "Hello."),
    ("answer-is-json", {"sessionState": state("Delegate", sessionAttributes={"a": {1, 2}})}),
    ("answer-size", {"sessionState": state("Delegate"), "padding": "x" * 26_000}),
    ("session-state-required", {"messages": [TEXT]}),
    ("dialog-action-required", {"sessionState": {"intent": ORDER}}),
    ("dialog-action-type", {"sessionState": state("Ask")}),
    ("session-attributes-are-text", {"sessionState": state("Delegate", sessionAttributes={"tries": 2})}),
    ("session-attributes-are-a-map", {"sessionState": state("Delegate", sessionAttributes=["a"])}),
    ("session-attributes-size", {"sessionState": state("Delegate", sessionAttributes={"a": "x" * 13_000})}),
    ("request-attributes-are-text", {"sessionState": state("Delegate"), "requestAttributes": {"a": None}}),
    ("intent-name-required", {"sessionState": state("ElicitSlot", slot="Order")}),
    ("intent-name-required", {"sessionState": state("Close")}),
    ("slot-to-elicit-required", {"sessionState": state("ElicitSlot", intent=ORDER)}),
    ("slots-known", {"sessionState": state("ElicitSlot", slot="Colour", intent=ORDER)}),
    ("slots-known", {"sessionState": state("Delegate", intent=ORDER | {"slots": {"Colour": None}})}),
    ("slot-shape", {"sessionState": state("Delegate", intent=ORDER | {"slots": {"Order": "1042"}})}),
    ("slot-interpreted-value", {"sessionState": state("Delegate", intent=ORDER | {"slots": {"Order": {"value": {}}}})}),
    ("intent-is-an-object", {"sessionState": state("Delegate", intent="WhereIsMyOrder")}),
    ("slots-are-a-map", {"sessionState": state("Delegate", intent=ORDER | {"slots": [1]})}),
    ("intent-known", {"sessionState": state("Delegate", intent={"name": "Weather"})}),
    ("intent-state", {"sessionState": state("Delegate", intent=ORDER | {"state": "Done"})}),
    ("confirmation-state", {"sessionState": state("Delegate", intent=ORDER | {"confirmationState": "Yes"})}),
    ("close-state", {"sessionState": state("Close", intent={"name": "WhereIsMyOrder"})}),
    (
        "ready-only-with-delegate",
        {"sessionState": state("Close", intent=ORDER | {"state": "ReadyForFulfillment"}), "messages": [TEXT]},
    ),
    ("messages-required", {"sessionState": state("ElicitIntent")}),
    ("messages-required", {"sessionState": state("ConfirmIntent", intent=ORDER)}),
    ("messages-are-a-list", {"sessionState": state("Close", intent=ORDER), "messages": TEXT}),
    ("messages-count", {"sessionState": state("Close", intent=ORDER), "messages": [TEXT] * 11}),
    ("message-content", {"sessionState": state("Close", intent=ORDER), "messages": [TEXT | {"content": ""}]}),
    ("message-content", {"sessionState": state("Close", intent=ORDER), "messages": [TEXT | {"content": "x" * 1025}]}),
    ("message-type", {"sessionState": state("Close", intent=ORDER), "messages": [TEXT | {"contentType": "Text"}]}),
    ("message-type", {"sessionState": state("Close", intent=ORDER), "messages": ["Hello."]}),
    (
        "card-required",
        {"sessionState": state("Close", intent=ORDER), "messages": [{"contentType": "ImageResponseCard"}]},
    ),
    (
        "message-shape",
        {
            "sessionState": state("Close", intent=ORDER),
            "messages": [{"contentType": "ImageResponseCard", "imageResponseCard": {"title": "x" * 251}}],
        },
    ),
    ("active-contexts", {"sessionState": state("Delegate", activeContexts="order")}),
    ("active-contexts", {"sessionState": state("Delegate", activeContexts=[{"name": "order"}])}),
]


@pytest.mark.parametrize(("rule", "answer"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_an_answer_that_breaks_a_rule_fails_under_its_name(rule: str, answer: Any) -> None:
    talk = Talk()
    talk.answers = [lambda _: answer]
    with pytest.raises(RuntimeFault, match=f"^DependencyFailedException: Invalid Lambda Response: {rule}:"):
        talk.say("where is my order")


def test_a_turn_that_failed_leaves_the_conversation_where_it_was() -> None:
    talk = Talk()
    talk.say("where is my order")
    talk.answers = [lambda _: None]
    with pytest.raises(RuntimeFault):
        talk.say("1042")
    assert talk.runtime.traces[-1].error
    assert intent(talk.say("1042"))["state"] == "Fulfilled"


def test_an_answer_at_the_limits_passes() -> None:
    talk = Talk()

    def long(event: dict[str, Any]) -> dict[str, Any]:
        return close(event) | {"messages": [TEXT | {"content": "x" * 1024}] * 10}

    talk.answers = [long]
    assert len(talk.say("where is my order")["messages"]) == 10


def test_fields_that_are_null_are_as_good_as_absent() -> None:
    talk = Talk()
    nothing = {"sessionAttributes": None, "activeContexts": None, "intent": None}
    talk.answers = [lambda _: {"sessionState": state("Delegate", **nothing), "messages": None}]
    assert intent(talk.say("where is my order"))["state"] == "InProgress"
