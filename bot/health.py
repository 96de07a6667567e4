"""/healthz, /metrics and, for the playground, /status, on a loopback port of their own in both modes."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.storage.status import Status

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
        self.deliveries = Gauge("winsome_deliveries", "Messages by state", labelnames=["state"], registry=self.registry)
        self.oldest_overdue = Gauge(
            "winsome_oldest_overdue_seconds",
            "Seconds that the oldest message due for Slack is overdue",
            registry=self.registry,
        )
        self.missed = Gauge(
            "winsome_missed_roundups",
            "Roundups given up because they were too late; must stay 0",
            registry=self.registry,
        )
        self.requests = Counter(
            "winsome_requests",
            "Requests to Slack that write, by outcome",
            labelnames=["method", "outcome"],
            registry=self.registry,
        )
        self.retries = Counter("winsome_retries", "Posts that had been attempted before", registry=self.registry)

    def record_call(self, method: str, outcome: str, attempts: int) -> None:
        """Count a request to Slack and its outcome. `attempts` is how often it was attempted before."""
        self.requests.labels(method, outcome).inc()
        if attempts:
            self.retries.inc()


@dataclass(frozen=True)
class Backlog:
    """The number of messages by state, the seconds that the oldest is overdue, and the number of missed roundups."""

    by_state: Mapping[str, int]
    oldest_overdue: float
    missed: int


Problems = Callable[[], Awaitable[list[str]]]
"""Returns a sentence for each thing that is wrong now; none if the bot is healthy."""


def create_app(
    metrics: Metrics,
    *,
    problems: Problems,
    backlog: Callable[[], Awaitable[Backlog]],
    status: Callable[[], Awaitable[Status]] | None = None,
) -> web.Application:
    """Create the web application."""

    async def healthz(_request: web.Request) -> web.Response:
        found = await problems()
        return web.json_response({"ok": not found, "problems": found}, status=503 if found else 200)

    async def show_metrics(_request: web.Request) -> web.Response:
        current = await backlog()
        metrics.deliveries.clear()
        for state, count in current.by_state.items():
            metrics.deliveries.labels(state).set(count)
        metrics.oldest_overdue.set(current.oldest_overdue)
        metrics.missed.set(current.missed)
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", show_metrics)
    if status is not None:
        app.router.add_get("/status", partial(_show_status, status))
    return app


async def _show_status(read: Callable[[], Awaitable[Status]], _request: web.Request) -> web.Response:
    """Answer with the status as JSON, its times in ISO 8601."""
    return web.json_response(asdict(await read()), dumps=partial(json.dumps, default=datetime.isoformat))
