"""`/wins`: dispatches to the subcommand that the next word names."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.text import words
from bot.domain.wins import looks_like_win
from bot.listeners.dependencies import Dependencies
from bot.listeners.help import help_command
from bot.listeners.my_wins import list_my_wins
from bot.listeners.pause import Pauses
from bot.listeners.preview import PreviewCommands
from bot.listeners.settings_form import SettingsForm
from bot.listeners.typed_text import read_typed
from bot.slack import command_text, payloads
from bot.views import ephemeral
from bot.views.format import MAX_VALUE_LENGTH, Message
from bot.views.translations import ENGLISH

Subcommand = Callable[[payloads.SlashCommand, str], Awaitable[Message | None]]
"""subcommand(command, the rest of the text): the response, or None if it is shown elsewhere."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for /wins."""
    form, previews, pauses = SettingsForm(deps), PreviewCommands(deps), Pauses(deps)

    async def mine(command: payloads.SlashCommand, _: str) -> Message:
        return await list_my_wins(deps, command)

    async def explain(command: payloads.SlashCommand, _: str) -> Message:
        return await help_command(deps, command)

    anywhere: dict[str, Subcommand] = {"": mine, "mine": mine, "help": explain}
    in_channels: dict[str, Subcommand] = {
        "setup": form.open_by_command,
        "preview": previews.preview,
        "post": previews.post,
        "pause": pauses.pause,
        "resume": pauses.resume,
    }

    @app.command("/wins")
    async def wins(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        slash_command = payloads.slash_command(command)
        typed, mentions = await read_typed(deps, slash_command.team_id, slash_command.text)
        text = command_text.with_typed_names(typed, mentions)
        subcommand, *rest = words(text) or [""]
        subcommand = subcommand.lower()
        if subcommand in anywhere:
            message = await anywhere[subcommand](slash_command, " ".join(rest))
        elif subcommand not in in_channels:
            is_win = looks_like_win(typed, mentions)
            message = _explain_unknown(text.strip(), value=slash_command.text if is_win else None)
        elif slash_command.is_in_dm or slash_command.is_in_group:
            message = ephemeral.only_in_channels(ENGLISH, f"/wins {text}")
        else:
            message = await in_channels[subcommand](slash_command, " ".join(rest))
        await (ack() if message is None else ack(message))


def _explain_unknown(text: str, *, value: str | None) -> Message:
    """Give back what was typed; if it looks like a win, with a button of this value that saves it."""
    if value is not None and len(value) <= MAX_VALUE_LENGTH:
        return ephemeral.offer_to_save(ENGLISH, text, value=value)
    return ephemeral.unknown_subcommand(ENGLISH, f"/wins {text}")
