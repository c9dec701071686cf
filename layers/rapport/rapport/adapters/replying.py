"""Takes one turn of a customer's to its answer: read the scene, converse, and write all that it comes to or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.lex import fitting
from rapport.adapters.planner import report_drafts
from rapport.adapters.telemetry import count, log_failure, logger
from rapport.domain.answering import by_message, drafts, sentences
from rapport.domain.conversation import Cause, Conversation, Owner, Turn
from rapport.domain.destination import CONFIRM
from rapport.domain.dialogue import Answer, Scene, Understood, say, to_a_person
from rapport.domain.message import Status, UnsayableError
from rapport.domain.plain_wishes import resumed, withdrawn
from rapport.domain.plain_words import Wanted, wish
from rapport.domain.talk import converse, heard
from rapport.domain.words import Channel

REACHED: Final = (Status.SENT, Status.DELIVERED)
IN_DOUBT: Final = (Status.SENDING, Status.UNKNOWN)
Understand = Callable[[Turn, Scene], Understood]


class ChatbotError(Exception):
    """The chatbot can't say; the text is its error's code."""


class Replier:
    """`clock` tells the time in UTC."""

    def __init__(self, conversations: Conversations, content: Content, clock: Callable[[], datetime]) -> None:
        self.conversations = conversations
        self.content = content
        self.clock = clock

    def reply(self, turn: Turn, thread: str, understand: Understand) -> Turn:
        """The turn, seen to, with what was said to it; a text's answers go out as messages. Raises ConflictError."""
        scene = self.scene(turn, thread)
        answer, texts = self.worded(considered(turn, scene, understand), scene)
        self.tell_other_owners(turn, scene, answer)
        messages = drafts(answer, turn, scene, texts, self.content.policy) if turn.channel == "sms" else []
        if turn.channel == "chat":
            texts, kept = fitting(scene.conversation.left, texts)
            answer = replace(answer, conversation=answer.conversation.model_copy(update={"left": tuple(kept)}))
        answer = by_message(answer, messages, scene.now)
        done = seen_to(turn, answer, texts)
        self.conversations.commit(done, scene, answer, messages)
        report(turn, answer)
        report_drafts(messages)
        return done

    def scene(self, turn: Turn, thread: str) -> Scene:
        """All that the turn goes by, as it is now."""
        customer, conversation = self.conversations.read(turn.customer, thread)
        if turn.locale and not customer.known:
            customer = customer.model_copy(update={"locale": turn.locale})
        conversation = conversation or Conversation(customer=turn.customer, channel=turn.channel, address=turn.address)
        return Scene(
            customer=customer,
            conversation=self.as_they_know_it(conversation),
            questions=self.conversations.questions(turn.customer),
            deliveries=self.conversations.deliveries(turn.customer),
            rules=self.content.rules,
            words=self.content.plain_words,
            replies=self.content.replies,
            now=self.clock(),
        )

    def as_they_know_it(self, conversation: Conversation) -> Conversation:
        """The conversation, without a question of ours that never reached them: it was refused, or is not yet out.

        Of one that did it says when, since a yes from before is asked about again. So is one to a question of which
        nobody can say whether it did: that isn't the last thing that they know of.
        """
        asked = conversation.asked
        if asked is None or asked.message is None:
            return conversation
        message = self.conversations.message(conversation.customer, asked.message)
        if message and message.status in REACHED:
            sent = asked.model_copy(update={"sent_at": message.sent_at})
            return conversation.model_copy(update={"asked": sent})
        if message and message.status in IN_DOUBT:
            return conversation.model_copy(update={"last_said": None}) if asked.asks == CONFIRM else conversation
        return conversation.model_copy(update={"asked": None})

    def worded(self, answer: Answer, scene: Scene) -> tuple[Answer, list[str]]:
        """The answer with its sentences; of one that can't be worded, a person sees to it."""
        try:
            return answer, sentences(answer, scene, self.content)
        except UnsayableError as error:
            count("UnsayableMessages")
            log_failure("unsayable answer", error)
        done = replace(answer, says=())  # what was asked for holds all the same, STOP above all
        answer = to_a_person(scene, "our answer could not be worded", cause=Cause.FAILURE, before=done)
        try:
            return answer, sentences(answer, scene, self.content)
        except UnsayableError:
            return replace(answer, says=()), []

    def tell_other_owners(self, turn: Turn, scene: Scene, answer: Answer) -> None:
        """A number that wants no more texts, or wants them again, says so for everybody who has it.

        Also where that is no news of the one whose text it is taken for.
        """
        wanted = wish(turn.text, scene.words).what
        stops = (answer.customer or scene.customer).has_stopped(Channel.SMS)
        asked = wanted is (Wanted.STOP if stops else Wanted.START)
        if turn.channel != "sms" or (scene.customer.has_stopped(Channel.SMS) == stops and not asked):
            return
        for owner in self.conversations.owners(turn.address):
            if owner != turn.customer:
                self.conversations.change_customer(
                    owner, lambda other: withdrawn(other, turn) if stops else resumed(other, turn)
                )


def seen_to(turn: Turn, answer: Answer, texts: list[str]) -> Turn:
    """The turn with what was understood, and what was said to it and why."""
    known = {
        "understood": answer.understood.model_dump(mode="json", exclude_none=True) if answer.understood else None,
        "answers": tuple(saying.name for saying in answer.says),
        "said": tuple(texts) if turn.channel == "chat" else (),
        "because": answer.because,
    }
    return turn.model_copy(update=known)


def considered(turn: Turn, scene: Scene, understand: Understand) -> Answer:
    """What the turn comes to; where we fail ourselves, a later try would fail as well, so a person sees to it."""
    try:
        return converse(turn, scene) or understood(turn, scene, understand)
    except Exception as error:
        count("FailedReplies")
        log_failure("no answer", error)
        return failing(turn, scene, f"a failure of our own ({type(error).__name__})")


def understood(turn: Turn, scene: Scene, understand: Understand) -> Answer:
    """What the turn comes to with the chatbot's understanding; when that fails, a plain sentence and a person."""
    try:
        meant = understand(turn, scene)
    except ChatbotError as error:
        count("FailedUnderstandings")
        return failing(turn, scene, f"the chatbot failed ({error})")
    return converse(turn, scene, meant) or failing(turn, scene, "nothing was made of it")


def failing(turn: Turn, scene: Scene, why: str) -> Answer:
    """Something of ours went wrong: said plainly, and a person sees to it."""
    plain = say(scene, "something-failed", why)
    return heard(turn, to_a_person(scene, why, cause=Cause.FAILURE, before=plain), scene)


def report(turn: Turn, answer: Answer) -> None:
    """Counts what came of the turn; logs which, never what."""
    if answer.conversation.owner is not Owner.BOT and answer.steps:
        count("HandOvers")
    says = [saying.name for saying in answer.says]
    logger.info("heard", turn_id=turn.id, says=says, because=answer.because, owner=answer.conversation.owner)
