"""What we sign so that it comes back unchanged: links for the desk, customers of a chat, names of sessions."""

import hashlib
import hmac
import json
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Final

LONGEST: Final = 1024  # characters; ours are far shorter
SIGNATURE: Final = 22  # characters: 128 bits, as many as the attacker has to guess
BRIEF: Final = 26  # the same in letters and digits that survive a change of case, as in an e-mail's address


class Tokens:
    """`secret` is the stack's; a token made for one `kind` of thing is none for another."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def make(self, kind: str, subject: list[str], expires_at: datetime) -> str:
        """The subject, signed, until a time: letters, digits, `-`, `_` and a dot, fit for a link."""
        said = json.dumps([*subject, int(expires_at.timestamp())], separators=(",", ":")).encode()
        body = urlsafe_b64encode(said).decode().rstrip("=")
        return f"{body}.{self.signature(kind, body)}"

    def read(self, kind: str, token: str, now: datetime) -> list[str] | None:
        """The subject, if we signed just this and its time isn't over."""
        body, _, signature = token[:LONGEST].partition(".")
        if not token.isascii() or not hmac.compare_digest(self.signature(kind, body), signature):
            return None
        *subject, expires_at = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return [str(each) for each in subject] if now.timestamp() < expires_at else None

    def signature(self, kind: str, body: str) -> str:
        """What only somebody with the secret can make."""
        return urlsafe_b64encode(self.digest(kind, body)).decode()[:SIGNATURE]

    def brief(self, kind: str, name: str) -> str:
        """A name of small letters, digits and dashes, signed: what is left of an address has 64 characters at most."""
        signature = b32encode(self.digest(f"brief {kind}", name)).decode().lower()[:BRIEF]
        return f"{name}-{signature}"

    def read_brief(self, kind: str, token: str) -> str | None:
        """The name, if we signed it; however it is written."""
        name = token[:LONGEST].lower().rpartition("-")[0]
        known = self.brief(kind, name) if token.isascii() else ""
        return name if known and hmac.compare_digest(known, token.lower()) else None

    def session(self, customer: str, thread: str, epoch: int) -> str:
        """A name for the chatbot's session: 64 characters that Lex allows, with nothing of the customer in them."""
        return self.digest("session", json.dumps([customer, thread, epoch])).hex()

    def digest(self, kind: str, said: str) -> bytes:
        """HMAC-SHA256 (RFC 2104) of what is said, for this kind of thing."""
        return hmac.new(self.secret, f"{kind}\x1f{said}".encode(), hashlib.sha256).digest()
