"""Slack's API by workspace: each has its own token, identity, client and rate limits."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.permissions import SlackUnavailable
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.workspaces import Workspace
from bot.slack import answers, outcomes
from bot.slack.answers import OddAnswer
from bot.slack.errors import RATELIMITED, error_code, meaning
from bot.slack.outcomes import Failure, Outcome, Rejected, Retryable
from bot.slack.payloads import Payload
from bot.slack.rate_limits import BURSTS, RateLimiter

logger = logging.getLogger(__name__)

MAX_RETRY_SECONDS = 30.0

T = TypeVar("T")


class TokenRefused(Exception):
    """Slack does not accept the token of a `setting`; `error` says why."""

    def __init__(self, setting: str, error: str) -> None:
        super().__init__(setting, error)
        self.setting = setting
        self.error = error


class SlackClient:
    """The API of one workspace. `spacing` is the least seconds between two requests of a method."""

    def __init__(self, workspace: Workspace, api: AsyncWebClient, spacing: Mapping[str, float]) -> None:
        self.workspace = workspace
        self._api = api
        self._spacing = spacing
        self._rate_limiters: dict[str, RateLimiter] = {}

    def rate_limiter(self, method: str) -> RateLimiter:
        """Return the rate limiter of a method in this workspace."""
        if method not in self._rate_limiters:
            self._rate_limiters[method] = RateLimiter(self._spacing.get(method, 0.0), BURSTS.get(method, 1))
        return self._rate_limiters[method]

    async def call(self, method: str, arguments: dict[str, Any]) -> Outcome:
        """Send one request that writes, once, and return what became of it: outcomes.py says which is which."""
        return await outcomes.call(self._api, method, arguments)

    async def get(self, method: str, arguments: dict[str, Any], read: Callable[[Payload], T]) -> T | Failure:
        """Send one request that reads, and return what `read` (of answers.py) takes from Slack's answer, or why not."""
        return await outcomes.get(self._api, method, arguments, read)

    async def look_up(self, method: str, read: Callable[[Payload], T], *, share: str = "", **arguments: Any) -> T:
        """Read what someone waits for, as `get` does. Raises SlackUnavailable, at once if Slack limits the method.

        With `share`, that part of the method's limit applies; a pause of it holds up nothing else.
        """
        rate_limiter = self.rate_limiter(share or method)
        if rate_limiter.is_paused or self.rate_limiter(method).is_paused:
            raise SlackUnavailable(RATELIMITED, ErrorMeaning.RATE_LIMITED)
        response = await self.get(method, arguments, read)
        if not isinstance(response, Failure):
            return response
        if isinstance(response, Retryable) and response.error == RATELIMITED:
            rate_limiter.record(response)
        logger.info("lookup failed", extra={"method": method, "error": response.error})
        raise SlackUnavailable(response.error, response.meaning if isinstance(response, Rejected) else None)

    async def show(self, method: str, body: dict[str, Any]) -> Payload:
        """Send a view, and return Slack's answer. Raises what `answers.receive` raises."""
        return answers.body(await answers.receive(self._api.api_call(method, json=body)))

    def close(self) -> None:
        """Stop the rate limiters. The owners of requests that still wait must cancel them."""
        for rate_limiter in self._rate_limiters.values():
            rate_limiter.close()


class SlackClients:
    """The workspaces that the bot serves. `create_api` makes the SDK's client for a token."""

    def __init__(self, create_api: Callable[[str], AsyncWebClient], spacing: Mapping[str, float]) -> None:
        self._create_api = create_api
        self._spacing = spacing
        self._clients: dict[str, SlackClient] = {}

    def of(self, team_id: str) -> SlackClient:
        """Return the client of a workspace. Raises SlackUnavailable if the bot does not serve it."""
        try:
            return self._clients[team_id]
        except KeyError:
            raise SlackUnavailable("not installed") from None

    def team_ids(self) -> list[str]:
        """Return the workspaces."""
        return list(self._clients)

    def __contains__(self, team_id: object) -> bool:
        return team_id in self._clients

    def add(self, workspace: Workspace, api: AsyncWebClient) -> None:
        """Serve a workspace."""
        self._clients[workspace.team_id] = SlackClient(workspace, api, self._spacing)

    async def connect(self, token: str) -> Workspace:
        """Serve the workspace of `token`; ask Slack which one it is until it answers. Raises TokenRefused."""
        api = self._create_api(token)
        workspace = await _authenticate(api)
        self.add(workspace, api)
        return workspace

    def close(self) -> None:
        """Stop the rate limiters of all workspaces."""
        for client in self._clients.values():
            client.close()


async def _authenticate(api: AsyncWebClient) -> Workspace:
    delay = 1.0
    while True:
        try:
            return answers.workspace(await answers.receive(api.auth_test()))
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OddAnswer) as error:
            code = error_code(error)
            if meaning("auth.test", code) is ErrorMeaning.INVALID_TOKEN:
                raise TokenRefused("SLACK_BOT_TOKEN", code) from None
            logger.warning("auth.test failed", extra={"error": code, "retry_in": delay})
        await asyncio.sleep(delay)
        delay = min(delay * 2, MAX_RETRY_SECONDS)
