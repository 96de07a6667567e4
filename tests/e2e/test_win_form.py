"""The form of a win: bare `/win`, the shortcut and Home open it, it keeps what is entered, and it saves one win."""

from typing import Any

import pytest

from bot.views import win_form as view
from tests.db_dump import column
from tests.team import Team, shows


async def opens(team: Team, person: Any, channel: Any = None) -> Any:
    """Someone types /win alone; returns the form that they get to see."""
    answer = await team.slack.slash(person, channel or team.general, "/win")
    assert answer.error is None, answer.error
    form = team.slack.modal(person)
    assert form is not None, "a form is open"
    return form


def holds(form: Any, name: str) -> Any:
    """What a field of an open form holds."""
    (element,) = next(
        values for block_id, values in form.state.values.items() if block_id.partition("/")[0] == name
    ).values()
    return next(value for key, value in element.items() if key != "type")


@pytest.mark.every_deployment
async def test_ana_types_win_alone_and_fills_in_the_form(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    assert "Save a win" in shows(form) or form.body["title"]["text"] == "Save a win"
    assert holds(form, view.WHOSE) == [team.ana.id]
    assert holds(form, view.CHANNEL) == team.general.id
    await team.slack.fill(team.ana, view.TEXT, "fixed the build with @ben")
    await team.slack.fill(team.ana, view.WHOSE, [team.ana.id, team.ben.id])
    await team.slack.fill(team.ana, view.THANKED, [team.chloe.id])
    await team.slack.fill(team.ana, view.REASON, "found the flaky test")
    await team.slack.suggest(team.ana, view.TAGS, "Quality")
    await team.slack.fill(team.ana, view.TAGS, ["quality"])
    await team.slack.fill(team.ana, view.URL, "https://example.com/build/7")
    answer = await team.slack.submit(team.ana)
    assert answer.error is None
    assert team.slack.modal(team.ana) is None
    saved = await team.sees("Win saved", person=team.ana)
    assert "Sharing it in this channel" in saved.plain()
    await team.sees("fixed the build with @ben")
    assert column(team.database_url, "wins", "url") == ["https://example.com/build/7"]
    assert column(team.database_url, "tags", "tag") == ["quality"]
    assert sorted(column(team.database_url, "win_people", "role")) == ["credited", "thanked"]
    assert column(team.database_url, "unsaved_wins", "id") == []
    await team.slack.press(team.ana, saved, "undo_win")
    await team.slack.wait_for(lambda: not [text for text in team.posts() if "fixed" in text])
