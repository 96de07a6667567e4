"""Events about users: someone changed their name or their time zone."""

from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.listeners.dependencies import Dependencies
from bot.services.user_directory import parse_user
from bot.slack import payloads
from bot.storage import users


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for changes of users."""

    @app.event("user_change")
    async def user_changed(body: dict[str, Any]) -> None:
        user_object = payloads.nested(payloads.nested(body, "event"), "user")
        team_id = payloads.slack_id(body, "team_id")
        enterprise_id = deps.clients.of(team_id).workspace.enterprise_id
        user = parse_user(team_id, payloads.slack_id(user_object, "id"), user_object, enterprise_id=enterprise_id)
        await deps.database.write(partial(users.refresh, user=user, now=deps.clock()))
