"""Every environment variable that template.yaml sets, typed; a missing one ends the cold start with its name."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """The stack's names, as a function sees them."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    content: Path
    events_table: str
    ledger_table: str
    intake_dead_letters: str
    wake_queue: str
    sms_queue: str
    email_queue: str
    desk_queue: str
    intake_queue: str
    event_bus: str
    secret: str
    desk_address: str
    desk_page: str = ""
    desk_reply_domain: str = ""
    bot: str = ""
    bot_alias: str = ""
    schedule_group: str
    schedule_role: str
    schedule_dead_letters: str
    configuration_set: str
    from_address: str
    sms_sender_id: str
    sms_origination_number: str
    sms_max_price: str


def settings() -> Settings:
    """The settings of this function. Raises pydantic's ValidationError, which names what is missing."""
    names = [name for name in Settings.model_fields if name.upper() in os.environ]
    return Settings.model_validate({name: os.environ[name.upper()] for name in names})
