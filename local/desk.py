"""A person at the desk: reads the case's e-mail, follows its link, and fills in the form, by the deployed handler."""

import html
import itertools
import json
import re
from base64 import b64encode
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from local.template import ROOT

if TYPE_CHECKING:
    from local.carriers import Taken
    from local.world import World

LINK: Final = re.compile(r"https://\S+/case/(\S+)")
NONCE: Final = re.compile(r'name="nonce" value="([^"]*)"')
NOTICE: Final = re.compile(r'<p class="said[^>]*>(.*?)</p>', re.DOTALL)
SUBJECT: Final = re.compile(r"\(customer (\S+)\)")
VERDICTS: Final = ("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict")


class Desk:
    """Whoever reads the e-mails that go to the desk's address."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.written = itertools.count()

    def mails(self, customer: str | None = None) -> list["Taken"]:
        """The e-mails about cases, or about one customer's, in the order of time."""
        found = [(taken, SUBJECT.search(taken.text)) for taken in self.world.carriers.taken if LINK.search(taken.text)]
        return [taken for taken, named in found if named and customer in (None, named[1])]

    def has_case(self, customer: str) -> bool:
        """Whether the desk was ever told of this customer."""
        return bool(self.mails(customer))

    def token(self, customer: str | None = None) -> str:
        """The token of the latest e-mail's link. Raises LookupError when there was no such e-mail."""
        mails = self.mails(customer)
        if not mails:
            raise LookupError("the desk was told of no such case")
        [token] = LINK.findall(mails[-1].text)[-1:]
        return str(token)

    def open_case(self, customer: str | None = None, token: str | None = None) -> dict[str, Any]:
        """The page that the link leads to, as API Gateway gets it."""
        return self.ask("GET", self.token(customer) if token is None else token)

    def answer(
        self,
        customer: str | None,
        text: str = "",
        *,
        name: str = "Kim",
        hand_back: bool = False,
        token: str | None = None,
    ) -> str:
        """Opens the case and answers it, or with no text only hands it back; what the page then says of that."""
        token = self.token(customer) if token is None else token
        nonce = NONCE.search(self.ask("GET", token)["body"])
        do = ("both" if text else "back") if hand_back else "send"
        # The page's own nonce is left to chance; with this one the same story has the same messages.
        page = self.post(token, text=text, by=name, do=do, nonce=f"nonce-{next(self.world.order)}" if nonce else "")
        return notice(page)

    def post(self, token: str, **form: str) -> dict[str, Any]:
        """The form as a browser sends it, and all that follows at once."""
        page = self.ask("POST", token, urlencode(form))
        self.world.settle()
        return page

    def reply(
        self, text: str, *, to: str | None = None, verdicts: dict[str, str] | None = None, **headers: str
    ) -> None:
        """Answers the latest e-mail by e-mail, as SES tells of it on the topic, and all that follows at once."""
        latest = self.mails()[-1]
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = f"Kim <{latest.to}>", to or latest.reply_to
        for name, value in headers.items():
            del mail[name.replace("_", "-")]
            mail[name.replace("_", "-")] = value
        quoted = "\n".join(f"> {line}" for line in latest.text.split("\n"))
        mail.set_content(f"{text}\n\nOn Tue, 24 Nov 2026 at 10:01, Fern & Oak <{latest.to}> wrote:\n{quoted}\n")
        self.deliver(mail.as_bytes(), str(mail["To"]), latest.to, verdicts)

    def deliver(self, raw: bytes, to: str, source: str, verdicts: dict[str, str] | None = None) -> None:
        """An e-mail as SES tells of it on the topic, and all that follows at once."""
        found = {name: {"status": "PASS"} for name in VERDICTS}
        found |= {f"{name}Verdict": {"status": status} for name, status in (verdicts or {}).items()}
        told = {
            "notificationType": "Received",
            "receipt": {"recipients": [to], **found},
            "mail": {"messageId": f"reply-{next(self.written)}", "source": source},
            "content": b64encode(raw).decode(),
        }
        self.world.sns.publish(TopicArn=self.world.stack.reference("DeskReplies"), Message=json.dumps(told))
        self.world.settle()

    def ask(self, method: str, token: str, body: str | None = None) -> dict[str, Any]:
        """One request of API Gateway's, shaped as events/serve_desk.json."""
        event: dict[str, Any] = json.loads((ROOT / "events" / "serve_desk.json").read_text(encoding="utf-8"))
        event["requestContext"]["http"]["method"] = method
        event |= {"routeKey": f"{method} /case/{{token}}", "pathParameters": {"token": token}, "body": body}
        event |= {"rawPath": f"/case/{token}", "isBase64Encoded": False}
        answer: dict[str, Any] = self.world.deployment.functions["serve_desk"].invoke(event)
        return answer


def notice(page: dict[str, Any]) -> str:
    """What the page says first."""
    said = NOTICE.search(page["body"])
    return html.unescape(" ".join(said[1].split())) if said else f"status {page['statusCode']}"
