"""Help: what someone can do in the channel where they ask."""

from functools import partial

from bot.domain.permissions import NO_CHANNEL, Action, may
from bot.listeners.dependencies import Dependencies
from bot.slack import payloads
from bot.slack.installed_manifest import missing_ways_in
from bot.storage import users, workspaces
from bot.views.format import Message
from bot.views.help import HelpContext, help_text
from bot.views.translations import ENGLISH


async def help_command(deps: Dependencies, command: payloads.SlashCommand) -> Message:
    """Respond to a command with help. Slack is asked about the channel, but not about the person."""
    help_context = None
    if not (command.is_in_dm or command.is_in_group):
        channel = await deps.access.channel(*command.channel_key)
        user = await deps.database.read(partial(users.by_id, team_id=command.team_id, user_id=command.user_id))
        roles = channel.roles if channel else NO_CHANNEL
        help_context = HelpContext(channel, may_change=user is not None and may(user.actor, Action.CHANGE, roles))
    granted = await deps.database.read(partial(workspaces.scopes, team_id=command.team_id))
    return help_text(
        ENGLISH,
        help_context,
        is_in_group=command.is_in_group,
        missing_ways_in=missing_ways_in(granted),
        now=deps.clock(),
    )
