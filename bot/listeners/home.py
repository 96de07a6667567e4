"""The Home tab: published when someone opens it, and again after what they do on it."""

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.home import PageOffsets
from bot.domain.permissions import Action, SlackUnavailable, may
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.services import channel_settings, suggestions
from bot.services.credited_wins import CreditedWins
from bot.services.home import load_home
from bot.services.idempotency import Done, RequestKey, run_once
from bot.slack import deadline, event_payloads, payloads
from bot.storage import preferences
from bot.views.admin_home import TAKE_OVER, TURN_OFF
from bot.views.home import home
from bot.views.installed_manifest import OPEN_LINK
from bot.views.paging import NEXT_PAGE, PREVIOUS_PAGE
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

FIRST_PAGES = PageOffsets()
MAX_WINS_OF_OTHERS = 3
MAX_ASKED = 3


class HomeTab:
    """Publishes Home tabs."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._credited = CreditedWins(deps.access, deps.visibility, deps.database)

    async def publish(self, team_id: str, user_id: str, page_offsets: PageOffsets = FIRST_PAGES) -> bool:
        """Publish someone's Home tab as it is now; False if Slack did not take it, and may do so later."""
        is_first_time = False

        async def build() -> dict[str, Any]:
            nonlocal is_first_time
            view, is_first_time = await self._build(team_id, user_id, page_offsets)
            return view

        is_published = await self._deps.modals.publish(team_id, user_id, build)
        if is_published and is_first_time:
            welcome = partial(preferences.welcome, team_id=team_id, user_id=user_id, now=self._deps.clock())
            await self._deps.database.write(welcome)
        return is_published

    def publish_later(self, team_id: str, user_id: str, page_offsets: PageOffsets = FIRST_PAGES) -> None:
        """Publish someone's Home tab in the background."""
        self._deps.background.spawn(self._publish_and_log(team_id, user_id, page_offsets))

    async def republish_after(self, action: payloads.ViewAction) -> None:
        """Publish the Home tab after a change made on it: at once, or in the background if that fails or takes long."""
        offsets = parse_offsets(action.private_metadata) if action.view_type == "home" else FIRST_PAGES
        if not await in_time(self.publish(action.team_id, action.user_id, offsets), otherwise=False):
            self.publish_later(action.team_id, action.user_id, offsets)

    async def turn_page(self, action: payloads.ViewAction) -> None:
        """Publish the Home tab with the pages that a button leads to, in the background if that takes too long."""
        offsets = parse_offsets(action.value)
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                if await self.publish(action.team_id, action.user_id, offsets):
                    return
        self.publish_later(action.team_id, action.user_id, offsets)

    async def _publish_and_log(self, team_id: str, user_id: str, page_offsets: PageOffsets) -> None:
        try:
            await self.publish(team_id, user_id, page_offsets)
        except Exception:
            # No one waits for it, and it is published again whenever it is opened.
            logger.exception("could not publish a Home tab")

    async def _build(self, team_id: str, user_id: str, page_offsets: PageOffsets) -> tuple[dict[str, Any], bool]:
        """Return the tab, and whether it welcomes them."""
        actor, memberships = await asyncio.gather(
            self._deps.access.actor_if_known(team_id, user_id), self._deps.visibility.memberships(team_id, user_id)
        )
        oversees = actor is not None and may(actor, Action.OVERSEE)
        visible, others = await asyncio.gather(
            self._deps.visibility.visible(team_id, memberships, oversees=oversees),
            self._credited.latest(
                team_id,
                user_id,
                limit=MAX_WINS_OF_OTHERS,
                asked_limit=MAX_ASKED,
                who=(actor, memberships),
                now=self._deps.clock(),
            ),
        )
        query = partial(
            load_home,
            team_id=team_id,
            user_id=user_id,
            actor=actor,
            visible=visible,
            wins_of_others=others,
            page_offsets=page_offsets,
            now=self._deps.clock(),
        )
        home_view, names = await self._deps.database.read(query)
        workspace = self._deps.clients.of(team_id).workspace
        tab = home(ENGLISH, home_view, names, permalink=workspace.permalink, url=workspace.url)
        return tab, home_view.is_first_time


def parse_offsets(encoded: str) -> PageOffsets:
    """Read the page offsets that a button of the Home tab carries. Raises Malformed."""
    if not encoded:
        return FIRST_PAGES
    if not re.fullmatch(r"[0-9]{1,6},[0-9]{1,6},[0-9]{1,6}", encoded, re.ASCII):
        raise payloads.Malformed("pages")
    return PageOffsets(*map(int, encoded.split(",")))


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the Home tab being opened, and for its buttons."""
    home_tab = HomeTab(deps)

    async def welcome(team_id: str, user_id: str) -> None:
        now = deps.clock()
        work = partial(suggestions.welcome, team_id=team_id, user_id=user_id, now=now)
        await run_once(deps.database, RequestKey(team_id, f"welcome:{user_id}"), Done, work, now=now)
        deps.wake_sender((team_id, user_id))

    @app.event("app_home_opened")
    async def publish_home(body: dict[str, Any]) -> None:
        tab = payloads.nested(body, "event").get("tab")
        if tab == "messages":
            await welcome(*event_payloads.event_user(body))
        if tab != "home":
            return
        if not await home_tab.publish(*event_payloads.event_user(body)):
            raise SlackUnavailable("views.publish")  # so that Slack sends the event again

    async def turn_page(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        await home_tab.turn_page(action)
        await ack()

    app.action(PREVIOUS_PAGE)(turn_page)
    app.action(NEXT_PAGE)(turn_page)

    @app.action(OPEN_LINK)
    async def acknowledge_link(ack: Callable[..., Any]) -> None:
        await ack()

    async def apply_fix(body: dict[str, Any], fix: Callable[..., Done]) -> None:
        action = payloads.view_action(body)
        team_id, channel_id = action.team_id, payloads.channel_id(action.value)
        actor, _ = await deps.access.authorize(Action.CHANGE, team_id, channel_id, action.user_id, action.user_team_id)
        now = deps.clock()
        work = partial(fix, actor=actor, team_id=team_id, channel_id=channel_id, now=now)
        await run_once(deps.database, action, Done, work, now=now)
        deps.wake_scheduler()
        await home_tab.republish_after(action)

    @app.action(TURN_OFF)
    async def turn_roundups_off(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await apply_fix(body, channel_settings.turn_off)
        await ack()

    @app.action(TAKE_OVER)
    async def take_channel_over(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await apply_fix(body, channel_settings.take_over)
        await ack()
