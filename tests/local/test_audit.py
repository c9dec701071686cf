"""The audit finds each thing that must never happen, when it does: a count of zero means something."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from local.audit import Audit, audit
from local.template import ROOT
from rapport.adapters.content import Content
from rapport.domain.message import Message, Status
from tests.domain.builders import a_message

JOURNEYS = Content(Path(ROOT / "layers" / "content")).journeys
ZONES = {"ada": ("Europe/Paris",)}


def happened(id_: str, kind: str, at: str, **data: Any) -> dict[str, Any]:
    return {"id": id_, "type": kind, "customer": "ada", "at": f"2026-11-{at}+00:00", "data": data}


SCHEDULED = happened("e-1", "delivery.scheduled", "23T09:00", order="42")
REFUSED = happened("e-2", "consent.withdrawn", "23T10:00", channel="sms")
DONE = happened("e-3", "delivery.completed", "23T11:00", order="42")


def reminder(at: str, **changes: Any) -> Message:
    sent_at = datetime.fromisoformat(f"2026-11-{at}+00:00")
    told = {"journey": "delivery-reminder", "about": "42", "entry": "e-1", "status": Status.SENT, "sent_at": sent_at}
    return a_message(**{**told, **changes})


def judged(events: list[dict[str, Any]], *messages: Message, known: bool = True) -> Audit:
    outcomes = {(event["customer"], event["id"]) for event in events if known}
    return audit(events, messages, ZONES, JOURNEYS, outcomes)


def test_a_message_in_the_daytime_before_anything_spoke_against_it_is_fine() -> None:
    found = judged([SCHEDULED, REFUSED, DONE], reminder("23T09:30"))
    assert found == Audit()
    assert found.clean()


@pytest.mark.parametrize(
    ("events", "messages", "what"),
    [
        ([SCHEDULED], [reminder("23T22:00")], "at_night"),
        ([SCHEDULED], [reminder("23T06:30")], "at_night"),
        ([SCHEDULED, REFUSED], [reminder("23T10:30")], "without_consent"),
        ([SCHEDULED], [reminder("23T10:30", purpose="promotional")], "without_consent"),
        ([SCHEDULED, DONE], [reminder("23T11:30")], "after_exit"),
        ([SCHEDULED], [reminder("23T10:30", id="m-1"), reminder("23T10:31", id="m-2")], "twice"),
    ],
)
def test_each_thing_that_must_never_happen_is_found(
    events: list[dict[str, Any]], messages: list[Message], what: str
) -> None:
    found = judged(events, *messages)
    assert [name for name in vars(found) if getattr(found, name)] == [what]
    assert not found.clean()


def test_an_event_without_an_outcome_is_found() -> None:
    assert judged([SCHEDULED, DONE], known=False).without_outcome == ["e-1", "e-3"]
