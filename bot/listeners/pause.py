"""`/wins pause` and `/wins resume`: a hard week, a holiday, and what comes after."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.pause_dates import NoSuchDate, parse_pause_end, without_pauses
from bot.domain.permissions import Action, Actor
from bot.domain.schedules import Schedule
from bot.listeners.idempotent import run_once
from bot.services import channel_settings
from bot.services.access import Access
from bot.slack import payloads
from bot.slack.response_url import Respond
from bot.storage import channels
from bot.storage.database import Database
from bot.views import pause as view
from bot.views.format import Message

ChannelKey = tuple[str, str]


class PauseCommands:
    """What `/wins pause` and `/wins resume` answer; `look` makes the outbox look for the line that is owed."""

    def __init__(
        self, database: Database, access: Access, *, wake_scheduler: Callable[[], None], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._access = access
        self._wake_scheduler = wake_scheduler
        self._clock = clock

    async def pause(self, command: payloads.SlashCommand, typed: str) -> Message:
        """Pause until the date that was typed; without one, ask which pause it is to be."""
        actor, channel = await self._access.authorize(
            Action.CHANGE, *command.channel_key, command.user_id, is_here=True
        )
        if channel is None or channel.settings is None:
            return view.not_set_up()
        now = self._clock()
        if not typed:
            return view.ask_which_pause(channel, channel.schedule, now=now)
        try:
            day = parse_pause_end(payloads.clean(typed), today=channel.schedule.local_date(now))
        except NoSuchDate as refusal:
            return view.no_such_date(refusal)
        return await self._run(
            command, partial(pause, actor=actor, channel_key=command.channel_key, until=day, now=now), now
        )

    async def resume(self, command: payloads.SlashCommand, _: str) -> Message:
        """End a pause, and bring the dates back that were to be skipped."""
        actor, _channel = await self._access.authorize(
            Action.CHANGE, *command.channel_key, command.user_id, is_here=True
        )
        now = self._clock()
        return await self._run(command, partial(resume, actor=actor, channel_key=command.channel_key, now=now), now)

    async def _run(
        self, command: payloads.SlashCommand, work: Callable[[Connection], Message], now: datetime
    ) -> Message:
        message = await run_once(self._database, command, now=now, work=work)
        self._wake_scheduler()
        return message


def pause(connection: Connection, actor: Actor, channel_key: ChannelKey, until: date | None, now: datetime) -> Message:
    """Pause a channel's roundup until a local date, or (None) until somebody resumes it. Raises NotAllowed."""
    return _change_schedule(
        connection, actor, channel_key, lambda schedule: schedule.paused(until), skipped=None, now=now
    )


def skip(connection: Connection, actor: Actor, channel_key: ChannelKey, day: date, now: datetime) -> Message:
    """Skip the next roundup, if it is that of the local date `day`. Raises NotAllowed."""
    channel = channels.lock(connection, *channel_key)
    due_at = channel.next_due_at
    if channel.settings is not None and (due_at is None or channel.schedule.date_of(due_at) != day):
        return view.no_longer_next(channel)
    return _change_schedule(
        connection, actor, channel_key, lambda schedule: schedule.skipping(day), skipped=day, now=now
    )


def resume(connection: Connection, actor: Actor, channel_key: ChannelKey, now: datetime) -> Message:
    """End a pause, and forget the dates to come that were to be skipped. Raises NotAllowed."""
    channel = channels.lock(connection, *channel_key)
    if channel.settings is None:
        return view.not_set_up()
    schedule = without_pauses(channel.schedule, channel.schedule.local_date(now))
    if (
        channel_settings.change(connection, actor, *channel_key, channel.settings.with_schedule(schedule), now=now)
        is None
    ):
        return view.nothing_to_resume(channel)
    return view.resumed(channels.lock(connection, *channel_key))


def _change_schedule(
    connection: Connection,
    actor: Actor,
    channel_key: ChannelKey,
    change: Callable[[Schedule], Schedule],
    *,
    skipped: date | None,
    now: datetime,
) -> Message:
    channel = channels.lock(connection, *channel_key)
    if channel.settings is None:
        return view.not_set_up()
    schedule = change(channel.schedule)
    if (
        channel_settings.change(connection, actor, *channel_key, channel.settings.with_schedule(schedule), now=now)
        is None
    ):
        return view.already_paused(channel, schedule, now=now)
    return view.paused(channels.lock(connection, *channel_key), schedule, skipped=skipped, now=now)


def register(
    app: AsyncApp,
    *,
    database: Database,
    access: Access,
    respond: Respond,
    wake_scheduler: Callable[[], None],
    clock: Callable[[], datetime],
) -> None:
    """Listen for the buttons with which somebody chooses their pause."""

    async def handle_choice(body: dict[str, Any], ack: Callable[..., Any], work: Callable[..., Message]) -> None:
        action = payloads.message_action(body)
        channel_key = (action.team_id, action.channel_id)
        actor, _ = await access.authorize(Action.CHANGE, *channel_key, action.user_id, action.user_team_id)
        now = clock()
        message = await run_once(
            database, action, now=now, work=lambda connection: work(connection, actor, channel_key, action.value, now)
        )
        wake_scheduler()
        await respond(action.response_url, message, replace=True)
        await ack()

    @app.action(view.SKIP)
    async def skip_next(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_choice(
            body,
            ack,
            lambda connection, actor, channel_key, day, now: skip(
                connection, actor, channel_key, payloads.day(day), now
            ),
        )

    @app.action(view.PAUSE_UNTIL)
    async def pause_until_date(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_choice(body, ack, _pause_until)

    @app.action(view.PAUSE)
    async def pause_indefinitely(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_choice(
            body, ack, lambda connection, actor, channel_key, _, now: pause(connection, actor, channel_key, None, now)
        )


def _pause_until(connection: Connection, actor: Actor, channel_key: ChannelKey, day: str, now: datetime) -> Message:
    channel = channels.by_id(connection, *channel_key)
    if channel is None or channel.settings is None:
        return view.not_set_up()
    try:
        end = parse_pause_end(payloads.day(day).isoformat(), today=channel.schedule.local_date(now))
    except NoSuchDate as refusal:
        return view.no_such_date(refusal)
    return pause(connection, actor, channel_key, end, now)
