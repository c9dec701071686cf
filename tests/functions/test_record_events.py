"""record_events: the intake queue's messages become items of the Events table, once each."""

import json
from typing import Any

import pytest

from local.world import World
from tests.functions.on_record import counted, events, failed, payload, queued, wake
from tests.functions.trouble import Trouble

SCHEDULED = "order-1042-scheduled"
FROM_THE_BUS = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
GOOD: dict[str, Any] = {
    "id": "good",
    "type": "delivery.failed",
    "customer": "c-ana",
    "at": "2026-11-23T09:00:00+00:00",
    "data": {"order": "7", "note": "Quillfeather was out"},
}
OTHER: dict[str, Any] = {**GOOD, "id": "other"}


def test_a_message_and_an_event_from_the_bus_are_put_into_the_events_table(world: World) -> None:
    assert failed(wake(world, "record_events")) == []
    there = events(world)
    body = json.loads(payload("record_events")["Records"][0]["body"])
    in_thirty_days = int(world.now.timestamp()) + 30 * 24 * 3600
    assert there[SCHEDULED] == {**body, "at": "2026-11-23T09:00:00Z", "expires": in_thirty_days}
    assert (there[FROM_THE_BUS]["type"], there[FROM_THE_BUS]["customer"]) == ("delivery.completed", "c-ana")
    assert there[FROM_THE_BUS]["at"] == "2026-11-23T12:00:00Z"
    assert there[FROM_THE_BUS]["data"] == {"order": "1041", "item": "kettle"}
    assert set(there) == {SCHEDULED, FROM_THE_BUS}


def test_the_same_messages_again_change_nothing_and_do_not_come_back(world: World) -> None:
    wake(world, "record_events")
    before = events(world)
    world.clock.shift(3600)
    assert failed(wake(world, "record_events")) == []
    assert events(world) == before
    assert sum('"known already"' in line for line in world.log.lines) == 2
    assert world.dead_letters() == {}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_cannot_be_read_is_put_aside_with_its_reason_and_its_neighbours_are_recorded(
    world: World, place: int
) -> None:
    bodies: list[Any] = [GOOD, OTHER]
    bodies.insert(place, "Quillfeather{")
    assert failed(wake(world, "record_events", queued("record_events", *bodies))) == []
    assert set(events(world)) == {"good", "other"}
    [letter] = world.deployment.letters("IntakeDeadLetters")
    assert letter.body == "Quillfeather{"
    assert letter.message_attributes["reason"]["StringValue"] == "body: expected JSON"
    assert counted(world) == {"RejectedEvents": 1}


def test_what_no_table_can_hold_is_put_aside_with_its_reason_and_does_not_come_back(world: World) -> None:
    frame = json.dumps({**GOOD, "data": {"order": "ORDER"}})
    given = ["1e-150", '"\\ud800"', json.dumps("x" * 200_000)]
    bodies = [frame.replace('"ORDER"', order) for order in given]
    assert failed(wake(world, "record_events", queued("record_events", *bodies))) == []
    assert events(world) == {}
    reasons = {
        letter.message_attributes["reason"]["StringValue"].split(",")[0]
        for letter in world.deployment.letters("IntakeDeadLetters")
    }
    assert reasons == {
        "data: Value error",
        "body: expected at most 100000 bytes of JSON",
    }
    assert counted(world) == {"RejectedEvents": 3}


def test_an_id_that_says_something_else_now_is_put_aside_and_what_was_recorded_stays(world: World) -> None:
    wake(world, "record_events", queued("record_events", GOOD))
    before = events(world)
    changed = {**GOOD, "data": {"order": "8", "note": "your parcel"}}
    assert failed(wake(world, "record_events", queued("record_events", changed, OTHER))) == []
    after = events(world)
    assert (after.pop("other")["data"], after) == (GOOD["data"], before)
    [letter] = world.deployment.letters("IntakeDeadLetters")
    assert letter.message_attributes["reason"]["StringValue"] == "id: used before, for another event"


@pytest.mark.parametrize(
    ("code", "status"), [("ProvisionedThroughputExceededException", 400), ("InternalServerError", 500)]
)
def test_when_the_table_does_not_take_one_of_them_that_one_alone_comes_back(
    world: World, trouble: Trouble, code: str, status: int
) -> None:
    trouble.fails("DynamoDB.PutItem", code, status, about="good")
    assert failed(wake(world, "record_events", queued("record_events", OTHER, GOOD))) == ["r1"]
    assert set(events(world)) == {"other"}
    assert world.dead_letters() == {}


def test_when_what_cannot_be_read_cannot_be_put_aside_either_it_comes_back(world: World, trouble: Trouble) -> None:
    trouble.fails("SQS.SendMessage", "ServiceUnavailable", 503)
    assert failed(wake(world, "record_events", queued("record_events", GOOD, "your parcel", OTHER))) == ["r1"]
    assert set(events(world)) == {"good", "other"}


def test_when_the_table_takes_nothing_everything_comes_back(world: World, trouble: Trouble) -> None:
    trouble.fails("DynamoDB.PutItem", "InternalServerError", 500)
    sent = [record["messageId"] for record in payload("record_events")["Records"]]
    assert failed(wake(world, "record_events")) == sent
    assert events(world) == {}


def test_a_failure_is_told_by_its_kind_and_place_and_not_by_what_was_sent(world: World, trouble: Trouble) -> None:
    trouble.fails("DynamoDB.PutItem", "InternalServerError", 500)
    wake(world, "record_events", queued("record_events", GOOD))
    [told] = [json.loads(line) for line in world.log.lines if '"ERROR"' in line]
    assert (told["message"], told["error"]) == ("record failed", "InternalServerError")
    assert "Quillfeather" not in json.dumps(told)
