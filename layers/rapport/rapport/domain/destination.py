"""Sending a delivery somewhere else by text alone: offered, told, read back, confirmed, written, and undone."""

import re
from dataclasses import replace
from typing import Final

from rapport.domain.conversation import Question, Turn
from rapport.domain.delivery import Delivery
from rapport.domain.dialogue import Answer, Scene, Telling, facts_of, lasting, missed, name_of, say, silence

OFFERED: Final = "change-destination"  # by a journey's message
WHERE: Final = "destination"
CONFIRM: Final = "confirm-destination"
WHICH: Final = "which-order"
MOST_OPTIONS: Final = 4


def hear_offer(turn: Turn, question: Question, scene: Scene) -> Answer | None:
    """A reply to `should it go somewhere else?`; None when it is about something else."""
    delivery = scene.delivery(question.about)
    fresh = lasting(question, scene.now, scene.rules.question_lasts)
    if delivery is None or not (fresh or delivery.status == "ahead"):
        return None
    settled = (question,) if question.message else ()
    if place := scene.replies.place_in(without_name(turn.text, delivery)):
        return read_back(delivery, place, scene)
    if scene.replies.is_thanks(turn.text):
        return replace(silence(scene, "thanks for the reminder"), settled=settled)
    yes = scene.replies.elsewhere_or_stay(turn.text)
    if yes and fresh:
        return replace(where_to(delivery, scene), settled=settled)
    if yes:
        return replace(stale(delivery, scene), settled=settled)
    if yes is False:
        return replace(say(scene, "as-planned", "it goes where it was to go", **facts_of(delivery)), settled=settled)
    return None


def hear_where(turn: Turn, question: Question, scene: Scene, *, freely: bool) -> Answer | None:
    """The place that we asked for; said `freely`, whatever else nobody understood is one."""
    delivery = scene.delivery(question.about)
    if delivery is None:
        return None
    if scene.replies.elsewhere_or_stay(turn.text) is False or scene.replies.is_undo(turn.text):
        return say(scene, "as-planned", "they changed their mind", **facts_of(delivery)).asking(None)
    place = scene.replies.any_place(turn.text) if freely else scene.replies.place_in(turn.text)
    return read_back(delivery, place, scene) if place else None


def hear_confirmation(turn: Turn, question: Question, scene: Scene, *, freely: bool) -> Answer | None:
    """A yes or a no to the place that was read back, or another place; only a fresh yes to just that is one."""
    delivery = scene.delivery(question.about)
    if delivery is None or question.place is None:
        return None
    if (yes := scene.replies.yes_or_no(turn.text)) and lasting(question, scene.now, scene.rules.yes_lasts):
        return change(delivery, question, turn, scene)
    if yes:
        return stale(delivery, scene)
    elsewhere = scene.replies.elsewhere_or_stay(turn.text)
    if yes is False or elsewhere:
        return where_to(delivery, scene, "that was the wrong place")
    if elsewhere is False or scene.replies.is_undo(turn.text):
        return say(scene, "as-planned", "they changed their mind", **facts_of(delivery)).asking(None)
    place = scene.replies.corrected(turn.text, freely=freely)
    return read_back(delivery, place, scene) if place else None


def where_to(delivery: Delivery, scene: Scene, because: str = "they want it elsewhere") -> Answer:
    """Asks for the place, if it still may go elsewhere."""
    if not scene.changeable(delivery):
        return too_late(delivery, scene)
    asked = scene.conversation.asked
    again = asked is not None and asked.asks == WHERE and scene.conversation.last_said in ("where-to", "not-understood")
    answer = (
        missed(scene, "asked where twice", "not-understood")
        if again
        else say(scene, "where-to", because, **facts_of(delivery))
    )
    if answer.steps:
        return answer
    return answer.asking(Question(asks=WHERE, asked_at=scene.now, about=delivery.order))


def read_back(delivery: Delivery, place: str, scene: Scene) -> Answer:
    """Reads the place back and asks for a yes."""
    if not scene.changeable(delivery):
        return too_late(delivery, scene)
    question = Question(asks=CONFIRM, asked_at=scene.now, about=delivery.order, place=place, version=delivery.version)
    answer = say(scene, "read-back", "read the place back", place=place, **facts_of(delivery))
    return answer.asking(question)


def stale(delivery: Delivery, scene: Scene) -> Answer:
    """A yes that came too long after its question."""
    return say(scene, "stale-yes", "a yes to a question of long ago", **facts_of(delivery)).asking(None)


def change(delivery: Delivery, question: Question, turn: Turn, scene: Scene) -> Answer:
    """Sends it there, if it is as it was when we asked, and there is time."""
    if not scene.changeable(delivery):
        return too_late(delivery, scene)
    if delivery.version != question.version and question.place:
        answer = read_back(delivery, question.place, scene)
        return replace(answer, because="the delivery has changed since we asked: asked again")
    answer = sent_to(delivery, question.place, turn, scene, "destination-changed", "confirmed")
    offers = tuple(each for each in scene.questions if (each.asks, each.about) == (OFFERED, delivery.order))
    return replace(answer, settled=offers)


def undo(turn: Turn, scene: Scene) -> Answer | None:
    """Takes the customer's last change back, and when all are, says so."""
    if not scene.replies.is_undo(turn.text):
        return None
    changed = [each for each in scene.deliveries if each.changes and each.status == "ahead"]
    if not changed:
        return None
    delivery = max(changed, key=lambda each: each.changes[-1].at)
    last = delivery.last_change
    if last is None:
        facts = {**facts_of(delivery), "place": delivery.destination}
        return say(scene, "destination-undone", "taken back before", **facts).asking(None)
    if not scene.changeable(delivery):
        return too_late(delivery, scene)
    return sent_to(delivery, last.before, turn, scene, "destination-undone", "taken back")


def hear_place(turn: Turn, scene: Scene) -> Answer | None:
    """A place and nothing else, while something may still go elsewhere: they want it to go there."""
    asked = scene.conversation.asked
    named = mentioned(turn.text, scene)
    text = without_name(turn.text, named) if named else turn.text
    place = scene.replies.place_in(text, asked=False)
    if place is None and scene.conversation.last_said == "destination-changed":
        place = scene.replies.corrected(text, freely=False)
    if (asked and asked.asks != OFFERED) or not scene.open_for_change() or not place:
        return None
    return wish_elsewhere(turn.model_copy(update={"text": place}), named.order if named else None, scene)


def mentioned(text: str, scene: Scene) -> Delivery | None:
    """The delivery of theirs that the text names, by its order's number or its item."""
    named = [each for each in scene.deliveries if is_named(text, each.order, scene)]
    return named[0] if len(named) == 1 else None


def is_named(text: str, order: str, scene: Scene) -> bool:
    """Whether the text names the order's delivery, by its number or its item."""
    delivery = scene.delivery(order)
    return delivery is not None and without_name(text, delivery) != text


def without_name(text: str, delivery: Delivery) -> str:
    """The text with `it` for `my order 1042` and for `the kettle`."""
    names = [rf"(?:(?:order|commande)\s*)?#?{re.escape(delivery.order)}"]
    names += [re.escape(delivery.item)] if delivery.item else []
    named = re.compile(rf"\b(?:(?:my|the|la|le|ma|mon) )?(?:{'|'.join(names)})(?!\w)", re.IGNORECASE)
    return named.sub("it", text)


def sent_to(delivery: Delivery, place: str | None, turn: Turn, scene: Scene, saying: str, because: str) -> Answer:
    """The delivery on its way to another place, on record, and told to the company's systems."""
    undone = saying == "destination-undone"
    moved = delivery.sent_to(place, turn.customer, turn.address, scene.now, takes_back=undone)
    answer = say(scene, saying, because, place=place, **facts_of(delivery)).asking(None)
    news = {
        "order": delivery.order,
        "destination": place,
        "before": delivery.destination,
        "by": turn.customer,
        "turn": turn.id,
    }
    return replace(answer, delivery=moved, tells=(Telling("delivery.destination-changed", news, out=True),))


def too_late(delivery: Delivery, scene: Scene) -> Answer:
    """It is too late to change it, said kindly."""
    name = "too-late" if delivery.status == "ahead" else "already-over"
    facts = {**facts_of(delivery), "status": delivery.status}
    return say(scene, name, "too late to change it", **facts).asking(None)


def wish_elsewhere(turn: Turn, order: str | None, scene: Scene) -> Answer:
    """Somebody wants a delivery elsewhere without having been asked: which, where, and then as ever."""
    if order:
        delivery = scene.delivery(order)
        return going_on(turn, delivery, scene) if delivery else say(scene, "not-your-order", "no such order of theirs")
    able = scene.open_for_change()
    if len(able) > 1:
        return which_order(able, turn, scene)
    known = able or sorted(scene.deliveries, key=lambda each: each.as_of, reverse=True)[:1]
    return going_on(turn, known[0], scene) if known else say(scene, "no-order", "nothing is on its way to them")


def going_on(turn: Turn, delivery: Delivery, scene: Scene) -> Answer:
    """Reads the place back if it was said already, else asks for it."""
    place = scene.replies.place_in(turn.text)
    return read_back(delivery, place, scene) if place else where_to(delivery, scene)


def which_order(able: list[Delivery], turn: Turn, scene: Scene) -> Answer:
    """Asks which of several deliveries is meant, and keeps what was said."""
    some = able[:MOST_OPTIONS]
    question = Question(
        asks=WHICH,
        asked_at=scene.now,
        options=tuple(each.order for each in some),
        reading=turn.text[:500],
    )
    answer = say(scene, "which-order", "several are on their way", orders=[facts_of(each) for each in some])
    return answer.asking(question)


def hear_which(turn: Turn, question: Question, scene: Scene) -> Answer | None:
    """Which of several deliveries they mean; then on with what they had said."""
    known = [delivery for order in question.options if (delivery := scene.delivery(order))]
    chosen = scene.replies.choice(turn.text, [name_of(each) for each in known])
    if chosen is None:
        return None
    earlier = turn.model_copy(update={"text": question.reading or turn.text})
    return going_on(earlier, known[chosen], scene)
