"""Thanks after a win is saved: its author thanks an offered person, and says how they helped."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.win_edits import NotAuthor, WinGone
from bot.domain.win_form import MAX_REASON_LENGTH
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.edit_form_state import EditFormState, Origin, parse_edit_form_state
from bot.listeners.saved_win import saved_message
from bot.listeners.win_editor import WinEditor, explain
from bot.services import thanks
from bot.services.idempotency import run_once
from bot.services.thanks import ThanksResult
from bot.slack import payloads, view_state
from bot.views import edit_win, ephemeral, refusals, win_form
from bot.views import thanks as view
from bot.views.format import Message
from bot.views.translations import ENGLISH

Ack = Callable[..., Any]
Body = dict[str, Any]
Request = payloads.MessageAction | payloads.ViewAction | payloads.ViewSubmission

_REFUSALS: dict[ThanksResult, Callable[..., Message]] = {
    ThanksResult.NOT_ACTIVE: view.cannot_be_thanked,
    ThanksResult.NO_ONE: view.no_one_thanked,
    ThanksResult.NO_ROOM: view.no_room,
    ThanksResult.NOT_AUTHOR: edit_win.gone,
    ThanksResult.NOT_FOUND: edit_win.gone,
}


class Thanks:
    """Changes whom a win thanks, and how they helped, for its author."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._editor = WinEditor(deps)

    async def change(self, request: Request, win_id: int, service: Callable[..., ThanksResult]) -> Message | None:
        """Change a win, once for each press, and return why not, or None."""
        try:
            win = await self._editor.win(request, win_id)
        except (WinGone, NotAuthor) as refusal:
            return explain(refusal)
        if not await self._editor.may_edit(win):
            return view.cannot_see_channel(ENGLISH)
        now = self._deps.clock()
        # That they are no outsider was asked above.
        work = partial(service, team_id=win.team_id, win_id=win_id, user_id=request.user_id, is_outsider=False, now=now)
        if isinstance(request, payloads.ViewSubmission):  # the same reason twice changes nothing
            result = await self._deps.database.write(work)
        else:
            result = await run_once(self._deps.database, request, ThanksResult, work, now=now)
        self._deps.wake_scheduler()
        return None if result is ThanksResult.DONE else _REFUSALS[result](ENGLISH)

    async def message(self, person: Request, win_id: int, channel_id: str | None) -> Message:
        """Return the message about a win that was just changed as it is now, or that the change is saved."""
        return await in_time(self._message(person, win_id, channel_id), ephemeral.saved_but_not_shown(ENGLISH))

    async def _message(self, person: Request, win_id: int, channel_id: str | None) -> Message:
        try:
            return await saved_message(self._deps, await self._editor.win(person, win_id), channel_id)
        except (WinGone, NotAuthor) as refusal:
            return explain(refusal)

    async def form(self, person: Request, state: EditFormState) -> dict[str, Any]:
        """Return the form for the reason, or a modal that says why there is none."""
        try:
            win = await self._editor.win(person, state.win_id)
        except (WinGone, NotAuthor) as refusal:
            return refusals.error_modal(ENGLISH, explain(refusal))
        if not win.thanked:
            return refusals.error_modal(ENGLISH, view.no_one_thanked(ENGLISH))
        return view.form(ENGLISH, win, private_metadata=state.encode())

    async def save_reason(self, submission: payloads.ViewSubmission) -> dict[str, Any]:
        """Save what was entered in the form, and return the response to Slack."""
        state = parse_edit_form_state(submission.private_metadata)
        reason = view_state.parse_state(submission.state).get(view.REASON) or ""
        if not isinstance(reason, str) or len(reason.strip()) > MAX_REASON_LENGTH:
            raise payloads.Malformed(view.REASON)
        refusal = await self.change(submission, state.win_id, partial(thanks.say_how, reason=reason))
        if refusal is not None:  # the form keeps what was entered
            return {"response_action": "errors", "errors": {view.REASON: refusals.plain_text(refusal)}}
        saved = await self.message(submission, state.win_id, state.channel_id)
        if state.origin is not Origin.SAVED:  # the form took the place of the message
            return {"response_action": "update", "view": win_form.saved(ENGLISH, saved)}
        if state.response_url:
            await self._deps.respond(state.response_url, saved, replace=True)
        return {"response_action": "clear"}


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons under a win just saved, and for the form."""
    thanking = Thanks(deps)

    async def thank(body: Body, ack: Ack) -> None:
        action = payloads.any_action(body)
        win_id, person_id = _win_and_person(action.value)
        refusal = await thanking.change(action, win_id, partial(thanks.thank, person_id=person_id))
        if isinstance(action, payloads.ViewAction):
            answer = refusal or await thanking.message(action, win_id, None)
            await deps.modals.update(action.team_id, action.view_id, win_form.saved(ENGLISH, answer))
        else:
            answer = refusal or await thanking.message(action, win_id, action.channel_id)
            await deps.respond(action.response_url, answer, replace=refusal is None)
        await ack()

    for action_id in view.THANK:
        app.action(action_id)(thank)

    @app.action(view.SAY_HOW)
    async def say_how(body: Body, ack: Ack) -> None:
        if "view" in body:  # the modal that says that the win is saved
            in_view = payloads.view_action(body)
            state = EditFormState(payloads.row_id(in_view.value), 0, Origin.ANNOUNCEMENT)
            await deps.modals.update(in_view.team_id, in_view.view_id, await thanking.form(in_view, state))
        else:
            action = payloads.message_action(body)
            url = action.response_url
            state = EditFormState(payloads.row_id(action.value), 0, Origin.SAVED, action.channel_id, response_url=url)
            load = partial(thanking.form, action, state)
            if not await deps.modals.open_then_fill(action.team_id, action.trigger_id, load, user_id=action.user_id):
                await deps.respond(url, view.failed_to_open(ENGLISH))
        await ack()

    @app.view(view.CALLBACK_ID)
    async def save_reason(body: Body, ack: Ack) -> None:
        await ack(**await thanking.save_reason(payloads.view_submission(body)))


def _win_and_person(value: str) -> tuple[int, str]:
    """Read the value of a button. Raises Malformed."""
    win_id, _, person_id = value.partition(":")
    return payloads.row_id(win_id), payloads.user_id(person_id)
