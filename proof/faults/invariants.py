"""What must hold whatever befell, over one run that has come to rest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from proof.faults import rules_of_planning, rules_of_sending, rules_of_talk
from proof.faults.books import Books
from proof.faults.rules_of_sending import Found

RULES: Final[dict[str, Callable[[Books], Found]]] = {
    check.__name__: check
    for check in (
        rules_of_planning.every_event_is_on_record,
        rules_of_planning.nothing_is_stuck,
        rules_of_planning.every_text_is_heard,
        rules_of_planning.everyone_who_asked_hears,
        rules_of_planning.only_with_consent,
        rules_of_planning.within_the_caps,
        rules_of_planning.not_after_its_time,
        rules_of_planning.scheduled_once,
        rules_of_sending.at_most_once,
        rules_of_sending.claimed_before_it_is_sent,
        rules_of_sending.sent_means_accepted,
        rules_of_sending.accepted_is_never_unsent,
        rules_of_sending.ends_for_a_cause,
        rules_of_sending.never_down_the_ladder,
        rules_of_sending.doubts_have_a_cause,
        rules_of_sending.every_doubt_is_on_record,
        rules_of_sending.not_to_a_closed_address,
        rules_of_sending.within_the_ceilings,
        rules_of_talk.the_bot_is_silent_while_a_person_has_it,
        rules_of_talk.nothing_moves_without_a_yes,
        rules_of_talk.people_are_told,
    )
}


class Violation(NamedTuple):
    """A rule that was broken, by which message, event or customer, and how."""

    rule: str
    about: str
    how: str


@dataclass
class Judgement:
    """What was found."""

    messages: int
    doubts: int
    doubles: int
    violations: list[Violation] = field(default_factory=list)


def judge(books: Books) -> Judgement:
    """All rules."""
    told = books.told.values()
    return Judgement(
        messages=len(books.told),
        doubts=sum(each.message.doubts for each in told),
        doubles=sum(len(each.taken()) > 1 for each in told),
        violations=[Violation(rule, *found) for rule, check in RULES.items() for found in check(books)],
    )
