"""The buttons of an owner alert, on the Home tab too: someone says whether a message is there, has it posted again,
or stops these alerts.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.permissions import Action, Actor
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.services import owner_alerts, resolving
from bot.services.idempotency import run_once
from bot.services.owner_alerts import OptOutResult
from bot.services.resolving import ResolveResult
from bot.slack import payloads
from bot.views import ephemeral, owner_alert, refusals
from bot.views.format import Message
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""
    home_tab = HomeTab(deps)

    async def authorize(action: payloads.MessageAction | payloads.ViewAction) -> Actor:
        """Return who acts. Raises NotAllowed for people who may not know of the delivery's channel."""
        query = partial(resolving.channel_of, team_id=action.team_id, key=action.value)
        channel_id = await deps.database.read(query)
        if channel_id is None:
            return await deps.access.actor(action.team_id, action.user_id, action.user_team_id)
        actor, _ = await deps.access.authorize(
            Action.RESOLVE, action.team_id, channel_id, action.user_id, action.user_team_id
        )
        return actor

    async def resolve(body: dict[str, Any], *, is_posted: bool) -> None:
        action = payloads.any_action(body)
        actor, now = await authorize(action), deps.clock()
        work = partial(
            resolving.resolve_by_key,
            team_id=action.team_id,
            key=action.value,
            is_posted=is_posted,
            actor=actor,
            now=now,
        )
        result = await run_once(deps.database, action, ResolveResult, work, now=now)
        deps.wake_scheduler()
        if isinstance(action, payloads.MessageAction):
            await deps.respond(action.response_url, _answer(result))
            return
        if result is not ResolveResult.RESOLVED:
            view = refusals.error_modal(ENGLISH, _answer(result))
            await deps.modals.open(action.team_id, action.trigger_id, view)
        await home_tab.republish_after(action)

    @app.action(owner_alert.MARK_POSTED)
    @app.action(owner_alert.DISMISS)
    async def leave_as_it_is(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await resolve(body, is_posted=True)
        await ack()

    @app.action(owner_alert.REPOST)
    @app.action(owner_alert.RETRY_CHANGE)
    async def try_again(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await resolve(body, is_posted=False)
        await ack()

    async def set_opt_out(body: dict[str, Any], *, wants_alerts: bool) -> None:
        action = payloads.message_action(body)
        work = partial(
            owner_alerts.set_opt_out,
            team_id=action.team_id,
            channel_id=action.channel_id,
            message_ts=action.message_ts,
            user_id=action.user_id,
            is_outsider=await deps.access.is_outsider(action.team_id, action.user_id, action.user_team_id),
            wants_alerts=wants_alerts,
        )
        result = await run_once(deps.database, action, OptOutResult, work, now=deps.clock())
        deps.wake_scheduler()
        if result is OptOutResult.NOT_RECIPIENT:
            await deps.respond(action.response_url, owner_alert.not_your_alert(ENGLISH))

    @app.action(owner_alert.STOP_ALERTS)
    async def opt_out(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await set_opt_out(body, wants_alerts=False)
        await ack()

    @app.action(owner_alert.RESUME_ALERTS)
    async def opt_in(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await set_opt_out(body, wants_alerts=True)
        await ack()


def _answer(result: ResolveResult) -> Message:
    match result:
        case ResolveResult.RESOLVED:
            return owner_alert.decision_noted(ENGLISH)
        case ResolveResult.ALREADY_RESOLVED:
            return owner_alert.already_resolved(ENGLISH)
        case ResolveResult.SEARCHED_AGAIN:
            return owner_alert.searched_again(ENGLISH)
        case ResolveResult.NOT_FOUND:
            return ephemeral.win_not_found(ENGLISH)
