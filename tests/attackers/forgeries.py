"""Tokens that somebody without the secret can make out of good ones; none of them is one that we made."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Final

from rapport.domain.tokens import SIGNATURE, Tokens
from tests.functions.on_record import EVENING

NOW: Final = EVENING
LATER: Final = NOW + timedelta(days=14)
OURS: Final = Tokens(b"the Secret of the local world")
OTHERS: Final = Tokens(b"the secret of another stack")
BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# What a mail program, a proxy or an eye may take for the same letter; NFKC makes it so.
LOOK_ALIKES: Final = str.maketrans("aceopxyAEIKOT.-_0", "асеорхуАЕІKОТ．‐＿０")  # noqa: RUF001
KINDS: Final = (
    "altered",
    "cut",
    "longer",
    "swapped",
    "another kind",
    "unsigned",
    "spelt anew",
    "replayed",
    "foreign",
    "made up",
)


def subject(number: int) -> list[str]:
    """Whose a case is."""
    return [f"c-{number}", f"t-{number * 7919}", f"c-case{number}"]


def altered(token: str, chance: Random) -> Iterator[str]:
    """A bit turned, a character changed, put in, left out, or changed with its neighbour."""
    at, odd = chance.randrange(len(token)), chance.choice(BASE64 + ".\x00é ")
    yield token[:at] + chr(ord(token[at]) ^ (1 << chance.randrange(7))) + token[at + 1 :]
    yield token[:at] + odd + token[at + 1 :]
    yield token[:at] + odd + token[at:]
    yield token[:at] + token[at + 1 :]
    yield token[:at] + token[at : at + 2][::-1] + token[at + 2 :]


def unsigned(body: str, signature: str) -> Iterator[str]:
    """Nothing, or next to nothing, for a signature."""
    yield from (body, f"{body}.", f".{signature}", f"{body}.{'A' * SIGNATURE}", f"{body}.null", f"{body}.{body}")
    yield from (f"{body}.{signature[:length]}" for length in (1, 4, 8, 16, SIGNATURE - 1))
    yield f"{urlsafe_b64encode(b'{}').decode().rstrip('=')}.{signature}"


def spelt_anew(body: str, signature: str) -> Iterator[str]:
    """The same bytes in other letters: padding, the other alphabet, another case, percent signs, look-alikes."""
    said = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    spaced = urlsafe_b64encode(json.dumps(json.loads(said)).encode()).decode().rstrip("=")
    yield from (f"{body}{pad}.{signature}" for pad in ("=", "==", "====", "A", "\n", " ", "%3D"))
    yield from (f"{body}.{signature}{pad}" for pad in ("=", "==", ".", ".x", "\n", "%00"))
    yield from (f"{body.swapcase()}.{signature}", f"{body}.{signature.swapcase()}", f"{body}.{signature.lower()}")
    yield from (
        f"{body}.{signature}".translate(LOOK_ALIKES),
        f"{body}。{signature}",
        f" {body}.{signature}",
        f"{spaced}.{signature}",
    )
    yield f"{body}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}"  # its last letter has bits that nobody reads


def other_subjects(body: str, signature: str) -> Iterator[str]:
    """Another's name, or a later end, over the signature of a token that was good."""
    *known, ends = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    for said in (
        ["c-victim", *known[1:], ends],
        [*known, ends + 10**6],
        [*known, "x", ends],
        [*known, 1e400],
        ends,
        None,
    ):
        yield f"{urlsafe_b64encode(json.dumps(said, separators=(',', ':')).encode()).decode().rstrip('=')}.{signature}"


def forgeries(kind: str, number: int, seed: int = 0) -> Iterator[str]:
    """So many tokens for a `case`, wrong in one way; every one of them rests on a good one."""
    chance = Random(f"{kind} {seed}")  # noqa: S311
    made = 0
    while made < number:
        mine, victim = subject(chance.randrange(10**6)), subject(chance.randrange(10**6, 2 * 10**6))
        token, theirs = OURS.make("case", mine, LATER), OURS.make("case", victim, LATER)
        body, _, signature = token.partition(".")
        ways: dict[str, Iterator[str]] = {
            "altered": altered(token, chance),
            "cut": (token[:length] for length in chance.sample(range(len(token)), 10)),
            "longer": iter(
                (f"{token}A", f"A{token}", token * 2, token * 20, f"{token}\x00", f"{token}.x", f"../{token}")
            ),
            "swapped": iter((f"{theirs.partition('.')[0]}.{signature}", *other_subjects(body, signature))),
            "another kind": (
                OURS.make(other, mine, LATER) for other in ("chat", "brief case", "session", "Case", "", "case\x1f")
            ),
            "unsigned": unsigned(body, signature),
            "spelt anew": spelt_anew(body, signature),
            "replayed": (
                OURS.make("case", mine, NOW - span) for span in (timedelta(0), timedelta(seconds=1), timedelta(days=15))
            ),
            "foreign": iter((OTHERS.make("case", mine, LATER), Tokens(b"").make("case", mine, LATER))),
            "made up": ("".join(chance.choices(BASE64 + ".", k=chance.randrange(1, 120))) for _ in range(10)),
        }
        for each in ways[kind]:
            if each != token and made < number:
                made += 1
                yield each
