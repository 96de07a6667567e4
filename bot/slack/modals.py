"""Modals and Home tabs: shown now, for one person who waits, and so not through the outbox."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.slack_errors import ErrorMeaning
from bot.listeners.error_messages import error_message
from bot.slack import deadline
from bot.slack.background import BackgroundTasks
from bot.slack.errors import error_code, meaning
from bot.views import refusals
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

OPEN_TIMEOUT = 1.0
"""Seconds for opening a modal, which comes before all else; or after what Slack is asked, where that is refused."""
FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError)

View = dict[str, Any]


class Modals:
    """Shows views to people; what Slack does not take is logged, and returned as False or None."""

    def __init__(self, client: AsyncWebClient, background: BackgroundTasks) -> None:
        self._client = client
        self._background = background

    async def open(self, trigger_id: str, view: View) -> str | None:
        """Open a modal and return its id. Nothing is done before this, for a trigger is good for three seconds."""
        response = await self._call_or_none(
            "views.open", {"trigger_id": trigger_id, "view": view}, asyncio.timeout(OPEN_TIMEOUT)
        )
        return None if response is None else str(response["view"]["id"])

    async def open_then_fill(self, trigger_id: str, load: Callable[[], Awaitable[View]], *, user_id: str) -> bool:
        """Open a modal at once, and show in it what `make` returns, or why it fails; False if none was opened.

        `who` has asked for it. What takes too long for the acknowledgement is shown behind it: `make` changes nothing.
        """
        view_id = await self.open(trigger_id, refusals.loading_modal(ENGLISH))
        if view_id is None:
            return False
        task = self._background.spawn(self._fill(view_id, load, user_id))
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                await asyncio.shield(task)
        return True

    async def _fill(self, view_id: str, load: Callable[[], Awaitable[View]], user_id: str) -> None:
        try:
            view = await load()
        except Exception as error:  # noqa: BLE001 - the modal covers whatever the error door could show
            view = refusals.error_modal(ENGLISH, error_message(error, user_id=user_id))
        await self.update(view_id, view)

    async def push(self, trigger_id: str, view: View) -> str | None:
        """Put a modal on top of the open one, and return its id."""
        response = await self._call_or_none(
            "views.push", {"trigger_id": trigger_id, "view": view}, asyncio.timeout(OPEN_TIMEOUT)
        )
        return None if response is None else str(response["view"]["id"])

    async def update(self, view_id: str, view: View, *, view_hash: str | None = None) -> bool:
        """Show something else in a modal; `seen` is the hash of what is to be replaced, and of nothing newer."""
        body = {"view_id": view_id, "view": view}
        body = body if view_hash is None else body | {"hash": view_hash}
        return await self._call_or_none("views.update", body, deadline.within(deadline.RESPONSE_BUDGET)) is not None

    async def publish(self, user_id: str, view: View) -> bool:
        """Show somebody their Home tab; False where Slack did not, and may do so later."""
        try:
            await self._call(
                "views.publish", {"user_id": user_id, "view": view}, deadline.within(deadline.RESPONSE_BUDGET)
            )
        except FAILURES as error:
            return meaning("views.publish", error_code(error)) is ErrorMeaning.VIEW_REFUSED
        return True

    async def _call_or_none(self, method: str, body: dict[str, Any], until: asyncio.Timeout) -> Any:
        try:
            return await self._call(method, body, until)
        except FAILURES:
            return None

    async def _call(self, method: str, body: dict[str, Any], until: asyncio.Timeout) -> Any:
        try:
            async with until:
                return await self._client.api_call(method, json=body)
        except FAILURES as error:
            logger.warning("could not show a view", extra={"method": method, "error": error_code(error)})
            raise
