"""Help: what someone can do in the channel where they ask, as far as is known without asking Slack."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.permissions import NO_CHANNEL, Action, may
from bot.slack import payloads
from bot.storage import channels, users
from bot.storage.database import Database
from bot.views.format import Message
from bot.views.help import HelpContext, help_text
from bot.views.translations import ENGLISH

HelpCommand = Callable[[payloads.SlashCommand], Awaitable[Message]]


def create_help_command(database: Database, *, clock: Callable[[], datetime]) -> HelpCommand:
    """Return the function that responds to a command with help."""

    async def help_command(command: payloads.SlashCommand) -> Message:
        help_context = (
            None if command.is_in_dm else await database.read(lambda connection: load_context(connection, command))
        )
        return help_text(ENGLISH, help_context, now=clock())

    return help_command


def load_context(connection: Connection, command: payloads.SlashCommand) -> HelpContext:
    """Return what the help depends on."""
    channel = channels.by_id(connection, *command.channel_key)
    user = users.by_id(connection, command.team_id, command.user_id)
    roles = channel.roles if channel else NO_CHANNEL
    return HelpContext(channel, may_change=user is not None and may(user.actor, Action.CHANGE, roles))
