"""A journey as it is written: what can be said in it, what can't, and the places at which a run can stand."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from rapport.domain.journey import Branch, Journey, Listen, Place, Send, Until
from tests.domain.builders import SEND, a_journey

THANKS = {"send": {"template": "thank-you", "route": ["sms"]}}


def labels(*steps: Any) -> list[str]:
    return [place.label for place in a_journey(*steps).places]


def path(journey: Journey, passes: bool = True, heard: bool = True) -> list[str]:
    """The labels that a run comes by when every branch and every listener ends this way."""
    index, seen = 0, []
    while True:
        place = journey.places[index]
        seen.append(place.label.split(" #")[0])
        if place.step is None and place.jump is None:
            return seen
        index = place.jump if leaves(place, passes, heard) else index + 1  # type: ignore[assignment]


def leaves(place: Place, passes: bool, heard: bool) -> bool:
    if isinstance(place.step, Branch):
        return not passes
    if isinstance(place.step, Listen):
        return not heard
    return place.step is None


def test_steps_are_places_in_their_order_and_the_last_is_an_end() -> None:
    wait = {"wait": {"until": "event.data.due_at", "days": -1, "at": "17:00"}}
    assert labels({"wait": "3 days"}, wait, SEND) == [
        "wait 3 days",
        "wait until event.data.due_at -1 days at 17:00",
        "send reminder",
        "end",
    ]


def test_places_that_would_be_called_the_same_are_told_apart() -> None:
    assert labels(SEND, {"wait": "1 day"}, SEND, {"wait": "24 hours"})[:4] == [
        "send reminder",
        "wait 1 day",
        "send reminder #2",
        "wait 1 day #2",
    ]


def test_a_branch_takes_one_way_or_the_other_and_both_go_on() -> None:
    branch = {"branch": {"if": "heard.data.feeling", "is": "happy", "then": [THANKS], "otherwise": [SEND]}}
    journey = a_journey(branch, {"wait": "1 day"})
    test = "branch if heard.data.feeling"
    assert path(journey, passes=True) == [test, "send thank-you", "go on", "wait 1 day", "end"]
    assert path(journey, passes=False) == [test, "send reminder", "wait 1 day", "end"]


@pytest.mark.parametrize(
    ("otherwise", "unheard"),
    [
        ("end", ["wait for reply", "end"]),
        ("go on", ["wait for reply", "send thank-you", "end"]),
        ([SEND], ["wait for reply", "send reminder", "send thank-you", "end"]),
        ([SEND, "end"], ["wait for reply", "send reminder", "end"]),
    ],
)
def test_a_listener_goes_on_when_it_hears_and_does_otherwise_when_it_does_not(
    otherwise: Any, unheard: list[str]
) -> None:
    journey = a_journey({"wait": {"for": "reply", "up_to": "3 days", "otherwise": otherwise}}, THANKS)
    assert path(journey) == ["wait for reply", "go on", "send thank-you", "end"]
    assert path(journey, heard=False) == unheard


def test_a_journey_knows_all_that_it_may_send_however_deep_it_is_nested() -> None:
    inner = {"branch": {"if": "heard.stars", "at_least": 4, "then": [THANKS]}}
    listen = {"wait": {"for": "reply", "up_to": "1 day", "otherwise": [SEND]}}
    journey = a_journey(SEND, {"branch": {"if": "customer.name", "known": True, "otherwise": [listen, inner]}})
    assert [send.template for send in journey.sends()] == ["reminder", "reminder", "thank-you"]


@pytest.mark.parametrize(
    ("test", "passing", "failing"),
    [
        ({"is": "happy"}, ["happy"], ["sad", None, ["happy"]]),
        ({"is": None}, [None], ["happy", 0]),
        ({"one_of": ["happy", 5]}, ["happy", 5], ["sad", None, "5"]),
        ({"one_of": []}, [], ["happy", None]),
        ({"at_least": 4}, [4, 4.5, 5], [3.9, "5", None]),
        ({"known": True}, ["anything", 0, False], [None]),
        ({"known": False}, [None], ["anything", 0, False]),
    ],
)
def test_a_branch_has_one_test(test: dict[str, Any], passing: list[Any], failing: list[Any]) -> None:
    branch = Branch.model_validate({"if": "heard.data.feeling", **test})
    assert all(branch.passes(value) for value in passing)
    assert not any(branch.passes(value) for value in failing)


@pytest.mark.parametrize("test", [{}, {"is": "happy", "known": True}, {"one_of": ["a"], "at_least": 1}])
def test_a_branch_with_no_test_or_several_is_refused(test: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="expected exactly one of: is, one_of, at_least, known"):
        Branch.model_validate({"if": "heard.data.feeling", **test})


@pytest.mark.parametrize(
    "step",
    [
        {"shout": "loud"},
        "stop",
        {"wait": "soon"},
        {"wait": {"days": 0}},
        {"wait": {"at": "17:00"}},
        {"wait": {"until": "due_at"}},
        {"wait": {"days": 1, "at": 1020}},
        {"wait": {"for": "reply"}},
        {"wait": {"for": "Reply", "up_to": "1 day"}},
        {"send": {"template": "reminder", "route": []}},
        {"send": {"template": "../secret", "route": ["sms"]}},
        {"send": {"template": "reminder", "route": ["pigeon"]}},
        {"send": {"template": "reminder", "route": ["sms"], "expires": "never"}},
        {"send": {"template": "reminder", "route": ["sms"], "when": "now"}},
        {"branch": {"if": "feeling", "is": "happy"}},
    ],
)
def test_a_step_that_nobody_could_take_is_refused_by_its_number(step: Any) -> None:
    with pytest.raises(ValidationError, match=r"steps\.1"):
        a_journey(SEND, step)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("journey", "Delivery Reminder"),
        ("enter", []),
        ("enter", "delivery"),
        ("about", "customer.id"),
        ("purpose", "nagging"),
        ("steps", []),
        ("exits", ["delivery.completed"]),
    ],
)
def test_a_journey_with_a_mistake_is_refused_by_its_place(key: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=key):
        a_journey(**{"steps": [SEND], key: value})


def test_one_event_may_stand_for_a_list_of_one() -> None:
    journey = a_journey(SEND, enter="stock.back", exit="stock.gone")
    assert (journey.enter, journey.exit) == (("stock.back",), ("stock.gone",))


def test_a_message_expires_after_a_span_or_at_a_time_that_the_event_names() -> None:
    sends = [{"send": {**SEND["send"], "expires": expires}} for expires in ("2 hours", "event.data.due_at")]
    assert [send.expires for send in a_journey(*sends).sends()] == [timedelta(hours=2), "event.data.due_at"]


def test_a_journey_reads_back_what_it_writes() -> None:
    listen = {"wait": {"for": "reply", "up_to": "3 days", "otherwise": [SEND, "end"]}}
    journey = a_journey({"wait": {"days": 6, "at": "11:00"}}, listen, {"wait": "1 day"}, THANKS)
    again = Journey.model_validate_json(journey.model_dump_json(by_alias=True))
    assert again.places == journey.places
    assert isinstance(again.places[0].step, Until)
    assert isinstance(again.places[1].step, Listen)
    assert isinstance(again.places[-2].step, Send)
