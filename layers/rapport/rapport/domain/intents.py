"""What we answer to each intent of the chatbot."""

from dataclasses import replace
from typing import Final

from rapport.domain import destination
from rapport.domain.conversation import Cause, Question, Turn
from rapport.domain.customer import Consent
from rapport.domain.delivery import Delivery, ahead_of
from rapport.domain.dialogue import (
    Answer,
    Scene,
    Telling,
    Understood,
    facts_of,
    hours,
    missed,
    say,
    to_a_person,
)
from rapport.domain.plain_wishes import asked_lately, unsure
from rapport.domain.words import Channel, Purpose

WHICH_ITEM: Final = "which-item"
PLAINLY: Final = {
    "OpeningHours": "opening-hours",
    "ReturnsAndRefunds": "returns",
    "Greeting": "hello",
    "Thanks": "welcome",
}
LONGEST_ITEM, MOST_WORDS = 60, 5
SURE: Final = 0.9


def by_intent(turn: Turn, scene: Scene, understood: Understood) -> Answer:
    """The answer to an intent that was understood well enough."""
    if understood.intent in scene.rules.always_a_person:
        why = f"asked for by {understood.intent}"
        if understood.intent == "Complaint":
            return to_a_person(scene, why, cause=Cause.COMPLAINT, trouble="a complaint")
        return to_a_person(scene, why, cause=Cause.ASKED)
    return plain_answer(turn, scene, understood) or missed(scene, f"no answer to {understood.intent}", "not-understood")


def plain_answer(turn: Turn, scene: Scene, understood: Understood) -> Answer | None:
    """What we say to the intent."""
    if name := PLAINLY.get(understood.intent):
        return say(scene, name, f"understood as {understood.intent}", **hours(scene))
    match understood.intent:
        case "WhereIsMyOrder":
            return where_is_it(understood.slots.get("Order"), scene)
        case "ChangeDestination":
            return destination.wish_elsewhere(turn, understood.slots.get("Order"), scene)
        case "BackInStock":
            return tell_when_back(understood.slots.get("Item"), turn, scene)
        case "StopTexting":
            return may_mean_stop(turn, scene, understood)
        case "NotHelpful":
            return missed(scene, "that did not help", "not-it")
    return None


def may_mean_stop(turn: Turn, scene: Scene, understood: Understood) -> Answer:
    """A STOP that our rules didn't hear, if the chatbot is sure of it: asked about once, never taken for granted."""
    sure = turn.channel == "sms" and (understood.score or 0) >= SURE
    if sure and not asked_lately(scene):
        return unsure(turn, scene, "understood as StopTexting")
    return missed(scene, "understood as StopTexting", "not-understood")


def where_is_it(order: str | None, scene: Scene) -> Answer:
    """Where their deliveries are; of one that should have come, a person finds out."""
    if order and not scene.delivery(order):
        return say(scene, "not-your-order", "no such order of theirs")
    named = scene.delivery(order) if order else None
    known = scene.now - scene.rules.late_for  # what was late by then, nobody has said the end of
    found = [named] if named else [each for each in ahead_of(scene.deliveries) if not each.late_at(known, scene.zone)]
    if not found:
        return say(scene, "no-order", "nothing is on its way to them")
    late = [each for each in found if each.late_at(scene.now, scene.zone)]
    if late:
        told = say(scene, "late", "it should have come", **facts_of(late[0]))
        return to_a_person(scene, "a delivery that should have come", cause=Cause.LATE, before=told)
    if len(found) == 1:
        return status_of(found[0], scene)
    orders = [facts_of(each) for each in found[: destination.MOST_OPTIONS]]
    return say(scene, "where-orders-are", "several are on their way", orders=orders)


def status_of(delivery: Delivery, scene: Scene) -> Answer:
    """Where one delivery is; while it may go elsewhere, that is offered."""
    changeable = scene.changeable(delivery)
    facts = {**facts_of(delivery), "status": delivery.status, "changeable": changeable}
    answer = say(scene, "where-it-is", f"it is {delivery.status}", **facts)
    offer = Question(asks=destination.OFFERED, asked_at=scene.now, about=delivery.order)
    return answer.asking(offer) if changeable else answer


def hear_item(turn: Turn, scene: Scene) -> Answer | None:
    """The item that we asked for, in a few words of their own; nothing of thanks, a yes, a no or a question."""
    words = turn.text.split()
    item = " ".join(words).strip(" .!")
    if scene.replies.is_no_place(turn.text) or item.endswith("?") or not item:
        return None
    if len(words) > MOST_WORDS or len(item) > LONGEST_ITEM:
        return None
    return tell_when_back(item, turn, scene)


def tell_when_back(item: str | None, turn: Turn, scene: Scene) -> Answer:
    """Puts them on the list of those who want to hear; asking to be told is leave to tell."""
    if not item:
        return say(scene, "which-item", "which item?").asking(Question(asks=WHICH_ITEM, asked_at=scene.now))
    answer = say(scene, "will-tell", "asked to hear of it", item=item).asking(None)
    told = replace(answer, tells=(Telling("stock.wanted", {"item": item.lower()}),))
    leave = scene.customer.consent(Channel.SMS, Purpose.PROMOTIONAL)
    if turn.channel != "sms" or (leave and leave.given):
        return told
    source = f"asked by text to hear of {item}"[:200]
    word = Consent(channel=Channel.SMS, purpose=Purpose.PROMOTIONAL, given=True, at=turn.at, source=source)
    return replace(told, customer=scene.customer.with_consent(word))
