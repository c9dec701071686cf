"""What texts may cost: whose numbers we text, what a text is billed as, and when a number has had enough."""

from typing import Any

import pytest
from pydantic import ValidationError

from rapport.domain.decision import Decision, decide
from rapport.domain.spending import Spending
from rapport.domain.words import Channel, Reason
from tests.domain.builders import NOON, a_policy, a_request, ada, email, phone

JAMAICA = phone("+18764567890", country="JM")
PREMIUM = phone("+19005550123", country=None)
LIMITS: dict[str, Any] = {"countries": ["FR", "GB"], "per_number": {"hour": 60, "day": 200}, "per_day": 20000}


def judge(*addresses: Any, **changes: Any) -> Decision:
    return decide(a_request(**changes), ada(addresses=addresses), {}, a_policy(), NOON)


# --- countries


def test_a_number_of_a_country_that_we_do_not_text_gives_way_to_email_and_says_why() -> None:
    decision = judge(JAMAICA, email())
    assert (decision.outcome, decision.channel) == ("send", Channel.EMAIL)
    assert (decision.candidates[0].reason, decision.candidates[0].con) == (
        Reason.OVER_BUDGET,
        "we don't text numbers of JM",
    )


def test_who_has_only_such_a_number_gets_nothing() -> None:
    decision = judge(JAMAICA)
    assert (decision.outcome, decision.reason) == ("skip", Reason.OVER_BUDGET)
    assert decision.because == "sms: we don't text numbers of JM; email: no address"


@pytest.mark.parametrize("purpose", ["transactional", "service", "reply", "notice"])
def test_a_premium_satellite_or_short_number_gets_no_text_whatever_it_says(purpose: str) -> None:
    decision = judge(PREMIUM, purpose=purpose, route=["sms"], address=PREMIUM.value, heard_at=NOON)
    assert (decision.outcome, decision.reason) == ("skip", Reason.OVER_BUDGET)
    assert decision.because == "sms: we text mobile numbers only, and this is no country's"


def test_of_two_numbers_the_one_is_texted_whose_country_we_text() -> None:
    decision = judge(JAMAICA, phone())
    assert (decision.outcome, decision.channel) == ("send", Channel.SMS)
    assert "second address, we don't text numbers of JM" in decision.because


def test_of_two_numbers_that_will_not_do_the_first_one_says_why() -> None:
    assert judge(phone(suppressed="opted out"), JAMAICA).reason is Reason.SUPPRESSED
    assert judge(JAMAICA, phone(suppressed="opted out")).reason is Reason.OVER_BUDGET


@pytest.mark.parametrize("code", ["us", "USA", "U", "", "44", "U\n"])
def test_a_country_is_two_capitals(code: str) -> None:
    with pytest.raises(ValidationError, match=r"countries\.0"):
        Spending.model_validate({**LIMITS, "countries": [code]})


# --- ceilings


def test_a_text_of_just_what_is_left_goes_out_and_of_one_more_does_not() -> None:
    ceilings = Spending.model_validate(LIMITS).per_number
    assert ceilings.broken(hour=57, day=57, more=3) is None
    assert ceilings.broken(hour=58, day=58, more=3) == (
        "58 segments to this number this hour and 3 more, the ceiling is 60"
    )
    assert ceilings.broken(hour=0, day=197, more=3) is None
    assert (
        ceilings.broken(hour=0, day=198, more=3) == "198 segments to this number today and 3 more, the ceiling is 200"
    )


def test_a_policy_without_ceilings_is_none() -> None:
    with pytest.raises(ValidationError, match="spending"):
        a_policy(spending=None)
    for missing in LIMITS:
        with pytest.raises(ValidationError, match=missing):
            a_policy(spending={name: value for name, value in LIMITS.items() if name != missing})


@pytest.mark.parametrize("wrong", [{"hour": 0}, {"day": 0}, {"hour": 201}])
def test_a_ceiling_that_could_not_be_meant_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="per_number"):
        Spending.model_validate({**LIMITS, "per_number": {"hour": 60, "day": 200, **wrong}})


@pytest.mark.parametrize(("per_day", "block"), [(1, 1), (999, 1), (2000, 2), (20000, 20), (25000, 25), (10**9, 25)])
def test_a_sender_takes_a_thousandth_of_the_day_at_once_and_not_too_many(per_day: int, block: int) -> None:
    assert Spending.model_validate({**LIMITS, "per_day": per_day}).block() == block
