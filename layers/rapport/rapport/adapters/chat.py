"""A chat by way of Lex: each turn answered once, whatever Lex repeats, and never with silence where we failed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from rapport.adapters.chatbot import CHANNEL, NOT_UNDERSTOOD
from rapport.adapters.ledger import ConflictError
from rapport.adapters.lex import LexEvent, answer_to
from rapport.adapters.replying import Replier
from rapport.adapters.secret import Secret
from rapport.adapters.telemetry import count, log_failure
from rapport.domain.conversation import Turn, short_hash, thread_of
from rapport.domain.talk import TWICE_WITHIN

TICKET: Final = "rapport-ticket"  # who the customer is, signed by us: any browser may set session attributes
TURN: Final = "rapport-turn"  # the caller's own id of the turn
MOST_TRIES: Final = 5
LONGEST: Final = 10_000


class Chat:
    """`clock` tells the time in UTC."""

    def __init__(self, replier: Replier, secret: Secret, clock: Callable[[], datetime]) -> None:
        self.replier = replier
        self.secret = secret
        self.clock = clock

    def answer(self, asked: Any) -> dict[str, Any]:
        """Lex's answer to a turn; what fails is said plainly, and goes to a person if that can be written down."""
        try:
            event = LexEvent.model_validate(asked)
        except ValidationError as error:
            log_failure("unreadable chat event", error)
            return self.sorry(LexEvent(session="-"))
        if event.request.get(CHANNEL) == "sms":
            return answer_to(event, [], waits=False)  # receive_sms asked what a text means, and answers it itself
        try:
            turn, waits = self.take(event)
            return answer_to(event, list(turn.said), waits=waits)
        except Exception as error:
            log_failure("chat not answered", error)
            return self.sorry(event)

    def take(self, event: LexEvent) -> tuple[Turn, bool]:
        """The turn, seen to, and whether we wait for a word. Raises ConflictError at length."""
        turn = self.turn(event)
        thread = thread_of("chat", turn.address)
        conversations = self.replier.conversations
        conversations.put_turn(turn, thread)
        self.see_to_earlier(turn, thread)
        for _ in range(MOST_TRIES):
            latest = conversations.turns(turn.customer, thread, most=2)
            known = next((each for each in latest if each.id == turn.id), turn)
            try:
                done = known if known.handled else self.replier.reply(known, thread, lambda *_: event.understood())
            except ConflictError:
                continue
            _, conversation = conversations.read(turn.customer, thread)
            return self.said_before(done, latest), bool(conversation and conversation.asked)
        raise ConflictError("the conversation was written to all the time")

    def see_to_earlier(self, turn: Turn, thread: str) -> None:
        """What was written before and cut off with its answer: a wish for a person, above all, isn't lost."""
        for _ in range(MOST_TRIES):
            earlier = self.replier.conversations.unheard(turn.customer, thread)
            if earlier is None or earlier.at >= turn.at:
                return
            try:
                self.replier.reply(earlier, thread, lambda *_: NOT_UNDERSTOOD)
            except ConflictError:
                continue

    def turn(self, event: LexEvent) -> Turn:
        """What was written, by whom: a customer whom a ticket of ours names, or somebody of whom we know nothing."""
        now = self.clock()
        ticket = event.state.attributes.get(TICKET) or event.request.get(TICKET)
        subject = self.secret.tokens.read("chat", str(ticket), now) if ticket else None
        said = event.request.get(TURN)
        return Turn(
            id=short_hash("chat", event.session, str(said) if said else now.isoformat() + event.text[:LONGEST]),
            customer=subject[0] if subject else f"chat-{short_hash(event.session)}",
            channel="chat",
            address=event.session,
            at=now,
            text=event.text[:LONGEST].encode(errors="replace").decode(),
            locale=event.bot.locale.replace("_", "-"),
        )

    def said_before(self, done: Turn, latest: list[Turn]) -> Turn:
        """The turn; of one that Lex repeats within seconds, what was said to it the first time."""
        before = next((each for each in latest if each.id != done.id and each.handled), None)
        repeated = before and not done.said and before.text == done.text and done.at - before.at < TWICE_WITHIN
        return done.model_copy(update={"said": before.said}) if before and repeated else done

    def sorry(self, event: LexEvent) -> dict[str, Any]:
        """One plain sentence, for when nothing can be written down either, nor what Lex told of the turn given back."""
        count("FailedChats")
        language = event.bot.locale.replace("_", "-")
        text = self.replier.content.answer("try-again", {"locale": language, "zone": "UTC"}, {})
        try:
            return answer_to(event, [text], waits=True)
        except ValidationError as error:
            log_failure("unanswerable chat event", error)
            return answer_to(LexEvent(session="-"), [text], waits=True)
