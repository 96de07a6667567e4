"""Edit: an author opens the form of a win from where they see it, and saves it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.listeners.dependencies import Dependencies
from bot.listeners.edit_form_state import EditFormState, Origin
from bot.listeners.win_editor import WinEditor
from bot.slack import message_payloads, payloads
from bot.slack.manifest import EDIT_SHORTCUT
from bot.slack.message_payloads import MessageShortcut
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.views import edit_win as view
from bot.views import ephemeral, refusals
from bot.views.cheer_buttons import CHEER
from bot.views.format import Message
from bot.views.translations import ENGLISH
from bot.views.win_buttons import EDIT, EDIT_IN_LIST

Ack = Callable[..., Any]
Body = dict[str, Any]


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for what opens the form, and for its submission."""
    editor = WinEditor(deps)

    async def open_from_message(body: Body, origin: Origin) -> None:
        action = payloads.message_action(body)
        win_id = payloads.row_id(action.value)
        state = EditFormState(win_id, 0, origin, action.channel_id, response_url=action.response_url)
        load = partial(editor.form, action, state)
        if not await deps.modals.open_then_fill(action.team_id, action.trigger_id, load, user_id=action.user_id):
            await deps.respond(action.response_url, view.failed_to_open(ENGLISH, win_id))

    @app.action(EDIT)
    async def edit_saved(body: Body, ack: Ack) -> None:
        if "view" in body:  # the modal that says that the win is saved
            action = payloads.view_action(body)
            state = EditFormState(payloads.row_id(action.value), 0, Origin.ANNOUNCEMENT)
            await deps.modals.update(action.team_id, action.view_id, await editor.form(action, state))
        else:
            await open_from_message(body, Origin.SAVED)
        await ack()

    @app.action(EDIT_IN_LIST)
    async def edit_listed(body: Body, ack: Ack) -> None:
        if "view" in body:
            action = payloads.view_action(body)
            load = partial(editor.form, action, EditFormState(payloads.row_id(action.value), 0, Origin.HOME))
            await deps.modals.open_then_fill(action.team_id, action.trigger_id, load, user_id=action.user_id)
        else:
            await open_from_message(body, Origin.LIST)
        await ack()

    @app.shortcut(EDIT_SHORTCUT)
    async def edit_announced(body: Body, ack: Ack) -> None:
        shortcut = message_payloads.message_shortcut(body)

        async def load() -> dict[str, Any]:
            found = await deps.database.read(partial(_shown_in, shortcut=shortcut))
            if found is None or found.win_id is None or found.kind != DeliveryKind.ANNOUNCEMENT:
                return refusals.error_modal(ENGLISH, _no_announcement(found))
            return await editor.form(shortcut, EditFormState(found.win_id, 0, Origin.ANNOUNCEMENT), is_read=True)

        if not await deps.modals.open_then_fill(shortcut.team_id, shortcut.trigger_id, load, user_id=shortcut.user_id):
            failed = ephemeral.modal_failed_to_open(ENGLISH)
            await deps.respond(shortcut.response_url, failed, thread_ts=shortcut.source.thread_ts)
        await ack()

    @app.view(view.CALLBACK_ID)
    async def save(body: Body, ack: Ack) -> None:
        await ack(**await editor.save(payloads.view_submission(body)))


def _shown_in(connection: Connection, shortcut: MessageShortcut) -> Delivery | None:
    """Return the delivery of a message. If its ts isn't known, its button says which one it is."""
    found = deliveries.by_message(connection, shortcut.channel_key, shortcut.source.ts)
    if found is None and CHEER in shortcut.buttons:
        found = deliveries.by_key(connection, shortcut.team_id, shortcut.buttons[CHEER])
    return found if found is not None and found.channel_key == shortcut.channel_key else None


def _no_announcement(message: Delivery | None) -> Message:
    is_roundup = message is not None and message.kind in (DeliveryKind.ROUNDUP, DeliveryKind.EDITION)
    return view.is_roundup(ENGLISH) if is_roundup else view.not_a_win(ENGLISH)
