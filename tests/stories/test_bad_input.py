"""What is wrong with an event ends in a recorded reason or among dead letters with one; its neighbours arrive."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.template import ROOT
from local.world import World
from tests.stories.people import BY_EMAIL, LONDON, meet

DUE = "2026-11-23T17:30:00+00:00"
GOOD: dict[str, Any] = {
    "id": "good",
    "type": "delivery.scheduled",
    "customer": "ana",
    "at": "2026-11-23T09:00:00+00:00",
    "data": {"order": "7", "due_at": DUE},
}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json {", "body: expected JSON"),
        ("[1, 2]", "body: expected a JSON object"),
        (json.dumps({**GOOD, "id": None}), "id: "),
        (json.dumps({**GOOD, "type": "Delivery Scheduled"}), "type: "),
        (json.dumps({**GOOD, "customer": "a b"}), "customer: "),
        (json.dumps({**GOOD, "at": "yesterday"}), "at: "),
        (json.dumps({**GOOD, "at": "2026-11-23T09:00:00"}), "at: "),
        (json.dumps({**GOOD, "data": "7"}), "data: "),
    ],
)
def test_what_is_no_event_goes_to_the_dead_letters_with_its_reason(world: World, body: str, reason: str) -> None:
    meet(world, "ana", LONDON)
    world.send(body)
    world.send(json.dumps(GOOD))
    world.settle()
    [letter] = world.deployment.letters("IntakeDeadLetters")
    assert letter.body == body
    assert letter.message_attributes["reason"]["StringValue"].startswith(reason)
    assert len(world.texts_to("ana")) == 1


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"type": "delivery.dreamt"}, "type: nothing is known of delivery.dreamt"),
        ({"data": {"due_at": DUE}}, "data.order: missing; expected text"),
        ({"data": {"order": "8", "due_at": "soon"}}, "data.due_at: expected a time with its offset"),
        ({"data": {"order": "8", "due_at": "2026-11-23T17:30:00"}}, "data.due_at: expected a time with its offset"),
        ({"data": {"order": "8", "due_at": DUE, "window": "x" * 20_000}}, "data: expected at most 16384 bytes"),
        ({"at": "noon"}, "at: "),
        ({"type": "consent.given", "data": {"channel": "pigeon"}}, "data.channel: "),
    ],
)
def test_an_event_that_cannot_be_used_is_rejected_on_record(world: World, change: dict[str, Any], note: str) -> None:
    meet(world, "ana", LONDON)
    world.put({**GOOD, "id": "bad", **change})
    world.put(GOOD)
    world.settle()
    outcome = world.outcome("ana", "bad")
    assert (outcome["outcome"], outcome["notes"][0][: len(note)]) == ("rejected", note)
    assert [text.message.about for text in world.texts_to("ana")] == ["7"]
    assert world.dead_letters() == {}


def test_what_was_rejected_may_be_put_again_corrected(world: World) -> None:
    meet(world, "ana", LONDON)
    for wrong in ({"at": "noon"}, {"data": {"order": "7"}}):
        world.put({**GOOD, **wrong})
        world.settle()
        assert world.outcome("ana", "good")["outcome"] == "rejected"
    for _ in range(2):
        world.put(GOOD)
        world.settle()
    assert world.outcome("ana", "good")["outcome"] == "planned"
    assert len(world.texts_to("ana")) == 1


def test_nobody_can_jam_a_list_by_taking_its_name(world: World) -> None:
    meet(world, "ana", LONDON, "promotional")
    world.put({**GOOD, "customer": "LIST back-in-stock teapot"})
    world.happens("stock.wanted", "ana", item="teapot")
    world.happens("stock.back", "*", item="teapot", name="Teapot")
    world.advance("1 day")
    assert len(world.texts_to("ana")) == 1
    assert world.dead_letters() == {}


def test_what_a_system_puts_goes_after_thirty_days_whatever_came_of_it(world: World) -> None:
    meet(world, "ana", LONDON)
    world.put(GOOD)
    world.put({**GOOD, "id": "bad", "type": "No Type"})
    world.settle()
    found = world.dynamodb.scan(TableName=world.stack.reference("EventsTable"))["Items"]
    ends = {int(item["expires"]["N"]) for item in found}
    assert ends == {int(world.now.timestamp()) + 30 * 24 * 3600}
    assert sum('"rejected"' in line for line in world.log.lines) == 1


def test_of_a_customer_nobody_knows_the_message_is_skipped_with_that_reason(world: World) -> None:
    world.happens("delivery.scheduled", "stranger", order="7", due_at=DUE)
    [unsaid] = world.unsaid_to("stranger")
    assert unsaid.message.reason == "no-address"
    assert unsaid.message.decision.because == "sms: nobody is known by this id; email: nobody is known by this id"


def test_a_bad_number_and_a_bad_time_zone_cost_nothing_else_that_was_told(world: World) -> None:
    person = {
        "name": "Ana",
        "country": "GB",
        "time_zone": "Mars/Olympus",
        "addresses": {"sms": ["12", "+447700900123"], "email": ["no at sign", "ana@example.com"]},
    }
    event = world.happens("customer.updated", "ana", **person)
    known = world.customer("ana")
    assert [address.value for address in known.addresses] == ["+447700900123", "ana@example.com"]
    assert known.zones == ("Europe/London",)
    notes = world.outcome("ana", event)["notes"]
    assert notes[0] == "data.time_zone: Value error, expected an IANA name such as Europe/Paris; left out"
    assert [note.split(":")[0] for note in notes[1:3]] == [
        "an address for sms was left out",
        "an address for email was left out",
    ]
    assert not any("no at sign" in note or "Mars" in note for note in notes)


def test_a_template_that_asks_for_what_is_not_there_is_told_of_and_others_go_out(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    content = shutil.copytree(ROOT / "layers" / "content", tmp_path / "content")
    (content / "templates" / "delivery-reminder" / "sms.txt").write_text("{{ event.data.surprise }}", encoding="utf-8")
    world = make_world(content=content)
    meet(world, "ana", LONDON)
    meet(world, "ben", BY_EMAIL)
    for customer in ("ana", "ben"):
        world.happens("delivery.scheduled", customer, order="7", due_at=DUE)
    [entry] = world.entries("ana")
    assert (entry.message.status, entry.message.reason) == ("failed", "unsayable")
    assert entry.message.detail == "templates/delivery-reminder/sms.txt: 'dict object' has no attribute 'surprise'"
    assert len(world.mails_to("ben")) == 1
    assert any('"UnsayableMessages"' in line for line in world.log.lines)


def test_a_poisoned_record_in_the_ledger_ends_as_dead_letter_and_its_neighbours_arrive(world: World) -> None:
    meet(world, "ana", LONDON)
    poison = {"pk": {"S": "ana"}, "sk": {"S": "RUN#x#y"}, "kind": {"S": "run"}, "status": {"S": "active"}}
    world.dynamodb.put_item(TableName=world.ledger_table, Item={**poison, "wake_at": {"S": "not a time"}})
    world.happens("delivery.scheduled", "ana", order="7", due_at=DUE)
    world.advance("2 hours")
    assert [text.message.status for text in world.texts_to("ana")] == ["delivered"]
    [note] = world.dead_letters()["DispatchDeadLetters"]
    assert json.loads(note)["DDBStreamBatchInfo"]["batchSize"] >= 1


def test_an_event_id_that_is_used_twice_for_different_things_changes_nothing(world: World) -> None:
    meet(world, "ana", LONDON)
    world.put(GOOD)
    world.settle()
    world.send(json.dumps({**GOOD, "data": {"order": "8", "due_at": DUE}}))
    world.settle()
    assert [text.message.about for text in world.texts_to("ana")] == ["7"]
    [letter] = world.deployment.letters("IntakeDeadLetters")
    assert letter.message_attributes["reason"]["StringValue"] == "id: used before, for another event"


def test_the_same_event_by_every_door_is_one_message(world: World) -> None:
    meet(world, "ana", LONDON)
    world.put(GOOD)
    world.send(json.dumps(GOOD))
    detail = {name: GOOD[name] for name in ("id", "customer", "at", "data")}
    world.publish("delivery.scheduled", detail)
    world.settle()
    assert len(world.carriers.taken) == 1


def test_what_rapport_itself_says_on_the_bus_is_not_taken_in(world: World) -> None:
    meet(world, "ana", LONDON)
    world.publish("delivery.scheduled", {"customer": "ana", "data": GOOD["data"]}, source="rapport")
    world.settle()
    assert world.entries("ana") == []
