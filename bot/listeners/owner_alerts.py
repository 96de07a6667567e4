"""The buttons of a note, on the Home tab too: somebody says whether a roundup is there, has it
posted, or wants no notes.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.permissions import Action, Actor
from bot.listeners.home import HomeTab
from bot.listeners.idempotent import once
from bot.services import owner_alerts
from bot.services.access import Access
from bot.slack import payloads
from bot.slack.modals import Windows
from bot.slack.response_url import Respond
from bot.storage import deliveries
from bot.storage.database import Database
from bot.views import ephemeral, owner_alert, refusals
from bot.views.format import Message


def register(
    app: AsyncApp,
    *,
    database: Database,
    gate: Access,
    tab: HomeTab,
    windows: Windows,
    clock: Callable[[], datetime],
    look: Callable[[], None],
    answer: Respond,
) -> None:
    """Listen for the buttons; `look` makes the outbox look for the messages that have to change."""

    async def enters(pressed: payloads.Press | payloads.ViewPress) -> Actor:
        """Say who acts, who must be somebody who may know of the channel."""
        channel_id = await database.read(partial(whose, team_id=pressed.team_id, key=pressed.value))
        if channel_id is None:
            return await gate.actor(pressed.team_id, pressed.user_id, pressed.user_team_id)
        actor, _ = await gate.authorize(
            Action.RESOLVE, pressed.team_id, channel_id, pressed.user_id, pressed.user_team_id
        )
        return actor

    async def decided(body: dict[str, Any], *, is_there: bool) -> None:
        pressed = payloads.view_press(body) if "view" in body else payloads.press(body)
        actor, now = await enters(pressed), clock()
        work = partial(decide, team_id=pressed.team_id, key=pressed.value, actor=actor, is_there=is_there, now=now)
        said = await once(database, pressed, now=now, work=work)
        look()
        if isinstance(pressed, payloads.Press):
            await answer(pressed.response_url, said)
            return
        if said != owner_alert.done():
            await windows.open(pressed.trigger_id, refusals.in_a_window(said))
        await tab.republish_after(pressed)

    @app.action(owner_alert.IT_IS_THERE)
    async def there(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await decided(body, is_there=True)
        await ack()

    @app.action(owner_alert.POST_IT)
    async def post(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await decided(body, is_there=False)
        await ack()

    async def chosen(body: dict[str, Any], *, wanted: bool) -> None:
        pressed = payloads.press(body)
        work = partial(choose, pressed=pressed, wanted=wanted)
        said = await once(database, pressed, now=clock(), work=work)
        look()
        if said:
            await answer(pressed.response_url, said)

    @app.action(owner_alert.STOP)
    async def stop(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await chosen(body, wanted=False)
        await ack()

    @app.action(owner_alert.RESUME)
    async def resume(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await chosen(body, wanted=True)
        await ack()


def choose(connection: Connection, pressed: payloads.Press, *, wanted: bool) -> Message:
    """Stop the notes to whoever presses the button on one of theirs, or send them again; the note itself shows it."""
    delivery = deliveries.by_message(connection, (pressed.team_id, pressed.channel_id), pressed.message_ts)
    if delivery is None or (pressed.user_team_id, pressed.user_id) != (delivery.team_id, delivery.recipient):
        return owner_alert.not_yours()
    if wanted:
        owner_alerts.resume(connection, delivery)
    else:
        owner_alerts.stop(connection, delivery)
    return {}


def whose(connection: Connection, team_id: str, key: str) -> str | None:
    """Return the channel that a delivery belongs to; None for what is no such delivery."""
    delivery = deliveries.by_key(connection, team_id, key)
    if delivery is None or delivery.kind not in DECIDABLE:
        return None
    return owner_alerts.channel_of(connection, delivery)


def decide(connection: Connection, team_id: str, key: str, *, actor: Actor, is_there: bool, now: datetime) -> Message:
    """Do what was decided about a delivery, and return what the actor is told. Raises NotAllowed."""
    delivery = deliveries.by_key(connection, team_id, key)
    if delivery is None or delivery.kind not in DECIDABLE:
        return ephemeral.gone()
    if not owner_alerts.decide(connection, delivery, is_there=is_there, actor=actor, now=now):
        return owner_alert.settled()
    return owner_alert.done()


DECIDABLE = (deliveries.ROUNDUP, deliveries.ANNOUNCEMENT)
"""The messages that somebody may have to decide about."""
