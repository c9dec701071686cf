"""What really happened, put down outside of the product: at the wire, and in the order of the ledger's writes."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from moto.dynamodb.models.table import Table

from proof.faults.faults import Fault
from rapport.adapters import items
from rapport.adapters.ses import MESSAGE_TAG
from rapport.domain.message import Message
from rapport.domain.words import Channel

PROFILE: Final = {"S": items.PROFILE}


@dataclass
class HandOver:
    """One request of a sender's to a carrier: when it began, and whether it was taken.

    `position` is the number of the ledger's writes until then, `looks` the same for the worker's last look at each
    customer. `claimed` is the message that the worker had in hand, `answered` whether it could know what became of
    the request.
    """

    function: str
    channel: Channel
    to: str
    text: str
    tag: str | None
    at: datetime
    position: int
    looks: dict[str, int]
    claimed: str | None
    carrier_id: str | None = None
    answered: bool = False


@dataclass
class Written:
    """One write of the ledger's: the how manieth it was, when, and what was there afterwards."""

    position: int
    at: datetime
    image: dict[str, Any]


@dataclass
class Journal:
    """`hand_overs`, `schedules` and `faults` in their order; `looks` by worker and customer, of those answered.

    `claims` are the messages that workers have in hand, `together` the looks that one worker had for all of its batch,
    by message and owner.
    """

    schedules: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    hand_overs: list[HandOver] = field(default_factory=list)
    faults: list[tuple[int, datetime, Fault]] = field(default_factory=list)
    looks: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    claims: dict[int, str] = field(default_factory=dict)
    together: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def hands_over(
        self, function: str, channel: Channel, asked: dict[str, Any], at: datetime, position: int
    ) -> HandOver:
        """A sender turns to its carrier."""
        looks = dict(self.looks[threading.get_ident()])
        if channel is Channel.SMS:
            to, text, tag = asked["PhoneNumber"], asked["Message"], None
        else:
            to, text = asked["Destination"]["ToAddresses"][0], asked["Content"]["Simple"]["Body"]["Text"]["Data"]
            tags = {each["Name"]: each["Value"] for each in asked.get("EmailTags", [])}
            tag = tags.get(MESSAGE_TAG)
        claimed = self.claims.get(threading.get_ident())
        done = HandOver(function, channel, to, text, tag, at, position, looks, claimed)
        self.hand_overs.append(done)
        return done

    def looked(self, asked: dict[str, Any], position: int) -> None:
        """A worker has read a customer or made sure of one, and knows the answer."""
        for customer in customers_in(asked):
            self.looks[threading.get_ident()][customer] = position

    def looked_together(self, claimed: list[Message]) -> None:
        """A worker has looked at the customers of these messages for all that deliver them."""
        looks = self.looks[threading.get_ident()]
        self.together |= {(each.id, each.owner): looks[each.customer] for each in claimed if each.customer in looks}

    def takes_in_hand(self, claimed: Message) -> None:
        """A worker begins to deliver a message, with what was seen of it since it was claimed."""
        self.claims[threading.get_ident()] = claimed.id
        if seen := self.together.get((claimed.id, claimed.owner)):
            self.looks[threading.get_ident()][claimed.customer] = seen


def customers_in(asked: Any) -> set[str]:
    """The customers whose own item a request to DynamoDB names."""
    if isinstance(asked, list):
        return {customer for each in asked for customer in customers_in(each)}
    if not isinstance(asked, dict):
        return set()
    if asked.get("sk") == PROFILE and "pk" in asked:
        return {asked["pk"]["S"]}
    return {customer for each in asked.values() for customer in customers_in(each)}


class History:
    """Every write of the ledger, by key, from its stream."""

    def __init__(self, table: Table) -> None:
        self.written: dict[tuple[str, str], list[Written]] = defaultdict(list)
        shard = table.stream_shard
        for place, record in enumerate(shard.items if shard else []):
            change = record.record["dynamodb"]
            at = change["ApproximateCreationDateTime"].replace(tzinfo=UTC)
            image = items.from_item(change.get("NewImage", {}))
            key = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
            self.written[key].append(Written(place + 1, at, image))

    def of_kind(self, kind: str) -> dict[tuple[str, str], list[Written]]:
        """The writes of the items of a kind, such as `message`, by key."""
        return {key: writes for key, writes in self.written.items() if writes[0].image.get("kind") == kind}

    def at(self, key: tuple[str, str], position: int) -> dict[str, Any] | None:
        """What was there after so many writes."""
        found = [each.image for each in self.written.get(key, []) if each.position <= position]
        return found[-1] or None if found else None
