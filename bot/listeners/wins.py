"""`/wins`: dispatches to the subcommand that the next word names."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.pause_dates import is_pause
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
from bot.views.pause import no_pause
from bot.views.translations import ENGLISH

Subcommand = Callable[[payloads.SlashCommand, str], Awaitable[Message | None]]
"""subcommand(command, the rest of the text): the response, or None if it is shown elsewhere."""

PAUSE = "pause"
"""The one subcommand that takes more words."""


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
        PAUSE: pauses.pause,
        "resume": pauses.resume,
    }

    @app.command("/wins")
    async def wins(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        slash_command = payloads.slash_command(command)
        typed, mentions = await read_typed(deps, slash_command.team_id, slash_command.text)
        text = command_text.with_typed_names(typed, mentions)
        first, *more = words(text) or [""]
        subcommand, rest = (first.rstrip(".!?") or first).lower(), " ".join(more)
        message: Message | None
        is_known = subcommand in anywhere or subcommand in in_channels
        if not is_known or (rest and not (subcommand == PAUSE and is_pause(rest))):
            is_win = len(slash_command.text) <= MAX_VALUE_LENGTH and looks_like_win(typed, mentions)
            value = slash_command.text if is_win else None
            message = _explain(subcommand if is_known else None, text.strip(), value=value)
        elif subcommand in anywhere:
            message = await anywhere[subcommand](slash_command, rest)
        elif slash_command.is_in_dm or slash_command.is_in_group:
            message = ephemeral.only_in_channels(ENGLISH, f"/wins {text}")
        else:
            message = await in_channels[subcommand](slash_command, rest)
        await (ack() if message is None else ack(message))


def _explain(subcommand: str | None, text: str, *, value: str | None) -> Message:
    """Say why `text` is no command, and give it back; if it looks like a win, with a button of this value."""
    if value is None:
        text = f"/wins {text}"
    if subcommand is None:
        return ephemeral.unknown_subcommand(ENGLISH, text, value=value)
    if subcommand == PAUSE:
        return no_pause(ENGLISH, text, value=value)
    return ephemeral.takes_no_words(ENGLISH, subcommand, text, value=value)
