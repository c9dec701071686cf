"""The bot as template.yaml defines it: locales, intents, slots, and what is said when."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from local.lex.sayings import Part, Value, Words
from local.template import Stack

FALLBACK: Final = "AMAZON.FallbackIntent"
IN_UTTERANCE: Final = re.compile(r"\{(\w+)\}")
NOT_MODELLED: Final = {
    "BotFileS3Location",
    "CompositeSlotTypeSetting",
    "Conditional",
    "CustomVocabulary",
    "DefaultBranch",
    "ExternalSourceSetting",
    "FulfillmentUpdatesSpecification",
    "KendraConfiguration",
    "NextStep",
    "QnAIntentConfiguration",
    "SubSlotSetting",
    "WaitAndContinueSpecification",
}


class Switch(Part):
    """Whether something takes place."""

    enabled: bool = False
    is_active: bool = True


class AfterFulfilment(Part):
    """What is said once the hook has done its work, and left the rest to Lex."""

    success_response: Words = Words()
    failure_response: Words = Words()


class Fulfilment(Switch):
    """Whether a function does the intent's work."""

    after: AfterFulfilment = Field(default=AfterFulfilment(), alias="PostFulfillmentStatusSpecification")

    @property
    def by_hook(self) -> bool:
        """Whether the hook is called."""
        return self.enabled and self.is_active


class Confirmation(Part):
    """The question before the work is done."""

    prompt: Words = Field(alias="PromptSpecification")
    declination_response: Words = Words()
    is_active: bool = True


class Closing(Part):
    """The last word."""

    closing_response: Words = Words()
    is_active: bool = True


class Initial(Part):
    """The first word."""

    initial_response: Words = Words()


class DefaultValue(Part):
    """`#context.name`, `[attribute]`, or the value itself."""

    default_value: str


class Defaults(Part):
    """Where a slot's value comes from when the customer doesn't say."""

    default_value_list: tuple[DefaultValue, ...] = ()


class Elicitation(Part):
    """How a slot is asked for."""

    slot_constraint: Literal["Required", "Optional"] = "Required"
    prompt: Words = Field(default=Words(), alias="PromptSpecification")
    defaults: Defaults = Field(default=Defaults(), alias="DefaultValueSpecification")


class Slot(Part):
    """Something that the intent needs to know."""

    name: str
    slot_type_name: str
    asked: Elicitation = Field(default=Elicitation(), alias="ValueElicitationSetting")

    @property
    def required(self) -> bool:
        """Whether it is asked for."""
        return self.asked.slot_constraint == "Required"


class Priority(Part):
    """A slot's turn."""

    priority: int
    slot_name: str


class Utterance(Part):
    """What a customer may say, with `{Slot}` where a value is."""

    utterance: str


class Context(Part):
    """A name for what was spoken of; of an output context, how long it lasts."""

    name: str
    seconds: int = Field(default=90, alias="TimeToLiveInSeconds")
    turns: int = Field(default=5, alias="TurnsToLive")


class Intent(Part):
    """What a customer may want."""

    name: str
    parent: str | None = Field(default=None, alias="ParentIntentSignature")
    sample_utterances: tuple[Utterance, ...] = ()
    slots: tuple[Slot, ...] = ()
    slot_priorities: tuple[Priority, ...] = ()
    dialog_code_hook: Switch = Switch()
    fulfilment: Fulfilment = Field(default=Fulfilment(), alias="FulfillmentCodeHook")
    confirmation: Confirmation | None = Field(default=None, alias="IntentConfirmationSetting")
    closing: Closing = Field(default=Closing(), alias="IntentClosingSetting")
    initial: Initial = Field(default=Initial(), alias="InitialResponseSetting")
    input_contexts: tuple[Context, ...] = ()
    output_contexts: tuple[Context, ...] = ()

    @model_validator(mode="after")
    def every_slot_has_a_turn(self) -> Self:
        """As Lex's build asks it."""
        names = {slot.name for slot in self.slots}
        if missing := names ^ {each.slot_name for each in self.slot_priorities}:
            raise ValueError(f"{self.name}: expected SlotPriorities to name each slot once: {sorted(missing)}")
        return self

    @property
    def utterances(self) -> list[str]:
        """The sample utterances."""
        return [each.utterance for each in self.sample_utterances]

    @cached_property
    def in_turn(self) -> list[Slot]:
        """The slots in the order in which they are asked for."""
        return [self.slot(each.slot_name) for each in sorted(self.slot_priorities, key=lambda each: each.priority)]

    def slot(self, name: str) -> Slot:
        """The slot of this name. Raises KeyError."""
        return {slot.name: slot for slot in self.slots}[name]


class TypeValue(Part):
    """A value of a slot type, and what else it is called."""

    sample_value: Value
    synonyms: tuple[Value, ...] = ()


class Filter(Part):
    """What a value must look like."""

    pattern: str


class Selection(Part):
    """Which words become the value."""

    resolution_strategy: Literal["ORIGINAL_VALUE", "TOP_RESOLUTION", "CONCATENATION"] = "ORIGINAL_VALUE"
    regex_filter: Filter | None = None


class SlotType(Part):
    """What a slot's value may be."""

    name: str
    parent: str | None = Field(default=None, alias="ParentSlotTypeSignature")
    values: tuple[TypeValue, ...] = Field(default=(), alias="SlotTypeValues")
    selection: Selection = Field(default=Selection(), alias="ValueSelectionSetting")

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """Every name of a value, with the value; the longest first."""
        every = [(name.value, each.sample_value.value) for each in self.values for name in each.synonyms]
        every += [(each.sample_value.value, each.sample_value.value) for each in self.values]
        return sorted(every, key=lambda pair: (-len(pair[0]), pair[0]))


class Locale(Part):
    """The bot in one language."""

    locale_id: str
    threshold: float = Field(alias="NluConfidenceThreshold")
    intents: tuple[Intent, ...] = ()
    slot_types: tuple[SlotType, ...] = ()

    @cached_property
    def language(self) -> str:
        """Two letters."""
        return self.locale_id[:2]

    @cached_property
    def fallback(self) -> Intent:
        """The intent of what wasn't understood."""
        for intent in self.intents:
            if intent.parent == FALLBACK or intent.name == "FallbackIntent":
                return intent
        raise ValueError(f"{self.locale_id}: expected an intent with ParentIntentSignature {FALLBACK}")

    def intent(self, name: str) -> Intent | None:
        """The intent of this name, if there is one."""
        return next((intent for intent in self.intents if intent.name == name), None)

    def slot_type(self, name: str) -> SlotType | None:
        """The bot's own type of this name; None for a built-in one."""
        return next((each for each in self.slot_types if each.name == name), None)


class Bot(Part):
    """All of it."""

    name: str
    idle: int = Field(alias="IdleSessionTTLInSeconds")
    bot_locales: tuple[Locale, ...] = ()

    @property
    def locales(self) -> dict[str, Locale]:
        """The locales by their ids."""
        return {locale.locale_id: locale for locale in self.bot_locales}


def read_bot(stack: Stack) -> Bot:
    """The one bot of the stack. Raises LookupError when there is none."""
    for _, properties in stack.of_type("AWS::Lex::Bot"):
        return Bot.model_validate(properties)
    raise LookupError("the stack has no AWS::Lex::Bot")


def not_modelled(properties: Any, path: str = "Bot") -> Iterator[str]:
    """Where the definition uses what the stand-in doesn't model."""
    if isinstance(properties, dict):
        for name, inner in properties.items():
            if name in NOT_MODELLED or (name == "AllowMultipleValues" and inner):
                yield f"{path}.{name}"
            else:
                yield from not_modelled(inner, f"{path}.{name}")
    elif isinstance(properties, list):
        for number, inner in enumerate(properties):
            yield from not_modelled(inner, f"{path}[{number}]")
