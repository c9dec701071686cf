"""One send is one request on the wire, whatever becomes of it there: a real socket counts the senders' own clients'."""

import importlib.util
import socket
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore.config import Config

from local.template import REGION, ROOT, Stack
from rapport.adapters import carriers
from rapport.adapters.carriers import ONE_ATTEMPT
from rapport.domain.attempt import Answer, InDoubt
from rapport.domain.message import Content
from tests.domain.builders import a_message

SENDERS: Final = {"send_sms": "texts", "send_email": "carrier"}  # and what each calls its way to the carrier
IMPATIENT: Final = Config(read_timeout=0.1)
AS_SHIPPED: Final = ONE_ATTEMPT.merge(IMPATIENT)
WORDS: Final = Content(text="Your parcel comes tomorrow.", subject="Tomorrow")
ERROR: Final = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def hangs(connection: socket.socket) -> None:
    """Says nothing until its client goes away."""
    connection.recv(1)


def fails(connection: socket.socket) -> None:
    """Answers HTTP 500."""
    connection.sendall(ERROR)


def closes(connection: socket.socket) -> None:
    """Hangs up without a word."""


class Service:
    """A socket that reads requests to their last byte, counts them, and then does the same to each."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.treat: Callable[[socket.socket], None] = closes
        self.requests = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        """One connection after the other."""
        while True:
            connection, _ = self.socket.accept()
            with connection, connection.makefile("rb") as sent:
                length = 0
                while line := sent.readline().strip():
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                sent.read(length)
                self.requests += 1
                self.treat(connection)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """The carrier's end of the wire, for clients that wait for nothing between two attempts."""
    with patch("time.sleep"):
        yield Service()


@cache
def carrier(function: str, url: str, config: Config) -> Any:
    """The function's own way to its carrier, from its own file, with this in the place of ONE_ATTEMPT."""
    told = dict.fromkeys(Stack().template["Globals"]["Function"]["Environment"]["Variables"], "rapport")
    told |= {"CONTENT": str(ROOT / "layers" / "content"), "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": url}
    told |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "nobody")
    spec = importlib.util.spec_from_file_location(f"one_request_{function}", ROOT / "functions" / f"{function}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with patch.dict("os.environ", told), patch.object(carriers, "ONE_ATTEMPT", config):
        spec.loader.exec_module(module)
    return getattr(module, SENDERS[function])


def send(function: str, service: Service, config: Config) -> tuple[Answer, int]:
    """What the sender makes of one attempt, and how many requests that was."""
    before = service.requests
    answer = carrier(function, service.url, config).send(a_message(), WORDS, "+447700900123")
    return answer, service.requests - before


@pytest.mark.parametrize("treat", [hangs, fails, closes])
@pytest.mark.parametrize("function", SENDERS)
def test_one_send_is_one_request_and_in_doubt(
    function: str, treat: Callable[[socket.socket], None], service: Service
) -> None:
    service.treat = treat
    answer, requests = send(function, service, AS_SHIPPED)
    assert isinstance(answer, InDoubt)
    assert requests == 1


@pytest.mark.parametrize("treat", [hangs, fails, closes])
@pytest.mark.parametrize("function", SENDERS)
def test_with_boto3s_own_retries_it_would_be_more(
    function: str, treat: Callable[[socket.socket], None], service: Service
) -> None:
    service.treat = treat
    _, requests = send(function, service, IMPATIENT)
    assert requests > 1
