"""Customers that stories are about; each is made known to a world by `meet`."""

from typing import Any

from local.world import World

LONDON: dict[str, Any] = {
    "name": "Ana",
    "time_zone": "Europe/London",
    "country": "GB",
    "addresses": {"sms": "+447700900123", "email": "ana@example.com"},
}
TOKYO: dict[str, Any] = {
    "name": "Kenji",
    "time_zone": "Asia/Tokyo",
    "country": "JP",
    "addresses": {"sms": "+819012345678"},
}
BY_EMAIL: dict[str, Any] = {
    "name": "Ben",
    "time_zone": "Europe/London",
    "country": "GB",
    "addresses": {"email": "ben@example.com"},
}


def meet(world: World, customer: str, person: dict[str, Any], *agrees: str) -> None:
    """Makes the customer known, with consent to these purposes on every channel they have."""
    world.happens("customer.updated", customer, **person)
    for purpose in agrees:
        for channel in person["addresses"]:
            world.happens("consent.given", customer, channel=channel, purpose=purpose)
