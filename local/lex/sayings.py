"""What the bot says, and when, in CloudFormation's words and in the runtime's."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class Part(BaseModel):
    """A part of the definition, in CloudFormation's words. What isn't modelled is passed over."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Itself: nothing changes in it."""
        return self


class Value(Part):
    """A text, or a value of a slot type."""

    value: str


class Button(Part):
    """A choice on a card."""

    text: str
    value: str


class Card(Part):
    """A picture with buttons, which a text shows as numbered choices."""

    title: str
    subtitle: str | None = None
    image_url: str | None = None
    buttons: tuple[Button, ...] = ()


class Saying(Part):
    """One thing that the bot says."""

    plain_text_message: Value | None = None
    custom_payload: Value | None = None
    ssml: Value | None = Field(default=None, alias="SSMLMessage")
    image_response_card: Card | None = None

    def message(self) -> dict[str, Any]:
        """As the runtime says it."""
        kinds = {"PlainText": self.plain_text_message, "CustomPayload": self.custom_payload, "SSML": self.ssml}
        for kind, said in kinds.items():
            if said:
                return {"contentType": kind, "content": said.value}
        if not self.image_response_card:
            raise ValueError("a message: expected a text, a payload, SSML or a card")
        card = self.image_response_card.model_dump(mode="json", exclude_none=True)
        card = {"imageUrl" if name == "image_url" else name: given for name, given in card.items()}
        return {"contentType": "ImageResponseCard", "imageResponseCard": card}


class Group(Part):
    """One message, in one of its variations."""

    message: Saying
    variations: tuple[Saying, ...] = ()


class Words(Part):
    """What is said at one place of the dialog; for a prompt, with how often it is said again."""

    message_groups_list: tuple[Group, ...] = ()
    max_retries: int = 0

    def messages(self, turn: int = 0) -> list[dict[str, Any]]:
        """A variation of each message; which one, the turn decides. (Lex chooses by chance.)"""
        every = [(group.message, *group.variations) for group in self.message_groups_list]
        return [variations[turn % len(variations)].message() for variations in every]
