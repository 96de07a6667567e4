"""Undo, which lists and forms call Delete: an author takes a win back, before its announcement was posted or after."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.wins import Win
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.my_wins import MyWins
from bot.services import wins
from bot.services.idempotency import run_once
from bot.services.wins import UndoResult
from bot.slack import payloads
from bot.storage import users
from bot.storage import wins as win_queries
from bot.views import ephemeral, win_form
from bot.views.format import Message, Names
from bot.views.translations import ENGLISH
from bot.views.win_buttons import UNDO_IN_LIST

REMAINS = {
    UndoResult.BEING_REMOVED: ephemeral.being_removed,
    UndoResult.UNCONFIRMED: ephemeral.may_be_posted,
    UndoResult.UNDONE_BUT_SHOWN: ephemeral.cannot_be_removed,
}
"""What Slack still shows of a win that was undone."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the Undo buttons: the one under a win just saved, and those in the list of someone's wins."""
    my_wins = MyWins(deps)

    @app.action(ephemeral.UNDO)
    async def undo_saved(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        if "view" in body:
            in_view = payloads.view_action(body)
            view = win_form.saved(ENGLISH, await undo_win(deps, in_view))
            await deps.modals.update(in_view.team_id, in_view.view_id, view)
            await ack()
            return
        action = payloads.message_action(body)
        await deps.respond(
            action.response_url, await undo_win(deps, action, response_url=action.response_url), replace=True
        )
        await ack()

    @app.action(UNDO_IN_LIST)
    async def undo_listed(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        answer = await undo_win(deps, action, response_url=action.response_url)
        listed = my_wins.list(action.team_id, action.user_id, action.user_team_id, preface=answer)
        message = await in_time(listed, answer)
        await deps.respond(action.response_url, message, replace=True)
        await ack()


async def undo_win(
    deps: Dependencies,
    action: payloads.MessageAction | payloads.ViewAction,
    *,
    response_url: str = "",
    written: str = "",
) -> Message:
    """Undo the win whose id is the value of a button. If Slack refuses, its author is told through `response_url`.

    They get its text back, or what they have `written` in its form.
    """
    win_id, now = payloads.row_id(action.value), deps.clock()
    # Before the commit: what fails after it would hide that the win is gone.
    win, names = await deps.database.read(partial(_load_win, team_id=action.team_id, win_id=win_id))
    work = partial(
        wins.undo,
        team_id=action.team_id,
        win_id=win_id,
        user_id=action.user_id,
        is_outsider=await deps.access.is_outsider(action.team_id, action.user_id, action.user_team_id),
        response_url=response_url or None,
        now=now,
    )
    result = await run_once(deps.database, action, UndoResult, work, now=now)
    deps.wake_scheduler()
    return _answer(result, win, names, written)


def _load_win(connection: Connection, team_id: str, win_id: int) -> tuple[Win | None, Names]:
    """Return a win with every name, for its author, and these names."""
    found = win_queries.by_id(connection, team_id, win_id)
    win = found.for_author() if found else None
    return win, users.names(connection, team_id, win.user_ids) if win else {}


def _answer(result: UndoResult, win: Win | None, names: Names, written: str) -> Message:
    match result:
        case UndoResult.NOT_FOUND | UndoResult.NOT_AUTHOR:  # the same: a forged press may be about any win
            return ephemeral.win_not_found(ENGLISH)
    if win is None:  # it was erased meanwhile
        return ephemeral.win_not_found(ENGLISH)
    if result is UndoResult.ALREADY_UNDONE:
        return ephemeral.already_undone(ENGLISH, win, names, written=written)
    remains = REMAINS.get(result)
    still_shown = remains(ENGLISH) if remains else ""
    return ephemeral.win_undone(ENGLISH, win, names, remains=still_shown, written=written)
