"""The order of a conversation: words that always work, the person who has it, what we asked, and then the chatbot."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from rapport.domain import check_in, destination, intents
from rapport.domain.conversation import Cause, Due, Owner, Question, Turn
from rapport.domain.dialogue import Answer, Scene, Understood, first, hours, lasting, missed, say, silence, to_a_person
from rapport.domain.liking import Liking
from rapport.domain.plain_wishes import MEANT_STOP, hear_wish, stop
from rapport.domain.plain_words import fold

TWICE_WITHIN: Final = timedelta(seconds=10)
LONGEST: Final = 2000  # characters
REPEATED_WITHIN: Final = timedelta(minutes=30)
ONCE: Final = ("welcome", "hello")
WHICH_QUESTION: Final = "which-question"
ASKED_BY: Final = {destination.CONFIRM: "read-back", MEANT_STOP: MEANT_STOP}  # what asks for a yes, and by which words
ASKED_BY_JOURNEYS: Final = (destination.OFFERED, check_in.HOW_LIKED)  # what `asks` in a journey may name


def converse(turn: Turn, scene: Scene, understood: Understood | None = None) -> Answer | None:
    """What the turn comes to; None when that takes the chatbot's understanding, which has not been given."""
    if hear_twice(turn, scene):
        return silence(scene, "the same text twice in a moment")
    listeners = (
        hear_wish,
        hear_owner,
        hear_too_much,
        hear_grave,
        hear_not_it,
        hear_questions,
        destination.undo,
        destination.hear_place,
        hear_thanks,
    )
    answer = first(each(turn, scene) for each in listeners)
    if answer is None and understood is not None:
        answer = hear_repeat(turn, scene) or hear_understood(turn, scene, understood)
        answer = replace(answer, understood=understood)
    return heard(turn, answer, scene) if answer else None


def heard(turn: Turn, answer: Answer, scene: Scene) -> Answer:
    """The answer, with what was written kept in mind, and nothing said that was just said."""
    before, after = scene.conversation, answer.conversation
    said = answer.says[-1].name if answer.says else None
    if said in ONCE and said == before.last_said and before.heard_at and turn.at - before.heard_at < REPEATED_WITHIN:
        answer, said = replace(answer, says=(), because=f"{answer.because}; said just before"), before.last_said
    update = {"last_heard": digest(turn), "last_said": said, "heard_at": turn.at}
    return replace(answer, conversation=after.model_copy(update=update))


def digest(turn: Turn) -> str:
    """What was written and what it answers, so that the same is known again."""
    said = f"{turn.previous}\x1f{' '.join(fold(turn.text).split())}"
    return hashlib.blake2s(said.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def hear_twice(turn: Turn, scene: Scene) -> bool:
    """Whether it is the same words within seconds, which is the carrier's doing."""
    before = scene.conversation
    if before.last_heard != digest(turn) or not before.heard_at:
        return False
    return abs(turn.at - before.heard_at) < TWICE_WITHIN


def hear_too_much(turn: Turn, scene: Scene) -> Answer | None:
    """More than anybody texts: said so."""
    if len(turn.text) <= LONGEST:
        return None
    return missed(scene, f"{len(turn.text)} characters", "too-long")


def hear_owner(turn: Turn, scene: Scene) -> Answer | None:
    """While a person has the conversation, the bot says nothing, and the person is told."""
    conversation = scene.conversation
    if conversation.owner is Owner.BOT:
        return None
    update = {
        "due": Due(what="tell", at=scene.now),
        "unanswered_since": conversation.unanswered_since or scene.now,
    }
    return Answer(conversation.model_copy(update=update), f"for the person who has it ({conversation.owner})")


def hear_grave(turn: Turn, scene: Scene) -> Answer | None:
    """A death, a danger or a lawyer: nothing for a machine."""
    if not scene.replies.is_grave(turn.text):
        return None
    return to_a_person(scene, "something grave", cause=Cause.UNHAPPY, trouble="a bad day")


def hear_thanks(turn: Turn, scene: Scene) -> Answer | None:
    """Thanks and nothing else, said to nothing that we asked."""
    return say(scene, "welcome", "thanks", **hours(scene)) if scene.replies.is_thanks(turn.text) else None


def hear_not_it(turn: Turn, scene: Scene) -> Answer | None:
    """`No, that's not it`, behind an answer of ours, counts against us and is no new question."""
    conversation = scene.conversation
    offered = conversation.asked is None or conversation.asked.asks == destination.OFFERED
    if not offered or not conversation.last_said or not scene.replies.is_not_it(turn.text):
        return None
    return missed(scene, "that was not it", "not-it")


def hear_repeat(turn: Turn, scene: Scene) -> Answer | None:
    """The same words again: our answer was none."""
    before = scene.conversation
    if before.last_heard != digest(turn) or not before.heard_at or turn.at - before.heard_at > REPEATED_WITHIN:
        return None
    if before.last_said in (None, *ONCE):
        return None
    return missed(scene, "asked the same again", "not-it")


def hear_questions(turn: Turn, scene: Scene) -> Answer | None:
    """What answers a question of ours: the one that the carrier names, else the one that we asked last, else any."""
    if named := named_by_carrier(turn, scene):
        return hear_one(turn, named, scene)
    asked = scene.conversation.asked
    since = [question for question in scene.questions if asked and question.asked_at > asked.asked_at]
    if asked and (since or answers_another(turn, asked, scene)) and scene.replies.yes_or_no(turn.text) is not None:
        return tell_apart(turn, asked, since, scene)
    if asked and (answer := hear_one(turn, asked, scene)):
        return answer if answer.conversation.asked is not asked else answer.asking(None)
    heard_by = [(each, answer) for each in scene.questions if (answer := hear_one(turn, each, scene))]
    spoken_of = [answer for each, answer in heard_by if destination.is_named(turn.text, each.about, scene)]
    if len(spoken_of) == 1:
        return spoken_of[0]
    if len(heard_by) > 1:
        return which_question(turn, [question for question, _ in heard_by], scene)
    return heard_by[0][1] if heard_by else None


def answers_another(turn: Turn, asked: Question, scene: Scene) -> bool:
    """Whether a yes may be to something else than what we asked for one to.

    We have said something else since, they wrote it before we asked, or the carrier says that it answers another one.
    """
    if asked.asks not in ASKED_BY:
        return False
    said_since = scene.conversation.last_said != ASKED_BY[asked.asks]
    named = None not in (turn.previous, asked.message) and turn.previous != asked.message
    return said_since or turn.at <= (asked.sent_at or asked.asked_at) or named


def named_by_carrier(turn: Turn, scene: Scene) -> Question | None:
    """The question that the carrier says they answer."""
    return next((each for each in scene.questions if each.message and each.message == turn.previous), None)


def hear_one(turn: Turn, question: Question, scene: Scene, *, freely: bool = False) -> Answer | None:
    """What the turn comes to as an answer to this question; None when it is none."""
    match question.asks:
        case destination.OFFERED:
            return destination.hear_offer(turn, question, scene)
        case destination.WHERE:
            return destination.hear_where(turn, question, scene, freely=freely)
        case destination.CONFIRM:
            return destination.hear_confirmation(turn, question, scene, freely=freely)
        case destination.WHICH:
            return destination.hear_which(turn, question, scene)
        case intents.WHICH_ITEM:
            return intents.hear_item(turn, scene) if freely else None
        case check_in.HOW_LIKED:
            return check_in.hear_liking(turn, question, scene)
        case _ if question.asks == MEANT_STOP:
            return hear_meant_stop(turn, question, scene)
        case _ if question.asks == WHICH_QUESTION:
            return hear_which_question(turn, question, scene)
    return None


def hear_meant_stop(turn: Turn, question: Question, scene: Scene) -> Answer | None:
    """Whether they meant STOP; a yes of much later is asked about again."""
    yes = scene.replies.yes_or_no(turn.text)
    if yes and not lasting(question, scene.now, scene.rules.yes_lasts):
        return tell_apart(turn, question, [], scene)
    if yes:
        return stop(turn, scene, "they meant STOP")
    return say(scene, "not-stopped", "they did not mean STOP").asking(None) if yes is False else None


def tell_apart(turn: Turn, asked: Question, since: list[Question], scene: Scene) -> Answer:
    """A yes or a no when we have asked something else since: what it was for is asked again."""
    delivery = scene.delivery(asked.about)
    because = "a yes or a no, but to which question?"
    if asked.asks == destination.CONFIRM and delivery and asked.place:
        return replace(destination.read_back(delivery, asked.place, scene), because=because)
    if asked.asks == MEANT_STOP:
        return say(scene, MEANT_STOP, because).asking(asked.model_copy(update={"asked_at": scene.now}))
    return which_question(turn, since, scene)


def subject(question: Question, scene: Scene) -> dict[str, JsonValue]:
    """What a question is about, as far as a sentence may say it."""
    delivery = scene.delivery(question.about)
    return {"asks": question.asks, "order": question.about, "item": delivery.item if delivery else None}


def which_question(turn: Turn, able: list[Question], scene: Scene) -> Answer:
    """Asks which of our questions they answer, and keeps what they said."""
    some = tuple(able[: destination.MOST_OPTIONS])
    question = Question(
        asks=WHICH_QUESTION,
        asked_at=scene.now,
        options=tuple(each.message or "" for each in some),
        reading=turn.text[:500],
    )
    subjects = [subject(each, scene) for each in able[: destination.MOST_OPTIONS]]
    return say(scene, "which-question", "it answers several questions", questions=subjects).asking(question)


def hear_which_question(turn: Turn, question: Question, scene: Scene) -> Answer | None:
    """Which of our questions they answered; then what they said, as an answer to it."""
    open_ = [each for each in scene.questions if each.message in question.options]
    names = [" ".join(str(value) for value in subject(each, scene).values() if value) for each in open_]
    chosen = scene.replies.choice(turn.text, names)
    if chosen is None:
        return None
    earlier = turn.model_copy(update={"text": question.reading or turn.text})
    clean = replace(scene, conversation=scene.conversation.model_copy(update={"asked": None}))
    return hear_one(earlier, open_[chosen], clean)


def hear_understood(turn: Turn, scene: Scene, understood: Understood) -> Answer:
    """What the chatbot's understanding comes to, in the light of what we asked."""
    named = named_by_carrier(turn, scene)
    asked = named or scene.conversation.asked
    low = understood.score is not None and understood.score < scene.rules.least_score
    lost = low or understood.intent in ("FallbackIntent", "OutOfScope")
    waits_for_item = asked is not None and asked.asks == intents.WHICH_ITEM
    doubtful = lost or (waits_for_item and (understood.score or 0) < intents.SURE)
    if asked and doubtful and (answer := hear_one(turn, asked, scene, freely=True)):
        return answer
    pending = asked or next(iter(scene.questions), None)
    if pending and pending.asks == check_in.HOW_LIKED and pending.journey:
        if understood.intent in ("Complaint", "ReturnsAndRefunds") and not low:
            return check_in.liked(Liking("unhappy", None), pending, scene)
        if lost and lasting(pending, scene.now, scene.rules.question_lasts):
            return check_in.unclear(pending, scene, "an answer to a check-in that we could not read")
    liking = scene.replies.liking(turn.text) if lost else None
    if liking and liking.feeling == "unhappy":
        return to_a_person(scene, "an unhappy text that we could not place", cause=Cause.UNHAPPY)
    if lost:
        name = "out-of-scope" if understood.intent == "OutOfScope" and not low else "not-understood"
        return missed(scene, f"understood as {understood.intent}" + (", hardly" if low else ""), name)
    return intents.by_intent(turn, scene, understood)
