"""Saving the form of a win: what was entered is checked, stored once for each form, and its author is told."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.climbs import StepRefused
from bot.domain.entered_win import EnteredWin
from bot.domain.permissions import Action, NotAllowed
from bot.domain.win_form import FieldError, FormError, InvalidEntries, only_named, step_errors, to_draft
from bot.domain.wins import ClimbOfWin, Draft, Mention
from bot.domain.workspaces import SLACKBOT
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.listeners.saved_win import offered_after
from bot.listeners.step_fields import StepFields
from bot.listeners.win_form_state import (
    WinFormState,
    parse_entered,
    parse_win_form_state,
    render_win_form,
    win_form_key,
)
from bot.services import climb_steps, wins
from bot.services.win_channels import WinChannels
from bot.slack import payloads
from bot.storage import users
from bot.storage.wins import NewWin
from bot.views import ephemeral
from bot.views import win_form as view
from bot.views.format import Message
from bot.views.translations import ENGLISH
from bot.views.waiting import waiting


class WinFormSaving:
    """Saves what was entered in the form."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._channels = WinChannels(deps.access, deps.visibility, deps.database, deps.clock)
        self._steps = StepFields(deps, self._channels)

    async def save(self, submission: payloads.ViewSubmission) -> dict[str, Any]:
        """Save the win, once for each form, and return the response to Slack."""
        state, entered = parse_win_form_state(submission.private_metadata), parse_entered(submission.state)
        team_id, user_id = submission.team_id, submission.user_id
        if await self._deps.access.is_outsider(team_id, user_id, submission.user_team_id):
            raise NotAllowed(Action.SEE)
        if _lacks_field(entered, submission.state):
            return await self._ask_again(submission, state, entered)
        try:
            draft, bot_ids, author = await self._check(team_id, user_id, entered, state)
        except InvalidEntries as invalid:
            return _errors(invalid.errors, state)
        is_here = entered.is_private or entered.channel_id == state.channel_id
        in_thread = state.source if state.source and state.source.channel_id == entered.channel_id else None
        new_win = NewWin(
            draft,
            team_id,
            None if entered.is_private else entered.channel_id,
            win_form_key(submission.view_id),
            author,
            self._deps.clock(),
            source=state.source,
            thread_ts=None if in_thread is None else in_thread.thread_ts or in_thread.ts,
            former=only_named(draft, state.original, user_id),
        )
        try:
            saved = await wins.save(
                self._deps.database,
                new_win,
                limits=self._deps.win_limits,
                response_url=state.response_url if is_here and state.response_url else None,
                is_in_group=state.is_in_group and is_here,
                may_repeat=state.may_repeat,
                may_be_saved_before=state.source is None or state.is_saved_before,
                form=state.key_of(team_id, user_id),
                step_of=entered.step_of,
            )
        except StepRefused as refusal:  # since it was checked
            return _errors(step_errors(refusal.error), state)
        except wins.SavedBefore:
            return await self._ask_again(submission, replace(state, is_saved_before=True), entered)
        except wins.Repeated:
            return await self._ask_again(submission, replace(state, may_repeat=True), entered)
        if state.channel_id is None:  # perhaps from Home
            HomeTab(self._deps).publish_later(team_id, user_id)
        held = ""
        if new_win.channel_id is not None:
            if saved.is_held:
                held = waiting(ENGLISH, new_win.channel_id, is_in_group=state.is_in_group and is_here)
            self._deps.wake_sender((team_id, new_win.channel_id))
        offered: Sequence[Mention] = ()
        if new_win.channel_id is not None and draft.is_solo and not saved.is_held:
            offered = await in_time(offered_after(self._deps, (team_id, new_win.channel_id, user_id)), ())
        confirmation = ephemeral.win_saved(
            ENGLISH,
            draft,
            saved.id,
            bot_ids=bot_ids,
            former=new_win.former,
            is_private=entered.is_private,
            is_in_group=state.is_in_group and is_here,
            elsewhere=None if is_here else entered.channel_id,
            is_reply=in_thread is not None,
            held=held,
            climb=await in_time(self._climb(team_id, saved.id, entered), None),
            offered=offered,
        )
        return await self._confirm(confirmation, state)

    async def _ask_again(
        self, submission: payloads.ViewSubmission, state: WinFormState, entered: EnteredWin
    ) -> dict[str, Any]:
        """Return the response that shows the form again, with what was entered and the fields that it lacks."""
        fitting, label = await self._steps.shown(submission.team_id, submission.user_id, entered)
        if fitting != entered:
            state = replace(state, version=state.version + 1)
        return {"response_action": "update", "view": render_win_form(state, fitting, label)}

    async def _check(
        self, team_id: str, user_id: str, entered: EnteredWin, state: WinFormState
    ) -> tuple[Draft, set[str], Mention]:
        """Return the win, the bots in it, and its author. Raises InvalidEntries."""
        people = set(entered.whose) - {user_id} | set(entered.thanked)
        refusal, step_refusal, bot_ids = await asyncio.gather(
            self._refusal(team_id, user_id, entered, state),
            self._steps.refusal(team_id, user_id, entered),
            self._deps.bots_among(team_id, people),
        )
        names = await self._deps.database.read(partial(users.names, team_id=team_id, user_ids={user_id, *people}))
        self._deps.queue_user_lookup(team_id, user_id)  # a held win is listed before any message names its author
        bot_ids |= people & {SLACKBOT, self._deps.clients.of(team_id).workspace.bot_user_id}  # without asking Slack
        draft = to_draft(
            entered,
            user_id,
            names=names,
            bot_ids=bot_ids,
            refusal=refusal,
            step_refusal=step_refusal,
            original=state.original,
        )
        return draft, bot_ids, Mention(user_id, names.get(user_id))

    async def _climb(self, team_id: str, win_id: int, entered: EnteredWin) -> ClimbOfWin | None:
        """Return the climb of the win that was saved."""
        if entered.step_of is None:
            return None
        return await self._deps.database.read(partial(climb_steps.known_climb, team_id=team_id, win_id=win_id))

    async def _confirm(self, confirmation: Message, state: WinFormState) -> dict[str, Any]:
        """Show the author the confirmation: where they were, also in the thread, or else in place of the form."""
        thread_ts = None if state.source is None else state.source.thread_ts
        if state.response_url and await self._deps.respond(
            state.response_url, confirmation, replace=state.replaces, thread_ts=thread_ts
        ):
            return {"response_action": "clear"}
        return {"response_action": "update", "view": view.saved(ENGLISH, confirmation)}

    async def _refusal(
        self, team_id: str, user_id: str, entered: EnteredWin, state: WinFormState
    ) -> FieldError | Unavailability | None:
        """Return why the win can't be shared where it is to be, or None."""
        if entered.is_private or entered.channel_id is None:
            return None
        is_here = entered.channel_id == state.channel_id
        return await self._channels.refusal(
            team_id,
            user_id,
            entered.channel_id,
            has_response_url=is_here and bool(state.response_url or state.is_in_group),
            source=state.source,
        )


def _lacks_field(entered: EnteredWin, state: Mapping[str, Any]) -> bool:
    """Whether the form doesn't ask for something that what was chosen in it needs."""
    needs_name = entered.step_of is not None and entered.step_of.starts_climb
    lacks_channel = not entered.is_private and not view.has_channel_field(state)
    return lacks_channel or (needs_name and not view.has_name_field(state))


def _errors(errors: Mapping[str, FormError], state: WinFormState) -> dict[str, Any]:
    return {"response_action": "errors", "errors": view.errors(ENGLISH, errors, version=state.version)}
