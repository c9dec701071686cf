"""Days under faults: no rule is broken, the same plan is the same run, and a plan that fails is made short."""

from dataclasses import replace

import pytest

from proof.faults import __main__ as command
from proof.faults import pure_rules
from proof.faults.coverage import Coverage, Witness, strike
from proof.faults.faults import Fault, Faults, Kind, Site
from proof.faults.play import Plan, play
from proof.faults.shrinking import shortest

PUBLISH = Site("send_sms", "SNS.Publish")
LOST = Fault(PUBLISH, 3, Kind.REPLY_LOST)


def test_a_day_under_faults_breaks_no_rule() -> None:
    outcome = play(Plan("stopped", seed=1, rate=0.05))
    assert len(outcome.befell) > 10
    assert outcome.violations == ()


def test_a_day_is_played_again_from_the_list_of_its_faults() -> None:
    plan = Plan("offered", seed=2, rate=0.05, interleaved=True, mischief=True)
    first = play(plan)
    again = play(replace(plan, rate=0.0, faults=first.befell))
    assert len(first.befell) > 10
    assert first.violations == ()
    assert again.befell == first.befell
    assert again.history == first.history


def test_what_is_said_of_a_run_shows_the_fault_and_what_came_of_it() -> None:
    outcome = play(Plan("shipped", faults=(LOST,)))
    lost = next(place for place, line in enumerate(outcome.history) if str(LOST) in line)
    assert "no answer" in outcome.history[lost + 1]
    assert "doubts=1" in outcome.history[lost + 2]
    assert (outcome.doubts, outcome.violations) == (1, ())


def test_the_pure_runs_break_no_rule_and_do_meet_doubts_and_doubles() -> None:
    counted = pure_rules.run(range(400), 0.1)
    assert counted.messages == 2000
    assert counted.violations == []
    assert counted.doubts > 50
    assert counted.doubles > 0


def test_a_pair_of_call_and_fault_is_struck_where_the_call_is_made() -> None:
    coverage = Coverage()
    pair = PUBLISH, Kind.KILLED_AFTER
    for outcome in strike((pair, Witness(Plan("shipped"), calls=10))):
        coverage.add(outcome)
    assert pair in coverage.pairs()
    assert pair not in coverage.missing()
    assert (PUBLISH, Kind.KILLED_BEFORE) in coverage.missing()


def test_of_many_faults_those_are_kept_that_a_failure_needs_and_nothing_else_of_the_plan() -> None:
    many = tuple(Fault(PUBLISH, nth, Kind.THROTTLED) for nth in range(1, 30))
    needed = {many[6], many[22]}
    plan = Plan("shipped", seed=5, rate=0.2, interleaved=True, mischief=True)
    found = shortest(plan, many, lambda tried: needed <= set(tried.faults) and tried.mischief)
    assert set(found.faults) == needed
    assert len(found.faults) == 2
    assert found == Plan("shipped", faults=found.faults, mischief=True)


def test_a_plan_that_fails_by_its_seed_alone_stays_as_it_is() -> None:
    plan = Plan("shipped", seed=5, rate=0.2)
    assert shortest(plan, (LOST,), lambda tried: bool(tried.rate)) == plan


def test_a_failure_without_any_fault_needs_none() -> None:
    assert shortest(Plan("shipped", rate=0.2), (LOST,), lambda tried: True) == Plan("shipped")


@pytest.mark.parametrize("kind", Kind)
def test_a_fault_is_read_as_it_is_written(kind: Kind) -> None:
    fault = Fault(Site("serve_desk", "Secrets Manager.GetSecretValue"), 12, kind, 61)
    assert Fault.read(str(fault)) == fault


@pytest.mark.parametrize("text", ["", "send_sms/SNS.Publish/1/lost/0", "send_sms/SNS.Publish/one/throttled/0", "a/b/1"])
def test_what_is_no_fault_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Fault.read(text)


def test_the_same_seed_strikes_the_same_calls_and_another_others() -> None:
    def struck(seed: int) -> list[Fault]:
        faults = Faults(rate=0.2, seed=seed)
        for _ in range(200):
            faults.next(PUBLISH, others_may_move=True)
        return faults.befell

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--day", "shipped", "--fault", "nonsense"], "'nonsense': expected a fault such as send_sms/SNS.Publish/1"),
        (["--plant", "a time-out means faild"], "did you mean 'a time-out means failed'?"),
        (["--plant", "xyz"], "no mistake is called so"),
        (["--day", "tuesday"], "invalid choice: 'tuesday'"),
    ],
)
def test_what_cannot_be_played_is_told(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(given)
    assert said in capsys.readouterr().err
