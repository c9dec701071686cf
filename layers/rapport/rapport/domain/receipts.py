"""What the carrier says later: it moves a message up its ladder, never down, and closes addresses that refuse us."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from rapport.domain.message import RANK, Message, Status


class Receipt(BaseModel):
    """One word of a carrier on one message.

    An e-mail's receipt names customer and message, which travelled in its tags; a text's only the carrier's own id.
    With `suppress` nothing more may go to the message's address. A `soft` failure is the carrier giving up for now: a
    delivery, before it or after it, outdoes it.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    carrier_id: str
    at: AwareDatetime
    status: Status | None = None
    engagement: Literal["opened", "clicked", "complained"] | None = None
    detail: str | None = None
    suppress: bool = False
    soft: bool = False
    bounced: bool = False
    customer: str | None = None
    message: str | None = None


def after_receipt(message: Message, receipt: Receipt) -> Message:
    """The message after the receipt; the same message when the receipt tells nothing new."""
    changes: dict[str, object] = {}
    if receipt.status and height(receipt.status, receipt.soft) > height(message.status, message.soft):
        changes = {"status": receipt.status, "owner": None, "lease_until": None, "carrier_id": receipt.carrier_id}
        changes["soft"] = receipt.soft
        if message.sent_at is None and receipt.status in (Status.SENT, Status.DELIVERED):
            changes["sent_at"] = receipt.at
        if receipt.detail or message.soft:
            changes["detail"] = receipt.detail
    engaged = message.engagement or {}
    if receipt.engagement and receipt.engagement not in engaged:
        changes["engagement"] = {**engaged, receipt.engagement: receipt.at}
    return message.model_copy(update=changes) if changes else message


def height(status: Status, soft: bool) -> float:
    """How far up the ladder it is; a soft failure is below a delivery."""
    return RANK[Status.DELIVERED] - 0.5 if soft else RANK[status]
