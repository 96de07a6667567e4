"""/healthz and /metrics, on a loopback port of their own in both modes."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

ACK_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """What is counted, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.ack_seconds = Histogram(
            "winsome_ack_seconds",
            "Seconds from a request of Slack's to its answer",
            buckets=ACK_SECONDS,
            registry=self.registry,
        )
        self.deliveries = Gauge("winsome_deliveries", "Messages by state", labelnames=["state"], registry=self.registry)


Problems = Callable[[], Awaitable[list[str]]]
"""Says what is wrong now, in words; nothing, when all is well."""
Counts = Callable[[], Awaitable[dict[str, int]]]
"""Counts the deliveries by state."""


def make(metrics: Metrics, *, problems: Problems, counts: Counts) -> web.Application:
    """Make the web application that tells how the bot is."""

    async def healthz(_request: web.Request) -> web.Response:
        found = await problems()
        return web.json_response({"ok": not found, "problems": found}, status=503 if found else 200)

    async def show_metrics(_request: web.Request) -> web.Response:
        for state, number in (await counts()).items():
            metrics.deliveries.labels(state).set(number)
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", show_metrics)
    return app
