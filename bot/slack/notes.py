"""The buttons of a note: whoever set a channel up says whether a roundup is there, has it posted, or wants no notes."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.slack import payloads
from bot.slack.answers import Answer
from bot.storage import deliveries, notes, requests
from bot.storage.database import Database
from bot.views import note, private
from bot.views.format import Message


def register(
    app: AsyncApp, *, database: Database, clock: Callable[[], datetime], look: Callable[[], None], answer: Answer
) -> None:
    """Listen for the buttons; `look` makes the outbox look for the messages that have to change."""

    async def once(body: dict[str, Any], work: Callable[[Connection, payloads.Press], Message]) -> None:
        pressed = payloads.press(body)
        now = clock()
        said = await database.write(
            lambda connection: requests.once(
                connection,
                pressed.team_id,
                pressed.request,
                now=now,
                work=lambda connection: work(connection, pressed),
            )
        )
        look()
        if said:
            await answer(pressed.response_url, said)

    @app.action(note.IT_IS_THERE)
    async def there(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await once(body, partial(decide, is_there=True))
        await ack()

    @app.action(note.POST_IT)
    async def post(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await once(body, partial(decide, is_there=False))
        await ack()

    @app.action(note.STOP)
    async def stop(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await once(body, partial(choose, wanted=False))
        await ack()

    @app.action(note.RESUME)
    async def resume(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await once(body, partial(choose, wanted=True))
        await ack()


def choose(connection: Connection, pressed: payloads.Press, *, wanted: bool) -> Message:
    """Stop the notes to whoever presses the button on one of theirs, or send them again; the note itself shows it."""
    delivery = deliveries.by_message(connection, (pressed.team_id, pressed.channel_id), pressed.message_ts)
    if delivery is None or (pressed.user_team_id, pressed.user_id) != (delivery.team_id, delivery.recipient):
        return note.not_yours()
    if wanted:
        notes.resume(connection, delivery)
    else:
        notes.stop(connection, delivery)
    return {}


def decide(connection: Connection, pressed: payloads.Press, *, is_there: bool) -> Message:
    """Do what the owner of the delivery's channel decided, and return what they are told."""
    delivery = deliveries.by_key(connection, pressed.team_id, pressed.value)
    if delivery is None or delivery.told_in is None:
        return private.gone()
    if pressed.user_team_id != pressed.team_id or pressed.user_id != notes.owner(connection, delivery):
        return note.not_yours()
    if not notes.decide(connection, delivery, is_there=is_there):
        return note.settled()
    return note.done()
