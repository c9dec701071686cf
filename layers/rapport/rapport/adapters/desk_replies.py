"""E-mails that answer a case, as SES receives them: those that the desk surely wrote, and no others."""

import json
import re
from base64 import b64decode
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final

from rapport.adapters import items
from rapport.adapters.cases import Cases
from rapport.adapters.desk import CASE, DeskMails
from rapport.adapters.ledger import fetch
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import count, logger
from rapport.domain.case import LONGEST, Came, Case, Doing
from rapport.domain.case_reply import read_reply
from rapport.domain.message import Content

RECIPIENT: Final = re.compile(rf"{CASE}\+([a-z0-9-]+)@.+", re.IGNORECASE)
PASSED: Final = "PASS"
WHY_NOT: Final = {
    Came.OVER: "the case is over",
    Came.EMPTY: "no answer was found above the marker line",
    Came.TOO_LONG: f"an answer may have {LONGEST} characters",
}


class DroppedError(Exception):
    """No answer to a case; the text says why, and nothing of what was written."""


class DeskReplies:
    """`desk_address` is whom the cases are sent to, and who alone may answer."""

    def __init__(self, cases: Cases, mails: DeskMails, secret: Secret, desk_address: str) -> None:
        self.cases = cases
        self.conversations = cases.conversations
        self.mails = mails
        self.secret = secret
        self.desk_address = desk_address.lower()

    def take(self, body: str) -> None:
        """One e-mail as SES tells of it. Raises KeyError or ValueError for what SES wouldn't say."""
        told = json.loads(body)
        try:
            self.check(told["receipt"], told["mail"])
            mail = message_from_bytes(b64decode(told["content"]), policy=default)
            self.check_writer(mail)
            name, case = self.case_of(told["receipt"]["recipients"])
            doing = read_reply(plain_text(mail), told["mail"]["messageId"], writer(mail))
        except DroppedError as error:
            count("DroppedDeskReplies")
            logger.warning("desk reply dropped", why=str(error))
            return
        _, done = self.cases.act(case, name, doing)
        if why := done.because or WHY_NOT.get(done.came):
            self.send_back(name, doing, why)

    def check(self, receipt: dict[str, Any], mail: dict[str, Any]) -> None:
        """Raises DroppedError for spam, viruses, and what anybody may have sent.

        SPF speaks for the envelope's sender, so that has to be of the desk's domain; DMARC for whom the mail says.
        """
        verdict = {name: receipt.get(f"{name}Verdict", {}).get("status") for name in ("spam", "virus", "spf", "dmarc")}
        if verdict["virus"] != PASSED or verdict["spam"] != PASSED:
            raise DroppedError("spam or a virus")
        ours = str(mail["source"]).lower().rpartition("@")[2] == self.desk_address.rpartition("@")[2]
        if verdict["dmarc"] != PASSED and not (verdict["spf"] == PASSED and ours):
            raise DroppedError("nobody vouches for its sender")

    def check_writer(self, mail: EmailMessage) -> None:
        """Raises DroppedError unless a person at the desk wrote it: no customer hears of their being out of office."""
        addresses = [each.addr_spec.lower() for each in mail["from"].addresses] if mail["from"] else []
        if addresses != [self.desk_address]:
            raise DroppedError("not from the desk")
        automatic = str(mail.get("auto-submitted", "no")).lower() != "no" or mail.get("x-autoreply")
        if automatic or str(mail.get("precedence", "")).lower() in ("bulk", "junk", "auto_reply"):
            raise DroppedError("written by a machine")

    def case_of(self, recipients: list[str]) -> tuple[str, Case]:
        """The case that an e-mail to these addresses answers. Raises DroppedError."""
        tokens = [match[1] for each in recipients if (match := RECIPIENT.fullmatch(each))]
        names = [name for token in tokens if (name := self.secret.tokens.read_brief(CASE, token))]
        if not names:
            raise DroppedError("to no case")
        name = names[0]
        found = fetch(self.conversations.client, self.conversations.table, [items.case_key(name)])
        known = items.from_item(found["CASE"]) if found else None
        if known is None or self.cases.clock() >= datetime.fromisoformat(known["until"]):
            raise DroppedError("to a case that is too old")
        case = self.cases.read(known["customer"], known["thread"])
        if case is None:
            raise DroppedError("to a case that is gone")
        return name, case

    def send_back(self, name: str, doing: Doing, why: str) -> None:
        """Tells the desk what was not sent: a page would have said so."""
        text = f"Nothing was sent: {why}.\nThe link in the case's latest e-mail shows how it stands.\n\n{doing.text}"
        self.mails.send(Content(subject=f"Your answer was not sent ({name})", text=text), None)
        count("UnsentDeskReplies")


def plain_text(mail: EmailMessage) -> str:
    """The e-mail's text. Raises DroppedError when it has none."""
    part = mail.get_body(preferencelist=("plain",))
    if part is None:
        raise DroppedError("without plain text")
    return str(part.get_content())


def writer(mail: EmailMessage) -> str:
    """The name that the writer goes by."""
    return str(mail["from"].addresses[0].display_name) or "by e-mail"
