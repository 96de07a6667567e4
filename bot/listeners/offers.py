"""The buttons of an offer: somebody says yes to the proposed schedule of a channel, or chooses another."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import Action, Actor
from bot.listeners.idempotent import once
from bot.services import channel_settings
from bot.services.access import Access
from bot.slack import payloads
from bot.slack.payloads import Malformed, Press
from bot.slack.response_url import Respond
from bot.storage import channels
from bot.storage.database import Database
from bot.views import offer
from bot.views.format import Message

OpenSetup = Callable[..., Awaitable[object]]
"""open_setup(trigger_id, team id, channel id, user id, the user's team id): opens a channel's settings."""


def register(
    app: AsyncApp,
    *,
    database: Database,
    gate: Access,
    clock: Callable[[], datetime],
    look: Callable[[], None],
    answer: Respond,
    open_setup: OpenSetup,
) -> None:
    """Listen for both buttons; `look` makes the outbox look for the line that the channel is owed."""

    @app.action(offer.ACCEPT)
    async def accept(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.press(body)
        proposed = proposal(pressed.value)
        who = (pressed.user_id, pressed.user_team_id)
        actor, _ = await gate.authorize(Action.CHANGE, pressed.team_id, pressed.channel_id, *who)
        now = clock()
        said = await once(
            database,
            pressed,
            now=now,
            work=lambda connection: accepted(connection, actor, pressed, proposed, now=now),
        )
        look()
        await answer(pressed.response_url, said, replace=True)
        await ack()

    @app.action(offer.CHANGE)
    async def change(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.press(body)
        who = (pressed.user_id, pressed.user_team_id)
        await open_setup(pressed.trigger_id, pressed.team_id, pressed.channel_id, *who, is_here=True)
        await ack()


def proposal(value: str) -> ChannelSettings:
    """Return the settings that a button carries: a schedule without exceptions, and what a quiet week brings.

    Nothing else is taken from it. Raises Malformed.
    """
    try:
        kept = json.loads(value)
        chosen = ChannelSettings.from_json(kept if isinstance(kept, dict) else {})
        schedule = replace(chosen.schedule, paused_until=None, is_paused=False, skipped_dates=frozenset())
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Malformed("value") from None
    return ChannelSettings(schedule, quiet_policy=chosen.quiet_policy)


def accepted(
    connection: Connection, actor: Actor, pressed: Press, proposed: ChannelSettings, *, now: datetime
) -> Message:
    """Give the channel the proposed settings, unless it has some, and return what the actor is told.

    Raises NotAllowed.
    """
    channel = channels.held(connection, pressed.team_id, pressed.channel_id)
    if channel.setup is not None:
        return offer.already(channel.schedule, channel.next_due_at, now=now)
    entry = channel_settings.change(
        connection, actor, pressed.team_id, pressed.channel_id, proposed, now=now, seen=channel.revision
    )
    assert entry is not None, "the channel had no settings"
    return offer.accepted(proposed.schedule, entry.next_due_at, now=now)
