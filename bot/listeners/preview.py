"""`/wins preview` shows what is in the next roundup, `/wins post` posts it early."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.permissions import Action, Actor, may
from bot.domain.roundups import RoundupPart
from bot.listeners.dependencies import Dependencies
from bot.listeners.settings_form import SettingsForm
from bot.services import roundups
from bot.services.idempotency import run_once
from bot.services.roundups import PostResult
from bot.slack import deadline, payloads
from bot.storage import users
from bot.storage.channels import Channel
from bot.storage.wins import left_in
from bot.views import ephemeral
from bot.views import preview as view
from bot.views.format import Message, Names
from bot.views.translations import ENGLISH


class PreviewCommands:
    """What `/wins preview` and `/wins post` do."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def preview(self, command: payloads.SlashCommand, _typed: str) -> Message | None:
        """Return the roundup as it would be posted now; all but its last message go out through the response_url.

        None if the last one does, too.
        """
        actor, channel = await self._deps.access.authorize(
            Action.SEE, *command.channel_key, command.user_id, command.user_team_id, is_here=command.is_typed
        )
        message, sent_count = await self._show(command, actor, channel, replaces=not command.is_typed)
        if sent_count and not command.is_typed:  # the first one has replaced the button
            await self._deps.respond(command.response_url, message)
            return None
        return message

    async def preview_instead(self, action: payloads.MessageAction) -> None:
        """Show the roundup as it would be posted now, in place of the question with the button."""
        actor, channel = await self._deps.access.authorize(
            Action.SEE, *action.channel_key, action.user_id, action.user_team_id
        )
        message, sent_count = await self._show(action, actor, channel, replaces=True)
        await self._deps.respond(action.response_url, message, replace=sent_count == 0)

    async def _show(
        self,
        request: payloads.SlashCommand | payloads.MessageAction,
        actor: Actor,
        channel: Channel | None,
        *,
        replaces: bool = False,
    ) -> tuple[Message, int]:
        """Send all messages of a preview but the last one; return that one, and how many were sent."""
        now = self._deps.clock()
        parts, names = await self._deps.database.read(partial(self._load_parts, channel=channel, now=now))
        sent_count = 0
        if parts:
            permalink = self._deps.clients.of(request.team_id).workspace.permalink
            messages = view.preview(ENGLISH, parts, names, channel=channel, permalink=permalink, now=now)
            sent_count = await self._send_in_order(request.response_url, messages[:-1], replaces=replaces)
            rest = sum(len(part.wins) for part in parts[sent_count + 1 :])
            message = view.with_rest(ENGLISH, messages[sent_count], rest)
        else:
            message = await self._no_wins(actor, channel, now=now)
        if channel is not None and may(actor, Action.CHANGE, channel.roles):
            is_reachable = channel.unavailable_reason is None
            message = view.with_buttons(
                ENGLISH, message, [win.id for part in parts for win in part.wins] if is_reachable else []
            )
        return message, sent_count

    async def _send_in_order(self, response_url: str, messages: Sequence[Message], *, replaces: bool) -> int:
        """Send messages in their order until Slack rejects one or time is up; return how many Slack took.

        With `replaces`, the first one takes the place of the message that the request came from.
        """
        sent_count = 0
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                for message in messages:
                    if not await self._deps.respond(response_url, message, replace=replaces and sent_count == 0):
                        break
                    sent_count += 1
        return sent_count

    async def post(self, command: payloads.SlashCommand, _typed: str) -> Message:
        """Ask whether to post the roundup now, and say what that means for the next one."""
        actor, channel = await self._deps.access.authorize(
            Action.CHANGE, *command.channel_key, command.user_id, command.user_team_id, is_here=command.is_typed
        )
        now = self._deps.clock()
        if channel is not None and channel.unavailable_reason is not None:
            return view.cannot_post(ENGLISH, channel, now=now)
        parts, _ = await self._deps.database.read(partial(self._load_parts, channel=channel, now=now))
        if channel is None or not parts:
            return await self._no_wins(actor, channel, now=now)
        wins = [win for part in parts for win in part.wins]
        target_channel_id = parts[0].target_channel_id
        return view.confirm_post_now(
            ENGLISH,
            len(wins),
            up_to=max(win.id for win in wins),
            next_due_at=channel.next_due_at,
            zone=parts[0].zone,
            target_channel_id=None if target_channel_id == channel.channel_id else target_channel_id,
        )

    async def _no_wins(self, actor: Actor, channel: Channel | None, *, now: datetime) -> Message:
        """Return why there is nothing to post; only those who may change that are told that wins are left for later."""
        if channel is None or not may(actor, Action.CHANGE, channel.roles):
            return view.no_wins(ENGLISH, channel, now=now)
        query = partial(left_in, team_id=channel.team_id, channel_id=channel.channel_id)
        return view.no_wins(ENGLISH, channel, left_count=len(await self._deps.database.read(query)), now=now)

    def _load_parts(
        self, connection: Connection, channel: Channel | None, now: datetime
    ) -> tuple[list[RoundupPart], Names]:
        if channel is None:
            return [], {}
        parts = roundups.preview(connection, channel, now=now)
        user_ids = {user_id for part in parts for user_id in part.user_ids}
        return parts, users.names(connection, channel.team_id, user_ids)


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons of that question and of a preview."""
    previews = PreviewCommands(deps)

    @app.action(view.PREVIEW)
    async def show_preview(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await previews.preview_instead(payloads.message_action(body))
        await ack()

    @app.action(view.SETTINGS)
    async def open_settings(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        form, user_and_team = SettingsForm(deps), (action.user_id, action.user_team_id)
        if not await form.open(action.trigger_id, *action.channel_key, *user_and_team):
            await deps.respond(action.response_url, ephemeral.modal_failed_to_open(ENGLISH))
        await ack()

    @app.action(view.POST_NOW)
    async def post(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        up_to = payloads.row_id(action.value)
        actor, channel = await deps.access.authorize(
            Action.CHANGE, *action.channel_key, action.user_id, action.user_team_id
        )
        now = deps.clock()
        if channel is not None and channel.unavailable_reason is not None:
            await deps.respond(action.response_url, view.cannot_post(ENGLISH, channel, now=now), replace=True)
            await ack()
            return
        result = await run_once(
            deps.database,
            action,
            PostResult,
            lambda connection: roundups.post_now(connection, actor, *action.channel_key, up_to=up_to, now=now),
            now=now,
        )
        deps.wake_scheduler()
        await deps.respond(action.response_url, view.posted(ENGLISH, result.win_count, channel, now=now), replace=True)
        await ack()

    @app.action(view.NOT_NOW)
    async def cancel(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await deps.respond(payloads.message_action(body).response_url, view.not_posted(ENGLISH), replace=True)
        await ack()
