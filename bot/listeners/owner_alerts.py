"""The buttons of a note, on the Home tab too: somebody says whether a roundup is there, has it
posted, or wants no notes.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.permissions import Action, Actor
from bot.listeners.home import HomeTab
from bot.listeners.idempotent import run_once
from bot.services import owner_alerts
from bot.services.access import Access
from bot.slack import payloads
from bot.slack.modals import Modals
from bot.slack.response_url import Respond
from bot.storage import deliveries
from bot.storage.database import Database
from bot.views import ephemeral, owner_alert, refusals
from bot.views.format import Message


def register(
    app: AsyncApp,
    *,
    database: Database,
    access: Access,
    home_tab: HomeTab,
    modals: Modals,
    clock: Callable[[], datetime],
    wake_scheduler: Callable[[], None],
    respond: Respond,
) -> None:
    """Listen for the buttons; `look` makes the outbox look for the messages that have to change."""

    async def authorize(action: payloads.MessageAction | payloads.ViewAction) -> Actor:
        """Say who acts, who must be somebody who may know of the channel."""
        channel_id = await database.read(partial(channel_of_key, team_id=action.team_id, key=action.value))
        if channel_id is None:
            return await access.actor(action.team_id, action.user_id, action.user_team_id)
        actor, _ = await access.authorize(
            Action.RESOLVE, action.team_id, channel_id, action.user_id, action.user_team_id
        )
        return actor

    async def handle_resolution(body: dict[str, Any], *, is_posted: bool) -> None:
        action = payloads.view_action(body) if "view" in body else payloads.message_action(body)
        actor, now = await authorize(action), clock()
        work = partial(resolve, team_id=action.team_id, key=action.value, actor=actor, is_posted=is_posted, now=now)
        message = await run_once(database, action, now=now, work=work)
        wake_scheduler()
        if isinstance(action, payloads.MessageAction):
            await respond(action.response_url, message)
            return
        if message != owner_alert.decision_noted():
            await modals.open(action.trigger_id, refusals.error_modal(message))
        await home_tab.republish_after(action)

    @app.action(owner_alert.MARK_POSTED)
    async def mark_posted(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_resolution(body, is_posted=True)
        await ack()

    @app.action(owner_alert.REPOST)
    async def repost(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_resolution(body, is_posted=False)
        await ack()

    async def handle_opt_out(body: dict[str, Any], *, wants_alerts: bool) -> None:
        action = payloads.message_action(body)
        work = partial(set_opt_out, action=action, wants_alerts=wants_alerts)
        message = await run_once(database, action, now=clock(), work=work)
        wake_scheduler()
        if message:
            await respond(action.response_url, message)

    @app.action(owner_alert.STOP_ALERTS)
    async def opt_out(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_opt_out(body, wants_alerts=False)
        await ack()

    @app.action(owner_alert.RESUME_ALERTS)
    async def opt_in(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_opt_out(body, wants_alerts=True)
        await ack()


def set_opt_out(connection: Connection, action: payloads.MessageAction, *, wants_alerts: bool) -> Message:
    """Stop the notes to whoever presses the button on one of theirs, or send them again; the note itself shows it."""
    delivery = deliveries.by_message(connection, (action.team_id, action.channel_id), action.message_ts)
    if delivery is None or (action.user_team_id, action.user_id) != (delivery.team_id, delivery.recipient):
        return owner_alert.not_your_alert()
    if wants_alerts:
        owner_alerts.opt_in(connection, delivery)
    else:
        owner_alerts.opt_out(connection, delivery)
    return {}


def channel_of_key(connection: Connection, team_id: str, key: str) -> str | None:
    """Return the channel that a delivery belongs to; None for what is no such delivery."""
    delivery = deliveries.by_key(connection, team_id, key)
    if delivery is None or delivery.kind not in RESOLVABLE_KINDS:
        return None
    return owner_alerts.channel_of(connection, delivery)


def resolve(connection: Connection, team_id: str, key: str, *, actor: Actor, is_posted: bool, now: datetime) -> Message:
    """Do what was decided about a delivery, and return what the actor is told. Raises NotAllowed."""
    delivery = deliveries.by_key(connection, team_id, key)
    if delivery is None or delivery.kind not in RESOLVABLE_KINDS:
        return ephemeral.win_not_found()
    if not owner_alerts.resolve(connection, delivery, is_posted=is_posted, actor=actor, now=now):
        return owner_alert.already_resolved()
    return owner_alert.decision_noted()


RESOLVABLE_KINDS = (DeliveryKind.ROUNDUP, DeliveryKind.ANNOUNCEMENT)
"""The messages that somebody may have to decide about."""
