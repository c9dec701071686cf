"""One customer's way through one journey: where it stands, what it waits for, and what it has heard."""

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

if TYPE_CHECKING:  # a sender has no use for events
    from rapport.domain.event import Event

LONGEST: Final = 200  # characters; it is a part of keys


class Waiting(BaseModel):
    """Until when, and for what; `held_since` is set when quiet hours, not the journey, make it wait."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    until: AwareDatetime
    listening_for: str | None = None
    held_since: AwareDatetime | None = None


class Run(BaseModel):
    """`entry` is the id of the event that it entered by; `clock` is when its last step was over.

    `as_of` is when the event happened that last began or ended it: older news about the same thing changes nothing.
    `place` is the label of the journey's step, so that a run finds its step again after the file has changed.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    customer: str
    journey: str
    about: str
    entry: str
    event: dict[str, JsonValue] = Field(default_factory=dict)
    place: str
    clock: AwareDatetime
    as_of: AwareDatetime
    status: Literal["active", "completed", "exited"] = "active"
    ended_by: str | None = None
    waiting: Waiting | None = None
    heard: dict[str, JsonValue] | None = None
    last_message: str | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What tells a customer's runs apart."""
        return self.journey, self.about

    def ended(self, status: Literal["completed", "exited"], by: str) -> "Run":
        """The run, over."""
        return self.model_copy(update={"status": status, "ended_by": by, "waiting": None})

    def facts(self, customer: dict[str, Any]) -> dict[str, Any]:
        """What references and templates may speak of."""
        return {"event": self.event, "heard": self.heard or {}, "customer": customer}


def look_up(reference: str, facts: dict[str, Any]) -> Any:
    """The value that a reference such as `event.data.order` stands for, or None where nothing is known."""
    value: Any = facts
    for name in reference.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def about_of(event: "Event", reference: str) -> str | None:
    """What the event is about, by a journey's reference into its data; None when the event doesn't say, or too much."""
    value = look_up(reference, {"event": {"data": event.data}})
    return str(value) if isinstance(value, str | int) and 0 < len(str(value)) <= LONGEST else None
