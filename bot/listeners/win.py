"""`/win`: someone logs a win."""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.wins import Mention, parse_win
from bot.listeners.dependencies import Dependencies
from bot.listeners.help import help_command
from bot.services import wins
from bot.slack import command_text, payloads
from bot.storage.wins import NewWin
from bot.views import ephemeral
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for /win."""
    # Those whose win in that channel this process has committed: it need not look again whether they get an offer.
    known_authors: set[tuple[str, str, str]] = set()

    @app.command("/win")
    async def win(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        slash_command = payloads.slash_command(command)
        if slash_command.text.strip().lower() in ("", "help"):
            await ack(await help_command(deps, slash_command))
            return
        draft = parse_win(*command_text.parse(slash_command.text))
        author = (*slash_command.channel_key, slash_command.user_id)
        new_win = NewWin(
            draft,
            slash_command.team_id,
            None if slash_command.is_in_dm else slash_command.channel_id,
            slash_command.idempotency_key,
            Mention(slash_command.user_id, slash_command.user_name),
            deps.clock(),
        )
        win_id = await wins.log(
            deps.database, new_win, response_url=slash_command.response_url, is_known_author=author in known_authors
        )
        if not slash_command.is_in_dm:
            known_authors.add(author)
        deps.wake_outbox(slash_command.channel_key)
        await ack(ephemeral.win_saved(ENGLISH, draft, win_id, is_private=slash_command.is_in_dm))
