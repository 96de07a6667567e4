"""The listener that the bot talks to: Web API, Socket Mode, response_url addresses, all on one loopback port."""

from email.utils import format_datetime

from aiohttp import web

from slack_standin.api.authorization import Authorization
from slack_standin.api.response_urls import ResponseUrls
from slack_standin.api.uploads import Uploads
from slack_standin.api.web_api import WebApi
from slack_standin.delivery.socket_mode import SocketMode
from slack_standin.model.clock import Clock

_MAX_BYTES = 8 * 1024 * 1024


class Listener:
    """An aiohttp application on a port of its own; port 0 picks a free one."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)

    async def start(self, host: str, port: int) -> str:
        """Listen, and return the origin."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        address = self._runner.addresses[0]
        return f"http://{host}:{address[1]}"

    async def stop(self) -> None:
        """Close the port, and cancel running requests."""
        await self._runner.cleanup()


def slack_app(
    web_api: WebApi,
    socket: SocketMode,
    response_urls: ResponseUrls,
    uploads: Uploads,
    authorization: Authorization,
    *,
    clock: Clock,
) -> web.Application:
    """The routes of Slack that a bot uses. Their answers say what time it is by `clock`, as their `ts` do."""

    async def date(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(clock.now(), usegmt=True)

    app = web.Application(client_max_size=_MAX_BYTES)
    app.on_response_prepare.append(date)
    app.router.add_route("*", "/api/{method}", web_api.receive)
    app.router.add_get("/link", socket.accept)
    app.router.add_post("/commands/{rest:.*}", response_urls.receive)
    app.router.add_post("/actions/{rest:.*}", response_urls.receive)
    app.router.add_post("/app/{rest:.*}", response_urls.receive)
    app.router.add_post("/upload/v1/{ticket}", uploads.receive)
    app.router.add_get("/files-pri/{file}/{name}", uploads.download)
    app.router.add_get("/oauth/v2/authorize", authorization.receive)
    return app
