"""The form of a win: it opens at once, and keeps what is entered until it is saved (win_form_saving.py)."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy.exc import DBAPIError

from bot.domain.entered_win import NO_TEXT, EnteredWin, OriginalText
from bot.domain.markup import find_people, only_people, with_names
from bot.domain.win_form import is_blank, with_whose
from bot.domain.wins import Mention, MessageSource
from bot.listeners.dependencies import Dependencies
from bot.listeners.edit_form_state import parse_edit_form_state
from bot.listeners.step_fields import StepFields
from bot.listeners.win_editor import WinEditor
from bot.listeners.win_form_saving import WinFormSaving
from bot.listeners.win_form_state import (
    WinFormState,
    parse_entered,
    parse_win_form_state,
    render_win_form,
    win_form_key,
)
from bot.services import unsaved_wins
from bot.services.win_channels import WinChannels
from bot.slack import payloads
from bot.slack.manifest import SAVE_WIN_SHORTCUT
from bot.storage import unsaved_wins as unsaved_queries
from bot.storage import users
from bot.storage.unsaved_wins import UnsavedWin
from bot.views import edit_win
from bot.views import win_form as view
from bot.views.format import Message
from bot.views.roundup import ADD_WIN, HERE
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)


class WinForm:
    """Opens the form, and keeps what is entered in it."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._channels = WinChannels(deps.access, deps.visibility, deps.database, deps.clock)
        self._steps = StepFields(deps, self._channels)
        self._editor = WinEditor(deps)

    async def open(
        self,
        trigger_id: str,
        team_id: str,
        user_id: str,
        *,
        channel_id: str | None,
        entered: EnteredWin | None = None,
        unsaved_id: int | None = None,
        source: MessageSource | None = None,
        response_url: str = "",
        replaces: bool = False,
        is_in_group: bool = False,
        suggested_channel_id: str | None = None,
    ) -> bool:
        """Show someone the form; False if Slack did not open it: answer with `answer_with_button` then.

        `channel_id` is where they are, None if Slack doesn't say. It is filled in with `entered`, with the unsaved win
        `unsaved_id`, or with what they entered before about the message `source`, or about none. Through the
        `response_url` of their request they are told what became of it; that `replaces` the message they pressed.
        An empty form suggests the channel `suggested_channel_id` if they are in it, and else the one where they are.
        """
        state = WinFormState(channel_id, response_url, replaces, is_in_group, source, unsaved_id)
        if entered is None and unsaved_id is None and source is None and suggested_channel_id is None:
            state = replace(state, opened_at=self._deps.clock())
            query = partial(unsaved_queries.latest, team_id=team_id, user_id=user_id, source=None)
            view_id, kept = await asyncio.gather(
                self._deps.modals.open(team_id, trigger_id, _render_blank(state, user_id)),
                self._deps.database.read(query),
                return_exceptions=True,
            )
            if isinstance(view_id, BaseException):
                raise view_id
            if view_id is not None and not (kept is None or (isinstance(kept, UnsavedWin) and is_blank(kept.entered))):
                # Until it shows what is kept, what is entered in it leaves that alone.
                restore = partial(self._restore, kept, state)
                self._deps.background.spawn(self._deps.modals.fill(team_id, view_id, restore, user_id=user_id))
            return view_id is not None
        load = partial(self._load, team_id, user_id, state, entered, suggested_channel_id)
        return await self._deps.modals.open_then_fill(team_id, trigger_id, load, user_id=user_id)

    async def open_by_command(self, command: payloads.SlashCommand) -> Message | None:
        """Open the form for someone who typed `/win` alone; return what to answer."""
        if await self.open(
            command.trigger_id,
            command.team_id,
            command.user_id,
            channel_id=command.channel_id,
            response_url=command.response_url,
            is_in_group=command.is_in_group,
        ):
            return None
        return await self.answer_with_button(command.team_id, command.user_id, channel_id=command.channel_id)

    async def open_or_send_button(
        self, trigger_id: str, team_id: str, user_id: str, *, entered: EnteredWin | None = None
    ) -> None:
        """Open the form for someone whose channel Slack doesn't say; if it doesn't open, send a button."""
        if not await self.open(trigger_id, team_id, user_id, channel_id=None, entered=entered):
            offer = partial(unsaved_wins.send_form_button, team_id=team_id, user_id=user_id, now=self._deps.clock())
            await self._deps.database.write(offer)
            self._deps.wake_sender((team_id, user_id))

    async def answer_with_button(
        self,
        team_id: str,
        user_id: str,
        *,
        channel_id: str | None,
        entered: EnteredWin | None = None,
        unsaved_id: int | None = None,
        source: MessageSource | None = None,
    ) -> Message:
        """Return the answer to a request for which Slack did not open the form: its button opens it for a day."""
        if unsaved_id is None and (entered is not None or source is not None):
            keep = partial(
                unsaved_queries.add,
                team_id=team_id,
                user_id=user_id,
                channel_id=channel_id,
                entered=entered or EnteredWin(),
                source=source,
                now=self._deps.clock(),
            )
            unsaved_id = await self._deps.database.write(keep)
        value = view.NOTHING_KEPT if unsaved_id is None else str(unsaved_id)
        return view.failed_to_open(ENGLISH, value=value, is_kept=unsaved_id is not None)

    async def _load(
        self,
        team_id: str,
        user_id: str,
        state: WinFormState,
        entered: EnteredWin | None,
        suggested_channel_id: str | None,
    ) -> dict[str, Any]:
        """Return the form, filled in with what is kept, or else with what was `entered`."""
        if await self._is_in(suggested_channel_id, team_id, user_id):
            state = replace(state, suggested_channel_id=suggested_channel_id)
        query = partial(unsaved_queries.latest, source=state.source)
        if state.unsaved_id is not None:
            query = partial(unsaved_queries.by_id, unsaved_id=state.unsaved_id)
        kept = await self._deps.database.read(partial(query, team_id=team_id, user_id=user_id))
        is_forgotten = kept is None and state.unsaved_id is not None
        if kept is None or (state.unsaved_id is None and is_blank(kept.entered)):
            entered = entered or EnteredWin()
            kept = UnsavedWin(0, team_id, user_id, state.channel_id, entered, state.source, self._deps.clock())
        form = await self._fill(kept, state, is_restored=kept.id != 0 and state.unsaved_id is None)
        return form | {"blocks": [view.forgotten(ENGLISH), *form["blocks"]]} if is_forgotten else form

    async def _is_in(self, channel_id: str | None, team_id: str, user_id: str) -> bool:
        """Whether Slack says that someone is in a channel."""
        return channel_id is not None and channel_id in (await self._channels.memberships(team_id, user_id) or ())

    async def _restore(self, kept: UnsavedWin | BaseException, state: WinFormState) -> dict[str, Any]:
        """Return the form with what is kept. Raises the error with which that could not be read."""
        if isinstance(kept, BaseException):
            raise kept
        return await self._fill(kept, state, is_restored=True)

    async def _fill(self, kept: UnsavedWin, state: WinFormState, *, is_restored: bool) -> dict[str, Any]:
        """Return the form of an unsaved win."""
        text, mentioned = kept.entered.text, dict.fromkeys(find_people(kept.entered.text))
        bot_ids = await self._deps.bots_among(kept.team_id, mentioned)  # which also stores their names
        names = await self._deps.database.read(partial(users.names, team_id=kept.team_id, user_ids=mentioned))
        people = tuple(Mention(user_id, names.get(user_id)) for user_id in mentioned)
        entered = with_whose(kept.entered, kept.user_id)
        entered = replace(
            entered,
            text=with_names(text, {person.user_id: person.typed_name for person in people}),
            whose=tuple(user_id for user_id in entered.whose if user_id not in bot_ids),
        )
        if entered.channel_id is None and not entered.is_private:
            entered = replace(entered, channel_id=_shared_in(state))
        query = partial(unsaved_wins.is_saved_before, team_id=kept.team_id, user_id=kept.user_id)
        is_saved_before = await self._deps.database.read(partial(query, source=kept.linked_source))
        state = replace(
            state,
            source=kept.linked_source,
            unsaved_id=kept.id or None,
            version=state.version + 1,
            is_restored=is_restored,
            is_saved_before=is_saved_before,
            opened_at=None,
            original=OriginalText(only_people(text), people) if people else NO_TEXT,
        )
        return render_win_form(state, *await self._steps.shown(kept.team_id, kept.user_id, entered))

    async def keep(self, action: payloads.ViewAction) -> None:
        """Keep what is entered, until it is saved."""
        state, entered = parse_win_form_state(action.private_metadata), parse_entered(action.state)
        work = partial(
            unsaved_wins.keep,
            form=state.key_of(action.team_id, action.user_id),
            channel_id=state.channel_id,
            entered=replace(entered, text=state.original.with_tokens(entered.text)),
            idempotency_key=win_form_key(action.view_id),
            now=self._deps.clock(),
        )
        try:
            await self._deps.database.write(work)
        except DBAPIError:
            # Someone who types isn't interrupted: the form still holds it, and the next key tries again.
            logger.exception("could not keep what was entered")
        if action.action_id in (view.AUDIENCE, view.CHANNEL, view.NEXT_STEP_OF):
            await self._fit_fields(action, state, entered)

    async def _fit_fields(self, action: payloads.ViewAction, state: WinFormState, entered: EnteredWin) -> None:
        """Show the fields that belong to what was chosen: for a channel, and for the name of a climb."""
        if action.action_id == view.AUDIENCE and entered.channel_id is None and not entered.is_private:
            entered = replace(entered, channel_id=_shared_in(state))
        fitting, label = await self._steps.shown(action.team_id, action.user_id, entered)
        if fitting != entered:  # what was chosen belongs to another channel
            state = replace(state, version=state.version + 1)
        asks_name = fitting.step_of is not None and fitting.step_of.starts_climb
        is_fitting = fitting == entered and asks_name == view.has_name_field(action.state)
        if is_fitting and action.action_id != view.AUDIENCE:
            return
        form = render_win_form(state, fitting, label)
        await self._deps.modals.update(action.team_id, action.view_id, form, view_hash=action.hash)

    async def start_over(self, action: payloads.ViewAction) -> None:
        """Forget what was kept, and empty the form."""
        state = parse_win_form_state(action.private_metadata)
        forget = partial(unsaved_wins.forget, form=state.key_of(action.team_id, action.user_id))
        await self._deps.database.write(forget)
        state = replace(
            state,
            unsaved_id=None,
            version=state.version + 1,
            is_restored=False,
            may_repeat=False,
            original=NO_TEXT,
        )
        blank = _render_blank(state, action.user_id)
        await self._deps.modals.update(action.team_id, action.view_id, blank, view_hash=action.hash)

    async def suggest_tags(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the options of the field for tags, for what is typed in it."""
        team_id, user_id = payloads.interaction_user(body)
        form = payloads.nested(body, "view")
        typed = payloads.text(body, "value", default="")
        if form.get("callback_id") == edit_win.CALLBACK_ID:
            channel_id = parse_edit_form_state(payloads.text(form, "private_metadata")).win_channel_id
        else:
            channel_id = await self._entered_channel(team_id, user_id, form)
        found = await self._channels.suggest_tags(team_id, user_id, channel_id, typed)
        return [view.tag_option(tag) for tag in found]

    async def suggest_steps(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with what the win can be the next step of, for what is typed in that field."""
        team_id, user_id = payloads.interaction_user(body)
        form, typed = payloads.nested(body, "view"), payloads.text(body, "value", default="")
        metadata = payloads.text(form, "private_metadata")
        if form.get("callback_id") == edit_win.CALLBACK_ID:
            win = await self._editor.own_win(team_id, user_id, parse_edit_form_state(metadata).win_id)
            if win is None:
                return {"options": []}
            return await self._steps.suggest(team_id, user_id, EnteredWin(), typed, edited=win)
        state = parse_win_form_state(metadata)
        kept = await self._kept(team_id, user_id, state)
        blank = EnteredWin(channel_id=_shared_in(state), is_private=state.is_in_dm)
        return await self._steps.suggest(team_id, user_id, blank if kept is None else kept.entered, typed)

    async def _entered_channel(self, team_id: str, user_id: str, form: payloads.Payload) -> str | None:
        """Return the channel that is chosen in a form."""
        state = parse_win_form_state(payloads.text(form, "private_metadata"))
        kept = await self._kept(team_id, user_id, state)
        return state.suggested_channel_id or state.channel_id if kept is None else kept.entered.channel_id

    async def _kept(self, team_id: str, user_id: str, state: WinFormState) -> UnsavedWin | None:
        """Return what a form keeps: Slack doesn't say for options what is entered, but has said so at each change."""
        query = partial(unsaved_queries.of_form, team_id=team_id, user_id=user_id, source=state.source)
        return await self._deps.database.read(partial(query, unsaved_id=state.unsaved_id, since=state.opened_at))


def _render_blank(state: WinFormState, user_id: str) -> dict[str, Any]:
    blank = EnteredWin(whose=(user_id,), channel_id=_shared_in(state), is_private=state.is_in_dm)
    return render_win_form(state, blank)


def _shared_in(state: WinFormState) -> str | None:
    """Return the channel that a form opened there suggests."""
    return state.suggested_channel_id or (None if state.is_in_dm else state.channel_id)


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for what opens the form, for what is entered in it, and for its submission."""
    form, saving, editor = WinForm(deps), WinFormSaving(deps), WinEditor(deps)

    @app.shortcut(SAVE_WIN_SHORTCUT)
    async def open_by_shortcut(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        team_id, user_id = payloads.interaction_user(body)
        await form.open_or_send_button(payloads.text(body, "trigger_id"), team_id, user_id)
        await ack()

    @app.action(view.OPEN_WIN_FORM)
    async def open_by_button(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        if "view" in body:
            on_home = payloads.view_action(body)
            await form.open_or_send_button(on_home.trigger_id, on_home.team_id, on_home.user_id)
            await ack()
            return
        action = payloads.message_action(body)
        unsaved_id = None if action.value == view.NOTHING_KEPT else payloads.row_id(action.value)
        if not await form.open(
            action.trigger_id,
            action.team_id,
            action.user_id,
            channel_id=action.channel_id,
            unsaved_id=unsaved_id,
            response_url=action.response_url,
            replaces=True,
            is_in_group=action.is_in_group,
        ):
            again = await form.answer_with_button(
                action.team_id, action.user_id, channel_id=action.channel_id, unsaved_id=unsaved_id
            )
            await deps.respond(action.response_url, again, replace=True)
        await ack()

    @app.action(ADD_WIN)
    async def open_from_roundup(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)
        team_id, user_id, channel_id = action.team_id, action.user_id, action.channel_id
        if not await form.open(
            action.trigger_id,
            team_id,
            user_id,
            channel_id=channel_id,
            response_url=action.response_url,
            is_in_group=action.is_in_group,
            suggested_channel_id=None if action.value == HERE else payloads.channel_id(action.value),
        ):
            again = await form.answer_with_button(team_id, user_id, channel_id=channel_id)
            await deps.respond(action.response_url, again)
        await ack()

    async def keep(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        if payloads.nested(body, "view").get("callback_id") == edit_win.CALLBACK_ID:  # "Next step of"
            await editor.fit_fields(action)
        else:
            await form.keep(action)
        await ack()

    for name in view.FIELDS:
        app.action({"action_id": name, "type": "block_actions"})(keep)

    @app.action(view.START_OVER)
    async def start_over(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await form.start_over(payloads.view_action(body))
        await ack()

    @app.view(view.CALLBACK_ID)
    async def save(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        await ack(**await saving.save(submission))

    @app.options(view.TAGS)
    async def suggest_tags(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await ack(options=await form.suggest_tags(body))

    @app.options(view.NEXT_STEP_OF)
    async def suggest_steps(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await ack(**await form.suggest_steps(body))
