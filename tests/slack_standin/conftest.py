"""A small team on a stand-in Slack, and a small bot that runs on it over real sockets."""

import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import deepcopy
from typing import Any, Protocol

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn
from slack_standin.model.triggers import TriggerSource

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Parrot"},
    "features": {
        "bot_user": {"display_name": "parrot"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "shortcuts": [
            {"name": "Say it", "type": "global", "callback_id": "say", "description": "Say something"},
            {"name": "Repeat", "type": "message", "callback_id": "repeat", "description": "Say it again"},
        ],
        "slash_commands": [
            {"command": "/say", "description": "Say it", "should_escape": True},
            {"command": "/raw", "description": "Say it as typed"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands",
                "chat:write",
                "reactions:read",
                "reactions:write",
                "users:read",
                "channels:read",
                "groups:read",
                "channels:history",
                "groups:history",
                "im:write",
            ]
        }
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True, "message_menu_options_url": "https://parrot.example/slack/options"},
        "event_subscriptions": {
            "bot_events": [
                "reaction_added",
                "reaction_removed",
                "member_joined_channel",
                "member_left_channel",
                "channel_rename",
                "user_change",
                "app_uninstalled",
                "tokens_revoked",
            ]
        },
    },
}

EVERYTHING: dict[str, Any] = deepcopy(MANIFEST)
"""The same app with every scope and subscription that a bot may want."""
EVERYTHING["oauth_config"]["scopes"]["bot"] += [
    "app_mentions:read",
    "im:history",
    "im:read",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "channels:join",
    "files:read",
    "files:write",
]
EVERYTHING["settings"]["event_subscriptions"]["bot_events"] += [
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "file_shared",
    "channel_created",
    "channel_archive",
    "channel_unarchive",
    "channel_deleted",
    "channel_id_changed",
    "channel_left",
    "team_join",
]

LISTENING = MANIFEST | {
    "settings": MANIFEST["settings"] | {"event_subscriptions": {"bot_events": ["message.channels"]}}
}

Running = Callable[[StandIn, AsyncApp], AbstractAsyncContextManager[None]]


def manifest_without(*scopes: str) -> dict[str, Any]:
    manifest = deepcopy(MANIFEST)
    granted = manifest["oauth_config"]["scopes"]["bot"]
    manifest["oauth_config"]["scopes"]["bot"] = [scope for scope in granted if scope not in scopes]
    return manifest


@asynccontextmanager
async def standing(manifest: dict[str, Any] = MANIFEST, **options: Any) -> AsyncIterator[StandIn]:
    slack = StandIn(manifest, **{"strict_arguments": True, "ack_timeout": 10.0} | options)  # for a busy machine
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


class Reachable(Protocol):
    """What a client has to know."""

    @property
    def bot_token(self) -> str: ...
    @property
    def api_url(self) -> str: ...


def client_of(slack: Reachable, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(token=token or slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def refused(client: AsyncWebClient, method: str, **args: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as raised:
        await client.api_call(method, json=args)
    answer: dict[str, Any] = raised.value.response.data
    return answer


async def error_of(client: AsyncWebClient, method: str, **args: Any) -> str:
    return str((await refused(client, method, **args))["error"])


def bolt_app(slack: StandIn) -> AsyncApp:
    return AsyncApp(
        client=client_of(slack), signing_secret=slack.signing_secret, process_before_response=True, name="parrot"
    )


@asynccontextmanager
async def over_socket_mode(slack: StandIn, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client_of(slack))
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await slack.wait_connected()
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped


@asynccontextmanager
async def over_http(slack: StandIn, app: AsyncApp) -> AsyncIterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner = web.AppRunner(app.web_app("/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture(params=[over_socket_mode, over_http], ids=["socket", "http"])
def running(request: pytest.FixtureRequest) -> Running:
    chosen: Running = request.param
    return chosen


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with standing(event_retries=(0.0, 0.05, 0.05)) as one:
        yield one


@pytest.fixture
def client(slack: StandIn) -> AsyncWebClient:
    return client_of(slack)


@pytest.fixture
def ana(slack: StandIn) -> Person:
    return slack.add_person("ana", real_name="Ana Ruiz", tz="Europe/Berlin", is_admin=True)


@pytest.fixture
def ben(slack: StandIn) -> Person:
    return slack.add_person("ben", tz=None)


@pytest.fixture
def general(slack: StandIn, ana: Person, ben: Person) -> Channel:
    return slack.add_channel("general", members=[ana, ben])


@pytest.fixture
def secret(slack: StandIn, ana: Person) -> Channel:
    """A private channel that the bot isn't in."""
    return slack.add_channel("secret", private=True, members=[ana], with_bot=False)


@pytest.fixture
def trigger(slack: StandIn, ana: Person, general: Channel) -> Any:
    """Lets Ana do something in #general that the bot isn't told of, and returns its trigger id."""

    async def issue() -> str:
        return slack.triggers.issue(TriggerSource(slack.team_id, ana.id, general.id))

    return issue
