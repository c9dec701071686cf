"""What Lex demands: of a request, of what a code hook answers, and of its own answers. Each rule has a name."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from local.lex.bot import Locale

ANSWER_BYTES: Final = 25 * 1024
ATTRIBUTE_BYTES: Final = 12 * 1024
TYPES: Final = {"Delegate", "ElicitIntent", "ElicitSlot", "ConfirmIntent", "Close"}
CLOSED: Final = {"Failed", "Fulfilled", "InProgress"}
STATES: Final = CLOSED | {"FulfillmentInProgress", "ReadyForFulfillment", "Waiting"}
KINDS: Final[dict[type[Any], type]] = {StructureShape: dict, MapShape: dict, ListShape: list, StringShape: str}
CONFIRMATIONS: Final = {"Confirmed", "Denied", "None"}


class ContractError(Exception):
    """A code hook broke a rule of Lex's."""

    def __init__(self, rule: str, expected: str) -> None:
        super().__init__(f"{rule}: expected {expected}")
        self.rule = rule


def check(holds: bool, rule: str, expected: str) -> None:
    """Raises ContractError."""
    if not holds:
        raise ContractError(rule, expected)


def check_hook_answer(answer: Any, locale: Locale, messages: Shape, contexts: Shape) -> None:
    """What a code hook gave back, against every rule. Raises ContractError with the rule's name."""
    check(isinstance(answer, dict), "answer-is-an-object", f"an object, got {type(answer).__name__}")
    try:
        size = len(json.dumps(answer, ensure_ascii=False).encode())
    except (TypeError, ValueError) as error:
        raise ContractError("answer-is-json", f"what JSON can hold: {error}") from error
    check(size <= ANSWER_BYTES, "answer-size", f"at most {ANSWER_BYTES} bytes, got {size}")
    state = answer.get("sessionState")
    check(isinstance(state, dict), "session-state-required", "sessionState")
    action = state.get("dialogAction")
    check(isinstance(action, dict), "dialog-action-required", "sessionState.dialogAction")
    check(action.get("type") in TYPES, "dialog-action-type", f"one of {sorted(TYPES)}, got {action.get('type')!r}")
    check_attributes(state.get("sessionAttributes"), "session-attributes")
    check_attributes(answer.get("requestAttributes"), "request-attributes")
    check_intent(action, state.get("intent"), locale)
    check_messages(action["type"], answer.get("messages"), messages)
    if state.get("activeContexts") is not None:
        broken = list(broken_rules(contexts, state["activeContexts"], "activeContexts"))
        check(not broken, "active-contexts", "; ".join(broken))


def check_attributes(attributes: Any, rule: str) -> None:
    """A map from text to text, of no more than 12 KB."""
    if attributes is None:
        return
    check(isinstance(attributes, dict), f"{rule}-are-a-map", "an object")
    texts = all(isinstance(each, str) for pair in attributes.items() for each in pair)
    check(texts, f"{rule}-are-text", f"texts only, not {[n for n, v in attributes.items() if not isinstance(v, str)]}")
    size = len(json.dumps(attributes, ensure_ascii=False).encode())
    check(size <= ATTRIBUTE_BYTES, f"{rule}-size", f"at most {ATTRIBUTE_BYTES} bytes, got {size}")


def check_intent(action: dict[str, Any], intent: Any, locale: Locale) -> None:
    """The intent of the answer, and what its dialog action needs of it."""
    kind = action["type"]
    if kind in ("ElicitSlot", "ConfirmIntent", "Close"):
        check(isinstance(intent, dict) and bool(intent.get("name")), "intent-name-required", f"intent.name with {kind}")
    if kind == "ElicitSlot":
        check(bool(action.get("slotToElicit")), "slot-to-elicit-required", "dialogAction.slotToElicit with ElicitSlot")
    if intent is None:
        return
    check(isinstance(intent, dict), "intent-is-an-object", f"an object, got {type(intent).__name__}")
    defined = locale.intent(intent.get("name", ""))
    if defined is None:
        raise ContractError("intent-known", f"an intent of {locale.locale_id}, got {intent.get('name')!r}")
    state = intent.get("state")
    check(state is None or state in STATES, "intent-state", f"one of {sorted(STATES)}, got {state!r}")
    ready = state == "ReadyForFulfillment" and kind != "Delegate"
    check(not ready, "ready-only-with-delegate", "ReadyForFulfillment with Delegate only")
    check(kind != "Close" or state in CLOSED, "close-state", f"one of {sorted(CLOSED)} with Close, got {state!r}")
    said = intent.get("confirmationState")
    check(said is None or said in CONFIRMATIONS, "confirmation-state", f"one of {sorted(CONFIRMATIONS)}, got {said!r}")
    names = {slot.name for slot in defined.slots}
    given = intent.get("slots") or {}
    check(isinstance(given, dict), "slots-are-a-map", f"an object, got {type(given).__name__}")
    asked = {action["slotToElicit"]} if kind == "ElicitSlot" else set()
    check(
        set(given) | asked <= names,
        "slots-known",
        f"slots of {defined.name}, got {sorted((set(given) | asked) - names)}",
    )
    for name, slot in given.items():
        check_slot(name, slot)


def check_slot(name: str, slot: Any) -> None:
    """Null, or an object with an interpreted value."""
    if slot is None or (isinstance(slot, dict) and slot.get("value") is None):
        return
    check(
        isinstance(slot, dict) and isinstance(slot["value"], dict),
        "slot-shape",
        f"{name}: null, or an object with value",
    )
    interpreted = slot["value"].get("interpretedValue")
    check(
        isinstance(interpreted, str) and bool(interpreted),
        "slot-interpreted-value",
        f"{name}: a text, not {interpreted!r}",
    )


def check_messages(kind: str, said: Any, shape: Shape) -> None:
    """The messages of an answer, and that there are some where Lex has none of its own."""
    check(said is None or isinstance(said, list), "messages-are-a-list", "a list")
    check(bool(said) or kind not in ("ElicitIntent", "ConfirmIntent"), "messages-required", f"a message with {kind}")
    check(len(said or []) <= 10, "messages-count", f"at most 10, got {len(said or [])}")
    for message in said or []:
        content_type = message.get("contentType") if isinstance(message, dict) else message
        if content_type == "ImageResponseCard":
            check("imageResponseCard" in message, "card-required", "imageResponseCard with ImageResponseCard")
        elif content_type in ("PlainText", "CustomPayload", "SSML"):
            length = len(message.get("content") or "")
            check(1 <= length <= 1024, "message-content", f"1 to 1024 characters, got {length}")
        else:
            raise ContractError(
                "message-type", f"PlainText, CustomPayload, SSML or ImageResponseCard, got {content_type!r}"
            )
    broken = list(broken_rules(shape, said or [], "messages"))
    check(not broken, "message-shape", "; ".join(broken))


def broken_rules(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    """What botocore's model of a shape says of a value, its patterns and limits too, of which boto3 checks few."""
    kind = KINDS.get(type(shape))
    if kind and not isinstance(value, kind):
        yield f"{path}: expected {kind.__name__}, got {type(value).__name__}"
    elif isinstance(shape, StructureShape):
        yield from broken_members(shape, value, path)
    elif isinstance(shape, MapShape):
        for name, inner in value.items():
            yield from broken_rules(shape.key, name, f"{path} key")
            if inner is not None:
                yield from broken_rules(shape.value, inner, f"{path}.{name}")
        yield from broken_limits(shape, len(value), path)
    elif isinstance(shape, ListShape):
        for number, inner in enumerate(value):
            yield from broken_rules(shape.member, inner, f"{path}[{number}]")
        yield from broken_limits(shape, len(value), path)
    elif isinstance(shape, StringShape):
        yield from broken_text(shape, value, path)
    elif shape is not None and isinstance(value, int | float):
        yield from broken_limits(shape, value, path)


def broken_members(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    """What is missing in a structure, and what is wrong in it."""
    yield from (f"{path}.{name}: is required" for name in shape.required_members if value.get(name) is None)
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from broken_rules(member, value[name], f"{path}.{name}")


def broken_text(shape: StringShape, value: str, path: str) -> Iterator[str]:
    """A text's length, its pattern, and what it may be."""
    pattern, enum = shape.metadata.get("pattern"), shape.enum
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path}: must satisfy the pattern {pattern}"
    if enum and value not in enum:
        yield f"{path}: expected one of {enum}"
    yield from broken_limits(shape, len(value), path)


def broken_limits(shape: Shape, size: float, path: str) -> Iterator[str]:
    """The least and the most of it."""
    least, most = shape.metadata.get("min", size), shape.metadata.get("max", size)
    if not least <= size <= most:
        yield f"{path}: expected {least} to {most}, got {size}"
