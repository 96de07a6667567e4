"""What new channels begin with: an admin chooses it from Home, and the next channel is offered that."""

from datetime import time
from functools import partial
from typing import Any

import pytest

from bot.domain.channel_settings import QuietPolicy, WorkspaceDefaults
from bot.domain.recurrence import MonthlyOnWeekday, Weekday, Weekly
from bot.storage import workspaces
from tests.e2e.test_home import opens_home, part, stored
from tests.e2e.test_setup import opened
from tests.team import Team, shows, team


async def form(made: Team, person: Any) -> Any:
    """Someone opens the form from their Home."""
    answer = await made.slack.press(person, await opens_home(made, person), "home_defaults")
    assert answer.error is None, answer.error
    view = made.slack.modal(person)
    assert view is not None, "a form is open"
    return view


def chosen(made: Team) -> WorkspaceDefaults:
    """What is stored."""
    found: WorkspaceDefaults = stored(made, partial(workspaces.defaults, team_id=made.slack.team_id))[0]
    return found


@pytest.mark.every_deployment
async def test_an_admin_changes_what_new_channels_begin_with(the_team: Team) -> None:
    assert "I'll suggest a roundup every Friday at 16:00 (in the time zone of the person who sets it up)" in part(
        await opens_home(the_team, the_team.ana), "Defaults for new channels"
    )
    await form(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "rhythm", "fortnightly")
    await the_team.slack.fill(the_team.ana, "weekdays", ["TU", "TH"])
    await the_team.slack.fill(the_team.ana, "at", "09:30")
    await the_team.slack.fill(the_team.ana, "whose", "this")
    await the_team.slack.suggest(the_team.ana, "zone", "auckland")
    await the_team.slack.fill(the_team.ana, "zone", "Pacific/Auckland")
    await the_team.slack.fill(the_team.ana, "quiet", "line")
    assert (await the_team.slack.submit(the_team.ana)).error is None
    assert the_team.slack.modal(the_team.ana) is None
    expected = WorkspaceDefaults(
        Weekly((Weekday.TUESDAY, Weekday.THURSDAY), 2), time(9, 30), "Pacific/Auckland", QuietPolicy.LINE
    )
    assert chosen(the_team) == expected

    def home() -> str:
        return part(the_team.slack.home(the_team.ana), "Defaults for new channels")

    await the_team.slack.wait_for(lambda: "every other Tuesday and Thursday at 09:30" in home())
    assert "(Auckland time). A short note is posted if there are no wins." in home()
    fresh = the_team.slack.add_channel("fresh", members=[the_team.ana], creator=the_team.ana)
    assert "Every other Tuesday and Thursday at 09:30 (Auckland time)" in shows(
        await opened(the_team, the_team.ana, fresh)
    )
    await the_team.slack.close_view(the_team.ana, everything=True)
    view = await form(the_team, the_team.ana)
    assert await the_team.slack.submit(the_team.ana, view)
    assert chosen(the_team) == expected, "what is shown is what there is"

    await the_team.slack.press(the_team.ana, await opens_home(the_team, the_team.ana), "home_audit")
    log = shows(the_team.slack.modal(the_team.ana))
    assert "ana changed the defaults for new channels.\n_Days:_ Friday → Tuesday and Thursday\n" in log
    assert "_Repeat:_ Every week → Every 2 weeks\n_Time:_ 16:00 → 09:30\n" in log
    assert "_Time zone:_ The person who sets it up → Auckland time" in log
    assert "Whole workspace · <!date^" in log


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"whose": "this"}, "Choose a time zone"),
        ({"weekdays": ["MO", "TU"], "rhythm": "-1"}, "Choose just one day"),
    ],
)
async def test_errors_keep_what_was_entered(team_url: str, entries: dict[str, Any], said: str) -> None:
    async with team(team_url) as made:
        view = await form(made, made.ana)
        await made.slack.fill(made.ana, "at", "07:07")
        for name, value in entries.items():
            await made.slack.fill(made.ana, name, value)
        await made.slack.submit(made.ana)
        assert said in shows(view)
        assert view.state.values["at"]["at"]["selected_time"] == "07:07"
        assert chosen(made) == WorkspaceDefaults()
        await made.slack.fill(made.ana, "whose", "own")
        await made.slack.fill(made.ana, "weekdays", ["MO"])
        await made.slack.fill(made.ana, "rhythm", "-1")
        await made.slack.submit(made.ana)
        assert chosen(made) == WorkspaceDefaults(MonthlyOnWeekday(-1, Weekday.MONDAY), time(7, 7))


async def test_a_form_that_is_out_of_date_changes_nothing_until_it_is_saved_again(the_team: Team) -> None:
    the_team.slack.world.workspaces[the_team.slack.team_id].people[the_team.ben.id].is_admin = True
    await form(the_team, the_team.ana)
    await form(the_team, the_team.ben)
    await the_team.slack.fill(the_team.ana, "at", "10:00")
    await the_team.slack.submit(the_team.ana)
    view = the_team.slack.modal(the_team.ben)
    assert view is not None
    await the_team.slack.fill(the_team.ben, "at", "11:00")
    await the_team.slack.submit(the_team.ben)
    said = "These settings were changed while you had them open. Now I suggest a roundup every Friday at 10:00"
    assert said in shows(view)
    assert view.state.values["at"]["at"]["selected_time"] == "11:00"
    assert chosen(the_team).local_time == time(10)
    assert (await the_team.slack.submit(the_team.ben)).error is None
    assert the_team.slack.modal(the_team.ben) is None
    assert chosen(the_team).local_time == time(11)


async def test_a_form_that_is_sent_twice_is_no_conflict(the_team: Team) -> None:
    await form(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "at", "10:00")
    submitted = await the_team.slack.submit(the_team.ana)
    again = await the_team.slack.resend(submitted.request)
    assert again.error is None, again.error
    assert again.payload == submitted.payload
    assert chosen(the_team).local_time == time(10)


async def test_nobody_else_opens_the_form_or_submits_it(the_team: Team) -> None:
    home = await opens_home(the_team, the_team.ana)
    view = await form(the_team, the_team.ana)
    await the_team.slack.change_person(the_team.ana, is_admin=False)
    await the_team.slack.fill(the_team.ana, "at", "10:00")
    await the_team.slack.submit(the_team.ana)
    assert "Only workspace admins and owners" in shows(view)
    await the_team.slack.close_view(the_team.ana, everything=True)
    await the_team.slack.press(the_team.ana, home, "home_defaults")
    assert "Only workspace admins and owners" in shows(the_team.slack.modal(the_team.ana))
    assert chosen(the_team) == WorkspaceDefaults()
