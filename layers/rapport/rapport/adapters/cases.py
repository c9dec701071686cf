"""Cases at the desk: read with their story, and changed by what a person does, once, whoever writes meanwhile."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from rapport.adapters import items
from rapport.adapters.content import Content
from rapport.adapters.conversations import Conversations
from rapport.adapters.ledger import ConflictError
from rapport.adapters.many_items import fetch
from rapport.adapters.planner import report_drafts
from rapport.adapters.telemetry import count, logger
from rapport.domain.case import Came, Case, Doing, Done, act, answer_id, came_of, elsewhere, ended, of_case
from rapport.domain.case_letter import LOOKS_BACK
from rapport.domain.conversation import Conversation, Turn
from rapport.domain.message import Message

MOST_MESSAGES: Final = 60
MOST_TRIES: Final = 10


class Cases:
    """`clock` tells the time in UTC."""

    def __init__(self, conversations: Conversations, content: Content, clock: Callable[[], datetime]) -> None:
        self.conversations = conversations
        self.content = content
        self.clock = clock

    def read(self, customer: str, thread: str) -> Case | None:
        """The case with its story, if there is such a conversation and it was ever handed over."""
        known, conversation = self.conversations.read(customer, thread)
        if conversation is None or conversation.case is None:
            return None
        steps = self.conversations.steps(customer, thread)
        turns = of_case(self.conversations.latest(customer, thread), conversation.case, steps)
        return Case(
            customer=known,
            conversation=conversation,
            turns=tuple(turns),
            said=self.said(customer, thread, turns, ended(conversation.case, steps)),
            steps=tuple(steps),
            deliveries=self.conversations.deliveries(customer),
            elsewhere=elsewhere(self.others(customer), thread),
        )

    def said(
        self, customer: str, thread: str, turns: list[Turn], until: datetime | None
    ) -> tuple[tuple[Message, str | None], ...]:
        """What we said since the first of these turns, and what that one may answer, with the words."""
        every = [items.read_message(item) for item in self.conversations.query(customer, "MESSAGE#")]
        found = [each for each in every if until is None or each.created_at <= until]
        first = turns[0].at if turns else self.clock()
        before = [each for each in found if first - LOOKS_BACK < each.created_at < first and each.carrier_id]
        since = [each for each in found if each.created_at >= first and (each.about == thread or each.carrier_id)]
        kept = [*sorted(before, key=created)[-1:], *sorted(since, key=created)[-MOST_MESSAGES:]]
        keys = {each.id: items.content_key(customer, each.id, each.words) for each in kept if each.text is None}
        words = fetch(self.conversations.client, self.conversations.table, list(keys.values()))
        apart = {name: text_of(words.get(key["sk"]["S"])) for name, key in keys.items()}
        return tuple((each, each.text or apart.get(each.id)) for each in kept)

    def others(self, customer: str) -> Iterable[Conversation]:
        """Every conversation of the customer's."""
        found = self.conversations.query(customer, "CONVERSATION#")
        return [Conversation.model_validate(items.from_item(item)) for item in found]

    def act(self, case: Case, name: str, doing: Doing) -> tuple[Case, Done]:
        """What a person does, written once; the case as it was then. Raises ConflictError at length."""
        customer, thread = case.customer.id, case.conversation.thread
        for _ in range(MOST_TRIES):
            fresh = self.read(customer, thread) or case
            done = self.already(fresh, name, doing) or act(fresh, name, doing, self.content.policy, self.clock())
            if done.change is None:
                report(name, done)
                return fresh, done
            change = done.change
            customers = (fresh.customer, change.customer) if change.customer else None
            try:
                self.conversations.commit_desk(
                    fresh.conversation, change.conversation, change.steps, change.drafts, customers
                )
            except ConflictError:
                continue
            report(name, done)
            return self.read(customer, thread) or fresh, done
        raise ConflictError("the conversation was written to all the time")

    def already(self, case: Case, name: str, doing: Doing) -> Done | None:
        """What came of it when it was done before, as by a page that is loaded again."""
        if doing.what == "hand-back":
            return Done(Came.HANDED_BACK) if case.handed_back_by(name, doing.nonce) else None
        id_ = answer_id(case.conversation, name, doing)
        found = fetch(self.conversations.client, self.conversations.table, [items.message_key(case.customer.id, id_)])
        return came_of(items.read_message(found[f"MESSAGE#{id_}"])) if found else None


def created(message: Message) -> tuple[datetime, str]:
    """Where the message stands in the order of time."""
    return message.created_at, message.id


def text_of(item: items.Item | None) -> str | None:
    """The words of a message, if it has any."""
    return item["text"]["S"] if item else None


def report(name: str, done: Done) -> None:
    """Counts what a person did; logs which case, never what was said."""
    if done.change is not None:
        report_drafts(list(done.change.drafts))
        count("DeskAnswers" if done.came is not Came.HANDED_BACK else "HandBacks")
    logger.info("desk", case=name, came=done.came, written=done.change is not None)
