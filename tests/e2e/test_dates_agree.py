"""Whatever date someone is shown (in the form, in help, in a preview, on Home, in a roundup) is the one that comes."""

import re
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.storage.database import engine
from bot.storage.tables import roundups
from tests.e2e.test_setup import opened
from tests.team import Team, shows, team

BERLIN = ZoneInfo("Europe/Berlin")


def in_the_form(view: Any) -> list[datetime]:
    """The dates that the form promises."""
    found = re.findall(r"• \w+, (\w+ \d+ at \d\d:\d\d) \(Berlin\)", shows(view))
    return [datetime.strptime(f"2030 {each}", "%Y %B %d at %H:%M").replace(tzinfo=BERLIN) for each in found]


def moments(text: str) -> set[datetime]:
    """The moments that a text holds as Slack shows them to each reader."""
    return {datetime.fromtimestamp(int(each), BERLIN) for each in re.findall(r"<!date\^(\d+)\^", text)}


def came(made: Team) -> list[datetime]:
    """When the roundups were due that were written down."""
    reads = engine(made.database_url, writes=False)
    with reads.connect() as connection:
        found = list(connection.scalars(select(roundups.c.due_at).order_by(roundups.c.due_at)))
    reads.dispose()
    return found


@pytest.mark.parametrize(
    "entries",
    [
        {"weekdays": ["MO", "TH"], "at": "09:30"},
        {"weekdays": ["FR"], "every_weeks": "2"},
        {"cadence": "daily", "weekdays": ["SA", "SU"], "at": "02:30"},  # which summer time leaves out on 31 March
        {"cadence": "on_day", "day": "31", "every_months": "1", "at": "23:45"},
        {"cadence": "on_weekday", "place": "-1", "weekday": "FR", "every_months": "3"},
    ],
    ids=["twice a week", "every second week", "at the weekend", "on the 31st", "once a quarter"],
)
async def test_the_three_dates_in_the_form_are_those_of_the_next_three_roundups(
    team_url: str, entries: dict[str, Any]
) -> None:
    async with team(team_url) as made:
        await they_come(made, entries)


@pytest.mark.every_deployment
async def test_they_are_the_same_on_each_database(the_team: Team) -> None:
    await they_come(the_team, {"weekdays": ["MO", "TH"], "at": "09:30"})


async def home_of(the_team: Team, person: Any) -> str:
    """What someone's Home tab says when they open it; nothing yet if the bot was too slow for Slack."""
    await the_team.slack.open_home(person)
    view = the_team.slack.home(person)
    return "" if view is None else shows(view)


async def they_come(the_team: Team, entries: dict[str, Any]) -> None:
    """Ana enters a schedule, and what she is shown is what comes."""
    view = await opened(the_team, the_team.ana)
    for name, value in entries.items():
        await the_team.slack.fill(the_team.ana, name, value)
    promised = in_the_form(view)
    assert len(promised) == 3
    await the_team.slack.submit(the_team.ana)
    line = await the_team.sees("ana moved the roundup")
    assert moments(line.text) == {promised[0]}

    for number, date in enumerate(promised):
        assert the_team.stored_channel().next_due_at == date
        said = await the_team.says(the_team.ben, f"/win step {number}")
        assert "Win saved" in said
        await the_team.sees(f"ben: step {number}")
        assert date in moments(await the_team.says(the_team.ana, "/wins help"))
        assert date in moments(await the_team.says(the_team.ana, "/wins preview"))
        assert date in moments(await the_team.says(the_team.ana, "/wins post"))
        assert date in moments(await the_team.eventually(partial(home_of, the_team, the_team.ben), "Your channels"))
        assert in_the_form(await opened(the_team, the_team.ana))[0] == date
        await the_team.slack.close_view(the_team.ana)

        await the_team.it_is(date)
        roundup = await the_team.sees_roundup(1, times=number + 1)
        assert came(the_team)[-1] == date
        if number + 1 < len(promised):
            assert promised[number + 1] in moments(roundup.text)
    assert came(the_team) == promised
