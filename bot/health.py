"""/livez, /readyz, /metrics and, for the playground, /status, on a loopback port of their own in both modes.

A bot that answers /livez is running, or starting. One that answers /readyz with 200 can do its work: it asks all that
it depends on.
"""

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.storage.status import Status
from bot.storage.unavailable import DatabaseUnavailable

logger = logging.getLogger(__name__)

ACK_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """The metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.ack_seconds = Histogram(
            "winsome_ack_seconds",
            "Seconds from receiving a request from Slack to answering it",
            buckets=ACK_SECONDS,
            registry=self.registry,
        )
        self.deliveries = Gauge(
            "winsome_deliveries",
            "Messages that are to be posted, may be posted, or need a person, by state",
            labelnames=["state"],
            registry=self.registry,
        )
        self.oldest_overdue = Gauge(
            "winsome_oldest_overdue_seconds",
            "Seconds that the oldest message due for Slack is overdue",
            registry=self.registry,
        )
        self.missed = Counter(
            "winsome_missed_roundups", "Roundups given up because they were too late", registry=self.registry
        )
        self.requests = Counter(
            "winsome_requests",
            "Requests to Slack that write, by outcome",
            labelnames=["method", "outcome"],
            registry=self.registry,
        )
        self.retries = Counter("winsome_retries", "Posts that had been attempted before", registry=self.registry)
        ProcessCollector(registry=self.registry)

    def watch(
        self, *, tick_age: Callable[[], float], is_sender: Callable[[], bool], clock_difference: Callable[[], float]
    ) -> None:
        """Show how old the last tick is and how far the clock is off, in seconds, and whether this process posts."""
        gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
            "winsome_tick_age_seconds": ("Seconds since the ticker has run all its jobs", tick_age),
            "winsome_is_sender": ("1 if this process is the one that posts, else 0", is_sender),
            "winsome_clock_difference_seconds": ("How far this clock is ahead of Slack's", clock_difference),
        }
        for name, (documentation, value) in gauges.items():
            Gauge(name, documentation, registry=self.registry).set_function(value)

    def show_backlog(self, backlog: "Backlog | None") -> None:
        """Show the backlog; None is unknown, and shows no older one."""
        self.deliveries.clear()
        for state, count in ({} if backlog is None else backlog.by_state).items():
            self.deliveries.labels(state).set(count)
        self.oldest_overdue.set(math.nan if backlog is None else backlog.oldest_overdue)

    def record_call(self, method: str, outcome: str, attempts: int) -> None:
        """Count a request to Slack and its outcome. `attempts` is how often it was attempted before."""
        self.requests.labels(method, outcome).inc()
        if attempts:
            self.retries.inc()


@dataclass(frozen=True)
class Backlog:
    """The messages that aren't done by state, the seconds that the oldest is overdue, and all missed roundups."""

    by_state: Mapping[str, int]
    oldest_overdue: float
    missed: int


STARTING = "Winsome is starting: it updates the database if that is old, then waits until Slack answers"
CHECK_SECONDS = 2.0
"""How long each check of /readyz may take; a longer one counts as a problem."""
BACKLOG_SECONDS = 5.0
"""How long a scrape waits for the database: Prometheus itself waits for ten seconds."""
CHECK_EVERY = 2.0
"""How long an answer of /readyz is kept, so that frequent requests cost nothing."""

Check = Callable[[], Awaitable[str | None]]
"""Returns a sentence that says what is wrong now, or None."""


class Readiness:
    """Asks all that the bot depends on, at the same time and within a limit. `checks` are by what they are about."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._asked_at = -CHECK_EVERY
        self._asking: asyncio.Task[list[str]] | None = None

    async def problems(self) -> list[str]:
        """Return a sentence for each thing that is wrong; none if the bot is ready."""
        now = time.monotonic()
        if self._asking is None or now - self._asked_at >= CHECK_EVERY:
            self._asked_at, self._asking = now, asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> list[str]:
        answers = await asyncio.gather(*(_limited(subject, check) for subject, check in self._checks.items()))
        return [problem for problem in answers if problem is not None]


async def _limited(subject: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"{subject} doesn't answer"
    except Exception as error:  # noqa: BLE001
        # Whatever it is, the bot is not ready.
        return f"{subject} can't be checked ({type(error).__name__})"


def create_starting_app() -> web.Application:
    """Create what answers until the bot has started, so that nothing kills it in the middle of a long migration."""

    async def readyz(_request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "problems": [STARTING]}, status=503)

    app = web.Application()
    _add_livez(app)
    app.router.add_get("/readyz", readyz)
    return app


def create_app(
    metrics: Metrics,
    *,
    readiness: Readiness,
    backlog: Callable[[], Awaitable[Backlog]],
    note: Callable[[], str | None] = lambda: None,
    missed_before: int = 0,
    status: Callable[[], Awaitable[Status]] | None = None,
) -> web.Application:
    """Create the web application. `missed_before` roundups were missed before this process started.

    `note` returns a sentence about something that should be put right, although the bot is ready.
    """
    missed = missed_before

    async def readyz(_request: web.Request) -> web.Response:
        found = await readiness.problems()
        notes = {} if (found_note := note()) is None else {"notes": [found_note]}
        return web.json_response({"ok": not found, "problems": found, **notes}, status=503 if found else 200)

    async def show_metrics(_request: web.Request) -> web.Response:
        current = await _in_time(backlog)
        metrics.show_backlog(current)
        body = generate_latest(metrics.registry)
        # What was missed shows at the next scrape, so that the first one has a 0 and `increase()` sees it grow.
        nonlocal missed
        if current is not None:
            metrics.missed.inc(max(0, current.missed - missed))
            missed = current.missed
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    _add_livez(app)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)
    if status is not None:
        app.router.add_get("/status", partial(_show_status, status))
    return app


def _add_livez(app: web.Application) -> None:
    async def livez(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    for path in ("/livez", "/healthz"):  # the second is the name that it had before
        app.router.add_get(path, livez)


async def _in_time(backlog: Callable[[], Awaitable[Backlog]]) -> Backlog | None:
    """Return the backlog; None if the database doesn't say. A scrape doesn't wait for long."""
    try:
        async with asyncio.timeout(BACKLOG_SECONDS):
            return await backlog()
    except (DatabaseUnavailable, TimeoutError) as error:
        logger.warning("metrics without the backlog", extra={"error": error})
        return None


async def _show_status(read: Callable[[], Awaitable[Status]], _request: web.Request) -> web.Response:
    """Answer with the status as JSON, its times in ISO 8601."""
    return web.json_response(asdict(await read()), dumps=partial(json.dumps, default=datetime.isoformat))
