"""Setting a channel's roundup up: the form opens at once, answers while it is filled in, asks again who saves it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain import timezones
from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import (
    ChannelSettings,
    ChannelUnreachable,
    Conflict,
    TargetForbidden,
    UnknownTarget,
    WouldLeak,
)
from bot.domain.permissions import Action, Actor, NotAllowed, may
from bot.domain.schedules import FALLBACK_ZONE, is_zone
from bot.domain.settings_form import InvalidForm, SettingsFormData, from_settings
from bot.services import channel_settings
from bot.services.access import Access
from bot.slack import payloads, view_state
from bot.slack.manifest import SCOPES
from bot.slack.modals import Windows
from bot.storage import audit_log, channels, users, workspaces
from bot.storage.channels import Channel
from bot.storage.database import Database
from bot.views import ephemeral, refusals
from bot.views import settings_form as view
from bot.views.format import Message
from bot.views.inputs import ZONE, zone_option

SHOWN_DATES = 3


@dataclass(frozen=True)
class Open:
    """What an open form keeps: whose it is, of which channel, what they have seen, and all that was entered so far.

    `names_managers` is whether it asks who else may change this.
    """

    channel_id: str
    user_id: str
    revision: int
    entries: SettingsFormData
    names_managers: bool = False

    def kept(self) -> str:
        """Return it as text, for the view's private_metadata."""
        return json.dumps(
            {
                "channel": self.channel_id,
                "user": self.user_id,
                "revision": self.revision,
                # Those who may change things are shown in full, and there may be many of them.
                "entries": self.entries.to_json() | {"managers": []},
            },
            separators=(",", ":"),
        )


def read_open(kept: str, state: Mapping[str, Any]) -> Open:
    """Read what a form kept, with what is entered in it by now. Raises Malformed for what is none of ours."""
    try:
        held = json.loads(kept)
        entries = SettingsFormData().updated(held["entries"]).updated(view_state.parse_state(state))
        channel_id, user_id, revision = held["channel"], held["user"], held["revision"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise payloads.Malformed("private_metadata") from None
    if not (isinstance(revision, int) and isinstance(user_id, str) and entries.is_well_typed):
        raise payloads.Malformed("private_metadata")
    return Open(payloads.channel_id(channel_id), user_id, revision, entries, "managers" in state)


class SetupForm:
    """The form: what it shows, and what becomes of what is entered."""

    def __init__(self, database: Database, gate: Access, windows: Windows, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._gate = gate
        self._windows = windows
        self._clock = clock

    async def asked(self, asked: payloads.SlashCommand, _: str) -> Message | None:
        """Open the form for somebody who typed `/wins setup`."""
        is_open = await self.open(asked.trigger_id, *asked.channel_key, asked.user_id, is_here=True)
        return None if is_open else ephemeral.form_did_not_open()

    async def open(
        self,
        trigger_id: str,
        team_id: str,
        channel_id: str,
        user_id: str,
        user_team_id: str | None = None,
        *,
        is_here: bool = False,
    ) -> bool:
        """Show somebody a channel's settings, to be changed if they may; False if Slack did not open a modal.

        `is_here` says that Slack has let them act in that very channel.
        """

        async def made() -> dict[str, Any]:
            actor, channel = await self._gate.authorize(
                Action.SEE, team_id, channel_id, user_id, user_team_id, is_here=is_here
            )
            if channel is None or channel.surveyed_at is None:
                return view.cannot_see(await self._database.read(partial(_lacking, team_id=team_id)))
            return await self._database.read(partial(self._begun, actor=actor, channel=channel))

        return await self._windows.answer(trigger_id, made, who=user_id)

    def _begun(self, connection: Connection, actor: Actor, channel: Channel) -> dict[str, Any]:
        now = self._clock()
        base = _base(connection, channel, actor.user_id, now)
        today = base.schedule.local_date(now)
        entries = from_settings(base, channel_id=channel.channel_id, today=today)
        form = Open(channel.channel_id, actor.user_id, channel.revision, entries)
        return self._view(connection, actor, channel, form, now=now)

    def _view(
        self,
        connection: Connection,
        actor: Actor,
        channel: Channel,
        form: Open,
        *,
        now: datetime,
        target: Unavailability | None = None,
        warn: bool = False,
    ) -> dict[str, Any]:
        """The form with what is entered, or the settings for who may only read them; `warn` of another's change."""
        team_id = channel.team_id
        base = _base(connection, channel, actor.user_id, now)
        setup = _made(form.entries, base, channel.channel_id, now)
        person = users.by_id(connection, team_id, actor.user_id)
        last = audit_log.last_of(connection, team_id, channel.channel_id)
        known = {actor.user_id, *channel.place.user_ids, *(last.user_ids if last else ())}
        names = users.names(connection, team_id, known)
        lacks = view.lacks(channel.away, target, _lacking(connection, team_id))
        shown = view.Form(
            channel_id=channel.channel_id,
            entries=form.entries,
            setup=setup,
            dates=_dates(connection, channel, setup, now) if setup else (),
            own_zone=person.zone if person else None,
            may_name=may(actor, Action.ASSIGN_MANAGERS, channel.place),
            place=channel.place,
            last_change=last,
            lacks=[*lacks, *([view.changed_meanwhile(last, names, now=now)] if warn else [])],
            now=now,
        )
        if not may(actor, Action.CHANGE, channel.place):
            return view.settings(shown, names)
        return view.form(shown, names, keeps=form.kept())

    async def zones(self, team_id: str, user_id: str, typed: str) -> list[str]:
        """Return the time zones that somebody may mean; their own comes first where nothing was `typed`."""
        person = await self._database.read(lambda connection: users.by_id(connection, team_id, user_id))
        return timezones.search(typed, first=[person.zone] if person and person.zone else ())

    async def answer(self, pressed: payloads.ViewAction) -> None:
        """Show the form as it is with what was just entered, unless something newer is shown by now."""
        form = read_open(pressed.private_metadata, pressed.state)
        actor, channel = await self._enter(form, pressed.team_id, pressed.user_id, pressed.user_team_id)
        target: Unavailability | None = None
        try:
            target = await self._target(channel, form, actor, pressed.user_team_id)
        except UnknownTarget:
            target = Unavailability.REMOVED
        except TargetForbidden:
            pass  # that is said when it is saved
        now = self._clock()
        shown = await self._database.read(
            lambda connection: self._view(connection, actor, channel, form, now=now, target=target)
        )
        await self._windows.update(pressed.view_id, shown, seen=pressed.hash)

    async def save(self, sent: payloads.ViewSubmission) -> dict[str, Any]:
        """Put what was entered in place, and return what Slack is answered."""
        form = read_open(sent.private_metadata, sent.state)
        actor, channel = await self._enter(form, sent.team_id, sent.user_id, sent.user_team_id)
        now = self._clock()
        try:
            if channel.away is Unavailability.DELETED:
                raise ChannelUnreachable(channel.away)
            if (away := await self._target(channel, form, actor, sent.user_team_id)) is not None:
                raise ChannelUnreachable(away)
            await self._database.write(partial(self._put, actor=actor, form=form, team_id=sent.team_id, now=now))
        except InvalidForm as incomplete:
            return _errors({name: view.ERRORS[name] for name in incomplete.fields})
        except (WouldLeak, UnknownTarget, TargetForbidden, ChannelUnreachable) as refusal:
            return _errors({"posts_in": refusals.plain(refusals.refused(refusal))})
        except Conflict:
            newer = await self._gate.channel(sent.team_id, form.channel_id)
            assert newer is not None, "a channel that was changed is known"
            again = replace(form, revision=newer.revision)
            shown = await self._database.read(
                lambda connection: self._view(connection, actor, newer, again, now=now, warn=True)
            )
            return {"response_action": "update", "view": shown}
        if channel.away is not None:
            return {"response_action": "update", "view": view.saved_unseen(channel.away)}
        return {"response_action": "clear"}

    def _put(self, connection: Connection, actor: Actor, form: Open, team_id: str, now: datetime) -> None:
        channel = channels.held(connection, team_id, form.channel_id)
        base = _base(connection, channel, actor.user_id, now)
        entries = form.entries
        if not (form.names_managers and may(actor, Action.ASSIGN_MANAGERS, channel.place)):
            entries = replace(entries, managers=tuple(sorted(base.manager_ids)))
        setup = entries.to_settings(base, channel_id=form.channel_id, today=_today(entries, now))
        channel_settings.change(connection, actor, team_id, form.channel_id, setup, now=now, seen=form.revision)

    async def _enter(self, form: Open, team_id: str, user_id: str, user_team_id: str) -> tuple[Actor, Channel]:
        if form.user_id != user_id:
            raise NotAllowed(Action.CHANGE)
        actor, channel = await self._gate.authorize(Action.CHANGE, team_id, form.channel_id, user_id, user_team_id)
        assert channel is not None, "nobody may change a channel that was never met"
        return actor, channel

    async def _target(self, channel: Channel, form: Open, actor: Actor, user_team_id: str) -> Unavailability | None:
        """Ask Slack about the channel that the roundup is to go to, and return why the bot can't post there.

        Raises TargetIsNotKnown for one that the actor may not even know of, or TargetIsNotYours.
        """
        target = form.entries.posts_in
        if target is None or target == channel.channel_id:
            return None
        if channel.setup is not None and target == channel.setup.target_channel_id:
            known = await self._gate.channel(channel.team_id, target)
            return known.away if known else Unavailability.REMOVED
        try:
            _, known = await self._gate.authorize(Action.CHANGE, channel.team_id, target, actor.user_id, user_team_id)
        except NotAllowed as refusal:
            raise (UnknownTarget if refusal.action is Action.SEE else TargetForbidden) from None
        if known is None or known.surveyed_at is None:
            raise UnknownTarget
        return known.away


def _base(connection: Connection, channel: Channel, user_id: str, now: datetime) -> ChannelSettings:
    """The settings that a form begins with: the channel's, or what is proposed."""
    if channel.setup is not None:
        return channel.setup
    person = users.by_id(connection, channel.team_id, user_id)
    return workspaces.proposal(connection, channel.team_id, zone=person.zone if person else None, now=now)


def _lacking(connection: Connection, team_id: str) -> list[str]:
    """The scopes that the workspace has not granted, as far as that is known."""
    granted = workspaces.scopes(connection, team_id)
    return sorted(SCOPES.keys() - granted) if granted else []


def _made(entries: SettingsFormData, base: ChannelSettings, channel_id: str, now: datetime) -> ChannelSettings | None:
    try:
        return entries.to_settings(base, channel_id=channel_id, today=_today(entries, now))
    except InvalidForm:
        return None


def _today(entries: SettingsFormData, now: datetime) -> date:
    zone = entries.zone if entries.zone and is_zone(entries.zone) else FALLBACK_ZONE
    return now.astimezone(ZoneInfo(zone)).date()


def _dates(connection: Connection, channel: Channel, setup: ChannelSettings, now: datetime) -> list[datetime]:
    first = channels.due_if_set(connection, channel.team_id, channel.channel_id, setup, now=now)
    return setup.schedule.upcoming(first, SHOWN_DATES)


def _errors(under: Mapping[str, str]) -> dict[str, Any]:
    return {"response_action": "errors", "errors": dict(under)}


ANSWERING = (
    *("state", "cadence", "weekdays", "weekday", "place", "day", "every_weeks", "every_months", "starts_on", "at"),
    *("posts_in", ZONE),
)
"""The fields after which the form shows something else."""


def register(
    app: AsyncApp,
    *,
    form: SetupForm,
    look: Callable[[], None],
    changed: Callable[[str, str], None],
    clock: Callable[[], datetime],
) -> None:
    """Listen to the form; `look` makes the outbox look, `changed` (team, user) makes somebody's Home new."""

    async def entered(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await form.answer(payloads.view_action(body))
        await ack()

    for name in ANSWERING:
        app.action({"action_id": name, "type": "block_actions"})(entered)

    @app.view(view.CALLBACK)
    async def saved(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        sent = payloads.view_submission(body)
        answer = await form.save(sent)
        look()
        changed(sent.team_id, sent.user_id)
        await ack(**answer)

    @app.options(ZONE)
    async def zone(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        now = clock()
        team_id, user_id = (payloads.slack_id(payloads.nested(body, name), "id") for name in ("team", "user"))
        found = await form.zones(team_id, user_id, payloads.text(body, "value", default=""))
        await ack(options=[zone_option(each, view.zone_label(each, now)) for each in found])
