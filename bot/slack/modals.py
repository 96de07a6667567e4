"""Modals and Home tabs, which answer one person directly and so do not go through the outbox."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.slack_errors import ErrorMeaning
from bot.slack import answers, deadline
from bot.slack.answers import OddAnswer
from bot.slack.background import BackgroundTasks
from bot.slack.clients import SlackClients
from bot.slack.errors import error_code, meaning

logger = logging.getLogger(__name__)

OPEN_TIMEOUT = 1.0
"""Seconds for opening a modal. It comes before everything else, or after lookups in the case of an error."""
FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError, OddAnswer)

View = dict[str, Any]


class Modals:
    """Shows views. A view that Slack does not take is logged, and returned as False or None."""

    def __init__(
        self,
        clients: SlackClients,
        background: BackgroundTasks,
        *,
        loading_modal: View,
        error_modal: Callable[[Exception, str], View],
    ) -> None:
        """`loading_modal` is shown while one is made, `error_modal` (error, user id) if that fails."""
        self._clients = clients
        self._background = background
        self._loading_modal = loading_modal
        self._error_modal = error_modal
        self._publish_locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def open(self, team_id: str, trigger_id: str, view: View) -> str | None:
        """Open a modal and return its id. Call this first: a trigger_id expires after three seconds."""
        return await self._show_new(team_id, "views.open", trigger_id, view)

    async def open_then_fill(
        self, team_id: str, trigger_id: str, load: Callable[[], Awaitable[View]], *, user_id: str
    ) -> bool:
        """Open a modal at once, and show in it what `load` returns, or why it fails; False if none was opened.

        `user_id` has asked for it. A `load` that takes too long for the acknowledgement goes on in the background, so
        it must change nothing.
        """
        view_id = await self.open(team_id, trigger_id, self._loading_modal)
        if view_id is None:
            return False
        task = self._background.spawn(self.fill(team_id, view_id, load, user_id=user_id))
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                await asyncio.shield(task)
        return True

    async def fill(self, team_id: str, view_id: str, load: Callable[[], Awaitable[View]], *, user_id: str) -> None:
        """Show in an open modal what `load` returns, or why it fails."""
        try:
            view = await load()
        except Exception as error:  # noqa: BLE001 - the modal covers what the error handler could show
            view = self._error_modal(error, user_id)
        await self.update(team_id, view_id, view)

    async def push(self, team_id: str, trigger_id: str, view: View) -> str | None:
        """Put a modal on top of the open one, and return its id."""
        return await self._show_new(team_id, "views.push", trigger_id, view)

    async def update(self, team_id: str, view_id: str, view: View, *, view_hash: str | None = None) -> bool:
        """Replace what a modal shows; with a `view_hash`, only if it still shows the view of that hash."""
        body = {"view_id": view_id, "view": view}
        body = body if view_hash is None else body | {"hash": view_hash}
        return (
            await self._call_or_none(team_id, "views.update", body, deadline.within(deadline.RESPONSE_BUDGET))
            is not None
        )

    async def publish(self, team_id: str, user_id: str, load: Callable[[], Awaitable[View]]) -> bool:
        """Show a user the Home tab that `load` returns; False if Slack did not, and may do so later.

        It is loaded and shown for one request of the user after another, so that an older one can't overwrite it.
        """
        async with self._publish_locks.setdefault((team_id, user_id), asyncio.Lock()):
            body = {"user_id": user_id, "view": await load()}
            try:
                await self._call(team_id, "views.publish", body, deadline.within(deadline.RESPONSE_BUDGET))
            except FAILURES as error:
                return meaning("views.publish", error_code(error)) is ErrorMeaning.VIEW_REFUSED
            return True

    async def _show_new(self, team_id: str, method: str, trigger_id: str, view: View) -> str | None:
        body = {"trigger_id": trigger_id, "view": view}
        answer = await self._call_or_none(team_id, method, body, asyncio.timeout(OPEN_TIMEOUT))
        with suppress(OddAnswer):
            return None if answer is None else answers.view_id(answer)
        return None

    async def _call_or_none(self, team_id: str, method: str, body: dict[str, Any], until: asyncio.Timeout) -> Any:
        try:
            return await self._call(team_id, method, body, until)
        except FAILURES:
            return None

    async def _call(self, team_id: str, method: str, body: dict[str, Any], until: asyncio.Timeout) -> Any:
        try:
            async with until:
                return await self._clients.of(team_id).show(method, body)
        except FAILURES as error:
            logger.warning("could not show a view", extra={"method": method, "error": error_code(error)})
            raise
