"""What became of conversations: how many the bot answered alone, what took the others to a person, and how soon."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Final

from rapport.domain.conversation import Owner, Step, Turn
from rapport.domain.dialogue import Understood
from rapport.domain.sayings import ASKING, MISSES

QUIET: Final = timedelta(days=1)  # without a word from the customer, a conversation is over
STOPPED: Final = "stopped"
UNKNOWN: Final = "unknown"
ASKS_NOTHING: Final = frozenset({"Greeting", "Thanks", "NotHelpful", "OutOfScope", "FallbackIntent"})


class End(StrEnum):
    """What became of a conversation.

    CONTAINED was answered by the bot alone, and for good: who comes back on another day has something else to ask.
    PERSON had a person, or waits for one. RETURNED asked once more what we had answered, as the chatbot understood it.
    GIVEN_UP ends with a miss of ours, a question of ours that was not answered, or a turn that nothing came of.
    NOTHING_ASKED needed no answer: thanks, praise, a second STOP. An unhappy end is a person's: the bot keeps none.
    """

    CONTAINED = "contained"
    PERSON = "person"
    RETURNED = "returned"
    GIVEN_UP = "given-up"
    STOPPED = "stopped"
    NOTHING_ASKED = "nothing-asked"


@dataclass(frozen=True)
class Record:
    """All that is on record of one conversation: every turn and every step, in any order."""

    turns: tuple[Turn, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Measures:
    """Counts of conversations by end, of those not over yet, and of hand-overs by cause.

    `minutes` are those from a hand-over to the person's first word, by the clock on the wall. `unanswered` went back to
    the bot without one; `waiting` are all who wait for one now.
    """

    ends: Mapping[End, int]
    going_on: int
    causes: Mapping[str, int]
    minutes: tuple[float, ...]
    unanswered: int
    waiting: int

    @property
    def answerable(self) -> int:
        """The conversations that are over, and in which something was asked."""
        return sum(many for end, many in self.ends.items() if end is not End.NOTHING_ASKED)

    @property
    def contained(self) -> float | None:
        """The share of those that the bot answered alone."""
        return self.ends.get(End.CONTAINED, 0) / self.answerable if self.answerable else None

    @property
    def half_within(self) -> float | None:
        """The minutes within which half of those who were answered by a person had their answer."""
        return median(self.minutes) if self.minutes else None

    @property
    def most_within(self) -> float | None:
        """The minutes within which nine of ten had it."""
        return sorted(self.minutes)[ceil(len(self.minutes) * 0.9) - 1] if self.minutes else None


def measure(records: Iterable[Record], now: datetime, since: datetime | None = None) -> Measures:
    """The counts of all conversations, and of all hand-overs, that began at `since` or later."""
    all_ = [Record(record.turns, tuple(sorted(record.steps, key=lambda step: step.at))) for record in records]
    over, going_on = Counter[End](), 0
    for record in all_:
        for turns in conversations(record.turns):
            if since and turns[0].at < since:
                continue
            if now - turns[-1].at < QUIET:
                going_on += 1
            else:
                over[end_of(turns, record.steps)] += 1
    handed = [pair for record in all_ for pair in hand_overs(record.steps)]
    recent = [(step, next_) for step, next_ in handed if not since or step.at >= since]
    answered = [(step, next_) for step, next_ in recent if next_ and next_.to is Owner.HUMAN]
    return Measures(
        ends=over,
        going_on=going_on,
        causes=Counter(str(step.cause or UNKNOWN) for step, _ in recent),
        minutes=tuple((next_.at - step.at).total_seconds() / 60 for step, next_ in answered),
        unanswered=sum(next_ is not None and next_.to is Owner.BOT for _, next_ in recent),
        waiting=sum(next_ is None for _, next_ in handed),
    )


def conversations(turns: Iterable[Turn]) -> Iterator[list[Turn]]:
    """The turns by conversation: one is over when a day goes by without another turn."""
    ordered = sorted(turns, key=lambda turn: (turn.at, turn.id))
    breaks = [0, *(at for at in range(1, len(ordered)) if ordered[at].at - ordered[at - 1].at >= QUIET), len(ordered)]
    return (ordered[start:end] for start, end in pairwise(breaks) if start < end)


def hand_overs(steps: Sequence[Step]) -> Iterator[tuple[Step, Step | None]]:
    """Each step to a person, with the one after it, if there is one."""
    for at, step in enumerate(steps):
        if step.to is Owner.WAITING:
            yield step, steps[at + 1] if at + 1 < len(steps) else None


def end_of(turns: Sequence[Turn], steps: Sequence[Step]) -> End:
    """What became of a conversation that is over; of several ends, the one that is furthest from contained."""
    last = turns[-1]
    if had_a_person(turns, steps):
        return End.PERSON
    if any(STOPPED in turn.answers for turn in turns):
        return End.STOPPED
    if not last.handled or (last.answers and last.answers[-1] in MISSES | ASKING):
        return End.GIVEN_UP
    if not any(turn.answers for turn in turns):
        return End.NOTHING_ASKED
    return End.RETURNED if came_back(turns) else End.CONTAINED


def had_a_person(turns: Sequence[Turn], steps: Sequence[Step]) -> bool:
    """Whether a person had it, or was to have it, at any time from its first turn until it was over."""
    before = [step for step in steps if step.at < turns[0].at]
    within = [step for step in steps if turns[0].at <= step.at < turns[-1].at + QUIET]
    return any(step.to is not Owner.BOT for step in [*before[-1:], *within])


def came_back(turns: Sequence[Turn]) -> bool:
    """Whether something was asked again that we had answered."""
    answered: list[Asked] = []
    for turn in turns:
        asked = asked_in(turn)
        if asked and any(asked.again(each) for each in answered):
            return True
        if asked and turn.answers and turn.answers[-1] not in MISSES | ASKING:
            answered.append(asked)
    return False


@dataclass(frozen=True)
class Asked:
    """What the chatbot understood: the intent, and which order or item it is about, if it was said."""

    intent: str
    about: frozenset[tuple[str, str]]

    def again(self, before: "Asked") -> bool:
        """Whether it is the same question, or may be: of two other orders, it is not."""
        return self.intent == before.intent and (self.about == before.about or not (self.about and before.about))


def asked_in(turn: Turn) -> Asked | None:
    """What was asked, as far as the chatbot had to understand it."""
    understood = Understood.model_validate(turn.understood) if turn.understood else None
    if understood is None or understood.intent in ASKS_NOTHING:
        return None
    return Asked(understood.intent, frozenset((name, value.casefold()) for name, value in understood.slots.items()))
