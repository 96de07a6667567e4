"""What new channels begin with: an admin looks at it and changes it, from the Home tab."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.channel_settings import QuietPolicy, WorkspaceDefaults
from bot.domain.permissions import Action, check
from bot.domain.schedules import NTH_CHOICES, MonthlyOnWeekday, Rule, Weekly, is_zone
from bot.domain.settings_form import WEEKDAY_BY_CODE
from bot.listeners.home import Home
from bot.services import channel_settings
from bot.services.access import Gate
from bot.slack import payloads, view_state
from bot.slack.modals import Windows
from bot.storage import workspaces
from bot.storage.database import Database
from bot.views import workspace_defaults as view
from bot.views.admin_home import CHANGE_DEFAULTS


class NotChosen(Exception):
    """Entries that make no defaults. `errors` are the names of what is wrong, by field."""

    def __init__(self, **errors: str) -> None:
        super().__init__(*errors)
        self.errors = errors


def register(
    app: AsyncApp, *, tab: Home, database: Database, gate: Gate, windows: Windows, clock: Callable[[], datetime]
) -> None:
    """Listen for the button that opens the form, and for the form."""

    @app.action(CHANGE_DEFAULTS)
    async def opened(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        pressed = payloads.view_press(body)

        async def made() -> dict[str, Any]:
            check(await gate.actor(pressed.team_id, pressed.user_id, pressed.user_team_id), Action.OVERSEE)
            chosen, revision = await database.read(partial(workspaces.defaults, team_id=pressed.team_id))
            return view.form(chosen, keeps=str(revision))

        await windows.answer(pressed.trigger_id, made, who=pressed.user_id)
        await ack()

    @app.view(view.CALLBACK)
    async def sent(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        form = payloads.submission(body)
        actor = await gate.actor(form.team_id, form.user_id, form.user_team_id)
        check(actor, Action.OVERSEE)
        try:
            chosen = read(form.state)
        except NotChosen as wrong:
            errors = {field: view.ERRORS[error] for field, error in wrong.errors.items()}
            await ack(response_action="errors", errors=errors)
            return
        change = partial(
            channel_settings.change_defaults,
            actor=actor,
            team_id=form.team_id,
            defaults=chosen,
            now=clock(),
            seen=payloads.number(form.private_metadata),
        )
        await database.write(change)
        tab.soon(form.team_id, form.user_id)
        await ack()


def read(state: Mapping[str, Any]) -> WorkspaceDefaults:
    """Return the defaults that were entered. Raises NotChosen."""
    entered = view_state.read(state)
    zone = entered.get("zone") if entered.get("whose") == view.THIS else None
    if entered.get("whose") not in (view.OWN, view.THIS):
        raise NotChosen(whose="whose")
    if entered["whose"] == view.THIS and not (isinstance(zone, str) and is_zone(zone)):
        raise NotChosen(zone="zone")
    try:
        at = time.fromisoformat(str(entered.get("at")))
    except ValueError:
        raise NotChosen(at="at") from None
    if entered.get("quiet") not in list(QuietPolicy):
        raise NotChosen(quiet="quiet")
    zone = zone if isinstance(zone, str) else None
    return WorkspaceDefaults(
        _rule(entered), at.replace(second=0, microsecond=0, tzinfo=None), zone, QuietPolicy(str(entered["quiet"]))
    )


def _rule(entered: Mapping[str, view_state.Entered]) -> Rule:
    chosen = entered.get("weekdays")
    weekdays = (
        tuple(WEEKDAY_BY_CODE[code] for code in chosen if code in WEEKDAY_BY_CODE) if isinstance(chosen, list) else ()
    )
    if not weekdays:
        raise NotChosen(weekdays="weekdays")
    rhythm = entered.get("rhythm")
    if rhythm in (view.WEEKLY, view.FORTNIGHTLY):
        return Weekly(weekdays, 1 if rhythm == view.WEEKLY else 2)
    if rhythm not in [str(place) for place in NTH_CHOICES]:
        raise NotChosen(rhythm="rhythm")
    if len(weekdays) > 1:
        raise NotChosen(weekdays="one_weekday")
    return MonthlyOnWeekday(int(str(rhythm)), weekdays[0])
