"""The company's rules: complete, and nothing in them that is not understood."""

from typing import Any

import pytest
from pydantic import ValidationError

from rapport.domain.policy import Policy
from rapport.domain.words import Purpose
from tests.domain.builders import DAY, a_policy, rule

WEEKLY = {"purposes": ["promotional", "check-in"], "at_most": 2, "every": "1 week"}
DAILY = {"purposes": ["service"], "at_most": 6, "every": "1 day"}


def test_every_purpose_needs_its_rules() -> None:
    with pytest.raises(ValidationError, match="expected rules for every purpose; missing: check-in, promotional"):
        a_policy(purposes={"transactional": rule(), "service": rule()})


@pytest.mark.parametrize(
    ("key", "value"),
    [("consent", "maybe"), ("quiet_hours", "shout"), ("on_doubt", "send"), ("expires", "soon"), ("volume", "loud")],
)
def test_a_rule_that_nobody_would_follow_is_refused_by_its_place(key: str, value: str) -> None:
    purposes = {purpose: rule() for purpose in Purpose}
    with pytest.raises(ValidationError, match=rf"purposes\.service\.{key}"):
        a_policy(purposes={**purposes, "service": rule(**{key: value})})


@pytest.mark.parametrize("wrong", [{"purposes": []}, {"at_most": 0}, {"at_most": 51}, {"every": "often"}])
def test_a_cap_that_could_not_be_kept_is_refused(wrong: dict[str, Any]) -> None:
    a_policy(caps=[WEEKLY])
    with pytest.raises(ValidationError, match=rf"caps\.0\.{next(iter(wrong))}"):
        a_policy(caps=[{**WEEKLY, **wrong}])


def test_what_was_said_is_remembered_for_as_long_as_the_longest_cap() -> None:
    assert a_policy(caps=[DAILY, WEEKLY]).longest_cap() == 7 * DAY
    assert a_policy(caps=[]).longest_cap() == 0 * DAY


def test_a_purpose_is_capped_when_any_cap_counts_it() -> None:
    policy = a_policy(caps=[DAILY, WEEKLY])
    assert {purpose for purpose in Purpose if policy.capped(purpose)} == {
        Purpose.SERVICE,
        Purpose.CHECK_IN,
        Purpose.PROMOTIONAL,
    }


def test_a_policy_reads_back_what_it_writes() -> None:
    policy = a_policy(caps=[DAILY, WEEKLY])
    assert Policy.model_validate_json(policy.model_dump_json()) == policy
