"""Help: what somebody may do in the channel where they ask, as far as that is known without asking Slack."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.permissions import NO_CHANNEL, Action, may
from bot.slack import payloads
from bot.storage import channels, users
from bot.storage.database import Database
from bot.views.format import Message
from bot.views.help import Here, help_text

Help = Callable[[payloads.Command], Awaitable[Message]]


def make(database: Database, *, clock: Callable[[], datetime]) -> Help:
    """Return the function that answers a command with help."""

    async def explained(asked: payloads.Command) -> Message:
        here = None if asked.is_in_dm else await database.read(lambda connection: read(connection, asked))
        return help_text(here, now=clock())

    return explained


def read(connection: Connection, asked: payloads.Command) -> Here:
    """Return what the help depends on."""
    channel = channels.by_id(connection, *asked.lane)
    person = users.by_id(connection, asked.team_id, asked.user_id)
    place = channel.place if channel else NO_CHANNEL
    return Here(channel, may_change=person is not None and may(person.actor, Action.CHANGE, place))
