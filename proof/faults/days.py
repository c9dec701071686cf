"""Small days in customers' lives; between them every function does all that it does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from local.carriers import Outage
from proof.faults.stage import START, STOP, YES, Stage, morning
from rapport.domain.words import Channel

BUSY: Final = timedelta(seconds=20)
SECOND_TRY: Final = timedelta(minutes=10)
LATER: Final = timedelta(minutes=19)
MANY: Final = 14  # the days' own ceilings are 12 segments an hour and 16 a day
Day = Callable[[Stage], None]


def shipped(stage: Stage) -> None:
    """What must arrive: texts and e-mails now, one of them to an address that bounces.

    For a while the carrier refuses one number, but only what is tried a second time is tried then.
    """
    by_text, by_mail = stage.meet(5), stage.meet(4, by="email")
    stage.world.carriers.bounces.add(stage.mails[by_mail[0]])
    now, number = stage.world.now, stage.numbers[by_text[2]]
    stage.world.carriers.outages.append(Outage(Channel.SMS, "refuses", now + SECOND_TRY, now + LATER, number))
    stage.sends("order.shipped", by_text + by_mail, order="shipped")
    stage.advance("20 minutes")
    stage.happens("order.shipped", by_text + by_mail, order="second")
    stage.advance("2 hours")


def reminded(stage: Stage) -> None:
    """Reminders that wait for their evening: of deliveries that move, are called off, or have late news."""
    people = stage.meet(5) + stage.meet(2, by="email")
    due = morning(stage, 2, 14)
    stage.happens("delivery.scheduled", people, order="a", due_at=due.isoformat(), item="kettle")
    stage.happens("delivery.moved", people[:3], order="a", due_at=morning(stage, 3, 14).isoformat())
    stage.advance("1 hour")
    stage.happens("delivery.cancelled", people[3:4], order="a")
    scheduled_late = stage.world.now
    stage.advance("1 hour")
    stage.happens("delivery.cancelled", people[:2], order="b")
    for each in people[:2]:
        stage.put_at(scheduled_late, "delivery.scheduled", each, order=f"b-{each}", due_at=due.isoformat())
    stage.advance("4 days")
    stage.happens("delivery.completed", people, order="a", item="kettle")
    stage.advance("7 days")
    stage.write(people[:2], "I love it")
    stage.advance("4 days")


def offered(stage: Stage) -> None:
    """Offers to who asked for them: more than the cap lets through, and some take their consent back.

    One of them does so while the carrier is too busy for theirs.
    """
    people = stage.meet(4, agree=("promotional",)) + stage.meet(3, by="email", agree=("promotional",))
    people = [*people[:4], *stage.meet(1), *people[4:]]  # of whom one never agreed
    for item in ("teapot", "kettle", "lamp"):
        stage.happens("stock.wanted", people, item=item)
    stage.put("stock.back", "*", item="teapot", name="teapot")
    stage.world.settle()
    stage.advance("1 hour")
    stage.put("consent.withdrawn", people[0], channel="sms", purpose="promotional")
    stage.put("consent.withdrawn", people[-1], channel="email")
    now, number = stage.world.now, stage.numbers[people[1]]
    stage.world.carriers.outages.append(Outage(Channel.SMS, "throttles", now, now + BUSY, number))
    for item in ("kettle", "lamp"):
        stage.put("stock.back", "*", item=item, name=item)
    stage.world.settle()
    stage.put("consent.withdrawn", people[1], channel="sms")
    stage.advance("2 days")


def stopped(stage: Stage) -> None:
    """STOP, while a reminder is queued and others are to come; and START, later."""
    people = stage.meet(5)
    due = morning(stage, 1, 15)
    stage.happens("delivery.scheduled", people, order="c", due_at=due.isoformat())
    stage.world.run_until(morning(stage, 0, 17))
    stage.happens("delivery.cancelled", people[3:4], order="c")
    stage.write(people[:2], STOP)
    stage.happens("order.shipped", people, order="d")
    stage.write(people[2:3], STOP)
    stage.advance("2 hours")
    stage.write(people[:1], START)
    stage.happens("order.shipped", people, order="e")
    stage.advance("2 hours")


def elsewhere(stage: Stage) -> None:
    """A delivery goes elsewhere by text: a place, a yes; or a no, or none; and one takes it back."""
    people = stage.meet(4)
    due = morning(stage, 3, 15)
    stage.happens("delivery.scheduled", people, order="f", due_at=due.isoformat(), item="lamp")
    stage.world.run_until(morning(stage, 2, 18))
    for place, each in enumerate(people):
        stage.write([each], f"please bring it to {place + 12} Oak Lane")
    stage.advance("10 minutes")
    stage.write(people[:2], YES)
    stage.write(people[2:3], "No")
    stage.advance("10 minutes")
    stage.write(people[1:2], "undo")
    stage.write(people[3:], "please bring it to 20 Oak Lane")
    stage.write(people[3:], "AGENT")
    stage.advance("1 hour")


def unhappy(stage: Stage) -> None:
    """An unhappy answer reaches a person, who answers; the bot says nothing meanwhile; and one is handed back."""
    people = stage.meet(4)
    stage.happens("delivery.completed", people, order="g", item="lamp")
    stage.world.run_until(morning(stage, 6, 12))
    stage.write(people, "It broke after two days, very disappointed")
    stage.write(people[:2], "where is my order?")
    stage.advance("20 minutes")
    stage.answer_at_desk(people[0], "I am sorry. A new lamp leaves today.")
    stage.write(people[:1], "thanks, when does it come?")
    stage.answer_at_desk(people[1], "It comes tomorrow.", hand_back=True)
    stage.advance("2 hours")
    stage.write(people[1:2], "AGENT")
    stage.advance("1 day")


def flooded(stage: Stage) -> None:
    """More texts to a number than an hour may have, and in the next hour more than the day may."""
    people = stage.meet(1)
    stage.advance("20 minutes")
    for place in range(MANY):
        stage.happens("order.shipped", people, order=f"now-{place}")
    stage.advance("1 hour")
    for place in range(MANY):
        stage.happens("order.shipped", people, order=f"then-{place}")
    stage.advance("2 hours")


EACH: Final = (shipped, reminded, offered, stopped, elsewhere, unhappy, flooded)
DAYS: Final[dict[str, Day]] = {day.__name__: day for day in EACH}
