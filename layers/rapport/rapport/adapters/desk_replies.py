"""E-mails that answer a case, as SES receives them: those that the desk surely wrote; any other goes back to it."""

import json
import re
from base64 import b64decode
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final

from rapport.adapters import items
from rapport.adapters.cases import Cases
from rapport.adapters.desk import CASE, DeskMails
from rapport.adapters.many_items import fetch
from rapport.adapters.secret import Secret
from rapport.adapters.ses import one_line
from rapport.adapters.telemetry import count, log_failure, logger
from rapport.domain.case import LONGEST, Came, Case
from rapport.domain.case_reply import read_reply, words_of
from rapport.domain.message import Content

RECIPIENT: Final = re.compile(rf"{CASE}\+([a-z0-9-]+)@.+", re.IGNORECASE)
PASSED: Final = "PASS"
NOBODYS: Final = ("", "<>")  # the envelope's sender of what a mail server writes
TOO_OLD: Final = "the case is too old to be answered by e-mail"
LONGEST_ADDRESS: Final = 100
WHY_NOT: Final = {
    Came.OVER: "the case is over",
    Came.EMPTY: "no answer was found above the marker line",
    Came.TOO_LONG: f"an answer may have {LONGEST} characters",
}


class DroppedError(Exception):
    """Nothing that a person wrote about a case; the text says why, and nothing of what was written."""


class RefusedError(Exception):
    """Something about a case that is no answer; the text says why, to the desk."""


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
        mail = message_from_bytes(b64decode(told["content"]), policy=default)
        try:
            check_human(mail, told)
            name = self.name_of(told["receipt"]["recipients"])
        except DroppedError as error:
            count("DroppedDeskReplies")
            logger.warning("desk reply dropped", why=str(error))
            return
        try:
            self.check_writer(mail, told)
            doing = read_reply(text_of(mail), told["mail"]["messageId"], writers(mail)[0].display_name or "by e-mail")
        except RefusedError as error:
            self.send_back(name, str(error))
            return
        case = self.case_of(name)
        done = self.cases.act(case, name, doing)[1] if case else None
        why = done.because or WHY_NOT.get(done.came) if done else TOO_OLD
        if why:
            self.send_back(name, why, doing.text)

    def check_writer(self, mail: EmailMessage, told: dict[str, Any]) -> None:
        """Raises RefusedError unless the desk surely wrote it.

        SPF speaks for the envelope's sender, so that has to be of the desk's domain; DMARC for whom the mail says.
        """
        froms = writers(mail)
        if [each.addr_spec.lower() for each in froms] != [self.desk_address]:
            known = one_line(", ".join(each.addr_spec for each in froms))[:LONGEST_ADDRESS]
            raise RefusedError(f"it came from {known or 'nobody'}, and {self.desk_address} alone may answer")
        ours = str(told["mail"]["source"]).lower().rpartition("@")[2] == self.desk_address.rpartition("@")[2]
        spf, dmarc = (verdict(told, name) == PASSED for name in ("spf", "dmarc"))
        if not dmarc and not (spf and ours):
            raise RefusedError("nobody vouches for its sender: neither DMARC, nor SPF of the desk's domain")

    def name_of(self, recipients: list[str]) -> str:
        """The name of the case that an e-mail to these addresses is about. Raises DroppedError."""
        tokens = [match[1] for each in recipients if (match := RECIPIENT.fullmatch(each))]
        names = [name for token in tokens if (name := self.secret.tokens.read_brief(CASE, token))]
        if not names:
            raise DroppedError("to no case")
        return names[0]

    def case_of(self, name: str) -> Case | None:
        """The case of this name, for as long as e-mails may answer it."""
        found = fetch(self.conversations.client, self.conversations.table, [items.case_key(name)])
        known = items.from_item(found["CASE"]) if found else None
        if known is None or self.cases.clock() >= datetime.fromisoformat(known["until"]):
            return None
        return self.cases.read(known["customer"], known["thread"])

    def send_back(self, name: str, why: str, written: str = "") -> None:
        """Tells the desk, and never the writer, what was not sent: a page would have said so."""
        text = f"Nothing was sent: {why}.\nThe link in the case's latest e-mail shows how it stands.\n\n{written}"
        self.mails.send(Content(subject=f"Your answer was not sent ({name})", text=text), None)
        count("UnsentDeskReplies")
        logger.warning("desk reply not sent", case=name)


def check_human(mail: EmailMessage, told: dict[str, Any]) -> None:
    """Raises DroppedError for spam, viruses and machines: no customer hears of anybody's being out of office."""
    if any(verdict(told, name) != PASSED for name in ("virus", "spam")):
        raise DroppedError("spam or a virus")
    automatic = str(mail.get("auto-submitted", "no")).lower() != "no" or mail.get("x-autoreply")
    if automatic or str(mail.get("precedence", "")).lower() in ("bulk", "junk", "auto_reply"):
        raise DroppedError("written by a machine")
    if told["mail"]["source"] in NOBODYS:
        raise DroppedError("written by a mail server")


def verdict(told: dict[str, Any], name: str) -> str | None:
    """What SES found."""
    status = told["receipt"].get(f"{name}Verdict", {}).get("status")
    return str(status) if status else None


def writers(mail: EmailMessage) -> list[Address]:
    """Everybody whom the mail says it is from; nobody where it says so twice, since who is vouched for is only one."""
    try:
        headers = mail.get_all("from", [])
        return list(headers[0].addresses) if len(headers) == 1 else []
    except Exception as error:  # Python's parser has many for what isn't well formed
        log_failure("unreadable desk reply", error)
        return []


def text_of(mail: EmailMessage) -> str:
    """The e-mail's text, out of its HTML if it has no other. Raises RefusedError when it has none."""
    try:
        part = mail.get_body(preferencelist=("plain", "html"))
        text = str(part.get_content()) if part else None
        html = part is not None and part.get_content_subtype() == "html"
        words = words_of(text) if text is not None and html else text
    except Exception as error:  # as above
        log_failure("unreadable desk reply", error)
        raise RefusedError("its text could not be read") from error
    if words is None:
        raise RefusedError("it is without text")
    return words
