"""Logs tell what went wrong and where, and never what a customer wrote."""

import io
import json
from typing import Any

import pytest

from rapport.adapters import telemetry

SECRET = "my secret text"  # what a customer wrote


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the logger prints."""
    stream = io.StringIO()
    for handler in telemetry.logger.handlers:
        monkeypatch.setattr(handler, "stream", stream)
    return stream


def fail(secret: str) -> None:
    raise ValueError(secret, {"address": secret})


def logged(printed: io.StringIO, error: BaseException) -> dict[str, Any]:
    telemetry.log_failure("record failed", error)
    line: dict[str, Any] = json.loads(printed.getvalue())
    return line


def test_a_failure_is_logged_by_its_type_and_place_and_never_its_text(printed: io.StringIO) -> None:
    with pytest.raises(ValueError, match=SECRET) as caught:
        fail(SECRET)
    line = logged(printed, caught.value)
    assert (line["level"], line["message"], line["error"]) == ("ERROR", "record failed", "ValueError")
    place = f"test_telemetry.py:{fail.__code__.co_firstlineno + 1} in fail"
    assert line["place"] == place
    assert SECRET not in printed.getvalue()


def test_neither_is_the_text_of_what_it_came_of(printed: io.StringIO) -> None:
    def wrapped() -> None:
        try:
            fail(SECRET)
        except ValueError as error:
            raise RuntimeError(f"again: {SECRET}") from error

    with pytest.raises(RuntimeError) as caught:
        wrapped()
    assert logged(printed, caught.value)["error"] == "RuntimeError"
    assert SECRET not in printed.getvalue()
    assert "ValueError" not in printed.getvalue()


def test_a_line_leaves_out_what_is_not_known_and_what_its_log_group_says(printed: io.StringIO) -> None:
    telemetry.logger.info("sent", message_id="m-1", reason=None)
    line = json.loads(printed.getvalue())
    assert {name: line[name] for name in ("level", "message", "message_id")} == {
        "level": "INFO",
        "message": "sent",
        "message_id": "m-1",
    }
    assert set(line) <= {"level", "message", "message_id", "timestamp", "function_request_id", "xray_trace_id"}


def test_counting_adds_up_under_the_names_that_alarms_go_by(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.metrics.clear_metrics()
    telemetry.count("SentMessages")
    telemetry.count("SentMessages", 2)
    telemetry.metrics.flush_metrics()
    line = json.loads(capsys.readouterr().out)
    assert sum(line["SentMessages"]) == 3
    assert line["service"] == "rapport"
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Rapport"
