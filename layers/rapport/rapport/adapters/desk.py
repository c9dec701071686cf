"""The people at the desk: told of a case by e-mail, reminded of it, and stood in for when nobody was free."""

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from botocore.exceptions import ClientError

from rapport.adapters import items
from rapport.adapters.cases import Cases
from rapport.adapters.ledger import ConflictError
from rapport.adapters.planner import report_drafts
from rapport.adapters.secret import Secret
from rapport.adapters.ses import PERMANENT, one_line
from rapport.adapters.telemetry import count, logger
from rapport.domain.advance import known_of
from rapport.domain.case import LINK_LASTS, STILL_WAITING, Case, Change, after_telling, apologise, is_due
from rapport.domain.case_letter import letter
from rapport.domain.conversation import Conversation, Due
from rapport.domain.customer import Customer
from rapport.domain.dialogue import hours_at
from rapport.domain.message import Content

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

MOST_TRIES: Final = 10
CASE: Final = "case"  # the kind of token that a link to a case is
REFUSED: Final = frozenset(
    {
        *PERMANENT,
        "AccountSuspendedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "SendingPausedException",  # not for good, but for longer than a customer should wait
    }
)


class Asked(Due):
    """What the desk's queue asks for: what is due, of which conversation."""

    customer: str
    thread: str


class DeskMails:
    """E-mails to the desk, outside the configuration set: their receipts are nobody's message."""

    def __init__(self, client: "SESV2Client", from_address: str, desk_address: str) -> None:
        self.client = client
        self.from_address = from_address
        self.desk_address = desk_address

    def send(self, content: Content, reply_to: str | None) -> bool:
        """One attempt at one plain-text e-mail; False where no other could end otherwise. Raises botocore's errors."""
        subject = {"Data": one_line(content.subject or ""), "Charset": "UTF-8"}
        body = {"Text": {"Data": content.text, "Charset": "UTF-8"}}
        try:
            self.client.send_email(
                FromEmailAddress=self.from_address,
                Destination={"ToAddresses": [self.desk_address]},
                ReplyToAddresses=[reply_to] if reply_to else [],
                Content={"Simple": {"Subject": subject, "Body": body}},  # type: ignore[typeddict-item]
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in REFUSED:
                raise
            count("FailedDeskMails")
            logger.error("desk mail refused", code=code)
            return False
        return True


class Desk:
    """`page` is where cases are answered, `reply_domain` where e-mails to them go, if anywhere."""

    def __init__(self, cases: Cases, mails: DeskMails, secret: Secret, page: str, reply_domain: str) -> None:
        self.cases = cases
        self.conversations = cases.conversations
        self.content = cases.content
        self.mails = mails
        self.secret = secret
        self.page = page
        self.reply_domain = reply_domain
        self.clock = cases.clock

    def tell(self, body: str) -> None:
        """What is due of one conversation, if it still is: first said, then put down: never left unsaid.

        Where SES won't take an e-mail to the desk, what is due next is so all the same: a customer hears of it then.
        """
        asked = Asked.model_validate_json(body)
        due = Due(what=asked.what, at=asked.at)
        case = self.cases.read(asked.customer, asked.thread)
        if case is None or not is_due(case.conversation, due):
            return
        if due.what != "apologise":
            self.mail(case, due.what)
        self.go_on(case.conversation, due)

    def mail(self, case: Case, what: Literal["tell", "remind"]) -> None:
        """The case to the desk."""
        now, conversation = self.clock(), case.conversation
        name = conversation.case or ""
        subject = [conversation.customer, conversation.thread, name]
        link = f"{self.page}/case/{self.secret.tokens.make(CASE, subject, now + LINK_LASTS)}"
        company, zone = self.content.voice.company, self.content.rules.opening.time_zone
        told = letter(case, what, company, link, zone, now, replies=bool(self.reply_domain))
        if self.mails.send(told, self.reply_address(conversation, now)):
            count("DeskReminders" if what == "remind" else "DeskLetters")
            logger.info("desk told", case=name, what=what)

    def reply_address(self, conversation: Conversation, now: datetime) -> str | None:
        """Where an e-mail answers the case, if that is set up; until when is put down, since it has no room for it."""
        if not self.reply_domain:
            return None
        name = conversation.case or ""
        values = {
            "kind": CASE,
            "customer": conversation.customer,
            "thread": conversation.thread,
            "until": (now + LINK_LASTS).isoformat(),
        }
        item = {**items.case_key(name), **items.to_item(values)}
        self.conversations.client.put_item(TableName=self.conversations.table, Item=item)
        return f"{CASE}+{self.secret.tokens.brief(CASE, name)}@{self.reply_domain}"

    def go_on(self, conversation: Conversation, due: Due) -> None:
        """Puts down what is due next, unless something else is by now. Raises ConflictError at length."""
        for _ in range(MOST_TRIES):
            customer, before = self.conversations.read(conversation.customer, conversation.thread)
            if before is None or not is_due(before, due):
                return
            change = self.next(before, customer, due)
            try:
                self.conversations.commit_desk(before, change.conversation, change.steps, change.drafts)
            except ConflictError:
                continue
            report_drafts(list(change.drafts))
            if change.drafts or due.what == "apologise":
                logger.info("desk silent", case=before.case, held=bool(change.conversation.due))
            return
        raise ConflictError("the conversation was written to all the time")

    def next(self, before: Conversation, customer: Customer, due: Due) -> Change:
        """What follows on what was due. Raises UnsayableError."""
        if due.what != "apologise":
            return after_telling(before, self.content.rules)
        now = self.clock()
        sorry = self.content.answer(STILL_WAITING, known_of(customer), hours_at(self.content.rules.opening, now))
        return apologise(before, customer, sorry, self.content.policy, now)
