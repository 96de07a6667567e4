"""A team in a Slack (the stand-in) with the real bot in it, and the few verbs that conversations are made of."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime
from types import CodeType, MappingProxyType
from typing import Any
from unittest.mock import patch

from aiohttp import ClientTimeout
from slack_bolt.listener import async_listener
from slack_bolt.listener_matcher import builtins as listener_matchers
from slack_bolt.util.utils import get_arg_names_of_callable
from sqlalchemy import select

from bot import app
from bot.config import Settings
from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import Preference
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.receivers.dispatcher import Dispatcher
from bot.services import channel_directory, user_directory
from bot.slack import deadline, modals, response_url
from bot.slack.manifest import OPTIONAL_SCOPES, manifest
from bot.slack.rate_limits import USER_NAMES, WORKSPACE_SPACING
from bot.storage import channels, preferences
from bot.storage.database import engine
from bot.storage.tables import deliveries
from slack_standin import Clock, StandIn
from slack_standin.model import triggers
from tests.people import ANA, BEN, CHLOE, DMITRI

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
FRIDAY_16_BERLIN = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
TRANSPORT = "in_process"
"""How Slack's requests reach the bot where a test does not say: in_process, socket or http."""
SLOWER = 3.0
"""How many times as long as in life Slack waits for the bot, and the bot for Slack, where a test does not say.

A machine that is busy with other tests must not decide what people are answered.
"""
LIMITS = {
    (module, name): getattr(module, name)
    for module, names in {
        channel_directory: ("TIMEOUT", "ALL_TIMEOUT"),
        deadline: ("LOOKUP_BUDGET", "RESPONSE_BUDGET"),
        modals: ("OPEN_TIMEOUT",),
        user_directory: ("WAIT_SECONDS",),
    }.items()
    for name in names
}
"""The seconds, as in life, after which the bot goes on without what it has asked Slack, because someone is waiting."""
RESPONSE_URL_SECONDS = response_url.TIMEOUT.total or 0.0
"""How long, in life, the bot tries to answer through a response_url, once."""
ACK_TIMEOUT = 3.0
"""Seconds that Slack waits for the bot in life."""
TRIGGER_LIFETIME = triggers.LIFETIME
"""Seconds in which a press or a command can open a form in life."""
SHARE_FOR_ACK = deadline.ACK_SECONDS / ACK_TIMEOUT
"""Of the time that Slack waits, after how much the bot takes an ack to come too late."""
NO_WIN_LIMITS = {"wins_per_minute": 0, "wins_per_hour": 0}
"""In tests people save as many wins as they like, unless one is about that: see tests/e2e/test_flood.py."""
BUSY = 4.0
"""Seconds that it waits in tests of a slow Slack, `team(..., ack_timeout=BUSY)`.

There the bot's own waits end after 2.6, as in life, and a busy machine needs more than 0.4 beside.
"""
TIMING = app.Timing(
    tick=0.25,
    request_timeout=4.0,
    per_channel=0.05,
    per_workspace={**{name: spacing / 10 for name, spacing in WORKSPACE_SPACING.items()}, USER_NAMES: 2.0},
)
"""The Slack of the tests takes requests as fast as they come."""
SETTLE_SECONDS = 0.3
"""Seconds after which a post of unknown outcome is looked for."""


def share_argument_names() -> None:
    """Let Bolt find out what each function takes once in this process: a run makes thousands of apps."""
    names: dict[CodeType, list[str]] = {}

    def find(function: Callable[..., Any]) -> list[str]:
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is None:
            return get_arg_names_of_callable(function)
        if code not in names:
            names[code] = get_arg_names_of_callable(function)
        return list(names[code])

    for module in (async_listener, listener_matchers):
        module.get_arg_names_of_callable = find  # type: ignore[attr-defined]


class Team:
    """Ana, Ben, Chloe and Dmitri in #general, on the Monday of a week in March 2030."""

    def __init__(self, database_url: str, *, transport: str | None = None, **slack: Any) -> None:
        self.database_url = database_url
        self.changed_settings: Mapping[str, Any] = {}
        self.transport = transport or TRANSPORT
        self.clock = Clock()
        self.clock.move_to(MONDAY, force=True)
        address = "https://winsome.test/slack/events" if self.transport == "http" else None
        self.slack = StandIn(
            manifest(request_url=address), clock=self.clock, limits=False, strict_arguments=True, **slack
        )
        self._bot = AsyncExitStack()

    async def arrives(self) -> None:
        """Start Slack, and let everyone in."""
        await self.slack.start()
        self.ana = self.slack.add_person(**ANA)
        self.ben = self.slack.add_person(**BEN)
        self.chloe = self.slack.add_person(**CHLOE)
        self.dmitri = self.slack.add_person(**DMITRI)
        self.everybody = [self.ana, self.ben, self.chloe, self.dmitri]
        self.general = self.slack.add_channel("general", members=self.everybody, creator=self.ana)

    def configure(
        self, channel: Any, by: Any, *, zone: str | None = None, is_private: bool | None = None, **rest: Any
    ) -> None:
        """Let a channel have had the usual roundup, every Friday at 16:00, for long; how one sets it up is told
        elsewhere (tests/e2e/test_setup.py).
        """
        schedule = Schedule(FRIDAY_AFTERNOON[0], MONDAY.date(), FRIDAY_AFTERNOON[1], zone or by.tz or "UTC")
        info = channels.ConversationInfo(channel.creator, channel.private if is_private is None else is_private, None)
        writing_engine = engine(self.database_url, writes=True)
        with writing_engine.begin() as connection:
            channel_key = (channel.team_id, channel.id)
            channels.save_info(connection, *channel_key, info, now=MONDAY)
            stored = channels.lock(connection, *channel_key)
            channels.save_settings(
                connection, stored, ChannelSettings(schedule, **rest), user_id=by.id, now=self.clock.now()
            )
        writing_engine.dispose()

    def prefers(self, person: Any, preference: Preference) -> None:
        """Let someone have chosen, long ago, how they want to be named in the wins of others."""
        writing_engine = engine(self.database_url, writes=True)
        with writing_engine.begin() as connection:
            preferences.choose(connection, self.slack.team_id, person.id, preference)
        writing_engine.dispose()

    def settings(self, **changes: Any) -> Settings:
        """The settings that the bot is started with."""
        credentials: dict[str, Any] = (
            {"signing_secret": self.slack.signing_secret}
            if self.transport == "http"
            else {"app_token": self.slack.app_token}
        )
        values: dict[str, Any] = {
            "bot_token": self.slack.bot_token,
            "database_url": self.database_url,
            "slack_api_url": self.slack.api_url,
            "port": 0,
            "health_port": 0,
            "settle_seconds": SETTLE_SECONDS,
            **NO_WIN_LIMITS,
            **credentials,
        }
        return Settings(**{**values, **self.changed_settings, **changes})

    def lets_the_bot_read(self) -> None:
        """Grant the optional scopes."""
        workspace = self.slack.world.workspaces[self.slack.team_id]
        workspace.install(workspace.scopes | OPTIONAL_SCOPES.keys())

    async def bot_starts(self, **options: Any) -> app.RunningApp:
        """Start the bot and wait until Slack can reach it."""
        running = await self._bot.enter_async_context(
            app.lifespan(
                self.settings(),
                clock=self.clock.now,
                timing=TIMING,
                start_receiver=self._start_in_process if self.transport == "in_process" else None,
                **options,
            )
        )
        self.slack.request_url = running.request_url
        await self.slack.wait_connected()
        return running

    async def _start_in_process(self, stack: AsyncExitStack, dispatcher: Dispatcher) -> app.Receiver:
        async def handle(payload: Any, headers: Mapping[str, str]) -> tuple[int, str]:
            response = await dispatcher.dispatch(payload, headers)
            return response.status, response.body

        self.slack.handler = handle
        stack.callback(setattr, self.slack, "handler", None)
        return None, app.is_always_connected

    async def bot_stops(self) -> None:
        """Stop the bot as an operator would."""
        await self._bot.aclose()
        self._bot = AsyncExitStack()

    async def says(self, person: Any, line: str, channel: Any = None) -> str:
        """Someone types a slash command; returns the text of what they are told privately."""
        response = await self.slack.slash(person, channel or self.general, line)
        assert response.error is None, response.error
        assert response.payload is not None, "every command is answered in words"
        return str(response.payload["text"])

    async def sees(self, text: str, *, channel: Any = None, person: Any = None, times: int = 1) -> Any:
        """Wait until the channel (or one person in it) sees a message that holds `text`, and return the last one."""
        channel = channel or self.general

        def found() -> list[Any]:
            visible = self.slack.posts(channel) if person is None else self.slack.seen_by(person, channel)
            return [message for message in visible if text in message.plain() or text in (message.text or "")]

        await self.slack.wait_for(lambda: len(found()) >= times)
        assert len(found()) == times
        return found()[-1]

    async def sees_roundup(
        self, wins: int | None = None, *, channel: Any = None, person: Any = None, times: int = 1
    ) -> Any:
        """Wait until the channel (or one person in it) sees a roundup that tells so many wins, and return the last."""
        channel = channel or self.general

        def found() -> list[Any]:
            visible = self.slack.posts(channel) if person is None else self.slack.seen_by(person, channel)
            roundups = [message for message in visible if is_roundup(message.text or "")]
            return [message for message in roundups if wins in (None, count_told(message.text))]

        await self.slack.wait_for(lambda: len(found()) >= times)
        assert len(found()) == times
        return found()[-1]

    async def records(self, message: Any) -> None:
        """Wait until the bot has stored that it posted a message, which is just after Slack shows it."""
        query = select(deliveries.c.id).where(deliveries.c.ts == message.ts)
        reading_engine = engine(self.database_url, writes=False)
        async with asyncio.timeout(30):
            while True:
                with reading_engine.connect() as connection:
                    if connection.execute(query).first() is not None:
                        break
                await asyncio.sleep(TIMING.tick / 10)
        reading_engine.dispose()

    async def eventually(self, says: Callable[[], Awaitable[str]], text: str) -> str:
        """Ask again until what is answered holds `text`: names are looked up behind the scenes."""
        async with asyncio.timeout(30):
            while text not in (response := await says()):  # noqa: ASYNC110 - a command is asked again
                await asyncio.sleep(TIMING.tick)
        return response

    async def until(self, check: Callable[[], bool]) -> None:
        """Ask again until it is so, for what the bot stores or logs: `slack.wait_for` asks when Slack changes."""
        async with asyncio.timeout(30):
            while not check():  # noqa: ASYNC110 - the bot stores and logs in its own time
                await asyncio.sleep(TIMING.tick)

    def stored_channel(self, channel: Any = None) -> channels.Channel:
        """What the bot has stored of a channel, which it knows."""
        channel = channel or self.general
        reading_engine = engine(self.database_url, writes=False)
        with reading_engine.connect() as connection:
            found = channels.by_id(connection, channel.team_id, channel.id)
        reading_engine.dispose()
        assert found is not None, "the bot knows the channel"
        return found

    def posts(self, channel: Any = None) -> list[str]:
        """What stands in the channel for everyone, as text; not who joined and left."""
        return [message.text for message in self.slack.posts(channel or self.general) if not message.is_notice]

    async def it_is(self, moment: datetime) -> None:
        """Move everyone's clock."""
        self.clock.move_to(moment)


_ROUNDUP = re.compile(r"^:tada: (?:Today's|This week's|Two weeks of|A month of|Our) wins", re.MULTILINE)


def is_roundup(text: str) -> bool:
    """Whether a message is the first one of a roundup, or a preview of it."""
    return _ROUNDUP.search(text) is not None


def count_told(text: str) -> int:
    """How many wins a roundup tells, in its first message and in its thread."""
    more = re.search(r"^:point_down: (\d+) more in the thread", text, re.MULTILINE)
    return len(re.findall(r"^• ", text, re.MULTILINE)) + (int(more[1]) if more else 0)


def shows(view: Any) -> str:
    """All that a modal or a Home tab says, as text, with what is wrong at its end."""
    return "\n".join([*_texts(view.blocks), *(f"! {error}" for error in view.errors.values())])


def _texts(block: Any) -> list[str]:
    if isinstance(block, dict):
        own = [block["text"]] if isinstance(block.get("text"), str) else []
        return own + [text for value in block.values() for text in _texts(value)]
    return [text for value in block for text in _texts(value)] if isinstance(block, list) else []


@asynccontextmanager
async def team(
    database_url: str,
    *,
    transport: str | None = None,
    starts: bool = True,
    is_configured: bool = True,
    ack_timeout: float | None = None,
    changed_settings: Mapping[str, Any] = MappingProxyType({}),
    **slack: Any,
) -> AsyncIterator[Team]:
    """A team with the bot (unless it `starts` later), which all go home at the end.

    Ana has set #general up, unless it `is_configured` in the test itself. With an `ack_timeout`, in seconds, Slack
    waits no longer than that, and all other limits are those of life. The bot starts with `changed_settings`.
    """
    factor = SLOWER if ack_timeout is None else 1.0
    ack_timeout = ack_timeout or ACK_TIMEOUT * SLOWER
    made = Team(database_url, transport=transport, ack_timeout=ack_timeout, **slack)
    made.changed_settings = changed_settings
    await made.arrives()
    with ExitStack() as limits:
        for (module, name), seconds in LIMITS.items():
            limits.enter_context(patch.object(module, name, seconds * factor))
        answer_timeout = ClientTimeout(total=RESPONSE_URL_SECONDS * factor)
        limits.enter_context(patch.object(response_url, "TIMEOUT", answer_timeout))
        limits.enter_context(patch.object(deadline, "ACK_SECONDS", ack_timeout * SHARE_FOR_ACK))
        limits.enter_context(patch.object(triggers, "LIFETIME", TRIGGER_LIFETIME * factor))
        try:
            if starts:
                await made.bot_starts()
                if is_configured:
                    made.configure(made.general, made.ana)
            yield made
        finally:
            await made.bot_stops()
            await made.slack.stop()
