"""The wins on Home that wait for a first cheer: someone gives it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.permissions import SlackUnavailable
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.services import first_cheers
from bot.services.first_cheers import FirstCheerResult
from bot.services.idempotency import run_once
from bot.slack import payloads
from bot.views import ephemeral, refusals
from bot.views.cheer_buttons import CHEER_LISTED_WIN
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button."""
    home_tab = HomeTab(deps)

    @app.action(CHEER_LISTED_WIN)
    async def cheer(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        press = payloads.view_action(body)
        actor, memberships = await asyncio.gather(
            deps.access.actor(press.team_id, press.user_id, press.user_team_id),
            deps.visibility.memberships(press.team_id, press.user_id),
        )
        if memberships is None:
            raise SlackUnavailable("users.conversations")
        work = partial(
            first_cheers.cheer,
            team_id=press.team_id,
            win_id=payloads.row_id(press.value),
            actor=actor,
            memberships=memberships,
            action_ts=press.action_ts,
        )
        result = await run_once(deps.database, press, FirstCheerResult, work, now=deps.clock())
        deps.wake_scheduler()
        deps.queue_user_lookup(press.team_id, press.user_id)
        if result in _REFUSALS:
            refusal = refusals.error_modal(ENGLISH, _REFUSALS[result](ENGLISH))
            await deps.modals.open(press.team_id, press.trigger_id, refusal)
        await home_tab.republish_after(press)
        await ack()


_REFUSALS = {
    FirstCheerResult.OWN_WIN: ephemeral.own_win,
    FirstCheerResult.NOT_FOUND: ephemeral.win_not_found,
}
