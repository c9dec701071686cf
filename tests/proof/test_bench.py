"""What `make bench` makes of its measurements: a slowdown is named, noise isn't, and work left undone is no speed."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from proof.bench import __main__ as command
from proof.bench import billed_time, fan_out
from proof.bench.figures import Figure, read_record, table, what_got_worse, write_record
from proof.bench.orders import over_and_over
from proof.bench.stand_in import CARRIER, TABLE, Held
from proof.bench.waiting_messages import noon_zone, on_record
from rapport.adapters import audience, ledger
from rapport.adapters.events_table import EventsTable
from rapport.adapters.items import read_message
from rapport.domain.event import Event
from rapport.domain.words import Channel
from tests.adapters.sayings import SHIPPED

THEN = Figure("send_sms, billed", "ms", (9.0, 10.0, 10.5), aim=12)
RATE = Figure("deciding", "a second", (19_000, 20_000, 20_500), aim=18_000, rises=True)


def times(figure: Figure, factor: float) -> Figure:
    """The figure as it would be if everything took so many times as long."""
    by = 1 / factor if figure.rises else factor
    return Figure(figure.name, figure.unit, tuple(each * by for each in figure.rounds), figure.aim, figure.rises)


# --- noise and aims


def test_a_figure_is_the_median_of_its_rounds_and_its_noise_the_furthest_of_them() -> None:
    assert [THEN.value, THEN.noise] == pytest.approx([10.0, 0.1])


def test_rounds_that_happen_to_agree_are_not_taken_for_certainty() -> None:
    assert Figure("read", "items", (100, 100)).noise == 0.05


def test_an_aim_is_the_most_of_what_should_be_small_and_the_least_of_what_should_be_large() -> None:
    assert not THEN.missed
    assert not RATE.missed
    assert times(THEN, 1.3).missed
    assert times(RATE, 1.3).missed
    assert not Figure("planning", "a second", (1,)).missed


# --- what got worse


@pytest.mark.parametrize("then", [THEN, RATE], ids=["small is good", "large is good"])
def test_a_planted_slowdown_is_found_and_the_same_run_again_is_not_one(then: Figure) -> None:
    [worse] = what_got_worse([then], [times(then, 1.5)])
    assert (worse.then, worse.now.name) == (then, then.name)
    assert what_got_worse([then], [then]) == []


@pytest.mark.parametrize("then", [THEN, RATE], ids=["small is good", "large is good"])
@pytest.mark.parametrize("factor", [1.1, 0.5], ids=["within the noise", "faster"])
def test_what_noise_explains_or_got_faster_is_not_worse(then: Figure, factor: float) -> None:
    assert what_got_worse([then], [times(then, factor)]) == []


def test_of_two_runs_the_noise_of_both_counts() -> None:
    restless = Figure(THEN.name, "ms", (10.0, 13.0, 16.0))
    steady = Figure(THEN.name, "ms", (12.9, 13.0, 13.1))
    assert what_got_worse([THEN], [restless]) == []
    assert len(what_got_worse([THEN], [steady])) == 1


def test_what_was_not_measured_both_times_is_not_compared() -> None:
    assert what_got_worse([THEN], [RATE]) == []


# --- the record


def test_a_part_that_was_not_run_stays_on_record_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    write_record(file, [THEN, RATE], "then")
    write_record(file, [times(THEN, 2)], "now")
    assert read_record(file) == [times(THEN, 2), RATE]


def test_nothing_is_on_record_before_the_first_run(tmp_path: Path) -> None:
    assert read_record(tmp_path / "bench.json") == []


def test_the_table_says_value_noise_and_aim_of_each() -> None:
    _, *lines = table([THEN, times(RATE, 2)])
    assert [line.split() for line in lines] == [
        ["send_sms,", "billed", "10.0", "ms", "±10%", "<=", "12.0", "met"],
        ["deciding", "10,000", "a", "second", "±5%", ">=", "18,000", "missed"],
    ]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`python -m proof.bench` with one part, which measures what it is given."""
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "RECORD", tmp_path / "bench.json")

    def run(*figures: Figure, words: Iterable[str] = ()) -> int:
        monkeypatch.setattr(command, "PARTS", {"made-up": command.Part(lambda: list(figures))})
        monkeypatch.setattr("sys.argv", ["bench", *words])
        return command.main()

    return run


def test_a_check_fails_and_names_what_got_slower_then_and_now(
    bench: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(THEN, RATE) == 0
    assert bench(THEN, RATE, words=["--check"]) == 0
    assert bench(times(THEN, 2), RATE, words=["--check"]) == 1
    assert "slower: send_sms, billed: 10.0 ms then, 20.0 ms now (noise 10% then, 10% now)" in capsys.readouterr().out


def test_a_check_that_failed_fails_again_until_the_slower_run_is_put_on_record(bench: Callable[..., int]) -> None:
    bench(THEN)
    slower = times(THEN, 2)
    assert [bench(slower, words=["--check"]), bench(slower, words=["--check"])] == [1, 1]
    assert [bench(slower), bench(slower, words=["--check"])] == [0, 0]


def test_a_check_says_of_what_it_could_not_tell(bench: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    bench(THEN, RATE)
    bench(Figure(THEN.name, "ms", (10.0, 10.0, 17.0)), RATE, words=["--check"])
    said = capsys.readouterr().out
    assert "too restless to tell: send_sms, billed (noise 70%)" in said
    assert "too restless to tell: deciding" not in said


def test_a_check_without_a_record_fails(bench: Callable[..., int]) -> None:
    assert bench(THEN, words=["--check"]) == 1


def test_a_part_that_is_not_there_is_an_error(bench: Callable[..., int]) -> None:
    with pytest.raises(SystemExit):
        bench(THEN, words=["no-such-part"])


# --- work left undone


class Asked:
    """A stand-in that was asked so often."""

    def __init__(self, *totals: dict[str, int]) -> None:
        self.totals = iter(totals)

    def asked(self) -> Counter[str]:
        """The next total."""
        return Counter(next(self.totals))


def nothing_failed(event: dict[str, Any], context: Any) -> Any:
    """A handler that is very quick."""
    return {"batchItemFailures": []}


def test_a_sender_that_leaves_a_message_out_is_not_fast() -> None:
    stand_in: Any = Asked({"carrier": 10}, {"carrier": 19})
    with pytest.raises(billed_time.UnsentError, match="9 of 10 messages"):
        billed_time.compare(Channel.SMS, 10, 1, stand_in, (nothing_failed, nothing_failed, nothing_failed))


def test_a_batch_of_which_a_record_comes_back_is_not_timed() -> None:
    with pytest.raises(billed_time.UnsentError, match="1 of 10 records"):
        billed_time.billed(lambda event, context: {"batchItemFailures": [{"itemIdentifier": "r-1"}]}, 10)


def test_billed_time_is_shared_by_the_batch_and_compared_round_by_round() -> None:
    taken = {
        "ours": [billed_time.Billed(0.1, 0.04), billed_time.Billed(0.2, 0.05)],
        "powertools": [billed_time.Billed(0.5, 0.02), billed_time.Billed(2.0, 0.02)],
        "bare": [billed_time.Billed(0.5, 0.01), billed_time.Billed(0.4, 0.01)],
    }
    figures = {figure.name: figure.rounds for figure in billed_time.figures_of("send_sms", 10, taken, chain=0.065)}
    assert figures == {
        "send_sms: billed": pytest.approx((10, 20)),
        "send_sms: of Powertools' sequential batch": pytest.approx((0.2, 0.1)),
        "send_sms: of a bare loop of calls": pytest.approx((0.2, 0.5)),
        "send_sms: of a message's calls, 65 ms": pytest.approx((0.1 / 0.065, 0.2 / 0.065)),
        "send_sms: of the carrier's call, 50 ms": pytest.approx((2, 4)),
        "send_sms: the processor's time": pytest.approx((4, 5)),
        "send_sms: the processor's time, of a bare call's": pytest.approx((4, 5)),
    }


def test_a_customer_who_is_not_told_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    put_all = EventsTable.put_all

    def forgets_one(table: EventsTable, events: Iterable[Event], now: datetime) -> None:
        put_all(table, list(events)[-99:], now)

    fan_out.tell_all(fan_out.Tables(150), SHIPPED)
    monkeypatch.setattr(EventsTable, "put_all", forgets_one)
    with pytest.raises(fan_out.UntoldError, match="of 150 customers 149"):
        fan_out.tell_all(fan_out.Tables(150), SHIPPED)


def test_a_query_that_reads_more_than_a_page_is_seen() -> None:
    tables = fan_out.Tables(150)
    fan_out.tell_all(tables, SHIPPED)
    assert max(tables.pages) == 100
    with patch.object(ledger, "FULL_PAGE", 1000), patch.object(audience, "FULL_PAGE", 1000):
        greedy = fan_out.Tables(150)
        fan_out.tell_all(greedy, SHIPPED)
    assert max(greedy.pages) == 150


# --- what is measured on


def test_the_stand_in_answers_carriers_slowly_tables_quickly_and_nobody_else_at_all() -> None:
    held = Held()
    held.items = {("c-0", "PROFILE"): {"pk": {"S": "c-0"}}}
    head = b"POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.GetItem"
    key = b'{"TableName": "ledger", "Key": {"pk": {"S": "c-0"}, "sk": {"S": "PROFILE"}}}'
    assert held.answer(head, key) == (TABLE, b'{"Item": {"pk": {"S": "c-0"}}}')
    assert held.answer(b"POST / HTTP/1.1", b"Action=Publish&Message=hi")[0] == CARRIER
    assert held.answer(b"POST /v2/email/outbound-emails HTTP/1.1", b"{}")[0] == CARRIER
    assert held.asked == {"table": 1, "carrier": 2}
    with pytest.raises(KeyError):
        held.answer(b"POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.Scan", b"{}")


@pytest.mark.parametrize("hour", range(24))
def test_it_is_noon_for_whom_a_message_waits(hour: int) -> None:
    now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(noon_zone(now))).hour == 12
    _, _, message, _ = on_record(Channel.SMS, 1, now)
    assert read_message(message).expires_at - now == timedelta(hours=6)


def test_the_shop_s_orders_come_again_as_those_of_other_people() -> None:
    orders = over_and_over()
    seen = Counter(next(orders)["order_id"] for _ in range(60))
    assert max(seen.values()) == 1
