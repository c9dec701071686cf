"""In the place of DynamoDB, SNS and SES, as a process of its own: each answers in its time, and as if all went well.

Reads find what `hold` was given, writes hold and change nothing, so that the same batch can be sent again and again.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, Final

from rapport.adapters.items import Item

CARRIER: Final = 0.050  # seconds that SNS and SES take to answer
TABLE: Final = 0.005  # and DynamoDB
TARGET: Final = b"x-amz-target: dynamodb_20120810."
PUBLISHED: Final = (
    b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>s-1</MessageId>'
    b"</PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>"
)
WRITES: Final = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")


class Held:
    """What the stand-in has and what it was asked."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.asked: Counter[str] = Counter()

    def answer(self, head: bytes, body: bytes) -> tuple[float, bytes]:
        """After how many seconds, and what. Raises KeyError for what no sender asks."""
        lowered, path = head.lower(), head.split(b" ", 2)[1]
        if path == b"/hold":
            self.items = {(each["pk"]["S"], each["sk"]["S"]): each for each in json.loads(body)}
            self.asked.clear()
            return 0, b"{}"
        if path == b"/asked":
            return 0, json.dumps(self.asked).encode()
        if path == b"/v2/email/outbound-emails":
            self.asked["carrier"] += 1
            return CARRIER, b'{"MessageId": "e-1"}'
        if TARGET in lowered:
            self.asked["table"] += 1
            start = lowered.index(TARGET) + len(TARGET)
            name = head[start:].split(b"\r\n", 1)[0].decode()
            return TABLE, json.dumps(self.read(name, json.loads(body))).encode()
        if b"Action=Publish" in body:
            self.asked["carrier"] += 1
            return CARRIER, PUBLISHED
        raise KeyError(path)

    def read(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """DynamoDB's part. Raises KeyError for what it can't do."""
        if asked.get("ReturnValues") == "ALL_NEW":
            return {"Attributes": self.find([asked["Key"]])[0] | changes(asked)}
        if name in WRITES:
            return {}
        if name == "GetItem":
            found = self.find([asked["Key"]])
            return {"Item": found[0]} if found else {}
        if name == "TransactGetItems":
            return {
                "Responses": [
                    {"Item": each} for get in asked["TransactItems"] for each in self.find([get["Get"]["Key"]])
                ]
            }
        if name != "BatchGetItem":
            raise KeyError(name)
        found_in = {table: self.find(wanted["Keys"]) for table, wanted in asked["RequestItems"].items()}
        return {"Responses": found_in, "UnprocessedKeys": {}}

    def find(self, keys: list[Item]) -> list[Item]:
        """Those items of the keys that are there."""
        wanted = [(key["pk"]["S"], key["sk"]["S"]) for key in keys]
        return [self.items[key] for key in wanted if key in self.items]


def changes(asked: dict[str, Any]) -> Item:
    """What an update writes; what it adds, as if there had been nothing before."""
    names, values = asked.get("ExpressionAttributeNames", {}), asked["ExpressionAttributeValues"]
    parts: list[tuple[str, str]] = re.findall(r"(#?\w+) =? ?(:\w+)", asked["UpdateExpression"])
    return {names.get(name, name): values[value] for name, value in parts}


class Connection(asyncio.Protocol):
    """One client's connection, kept alive: requests come one after the other."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.come = b""
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self.transport = transport if isinstance(transport, asyncio.WriteTransport) else None

    def data_received(self, data: bytes) -> None:
        """Answers once a request is whole."""
        self.come += data
        head, found, body = self.come.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head):
            return
        self.come = b""
        try:
            seconds, said = self.held.answer(head, body)
            status = b"200 OK"
        except KeyError as error:
            seconds, said, status = 0, json.dumps({"message": f"{error}: no sender asks this"}).encode(), b"400 No"
        answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(said), said)
        asyncio.get_running_loop().call_later(seconds, self.write, answer)

    def write(self, answer: bytes) -> None:
        """Sends the answer, if somebody still listens."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(answer)


def length_of(head: bytes) -> int:
    """How long the request's body is."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


class StandIn:
    """The stand-in, from outside."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def environment(self) -> dict[str, str]:
        """What makes boto3 call it."""
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}

    def hold(self, items: list[Item]) -> None:
        """Has it hold these items and no others, and forget what it was asked."""
        self.call("/hold", json.dumps(items))

    def asked(self) -> Counter[str]:
        """How many calls the tables and the carriers got since."""
        return Counter(json.loads(self.call("/asked", "")))

    def call(self, path: str, body: str) -> bytes:
        """One request that isn't counted."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", path, body.encode())
        return connection.getresponse().read()


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Starts one, and ends it."""
    process = subprocess.Popen([sys.executable, "-m", "proof.bench.stand_in"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout  # noqa: S101 (it is piped)
        yield StandIn(int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


async def serve() -> None:
    """Answers until it is killed; prints its port once it listens."""
    held = Held()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(held), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
