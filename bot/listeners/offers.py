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
from bot.listeners.idempotent import run_once
from bot.services import channel_settings
from bot.services.access import Access
from bot.slack import payloads
from bot.slack.payloads import Malformed, MessageAction
from bot.slack.response_url import Respond
from bot.storage import channels
from bot.storage.database import Database
from bot.views import offer
from bot.views.format import Message

OpenSettingsForm = Callable[..., Awaitable[object]]
"""open_setup(trigger_id, team id, channel id, user id, the user's team id): opens a channel's settings."""


def register(
    app: AsyncApp,
    *,
    database: Database,
    access: Access,
    clock: Callable[[], datetime],
    wake_scheduler: Callable[[], None],
    respond: Respond,
    open_settings_form: OpenSettingsForm,
) -> None:
    """Listen for both buttons; `look` makes the outbox look for the line that the channel is owed."""

    @app.action(offer.ACCEPT)
    async def accept_offer(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        settings = parse_proposal(action.value)
        user_and_team = (action.user_id, action.user_team_id)
        actor, _ = await access.authorize(Action.CHANGE, action.team_id, action.channel_id, *user_and_team)
        now = clock()
        message = await run_once(
            database,
            action,
            now=now,
            work=lambda connection: accept(connection, actor, action, settings, now=now),
        )
        wake_scheduler()
        await respond(action.response_url, message, replace=True)
        await ack()

    @app.action(offer.CHANGE)
    async def choose_another(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        user_and_team = (action.user_id, action.user_team_id)
        await open_settings_form(action.trigger_id, action.team_id, action.channel_id, *user_and_team, is_here=True)
        await ack()


def parse_proposal(value: str) -> ChannelSettings:
    """Return the settings that a button carries: a schedule without exceptions, and what a quiet week brings.

    Nothing else is taken from it. Raises Malformed.
    """
    try:
        data = json.loads(value)
        settings = ChannelSettings.from_json(data if isinstance(data, dict) else {})
        schedule = replace(settings.schedule, paused_until=None, is_paused=False, skipped_dates=frozenset())
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Malformed("value") from None
    return ChannelSettings(schedule, quiet_policy=settings.quiet_policy)


def accept(
    connection: Connection, actor: Actor, action: MessageAction, settings: ChannelSettings, *, now: datetime
) -> Message:
    """Give the channel the proposed settings, unless it has some, and return what the actor is told.

    Raises NotAllowed.
    """
    channel = channels.lock(connection, action.team_id, action.channel_id)
    if channel.settings is not None:
        return offer.already_configured(channel.schedule, channel.next_due_at, now=now)
    entry = channel_settings.change(
        connection, actor, action.team_id, action.channel_id, settings, now=now, expected_revision=channel.revision
    )
    assert entry is not None, "the channel had no settings"
    return offer.offer_accepted(settings.schedule, entry.next_due_at, now=now)
