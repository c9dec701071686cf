"""What a customer does with a message is told by receipts that cross: none of it is lost."""

from typing import Any

import pytest

from local.world import World
from rapport.adapters import items
from rapport.adapters.sends import Sends
from rapport.domain.message import Message, Status
from rapport.domain.receipts import Receipt
from rapport.domain.sending import ChangedError
from tests.domain.builders import NOON, SECOND, a_message

OPENED = {"opened": NOON}


@pytest.fixture
def sends(world: World) -> Sends:
    return Sends(world.dynamodb, world.ledger_table)


def put(sends: Sends, message: Message) -> Message:
    sends.client.put_item(TableName=sends.table, Item=items.message_item(message))
    return message


@pytest.mark.parametrize("before", [None, {"complained": NOON}])
def test_of_two_receipts_that_read_the_same_message_the_second_has_to_look_again(
    sends: Sends, before: dict[str, Any] | None
) -> None:
    read = put(sends, a_message(status=Status.DELIVERED, engagement=before))
    sends.settle(read, read.model_copy(update={"engagement": {**(before or {}), **OPENED}}))
    with pytest.raises(ChangedError):
        sends.settle(read, read.model_copy(update={"engagement": {**(before or {}), "clicked": NOON}}))


def test_a_click_that_crosses_an_open_is_kept_with_it(sends: Sends) -> None:
    read = put(sends, a_message(status=Status.DELIVERED))
    crossing = iter([read.model_copy(update={"engagement": OPENED})])

    def opened(**_: Any) -> None:
        for message in crossing:
            put(sends, message)

    sends.client.meta.events.register("provide-client-params.dynamodb.UpdateItem", opened)
    click = Receipt(carrier_id="c-1", at=NOON + SECOND, engagement="clicked", customer="ada", message="m-1")
    after = sends.record(click).after
    sends.client.meta.events.unregister("provide-client-params.dynamodb.UpdateItem", opened)
    assert after.engagement == {"opened": NOON, "clicked": NOON + SECOND}
    assert sends.message("ada", "m-1") == after


def test_where_a_message_is_moves_though_somebody_opened_it_meanwhile(sends: Sends) -> None:
    read = put(sends, a_message(status=Status.SENT))
    put(sends, read.model_copy(update={"engagement": OPENED}))
    sends.settle(read, read.model_copy(update={"status": Status.DELIVERED}))
    assert sends.message("ada", "m-1") == read.model_copy(update={"status": Status.DELIVERED, "engagement": OPENED})
