"""The buttons of a note: whoever set a channel up says whether a roundup is there, or has it posted."""

from collections.abc import Callable
from datetime import datetime
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

    async def decided(body: dict[str, Any], *, is_there: bool) -> None:
        pressed = payloads.press(body)
        now = clock()
        said = await database.write(
            lambda connection: requests.once(
                connection,
                pressed.team_id,
                pressed.request,
                now=now,
                work=lambda connection: decide(connection, pressed, is_there=is_there),
            )
        )
        look()
        await answer(pressed.response_url, said)

    @app.action(note.IT_IS_THERE)
    async def there(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await decided(body, is_there=True)
        await ack()

    @app.action(note.POST_IT)
    async def post(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await decided(body, is_there=False)
        await ack()


def decide(connection: Connection, pressed: payloads.Press, *, is_there: bool) -> Message:
    """Do what the owner of the delivery's channel decided, and return what they are told."""
    delivery = deliveries.by_key(connection, pressed.team_id, pressed.value)
    if delivery is None or delivery.told_in is None:
        return private.gone()
    told = deliveries.by_id(connection, delivery.told_in).recipient  # before the channel had an owner, perhaps
    if pressed.user_team_id != pressed.team_id or pressed.user_id not in (told, notes.owner(connection, delivery)):
        return note.not_yours()
    if not notes.decide(connection, delivery, is_there=is_there):
        return note.settled()
    return note.done()
