"""The field "Next step of" in the forms of a win: what it offers, how it shows a choice, and what it refuses."""

from dataclasses import replace
from typing import Any

from bot.domain.climbs import NextStepOf, StepError
from bot.domain.entered_win import EnteredWin
from bot.domain.tags import find_tags
from bot.domain.wins import ClimbOfWin, Win
from bot.listeners.dependencies import Dependencies
from bot.services.climb_choices import ClimbChoices, StepOfWhom
from bot.services.win_channels import WinChannels
from bot.views import climb as view
from bot.views.translations import ENGLISH


class StepFields:
    """Serves the field in the form of a new win, and in that in which one is edited."""

    def __init__(self, deps: Dependencies, channels: WinChannels) -> None:
        self._choices = ClimbChoices(deps.visibility, channels, deps.database)

    async def refusal(
        self, team_id: str, user_id: str, entered: EnteredWin, *, edited: Win | None = None
    ) -> StepError | None:
        """Return why a win can't be the next step of what was chosen, or None."""
        of = _of(team_id, user_id, entered, edited)
        return None if of is None else await self._choices.refusal(of, entered.step_of)

    async def shown(
        self, team_id: str, user_id: str, entered: EnteredWin, *, edited: Win | None = None
    ) -> tuple[EnteredWin, str]:
        """Return what is entered, without a choice that is no longer possible, and the label of the choice."""
        of = _of(team_id, user_id, entered, edited)
        chosen = None if of is None else await self._choices.chosen(of, entered.step_of)
        if chosen is None:
            return replace(entered, step_of=None), ""
        return entered, view.step_label(ENGLISH, chosen.climb, chosen.win, chosen.names, user_id=user_id)

    async def suggest(
        self, team_id: str, user_id: str, entered: EnteredWin, typed: str, *, edited: Win | None = None
    ) -> dict[str, Any]:
        """Return the answer to Slack with what fits what is typed in the field."""
        of = _of(team_id, user_id, entered, edited)
        if of is None:
            return {"options": []}
        found, names = await self._choices.suggest(of, typed)
        groups = view.option_groups(ENGLISH, found, names, user_id=user_id)
        return {"option_groups": groups} if groups else {"options": []}


def continuing(climb: ClimbOfWin | None) -> NextStepOf | None:
    """Return what the form shows for a win that is a step of this climb."""
    return None if climb is None else NextStepOf(climb_id=climb.id)


def _of(team_id: str, user_id: str, entered: EnteredWin, edited: Win | None) -> StepOfWhom | None:
    """Return the win that is to be a step; None while it isn't chosen where it is to be shared."""
    if edited is not None:
        text, tags = edited.text, edited.tags
        return StepOfWhom(team_id, user_id, edited.channel_id, text, tags, edited.id)
    if not entered.is_private and entered.channel_id is None:
        return None
    channel_id = None if entered.is_private else entered.channel_id
    return StepOfWhom(team_id, user_id, channel_id, entered.text, (*entered.tags, *find_tags(entered.text)))
