"""The button of a note that passes it on: it opens the form of a win, which thanks the one whom the note names.

The buttons that stop the notes are those of credit.py.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.entered_win import EnteredWin
from bot.listeners.dependencies import Dependencies
from bot.listeners.win_form import WinForm
from bot.services import credit_notes
from bot.slack import payloads
from bot.views.credit_note import THANK_SOMEONE


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button."""
    form = WinForm(deps)

    @app.action(THANK_SOMEONE)
    async def thank_someone(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        press = payloads.message_action(body)
        find = partial(credit_notes.whom_to_thank, team_id=press.team_id, key=press.value, user_id=press.user_id)
        person = await deps.database.read(partial(find, now=deps.clock()))
        entered = None if person is None else EnteredWin(thanked=(person,))
        await form.open_or_send_button(press.trigger_id, press.team_id, press.user_id, entered=entered)
        await ack()
