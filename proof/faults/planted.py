"""Mistakes that somebody could make in claiming messages and calling carriers: the harness must catch them."""

from dataclasses import replace
from typing import Final

from proof.faults.faults import Fault, Kind, Site
from proof.faults.planting import Edit, Mistake
from proof.faults.play import Plan

DOMAIN, ADAPTERS = "rapport.domain.", "rapport.adapters."
SENDING, ATTEMPT = DOMAIN + "sending:", DOMAIN + "attempt:"
SENDS, LEDGER = ADAPTERS + "sends:Sends.", ADAPTERS + "ledger:Ledger."


def at(
    day: str, site: str, kind: Kind, nth: int = 1, to: int | None = None, span: int = 0, *, turns: bool = False
) -> Plan:
    """A day on which this befalls the nth call at a site such as `send_sms/SNS.Publish`, and those up to another."""
    function, call = site.split("/")
    faults = tuple(Fault(Site(function, call), place, kind, span) for place in range(nth, (to or nth) + 1))
    return Plan(day, faults=faults, interleaved=turns)


def joined(*plans: Plan) -> Plan:
    """A day on which all of it befalls."""
    return replace(plans[0], faults=tuple(fault for plan in plans for fault in plan.faults))


TEXT, MAIL, CLAIM = "send_sms/SNS.Publish", "send_email/SESv2.SendEmail", "send_sms/DynamoDB.UpdateItem"
QUEUEING = "dispatch_messages/SQS.SendMessageBatch"

COPIES = at("shipped", QUEUEING, Kind.REPLY_LOST, 1, 3)  # each text comes four times: more than one batch holds
A_DAY_LONG = at("shipped", "send_sms/DynamoDB.BatchGetItem", Kind.READS_FAIL, 2, span=100_000)

OF_CARRIERS: Final = (
    Mistake(
        "the SDK's retries are on at the carrier",
        (Edit(ADAPTERS + "carriers:ONE_ATTEMPT", "", "POOLED"),),
        (at("shipped", TEXT, Kind.REPLY_LOST), at("shipped", MAIL, Kind.ERROR_APPLIED)),
    ),
    Mistake(
        "a time-out means failed",
        (
            Edit(
                ADAPTERS + "carriers:attempt",
                "return InDoubt(type(error).__name__)",
                "return Refused(type(error).__name__)",
            ),
        ),
        (at("shipped", TEXT, Kind.REPLY_LOST),),
    ),
    Mistake(
        "a time-out means not sent",
        (
            Edit(
                ADAPTERS + "carriers:attempt",
                "return InDoubt(type(error).__name__)",
                "return NotAccepted(type(error).__name__)",
            ),
        ),
        (at("reminded", TEXT, Kind.REPLY_LOST),),
    ),
    Mistake(
        "HTTP 500 means not sent",
        (
            Edit(
                ADAPTERS + "carriers:attempt",
                'InDoubt(f"{status} {code}") if status >= SERVER_ERROR else NotAccepted(code)',
                "NotAccepted(code)",
            ),
        ),
        (at("reminded", TEXT, Kind.ERROR_APPLIED),),
    ),
    Mistake(
        "a throttle is final",
        (Edit(ADAPTERS + "carriers:attempt", "else NotAccepted(code)", "else Refused(code)"),),
        (at("shipped", TEXT, Kind.THROTTLED),),
    ),
    Mistake(
        "no connection is a doubt",
        (
            Edit(
                ADAPTERS + "carriers:attempt",
                "return NotAccepted(type(error).__name__)",
                "return InDoubt(type(error).__name__)",
            ),
        ),
        (at("reminded", TEXT, Kind.UNREACHED),),
    ),
    Mistake(
        "every answer is a yes",
        (
            Edit(
                SENDING + "hand_over",
                "answer = carrier.send(claimed, content, claimed.address)",
                "answer = Accepted(str(carrier.send(claimed, content, claimed.address)))",
            ),
        ),
        (at("shipped", TEXT, Kind.THROTTLED),),
        pure=True,
    ),
)

OF_CLAIMS: Final = (
    Mistake(
        "sent before it is claimed",
        (
            Edit(
                ADAPTERS + "sender:Sender.claim",
                "claimed = claim(",
                "seen = self.sends.message(key.customer, key.message)\n"
                "    answer = self.carrier.send(seen, self.sends.look(seen).content, seen.address or '')\n"
                "    self.early = {**getattr(self, 'early', {}), seen.id: answer}\n"
                "    claimed = claim(",
            ),
            Edit(
                ADAPTERS + "sender:Sender.send",
                "self.carrier, self.policy",
                "type('Early', (), {'send': lambda *_: self.early[claimed.id]})(), self.policy",
            ),
        ),
        (Plan("shipped"),),
    ),
    Mistake(
        "no fencing: any sender settles any attempt",
        (
            Edit(SENDS + "move", '"#status = :was_status"', '"(#status = :was_status OR attribute_exists(pk))"'),
            Edit(SENDS + "move", '"#due_at = :was_due_at"', '"(#due_at = :was_due_at OR attribute_exists(pk))"'),
            Edit(
                SENDS + "move", '"#attempts = :was_attempts"', '"(#attempts = :was_attempts OR attribute_exists(pk))"'
            ),
            Edit(SENDS + "move", '"#{name} = :was_{name}"', '"(#{name} = :was_{name} OR attribute_exists(pk))"'),
            Edit(SENDS + "move", '"attribute_not_exists(#{name})"', '"attribute_exists(pk)"'),
        ),
        (at("shipped", TEXT, Kind.STALLED_AFTER, span=3700),),
    ),
    Mistake(
        "a zombie sends",
        (Edit(SENDING + "hand_over", " and clock() < claimed.lease_until - LEASE / 2", ""),),
        (at("shipped", "send_email/DynamoDB.UpdateItem", Kind.STALLED_AFTER, span=200),),
        pure=True,
    ),
    Mistake(
        "a zombie sends a text once it is counted",
        (
            Edit(
                ADAPTERS + "spending:Metered.send",
                "message.lease_until and self.clock() >= message.lease_until - LEASE / 2",
                "not message.lease_until",
            ),
        ),
        tuple(at("shipped", "send_sms/DynamoDB.UpdateItem", Kind.STALLED_AFTER, nth, span=200) for nth in (6, 7, 8)),
    ),
    Mistake(
        "no lease: who sees a message in sending takes it for abandoned",
        (
            Edit(
                SENDING + "doubt_if_abandoned",
                "if message.lease_until is None or now < message.lease_until:",
                "if message.lease_until is None:",
            ),
        ),
        (joined(COPIES, at("shipped", TEXT, Kind.WITHDRAWN)),),
    ),
    Mistake(
        "nobody doubts an abandoned message",
        (
            Edit(
                SENDING + "doubt_if_abandoned",
                "if message.lease_until is None or now < message.lease_until:",
                "if message.id:",
            ),
        ),
        (at("shipped", TEXT, Kind.KILLED_AFTER),),
        pure=True,
    ),
    Mistake(
        "a crash resets to queued",
        (
            Edit(
                SENDING + "doubt_if_abandoned",
                'in_doubt(message, "its sender was cut off", policy, now)',
                'freed(message, {"status": Status.QUEUED, "due_at": now})',
            ),
        ),
        (at("reminded", TEXT, Kind.KILLED_AFTER),),
        pure=True,
    ),
    Mistake(
        "what may not come twice is sent again",
        (
            Edit(
                ATTEMPT + "in_doubt",
                'policy.purposes[message.purpose].on_doubt == "send-again" and not message.doubts',
                "not message.doubts",
            ),
        ),
        (at("reminded", TEXT, Kind.REPLY_LOST),),
        pure=True,
    ),
    Mistake(
        "in doubt, it is sent again for ever",
        (Edit(ATTEMPT + "in_doubt", ' == "send-again" and not message.doubts', ' == "send-again"'),),
        (at("shipped", TEXT, Kind.REPLY_LOST, 1, 40),),
        pure=True,
    ),
    Mistake(
        "the doubts' counter is overwritten",
        (Edit(ATTEMPT + "in_doubt", '"doubts": message.doubts + 1', '"doubts": 1'),),
        (at("shipped", TEXT, Kind.REPLY_LOST, 1, 40),),
    ),
    Mistake(
        "a possible duplicate isn't marked",
        (Edit(ATTEMPT + "in_doubt", '"possible_duplicate": True', '"possible_duplicate": False'),),
        (at("shipped", TEXT, Kind.REPLY_LOST),),
        pure=True,
    ),
    Mistake(
        "what may have gone out is called failed",
        (
            Edit(
                ATTEMPT + "outcome",
                '{"status": Status.UNKNOWN if message.doubts else status, "detail": answer.why}',
                '{"status": status, "detail": answer.why}',
            ),
        ),
        tuple(at("shipped", TEXT, Kind.REPLY_LOST, nth) for nth in range(1, 6)),
    ),
    Mistake(
        "what may have gone out is called skipped",
        (Edit(SENDING + "refuse", "if message.doubts:", "if message.doubts > 99:"),),
        (at("shipped", TEXT, Kind.REPLY_LOST, 1, 5),),
        pure=True,
    ),
    Mistake(
        "what may have gone out is called expired",
        (
            Edit(
                DOMAIN + "reconciling:reconcile",
                "Status.UNKNOWN if message.doubts else Status.EXPIRED",
                "Status.EXPIRED",
            ),
        ),
        (joined(A_DAY_LONG, at("shipped", TEXT, Kind.REPLY_LOST)),),
    ),
    Mistake(
        "a claim that was refused counts as one",
        (
            Edit(
                SENDS + "claim",
                "return items.read_message(found)",
                "mine = {'status': Status.SENDING, 'owner': owner, 'lease_until': lease_until}\n"
                "    return items.read_message(found).model_copy(update=mine)",
            ),
        ),
        (joined(COPIES, at("shipped", CLAIM, Kind.STALLED_BEFORE, span=2)),),
    ),
    Mistake(
        "what was claimed isn't put back when the last look fails",
        (Edit(SENDING + "deliver", 'with or_put_back(key, claimed.owner or "", ledger):', "if key.message:"),),
        (at("shipped", "send_sms/DynamoDB.BatchGetItem", Kind.THROTTLED, 1, 20),),
    ),
)
