"""Joining: someone says "I was part of this" on an announcement, takes that back, or is taken out by the author."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.listeners.dependencies import Dependencies
from bot.services import joining
from bot.services.idempotency import run_once
from bot.services.joining import JoinResult, Press, RemoveResult
from bot.slack import payloads
from bot.views import ephemeral
from bot.views import joining as views
from bot.views.announcement import JOIN
from bot.views.format import Message
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""

    async def answer(action: payloads.MessageAction, result: JoinResult) -> None:
        deps.wake_sender(action.channel_key)
        deps.wake_scheduler()
        if (reply := _answer(result, action.value)) is not None:
            await deps.respond(action.response_url, reply)

    @app.action(JOIN)
    async def join(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action, now = payloads.message_action(body), deps.clock()
        actor = await deps.access.actor(action.team_id, action.user_id, action.user_team_id)
        work = partial(joining.join, press=_press(action), actor=actor, now=now)
        await answer(action, await run_once(deps.database, action, JoinResult, work, now=now))
        await ack()

    @app.action(views.LEAVE)
    async def leave(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        work = partial(joining.leave, press=_press(action), user_id=action.user_id)
        await answer(action, await run_once(deps.database, action, JoinResult, work, now=deps.clock()))
        await ack()

    @app.action(views.REMOVE)
    async def remove(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        win_id, _, user_id = action.value.partition(":")
        work = partial(
            joining.remove,
            team_id=action.team_id,
            win_id=payloads.row_id(win_id),
            user_id=user_id,
            actor=await deps.access.actor(action.team_id, action.user_id, action.user_team_id),
        )
        result = await run_once(deps.database, action, RemoveResult, work, now=deps.clock())
        deps.wake_sender(action.channel_key)
        deps.wake_scheduler()
        if result is not RemoveResult.REMOVED:  # otherwise the message that has the button shows it
            await deps.respond(action.response_url, ephemeral.win_not_found(ENGLISH))
        await ack()


def _press(action: payloads.MessageAction) -> Press:
    return Press(action.team_id, action.channel_id, action.message_ts, action.value)


_ANSWERS = {
    JoinResult.UNNAMED: views.joined_unnamed,
    JoinResult.NOT_SHOWN: views.joined_unseen,
    JoinResult.ALREADY_THEIRS: views.already_theirs,
    JoinResult.REMOVED: views.removed_by_author,
    JoinResult.LEFT: views.left,
    JoinResult.LEFT_BUT_SHOWN: views.left_but_shown,
    JoinResult.STRANGER: ephemeral.unknown_workspace,
    JoinResult.NOT_FOUND: ephemeral.win_not_found,
}


def _answer(result: JoinResult, key: str) -> Message | None:
    if result is JoinResult.SHOWN:
        return None
    if result is JoinResult.ALREADY_JOINED:
        return views.already_joined(ENGLISH, key)
    return _ANSWERS[result](ENGLISH)
