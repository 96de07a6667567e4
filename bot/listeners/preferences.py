"""How someone wants to be named in wins of others: they choose it in a form, from `/wins preferences` or Home.

They can do so even if Slack doesn't say who they are. Only people known to be of another organization can't.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.consent import Preference
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.services import preferences as services
from bot.slack import payloads, view_state
from bot.storage import preferences
from bot.views import ephemeral, refusals
from bot.views import preferences as view
from bot.views.format import Message
from bot.views.translations import ENGLISH


class PreferencesForm:
    """Opens the form and saves what was chosen."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def open_by_command(self, command: payloads.SlashCommand, _: str) -> Message | None:
        """Open the form for someone who typed `/wins preferences`."""
        was_opened = await self.open(command.trigger_id, command.team_id, command.user_id, command.user_team_id)
        return None if was_opened else ephemeral.modal_failed_to_open(ENGLISH)

    async def open(self, trigger_id: str, team_id: str, user_id: str, user_team_id: str | None) -> bool:
        """Show someone how they are named, to be changed; False if Slack did not open a modal."""

        async def load_form() -> dict[str, Any]:
            actor = await self._deps.access.actor_if_known(team_id, user_id, user_team_id)
            if actor is not None and not actor.is_active:
                return refusals.error_modal(ENGLISH, ephemeral.unknown_workspace(ENGLISH))
            query = partial(preferences.of_people, team_id=team_id, user_ids=[user_id])
            chosen = (await self._deps.database.read(query))[user_id]
            is_guest = actor is not None and actor.is_guest
            return view.form(
                ENGLISH,
                chosen.preference,
                wants_messages=chosen.wants_messages,
                is_guest=is_guest,
                wants_look_back=chosen.wants_look_back,
            )

        return await self._deps.modals.open_then_fill(team_id, trigger_id, load_form, user_id=user_id)

    async def save(self, submission: payloads.ViewSubmission) -> dict[str, Any]:
        """Save what was chosen, and return the view that says what happens now."""
        team_id, user_id = submission.team_id, submission.user_id
        actor = await self._deps.access.actor_if_known(team_id, user_id, submission.user_team_id)
        if actor is not None and not actor.is_active:
            return refusals.error_modal(ENGLISH, ephemeral.unknown_workspace(ENGLISH))
        values = view_state.parse_state(submission.state)
        preference = _parse(values.get(view.NAMING))
        messages, look_back, now = values.get(view.MESSAGES), values.get(view.LOOK_BACK), self._deps.clock()

        def work(connection: Connection) -> None:
            if preference is not None:
                services.choose(connection, team_id=team_id, user_id=user_id, preference=preference, now=now)
            if messages in (view.WANTED, view.UNWANTED):
                wants_messages = messages == view.WANTED
                services.set_messages(connection, team_id=team_id, user_id=user_id, wants_messages=wants_messages)
            if look_back in (view.WANTED, view.UNWANTED):
                preferences.set_look_back(connection, team_id, user_id, wants_look_back=look_back == view.WANTED)

        await self._deps.database.write(work)
        self._deps.wake_scheduler()
        return view.saved(ENGLISH, preference)


def _parse(chosen: view_state.FieldValue) -> Preference | None:
    """Read the preference that was chosen, if any was. Raises Malformed."""
    if chosen is None:
        return None
    if chosen not in list(Preference):
        raise payloads.Malformed("naming")
    return Preference(str(chosen))


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the button that opens the form, and for the form."""
    form, home_tab = PreferencesForm(deps), HomeTab(deps)

    @app.action(view.OPEN_PREFERENCES)
    async def open_form(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        press = payloads.any_action(body)
        await form.open(press.trigger_id, press.team_id, press.user_id, press.user_team_id)
        await ack()

    @app.view(view.CALLBACK_ID)
    async def submit(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        saved = await form.save(submission)
        home_tab.publish_later(submission.team_id, submission.user_id)
        await ack(response_action="update", view=saved)
