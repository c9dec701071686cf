"""What a person wrote in reply to a case's e-mail: their words without the mail that they answer."""

import re
from typing import Final

from rapport.domain.case import Doing
from rapport.domain.case_letter import MARKER

HAND_BACK: Final = "#bot"
BEGINS: Final = re.compile(r"(On|Le|Am|El|Op) .*\d")
ENDS: Final = re.compile(r".*(wrote|a écrit|schrieb.*|escribió|schreef.*)\s?:")
DIVIDER: Final = re.compile(r"-{2,}\s*(Original Message|Forwarded message|Message d'origine)\s*-{2,}", re.IGNORECASE)
OUTLOOK: Final = (("From:", "Sent:"), ("From:", "Date:"), ("De :", "Envoyé :"))
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
