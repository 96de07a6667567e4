"""`/wins`: dispatches to the subcommand that the next word names."""

from collections.abc import Awaitable, Callable
from dataclasses import astuple
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.commands import HELP, Takes, after_name, misplaced_command, read_command
from bot.domain.pause_dates import is_pause
from bot.domain.search_query import looks_like_search
from bot.domain.text import is_visible
from bot.domain.wins import looks_like_win
from bot.listeners.dependencies import Dependencies
from bot.listeners.help import help_command
from bot.listeners.my_wins import MyWins
from bot.listeners.pause import Pauses
from bot.listeners.preferences import PreferencesForm
from bot.listeners.preview import PreviewCommands
from bot.listeners.search import Searches
from bot.listeners.settings_form import SettingsForm
from bot.listeners.slash_command import SlashCommand
from bot.listeners.typed_text import read_typed
from bot.slack import command_text, payloads
from bot.views import asking, ephemeral
from bot.views.format import MAX_VALUE_LENGTH, Message
from bot.views.pause import no_pause
from bot.views.translations import ENGLISH

Subcommand = Callable[[payloads.SlashCommand, str], Awaitable[Message | None]]
"""subcommand(command, the rest of the text): the response, or None if it is shown elsewhere."""

MINE = "mine"
PAUSE = "pause"
SEARCH = "search"
TAKES: dict[str, Takes] = {PAUSE: is_pause, SEARCH: lambda _: True}
"""What can follow a subcommand. Nothing can follow the others."""


class Subcommands:
    """The subcommands of `/wins`."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        form, previews, pauses = SettingsForm(deps), PreviewCommands(deps), Pauses(deps)
        searches, my_wins = Searches(deps), MyWins(deps)

        async def mine(command: payloads.SlashCommand, _: str) -> Message:
            return await my_wins.by_command(command)

        async def explain(command: payloads.SlashCommand, _: str) -> Message:
            return await help_command(deps, command)

        async def search(command: payloads.SlashCommand, _: str) -> Message | None:
            return await searches.by_command(command, after_name(command.text))

        self._anywhere: dict[str, Subcommand] = {
            "": mine,
            MINE: mine,
            HELP: explain,
            SEARCH: search,
            "preferences": PreferencesForm(deps).open_by_command,
        }
        self._in_channels: dict[str, Subcommand] = {
            "setup": form.open_by_command,
            "preview": previews.preview,
            "post": previews.post,
            PAUSE: pauses.pause,
            "resume": pauses.resume,
        }
        self.takes: dict[str, Takes] = {
            name: TAKES.get(name, lambda _: False) for name in (*self._anywhere, *self._in_channels)
        }

    async def run(self, command: payloads.SlashCommand) -> Message | None:
        """Run what was typed, and return the response, or None if it is shown elsewhere."""
        typed, mentions = await read_typed(self._deps, command.team_id, command.text)
        text = command_text.with_typed_names(typed, mentions)
        name, rest = astuple(read_command(text))
        is_known = name in self.takes and bool(name or not is_visible(text))
        if not is_known or (rest and not self.takes[name](rest)):
            is_win = len(command.text) <= MAX_VALUE_LENGTH and looks_like_win(typed, mentions)
            return _explain(name if is_known else None, text.strip(), value=command.text if is_win else None)
        if name in self._anywhere:
            return await self._anywhere[name](command, rest)
        if not self._works_here(name, command):
            return ephemeral.only_in_channels(ENGLISH, f"/wins {text}")
        return await self._in_channels[name](command, rest)

    def ask_if_misplaced(self, command: payloads.SlashCommand) -> Message | None:
        """Return the question whether the text of a `/win` is a command; None if it reads as a win."""
        meant = misplaced_command(command.text, self.takes | {SEARCH: looks_like_search})
        if meant is None or len(command.text) > MAX_VALUE_LENGTH:
            return None
        text = command_text.readable(command.text).strip()
        works_here = self._works_here(meant.name, command)
        return asking.command_or_win(
            ENGLISH, text, meant.name, command=meant.text or MINE, value=command.text, works_here=works_here
        )

    def _works_here(self, name: str, request: payloads.InConversation) -> bool:
        """Whether a subcommand works in the conversation that a request is from."""
        return name in self._anywhere or not (request.is_in_dm or request.is_in_group)


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for /wins, and for the button that runs a command typed into the wrong place."""
    subcommands = Subcommands(deps)

    async def wins(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        message = await subcommands.run(payloads.slash_command(command))
        await (ack() if message is None else ack(message))

    app.use(SlashCommand("/wins", wins))

    @app.action(asking.RUN_COMMAND)
    async def run_command(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        message = await subcommands.run(payloads.command_of_button(action))
        if message is not None:
            await deps.respond(action.response_url, message, replace=True)
        await ack()


def _explain(subcommand: str | None, text: str, *, value: str | None) -> Message:
    """Say why `text` is no command, and give it back; if it looks like a win, with a button of this value."""
    if value is None:
        text = f"/wins {text}"
    if subcommand is None:
        return ephemeral.unknown_subcommand(ENGLISH, text, value=value)
    if subcommand == PAUSE:
        return no_pause(ENGLISH, text, value=value)
    return ephemeral.takes_no_words(ENGLISH, subcommand, text, value=value)
