"""The Home tab: shown when somebody opens it, and anew after whatever they do on it."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.home import (
    AdminOverview,
    ChannelStatus,
    HomeView,
    MissingScope,
    OrphanedChannel,
    Page,
    PageOffsets,
    Problem,
    UnreachableChannel,
)
from bot.domain.permissions import Action, Actor, SlackUnavailable, check, may
from bot.domain.schedules import FALLBACK_ZONE
from bot.listeners.idempotent import once
from bot.services import channel_settings
from bot.services.access import Access
from bot.services.visibility import Seen, Sight
from bot.slack import deadline, payloads
from bot.slack.background import BackgroundTasks
from bot.slack.manifest import SCOPES
from bot.slack.modals import Windows
from bot.storage import channel_status, channels, users, wins, workspaces
from bot.storage.database import Database
from bot.storage.workspaces import Workspace
from bot.views.admin_home import LINK, SWITCH_OFF, TAKE_OVER
from bot.views.channel_status import SETTINGS
from bot.views.home import home
from bot.views.paging import TURN_BACK, TURN_ON

logger = logging.getLogger(__name__)

MOST_WINS = 5
MOST_PROBLEMS = 10
MOST_CHANNELS = 20
MOST_MINE = 15
"""With these, the longest Home has four fifths of the 100 blocks that Slack takes."""

FIRST = PageOffsets()


class Home:
    """Makes and shows Home tabs."""

    def __init__(
        self,
        database: Database,
        gate: Access,
        sight: Sight,
        windows: Windows,
        behind: BackgroundTasks,
        *,
        workspace: Workspace,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._gate = gate
        self._sight = sight
        self._windows = windows
        self._behind = behind
        self._workspace = workspace
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def publish(self, team_id: str, user_id: str, turned: PageOffsets = FIRST) -> bool:
        """Show somebody their Home as it is now; False where Slack did not take it, and may do so later."""
        async with self._turns.setdefault(user_id, asyncio.Lock()):  # what was read last is shown last
            return await self._windows.publish(user_id, await self._made(team_id, user_id, turned))

    def soon(self, team_id: str, user_id: str, turned: PageOffsets = FIRST) -> None:
        """Show somebody their Home without waiting for it."""
        self._behind.spawn(self._shown(team_id, user_id, turned))

    async def after(self, pressed: payloads.ViewPress, turned: PageOffsets | None = None) -> None:
        """Show the Home anew on which something was done: now, or soon if that takes too long.

        Its pages are as they were, or as they are `turned` now.
        """
        if turned is None:
            turned = read_turned(pressed.private_metadata) if pressed.view_kind == "home" else FIRST
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                if await self.publish(pressed.team_id, pressed.user_id, turned):
                    return
        self.soon(pressed.team_id, pressed.user_id, turned)

    async def _shown(self, team_id: str, user_id: str, turned: PageOffsets) -> None:
        try:
            await self.publish(team_id, user_id, turned)
        except Exception:
            # Nobody waits for it, and it is made anew whenever it is opened.
            logger.exception("a Home tab could not be shown")

    async def _made(self, team_id: str, user_id: str, turned: PageOffsets) -> dict[str, Any]:
        actor, mine = await asyncio.gather(self._actor(team_id, user_id), self._sight.mine(user_id))
        oversees = actor is not None and may(actor, Action.OVERSEE)
        seen = await self._sight.of(team_id, mine, oversees=oversees)
        work = partial(self._read, team_id=team_id, user_id=user_id, actor=actor, seen=seen, turned=turned)
        return await self._database.read(partial(work, oversees=oversees))

    async def _actor(self, team_id: str, user_id: str) -> Actor | None:
        try:
            return await self._gate.actor(team_id, user_id)
        except SlackUnavailable:
            return None

    def _read(
        self,
        connection: Connection,
        *,
        team_id: str,
        user_id: str,
        actor: Actor | None,
        seen: Seen,
        turned: PageOffsets,
        oversees: bool,
    ) -> dict[str, Any]:
        def shown(standings: list[ChannelStatus], first: int, most: int) -> Page[ChannelStatus]:
            page = Page.from_list(standings, first, most)
            items = [channel_status.with_last(connection, team_id, each) for each in page.items]
            return Page(items, page.first, page.total, most)

        person = users.by_id(connection, team_id, user_id)
        standings = channel_status.standings(connection, team_id, seen.channels, actor)
        own = [each for each in standings if each.channel_id in (seen.mine or ())]
        watched = None
        if oversees:
            watched = AdminOverview(
                problems=Page.from_list(
                    _problems(connection, team_id, seen, standings), turned.problems, MOST_PROBLEMS
                ),
                channels=shown(standings, turned.channels, MOST_CHANNELS),
                is_complete=seen.is_complete,
                defaults=workspaces.defaults(connection, team_id)[0],
            )
        tab = HomeView(
            wins=wins.latest_of(connection, team_id, user_id, limit=MOST_WINS),
            my_channels=None if seen.mine is None else shown(own, turned.my_channels, MOST_MINE),
            admin_overview=watched,
            is_admin_known=actor is not None,
            zone=(person and person.zone) or FALLBACK_ZONE,
            page_offsets=turned,
            now=self._clock(),
        )
        names = users.names(connection, team_id, tab.user_ids)
        return home(tab, names, link=self._workspace.permalink, url=self._workspace.url)


def _problems(connection: Connection, team_id: str, seen: Seen, standings: list[ChannelStatus]) -> list[Problem]:
    """What needs an admin: messages first, then what keeps more of them from coming."""
    granted = workspaces.scopes(connection, team_id)
    lacking = [MissingScope(scope, reason) for scope, reason in SCOPES.items() if granted and scope not in granted]
    lost = [
        UnreachableChannel(each.channel_id, each.unavailable_reason, each.may_change)
        for each in standings
        if each.is_unreachable and each.unavailable_reason
    ]
    orphaned = [
        OrphanedChannel(each.channel_id, each.owner_id, each.may_change)
        for each in standings
        if each.is_orphaned and each.owner_id
    ]
    return [*channel_status.stuck(connection, team_id, seen.ids), *lacking, *lost, *orphaned]


def read_turned(kept: str) -> PageOffsets:
    """Read how far the pages of a Home are turned. Raises Malformed."""
    if not kept:
        return FIRST
    if not re.fullmatch(r"[0-9]{1,6},[0-9]{1,6},[0-9]{1,6}", kept, re.ASCII):
        raise payloads.Malformed("pages")
    return PageOffsets(*map(int, kept.split(",")))


def register(
    app: AsyncApp,
    *,
    tab: Home,
    database: Database,
    gate: Access,
    clock: Callable[[], datetime],
    look: Callable[[], None],
    open_setup: Callable[..., Awaitable[Any]],
) -> None:
    """Listen for the Home tab being opened, and for its buttons; `look` makes the outbox look."""

    @app.event("app_home_opened")
    async def opened(body: dict[str, Any]) -> None:
        if payloads.part(body, "event").get("tab") != "home":
            return
        if not await tab.publish(*payloads.event_user(body)):
            raise SlackUnavailable("views.publish")  # so that Slack sends the event again

    async def turned(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.view_press(body)
        await tab.after(pressed, read_turned(pressed.value))
        await ack()

    app.action(TURN_BACK)(turned)
    app.action(TURN_ON)(turned)

    @app.action(LINK)
    async def followed(ack: Callable[..., Any]) -> None:
        await ack()

    @app.action(SETTINGS)
    async def settings(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.view_press(body)
        channel_id = payloads.channel_id(pressed.value)
        await open_setup(pressed.trigger_id, pressed.team_id, channel_id, pressed.user_id, pressed.user_team_id)
        await ack()

    async def mended(body: dict[str, Any], mend: Callable[..., None]) -> None:
        pressed = payloads.view_press(body)
        channel_id = payloads.channel_id(pressed.value)
        team_id, user_id = pressed.team_id, pressed.user_id
        actor, _ = await gate.authorize(Action.CHANGE, team_id, channel_id, user_id, pressed.user_team_id)
        now = clock()

        def work(connection: Connection) -> dict[str, Any]:
            mend(connection, actor, team_id, channel_id, now=now)
            return {}

        await once(database, pressed, now=now, work=work)
        look()
        await tab.after(pressed)

    @app.action(SWITCH_OFF)
    async def off(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await mended(body, switch_off)
        await ack()

    @app.action(TAKE_OVER)
    async def mine(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await mended(body, take_over)
        await ack()


def switch_off(connection: Connection, actor: Actor, team_id: str, channel_id: str, *, now: datetime) -> None:
    """Switch a channel's roundups off. Raises NotAllowed."""
    channel = channels.held(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.place)
    if channel.setup is not None:
        off = channel.setup.with_schedule(channel.setup.schedule.paused(None))
        channel_settings.change(connection, actor, team_id, channel_id, off, now=now)


def take_over(connection: Connection, actor: Actor, team_id: str, channel_id: str, *, now: datetime) -> None:
    """Let somebody answer for a channel's roundup. Raises NotAllowed."""
    channel = channels.held(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.place)
    if channel.setup is not None and channel.set_up_by != actor.user_id:
        channel_settings.take_over(connection, actor, team_id, channel_id, now=now)
