"""The form "Just this time": a note for the next roundup alone, and wins that it leaves for the one after."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.next_roundup import MAX_CHOICES, NextRoundup, NoteTooLong, parse_note
from bot.domain.permissions import Action
from bot.listeners.dependencies import Dependencies
from bot.services import next_roundup
from bot.slack import payloads, view_state
from bot.storage import users
from bot.views import ephemeral
from bot.views import next_roundup_form as view
from bot.views.preview import JUST_THIS_TIME
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button that opens the form, and for the form."""

    @app.action(JUST_THIS_TIME)
    async def open_form(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.message_action(body)

        async def load_form() -> dict[str, Any]:
            await deps.access.authorize(Action.CHANGE, *action.channel_key, action.user_id, action.user_team_id)
            upcoming = await deps.database.read(lambda connection: next_roundup.load(connection, *action.channel_key))
            query = partial(users.names, team_id=action.team_id, user_ids=upcoming.user_ids)
            kept = _keep(upcoming)
            return view.form(ENGLISH, upcoming, await deps.database.read(query), private_metadata=kept)

        if not await deps.modals.open_then_fill(action.team_id, action.trigger_id, load_form, user_id=action.user_id):
            await deps.respond(action.response_url, ephemeral.modal_failed_to_open(ENGLISH))
        await ack()

    @app.view(view.CALLBACK_ID)
    async def submit(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        shown = _parse_kept(submission)
        values = view_state.parse_state(submission.state)
        try:
            note = parse_note(str(values.get(view.NOTE) or ""))
        except NoteTooLong:
            await ack(response_action="errors", errors={view.NOTE: view.too_long(ENGLISH)})
            return
        actor, _ = await deps.access.authorize(
            Action.CHANGE, submission.team_id, shown.channel_id, submission.user_id, submission.user_team_id
        )
        left = values.get(view.LEFT) or []
        left_ids = {payloads.row_id(value) for value in left} if isinstance(left, list) else set()
        work = partial(
            next_roundup.change,
            actor=actor,
            team_id=submission.team_id,
            channel_id=shown.channel_id,
            note=note,
            changes_note=note != shown.note,  # else someone's who has written one since would be lost
            changed_ids=[win_id for win_id in shown.win_ids if (win_id in left_ids) != (win_id in shown.left_ids)],
            left_ids=left_ids,
            now=deps.clock(),
        )
        upcoming = await deps.database.write(work)
        await ack(response_action="update", view=view.saved(ENGLISH, upcoming))


@dataclass(frozen=True)
class _Shown:
    """What the form showed when it was opened."""

    channel_id: str
    note: str | None
    win_ids: list[int]
    left_ids: list[int]


def _keep(upcoming: NextRoundup) -> str:
    shown = [win.id for win in upcoming.wins]
    left = [win_id for win_id in shown if win_id in upcoming.left_ids]
    kept = {"channel": upcoming.channel_id, "note": upcoming.note, "shown": shown, "left": left}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)  # there is room for 3000 characters


def _parse_kept(submission: payloads.ViewSubmission) -> _Shown:
    """Return what the form showed. Raises Malformed."""
    try:
        kept = json.loads(submission.private_metadata)
        shown, left = ([int(win_id) for win_id in kept[name][:MAX_CHOICES]] for name in ("shown", "left"))
        note = kept["note"]
        channel_id = payloads.channel_id(kept["channel"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise payloads.Malformed("private_metadata") from None
    return _Shown(channel_id, note, shown, left)
