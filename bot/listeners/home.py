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
from bot.domain.permissions import Action, Actor, SlackUnavailable, may
from bot.domain.schedules import FALLBACK_ZONE
from bot.services import channel_settings, owner_alerts
from bot.services.access import Access
from bot.services.idempotency import Done, run_once
from bot.services.visibility import Visibility, VisibleChannels
from bot.slack import deadline, payloads
from bot.slack.background import BackgroundTasks
from bot.slack.clients import SlackClients
from bot.slack.manifest import SCOPES
from bot.slack.modals import Modals
from bot.storage import channel_status, users, wins, workspaces
from bot.storage.database import Database
from bot.views.admin_home import OPEN_LINK, SWITCH_OFF, TAKE_OVER
from bot.views.channel_status import OPEN_SETTINGS
from bot.views.home import home
from bot.views.paging import NEXT_PAGE, PREVIOUS_PAGE
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

MAX_WINS = 5
MAX_PROBLEMS = 10
MAX_CHANNELS = 20
MAX_MY_CHANNELS = 15
"""With these, the longest Home has four fifths of the 100 blocks that Slack takes."""

FIRST_PAGES = PageOffsets()


class HomeTab:
    """Makes and shows Home tabs."""

    def __init__(
        self,
        database: Database,
        access: Access,
        visibility: Visibility,
        modals: Modals,
        background: BackgroundTasks,
        *,
        clients: SlackClients,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._access = access
        self._visibility = visibility
        self._modals = modals
        self._background = background
        self._clients = clients
        self._clock = clock
        self._publish_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def publish(self, team_id: str, user_id: str, page_offsets: PageOffsets = FIRST_PAGES) -> bool:
        """Show somebody their Home as it is now; False where Slack did not take it, and may do so later."""
        async with self._publish_locks.setdefault(user_id, asyncio.Lock()):  # what was read last is shown last
            return await self._modals.publish(team_id, user_id, await self._build(team_id, user_id, page_offsets))

    def publish_later(self, team_id: str, user_id: str, page_offsets: PageOffsets = FIRST_PAGES) -> None:
        """Show somebody their Home without waiting for it."""
        self._background.spawn(self._publish_and_log(team_id, user_id, page_offsets))

    async def republish_after(self, action: payloads.ViewAction, page_offsets: PageOffsets | None = None) -> None:
        """Show the Home anew on which something was done: now, or soon if that takes too long.

        Its pages are as they were, or as they are `turned` now.
        """
        if page_offsets is None:
            page_offsets = parse_offsets(action.private_metadata) if action.view_type == "home" else FIRST_PAGES
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                if await self.publish(action.team_id, action.user_id, page_offsets):
                    return
        self.publish_later(action.team_id, action.user_id, page_offsets)

    async def _publish_and_log(self, team_id: str, user_id: str, page_offsets: PageOffsets) -> None:
        try:
            await self.publish(team_id, user_id, page_offsets)
        except Exception:
            # Nobody waits for it, and it is made anew whenever it is opened.
            logger.exception("could not publish a Home tab")

    async def _build(self, team_id: str, user_id: str, page_offsets: PageOffsets) -> dict[str, Any]:
        actor, memberships = await asyncio.gather(
            self._actor(team_id, user_id), self._visibility.memberships(team_id, user_id)
        )
        oversees = actor is not None and may(actor, Action.OVERSEE)
        visible = await self._visibility.visible(team_id, memberships, oversees=oversees)
        work = partial(
            self._load, team_id=team_id, user_id=user_id, actor=actor, visible=visible, page_offsets=page_offsets
        )
        return await self._database.read(partial(work, oversees=oversees))

    async def _actor(self, team_id: str, user_id: str) -> Actor | None:
        try:
            return await self._access.actor(team_id, user_id)
        except SlackUnavailable:
            return None

    def _load(
        self,
        connection: Connection,
        *,
        team_id: str,
        user_id: str,
        actor: Actor | None,
        visible: VisibleChannels,
        page_offsets: PageOffsets,
        oversees: bool,
    ) -> dict[str, Any]:
        def load_page(statuses: list[ChannelStatus], first: int, page_size: int) -> Page[ChannelStatus]:
            page = Page.from_list(statuses, first, page_size)
            items = [channel_status.with_last_roundup(connection, team_id, status) for status in page.items]
            return Page(items, page.first, page.total, page_size)

        user = users.by_id(connection, team_id, user_id)
        statuses = channel_status.channel_statuses(connection, team_id, visible.channels, actor)
        own_statuses = [status for status in statuses if status.channel_id in (visible.memberships or ())]
        admin_overview = None
        if oversees:
            admin_overview = AdminOverview(
                problems=Page.from_list(
                    _problems(connection, team_id, visible, statuses), page_offsets.problems, MAX_PROBLEMS
                ),
                channels=load_page(statuses, page_offsets.channels, MAX_CHANNELS),
                is_complete=visible.is_complete,
                defaults=workspaces.defaults(connection, team_id)[0],
            )
        home_view = HomeView(
            wins=wins.latest_of(connection, team_id, user_id, limit=MAX_WINS),
            my_channels=None
            if visible.memberships is None
            else load_page(own_statuses, page_offsets.my_channels, MAX_MY_CHANNELS),
            admin_overview=admin_overview,
            is_admin_known=actor is not None,
            zone=(user and user.zone) or FALLBACK_ZONE,
            page_offsets=page_offsets,
            now=self._clock(),
        )
        names = users.names(connection, team_id, home_view.user_ids)
        workspace = self._clients.of(team_id).workspace
        return home(ENGLISH, home_view, names, permalink=workspace.permalink, url=workspace.url)


def _problems(
    connection: Connection, team_id: str, visible: VisibleChannels, statuses: list[ChannelStatus]
) -> list[Problem]:
    """What needs an admin: messages first, then what keeps more of them from coming."""
    granted = workspaces.scopes(connection, team_id)
    missing = [MissingScope(scope) for scope in SCOPES if granted and scope not in granted]
    unreachable = [
        UnreachableChannel(status.channel_id, status.unavailable_reason, status.may_change)
        for status in statuses
        if status.is_unreachable and status.unavailable_reason
    ]
    orphaned = [
        OrphanedChannel(status.channel_id, status.owner_id, status.may_change)
        for status in statuses
        if status.is_orphaned and status.owner_id
    ]
    stuck = map(owner_alerts.with_refusal, channel_status.stuck_roundups(connection, team_id, visible.ids))
    return [*stuck, *missing, *unreachable, *orphaned]


def parse_offsets(encoded: str) -> PageOffsets:
    """Read how far the pages of a Home are turned. Raises Malformed."""
    if not encoded:
        return FIRST_PAGES
    if not re.fullmatch(r"[0-9]{1,6},[0-9]{1,6},[0-9]{1,6}", encoded, re.ASCII):
        raise payloads.Malformed("pages")
    return PageOffsets(*map(int, encoded.split(",")))


def register(
    app: AsyncApp,
    *,
    home_tab: HomeTab,
    database: Database,
    access: Access,
    clock: Callable[[], datetime],
    wake_scheduler: Callable[[], None],
    open_settings_form: Callable[..., Awaitable[Any]],
) -> None:
    """Listen for the Home tab being opened, and for its buttons; `look` makes the outbox look."""

    @app.event("app_home_opened")
    async def publish_home(body: dict[str, Any]) -> None:
        if payloads.nested(body, "event").get("tab") != "home":
            return
        if not await home_tab.publish(*payloads.event_user(body)):
            raise SlackUnavailable("views.publish")  # so that Slack sends the event again

    async def turn_page(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        await home_tab.republish_after(action, parse_offsets(action.value))
        await ack()

    app.action(PREVIOUS_PAGE)(turn_page)
    app.action(NEXT_PAGE)(turn_page)

    @app.action(OPEN_LINK)
    async def acknowledge_link(ack: Callable[..., Any]) -> None:
        await ack()

    @app.action(OPEN_SETTINGS)
    async def show_settings(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        channel_id = payloads.channel_id(action.value)
        await open_settings_form(action.trigger_id, action.team_id, channel_id, action.user_id, action.user_team_id)
        await ack()

    async def apply_fix(body: dict[str, Any], fix: Callable[..., Done]) -> None:
        action = payloads.view_action(body)
        team_id, channel_id = action.team_id, payloads.channel_id(action.value)
        actor, _ = await access.authorize(Action.CHANGE, team_id, channel_id, action.user_id, action.user_team_id)
        now = clock()
        work = partial(fix, actor=actor, team_id=team_id, channel_id=channel_id, now=now)
        await run_once(database, action, Done, work, now=now)
        wake_scheduler()
        await home_tab.republish_after(action)

    @app.action(SWITCH_OFF)
    async def switch_roundups_off(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await apply_fix(body, channel_settings.switch_off)
        await ack()

    @app.action(TAKE_OVER)
    async def take_channel_over(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await apply_fix(body, channel_settings.take_over)
        await ack()
