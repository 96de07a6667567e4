"""What people write to the bot, by a mention or in a direct message: each gets one private answer.

Other messages are not read: the bot subscribes to none.
"""

from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.markup import cut_short
from bot.domain.text_to_bot import without_bot
from bot.listeners.dependencies import Dependencies
from bot.services import suggestions
from bot.services.idempotency import Done, RequestKey, run_once
from bot.slack import command_text, message_payloads
from bot.slack.message_payloads import MessageToBot

BOT_NAME = "@Winsome"
MAX_TEXT_LENGTH = 3000
"""The most characters that the form starts with: what its field takes. Its author shortens their own words."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for both."""

    async def answer(message: MessageToBot) -> None:
        team_id, user_id, source = message.team_id, message.user_id, message.source
        bot_user_id = deps.clients.of(team_id).workspace.bot_user_id
        if user_id == bot_user_id or not await deps.access.is_member(team_id, user_id):
            return  # an app, or someone of another organization, saves no wins here
        text, _ = command_text.parse(message.text)
        now = deps.clock()
        work = partial(
            suggestions.answer,
            team_id=team_id,
            user_id=user_id,
            source=source,
            text=cut_short(without_bot(text, bot_user_id, name=BOT_NAME), MAX_TEXT_LENGTH),
            is_direct=message.is_direct,
            now=now,
        )
        key = RequestKey(team_id, f"directed:{source.channel_id}:{source.ts}")  # an edit tells of it again
        await run_once(deps.database, key, Done, work, now=now)
        deps.wake_sender((team_id, user_id if message.is_direct else source.channel_id))

    @app.event("app_mention")
    async def answer_mention(body: dict[str, Any]) -> None:
        message = message_payloads.message_to_bot(body)
        if message is not None and not message.is_direct:
            await answer(message)

    @app.event("message")
    async def answer_direct_message(body: dict[str, Any]) -> None:
        message = message_payloads.message_to_bot(body)
        if message is not None and message.is_direct:
            await answer(message)
