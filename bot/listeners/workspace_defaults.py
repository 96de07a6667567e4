"""The defaults of new channels: an admin opens them from the Home tab and changes them."""

from collections.abc import Callable, Mapping
from datetime import time
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.channel_settings import Conflict, QuietPolicy, WorkspaceDefaults
from bot.domain.recurrence import NTH_CHOICES, MonthlyOnWeekday, Rule, Weekly
from bot.domain.schedules import is_zone
from bot.domain.settings_form import WEEKDAY_BY_CODE
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.services import workspace_defaults
from bot.slack import payloads, view_state
from bot.storage import workspaces
from bot.views import workspace_defaults as view
from bot.views.admin_home import CHANGE_DEFAULTS
from bot.views.translations import ENGLISH


class InvalidForm(Exception):
    """Entries that are not valid defaults. `errors` are the names of the errors, by field."""

    def __init__(self, **errors: str) -> None:
        super().__init__(*errors)
        self.errors = errors


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button that opens the form, and for the form."""
    home_tab = HomeTab(deps)

    @app.action(CHANGE_DEFAULTS)
    async def open_form(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)

        async def load_form() -> dict[str, Any]:
            await deps.access.overseer(action.team_id, action.user_id, action.user_team_id)
            defaults, revision = await deps.database.read(partial(workspaces.defaults, team_id=action.team_id))
            return view.form(ENGLISH, defaults, private_metadata=str(revision))

        await deps.modals.open_then_fill(action.team_id, action.trigger_id, load_form, user_id=action.user_id)
        await ack()

    @app.view(view.CALLBACK_ID)
    async def submit(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        actor = await deps.access.overseer(submission.team_id, submission.user_id, submission.user_team_id)
        try:
            defaults = parse_form(submission.state)
            await check_channel(deps, submission.team_id, defaults.roundup_channel_id)
        except InvalidForm as invalid:
            texts = view.errors(ENGLISH)
            errors = {field: texts[error] for field, error in invalid.errors.items()}
            await ack(response_action="errors", errors=errors)
            return
        work = partial(
            workspace_defaults.save,
            actor=actor,
            team_id=submission.team_id,
            defaults=defaults,
            now=deps.clock(),
            expected_revision=payloads.row_id(submission.private_metadata),
        )
        try:
            await deps.database.write(work)
        except Conflict:
            query = partial(workspaces.defaults, team_id=submission.team_id)
            current, revision = await deps.database.read(query)
            form = view.form(ENGLISH, defaults, private_metadata=str(revision), current=current)
            await ack(response_action="update", view=form)
            return
        home_tab.publish_later(submission.team_id, submission.user_id)
        await ack()


def parse_form(state: Mapping[str, Any]) -> WorkspaceDefaults:
    """Return the defaults that were entered. Raises InvalidForm."""
    values = view_state.parse_state(state)
    zone = values.get("zone") if values.get("whose") == view.FIXED_ZONE else None
    if values.get("whose") not in (view.OWN_ZONE, view.FIXED_ZONE):
        raise InvalidForm(whose="whose")
    if values["whose"] == view.FIXED_ZONE and not (isinstance(zone, str) and is_zone(zone)):
        raise InvalidForm(zone="zone")
    try:
        local_time = time.fromisoformat(str(values.get("at")))
    except ValueError:
        raise InvalidForm(at="at") from None
    if values.get("quiet") not in list(QuietPolicy):
        raise InvalidForm(quiet="quiet")
    zone = zone if isinstance(zone, str) else None
    roundup_in = values.get("roundup_in")
    return WorkspaceDefaults(
        _parse_rule(values),
        local_time.replace(second=0, microsecond=0, tzinfo=None),
        zone,
        QuietPolicy(str(values["quiet"])),
        None if roundup_in is None else payloads.channel_id(roundup_in),
    )


async def check_channel(deps: Dependencies, team_id: str, channel_id: str | None) -> None:
    """Raise InvalidForm unless a channel is public and the bot can post in it."""
    if channel_id is None:
        return
    channel = await deps.access.channel(team_id, channel_id)
    if channel is None or not channel.is_known_public or channel.unavailable_reason is not None:
        raise InvalidForm(roundup_in="roundup_in")


def _parse_rule(values: Mapping[str, view_state.FieldValue]) -> Rule:
    codes = values.get("weekdays")
    weekdays = (
        tuple(WEEKDAY_BY_CODE[code] for code in codes if code in WEEKDAY_BY_CODE) if isinstance(codes, list) else ()
    )
    if not weekdays:
        raise InvalidForm(weekdays="weekdays")
    rhythm = values.get("rhythm")
    if rhythm in (view.WEEKLY, view.FORTNIGHTLY):
        return Weekly(weekdays, 1 if rhythm == view.WEEKLY else 2)
    if rhythm not in [str(nth) for nth in NTH_CHOICES]:
        raise InvalidForm(rhythm="rhythm")
    if len(weekdays) > 1:
        raise InvalidForm(weekdays="one_weekday")
    return MonthlyOnWeekday(int(str(rhythm)), weekdays[0])
