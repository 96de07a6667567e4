"""`winsome doctor`: looks at everything that the bot needs, and says what to do about each finding."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES
from bot.storage import schema

MOST_SECONDS_OFF = 60
"""Slack's signatures are good for five minutes, and roundups come at a promised time."""
TIMEOUT = 10


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `advice` says what to do, where it is not well."""

    subject: str
    is_well: bool
    said: str
    advice: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything, one finding after the other; nothing is changed."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
        client = AsyncWebClient(settings.bot_token, base_url=settings.slack_api_url, session=session, retry_handlers=[])
        try:
            us = await client.auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            yield Finding("bot token", False, _said(error), _token_advice(error))
        else:
            yield Finding("bot token", True, f"belongs to the bot of {us.get('team')} ({us.get('team_id')})")
            for finding in (*_scopes(us), *_clock(us)):
                yield finding
        yield await _way_in(settings, client)
    yield await asyncio.to_thread(_database, settings.database_url)


def _scopes(us: AsyncSlackResponse) -> Iterator[Finding]:
    granted = {scope.strip() for scope in us.headers.get("x-oauth-scopes", "").split(",")} - {""}
    for scope, reason in SCOPES.items():
        if scope not in granted:
            yield Finding(
                f"scope {scope}",
                False,
                f"is missing: without it the bot can't do this: {reason}",
                "Add it under OAuth & Permissions -> Scopes (`winsome manifest` has them all), then reinstall the app.",
            )
    if granted >= SCOPES.keys():
        yield Finding("scopes", True, ", ".join(SCOPES))
    for scope, reason in OPTIONAL_SCOPES.items():
        if scope not in granted:
            yield Finding(f"scope {scope}", True, f"is optional and not granted. With it the bot {reason}")
    if more := granted - SCOPES.keys() - OPTIONAL_SCOPES.keys():
        yield Finding("scopes", True, f"granted but not needed: {', '.join(sorted(more))}")


def _clock(us: AsyncSlackResponse) -> Iterator[Finding]:
    date = us.headers.get("Date")
    if not date:
        return
    off = time.time() - parsedate_to_datetime(date).timestamp()
    if abs(off) <= MOST_SECONDS_OFF:
        yield Finding("clock", True, "agrees with Slack's")
    else:
        yield Finding("clock", False, f"is {off:+.0f} s off Slack's", "Let this machine keep its time (NTP).")


async def _way_in(settings: Settings, client: AsyncWebClient) -> Finding:
    if settings.app_token is None:
        return Finding("way in", True, f"HTTP on {settings.host}:{settings.port}; Slack must reach /slack/events there")
    try:
        await client.apps_connections_open(app_token=settings.app_token)
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        return Finding(
            "app token",
            False,
            _said(error),
            "Make one under Basic Information -> App-Level Tokens (scope connections:write); turn Socket Mode on.",
        )
    return Finding("app token", True, "opens Socket Mode connections")


def _database(url: str) -> Finding:
    try:
        at, wanted = schema.current(url), schema.newest()
    except SQLAlchemyError as error:
        return Finding("database", False, f"does not answer ({type(error).__name__})", "Check DATABASE_URL.")
    if at == wanted:
        return Finding("database", True, f"is at schema {at}")
    has = "has no tables yet" if at is None else f"is at schema {at}, this Winsome needs {wanted}"
    return Finding("database", False, has, "Run `winsome migrate` (on SQLite, `winsome run` does it by itself).")


def _said(error: Exception) -> str:
    if isinstance(error, SlackApiError) and hasattr(error.response, "status_code"):
        return f"Slack says {error.response.get('error')}"
    return f"Slack can't be reached ({type(error).__name__})"


def _token_advice(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return "Copy SLACK_BOT_TOKEN again from OAuth & Permissions -> Bot User OAuth Token."
    return "Check that this machine reaches slack.com (and SLACK_API_URL, if it is set)."
