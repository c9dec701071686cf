"""Deliveries as customers live through them: the reminder the evening before, and how they like it a week later."""

from local.world import World
from tests.stories.people import BY_EMAIL, LONDON, TOKYO, meet


def test_a_reminder_comes_the_evening_before_on_the_customers_clock(world: World) -> None:
    meet(world, "kenji", TOKYO)
    world.happens("delivery.scheduled", "kenji", order="7", due_at="2026-11-26T10:00:00+09:00")
    world.advance("3 days")
    [text] = world.texts_to("kenji")
    assert f"{text.local:%A %H:%M}" == "Wednesday 17:00"
    assert text.text == (
        "Fern & Oak: hi Kenji, your delivery comes on Thursday. Should it go somewhere else? Just reply."
    )


def test_no_reminder_comes_for_a_delivery_that_is_cancelled_or_made_early(world: World) -> None:
    meet(world, "ana", LONDON)
    for order, end in [("7", "delivery.cancelled"), ("8", "delivery.completed")]:
        world.happens("delivery.scheduled", "ana", order=order, due_at="2026-11-26T10:00:00+00:00")
        world.happens(end, "ana", order=order)
    world.advance("3 days")
    assert world.texts_to("ana") == []


def test_a_delivery_that_is_moved_is_told_of_once_before_its_new_day(world: World) -> None:
    meet(world, "ana", LONDON)
    world.happens("delivery.scheduled", "ana", order="7", due_at="2026-11-26T10:00:00+00:00")
    world.advance("1 day")
    world.happens("delivery.moved", "ana", order="7", due_at="2026-11-30T10:00:00+00:00")
    world.advance("10 days")
    assert [f"{text.local:%d %B %H:%M}" for text in world.texts_to("ana")] == ["29 November 17:00"]


def test_two_orders_on_one_day_are_two_reminders(world: World) -> None:
    meet(world, "ana", LONDON)
    for order in ("7", "8"):
        world.happens("delivery.scheduled", "ana", order=order, due_at="2026-11-26T10:00:00+00:00")
    world.advance("3 days")
    assert [text.message.about for text in world.texts_to("ana")] == ["7", "8"] or [
        text.message.about for text in world.texts_to("ana")
    ] == ["8", "7"]


def test_who_has_no_number_is_reminded_by_email(world: World) -> None:
    meet(world, "ben", BY_EMAIL)
    world.happens("delivery.scheduled", "ben", order="7", due_at="2026-11-26T10:00:00+00:00", window="10 to 12")
    world.advance("3 days")
    assert [mail.text for mail in world.mails_to("ben")] == ["Your delivery comes on Thursday"]
    assert world.mails_to("ben")[0].message.status == "delivered"
    [mail] = world.carriers.taken
    assert mail.to == "ben@example.com"
    assert "10 to 12" in mail.text


def test_how_are_you_liking_it_comes_six_days_after_the_delivery_in_the_daytime(world: World) -> None:
    meet(world, "ana", LONDON)
    world.happens("delivery.completed", "ana", order="7", item="kettle")
    world.advance("10 days")
    [text] = world.texts_to("ana")
    assert (text.message.template, f"{text.local:%A %H:%M}") == ("check-in", "Sunday 11:00")


def test_a_happy_answer_is_thanked_and_any_other_is_left_to_a_person(world: World) -> None:
    meet(world, "ana", LONDON)
    for order, feeling in [("7", "happy"), ("8", "unhappy")]:
        world.happens("delivery.completed", "ana", order=order, item="kettle")
        world.advance("6 days")
        world.advance("3 hours")
        world.happens("reply.received", "ana", journey="check-in", about=order, feeling=feeling)
    assert [text.message.template for text in world.texts_to("ana")] == ["check-in", "thank-you", "check-in"]


def test_after_three_days_without_an_answer_a_late_one_is_not_thanked(world: World) -> None:
    meet(world, "ana", LONDON)
    world.happens("delivery.completed", "ana", order="7")
    world.advance("10 days")
    world.happens("reply.received", "ana", journey="check-in", about="7", feeling="happy")
    assert [text.message.template for text in world.texts_to("ana")] == ["check-in"]


def test_nobody_is_asked_how_they_like_what_they_sent_back(world: World) -> None:
    meet(world, "ana", LONDON)
    world.happens("delivery.completed", "ana", order="7")
    world.advance("2 days")
    world.happens("order.returned", "ana", order="7")
    world.advance("10 days")
    assert world.entries("ana") == []


def test_no_cheerful_word_while_a_complaint_is_open_and_again_once_it_is_closed(world: World) -> None:
    meet(world, "ana", LONDON)
    world.happens("complaint.opened", "ana", complaint="c1")
    world.happens("delivery.completed", "ana", order="7")
    world.advance("7 days")
    [unsaid] = world.unsaid_to("ana")
    assert (unsaid.message.reason, unsaid.message.decision.because) == (
        "relationship",
        "a complaint c1 has been open since 2026-11-23",
    )
    world.happens("complaint.closed", "ana", complaint="c1")
    world.happens("delivery.completed", "ana", order="8")
    world.advance("7 days")
    assert [text.message.about for text in world.texts_to("ana")] == ["8"]


def test_events_that_come_in_the_wrong_order_lead_to_the_same_end(world: World) -> None:
    meet(world, "ana", LONDON)
    at = "2026-11-23T08:{:02d}:00+00:00"
    late = {"order": "7", "due_at": "2026-11-26T10:00:00+00:00"}
    events = [
        {"id": "done", "type": "delivery.completed", "at": at.format(3), "data": {"order": "7"}},
        {"id": "moved", "type": "delivery.moved", "at": at.format(2), "data": late},
        {"id": "planned", "type": "delivery.scheduled", "at": at.format(1), "data": late},
    ]
    for event in events:
        world.put({**event, "customer": "ana"})
        world.settle()
    world.advance("5 days")
    assert world.texts_to("ana") == []
    assert all(world.outcome("ana", event["id"])["outcome"] == "planned" for event in events)  # type: ignore[arg-type]
