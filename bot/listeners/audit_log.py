"""What was changed: admins read the audit log, page by page, as far as they may see the channels."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.permissions import Action, check
from bot.domain.schedules import FALLBACK_ZONE
from bot.services.access import Gate
from bot.services.visibility import Sight
from bot.slack import payloads
from bot.slack.modals import Windows
from bot.storage import audit_log, users
from bot.storage.database import Database
from bot.views import audit_log as view
from bot.views.admin_home import WHAT_WAS_CHANGED

SHOWN = 10


def register(app: AsyncApp, *, database: Database, gate: Gate, sight: Sight, windows: Windows) -> None:
    """Listen for the button that opens the log, and for those that turn its pages."""

    async def page(pressed: payloads.ViewPress, before_id: int | None) -> dict[str, Any]:
        actor, mine = await asyncio.gather(
            gate.actor(pressed.team_id, pressed.user_id, pressed.user_team_id), sight.mine(pressed.user_id)
        )
        check(actor, Action.OVERSEE)
        seen = await sight.of(pressed.team_id, mine, oversees=True)
        work = partial(read, team_id=pressed.team_id, user_id=pressed.user_id, visible=seen.ids, before_id=before_id)
        return await database.read(work)

    @app.action(WHAT_WAS_CHANGED)
    async def opened(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.view_press(body)
        await windows.answer(pressed.trigger_id, partial(page, pressed, None), who=pressed.user_id)
        await ack()

    @app.action(view.OLDER)
    async def older(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.view_press(body)
        await windows.update(pressed.view_id, await page(pressed, payloads.number(pressed.value)))
        await ack()

    @app.action(view.NEWEST)
    async def newest(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.view_press(body)
        await windows.update(pressed.view_id, await page(pressed, None))
        await ack()


def read(
    connection: Connection, *, team_id: str, user_id: str, visible: frozenset[str], before_id: int | None
) -> dict[str, Any]:
    """Read a page of the log, of the workspace and its `visible` channels, and put it into words."""
    found = audit_log.latest(connection, team_id, channels=visible, limit=SHOWN + 1, before_id=before_id)
    entries = found[:SHOWN]
    person = users.by_id(connection, team_id, user_id)
    names = users.names(connection, team_id, {person for entry in entries for person in entry.user_ids})
    return view.log(
        entries,
        names,
        visible=visible,
        zone=(person and person.zone) or FALLBACK_ZONE,
        has_older=len(found) > SHOWN,
        is_newest=before_id is None,
    )
