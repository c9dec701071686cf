"""The conversation as Lex leads it: slots in turn, prompts and retries, confirmation, hooks, closing."""

import copy
import re
from datetime import timedelta
from typing import Any, Final

from botocore.model import Shape

from local.functions import CutOffError
from local.lex.bot import Intent, Locale
from local.lex.contract import check, check_hook_answer
from local.lex.reading import read
from local.lex.sayings import Words
from local.lex.session import ActiveContext, Question, Wish
from local.lex.turn import Hook, Turn
from local.lex.understanding import learn

CALLS: Final = 10  # of a hook in one turn, before the stand-in takes it for a loop
IN_MESSAGE: Final = re.compile(r"\{(\w+)\}|\[([\w.-]+)\]")


class HookError(Exception):
    """The code hook raised, or was cut off."""


class Dialog:
    """One locale's."""

    def __init__(self, locale: Locale, hook: Hook | None, shapes: tuple[Shape, Shape]) -> None:
        self.locale = locale
        self.hook = hook
        self.shapes = shapes
        self.understanding = learn(locale)

    def hear(self, turn: Turn) -> None:
        """The customer says something."""
        read(turn, self.understanding)
        self.go_on(turn)

    def go_on(self, turn: Turn) -> None:
        """From here to the next thing that the customer is asked or told. Raises ContractError and HookError."""
        while True:
            wish = turn.wish
            self.fill_defaults(turn, wish)
            if self.given_up(turn):
                continue
            if wish.intent.dialog_code_hook.enabled and wish.state == "InProgress":
                if self.ask_hook(turn, "DialogCodeHook"):
                    return
                if turn.wish.intent is not wish.intent:
                    continue
            if self.take_step(turn):
                return

    def given_up(self, turn: Turn) -> bool:
        """Whether the question was missed too often, and the fallback takes over."""
        question = turn.session.question
        if not turn.missed or question is None:
            return False
        prompt = self.prompt(turn.wish.intent, question)
        if question.attempt < prompt.max_retries:
            return False
        turn.missed = False
        turn.trace.reading = "given up"
        turn.wish.state = "Failed"
        turn.begin(Wish.fresh(self.locale.fallback), None)
        return True

    def take_step(self, turn: Turn) -> bool:
        """The next thing by the bot's definition. Whether the turn is over."""
        wish, step = turn.wish, self.proposal(turn.wish)
        turn.session.action = step
        if step["type"] in ("ElicitSlot", "ConfirmIntent"):
            self.put_question(turn, step)
            return True
        if step["type"] == "Close":
            confirmation = wish.intent.confirmation
            wish.state = "Failed"
            self.close(turn, [confirmation.declination_response] if confirmation else [])
            return True
        if not wish.intent.fulfilment.by_hook:
            wish.state = "ReadyForFulfillment"
            self.activate(turn)
            self.close(turn, self.closing(wish.intent))
            return True
        wish.state = "ReadyForFulfillment"
        if self.ask_hook(turn, "FulfillmentCodeHook"):
            return True
        if turn.wish.state in ("Fulfilled", "Failed"):
            done, after = turn.wish.state == "Fulfilled", turn.wish.intent.fulfilment.after
            self.close(
                turn, [after.success_response if done else after.failure_response, *self.closing(turn.wish.intent)]
            )
            return True
        return False

    def proposal(self, wish: Wish) -> dict[str, Any]:
        """What comes next: a slot, a confirmation, an end, or the work itself (`Delegate`)."""
        if wish.state == "ReadyForFulfillment":
            return {"type": "Delegate"}
        if wish.confirmation == "Denied":
            return {"type": "Close"}
        for slot in wish.intent.in_turn:
            if slot.required and wish.missing(slot.name):
                return {"type": "ElicitSlot", "slotToElicit": slot.name}
        confirmation = wish.intent.confirmation
        if confirmation and confirmation.is_active and wish.confirmation == "None":
            return {"type": "ConfirmIntent"}
        return {"type": "Delegate"}

    # --- the code hook

    def ask_hook(self, turn: Turn, source: str) -> bool:
        """Calls the hook and does what it says. Whether that ends the turn; if not, it delegated."""
        proposal = self.proposal(turn.wish)
        question = self.question(turn, proposal)
        attempt = f"Retry{question.attempt}" if question and question.attempt else "Initial"
        answer = self.call(turn, turn.event(source, proposal, attempt))
        if turn.twice and source == "FulfillmentCodeHook":
            turn.twice = False
            answer = self.call(turn, turn.event(source, proposal, attempt))
        self.adopt(turn, answer)
        action = answer["sessionState"]["dialogAction"]
        turn.session.action = {name: value for name, value in action.items() if value is not None}
        if action["type"] == "Delegate":
            turn.messages += answer.get("messages") or []
            return False
        self.obey(turn, action, answer.get("messages") or [])
        return True

    def call(self, turn: Turn, event: dict[str, Any]) -> dict[str, Any]:
        """The hook's answer, if it keeps to the contract."""
        turn.calls += 1
        check(turn.calls <= CALLS, "delegate-loop", f"at most {CALLS} calls in one turn")
        check(self.hook is not None, "code-hook-missing", "a function on the bot's alias")
        turn.trace.hooks.append(event["invocationSource"])
        try:
            answer = self.hook(event) if self.hook else None
        except (Exception, CutOffError) as error:
            raise HookError(f"{type(error).__name__}: {error}") from error
        check_hook_answer(answer, self.locale, *self.shapes)
        kept: dict[str, Any] = copy.deepcopy(answer or {})
        return kept

    def adopt(self, turn: Turn, answer: dict[str, Any]) -> None:
        """What the hook says of session, contexts and intent."""
        state = answer["sessionState"]
        if state.get("sessionAttributes") is not None:
            turn.session.attributes = state["sessionAttributes"]
        if state.get("activeContexts") is not None:
            turn.session.contexts = [ActiveContext.given(each, turn.now) for each in state["activeContexts"]]
        if answer.get("requestAttributes") is not None:
            turn.request_attributes = answer["requestAttributes"]
        given = state.get("intent")
        intent = self.locale.intent(given["name"]) if given else None
        if intent is None:
            return
        if intent is not turn.wish.intent:
            turn.begin(Wish.fresh(intent), None)
            turn.missed = False
        turn.wish.take(given)

    def obey(self, turn: Turn, action: dict[str, Any], said: list[dict[str, Any]]) -> None:
        """A hook's own next step."""
        kind = action["type"]
        if kind in ("ElicitSlot", "ConfirmIntent"):
            self.put_question(turn, turn.session.action, said)
            return
        turn.session.question = None
        if kind == "Close" and turn.wish.state == "Fulfilled":
            self.activate(turn)
        self.say(turn, said)

    # --- what is said

    def question(self, turn: Turn, action: dict[str, Any]) -> Question | None:
        """The question of a step; the same one again counts as a retry when it was missed."""
        if action["type"] not in ("ElicitSlot", "ConfirmIntent"):
            return None
        slot = action.get("slotToElicit")
        last = turn.session.question
        same = last is not None and last.kind == action["type"] and last.slot == slot
        return Question(action["type"], slot, last.attempt + 1 if last and same and turn.missed else 0)

    def put_question(self, turn: Turn, action: dict[str, Any], said: list[dict[str, Any]] | None = None) -> None:
        """Asks for a slot or a confirmation, in the hook's words if it gave some."""
        question = self.question(turn, action)
        turn.session.question = question
        prompt = self.prompt(turn.wish.intent, question) if question else Words()
        self.say(turn, said or prompt.messages(question.attempt if question else 0))

    def prompt(self, intent: Intent, question: Question) -> Words:
        """The bot's own words for a question."""
        if question.kind == "ElicitSlot":
            return intent.slot(question.slot or "").asked.prompt
        return intent.confirmation.prompt if intent.confirmation else Words()

    def closing(self, intent: Intent) -> list[Words]:
        """The intent's last word."""
        return [intent.closing.closing_response] if intent.closing.is_active else []

    def close(self, turn: Turn, parts: list[Words]) -> None:
        """The intent is over."""
        turn.session.action = {"type": "Close"}
        turn.session.question = None
        if turn.wish.state == "Fulfilled":
            self.activate(turn)
        self.say(turn, [message for words in parts for message in words.messages(turn.session.turns)])

    def say(self, turn: Turn, said: list[dict[str, Any]]) -> None:
        """The turn's last words, with values in their places."""

        def value(found: re.Match[str]) -> str:
            given = turn.wish.value(found[1]) if found[1] else (turn.session.attributes or {}).get(found[2])
            return found[0] if given is None else given

        turn.messages += said
        turn.session.messages = [
            message | ({"content": IN_MESSAGE.sub(value, message["content"])[:1024]} if message.get("content") else {})
            for message in turn.messages[:10]
        ]

    # --- slots and contexts

    def fill_defaults(self, turn: Turn, wish: Wish) -> None:
        """Slots that take their value from a context or an attribute when the customer doesn't say."""
        for slot in wish.intent.in_turn:
            for default in slot.asked.defaults.default_value_list:
                found = self.default(turn, default.default_value)
                if wish.missing(slot.name) and found:
                    value = {"originalValue": found, "interpretedValue": found, "resolvedValues": [found]}
                    wish.slots[slot.name] = {"shape": "Scalar", "value": value}

    def default(self, turn: Turn, source: str) -> str | None:
        """A default's value now."""
        if source.startswith("#"):
            name, _, attribute = source[1:].partition(".")
            active = {context.name: context.attributes for context in turn.session.contexts}
            return active.get(name, {}).get(attribute)
        if source.startswith("["):
            return (turn.session.attributes or {}).get(source.strip("[]"))
        return source

    def activate(self, turn: Turn) -> None:
        """The intent's output contexts begin, with its slots."""
        wish = turn.wish
        values = {name: value for name in list(wish.slots)[:10] if (value := wish.value(name))}
        for context in wish.intent.output_contexts:
            until = turn.now + timedelta(seconds=context.seconds)
            turn.session.activate(ActiveContext(context.name, until, context.turns, values))
