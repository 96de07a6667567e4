"""Cheers: the button of a win or a roundup, that of one win in a roundup, and any reaction to a win or a roundup.

A press updates the message, and a reaction to a win does not: Slack shows it under the message. A roundup names both
kinds, so it is updated after each. bot/services/cheers.py records the cheer and requests the updates, and the sender
makes them.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.listeners.dependencies import Dependencies
from bot.listeners.win_emoji import suggest_win
from bot.services import cheers
from bot.services.cheers import CheerResult, MessageNotRecordedYet
from bot.services.idempotency import run_once
from bot.slack import event_payloads, payloads
from bot.views import ephemeral
from bot.views.cheer_buttons import CHEER, CHEER_TOLD_WIN
from bot.views.format import Message
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

RETRY_DELAYS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between two looks for a message whose post is in flight; together well under Slack's three."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons and reactions."""

    async def handle_button(body: dict[str, Any], *, is_active: bool) -> None:
        action = payloads.message_action(body)
        key, _, win_id = action.value.partition(" ")  # the message's key and, of one win in a roundup, the win's id
        record = partial(cheers.record_told_win, win_id=payloads.row_id(win_id)) if win_id else cheers.record_by_button
        work = partial(
            record,
            team_id=action.team_id,
            channel_id=action.channel_id,
            message_ts=action.message_ts,
            key=key,
            user_id=action.user_id,
            is_outsider=await deps.access.is_outsider(action.team_id, action.user_id, action.user_team_id),
            is_active=is_active,
            action_ts=action.action_ts,
        )
        result = await run_once(deps.database, action, CheerResult, work, now=deps.clock())
        if result is not CheerResult.NOT_FOUND:
            logger.info("cheer button", extra={"delivery": key, "result": result})
        deps.wake_sender(action.channel_key)
        deps.queue_user_lookup(action.team_id, action.user_id)
        if (answer := _answer(result, action.value)) is not None:
            await deps.respond(action.response_url, answer)

    @app.action(CHEER)
    @app.action(CHEER_TOLD_WIN)
    async def cheer(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_button(body, is_active=True)
        await ack()

    @app.action(ephemeral.TAKE_BACK_CHEER)
    async def take_back(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_button(body, is_active=False)
        await ack()

    async def handle_reaction(body: dict[str, Any], *, is_active: bool) -> None:
        reaction = event_payloads.reaction(body)
        if reaction is None:
            return
        work = partial(
            cheers.record_by_reaction,
            team_id=reaction.team_id,
            channel_id=reaction.channel_id,
            message_ts=reaction.message_ts,
            user_id=reaction.user_id,
            emoji=reaction.emoji,
            is_active=is_active,
            event_ts=reaction.event_ts,
        )
        for delay in RETRY_DELAYS:
            try:
                key = await deps.database.write(work)
            except MessageNotRecordedYet:
                await asyncio.sleep(delay)
            else:
                if key is not None:
                    logger.info("reaction", extra={"delivery": key, "is_active": is_active})
                    deps.wake_sender((reaction.team_id, reaction.channel_id))
                    deps.queue_user_lookup(reaction.team_id, reaction.user_id)
                elif is_active:
                    await suggest_win(deps, reaction)
                return
        raise MessageNotRecordedYet  # errors.py sends no ack, so that Slack sends the event again

    @app.event("reaction_added")
    async def reaction_added(body: dict[str, Any]) -> None:
        await handle_reaction(body, is_active=True)

    @app.event("reaction_removed")
    async def reaction_removed(body: dict[str, Any]) -> None:
        await handle_reaction(body, is_active=False)


_ANSWERS = {
    CheerResult.COUNTED: ephemeral.cheer_counted,
    CheerResult.TAKEN_BACK: ephemeral.cheer_taken_back,
    CheerResult.OWN_WIN: ephemeral.own_win,
    CheerResult.OUTSIDER: ephemeral.unknown_workspace,
    CheerResult.NOT_FOUND: ephemeral.win_not_found,
}


def _answer(result: CheerResult, value: str) -> Message | None:
    if result is CheerResult.SHOWN:
        return None
    if result is CheerResult.ALREADY_CHEERED:
        return ephemeral.already_cheered(ENGLISH, value)
    return _ANSWERS[result](ENGLISH)
