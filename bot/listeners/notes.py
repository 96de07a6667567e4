"""The button of a note that passes it on: it opens the form of a win, in which someone can be thanked.

The buttons that stop the messages are those of credit.py.
"""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.listeners.dependencies import Dependencies
from bot.listeners.win_form import WinForm
from bot.slack import payloads
from bot.views.note import THANK_SOMEONE


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button."""
    form = WinForm(deps)

    @app.action(THANK_SOMEONE)
    async def thank_someone(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        press = payloads.message_action(body)
        await form.open_or_send_button(press.trigger_id, press.team_id, press.user_id)
        await ack()
