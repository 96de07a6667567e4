"""`/wins` and the word after it: which of the things that people do it means."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack import payloads
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.translations import ENGLISH

Subcommand = Callable[[payloads.SlashCommand, str], Awaitable[Message | None]]
"""ask(command, what follows the word): what the person is told, or None where they see it elsewhere."""


def register(app: AsyncApp, *, anywhere: Mapping[str, Subcommand], in_channels: Mapping[str, Subcommand]) -> None:
    """Listen for /wins. The words of `in_channels` are about the channel in which they are typed."""

    @app.command("/wins")
    async def wins(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        slash_command = payloads.slash_command(command)
        subcommand, _, rest = slash_command.text.strip().partition(" ")
        subcommand = subcommand.lower()
        if subcommand in anywhere:
            message = await anywhere[subcommand](slash_command, rest.strip())
        elif subcommand not in in_channels:
            message = ephemeral.unknown_subcommand(ENGLISH, payloads.clean(slash_command.text.strip()))
        elif slash_command.is_in_dm:
            message = ephemeral.only_in_channels(ENGLISH, subcommand)
        else:
            message = await in_channels[subcommand](slash_command, rest.strip())
        await (ack() if message is None else ack(message))
