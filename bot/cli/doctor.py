"""`winsome doctor`: checks everything that the bot needs and says how to fix what is wrong."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy.exc import DBAPIError

from bot.config import NEW_TOKEN, Settings
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.workspaces import Workspace
from bot.slack import answers, errors, http_session
from bot.slack.answers import OddAnswer
from bot.slack.installed_manifest import WAYS_IN, missing_ways_in, shortcut_names
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES
from bot.slack.slack_clock import TOLERANCE, read_date
from bot.storage import leader_election, probe, schema, time_limits, workspaces
from bot.storage.database import engine, sqlite_path
from bot.storage.leader_election import SharedSessions

MAX_CLOCK_SKEW = TOLERANCE.total_seconds()
TIMEOUT = 10
_CHECK_NETWORK = "Check that this machine reaches slack.com (and SLACK_API_URL, if it is set)."
_NO_WORKSPACE = Workspace("T0", None, "winsome doctor", "https://slack.com/", "U0")
"""What the check of the database writes for: a new database has no workspace yet."""


@dataclass(frozen=True)
class Finding:
    """The result of one check. `advice` says how to fix it."""

    subject: str
    is_ok: bool
    message: str
    advice: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Run each check and yield its result. What the check of the database writes, it takes back."""
    async with http_session.create_session(TIMEOUT) as session:
        client = http_session.create_api(settings.bot_token, base_url=settings.slack_api_url, session=session)
        try:
            identity = await answers.receive(client.auth_test())
            workspace = answers.workspace(identity)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OddAnswer) as error:
            yield Finding("bot token", False, _describe_error(error), _bot_token_advice(error))
        else:
            yield Finding("bot token", True, f"works in {workspace.name} ({workspace.team_id})")
            for finding in (*_scopes(identity, is_http=settings.app_token is None), *_clock_skew(identity)):
                yield finding
        yield await _receiver(settings, client)
    database = await asyncio.to_thread(_database, settings.database_url)
    yield database
    if database.is_ok and (pooler := await _pooler(settings.database_url)):
        yield pooler


def _scopes(identity: AsyncSlackResponse, *, is_http: bool) -> Iterator[Finding]:
    granted = {scope.strip() for scope in identity.headers.get("x-oauth-scopes", "").split(",")} - {""}
    for scope, reason in SCOPES.items():
        if scope not in granted:
            yield Finding(
                f"scope {scope}",
                False,
                f"is missing. Without it the bot can't {reason}",
                "Add it under OAuth & Permissions -> Scopes (`winsome manifest` has them all), then reinstall the app.",
            )
    has_all = granted >= SCOPES.keys()
    if has_all:
        yield Finding("scopes", True, ", ".join(SCOPES))
    for scope, reason in OPTIONAL_SCOPES.items():
        if scope not in granted:
            yield Finding(f"scope {scope}", True, f"is optional and not granted. With it the bot can {reason}")
    if extra := granted - SCOPES.keys() - OPTIONAL_SCOPES.keys():
        yield Finding("scopes", True, f"granted but not needed: {', '.join(sorted(extra))}")
    if has_all:  # else the advice above is to take the whole manifest
        yield _installed_manifest(granted, is_http=is_http)


def _installed_manifest(granted: set[str], *, is_http: bool) -> Finding:
    """Say what an update of the manifest would add, as far as the scopes tell.

    For HTTP it has to name the address: a manifest without one turns on Socket Mode.
    """
    missing = missing_ways_in(granted)
    ways = " or by ".join(WAYS_IN[scope] for scope in missing)
    shortcuts = f"the shortcuts {', '.join(shortcut_names())}"
    if not missing:
        return Finding("manifest", True, f"has this version's scopes. Slack doesn't say if it has {shortcuts}")
    command = "winsome manifest --http https://your.host/slack/events" if is_http else "winsome manifest"
    return Finding(
        "manifest",
        True,
        f"can be updated. Then people can also save wins by {ways}. An update has {shortcuts}, too, "
        "if Slack's menus lack them",
        f"Optional: paste the output of `{command}` under App Manifest, reinstall the app, then restart Winsome.",
    )


def _clock_skew(identity: AsyncSlackResponse) -> Iterator[Finding]:
    said = read_date(identity.headers.get("Date"))
    if said is None:
        yield Finding(
            "clock",
            False,
            "can't be compared with Slack's: its answers have no Date that can be read",
            "Let the proxy between here and slack.com pass the header on. Without it, a post whose outcome is unknown "
            "isn't searched for. Its owner is asked.",
        )
        return
    skew = time.time() - said.timestamp()
    if abs(skew) <= MAX_CLOCK_SKEW:
        yield Finding("clock", True, "agrees with Slack's")
    else:
        yield Finding(
            "clock",
            False,
            f"is {skew:+.0f} s off Slack's",
            "Sync this machine's clock (NTP). Until then Winsome goes by Slack's.",
        )


async def _receiver(settings: Settings, client: AsyncWebClient) -> Finding:
    if settings.app_token is None:
        return Finding(
            "connection",
            True,
            f"HTTP on {settings.host}:{settings.port}. Slack must reach /slack/events there. SLACK_SIGNING_SECRET "
            "can't be checked from here: the log says if Slack's requests don't match it",
        )
    try:
        await answers.receive(client.apps_connections_open(app_token=settings.app_token))
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OddAnswer) as error:
        return Finding(
            "app token",
            False,
            _describe_error(error),
            _app_token_advice(error),
        )
    message = "opens Socket Mode connections"
    if settings.signing_secret is not None:
        message += ". SLACK_SIGNING_SECRET isn't used then: for HTTP, leave out SLACK_APP_TOKEN"
    return Finding("app token", True, message)


def _database(url: str) -> Finding:
    required_revision = schema.newest()
    try:
        current_revision = schema.current(url)
        schema.check(url)
    except schema.SchemaIsNewer as refusal:
        return Finding("database", False, f"is newer than schema {required_revision}", str(refusal))
    except schema.SchemaIsOld:
        pass  # what to do depends on the database
    except schema.DatabaseUnreachable as refusal:
        advice = "Check DATABASE_URL, and that the database is running."
        return Finding("database", False, f"can't be reached ({refusal.reason})", advice)
    except schema.DatabaseUnusable as refusal:
        advice = "Check that DATABASE_URL names the right one, and that Winsome may read and write there."
        return Finding("database", False, f"can't be read ({refusal.reason})", advice)
    if current_revision == required_revision:
        return _write_problem(url) or Finding("database", True, f"is at schema {current_revision}")
    status = (
        "has no tables yet"
        if current_revision is None
        else f"is at schema {current_revision}, this Winsome needs {required_revision}"
    )
    if sqlite_path(url) is not None:
        return Finding("database", True, f"{status}. `winsome run` takes care of that")
    return Finding("database", False, status, "Run `winsome migrate` with the URL of the role that owns the tables.")


def _write_problem(url: str) -> Finding | None:
    """Try a write, and take it back."""
    database_engine = engine(url, writes=True)
    try:
        with time_limits.limited(database_engine), database_engine.connect() as connection:
            workspaces.save(connection, _NO_WORKSPACE)
            probe.write(connection, now=datetime.now(UTC))
            connection.rollback()
    except (DBAPIError, sqlite3.Error) as error:  # the latter when SQLite's connection is prepared
        reason = schema.reason(error)
        advice = "Check that Winsome's user (with PostgreSQL, its role) may write there, and that there is room."
        return Finding("database", False, f"can't be written ({reason})", advice)
    finally:
        database_engine.dispose()
    return None


async def _pooler(url: str) -> Finding | None:
    try:
        await leader_election.check(url)
    except SharedSessions as refusal:
        return Finding("database sessions", False, "are shared with others", str(refusal))
    except schema.DatabaseUnreachable as refusal:
        advice = "Winsome needs four of them. Check max_connections, and the CONNECTION LIMIT of its role."
        return Finding("database sessions", False, f"can't be opened ({refusal.reason})", advice)
    return None


def _describe_error(error: Exception) -> str:
    code = errors.refusal(error)
    return f"Slack says {code}" if code else f"Slack can't be reached ({type(error).__name__})"


def _bot_token_advice(error: Exception) -> str:
    where = "OAuth & Permissions -> Bot User OAuth Token"
    return _advice(error, about_token=f"Copy SLACK_BOT_TOKEN again from {where}.")


def _app_token_advice(error: Exception) -> str:
    return _advice(error, about_token=f"{NEW_TOKEN['SLACK_APP_TOKEN']} Turn on Socket Mode.")


def _advice(error: Exception, *, about_token: str) -> str:
    code = errors.refusal(error)
    if code is None:
        return _CHECK_NETWORK
    match errors.meaning("auth.test", code):
        case ErrorMeaning.RATE_LIMITED | ErrorMeaning.OUTCOME_UNKNOWN:
            return "That isn't about the token. Wait a few minutes, then run this again."
        case ErrorMeaning.ACCESS_DENIED:
            return (
                "The token is right, but the workspace or its organization doesn't let the bot do anything. Ask an "
                "admin there."
            )
    return about_token
