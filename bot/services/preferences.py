"""Whether someone wants messages about wins that they are in. How they want to be named: see consent.py."""

from sqlalchemy import Connection

from bot.services.idempotency import Done
from bot.storage import preferences


def set_messages(connection: Connection, *, team_id: str, user_id: str, wants_messages: bool) -> Done:
    """Stop these messages for someone, or let them come again."""
    preferences.set_messages(connection, team_id, user_id, wants_messages=wants_messages)
    return Done.DONE
