"""`/wins`: dispatches to the subcommand that the next word names."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack import payloads
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.translations import ENGLISH

Subcommand = Callable[[payloads.SlashCommand, str], Awaitable[Message | None]]
"""subcommand(command, the rest of the text): the response, or None if it is shown elsewhere."""


def register(app: AsyncApp, *, anywhere: Mapping[str, Subcommand], in_channels: Mapping[str, Subcommand]) -> None:
    """Listen for /wins. The subcommands of `in_channels` are about the channel where they are typed."""

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
