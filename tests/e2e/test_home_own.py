"""One's own on Home: the welcome, wins by week and climbs."""

import re
from datetime import timedelta
from typing import Any

from bot.storage import climbs, wins
from tests.e2e.test_home import opens_home, part, stored
from tests.team import MONDAY, Team, shows, team

WELCOME = "Welcome! Small wins count here."


async def test_home_welcomes_someone_the_first_time_that_it_opens(the_team: Team) -> None:
    view = await opens_home(the_team, the_team.ben)
    assert WELCOME in shows(view)
    assert "Teammates can cheer it, and it comes back in the channel's roundup." in shows(view)
    assert [block["type"] for block in view.blocks[:2]] == ["section", "actions"], "then comes Save a win"
    assert WELCOME not in shows(await opens_home(the_team, the_team.ben))
    assert WELCOME in shows(await opens_home(the_team, the_team.chloe))


async def test_someone_whom_slack_did_not_show_the_welcome_still_gets_it(the_team: Team) -> None:
    the_team.slack.fault("views.publish", "http_500_before", times=1)
    await the_team.slack.open_home(the_team.ben)
    assert WELCOME in shows(await opens_home(the_team, the_team.ben))
    assert WELCOME not in shows(await opens_home(the_team, the_team.ben))


async def test_ones_wins_stand_below_the_week_that_they_are_from_in_ones_own_zone(team_url: str) -> None:
    async with team(team_url) as made:
        made.ben.tz = "Pacific/Auckland"
        for days, text in ((0.1, "read the logs"), (6.6, "found the leak"), (15, "fixed the leak")):
            await made.it_is(MONDAY + timedelta(days=days))
            await made.says(made.ben, f"/win {text}")
            await made.sees(f"ben: {text}")
        said = part(await opens_home(made, made.ben), "Your recent wins")
        lines = [line for line in said.splitlines() if re.match(r"\*(This|Last|The) week|fixed|found|read", line)]
        assert lines == [
            "*This week*",
            "fixed the leak",
            "*Last week*",
            "found the leak",
            "*The week of March 4*",
            "read the logs",
        ]


def climb(made: Team, texts: list[str], name: str, *, by: Any) -> int:
    """Make the wins with these texts the steps of a climb (how people do so is told in tests/e2e/test_climbs.py)."""

    def make(connection: Any) -> int:
        team_id, now = made.slack.team_id, made.clock.now()
        climb_id = climbs.add(connection, team_id, made.general.id, name=name, created_by=by.id, now=now)
        for win in wins.open_in(connection, team_id, made.general.id):
            if win.text in texts:
                climbs.set_climb(connection, win.id, climb_id)
        climbs.mark_shared(connection, climb_id, now=now)
        return climb_id

    made_id = stored(made, make)
    assert isinstance(made_id, int)
    return made_id


async def test_the_climbs_that_have_a_step_of_ones_own_open_from_home(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win cached the toolchain")
    await the_team.says(the_team.chloe, "/win built in parallel")
    await the_team.says(the_team.chloe, "/win wrote a guide")
    await the_team.sees("chloe: wrote a guide")
    climb(the_team, ["cached the toolchain", "built in parallel"], "Faster *builds*", by=the_team.ben)
    climb(the_team, ["wrote a guide"], "Better docs", by=the_team.chloe)

    view = await opens_home(the_team, the_team.ben)
    said = part(view, "Your climbs")
    assert "Faster" in said
    assert f"<#{the_team.general.id}> · 2 steps · Latest step" in said
    assert "Better docs" not in said
    assert "Your climbs" not in shows(await opens_home(the_team, the_team.ana))
    await the_team.slack.press(the_team.ben, await opens_home(the_team, the_team.ben), "open_climb")
    assert "built in parallel" in shows(the_team.slack.modal(the_team.ben))
    await the_team.slack.close_view(the_team.ben, everything=True)

    await the_team.slack.leave(the_team.general, the_team.ben)
    assert "Your climbs" not in shows(await opens_home(the_team, the_team.ben)), "it is for the people in the channel"
