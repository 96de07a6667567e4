"""Delivers payloads to the bot and returns its answers, over Socket Mode or HTTP, with retries for events.

Source: docs.slack.dev/apis/events-api (retries, headers), /interactivity/implementing-slash-commands (3 seconds).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from slack_standin.model.messages import Message
from slack_standin.model.state import World

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Delivery:
    """A payload for the bot; sending it again sends the identical payload."""

    id: str
    kind: Kind
    payload: Any
    team_id: str
    person: str | None = None
    channel: str | None = None
    message: Message | None = field(default=None, repr=False)
    raw: "Raw | None" = None


@dataclass(frozen=True)
class Raw:
    """Overrides the proper form of a payload, for fuzzing; see StandIn.deliver_raw."""

    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    signed: bool = True
    envelope: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The result of one attempt: `error` is what a person would read, `reason` what a retry's header says.

    `redirect` is where an HTTP response sends the request.
    """

    status: int | None = None
    payload: Any = None
    error: str | None = None
    reason: str | None = None
    no_retry: bool = False
    redirect: str | None = None


@dataclass(frozen=True)
class Answer:
    """The bot's answer to a delivery; for an event, to its first attempt."""

    status: int | None
    payload: Any
    elapsed: float
    error: str | None
    request: Delivery


class Transport(Protocol):
    """A transport to the bot."""

    name: str

    async def send(self, delivery: Delivery, attempt: int, reason: str | None) -> Outcome:
        """Send once and return the outcome."""


class Sender:
    """Sends deliveries over the transport in force and writes each attempt into the ledger."""

    def __init__(self, world: World, choose_transport: Callable[[], Transport]) -> None:
        self._world = world
        self._choose_transport = choose_transport
        self._tasks: set[asyncio.Task[Any]] = set()

    async def deliver(self, delivery: Delivery) -> Answer:
        """Send once and wait for the answer."""
        answer, _ = await self._attempt(delivery, 0, None)
        return answer

    async def deliver_event(self, delivery: Delivery) -> Answer:
        """Send an event and answer with its first attempt; the retries go on in the background."""
        answer, outcome = await self._attempt(delivery, 0, None)
        if self._wants_retry(outcome):
            self.in_background(self._retry(delivery, outcome))
        return answer

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run a task in the background; stopping cancels it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel deliveries in progress."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _retry(self, delivery: Delivery, outcome: Outcome) -> None:
        for attempt, pause in enumerate(self._world.event_retries, start=1):
            await asyncio.sleep(pause)
            _, outcome = await self._attempt(delivery, attempt, outcome.reason)
            if not self._wants_retry(outcome):
                return

    def _wants_retry(self, outcome: Outcome) -> bool:
        return outcome.error is not None and not outcome.no_retry

    async def _attempt(self, delivery: Delivery, attempt: int, reason: str | None) -> tuple[Answer, Outcome]:
        transport = self._choose_transport()
        began = time.monotonic()
        outcome = await transport.send(delivery, attempt, reason)
        self._world.ledger.sent(
            delivery.kind,
            delivery.id,
            delivery.payload,
            transport=transport.name,
            attempt=attempt,
            began=began,
            status=outcome.status,
            answer=outcome.payload,
            error=outcome.error,
        )
        self._world.changes.signal()
        elapsed = time.monotonic() - began
        return Answer(outcome.status, outcome.payload, elapsed, outcome.error, delivery), outcome
