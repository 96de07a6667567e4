"""`/wins pause` and `/wins resume`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.pause_dates import Period, parse_pause
from bot.domain.permissions import Action, Actor
from bot.domain.typed_dates import NoSuchDate
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.services import channel_settings
from bot.services.channel_settings import PauseCode, PauseResult
from bot.services.idempotency import run_once
from bot.slack import payloads
from bot.storage import channels
from bot.storage.channels import Channel
from bot.views import pause as view
from bot.views.ephemeral import saved_but_not_shown, with_text_to_copy
from bot.views.format import Message
from bot.views.translations import ENGLISH


class Pauses:
    """What `/wins pause` and `/wins resume` do, and the buttons of the question that they ask."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def pause(self, command: payloads.SlashCommand, typed: str) -> Message:
        """Pause until the date that was typed; without one, ask how long to pause."""
        actor, channel = await self._deps.access.authorize(
            Action.CHANGE, *command.channel_key, command.user_id, command.user_team_id, is_here=command.is_typed
        )
        now = self._deps.clock()
        if channel is None or channel.settings is None:
            refusal = view.not_set_up(ENGLISH, channel, now=now)
            return with_text_to_copy(ENGLISH, refusal, f"/wins pause {typed}") if typed else refusal
        if not typed:
            return view.ask_which_pause(ENGLISH, channel, channel.schedule, now=now)
        return await self._pause(command, actor, channel, typed, now=now)

    async def resume(self, command: payloads.SlashCommand, _: str) -> Message:
        """End a pause, and restore the dates that were to be skipped."""
        actor, _channel = await self._deps.access.authorize(
            Action.CHANGE, *command.channel_key, command.user_id, command.user_team_id, is_here=command.is_typed
        )
        now = self._deps.clock()
        return await self._run(command, partial(channel_settings.resume, actor=actor, now=now), now=now)

    async def skip_next(self, action: payloads.MessageAction) -> Message:
        """Skip the roundup of the date that the button carries."""
        day = payloads.day(action.value)
        actor, _ = await self._authorize(action)
        now = self._deps.clock()
        work = partial(channel_settings.skip, actor=actor, day=day, now=now)
        return await self._run(action, work, now=now)

    async def pause_until(self, action: payloads.MessageAction) -> Message:
        """Pause until the date that was picked."""
        day = payloads.day(action.value)
        actor, channel = await self._authorize(action)
        now = self._deps.clock()
        if channel is None or channel.settings is None:
            return view.not_set_up(ENGLISH, channel, now=now)
        return await self._pause(action, actor, channel, day.isoformat(), now=now)

    async def pause_indefinitely(self, action: payloads.MessageAction) -> Message:
        """Pause until someone resumes."""
        actor, _ = await self._authorize(action)
        now = self._deps.clock()
        return await self._run(action, partial(channel_settings.pause, actor=actor, until=None, now=now), now=now)

    async def _pause(
        self,
        request: payloads.SlashCommand | payloads.MessageAction,
        actor: Actor,
        channel: Channel,
        typed: str,
        *,
        now: datetime,
    ) -> Message:
        today = channel.schedule.local_date(now)
        try:
            pause = parse_pause(typed, today=today)
        except NoSuchDate as refusal:
            return view.no_such_date(ENGLISH, refusal)
        work = (
            partial(channel_settings.skip_period, actor=actor, period=pause, now=now)
            if isinstance(pause, Period)
            else partial(channel_settings.pause, actor=actor, until=pause, now=now)
        )
        return await self._run(request, work, now=now)

    async def _authorize(self, action: payloads.MessageAction) -> tuple[Actor, Channel | None]:
        return await self._deps.access.authorize(
            Action.CHANGE, *action.channel_key, action.user_id, action.user_team_id
        )

    async def _run(
        self,
        request: payloads.SlashCommand | payloads.MessageAction,
        work: Callable[..., PauseResult],
        *,
        now: datetime,
    ) -> Message:
        team_id, channel_id = request.channel_key
        work = partial(work, team_id=team_id, channel_id=channel_id)
        result = await run_once(self._deps.database, request, PauseResult, work, now=now)
        self._deps.wake_scheduler()

        async def answer() -> Message:
            channel = await self._deps.database.read(partial(channels.by_id, team_id=team_id, channel_id=channel_id))
            return _answer(result, channel, now=now)

        return await (in_time(answer(), saved_but_not_shown(ENGLISH)) if result.code in _CHANGES else answer())


_CHANGES = {PauseCode.PAUSED, PauseCode.PAUSED_FOR_NONE, PauseCode.SKIPPED, PauseCode.RESUMED}


def _answer(result: PauseResult, channel: Channel | None, *, now: datetime) -> Message:  # noqa: PLR0911 - one for each result
    if result.code is PauseCode.NOT_CONFIGURED or channel is None:
        return view.not_set_up(ENGLISH, channel, now=now)
    match result.code:
        case PauseCode.PAUSED:
            return view.paused(ENGLISH, channel, now=now)
        case PauseCode.PAUSED_FOR_NONE:
            return view.paused(ENGLISH, channel, skips_none=True, now=now)
        case PauseCode.ALREADY_PAUSED | PauseCode.OFF:
            return view.already_paused(ENGLISH, channel, now=now)
        case PauseCode.SKIPPED:
            return view.skipped(ENGLISH, channel, result.skipped, today=channel.schedule.local_date(now), now=now)
        case PauseCode.NONE_THEN:
            return view.nothing_to_skip(ENGLISH, channel, now=now)
        case PauseCode.NOT_NEXT:
            return view.no_longer_next(ENGLISH, channel, now=now)
        case PauseCode.RESUMED:
            return view.resumed(ENGLISH, channel, now=now)
        case PauseCode.NOT_PAUSED:
            return view.nothing_to_resume(ENGLISH, channel, now=now)


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons with which someone chooses their pause."""
    pauses = Pauses(deps)

    def listen_for(action_id: str, choose: Callable[[payloads.MessageAction], Awaitable[Message]]) -> None:
        @app.action(action_id)
        async def handle_choice(body: dict[str, Any], ack: Callable[..., Any]) -> None:
            action = payloads.message_action(body)
            await deps.respond(action.response_url, await choose(action), replace=True)
            await ack()

    listen_for(view.SKIP, pauses.skip_next)
    listen_for(view.PAUSE_UNTIL, pauses.pause_until)
    listen_for(view.PAUSE, pauses.pause_indefinitely)
