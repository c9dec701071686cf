"""What holds of every decision, whoever the customer is and whatever was said to them before."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.domain.customer import Customer, Spoken
from rapport.domain.decision import AWAKE, Request, decide, usable
from rapport.domain.local_time import is_open
from rapport.domain.policy import ConsentRule, Policy
from rapport.domain.words import Channel, Purpose
from tests.domain.builders import DAY, SECOND, WANTS_OFFERS, a_policy, a_request, ada, email, modest, phone, said, utc

OFFERS = Purpose.PROMOTIONAL
WEEK = 7 * DAY
thorough = settings(modest, max_examples=200)

ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Honolulu", "Australia/Lord_Howe"]
CHANNELS = list(Channel)
instants = st.integers(0, 30 * 24 * 3600).map(lambda seconds: utc("2026-10-20") + seconds * SECOND)
addresses = st.builds(
    lambda make, number, why: make(f"{number}", why),
    st.sampled_from([phone, email]),
    st.integers(1, 3),
    st.sampled_from([None, None, None, "bounced"]),
)
consents = st.builds(
    lambda given, day, channel, purpose: said(given, f"2026-10-{day:02}", channel, purpose),
    st.sampled_from([True, True, False]),
    st.integers(1, 19),
    st.sampled_from(CHANNELS),
    st.sampled_from([OFFERS, Purpose.SERVICE, "*"]),
)
ages = st.sampled_from([SECOND, DAY, WEEK - SECOND, WEEK, 2 * WEEK])
customers = st.builds(
    lambda **fields: ada(**{name: tuple(values) for name, values in fields.items()}),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=2),
    addresses=st.just((phone(), email())) | st.lists(addresses, max_size=3),
    consents=st.just((WANTS_OFFERS,)) | st.lists(consents, max_size=3),
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Request, Customer, dict[str, Spoken], datetime]:
    """What might be said to whom, after what, and when: an hour before it expires, or two days, or too late."""
    now = draw(instants)
    request = a_request(
        purpose=draw(st.sampled_from([*Purpose, OFFERS, OFFERS])),
        route=draw(st.permutations(CHANNELS)),
        expires_at=now + draw(st.sampled_from([0, 1, 48, 48])) * timedelta(hours=1),
        heard_at=draw(st.sampled_from([None, now, now - AWAKE + SECOND, now - AWAKE])),
    )
    spoken = draw(st.dictionaries(st.sampled_from(["m-1", "m-2", "m-3"]), ages))
    history = {name: Spoken(at=now - age, purpose=OFFERS) for name, age in spoken.items()}
    return request, draw(customers), history, now


def may_hear(request: Request, customer: Customer, policy: Policy, channel: Channel) -> bool:
    word = customer.consent(channel, request.purpose)
    rule = policy.purposes[request.purpose].consent
    if rule is ConsentRule.NOT_NEEDED:
        return True
    return word.given if word else rule is not ConsentRule.GIVEN


@thorough
@given(situations())
def test_nothing_is_sent_without_leave_address_hour_and_room(
    situation: tuple[Request, Customer, dict[str, Spoken], datetime],
) -> None:
    request, customer, history, now = situation
    policy = a_policy()
    decision = decide(request, customer, history, policy, now)
    if decision.outcome != "send":
        return
    assert decision.channel
    assert now < request.expires_at
    assert may_hear(request, customer, policy, decision.channel)
    assert usable(customer.addresses_on(decision.channel), a_policy())
    awake = request.heard_at and now - request.heard_at < AWAKE
    if policy.purposes[request.purpose].quiet_hours != "ignore" and not awake:
        assert is_open(policy.send_window, customer.zones, now)
    if request.purpose is OFFERS:
        recent = [each for name, each in history.items() if name != request.message and each.at > now - WEEK]
        assert len(recent) < 2


@thorough
@given(situations())
def test_what_is_held_goes_out_at_the_hour_that_it_was_held_for(
    situation: tuple[Request, Customer, dict[str, Spoken], datetime],
) -> None:
    request, customer, history, now = situation
    decision = decide(request, customer, history, a_policy(), now)
    if decision.outcome != "hold":
        return
    assert decision.until
    assert now < decision.until < request.expires_at
    assert decide(request, customer, history, a_policy(), decision.until).outcome == "send"
