"""Shows an author the form in which they edit a win, saves it, and updates the message or view it was opened from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from bot.domain.climbs import NAME_ERRORS, NextStepOf, StepRefused
from bot.domain.entered_win import EnteredWin
from bot.domain.markup import with_names
from bot.domain.win_edits import EditConflict, EditedWin, NoRoom, NotAuthor, WinGone
from bot.domain.win_form import MAX_SHOWN_PEOPLE, FormError, InvalidEntries, step_errors, to_draft
from bot.domain.win_permissions import Reach, WinAction, may_with_win, relation_of
from bot.domain.wins import ClimbOfWin, Draft, Win
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.edit_form_state import EditFormState, Origin, parse_edit_form_state
from bot.listeners.home import HomeTab
from bot.listeners.my_wins import MyWins
from bot.listeners.saved_win import saved_message
from bot.listeners.step_fields import StepFields, continuing
from bot.listeners.win_form_state import parse_content
from bot.services import climb_steps, win_edits
from bot.services.win_access import WinAccess
from bot.services.win_channels import WinChannels
from bot.slack import payloads
from bot.storage import users, wins
from bot.views import edit_win as view
from bot.views import ephemeral, refusals, thanks, win_form
from bot.views.format import Message
from bot.views.translations import ENGLISH
from bot.views.waiting import held

Response = dict[str, Any]


class Person(Protocol):
    """Who acts, as every payload says."""

    @property
    def team_id(self) -> str:
        """The workspace of the installation."""

    @property
    def user_id(self) -> str:
        """The person."""

    @property
    def user_team_id(self) -> str:
        """The person's workspace."""


class WinEditor:
    """The form for one win at a time."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._access = WinAccess(deps.access, deps.visibility)
        self._steps = StepFields(deps, WinChannels(deps.access, deps.visibility, deps.database, deps.clock))

    async def win(self, person: Person, win_id: int) -> Win:
        """Return a win that its author wants to change. Raises WinGone or NotAuthor."""
        is_outsider = await self._deps.access.is_outsider(person.team_id, person.user_id, person.user_team_id)
        query = partial(win_edits.load, team_id=person.team_id, win_id=win_id, user_id=person.user_id)
        return await self._deps.database.read(partial(query, is_outsider=is_outsider))

    async def form(self, person: Person, state: EditFormState, *, is_read: bool = False) -> dict[str, Any]:
        """Return the form for a win as it is now, or a modal that says why there is none; `is_read` as in `explain`."""
        try:
            win = await self.win(person, state.win_id)
        except (WinGone, NotAuthor) as refusal:
            return refusals.error_modal(ENGLISH, explain(refusal, is_read=is_read))
        may_edit = await self.may_edit(win)
        bot_ids = await self._deps.bots_among(win.team_id, {each.user_id for each in (*win.credited, *win.thanked)})
        climb = await self._known_climb(win)
        entered = _entered(win, bot_ids, climb)
        joined_ids = tuple(each.user_id for each in win.joined if each.user_id in entered.whose)
        state = replace(state, revision=win.revision, win_channel_id=win.channel_id, joined_ids=joined_ids)
        return await self._render(state, win, entered, may_edit=may_edit)

    async def own_win(self, team_id: str, user_id: str, win_id: int) -> Win | None:
        """Return a win that someone edits, to suggest what it continues; None if they aren't its author."""
        win = await self._deps.database.read(partial(wins.by_id, team_id=team_id, win_id=win_id))
        return win if win is not None and win.author.user_id == user_id and not win.is_undone else None

    async def fit_fields(self, action: payloads.ViewAction) -> None:
        """Show or hide the field for the name of a climb."""
        state, entered = parse_edit_form_state(action.private_metadata), parse_content(action.state)
        needs_name = entered.step_of is not None and entered.step_of.starts_climb
        if needs_name == win_form.has_name_field(action.state):
            return
        try:
            win = await self.win(action, state.win_id)
        except (WinGone, NotAuthor) as refusal:
            form = refusals.error_modal(ENGLISH, with_unsaved(explain(refusal), entered))
        else:
            form = await self._render(state, win, entered)
        await self._deps.modals.update(action.team_id, action.view_id, form, view_hash=action.hash)

    async def save(self, submission: payloads.ViewSubmission) -> Response:  # noqa: PLR0911 - one for each result
        """Save what was entered, and return the response to Slack."""
        state, entered = parse_edit_form_state(submission.private_metadata), parse_content(submission.state)
        try:
            win = await self.win(submission, state.win_id)
            if not await self.may_edit(win):
                return _text_error(refusals.plain_text(thanks.cannot_see_channel(ENGLISH)), state)
            if entered.step_of and entered.step_of.starts_climb and not win_form.has_name_field(submission.state):
                refusal = await self._steps.refusal(win.team_id, win.author.user_id, entered, edited=win)
                if refusal is not None and refusal not in NAME_ERRORS:  # the form would never ask for the name
                    return _errors(step_errors(refusal), state)
                return _show(await self._render(state, win, entered))
            draft = await self._draft(win, entered)
            edited = await self._edit(submission, state, draft, entered.step_of)
        except InvalidEntries as invalid:
            return _errors(invalid.errors, state)
        except StepRefused as refusal:
            return _errors(step_errors(refusal.error), state)
        except NoRoom as refusal:
            return _text_error(view.no_room(ENGLISH, refusal), state)
        except EditConflict as conflict:
            newer = replace(state, revision=conflict.win.revision, version=state.version + 1)
            current = await self._current(conflict.win)
            return _show(await self._render(newer, conflict.win, entered, current=current))
        except (WinGone, NotAuthor) as refusal:
            return _show(refusals.error_modal(ENGLISH, with_unsaved(explain(refusal), entered)))
        self._deps.wake_scheduler()
        await self.refresh(submission, state, edited.win)
        if edited.stale:
            return _show(refusals.error_modal(ENGLISH, view.saved(ENGLISH, edited.stale)))
        return {"response_action": "clear"}

    async def _edit(
        self, submission: payloads.ViewSubmission, state: EditFormState, draft: Draft, step_of: NextStepOf | None
    ) -> EditedWin:
        work = partial(
            win_edits.edit,
            team_id=submission.team_id,
            win_id=state.win_id,
            user_id=submission.user_id,
            is_outsider=False,
            draft=draft,
            expected_revision=state.revision,
            seen_joined_ids=state.joined_ids,
            changes_step=True,
            step_of=step_of,
            now=self._deps.clock(),
        )
        return await self._deps.database.write(work)

    async def _draft(self, win: Win, entered: EnteredWin) -> Draft:
        """Read what was entered. Raises InvalidEntries."""
        people = {*entered.whose, *entered.thanked} - {win.author.user_id}
        bot_ids = await self._deps.bots_among(win.team_id, people)
        names = await self._deps.database.read(partial(users.names, team_id=win.team_id, user_ids=people))
        step_refusal = None
        climb = await self._known_climb(win)
        if entered.step_of != continuing(climb):
            step_refusal = await self._steps.refusal(win.team_id, win.author.user_id, entered, edited=win)
        entered = replace(entered, is_private=True)
        return to_draft(
            entered, win.author.user_id, names=names, bot_ids=bot_ids, step_refusal=step_refusal, edited=win
        )

    async def _current(self, win: Win) -> Sequence[str]:
        names = await self._deps.database.read(partial(users.names, team_id=win.team_id, user_ids=win.user_ids))
        return view.current(ENGLISH, win, readable(win), names)

    async def _render(
        self,
        state: EditFormState,
        win: Win,
        entered: EnteredWin,
        *,
        current: Sequence[str] = (),
        may_edit: bool = True,
    ) -> dict[str, Any]:
        fitting, label = await self._steps.shown(win.team_id, win.author.user_id, entered, edited=win)
        fitting = replace(fitting, is_private=win.channel_id is None)  # for what is said of the name of a climb
        return view.form(
            ENGLISH,
            win,
            fitting,
            private_metadata=state.encode(),
            version=state.version,
            current=current,
            may_edit=may_edit,
            held=held(ENGLISH, win, now=self._deps.clock()),
            step_label=label,
        )

    async def _known_climb(self, win: Win) -> ClimbOfWin | None:
        return await self._deps.database.read(partial(climb_steps.known_climb, team_id=win.team_id, win_id=win.id))

    async def may_edit(self, win: Win) -> bool:
        """Whether the author of a win may write into its channel, as Slack says."""
        return self.may(WinAction.EDIT, win, await self._access.reach_to_edit(win))

    def may(self, action: WinAction, win: Win, reach: Reach, *, has_bot: bool = True) -> bool:
        """Whether the author of a win may do this with it."""
        return may_with_win(action, relation_of(win, win.author.user_id), reach, has_bot=has_bot)

    async def refresh(
        self, person: Person, state: EditFormState, win: Win | None, *, answer: Message | None = None
    ) -> None:
        """Show a changed win where the form was opened; `answer` instead if it was deleted, or can't be read now."""
        team_id, user_id = person.team_id, person.user_id
        if state.origin is Origin.HOME:
            HomeTab(self._deps).publish_later(team_id, user_id)
        elif state.origin is Origin.LIST and state.response_url:
            listing = MyWins(self._deps).list(team_id, user_id, person.user_team_id)
            message = await in_time(listing, answer or ephemeral.saved_but_not_shown(ENGLISH))
            await self._deps.respond(state.response_url, message, replace=True)
        elif state.origin is Origin.SAVED and state.response_url:
            if win is not None:
                saved = saved_message(self._deps, win, state.channel_id)
                answer = await in_time(saved, answer or ephemeral.saved_but_not_shown(ENGLISH))
            if answer is not None:
                await self._deps.respond(state.response_url, answer, replace=True)


def explain(refusal: WinGone | NotAuthor, *, is_read: bool = False) -> Message:
    """Return why someone can't change a win.

    Who isn't its author learns that there is one only if they have its message before them (`is_read`): a forged press
    may be about any win, also a private one.
    """
    return view.not_yours(ENGLISH) if is_read and isinstance(refusal, NotAuthor) else view.gone(ENGLISH)


def with_unsaved(answer: Message, entered: EnteredWin, win: Win | None = None) -> Message:
    """Give back what was written in a form that an answer replaces, unless the `win` says just that."""
    saved = "" if win is None else _written(win).written
    return answer if entered.written in ("", saved) else ephemeral.with_text_to_copy(ENGLISH, answer, entered.written)


def readable(win: Win) -> str:
    """Return the text of a win as its author wrote it."""
    return with_names(win.text, {person.user_id: person.typed_name for person in win.everyone})


def _entered(win: Win, bot_ids: Collection[str], climb: ClimbOfWin | None) -> EnteredWin:
    """Return what the form shows of a win. What its text contains has no field of its own."""
    own = [win.author.user_id] if win.is_own else []
    credited = sorted(win.credited, key=lambda person: person in win.joined)  # there may be no room for all who joined
    # An author who joined the win of others isn't named before its text.
    others = [each.user_id for each in credited if each.user_id not in (win.author.user_id, *bot_ids)]
    return replace(
        _written(win),
        whose=tuple([*own, *others][:MAX_SHOWN_PEOPLE]),
        thanked=tuple(person.user_id for person in win.thanked if person.user_id not in bot_ids),
        kind=win.kind,
        step_of=continuing(climb),
    )


def _written(win: Win) -> EnteredWin:
    """Return what the form shows of what the author of a win wrote."""
    return EnteredWin(text=readable(win), reason=win.reason or "", tags=win.added_tags, url=win.added_url or "")


def _errors(errors: Mapping[str, FormError], state: EditFormState) -> Response:
    return {"response_action": "errors", "errors": win_form.errors(ENGLISH, errors, version=state.version)}


def _text_error(text: str, state: EditFormState) -> Response:
    """Return the response that shows an error under the text, and leaves what was entered in the form."""
    return {"response_action": "errors", "errors": {win_form.block_id(win_form.TEXT, state.version): text}}


def _show(shown: dict[str, Any]) -> Response:
    return {"response_action": "update", "view": shown}
