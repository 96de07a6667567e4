"""The audit log: admins read it page by page, as far as they can see the channels."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.audit_log import AuditEntry
from bot.listeners.dependencies import Dependencies
from bot.slack import payloads
from bot.storage import audit_log, users
from bot.views import audit_log as view
from bot.views.admin_home import OPEN_AUDIT_LOG
from bot.views.format import Names
from bot.views.translations import ENGLISH

PAGE_SIZE = 10


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button that opens the log, and for those that page through it."""

    async def load_modal(action: payloads.ViewAction, before_id: int | None) -> dict[str, Any]:
        _, memberships = await asyncio.gather(
            deps.access.overseer(action.team_id, action.user_id, action.user_team_id),
            deps.visibility.memberships(action.team_id, action.user_id),
        )
        visible = await deps.visibility.visible(action.team_id, memberships, oversees=True)
        query = partial(_load, team_id=action.team_id, user_id=action.user_id, visible=visible.ids, before_id=before_id)
        found, names, zone = await deps.database.read(query)
        return view.log(
            ENGLISH,
            found[:PAGE_SIZE],
            names,
            visible=visible.ids,
            zone=zone,
            has_older=len(found) > PAGE_SIZE,
            is_newest=before_id is None,
        )

    @app.action(OPEN_AUDIT_LOG)
    async def open_audit_log(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        await deps.modals.open_then_fill(
            action.team_id, action.trigger_id, partial(load_modal, action, None), user_id=action.user_id
        )
        await ack()

    @app.action(view.OLDER)
    async def show_older(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        await deps.modals.update(
            action.team_id, action.view_id, await load_modal(action, payloads.row_id(action.value))
        )
        await ack()

    @app.action(view.NEWEST)
    async def show_newest(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        await deps.modals.update(action.team_id, action.view_id, await load_modal(action, None))
        await ack()


def _load(
    connection: Connection, *, team_id: str, user_id: str, visible: frozenset[str], before_id: int | None
) -> tuple[list[AuditEntry], Names, str]:
    """Return a page of the log and one entry more, the names in it, and the time zone of its reader."""
    found = audit_log.latest(connection, team_id, channel_ids=visible, limit=PAGE_SIZE + 1, before_id=before_id)
    names = users.names(connection, team_id, {user_id for entry in found for user_id in entry.user_ids})
    return found, names, users.zone_of(connection, team_id, user_id)
