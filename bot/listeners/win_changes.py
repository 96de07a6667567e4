"""The buttons in the form of a win: its author makes it private, shares it again, or deletes it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.entered_win import EnteredWin
from bot.domain.win_edits import NotAuthor, WinGone
from bot.domain.win_permissions import WinAction
from bot.domain.wins import Win
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.edit_form_state import parse_edit_form_state
from bot.listeners.undo import REMAINS, undo_win
from bot.listeners.win_editor import WinEditor, explain, with_unsaved
from bot.listeners.win_form_state import parse_content
from bot.services import win_privacy
from bot.services.idempotency import run_once
from bot.services.win_access import WinAccess
from bot.services.win_privacy import PrivacyResult
from bot.services.wins import UndoResult
from bot.slack import payloads
from bot.storage import wins
from bot.views import edit_win as view
from bot.views import ephemeral, refusals
from bot.views.format import Message
from bot.views.translations import ENGLISH

Ack = Callable[..., Any]
Body = dict[str, Any]


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""
    editor, access = WinEditor(deps), WinAccess(deps.access, deps.visibility)

    @app.action(view.DELETE)
    async def delete(body: Body, ack: Ack) -> None:
        action = payloads.view_action(body)
        state = parse_edit_form_state(action.private_metadata)
        written = _entered(action).written
        answer = await undo_win(deps, action, response_url=state.response_url, written=written)
        await deps.modals.update(action.team_id, action.view_id, refusals.error_modal(ENGLISH, answer))
        await editor.refresh(action, state, None, answer=answer)
        await ack()

    async def change(body: Body, work: Callable[[payloads.ViewAction, Win], Awaitable[Message]]) -> None:
        """Do `work` with the win of a button in the form, and show the answer in the form."""
        action = payloads.view_action(body)
        state = parse_edit_form_state(action.private_metadata)
        win_id, win, entered = payloads.row_id(action.value), None, _entered(action)
        try:
            win = await editor.win(action, win_id)
            answer = await work(action, win)
        except (WinGone, NotAuthor) as refusal:
            answer = explain(refusal)
        answer = with_unsaved(answer, entered, win)
        deps.wake_scheduler()
        await deps.modals.update(action.team_id, action.view_id, refusals.error_modal(ENGLISH, answer))
        query = partial(wins.by_id, team_id=action.team_id, win_id=win_id)
        changed = await in_time(deps.database.read(query), None)
        is_author = changed is not None and changed.author.user_id == action.user_id
        await editor.refresh(action, state, changed.for_author() if changed and is_author else None, answer=answer)

    async def run(
        action: payloads.ViewAction, win: Win, service: Callable[..., PrivacyResult], **rest: Any
    ) -> PrivacyResult:
        work = partial(service, team_id=win.team_id, win_id=win.id, user_id=action.user_id, is_outsider=False, **rest)
        return await run_once(deps.database, action, PrivacyResult, work, now=deps.clock())

    @app.action(view.MAKE_PRIVATE)
    async def make_private(body: Body, ack: Ack) -> None:
        async def work(action: payloads.ViewAction, win: Win) -> Message:
            url = parse_edit_form_state(action.private_metadata).response_url
            result = await run(action, win, win_privacy.make_private, response_url=url or None)
            return _private_answer(result)

        await change(body, work)
        await ack()

    @app.action(view.SHARE_AGAIN)
    async def share_again(body: Body, ack: Ack) -> None:
        async def work(action: payloads.ViewAction, win: Win) -> Message:
            reach, unavailability = await access.reach_to_share(win)
            if not editor.may(WinAction.SHARE_AGAIN, win, reach, has_bot=unavailability is None):
                return view.cannot_share(ENGLISH, win.channel_id, unavailability)
            result = await run(action, win, win_privacy.share_again, now=deps.clock())
            if result is PrivacyResult.WAITING:
                held = await in_time(editor.win(action, win.id), None)
                return view.waits(ENGLISH, held, now=deps.clock()) if held else ephemeral.saved_but_not_shown(ENGLISH)
            return _shared_answer(result, win)

        await change(body, work)
        await ack()


def _entered(action: payloads.ViewAction) -> EnteredWin:
    """Return what is entered in the form, which may have no fields. Raises Malformed."""
    return parse_content(action.state) if action.state else EnteredWin()


def _private_answer(result: PrivacyResult) -> Message:
    match result:
        case PrivacyResult.NO_CHANGE:
            return ephemeral.already_handled(ENGLISH)
        case PrivacyResult.NOT_FOUND | PrivacyResult.NOT_AUTHOR:
            return view.gone(ENGLISH)
    remains = REMAINS.get(UndoResult(result))
    return view.made_private(ENGLISH, remains=remains(ENGLISH) if remains else "")


def _shared_answer(result: PrivacyResult, win: Win) -> Message:
    match result:
        case PrivacyResult.SHARED | PrivacyResult.SHARED_IN_PLACE if win.channel_id is not None:
            return view.shared_again(ENGLISH, win.channel_id, is_in_place=result is PrivacyResult.SHARED_IN_PLACE)
        case PrivacyResult.NO_CHANGE:
            return ephemeral.already_handled(ENGLISH)
        case PrivacyResult.NO_CHANNEL:
            return view.cannot_share(ENGLISH, None, None)
    return view.gone(ENGLISH)
