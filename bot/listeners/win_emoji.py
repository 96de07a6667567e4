"""A reaction with a channel's emoji for wins suggests to the author of the message, in private, to save it as one.

Slack sends no text with a reaction, and the bot reads none: it asks only for the message's thread.
"""

from functools import partial

from bot.domain.permissions import SlackUnavailable
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.win_emoji import base_name
from bot.domain.wins import MessageSource
from bot.listeners.dependencies import Dependencies
from bot.services import suggestions
from bot.services.idempotency import Done, RequestKey, run_once
from bot.slack import answers, deadline
from bot.slack.event_payloads import Reaction
from bot.storage import channels


async def suggest_win(deps: Dependencies, reaction: Reaction) -> None:
    """Suggest a win if the reaction is the channel's emoji for wins, once for each message. Raises SlackUnavailable."""
    team_id, channel_id, author_id = reaction.team_id, reaction.channel_id, reaction.author_id
    query = partial(channels.by_id, team_id=team_id, channel_id=channel_id)
    channel = await deps.database.read(query)
    if channel is None or channel.settings is None or channel.settings.win_emoji != base_name(reaction.emoji):
        return
    if author_id is None or not await _are_members(deps, team_id, author_id, reaction.user_id):
        return
    source = await _source(deps, reaction)
    if source is None:
        return
    now = deps.clock()
    work = partial(suggestions.suggest, team_id=team_id, author_id=author_id, source=source, now=now)
    key = RequestKey(team_id, f"suggested:{channel_id}:{reaction.message_ts}")
    await run_once(deps.database, key, Done, work, now=now)
    deps.wake_sender((team_id, channel_id))


async def _are_members(deps: Dependencies, team_id: str, *user_ids: str) -> bool:
    """Whether all of them are people of the workspace: apps and other organizations' people save no wins here."""
    for user_id in dict.fromkeys(user_ids):
        if not await deps.access.is_member(team_id, user_id):
            return False
    return True


async def _source(deps: Dependencies, reaction: Reaction) -> MessageSource | None:
    """Return where the message is, with its thread, which its address contains; None if it is gone."""
    channel_id, ts = reaction.channel_id, reaction.message_ts
    client = deps.clients.of(reaction.team_id)
    try:
        async with deadline.within(deadline.LOOKUP_BUDGET):
            thread_ts = await client.look_up("chat.getPermalink", answers.thread_ts, channel=channel_id, message_ts=ts)
    except TimeoutError:
        raise SlackUnavailable("timeout") from None
    except SlackUnavailable as error:
        if error.meaning in (ErrorMeaning.MESSAGE_GONE, ErrorMeaning.CHANNEL_NOT_FOUND):
            return None
        raise
    return MessageSource(channel_id, ts, None if thread_ts == ts else thread_ts)
