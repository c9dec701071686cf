"""The ledger's story of each message beside the carriers' own: which request was for which, and under which claim."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from proof.faults.journal import HandOver, History, Written
from proof.faults.stage import START, STOP, Stage
from rapport.adapters import items
from rapport.adapters.content import Content
from rapport.domain.message import Message, Status

Key = tuple[str, str]


@dataclass
class Told:
    """One message: as it is at the end, its words, its writes, its claims, and every request that handed it over."""

    message: Message
    text: str | None
    writes: list[Written]
    requests: list[HandOver] = field(default_factory=list)

    @property
    def claims(self) -> list[Written]:
        """The writes that gave it to a sender."""
        before = [None, *(each.image for each in self.writes)]
        return [each for each, old in zip(self.writes, before, strict=False) if is_claim(old, each.image)]

    def claim_of(self, request: HandOver) -> Written | None:
        """The claim under which a request was made: the last before it."""
        return next((each for each in reversed(self.claims) if each.position <= request.position), None)

    def taken(self) -> list[HandOver]:
        """The requests that the carrier took."""
        return [each for each in self.requests if each.carrier_id]


@dataclass(frozen=True)
class Word:
    """A customer's yes or no, when they said it, and after how many of the ledger's writes it was in force."""

    channel: str
    purpose: str
    given: bool
    at: datetime
    position: int


class Books:
    """All that `judge` goes by."""

    def __init__(self, stage: Stage, letters: int) -> None:
        self.stage = stage
        self.world = stage.world
        self.letters = letters
        self.policy = Content(self.world.content).policy
        self.journeys = Content(self.world.content).journeys
        self.history = History(self.world.deployment.table(self.world.ledger_table))
        self.by_address = {address: each for each, address in (*stage.numbers.items(), *stage.mails.items())}
        self.told: dict[str, Told] = {}
        for (customer, key), writes in self.history.of_kind("message").items():
            name = key.removeprefix("MESSAGE#")
            message = Message.model_validate({**writes[-1].image, "id": name, "customer": customer})
            where = items.content_key(customer, name, message.words)
            words = self.history.written.get((customer, where["sk"]["S"]))
            self.told[name] = Told(message, words[-1].image["text"] if words else message.text, writes)
        self.unclaimed: list[HandOver] = []
        for request in self.world.journal.hand_overs:
            self.assign(request)

    def assign(self, request: HandOver) -> None:
        """A request to its message: e-mails have its id, texts its words; the desk's letters are nobody's.

        Where several say the same, it is the one that its worker had claimed.
        """
        if request.to not in self.by_address:
            return
        if request.tag:
            self.told[request.tag].requests.append(request)
            return
        alike = [each for each in self.told.values() if (each.message.address, each.text) == (request.to, request.text)]
        claimed = [each for each in alike if each.claim_of(request)]
        now_sent = [each for each in claimed if self.status(each, request.position) == Status.SENDING]
        own = [each for each in claimed if each.message.id == request.claimed]
        if not claimed:
            self.unclaimed.append(request)
            return
        chosen = max(own or now_sent or claimed, key=lambda each: (each.claim_of(request) or each.writes[0]).position)
        chosen.requests.append(request)

    def status(self, told: Told, position: int) -> str:
        """Where the message was after so many writes."""
        image = self.history.at((told.message.customer, f"MESSAGE#{told.message.id}"), position)
        return str(image["status"]) if image else ""

    def decided_at(self, told: Told, request: HandOver) -> int:
        """The last moment, as a number of writes, at which the sender knew its customer: by a look or its claim."""
        claim = told.claim_of(request)
        return max(request.looks.get(told.message.customer, 0), claim.position if claim else 0)

    def in_force_from(self, customer: str, event: str) -> int | None:
        """After how many writes the event had been planned."""
        writes = self.history.written.get((customer, f"EVENT#{event}"), [])
        return next((each.position for each in writes if each.image.get("outcome") == "planned"), None)

    def words(self, customer: str) -> list[Word]:
        """Every yes and no of the customer's that came into force."""
        found = []
        for event in self.stage.events:
            if event["customer"] == customer and event["type"].startswith("consent."):
                position = self.in_force_from(customer, event["id"])
                data, at = event["data"], datetime.fromisoformat(event["at"])
                if position is not None:
                    given = event["type"] == "consent.given"
                    found.append(Word(data["channel"], data.get("purpose", "*"), given, at, position))
        for text in self.stage.texts:
            position = self.seen_to(text.turn, customer)
            if text.body in (STOP, START) and position is not None:
                found.append(Word("sms", "*", text.body == START, text.at, position))
        return found

    def seen_to(self, turn: str, customer: str | None = None) -> int | None:
        """After how many writes a turn had been seen to, as this customer's or as anybody's."""
        for (pk, sk), writes in self.history.written.items():
            if customer in (pk, None) and sk.startswith("TURN#") and sk.endswith(f"#{turn}"):
                return next((each.position for each in writes if each.image.get("handled")), None)
        return None


def is_claim(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    """Whether the write gave the message to a sender."""
    if after.get("status") != Status.SENDING:
        return False
    return before is None or (before.get("status"), before.get("owner")) != (Status.SENDING, after.get("owner"))


def profile(history: History, customer: str) -> dict[str, Any]:
    """What is known of the customer at the end."""
    writes = history.written.get((customer, items.PROFILE))
    return writes[-1].image if writes else {}
