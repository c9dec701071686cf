"""What is on record when a customer waits for a person: Ana, what she wrote, and the case that came of it."""

from typing import Any, Final

from local.desk import Desk
from local.world import World
from rapport.adapters import items
from rapport.domain.conversation import Conversation, Due, thread_of
from tests.functions.on_record import CUSTOMER, EMAIL, PHONE, ana, ledger, put, queued

THREAD: Final = thread_of("sms", PHONE)
WISH: Final = "I want a person, your parcel came broken"
DESK: Final = "hello@example.com"


def ask_for_a_person(world: World, **changes: Any) -> Desk:
    """Ana asks for a person, by text, and the desk has been told."""
    put(world, items.customer_item(ana(**changes)), {**items.address_key(PHONE, CUSTOMER), "kind": {"S": "address"}})
    world.writes(PHONE, WISH)
    world.settle()
    return Desk(world)


def conversation(world: World, thread: str = THREAD) -> Conversation:
    """Her conversation as the ledger has it."""
    return Conversation.model_validate(items.from_item(ledger(world)[CUSTOMER, f"CONVERSATION#{thread}"]))


def with_due(world: World, due: Due | None, **changes: Any) -> Conversation:
    """Her conversation, with this due now."""
    after = conversation(world).model_copy(update={"due": due, **changes})
    put(world, items.conversation_item(after))
    return conversation(world)


def asks(due: Due, thread: str = THREAD) -> dict[str, Any]:
    """What the desk's queue says of it."""
    told = {"customer": CUSTOMER, "thread": thread, **due.model_dump(mode="json")}
    return queued("tell_desk", told)


def to_the_desk(world: World) -> list[str]:
    """The subjects of the e-mails that the desk got."""
    return [taken.subject or "" for taken in world.carriers.taken if taken.to == DESK]


def to_ana(world: World) -> list[str]:
    """The texts that Ana got."""
    assert [taken for taken in world.carriers.taken if taken.to == EMAIL] == []
    return [taken.text for taken in world.carriers.taken if taken.to == PHONE]
