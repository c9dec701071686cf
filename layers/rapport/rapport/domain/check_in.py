"""What customers answer when they are asked how they like it: thanked, counted, or with a person within minutes."""

from dataclasses import replace

from rapport.domain.conversation import Cause, Question, Turn
from rapport.domain.dialogue import Answer, Scene, Telling, lasting, say, silence, to_a_person
from rapport.domain.liking import Liking

HOW_LIKED = "how-are-you-liking-it"


def hear_liking(turn: Turn, question: Question, scene: Scene) -> Answer | None:
    """A reply to a check-in; None when it doesn't say how they like it, or comes too long after."""
    if not lasting(question, scene.now, scene.rules.question_lasts):
        return None
    liking = scene.replies.liking(turn.text)
    if liking is None and scene.replies.is_thanks(turn.text):
        return replace(silence(scene, "thanks for asking"), settled=(question,))
    return liked(liking, question, scene) if liking else None


def liked(liking: Liking, question: Question, scene: Scene) -> Answer:
    """Told to the journey that asked; an unhappy one goes to a person, and what is cheerful waits."""
    heard = silence(scene, f"{liking.feeling}, as they said")
    told = replace(heard, settled=(question,), tells=(reply(liking, question),))
    if liking.feeling == "unhappy":
        trouble, why = f"a complaint about {question.about}", "an unhappy answer to a check-in"
        return to_a_person(scene, why, cause=Cause.UNHAPPY, trouble=trouble, before=told)
    if liking.feeling == "neutral" or not listened_to(question, scene):
        thanks = say(scene, "thanks-for-telling", told.because)
        return replace(thanks, settled=told.settled, tells=told.tells)
    return told


def unclear(question: Question, scene: Scene, why: str) -> Answer:
    """An answer to a check-in that nobody could read: a person does, as the check-in promised."""
    told = replace(silence(scene, why), settled=(question,), tells=(reply(Liking("neutral", None), question),))
    return to_a_person(scene, why, cause=Cause.DOUBT, before=told)


def reply(liking: Liking, question: Question) -> Telling:
    """What the journey hears."""
    data = {"journey": question.journey or "", "about": question.about, "feeling": liking.feeling}
    return Telling("reply.received", data if liking.stars is None else {**data, "stars": liking.stars})


def listened_to(question: Question, scene: Scene) -> bool:
    """Whether the journey still listens, and thanks them itself."""
    return question.heard_until is not None and scene.now < question.heard_until
