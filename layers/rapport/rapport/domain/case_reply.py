"""What a person wrote in reply to a case's e-mail: their words without the mail that they answer."""

import re
from html.parser import HTMLParser
from typing import Final

from rapport.domain.case import Doing
from rapport.domain.case_letter import MARKER

HAND_BACK: Final = "#bot"
BEGINS: Final = re.compile(r"(On|Le|Am|El|Op) .*\d")
ENDS: Final = re.compile(r".*(wrote|a écrit|schrieb.*|escribió|schreef.*)\s?:")
DIVIDER: Final = re.compile(r"-{2,}\s*(Original Message|Forwarded message|Message d'origine)\s*-{2,}", re.IGNORECASE)
OUTLOOK: Final = (("From:", "Sent:"), ("From:", "Date:"), ("De :", "Envoyé :"))
HIDDEN: Final = ("head", "style", "script", "title", "blockquote")  # a blockquote is the mail that is answered
SPACE: Final = re.compile(r"\s+")
EMPTY_LINES: Final = re.compile(r"\n{3,}")
BREAKS: Final = ("br", "p", "div", "li", "ul", "ol", "tr", "table", "hr", "blockquote", "h1", "h2", "h3")
SIGNATURE: Final = "--"  # and a space, which mail programs lose


def read_reply(text: str, nonce: str, by: str) -> Doing:
    """What they do: answer, hand back by a last line `#bot`, or both."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((at for at in range(len(lines)) if is_original(lines, at)), len(lines))
    own = [line.rstrip() for line in lines[:end] if not line.startswith(">")]
    while own and not own[-1]:
        own.pop()
    back = bool(own) and own[-1].strip().lower() == HAND_BACK
    said = "\n".join(own[:-1] if back else own).strip()
    what = ("send-and-hand-back" if said else "hand-back") if back else "send"
    return Doing(what, nonce, said, by)  # type: ignore[arg-type]


def is_original(lines: list[str], at: int) -> bool:
    """Whether the mail that is answered, or a signature, begins with this line."""
    line = lines[at].strip()
    following = lines[at + 1].strip() if at + 1 < len(lines) else ""
    quoted = BEGINS.match(line) and (ENDS.fullmatch(line) or ENDS.fullmatch(f"{line} {following}"))
    outlook = any(line.startswith(first) and following.startswith(second) for first, second in OUTLOOK)
    return bool(MARKER in line or line == SIGNATURE or quoted or outlook or DIVIDER.fullmatch(line))


def words_of(html: str) -> str:
    """The words of a mail that has them in HTML only, without what it quotes."""
    reading = Words()
    reading.feed(html)
    reading.close()
    lines = [" ".join(line.split()) for line in "".join(reading.said).split("\n")]
    return EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


class Words(HTMLParser):
    """Keeps what a reader sees: text, with a new line where one is."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ["\n"]
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Where a part begins."""
        if tag in HIDDEN:
            self.hidden.append(tag)
        self.break_line(tag, always=tag == "br")

    def handle_endtag(self, tag: str) -> None:
        """Where a part ends, and what was begun in it and never ended; behind a paragraph there is an empty line."""
        if tag in self.hidden:
            del self.hidden[len(self.hidden) - 1 - self.hidden[::-1].index(tag) :]
        self.break_line(tag)
        self.break_line(tag, always=tag == "p")

    def handle_data(self, data: str) -> None:
        """Words; a line's end among them is a space."""
        text = SPACE.sub(" ", data)
        if not self.hidden and (text != " " or self.said[-1] != "\n"):
            self.said.append(text)

    def break_line(self, tag: str, *, always: bool = False) -> None:
        """A new line, where there isn't one."""
        if tag in BREAKS and not self.hidden and (always or self.said[-1] != "\n"):
            self.said.append("\n")
