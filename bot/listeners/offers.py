"""The buttons of an offer: someone accepts the proposed schedule of a channel, or picks another."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import Action
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.settings_form import SettingsForm
from bot.services import offers
from bot.services.idempotency import run_once
from bot.services.offers import OfferResult
from bot.slack import payloads
from bot.slack.payloads import Malformed
from bot.storage import channels
from bot.storage.channels import Channel
from bot.views import ephemeral, offer
from bot.views.format import Message
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for both buttons."""

    @app.action(offer.ACCEPT)
    async def accept_offer(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        settings = parse_proposal(action.value)
        team_id, channel_id = action.team_id, action.channel_id
        actor, _ = await deps.access.authorize(Action.CHANGE, team_id, channel_id, action.user_id, action.user_team_id)
        now = deps.clock()
        work = partial(offers.accept, actor=actor, team_id=team_id, channel_id=channel_id, settings=settings, now=now)
        result = await run_once(deps.database, action, OfferResult, work, now=now)
        deps.wake_scheduler()

        async def answer() -> Message | None:
            channel = await deps.database.read(partial(channels.by_id, team_id=team_id, channel_id=channel_id))
            return None if channel is None else _answer(result, channel, settings, now=now)

        is_saved = result is OfferResult.ACCEPTED
        message = await (in_time(answer(), ephemeral.saved_but_not_shown(ENGLISH)) if is_saved else answer())
        if message is not None:
            await deps.respond(action.response_url, message, replace=True)
        await ack()

    @app.action(offer.CHANGE)
    async def choose_another(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        user_and_team = (action.user_id, action.user_team_id)
        if not await SettingsForm(deps).open(
            action.trigger_id,
            action.team_id,
            action.channel_id,
            *user_and_team,
            is_here=True,
            offer_url=action.response_url,
        ):
            await deps.respond(action.response_url, ephemeral.modal_failed_to_open(ENGLISH))
        await ack()


def parse_proposal(value: str) -> ChannelSettings:
    """Return the settings that a button carries: a schedule without pauses, and the policy for quiet weeks.

    Nothing else is taken from it. Raises Malformed.
    """
    try:
        data = json.loads(value)
        settings = ChannelSettings.from_json(data if isinstance(data, dict) else {})
        schedule = replace(settings.schedule.resumed(), skipped_dates=frozenset())
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Malformed("value") from None
    return ChannelSettings(schedule, quiet_policy=settings.quiet_policy)


def _answer(result: OfferResult, channel: Channel, settings: ChannelSettings, *, now: datetime) -> Message:
    match result:
        case OfferResult.ACCEPTED:
            return offer.offer_accepted(ENGLISH, channel, settings.schedule, now=now)
        case OfferResult.ALREADY_CONFIGURED:
            return offer.already_configured(ENGLISH, channel, channel.schedule, now=now)
