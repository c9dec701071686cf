"""What a text means where the conversation stands: an answer, another wish, or nothing that is understood."""

from local.lex import slots
from local.lex.bot import Intent
from local.lex.builtin import reply
from local.lex.session import Question, Wish
from local.lex.turn import Turn
from local.lex.understanding import Guess, Understanding

SURE = 0.7  # what another intent must reach to break in on a question


def read(turn: Turn, understanding: Understanding) -> None:
    """Sets the turn's wish, its slots, and whether the question was missed."""
    eligible = [intent.name for intent in turn.locale.intents if within_reach(turn, intent)]
    turn.guesses = understanding.guesses(turn.text, eligible)
    turn.interpretations = interpretations(turn)
    question = turn.session.question
    if question is None or turn.session.wish is None:
        begin(turn, turn.guesses[0] if turn.guesses else None)
    elif question.kind == "ElicitSlot":
        answer_slot(turn, turn.session.wish, question)
    else:
        answer_confirmation(turn, turn.session.wish)


def within_reach(turn: Turn, intent: Intent) -> bool:
    """Whether every context that the intent asks for is active."""
    active = {context.name for context in turn.session.contexts}
    return intent is not turn.locale.fallback and {context.name for context in intent.input_contexts} <= active


def interpretations(turn: Turn) -> list[tuple[Wish, float | None]]:
    """The four likeliest, and the fallback where the threshold is: first, when nothing reaches it."""
    found: list[tuple[Wish, float | None]] = []
    for guess in turn.guesses[:4]:
        intent = turn.locale.intent(guess.intent)
        if intent:
            found.append((wish_for(turn, intent), guess.score))
    above = sum(1 for _, score in found if score is not None and score >= turn.locale.threshold)
    found.insert(above, (Wish.fresh(turn.locale.fallback), None))
    return found


def wish_for(turn: Turn, intent: Intent) -> Wish:
    """The intent, with the values that the text has for it."""
    wish = Wish.fresh(intent)
    for name, found in slots.in_text(turn.locale, intent, turn.text, turn.now.date()).items():
        wish.slots[name] = found.as_slot()
    return wish


def begin(turn: Turn, guess: Guess | None) -> None:
    """A new wish, or the fallback when no intent is likely enough."""
    intent = turn.locale.intent(guess.intent) if guess and guess.score >= turn.locale.threshold else None
    if guess is None or intent is None:
        turn.trace.reading = "not understood"
        turn.begin(Wish.fresh(turn.locale.fallback), None)
        return
    turn.trace.reading = "understood"
    turn.begin(wish_for(turn, intent), guess.score)
    turn.messages += intent.initial.initial_response.messages(turn.session.turns)


def breaks_in(turn: Turn, wish: Wish) -> bool:
    """Whether the text is surely about another intent than the one that the question belongs to."""
    best = turn.guesses[0] if turn.guesses else None
    bar = max(SURE, turn.locale.threshold)
    return best is not None and best.intent != wish.intent.name and best.score >= bar


def stay(turn: Turn, wish: Wish, question: Question, reading: str) -> None:
    """The wish goes on; the answer to a question is sure of its intent."""
    turn.begin(wish, 1.0)
    turn.session.question = question
    turn.trace.reading = reading


def answer_slot(turn: Turn, wish: Wish, question: Question) -> None:
    """A value for the slot that was asked for; values for others in the same words are taken too."""
    slot = wish.intent.slot(question.slot or "")
    found = slots.answer(turn.locale, slot, turn.text, turn.now.date())
    if (found is None or not found.sure) and breaks_in(turn, wish):
        begin(turn, turn.guesses[0])
        return
    stay(turn, wish, question, "missed" if found is None else "answered")
    if found is None:
        turn.missed = True
        return
    for name, other in slots.in_text(turn.locale, wish.intent, turn.text, turn.now.date()).items():
        apart = other.end <= found.start or found.end <= other.start
        if other.sure and found.sure and apart and wish.missing(name):
            wish.slots[name] = other.as_slot()
    wish.slots[slot.name] = found.as_slot()
    wish.confirmation = "None"


def answer_confirmation(turn: Turn, wish: Wish) -> None:
    """Yes or no; or another value, which is then asked about anew; or another wish."""
    question = turn.session.question or Question("ConfirmIntent")
    said = reply(turn.text, turn.locale.language)
    found = slots.in_text(turn.locale, wish.intent, turn.text, turn.now.date())
    new = {
        name: each
        for name, each in found.items()
        if each.sure and each.interpreted.lower() != str(wish.value(name)).lower()
    }
    if said in ("Yes", "No") and not new:
        stay(turn, wish, question, "confirmed" if said == "Yes" else "denied")
        wish.confirmation = "Confirmed" if said == "Yes" else "Denied"
    elif new and not breaks_in(turn, wish):
        stay(turn, wish, question, "corrected")
        wish.slots |= {name: each.as_slot() for name, each in new.items()}
        wish.confirmation = "None"
    elif breaks_in(turn, wish):
        begin(turn, turn.guesses[0])
    else:
        stay(turn, wish, question, "missed")
        turn.missed = True
