"""Every payload of events/ with hundreds of things wrong: no function breaks, and no neighbour in the batch is lost."""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import pytest

from local.lex.bot import read_bot
from local.lex.contract import check_hook_answer
from local.lex.runtime import service
from local.template import Stack
from local.world import World
from tests.attackers.conftest import Many, begin_again
from tests.attackers.mutations import HOSTILE, HUGE, Mutant, as_json, image_mutants, mutants, solid, torn
from tests.attackers.neighbours import OF
from tests.functions.at_the_desk import ask_for_a_person
from tests.functions.on_record import failed, payload, queued, streamed, wake

QUEUES: Final = sorted(set(OF) - {"plan_messages", "dispatch_messages"})
KEYS: Final = {"plan_messages": ("customer", "id"), "dispatch_messages": ("pk", "sk")}
AT_ONCE: Final = 25  # mutants in a batch, in every run of the tests; at full size four share two neighbours
MOST_AT_ALL: Final = 100  # between two beginnings: a desk reads all that was said before


def batches(
    world: World, function: str, found: list[Mutant], size: int
) -> Iterator[tuple[list[str], list[Any], set[int]]]:
    """What is wrong in each batch, its records with a good one before and behind, and the numbers of those."""
    numbers = count()
    for start in range(0, len(found), size):
        some, pair = found[start : start + size], (next(numbers), next(numbers))
        before, behind = (OF[function].good(world, number) for number in pair)
        yield [each.what for each in some], [before, *(each.document for each in some), behind], set(pair)


def as_body(document: Any) -> str:
    """The document as a message of a queue."""
    return document if isinstance(document, str) else as_json(document)


def bodies_of(function: str, number: int) -> list[Mutant]:
    """Mutants of what each record of the payload says."""
    found: list[Mutant] = []
    records = payload(function)["Records"]
    for seed, record in enumerate(records):
        body = json.loads(record["body"])
        found += mutants(body, number // len(records), seed) + torn(record["body"], number // 10, seed)
    return found


@pytest.mark.parametrize("function", QUEUES)
def test_a_bad_message_in_a_queue_breaks_nothing_and_costs_no_neighbour(
    world: World, many: Many, function: str
) -> None:
    found = bodies_of(function, many(40, 400))
    for start in range(0, len(found), MOST_AT_ALL):
        good: set[int] = set()
        begin_again(world)
        for wrong, documents, pair in batches(world, function, found[start : start + MOST_AT_ALL], many(AT_ONCE, 4)):
            answer = wake(world, function, queued(function, *map(as_body, documents)))
            assert {"r0", f"r{len(documents) - 1}"}.isdisjoint(failed(answer)), wrong
            good |= pair
        assert good - OF[function].arrived(world) == set()


@pytest.mark.parametrize("function", sorted(KEYS))
def test_a_bad_item_in_a_stream_breaks_nothing_and_costs_no_neighbour(world: World, many: Many, function: str) -> None:
    good: set[int] = set()
    images = [record["dynamodb"]["NewImage"] for record in payload(function)["Records"]]
    number = many(40, 400) // len(images)
    found = [each for seed, image in enumerate(images) for each in image_mutants(image, KEYS[function], number, seed)]
    for wrong, documents, pair in batches(world, function, found, many(AT_ONCE, 4)):
        answer = wake(world, function, streamed(function, *documents))
        assert {"s0", f"s{len(documents) - 1}"}.isdisjoint(failed(answer)), wrong
        good |= pair
    assert good - OF[function].arrived(world) == set()


def test_a_bad_line_in_a_log_of_snss_costs_no_neighbour(world: World, many: Many) -> None:
    zipped = payload("record_receipts_sms_log")["awslogs"]["data"]
    log = json.loads(gzip.decompress(b64decode(zipped)))
    line = log["logEvents"][0]
    bad = mutants(json.loads(line["message"]), many(40, 400)) + torn(line["message"], 50)
    good = [OF["send_sms"].good(world, number) for number in (0, 1)]
    wake(world, "send_sms", queued("send_sms", *good))
    sent = [taken.carrier_id for taken in world.carriers.taken]
    ends = [
        {**json.loads(line["message"]), "notification": {"messageId": each, "timestamp": "2026-11-25 17:00:12.000"}}
        for each in sent
    ]
    messages = [as_body(each) for each in (ends[0], *(mutant.document for mutant in bad), ends[1])]
    log["logEvents"] = [{**line, "message": message} for message in messages]
    event = {"awslogs": {"data": b64encode(gzip.compress(json.dumps(log).encode())).decode()}}
    with pytest.raises((KeyError, ValueError, TypeError, AttributeError)):  # Lambda brings the whole piece back
        wake(world, "record_receipts", event)
    assert len(sent) == 2
    assert OF["record_receipts"].arrived(world) == {0, 1}


def test_whatever_a_chat_says_it_gets_an_answer_that_lex_takes(world: World, many: Many) -> None:
    locale = read_bot(Stack({"Chatbot": "lex"})).locales["en_GB"]
    shapes = (service().shape_for("Messages"), service().shape_for("ActiveContextsList"))
    for mutant in mutants(payload("answer_chat"), many(40, 400)):
        answer = wake(world, "answer_chat", solid(mutant.document))
        intent = answer["sessionState"].get("intent", {})
        if (
            str(intent.get("name")) in mutant.what
        ):  # an intent that Lex told of is Lex's own: it can't be strange to Lex
            intent["name"] = "FallbackIntent"
        check_hook_answer(answer, locale, *shapes)


def test_whatever_is_asked_of_the_desks_page_it_is_no_failure_of_ours(world: World, many: Many) -> None:
    names = ("headers", "isBase64Encoded", "rawPath", "rawQueryString", "routeKey")
    told = {name: payload("serve_desk")[name] for name in names} | {"cookies": ["a=b"], "queryStringParameters": {}}
    asked = {
        **payload("serve_desk"),
        "pathParameters": {"token": ask_for_a_person(world).token()},
        "body": "text=It+comes.",
    }
    for number, mutant in enumerate(mutants(told, many(15, 200))):
        asked["requestContext"]["http"]["method"] = "GET" if number % 2 else "POST"
        assert wake(world, "serve_desk", asked | solid(mutant.document))["statusCode"] in (200, 400, 409), mutant.what


def spelt(form: Any, number: int) -> dict[str, Any]:
    """The form's fields as a browser sends them, as only a mistaken one does, and in base64."""
    fields = form.items() if isinstance(form, dict) else [(form, "x")]
    raw = "&".join(f"{name}={value}" for name, value in fields)
    ways = (quote(raw, safe="=&", errors="surrogatepass"), raw, b64encode(raw.encode(errors="replace")).decode())
    return {"body": ways[number % 3], "isBase64Encoded": number % 3 == 2}


def test_whatever_is_filled_in_on_the_desks_page_it_is_no_failure_of_ours(world: World, many: Many) -> None:
    asked = payload("serve_desk")
    asked["requestContext"]["http"]["method"] = "POST"
    form = {"text": "It comes.", "by": "Kim", "do": "send", "nonce": "n"}
    for number, mutant in enumerate(mutants(form, many(15, 200))):
        if number % 20 == 0:  # what was said before is read each time
            begin_again(world)
            asked["pathParameters"] = {"token": ask_for_a_person(world).token()}
        page = wake(world, "serve_desk", asked | spelt(mutant.document, number))
        assert page["statusCode"] in (200, 400, 409), mutant.what
    for hostile in (*HOSTILE, HUGE, "\ud800"):
        page = wake(world, "serve_desk", {**asked, "pathParameters": {"token": hostile}, "body": hostile})
        assert page["statusCode"] == 404


def test_whatever_the_clocks_event_says_the_round_is_made(world: World, many: Many) -> None:
    for mutant in mutants(payload("reconcile_sends"), many(10, 200)):  # nobody reads it
        wake(world, "reconcile_sends", solid(mutant.document))


@pytest.mark.parametrize("function", QUEUES)
def test_what_is_no_batch_by_lambdas_own_contract_ends_with_a_clear_error(world: World, function: str) -> None:
    events: tuple[dict[str, Any], ...] = ({}, {"Records": None}, {"Records": [{}]})
    for event in events:
        with pytest.raises((KeyError, TypeError)):
            wake(world, function, event)
