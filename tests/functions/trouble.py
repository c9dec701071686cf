"""AWS's answers in place of its work, where a test asks for them; and what it was asked."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from local.carriers import answer
from local.world import World

BAD_REQUEST = 400


@dataclass
class Rule:
    """What is answered to a call such as `DynamoDB.PutItem`, when it speaks of `about`, so many times."""

    call: str
    about: str
    times: int
    status: int
    answer: Any


class Trouble:
    """Hangs on a world's session before its functions start; `asked` has every call with its parameters."""

    def __init__(self, world: World) -> None:
        self.rules: list[Rule] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        world.deployment.account.session.events.register("before-call.*.*", self.before)

    def fails(self, call: str, code: str, status: int = BAD_REQUEST, *, about: str = "", times: int = 1000) -> None:
        """From now on the call ends with the error."""
        self.rules.append(Rule(call, about, times, status, answer(status, code)))

    def answers(self, call: str, parsed: Any, *, about: str = "", times: int = 1000) -> None:
        """From now on the call is answered by this, or by what this makes of its parameters; by AWS, if that's None."""
        self.rules.append(Rule(call, about, times, 200, parsed))

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """Before a call goes out; what is returned here is its answer."""
        name, asked = f"{model.service_model.service_id}.{model.name}", context["asked"]
        self.asked.append((name, asked))
        for rule in self.rules:
            if rule.call == name and rule.times and rule.about in json.dumps(asked, default=str):
                rule.times -= 1
                told = rule.answer(asked) if callable(rule.answer) else rule.answer
                if told is not None:
                    return AWSResponse("", rule.status, HTTPHeaders(), None), told
        return None

    def parameters(self, call: str) -> list[dict[str, Any]]:
        """What every call of this name asked for."""
        return [asked for name, asked in self.asked if name == call]
