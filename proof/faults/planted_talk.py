"""Mistakes that somebody could make in consent, caps, receipts and conversations: the harness must catch them too."""

from typing import Final

from proof.faults.faults import Kind
from proof.faults.planted import ADAPTERS, CLAIM, DOMAIN, SENDS, TEXT, at, joined
from proof.faults.planting import Edit, Mistake
from proof.faults.play import Plan

SAID: Final = 'if due.what != "apologise":\n        self.mail(case, due.what)'
PUT_DOWN: Final = "self.go_on(case.conversation, due)"

OF_CONSENT_AND_CAPS: Final = (
    Mistake(
        "the last look is before the claim",
        (
            Edit(
                ADAPTERS + "sender:Sender.claim",
                "claimed = claim(",
                "early = self.sends.looks([self.sends.message(key.customer, key.message)])\n"
                "    self.early = {**getattr(self, 'early', {}), **early}\n"
                "    claimed = claim(",
            ),
            Edit(ADAPTERS + "sender:Sender.look", "return self.sends.looks(claimed)", "return self.early"),
        ),
        (at("shipped", CLAIM, Kind.WITHDRAWN), at("shipped", CLAIM, Kind.WITHDRAWN, 1, 5)),
    ),
    Mistake(
        "the looks at a batch are mixed up",
        (Edit(ADAPTERS + "sender:Sender.send", "looks.get(claimed.id)", "max(looks.items())[1]"),),
        tuple(at("shipped", CLAIM, Kind.WITHDRAWN, nth) for nth in range(1, 6)),
    ),
    Mistake(
        "the cap is read, then written",
        (Edit(SENDS + "counted", '"version = :version"', '"version = :version OR attribute_exists(pk)"'),),
        (Plan("offered", seed=2, interleaved=True), Plan("offered", seed=1, interleaved=True)),
    ),
    Mistake(
        "a count that was refused counts as one",
        (
            Edit(
                DOMAIN + "sending:last_word", "except ChangedError:\n            continue", "except ChangedError: pass"
            ),
        ),
        (Plan("offered", seed=2, interleaved=True), Plan("offered", seed=1, interleaved=True)),
    ),
    Mistake(
        "a place under the cap is given back when the message is sent",
        (Edit(DOMAIN + "sending:gives_back", "(Status.FAILED,", "(Status.SENT, Status.FAILED,"),),
        (Plan("offered"),),
        pure=True,
    ),
    Mistake(
        "a cap lets one too many through",
        (Edit(DOMAIN + "decision:against_the_caps", "if counted >= cap.at_most:", "if counted > cap.at_most:"),),
        (Plan("offered"),),
        pure=True,
    ),
    Mistake(
        "who never agreed gets offers",
        (
            Edit(
                DOMAIN + "decision:weigh_channel",
                "if rules.consent is ConsentRule.GIVEN and not consent:",
                "if not rules:",
            ),
        ),
        (Plan("offered"),),
    ),
    Mistake(
        "the first word counts, not the last",
        (Edit(DOMAIN + "customer:Customer.consent", "return max(words", "return min(words"),),
        (Plan("offered"),),
        pure=True,
    ),
    Mistake(
        "no last look: what was planned is sent",
        (
            Edit(
                DOMAIN + "sending:last_word",
                'if decision.outcome != "send" or address is None:',
                "if address is None:",
            ),
        ),
        (at("stopped", TEXT, Kind.THROTTLED, 1, 5),),
        pure=True,
    ),
    Mistake(
        "STOP is kept and not applied",
        (Edit(DOMAIN + "plain_wishes:stop", "customer=customer, settled", "customer=None, settled"),),
        (Plan("stopped"),),
    ),
    Mistake(
        "STOP doesn't reach what is queued",
        (Edit(DOMAIN + "plain_wishes:withdrawn", "purpose=ALL", 'purpose="promotional"'),),
        (Plan("stopped"),),
    ),
)

OF_SPENDING: Final = (
    Mistake(
        "segments are counted, and no ceiling is kept",
        (Edit(ADAPTERS + "spending:Ceilings.add", "ceiling - many for", "ceiling + 1000 - many for"),),
        (Plan("flooded"),),
    ),
    Mistake(
        "what is over a ceiling goes out all the same",
        (Edit(ADAPTERS + "spending:Metered.send", "if over:", "if over and not address:"),),
        (Plan("flooded"),),
    ),
    Mistake(
        "a day's ceiling is kept, and an hour's isn't",
        (Edit(ADAPTERS + "spending:Ceilings.count_for", "hour: ceilings.hour}", "hour: None}"),),
        (Plan("flooded"),),
    ),
    Mistake(
        "an hour's ceiling is kept, and a day's isn't",
        (Edit(ADAPTERS + "spending:Ceilings.count_for", '{"day": ceilings.day, hour', '{"day": None, hour'),),
        (Plan("flooded"),),
    ),
)

OF_RECEIPTS: Final = (
    Mistake(
        "receipts set the status blindly",
        (
            Edit(
                DOMAIN + "receipts:after_receipt",
                "height(receipt.status, receipt.soft) > height(message.status, message.soft)",
                "receipt.status != message.status",
            ),
        ),
        (at("shipped", "carrier of email/receipt", Kind.TWICE, 1, 8),),
    ),
    Mistake(
        "a bounce closes no address",
        (Edit(SENDS + "customer_change", "if suppress and message.channel and message.address:", "if not message:"),),
        (Plan("shipped"),),
    ),
)

OF_TALK: Final = (
    Mistake(
        "the bot answers while a person has it",
        (Edit(DOMAIN + "talk:hear_owner", "if conversation.owner is Owner.BOT:", "if conversation:"),),
        (Plan("unhappy"),),
    ),
    Mistake(
        "what the bot had said before goes out after it has lost the conversation",
        (Edit(ADAPTERS + "sends:void_by", 'message.entry not in ("", parent["epoch"]["N"])', "not parent"),),
        (at("elsewhere", TEXT, Kind.THROTTLED, 13, 14),),
    ),
    Mistake(
        "a place is taken without reading it back",
        (
            Edit(
                DOMAIN + "destination:hear_offer",
                "return read_back(delivery, place, scene)",
                'return sent_to(delivery, place, turn, scene, "destination-changed", "confirmed")',
            ),
        ),
        (Plan("elsewhere"),),
    ),
    Mistake(
        "a yes counts though what it answers may never have arrived",
        (
            Edit(
                ADAPTERS + "replying:Replier.as_they_know_it",
                "if message and message.status in REACHED:",
                "if message and message.status in (*REACHED, *IN_DOUBT):",
            ),
        ),
        tuple(at("elsewhere", TEXT, Kind.KILLED_BEFORE, nth) for nth in (5, 6, 7)),
    ),
    Mistake(
        "a yes counts that was written before the place was read back",
        (
            Edit(
                DOMAIN + "talk:answers_another",
                "(asked.sent_at or asked.asked_at)",
                "asked.asked_at",
            ),
        ),
        (
            joined(
                at("elsewhere", "send_sms/invocation", Kind.BEHIND, 3, span=61),
                at("elsewhere", "receive_sms/DynamoDB.BatchGetItem", Kind.WRITES_FAIL, 15, span=61),
            ),
        ),
    ),
    Mistake(
        "a text that couldn't be kept is taken for done",
        (
            Edit(
                ADAPTERS + "inbox:Inbox.take",
                'log_failure("text not kept", error)\n            failed.add(record)',
                'log_failure("text not kept", error)',
            ),
        ),
        (at("stopped", "receive_sms/DynamoDB.BatchGetItem", Kind.READS_FAIL, span=200),),
    ),
    Mistake(
        "it is put down that the desk was told before it is",
        (
            Edit(
                ADAPTERS + "desk:Desk.tell",
                f"{SAID}\n    {PUT_DOWN}",
                f"{PUT_DOWN}\n    {SAID}",
            ),
        ),
        (at("unhappy", "tell_desk/SESv2.SendEmail", Kind.KILLED_BEFORE, 1, 60),),
    ),
)
