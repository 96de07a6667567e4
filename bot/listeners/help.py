"""Help: what someone can do in the channel where they ask, as far as is known without asking Slack."""

from sqlalchemy import Connection

from bot.domain.permissions import NO_CHANNEL, Action, may
from bot.listeners.dependencies import Dependencies
from bot.slack import payloads
from bot.storage import channels, users
from bot.views.format import Message
from bot.views.help import HelpContext, help_text
from bot.views.translations import ENGLISH


async def help_command(deps: Dependencies, command: payloads.SlashCommand) -> Message:
    """Respond to a command with help."""
    help_context = None
    if not command.is_in_dm:
        help_context = await deps.database.read(lambda connection: load_context(connection, command))
    return help_text(ENGLISH, help_context, now=deps.clock())


def load_context(connection: Connection, command: payloads.SlashCommand) -> HelpContext:
    """Return what the help depends on."""
    channel = channels.by_id(connection, *command.channel_key)
    user = users.by_id(connection, command.team_id, command.user_id)
    roles = channel.roles if channel else NO_CHANNEL
    return HelpContext(channel, may_change=user is not None and may(user.actor, Action.CHANGE, roles))
