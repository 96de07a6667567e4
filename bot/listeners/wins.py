"""`/wins` and the word after it: which of the things that people do it means."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack import payloads
from bot.views import ephemeral
from bot.views.format import Message

Ask = Callable[[payloads.SlashCommand, str], Awaitable[Message | None]]
"""ask(command, what follows the word): what the person is told, or None where they see it elsewhere."""


def register(app: AsyncApp, *, anywhere: Mapping[str, Ask], in_channels: Mapping[str, Ask]) -> None:
    """Listen for /wins. The words of `in_channels` are about the channel in which they are typed."""

    @app.command("/wins")
    async def wins(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        asked = payloads.slash_command(command)
        word, _, rest = asked.text.strip().partition(" ")
        word = word.lower()
        if word in anywhere:
            said = await anywhere[word](asked, rest.strip())
        elif word not in in_channels:
            said = ephemeral.unknown_subcommand(payloads.clean(asked.text.strip()))
        elif asked.is_in_dm:
            said = ephemeral.only_in_channels(word)
        else:
            said = await in_channels[word](asked, rest.strip())
        await (ack() if said is None else ack(said))
