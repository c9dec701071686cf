"""template.yaml as CloudFormation gets it, with every part of it switched on."""

from copy import deepcopy
from functools import cache
from typing import Any, Final

from local.render import render
from local.template import Stack

EVERYTHING: Final = {
    "Chatbot": "lex",
    "ChatbotLogs": "text",
    "DeskReplyDomain": "reply.example.com",
    "AlarmAddress": "ops@example.com",
}
rendered_once = cache(render)


def rendered_stack() -> Stack:
    """The rendered template as a stack of its own, to read or to spoil."""
    stack = Stack(EVERYTHING)
    stack.template = deepcopy(rendered_once())
    return stack


def as_list(value: Any) -> list[Any]:
    """One or many, as many."""
    return list(value) if isinstance(value, list) else [value]
