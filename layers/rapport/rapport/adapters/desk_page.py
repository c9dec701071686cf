"""The page on which a person answers a case: plain HTML, every value escaped, nothing that runs."""

import secrets
from base64 import b64decode
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qs

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rapport.adapters.cases import Cases
from rapport.adapters.desk import CASE
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import count, log_failure
from rapport.domain.case import LONGEST, LONGEST_NAME, Came, Case, Doing, Done, prospect
from rapport.domain.case_letter import clock, facts, first_of, latest, story

Action = Literal["send", "send-and-hand-back", "hand-back"]
ACTIONS: Final[dict[str, Action]] = {"send": "send", "both": "send-and-hand-back", "back": "hand-back"}
PAGE: Final = Path(__file__).with_name("desk_page.html")
LONGEST_BODY: Final = 200_000  # characters; 1,000 of an answer, however they are written, are far fewer
LONGEST_NONCE: Final = 64
MOST_FIELDS: Final = 20
DONE: Final = (Came.SENT, Came.HELD, Came.LEFT, Came.HANDED_BACK)
STATUS: Final = {Came.OVER: 409, Came.UNSENDABLE: 409, Came.EMPTY: 400, Came.TOO_LONG: 400}
HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Strict-Transport-Security": "max-age=31536000",
}


class DeskPage:
    """Who has a case's link may read and answer it, for as long as the link is good."""

    def __init__(self, cases: Cases, secret: Secret) -> None:
        self.cases = cases
        self.secret = secret
        self.template = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
        ).from_string(PAGE.read_text(encoding="utf-8"))

    def serve(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; what fails on our side keeps what was written, and may be sent again."""
        posted = event["requestContext"]["http"]["method"] == "POST"
        doing = read_form(event) if posted else None
        try:
            return self.answer(str(event.get("pathParameters", {}).get("token", "")), doing)
        except Exception as error:
            count("FailedDeskPages")
            log_failure("desk page failed", error)
            return self.page(500, None, "failed", None, doing)

    def answer(self, token: str, doing: Doing | None) -> dict[str, Any]:
        """The case as it is, or after what a person did; whatever is wrong with a link, the answer is the same."""
        subject = self.secret.tokens.read(CASE, token, self.cases.clock())
        case = self.cases.read(subject[0], subject[1]) if subject else None
        if not subject or not case:
            return response(404, self.template.render(found=False))
        name = subject[2]
        if doing is None:
            return self.page(200, case, "", None, None, name)
        case, done = self.cases.act(case, name, doing)
        kept = None if done.came in DONE and doing.what != "hand-back" else doing
        return self.page(STATUS.get(done.came, 200), case, done.came, done, kept, name)

    def page(
        self, status: int, case: Case | None, came: str, done: Done | None, kept: Doing | None, name: str = ""
    ) -> dict[str, Any]:
        """The page; `kept` is what a person wrote and did not get sent."""
        rules, policy, now = self.cases.content.rules, self.cases.content.policy, self.cases.clock()
        zone = rules.opening.time_zone
        of_another = case is not None and case.conversation.case != name
        ahead = prospect(case, policy, now) if case and not of_another else None
        known = {
            "found": True,
            "company": self.cases.content.voice.company,
            "came": came,
            "until": clock(done.until, zone) if done and done.until else "",
            "because": done.because if done else "",
            "text": kept.text if kept else "",
            "by": kept.by if kept else "",
            # What failed on our side may have been written: sent again under its old name, it is sent once.
            "nonce": kept.nonce if kept and came == "failed" else secrets.token_urlsafe(12),
            "case": None if of_another else case and told(case, zone),
            "name": name,
            "of_another": of_another,
            "ahead": ahead.came if ahead else "",
            "ahead_until": clock(ahead.until, zone) if ahead and ahead.until else "",
            "ahead_because": ahead.because if ahead else "",
            "longest": LONGEST,
            "longest_name": LONGEST_NAME,
            "zone": zone,
        }
        return response(status, self.template.render(known))


def told(case: Case, zone: str) -> dict[str, Any]:
    """What the page says of a case."""
    conversation = case.conversation
    return {
        "first": first_of(case),
        "customer": case.customer.id,
        "owner": str(conversation.owner),
        "channel": conversation.channel,
        "why": conversation.why or "",
        "since": clock(conversation.unanswered_since, zone) if conversation.unanswered_since else "",
        "story": [
            {"at": clock(each.at, zone), "who": each.who, "text": each.text, "note": each.note} for each in story(case)
        ],
        "deliveries": [facts(each, zone) for each in latest(case)],
        "steps": [
            {"at": clock(step.at, zone), "to": str(step.to), "by": step.by, "why": step.why}
            for step in case.steps
            if step.case == conversation.case
        ],
    }


def read_form(event: dict[str, Any]) -> Doing:
    """What a person filled in; what isn't a form is an empty one."""
    body = str(event.get("body") or "").encode(errors="replace").decode()  # half an emoji is no Unicode
    try:
        if event.get("isBase64Encoded"):
            body = b64decode(body).decode(errors="replace")
        fields = parse_qs(body[:LONGEST_BODY], max_num_fields=MOST_FIELDS)
    except ValueError:
        fields = {}
    given = {name: values[-1] for name, values in fields.items()}
    return Doing(
        what=ACTIONS.get(given.get("do", ""), "send"),
        nonce=given.get("nonce", "")[:LONGEST_NONCE],
        text=given.get("text", ""),
        by=given.get("by", "")[:LONGEST_NAME],
    )


def response(status: int, html: str) -> dict[str, Any]:
    """The page as API Gateway takes it."""
    return {"statusCode": status, "headers": HEADERS, "body": html, "isBase64Encoded": False}
