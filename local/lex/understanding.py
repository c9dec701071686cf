"""Which intent a text is about, and how sure that is: a small linear classifier. It is not Lex's model."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from math import exp, log, sqrt
from operator import itemgetter, mul
from random import Random
from typing import Final

from local.lex.bot import IN_UTTERANCE, Intent, Locale

WORD: Final = re.compile(r"[a-z]*-?[0-9][a-z0-9-]*|[a-z]+")
ROUNDS: Final = 6
COST: Final = 4.0
STRANGE: Final = 1.5  # how much more a trait weighs that no utterance has: what is foreign is rejected
STEEP: Final = 5.0
MIDDLE: Final = -0.3  # the margin whose score is a half; chosen so that a threshold of 0.4 rejects what is out of scope
STANDS_FOR: Final = {  # what a slot of a built-in type looks like in a text
    "AMAZON.AlphaNumeric": "1042",
    "AMAZON.Number": "12",
    "AMAZON.Date": "2026-11-25",
    "AMAZON.Time": "17:00",
    "AMAZON.PhoneNumber": "+447700900123",
    "AMAZON.EmailAddress": "ana@example.com",
}
Vector = tuple[tuple[int, ...], tuple[float, ...]]  # the numbers of the traits that are there, and their weights


@dataclass(frozen=True)
class Guess:
    """One intent, and how sure it is: 0 to 1."""

    intent: str
    score: float


def words(text: str) -> list[str]:
    """Lower case, without accents; whatever holds a digit is `0`."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return ["0" if any(letter.isdigit() for letter in word) else word for word in WORD.findall(plain)]


def traits(text: str) -> Counter[str]:
    """Words, pairs of words, and pieces of words, each with its weight."""
    found: Counter[str] = Counter()
    said = words(text)
    for word in said:
        found["w" + word] += 2
        edged = f"^{word}$"
        for length in (3, 4):
            for start in range(len(edged) - length + 1):
                found["c" + edged[start : start + length]] += 1
    for first, second in pairwise(["^", *said, "$"]):
        found[f"p{first} {second}"] += 1
    return found


def examples(locale: Locale) -> list[tuple[str, str]]:
    """Every sample utterance with values in its slots' places, and the intent that it is for."""
    return [
        (filled(utterance, intent, locale, number), intent.name)
        for intent in locale.intents
        for number, utterance in enumerate(intent.utterances)
    ]


def filled(utterance: str, intent: Intent, locale: Locale, number: int) -> str:
    """The utterance with a value in the place of each slot; of a type with several, they take turns."""

    def value(name: str) -> str:
        type_name = intent.slot(name).slot_type_name
        slot_type = locale.slot_type(type_name)
        if slot_type and slot_type.names:
            return slot_type.names[number % len(slot_type.names)][0]
        return STANDS_FOR.get(slot_type.parent or "" if slot_type else type_name, "")

    return IN_UTTERANCE.sub(lambda found: value(found[1]), utterance)


class Understanding:
    """One locale's; it learns when it is first asked."""

    def __init__(self, locale: Locale) -> None:
        self.examples = examples(locale)
        self.intents = sorted({intent for _, intent in self.examples})

    @cached_property
    def seen(self) -> list[Counter[str]]:
        """The traits of each sample utterance."""
        return [traits(text) for text, _ in self.examples]

    @cached_property
    def index(self) -> dict[str, int]:
        """A number for each trait of the sample utterances; 0 is the bias."""
        known = sorted(set().union(*self.seen))
        return {trait: number for number, trait in enumerate(known, 1)}

    @cached_property
    def rarity(self) -> dict[str, float]:
        """How much a trait says: the rarer, the more."""
        counts = Counter(trait for each in self.seen for trait in each)
        return {trait: log((1 + len(self.examples)) / (1 + count)) + 1 for trait, count in counts.items()}

    @cached_property
    def strangeness(self) -> float:
        """What a trait that no utterance has weighs."""
        return STRANGE * (log(1 + len(self.examples)) + 1)

    @cached_property
    def weights(self) -> dict[str, list[float]]:
        """For each intent, what each trait speaks for or against it."""
        vectors = [self.vector(each) for each in self.seen]
        return {
            intent: separate(vectors, [1 if each == intent else -1 for _, each in self.examples], len(self.index) + 1)
            for intent in self.intents
        }

    def vector(self, found: Counter[str]) -> Vector:
        """A text's traits, weighed, of length 1; unknown ones count towards the length only."""
        known = [(0, 1.0)]
        square = 0.0
        for trait, count in sorted(found.items()):
            weight = sqrt(count) * self.rarity.get(trait, self.strangeness)
            square += weight * weight
            if trait in self.index:
                known.append((self.index[trait], weight))
        length = sqrt(square) or 1.0
        numbers, weights = zip(*known, strict=True)
        return numbers, (1.0, *(weight / length for weight in weights[1:]))

    def guesses(self, text: str, among: Iterable[str] | None = None) -> list[Guess]:
        """Every intent with its score, the surest first; `among` these, if they are given."""
        vector = self.vector(traits(text))
        allowed = set(self.intents if among is None else among)
        found = []
        for intent in self.intents:
            if intent in allowed and len(vector[0]) > 1:
                margin = product(self.weights[intent], vector)
                found.append(Guess(intent, round(1 / (1 + exp(-STEEP * (margin - MIDDLE))), 4)))
        return sorted(found, key=lambda guess: (-guess.score, guess.intent))


@cache
def learn(locale: Locale) -> Understanding:
    """The locale's understanding, one for all who ask in this process."""
    return Understanding(locale)


def product(weights: list[float], vector: Vector) -> float:
    """The scalar product; of a vector that has the bias and at least one trait."""
    found: float = sum(map(mul, itemgetter(*vector[0])(weights), vector[1]))
    return found


def separate(vectors: list[Vector], signs: list[int], size: int) -> list[float]:
    """A linear support vector machine (squared hinge), by coordinate descent in its dual, in an order that is fixed."""
    weights = [0.0] * size
    positives = signs.count(1)
    costs = {1: COST * (len(signs) / (2 * positives)) ** 0.5, -1: COST}
    alphas = [0.0] * len(vectors)
    squares = [sum(weight * weight for weight in vector[1]) for vector in vectors]
    order = list(range(len(vectors)))
    chance = Random(0)  # noqa: S311 (the same each time)  # nosec B311
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for each in order:
            sign, vector = signs[each], vectors[each]
            slack = 1 / (2 * costs[sign])
            gradient = sign * product(weights, vector) - 1 + alphas[each] * slack
            if alphas[each] == 0 and gradient >= 0:
                continue
            after = max(0.0, alphas[each] - gradient / (squares[each] + slack))
            step = (after - alphas[each]) * sign
            alphas[each] = after
            for number, weight in zip(*vector, strict=True):
                weights[number] += step * weight
    return weights
