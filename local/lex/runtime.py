"""`boto3.client("lexv2-runtime")` unchanged, answered here. It is not Lex: the same contract, another brain."""

import copy
import gzip
import io
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Final

import boto3
import botocore.loaders
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import ServiceModel
from botocore.response import StreamingBody

from local.lex.bot import Bot
from local.lex.contract import ContractError, broken_rules, check_attributes
from local.lex.dialog import Dialog, HookError
from local.lex.session import Session, Sessions, world_clock
from local.lex.turn import Hook, Identity, Trace, Turn

SERVICE: Final = "Lex Runtime V2"
OPERATIONS: Final = ("RecognizeText", "GetSession", "PutSession", "DeleteSession")


class RuntimeFault(Exception):  # noqa: N818 (what a caller of AWS calls an error is an answer here)
    """An error as Lex answers it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@cache
def service() -> ServiceModel:
    """Botocore's model of the runtime."""
    described = botocore.loaders.create_loader().load_service_model("lexv2-runtime", "service-2")
    return ServiceModel(described, "lexv2-runtime")


class Runtime:
    """One bot alias. Attach it to a session, or call `answer` with an operation and what boto3 would be given.

    `failing` is the code of an error that every call gets while it is set, such as ThrottlingException;
    with `fulfils_twice`, the next fulfilment hook is called twice for its turn, as about one in a thousand is.
    """

    def __init__(
        self,
        bot: Bot,
        hook: Hook | None = None,
        *,
        identity: Identity | None = None,
        clock: Callable[[], datetime] = world_clock,
    ) -> None:
        self.bot = bot
        self.identity = identity or Identity(bot.name)
        self.clock = clock
        self.sessions = Sessions(bot.idle, clock)
        shapes = (service().shape_for("Messages"), service().shape_for("ActiveContextsList"))
        self.dialogs = {name: Dialog(locale, hook, shapes) for name, locale in bot.locales.items()}
        self.failing: str | None = None
        self.fulfils_twice = False
        self.traces: list[Trace] = []

    def attach(self, session: boto3.Session) -> None:
        """From now on, for every client that the session makes. Attach the wire first: it counts the calls."""
        session.events.register("provide-client-params.*.*", self.remember)
        session.events.register("before-call.*.*", self.before)

    def remember(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Keeps what is asked for, in the words of boto3."""
        context["asked"] = params

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """The answer to a call of the runtime's; nothing for other services."""
        if model.service_model.service_id != SERVICE:
            return None
        try:
            parsed, status = self.answer(model.name, context["asked"]), 200
        except RuntimeFault as fault:
            status = int(service().shape_for(fault.code).metadata["error"]["httpStatusCode"])
            parsed = {"Error": {"Code": fault.code, "Message": fault.message}, "message": fault.message}
        parsed["ResponseMetadata"] = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        return AWSResponse("", status, HTTPHeaders(), None), parsed

    def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """What Lex answers to the operation. Raises RuntimeFault."""
        if operation not in OPERATIONS:
            raise NotImplementedError(f"{operation}: expected one of {OPERATIONS}")
        if self.failing:
            raise RuntimeFault(self.failing, "as the test asked for")
        self.check_request(operation, params)
        match operation:
            case "RecognizeText":
                answer = self.recognize_text(**params)
            case "GetSession":
                answer = self.get_session(**params)
            case "PutSession":
                answer = self.put_session(**params)
            case _:
                answer = self.delete_session(**params)
        broken = list(broken_rules(service().operation_model(operation).output_shape, answer, "answer"))
        if broken and operation != "PutSession":
            raise AssertionError(f"the stand-in broke Lex's own contract: {broken}")
        return answer

    def check_request(self, operation: str, params: dict[str, Any]) -> None:
        """Patterns and limits, of which boto3 checks few; and that bot, alias and locale are there."""
        broken = list(broken_rules(service().operation_model(operation).input_shape, params, "request"))
        if broken:
            raise RuntimeFault("ValidationException", "; ".join(broken))
        asked = (params["botId"], params["botAliasId"])
        if asked != (self.identity.bot_id, self.identity.alias_id):
            raise RuntimeFault("ResourceNotFoundException", f"no bot alias {'/'.join(asked)}")
        if params["localeId"] not in self.dialogs:
            raise RuntimeFault("ResourceNotFoundException", f"no locale {params['localeId']}")

    # --- the operations, with boto3's parameters

    def recognize_text(
        self,
        *,
        localeId: str,  # noqa: N803
        sessionId: str,  # noqa: N803
        text: str,
        sessionState: dict[str, Any] | None = None,  # noqa: N803
        requestAttributes: dict[str, str] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """One turn. A turn that fails leaves the session as it was."""
        session = self.sessions.find(localeId, sessionId) or self.sessions.new(sessionId)
        turn = self.turn(session, localeId, text, requestAttributes)
        session.age(turn.now)
        self.take(session, localeId, sessionState)
        earlier = list(session.contexts)
        self.play(turn, self.dialogs[localeId].hear)
        session.count_turn(earlier)
        answer = turn.answer()
        session.interpretations = answer["interpretations"]
        session.turns += 1
        self.sessions.keep(localeId, session)
        return answer

    def get_session(self, *, localeId: str, sessionId: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """The session as the last turn left it."""
        session = self.known(localeId, sessionId)
        session.age(self.clock())
        return {
            "sessionId": sessionId,
            "messages": session.messages,
            "interpretations": session.interpretations,
            "sessionState": session.state(self.clock()),
        }

    def put_session(
        self,
        *,
        localeId: str,  # noqa: N803
        sessionId: str,  # noqa: N803
        sessionState: dict[str, Any],  # noqa: N803
        messages: list[dict[str, Any]] | None = None,
        requestAttributes: dict[str, str] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Sets the session; with Delegate, the dialog goes on from there."""
        session = self.sessions.find(localeId, sessionId) or self.sessions.new(sessionId)
        turn = self.turn(session, localeId, "", requestAttributes)
        session.messages = []
        self.take(session, localeId, sessionState)
        kind = session.action["type"]
        dialog = self.dialogs[localeId]
        if session.wish and kind == "Delegate":
            self.play(turn, dialog.go_on)
        elif session.wish and kind in ("ElicitSlot", "ConfirmIntent"):
            dialog.put_question(turn, session.action, messages)
        else:
            session.messages = list(messages or [])
        self.sessions.keep(localeId, session)
        headers = {
            "contentType": "text/plain; charset=utf-8",
            "sessionState": packed(session.state(turn.now)),
            "requestAttributes": packed(requestAttributes or {}),
            "sessionId": sessionId,
            "audioStream": StreamingBody(io.BytesIO(b""), 0),
        }
        return headers | ({"messages": packed(session.messages)} if session.messages else {})

    def delete_session(self, *, botId: str, botAliasId: str, localeId: str, sessionId: str) -> dict[str, Any]:  # noqa: N803
        """Forgets it."""
        self.known(localeId, sessionId)
        self.sessions.forget(localeId, sessionId)
        return {"botId": botId, "botAliasId": botAliasId, "localeId": localeId, "sessionId": sessionId}

    # --- what they share

    def turn(self, session: Session, locale_id: str, text: str, attributes: dict[str, str] | None) -> Turn:
        """A turn that begins now."""
        locale = self.bot.locales[locale_id]
        trace = Trace(text, locale.threshold)
        told = copy.deepcopy(attributes)
        return Turn(session, locale, self.identity, text, told, self.clock(), trace, twice=self.fulfils_twice)

    def take(self, session: Session, locale_id: str, given: dict[str, Any] | None) -> None:
        """What the caller says the session is to be. Raises RuntimeFault."""
        try:
            check_attributes((given or {}).get("sessionAttributes"), "session-attributes")
            session.take(given or {}, self.bot.locales[locale_id].intent, self.clock())
        except ContractError as error:
            raise RuntimeFault("ValidationException", str(error)) from error

    def play(self, turn: Turn, what: Callable[[Turn], None]) -> None:
        """The turn, traced. Raises RuntimeFault when the code hook failed or broke the contract."""
        self.traces.append(turn.trace)
        try:
            what(turn)
        except (ContractError, HookError) as error:
            turn.trace.error = f"DependencyFailedException {error}"
            raise RuntimeFault("DependencyFailedException", f"Invalid Lambda Response: {error}") from error
        finally:
            self.fulfils_twice = turn.twice
            if turn.session.wish:
                turn.trace.slots = {name: turn.wish.value(name) for name in turn.wish.slots}
            turn.trace.action = turn.session.action

    def known(self, locale_id: str, session_id: str) -> Session:
        """The session. Raises RuntimeFault."""
        session = self.sessions.find(locale_id, session_id)
        if session is None:
            raise RuntimeFault("ResourceNotFoundException", f"no session {session_id}")
        return session


def packed(value: Any) -> str:
    """As PutSession's headers have it: JSON, zipped, in base 64."""
    return b64encode(gzip.compress(json.dumps(value).encode(), mtime=0)).decode()
