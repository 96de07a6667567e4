"""Runs a slash command as a Bolt middleware: with a Bolt listener, a /win would take a tenth longer."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest


class SlashCommand(AsyncMiddleware):
    """Runs `answer` (of the command's payload, and the function that acks it) for each use of one slash command.

    `app.command(name)` does the same, but builds every argument that Bolt knows twice: to match the request, and to
    run the listener.
    """

    def __init__(self, name: str, answer: Callable[[dict[str, Any], Callable[..., Any]], Awaitable[None]]) -> None:
        self.command = name
        self._answer = answer

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt's
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's
    ) -> BoltResponse | None:
        """Answer a request that is this command; leave others to the listeners."""
        if req.body.get("command") != self.command:
            return await next()
        ack = req.context.ack
        await self._answer(req.body, ack)
        return ack.response
