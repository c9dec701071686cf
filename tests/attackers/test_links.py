"""A hundred thousand links that nobody was given: none opens a case, none is told apart; looking changes nothing."""

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final

import pytest

from local.world import World
from rapport.adapters import items
from rapport.domain.tokens import Tokens
from tests.attackers.conftest import Many
from tests.attackers.forgeries import KINDS, LATER, LOOK_ALIKES, NOW, OURS, altered, forgeries, subject
from tests.functions.at_the_desk import ask_for_a_person
from tests.functions.on_record import CUSTOMER, ana, events, ledger, payload, put, wake


def accepted(kind: str, tokens: Tokens, number: int) -> list[str]:
    """The forgeries of a kind that are taken for a case's link."""
    return [token for token in forgeries(kind, number) if tokens.read("case", token, NOW) is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_no_forged_link_is_taken_for_one(many: Many, kind: str) -> None:
    assert accepted(kind, OURS, many(20_000, 100_000) // len(KINDS)) == []


def test_good_links_are_taken_for_what_they_are() -> None:
    assert all(
        OURS.read("case", OURS.make("case", subject(number), LATER), NOW) == subject(number) for number in range(100)
    )


class Careless(Tokens):
    """Tokens with one mistake in reading them; each of these was made somewhere once."""

    def __init__(self, mistake: str) -> None:
        super().__init__(OURS.secret)
        self.mistake = mistake

    def read(self, kind: str, token: str, now: datetime) -> list[str] | None:
        """The subject, with the mistake."""
        try:
            return self.carelessly(kind, token, now)
        except (ValueError, TypeError):
            return None

    def carelessly(self, kind: str, token: str, now: datetime) -> list[str] | None:
        """As the domain's own, step by step. Raises ValueError and TypeError for what can't be read at all."""
        body, _, signature = token.partition(".")
        known = self.signature(kind, body.rstrip("=") if self.mistake == "spelling is forgiven" else body)
        same: dict[str, Callable[[], bool]] = {
            "by prefix": lambda: known.startswith(signature[:8]) if signature else False,
            "no signature is needed": lambda: not signature or known == signature,
            "what stands behind it is not looked at": lambda: signature.startswith(known),
            "case is forgiven": lambda: known.lower() == signature.lower(),
            "every kind": lambda: any(self.signature(each, body) == signature for each in (kind, "chat")),
            "another secret too": lambda: signature in (known, Tokens(b"").signature(kind, body)),
        }
        if not same.get(self.mistake, lambda: hmac.compare_digest(known.encode(), signature.encode()))():
            return None
        *said, ends = json.loads(urlsafe_b64decode(body.rstrip("=") + "=" * (-len(body.rstrip("=")) % 4)))
        return said if self.mistake == "no expiry" or now.timestamp() < ends else None


MISTAKES: Final = {
    "by prefix": "altered",
    "no signature is needed": "unsigned",
    "what stands behind it is not looked at": "longer",
    "case is forgiven": "spelt anew",
    "spelling is forgiven": "spelt anew",
    "every kind": "another kind",
    "another secret too": "foreign",
    "no expiry": "replayed",
}


@pytest.mark.parametrize(("mistake", "kind"), MISTAKES.items())
def test_a_careless_reader_is_found_out(mistake: str, kind: str) -> None:
    assert accepted(kind, Careless(mistake), 1_000) != []
    assert accepted(kind, Careless("none"), 1_000) == []


def everything(world: World) -> Any:
    """All that may change: the ledger, the events, every queue, what carriers took, what was told and scheduled."""
    queues = {
        name: [each.body for each in world.deployment.letters(name)]
        for name, _ in world.stack.of_type("AWS::SQS::Queue")
    }
    return ledger(world), events(world), queues, list(world.carriers.taken), list(world.wire.told), list(world.agenda)


def test_every_wrong_link_gets_the_same_answer_and_changes_nothing(world: World, many: Many) -> None:
    desk = ask_for_a_person(world)
    nothing, before = desk.open_case(token=""), everything(world)
    assert nothing["statusCode"] == 404
    good = desk.token()
    for kind in KINDS:
        for token in forgeries(kind, many(8, 1_000)):
            for method, body in (("GET", None), ("HEAD", None), ("POST", "text=It+comes.&do=both&nonce=n")):
                assert desk.ask(method, token, body) == nothing, (kind, method)
    for token in {OURS.make("case", subject(1), LATER), *altered(good, Random(1))} - {good}:  # noqa: S311
        assert desk.ask("GET", token) == nothing
    assert everything(world) == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_a_case_changes_nothing(world: World, method: str) -> None:
    desk = ask_for_a_person(world)
    before = everything(world)
    for _ in range(3):
        assert desk.ask(method, desk.token(), "text=It+comes.&do=both&nonce=n")["statusCode"] == 200
    world.settle()
    assert everything(world) == before


def test_an_address_that_nobody_was_given_answers_no_case(many: Many) -> None:
    names = [f"c-{each}" for each in range(many(20, 5_000))]
    for name, other in pairwise(names):
        good, theirs = OURS.brief("case", name), OURS.brief("case", other)
        signature = good.rpartition("-")[2]
        wrong = [
            good[:-1],
            good + "a",
            f"{other}-{signature}",
            name,
            f"{name}-",
            good.translate(LOOK_ALIKES),
        ]
        wrong += [
            OURS.brief("chat", name),
            Tokens(b"other").brief("case", name),
            f"{theirs}-{signature}",
            good.replace("k", "K") + "K",
        ]
        assert [each for each in wrong if OURS.read_brief("case", each)] == []


def test_a_ticket_that_nobody_was_given_makes_a_stranger_of_who_brings_it(world: World) -> None:
    put(world, items.customer_item(ana()))
    ends = world.now + timedelta(hours=1)
    good = OURS.make("chat", [CUSTOMER], ends)
    body, _, signature = good.partition(".")
    wrong = [good[:-1], good + "=", f"{body}=.{signature}", OURS.make("case", [CUSTOMER], ends), body, f"{body}."]
    wrong += [
        OURS.make("chat", [CUSTOMER], world.now),
        Tokens(b"other").make("chat", [CUSTOMER], ends),
        good.swapcase(),
    ]
    for number, ticket in enumerate([*wrong, good]):
        asked = payload("answer_chat") | {"sessionId": f"tab-{number}", "requestAttributes": {"rapport-ticket": ticket}}
        wake(world, "answer_chat", asked)
        assert any(pk == CUSTOMER and sk.startswith("TURN#") for pk, sk in ledger(world)) is (ticket == good)
