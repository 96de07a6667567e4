"""Looks back at a win of a year ago: someone asks for them on Home, or stops them there or in one of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.services import look_backs
from bot.services.credit import Press, PressResult
from bot.services.idempotency import Done, run_once
from bot.slack import payloads
from bot.storage import preferences
from bot.views import ephemeral, look_back, refusals
from bot.views.credit import not_your_message
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""
    home_tab = HomeTab(deps)

    async def choose(body: dict[str, Any], *, wants_look_back: bool) -> None:
        action = payloads.message_action(body)
        press = Press(action.team_id, action.channel_id, action.message_ts, action.user_id, action.value)
        work = partial(look_backs.choose, press=press, wants_look_back=wants_look_back)
        result = await run_once(deps.database, action, PressResult, work, now=deps.clock())
        deps.wake_scheduler()
        if result is not PressResult.DONE:
            await deps.respond(action.response_url, not_your_message(ENGLISH))

    @app.action(look_back.STOP)
    async def stop(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await choose(body, wants_look_back=False)
        await ack()

    @app.action(look_back.RESUME)
    async def resume(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await choose(body, wants_look_back=True)
        await ack()

    async def choose_on_home(body: dict[str, Any], *, wants_look_back: bool) -> None:
        press = payloads.view_action(body)
        actor = await deps.access.actor_if_known(press.team_id, press.user_id, press.user_team_id)
        if actor is not None and not actor.is_active:
            refusal = refusals.error_modal(ENGLISH, ephemeral.unknown_workspace(ENGLISH))
            await deps.modals.open(press.team_id, press.trigger_id, refusal)
            return

        def work(connection: Connection) -> Done:
            preferences.set_look_back(connection, press.team_id, press.user_id, wants_look_back=wants_look_back)
            return Done.DONE

        await run_once(deps.database, press, Done, work, now=deps.clock())
        deps.wake_scheduler()
        await home_tab.republish_after(press)

    @app.action(look_back.ON_FROM_HOME)
    async def turn_on(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await choose_on_home(body, wants_look_back=True)
        await ack()

    @app.action(look_back.OFF_FROM_HOME)
    async def turn_off(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await choose_on_home(body, wants_look_back=False)
        await ack()
