"""STOP, START, HELP and a person: what always works, whoever has the conversation and whatever was asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from rapport.domain.conversation import Cause, Conversation, Owner, Question, Turn
from rapport.domain.customer import ALL, BY_TEXT, Consent, Customer
from rapport.domain.dialogue import Answer, Saying, Scene, say, silence, to_a_person
from rapport.domain.plain_words import Wanted, wish
from rapport.domain.words import Channel, Purpose

ASKED_ONCE: Final = timedelta(days=30)
MEANT_STOP: Final = "did-you-mean-stop"


def hear_wish(turn: Turn, scene: Scene) -> Answer | None:
    """What a text plainly asks for; in a chat as well, since who chats may get texts too."""
    wanted = wish(turn.text, scene.words)
    if wanted.what is Wanted.PERSON:
        return to_a_person(scene, "asked for a person", cause=Cause.ASKED)
    if wanted.what is Wanted.HELP:
        return replace(say(scene, "help", wanted.because), says=(Saying("help", {}, Purpose.NOTICE),))
    if wanted.what is Wanted.STOP:
        return stop(turn, scene, wanted.because)
    if wanted.what is Wanted.START:
        return start(turn, scene, wanted.because)
    a_persons = scene.conversation.owner is not Owner.BOT or scene.replies.is_grave(turn.text)
    if wanted.what is Wanted.UNSURE_STOP and not a_persons:
        return unsure(turn, scene, wanted.because)
    return None


def stop(turn: Turn, scene: Scene, because: str) -> Answer:
    """No more texts, from now on; said once."""
    conversation = without_questions(scene.conversation)
    if scene.customer.has_stopped(Channel.SMS):
        return Answer(conversation, f"{because}; they had said so before")
    customer = withdrawn(scene.customer, turn)
    says = (Saying("stopped", {}, Purpose.NOTICE),)
    return Answer(conversation, because, says, customer=customer, settled=scene.questions)


def withdrawn(customer: Customer, turn: Turn) -> Customer:
    """The customer, who wants no texts any more, whatever they are on record to have allowed a moment later."""
    at = max([turn.at, *(word.at for word in customer.consents if word.channel is Channel.SMS)])
    word = Consent(channel=Channel.SMS, purpose=ALL, given=False, at=at, source=BY_TEXT)
    return customer.with_consent(word)


def start(turn: Turn, scene: Scene, because: str) -> Answer:
    """Takes STOP back, and no more: offers still take the consent that they took before.

    A number that was closed because its owner had opted out is open again.
    """
    customer = resumed(scene.customer, turn)
    if customer == scene.customer:
        return silence(scene, f"{because}; nothing was stopped")
    answer = say(scene, "started", because)
    return replace(answer, says=(Saying("started", {}, Purpose.NOTICE),), customer=customer)


def resumed(customer: Customer, turn: Turn) -> Customer:
    """The customer, who wants texts again."""
    return customer.without_stop(Channel.SMS, turn.at).reopened(turn.address)


def unsure(turn: Turn, scene: Scene, because: str) -> Answer:
    """Whether they meant STOP is asked once; who says so again means it."""
    if asked_lately(scene):
        return stop(turn, scene, f"{because}, for the second time")
    answer = say(scene, MEANT_STOP, because)
    conversation = answer.conversation.model_copy(
        update={"asked": Question(asks=MEANT_STOP, asked_at=scene.now), "asked_stop_at": scene.now}
    )
    return replace(answer, conversation=conversation)


def asked_lately(scene: Scene) -> bool:
    """Whether they were asked not long ago if they meant STOP."""
    asked_at = scene.conversation.asked_stop_at
    return asked_at is not None and scene.now - asked_at < ASKED_ONCE


def without_questions(conversation: Conversation) -> Conversation:
    """The conversation with nothing asked."""
    return conversation.model_copy(update={"asked": None, "misses": 0})
