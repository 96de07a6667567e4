"""The in-process transport: payloads go to a callable of the bot, for tests that run the bot in their own process.

The bot gets what Socket Mode would give it, a payload made from JSON, but no socket is involved. Its own requests still
come over HTTP.
"""

import asyncio
import contextvars
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from slack_standin.delivery.http import decode_body
from slack_standin.delivery.transport import Delivery, Outcome
from slack_standin.model.state import World

Handler = Callable[[Any, Mapping[str, str]], Coroutine[Any, Any, tuple[int, str]]]
"""Takes a payload and the retry headers; returns the status and the body that an HTTP response would have."""


class InProcessDelivery:
    """Calls `handler` and waits `world.ack_timeout` for its answer; without a handler the bot is not running."""

    name = "in_process"

    def __init__(self, world: World) -> None:
        self._world = world
        self.handler: Handler | None = None
        self._tasks: set[asyncio.Task[tuple[int, str]]] = set()

    async def send(self, delivery: Delivery, attempt: int, reason: str | None) -> Outcome:
        """Call the handler once, in a task that continues after the timeout, and return the outcome."""
        if self.handler is None:
            return Outcome(error="dispatch_failed", reason="connection_failed")
        assert delivery.raw is None or delivery.raw.body is None, "there are no bytes here, only payloads"
        headers = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason or ""} if attempt else {}
        payload = json.loads(json.dumps(delivery.payload))
        task = asyncio.create_task(self.handler(payload, headers), context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            status, body = await asyncio.wait_for(asyncio.shield(task), self._world.ack_timeout)
        except TimeoutError:
            return Outcome(error="operation_timeout", reason="timeout")
        answer = decode_body(body.encode())
        if status == 200:
            return Outcome(200, None if delivery.kind == "events_api" else answer)
        return Outcome(status, answer, "dispatch_failed", "http_error")
