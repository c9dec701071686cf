"""Clients of AWS with nothing behind them: what would go over the wire is kept, and answered by the test."""

import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

Answer = AWSResponse | Exception
NO_ONE = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody", "region_name": "eu-west-1"}


class Body(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Any:
        """All of it."""
        yield self.read()


def answered(status: int, body: str, headers: dict[str, str] | None = None) -> AWSResponse:
    """An HTTP answer."""
    kept = HTTPHeaders()
    for name, value in (headers or {}).items():
        kept[name] = value
    return AWSResponse("https://stub.invalid", status, kept, Body(body.encode()))


def sns_took(carrier_id: str) -> AWSResponse:
    """SNS's word that it took a message."""
    return answered(
        200, f"<PublishResponse><PublishResult><MessageId>{carrier_id}</MessageId></PublishResult></PublishResponse>"
    )


def sns_refused(status: int, code: str, text: str = "no") -> AWSResponse:
    """SNS's word that it didn't."""
    return answered(
        status, f"<ErrorResponse><Error><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>"
    )


def ses_took(carrier_id: str) -> AWSResponse:
    """SES's word that it took a message."""
    return answered(200, json.dumps({"MessageId": carrier_id}))


def ses_refused(status: int, code: str, text: str = "no") -> AWSResponse:
    """SES's word that it didn't."""
    return answered(status, json.dumps({"message": text}), {"x-amzn-errortype": code})


class Wire:
    """A client, every request that it put on the wire, and what it was asked for in the words of boto3."""

    def __init__(self, client: Any, answer: Callable[[int], Answer]) -> None:
        self.client = client
        self.answer = answer
        self.requests: list[AWSPreparedRequest] = []
        self.asked: list[dict[str, Any]] = []
        client.meta.events.register("before-send.*.*", self.send)
        client.meta.events.register("provide-client-params.*.*", self.remember)

    def send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """In the place of the network."""
        answer = self.answer(len(self.requests))
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def remember(self, params: dict[str, Any], **_: Any) -> None:
        """Keeps what is asked for."""
        self.asked.append(params)


def wire(service: str, answer: Answer | Callable[[int], Answer], config: Config | None = None) -> Wire:
    """A client of the service that gets this answer, or the one for the request's number."""
    client = session().client(service, config=config)  # type: ignore[call-overload]
    return Wire(client, answer if callable(answer) else lambda _: answer)


@cache
def session() -> boto3.Session:
    """One for all: it reads the models of the services once."""
    return boto3.Session(**NO_ONE)  # type: ignore[arg-type]
