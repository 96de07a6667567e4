"""The settings form of a channel's roundup: it opens at once, updates while it is filled in, and saves."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain import timezones
from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import (
    ChannelSettings,
    ChannelUnreachable,
    Conflict,
    TargetForbidden,
    TurnsOff,
    UnknownTarget,
    WouldLeak,
)
from bot.domain.permissions import Action, Actor, NotAllowed, may
from bot.domain.settings_form import InvalidForm, SettingsFormData, from_settings
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.form_state import FormState, parse_form_state
from bot.listeners.home import HomeTab
from bot.services import channel_settings
from bot.slack import payloads
from bot.slack.manifest import SCOPES
from bot.storage import audit_log, channels, users, workspaces
from bot.storage.channels import Channel
from bot.views import ephemeral, form_options, offer, refusals
from bot.views import settings_form as view
from bot.views.channel_status import OPEN_SETTINGS
from bot.views.format import Message, Names
from bot.views.inputs import ZONE_ACTION_ID, zone_option
from bot.views.translations import ENGLISH
from bot.views.zone_names import zone_names

DATE_COUNT = 3


class SettingsForm:
    """Opens, updates and saves the form."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def open_by_command(self, command: payloads.SlashCommand, _: str) -> Message | None:
        """Open the form for someone who typed `/wins setup`."""
        was_opened = await self.open(
            command.trigger_id,
            *command.channel_key,
            command.user_id,
            command.user_team_id,
            is_here=command.is_typed,
        )
        return None if was_opened else ephemeral.modal_failed_to_open(ENGLISH)

    async def open(
        self,
        trigger_id: str,
        team_id: str,
        channel_id: str,
        user_id: str,
        user_team_id: str | None = None,
        *,
        is_here: bool = False,
        offer_url: str = "",
    ) -> bool:
        """Show someone a channel's settings, to be changed if they may; False if Slack did not open a modal.

        `is_here` says that they acted in that very channel, so they are in it. `offer_url` is the response_url of the
        offer that they came from.
        """

        async def load_form() -> dict[str, Any]:
            actor, channel = await self._deps.access.authorize(
                Action.SEE, team_id, channel_id, user_id, user_team_id, is_here=is_here
            )
            if channel is None or channel.synced_at is None:
                missing_scopes = await self._deps.database.read(partial(_missing_scopes, team_id=team_id))
                return view.no_access_modal(ENGLISH, missing_scopes, now=self._deps.clock())
            return await self._render(actor, channel, offer_url=offer_url)

        return await self._deps.modals.open_then_fill(team_id, trigger_id, load_form, user_id=user_id)

    async def _render(
        self,
        actor: Actor,
        channel: Channel,
        form_state: FormState | None = None,
        *,
        target_reason: Unavailability | None = None,
        has_conflict: bool = False,
        offer_url: str = "",
    ) -> dict[str, Any]:
        """Return the form with what was entered, if anything was; for people who may only read them, the settings.

        With `has_conflict` it warns of someone else's change.
        """
        now = self._deps.clock()

        def load(connection: Connection) -> tuple[FormState, view.Form, Names, list[str]]:
            state = form_state or replace(_first_state(connection, actor, channel, now), offer_url=offer_url)
            missing_scopes = _missing_scopes(connection, channel.team_id)
            return state, *_load_form(connection, actor, channel, state, now=now), missing_scopes

        state, form, names, missing_scopes = await self._deps.database.read(load)
        warnings = view.warnings(ENGLISH, channel, target_reason, missing_scopes, now=now)
        if has_conflict:
            warnings.append(view.conflict_warning(ENGLISH, form.last_change, names, now=now))
        form = replace(form, warnings=warnings)
        if not may(actor, Action.CHANGE, channel.roles):
            return view.settings(ENGLISH, form, names)
        if state.asks_off:
            return view.confirm_off(ENGLISH, form, private_metadata=state.encode())
        return view.form(ENGLISH, form, names, private_metadata=state.encode())

    async def find_zones(self, team_id: str, user_id: str, typed: str) -> list[str]:
        """Return the time zones that match what was typed; if nothing was, the person's own comes first."""
        user = await self._deps.database.read(lambda connection: users.by_id(connection, team_id, user_id))
        own_zones = [user.zone] if user and user.zone else []
        names = await asyncio.to_thread(zone_names)
        return timezones.search(typed, names=names, now=self._deps.clock(), first=own_zones)

    async def update(self, action: payloads.ViewAction) -> None:
        """Update the form with what was just entered, unless it shows something newer already."""
        form_state = parse_form_state(action.private_metadata, action.state)
        actor, channel = await self._authorize(form_state, action.team_id, action.user_id, action.user_team_id)
        target_reason: Unavailability | None = None
        try:
            target_reason = await self._target_unavailability(channel, form_state, actor, action.user_team_id)
        except UnknownTarget:
            target_reason = Unavailability.REMOVED
        except TargetForbidden:
            pass  # saving says so
        form = await self._render(actor, channel, form_state, target_reason=target_reason)
        await self._deps.modals.update(action.team_id, action.view_id, form, view_hash=action.hash)

    async def save(self, submission: payloads.ViewSubmission) -> dict[str, Any]:
        """Save what was entered, and return the response to Slack."""
        form_state = parse_form_state(submission.private_metadata, submission.state)
        actor, channel = await self._authorize(
            form_state, submission.team_id, submission.user_id, submission.user_team_id
        )
        now = self._deps.clock()
        try:
            if channel.unavailable_reason is Unavailability.DELETED:
                raise ChannelUnreachable(channel.unavailable_reason)
            if (
                target_reason := await self._target_unavailability(channel, form_state, actor, submission.user_team_id)
            ) is not None:
                raise ChannelUnreachable(target_reason)
            work = partial(
                channel_settings.save_form,
                actor=actor,
                team_id=submission.team_id,
                channel_id=form_state.channel_id,
                entries=form_state.entries,
                sets_managers=form_state.has_managers_field,
                may_turn_off=form_state.asks_off,
                expected_revision=form_state.revision,
                now=now,
            )
            await self._deps.database.write(work)
        except InvalidForm as incomplete:
            texts = view.errors(ENGLISH)
            return _errors_response({name: texts[name] for name in incomplete.fields})
        except (WouldLeak, UnknownTarget, TargetForbidden, ChannelUnreachable) as refusal:
            return _errors_response({"posts_in": refusals.plain_text(refusals.explain_refusal(ENGLISH, refusal))})
        except TurnsOff:
            return {
                "response_action": "update",
                "view": await self._render(actor, channel, replace(form_state, asks_off=True)),
            }
        except Conflict:
            new_channel = await self._deps.access.channel(submission.team_id, form_state.channel_id) or channel
            new_state = replace(form_state, revision=new_channel.revision, asks_off=False)
            return {
                "response_action": "update",
                "view": await self._render(actor, new_channel, new_state, has_conflict=True),
            }
        if form_state.offer_url:
            await self._replace_offer(channel, form_state.offer_url, now=now)
        if channel.unavailable_reason is not None:
            return {"response_action": "update", "view": view.saved_while_away(ENGLISH, channel, now=now)}
        return {"response_action": "clear"}

    async def _replace_offer(self, channel: Channel, offer_url: str, *, now: datetime) -> None:
        """Replace the offer with what was saved; if that can't be read now, it stays and is refused later."""
        query = partial(channels.by_id, team_id=channel.team_id, channel_id=channel.channel_id)
        saved = await in_time(self._deps.database.read(query), None)
        if saved is not None and saved.settings is not None:
            message = offer.offer_accepted(ENGLISH, saved, saved.schedule, now=now)
            await self._deps.respond(offer_url, message, replace=True)

    async def _authorize(
        self, form_state: FormState, team_id: str, user_id: str, user_team_id: str
    ) -> tuple[Actor, Channel]:
        if form_state.user_id != user_id:
            raise NotAllowed(Action.CHANGE)
        actor, channel = await self._deps.access.authorize(
            Action.CHANGE, team_id, form_state.channel_id, user_id, user_team_id
        )
        if channel is None:  # it was deleted while the form was open
            raise NotAllowed(Action.CHANGE)
        return actor, channel

    async def _target_unavailability(
        self, channel: Channel, form_state: FormState, actor: Actor, user_team_id: str
    ) -> Unavailability | None:
        """Ask Slack about the target channel, and return why the bot can't post there.

        Raises UnknownTarget for one that the actor may not even know of, or TargetForbidden.
        """
        target = form_state.entries.posts_in
        if target is None or target == channel.channel_id:
            return None
        if channel.settings is not None and target == channel.settings.target_channel_id:
            return channels.unavailability(await self._deps.access.channel(channel.team_id, target))
        try:
            _, target_channel = await self._deps.access.authorize(
                Action.CHANGE, channel.team_id, target, actor.user_id, user_team_id
            )
        except NotAllowed as refusal:
            if refusal.action is Action.SEE:
                raise UnknownTarget from None
            raise TargetForbidden(refusal.helper_names) from None
        if target_channel is None or target_channel.synced_at is None:
            raise UnknownTarget
        return target_channel.unavailable_reason


def _first_state(connection: Connection, actor: Actor, channel: Channel, now: datetime) -> FormState:
    """Return what the form keeps when it opens."""
    base = channel_settings.current_or_default(connection, channel, actor.user_id, now=now)
    entries = from_settings(base, channel_id=channel.channel_id, today=base.schedule.local_date(now))
    return FormState(channel.channel_id, actor.user_id, channel.revision, entries)


def _load_form(
    connection: Connection, actor: Actor, channel: Channel, form_state: FormState, *, now: datetime
) -> tuple[view.Form, Names]:
    """Return what the form shows, without its warnings, and the names in it."""
    team_id = channel.team_id
    base = channel_settings.current_or_default(connection, channel, actor.user_id, now=now)
    settings = _to_settings(form_state.entries, base, channel.channel_id, now)
    user = users.by_id(connection, team_id, actor.user_id)
    last_change = audit_log.last_settings_change(connection, team_id, channel.channel_id)
    user_ids = {actor.user_id, *channel.roles.user_ids, *(last_change.user_ids if last_change else ())}
    form = view.Form(
        channel_id=channel.channel_id,
        channel=channel,
        stored_schedule=base.schedule,
        data=form_state.entries,
        settings=settings,
        dates=_next_dates(connection, channel, settings, now) if settings else (),
        own_zone=user.zone if user else None,
        may_name_managers=may(actor, Action.ASSIGN_MANAGERS, channel.roles),
        roles=channel.roles,
        last_change=last_change,
        warnings=(),
        now=now,
        is_public=channel.is_known_public,
    )
    return form, users.names(connection, team_id, user_ids)


def _missing_scopes(connection: Connection, team_id: str) -> list[str]:
    """Return the scopes that the workspace has not granted, as far as that is known."""
    granted = workspaces.scopes(connection, team_id)
    return sorted(SCOPES.keys() - granted) if granted else []


def _to_settings(
    entries: SettingsFormData, base: ChannelSettings, channel_id: str, now: datetime
) -> ChannelSettings | None:
    try:
        return entries.to_settings(base, channel_id=channel_id, today=entries.local_date(now))
    except InvalidForm:
        return None


def _next_dates(connection: Connection, channel: Channel, settings: ChannelSettings, now: datetime) -> list[datetime]:
    first = channels.preview_next_due(connection, channel.team_id, channel.channel_id, settings, now=now)
    return settings.schedule.upcoming(first, DATE_COUNT)


def _errors_response(errors: Mapping[str, str]) -> dict[str, Any]:
    return {"response_action": "errors", "errors": dict(errors)}


DISPATCHING_FIELDS = (
    *("state", "cadence", "weekdays", "weekday", "place", "day", "every_weeks", "every_months", "starts_on", "at"),
    *("posts_in", ZONE_ACTION_ID),
)
"""The fields whose change updates the form."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button that opens the form on the Home tab, for what is entered in it, and for its submission."""
    form = SettingsForm(deps)

    @app.action(OPEN_SETTINGS)
    async def open_form(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        channel_id = payloads.channel_id(action.value)
        await form.open(action.trigger_id, action.team_id, channel_id, action.user_id, action.user_team_id)
        await ack()

    async def update_form(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await form.update(payloads.view_action(body))
        await ack()

    for name in DISPATCHING_FIELDS:
        app.action({"action_id": name, "type": "block_actions"})(update_form)

    @app.view(view.CALLBACK_ID)
    async def save_form(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        response = await form.save(submission)
        deps.wake_scheduler()
        HomeTab(deps).publish_later(submission.team_id, submission.user_id)
        await ack(**response)

    @app.options(ZONE_ACTION_ID)
    async def suggest_zones(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        now = deps.clock()
        team_id, user_id = payloads.interaction_user(body)
        found = await form.find_zones(team_id, user_id, payloads.text(body, "value", default=""))
        await ack(options=[zone_option(each, form_options.zone_label(each, now)) for each in found])
