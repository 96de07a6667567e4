"""The button of a note that passes it on: it opens the form of a win, in which someone can be thanked.

The buttons that stop the notes are those of credit.py; those of a look back are here.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.listeners.dependencies import Dependencies
from bot.listeners.win_form import WinForm
from bot.services import look_backs
from bot.services.credit import Press, PressResult
from bot.services.idempotency import run_once
from bot.slack import payloads
from bot.views import look_back
from bot.views.credit import not_your_message
from bot.views.note import THANK_SOMEONE
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""
    form = WinForm(deps)

    async def choose_look_back(body: dict[str, Any], *, wants_look_back: bool) -> None:
        action, now = payloads.message_action(body), deps.clock()
        press = Press(action.team_id, action.channel_id, action.message_ts, action.user_id, action.value)
        work = partial(look_backs.choose, press=press, wants_look_back=wants_look_back, now=now)
        result = await run_once(deps.database, action, PressResult, work, now=now)
        deps.wake_scheduler()
        if result is not PressResult.DONE:
            await deps.respond(action.response_url, not_your_message(ENGLISH))

    @app.action(look_back.STOP)
    async def stop_looks_back(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await choose_look_back(body, wants_look_back=False)
        await ack()

    @app.action(look_back.RESUME)
    async def resume_looks_back(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await choose_look_back(body, wants_look_back=True)
        await ack()

    @app.action(THANK_SOMEONE)
    async def thank_someone(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        press = payloads.message_action(body)
        await form.open_or_send_button(press.trigger_id, press.team_id, press.user_id)
        await ack()
