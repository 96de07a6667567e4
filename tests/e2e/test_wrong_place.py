"""A command typed where a win belongs: nothing is public before the person has said which it is."""

from typing import Any

import pytest

from tests.db_dump import column
from tests.team import Team, shows


async def asked(team: Team, text: str, channel: Any = None, person: Any = None) -> Any:
    """Someone types a command after `/win`; returns the question, which they alone see."""
    told = await team.says(person or team.ben, f"/win {text}", channel)
    assert "saved yet" in told
    assert text in told, "it gives the text back"
    return team.slack.seen_by(person or team.ben, channel or team.general)[-1]


async def test_a_command_after_win_is_asked_about_and_can_be_run_or_saved(the_team: Team) -> None:
    team = the_team
    question = await asked(team, "Preview!")
    await team.slack.press(team.ben, question, "run_command")
    await team.sees("No wins to share yet", person=team.ben)
    question = await asked(team, "“Setup”", person=team.ana)
    await team.slack.press(team.ana, question, "run_command")
    assert "Every Friday" in shows(team.slack.modal(team.ana))
    question = await asked(team, "pause until 20 March", person=team.ana)
    await team.slack.press(team.ana, question, "run_command")
    await team.sees("paused until March 20", person=team.ana)
    assert column(team.database_url, "wins", "id") == []

    question = await asked(team, "Resume")
    await team.slack.press(team.ben, question, "save_as_win")
    await team.sees("ben: Resume")
    assert column(team.database_url, "wins", "text") == ["Resume"]


async def test_running_it_asks_again_who_may(the_team: Team, caplog: pytest.LogCaptureFixture) -> None:
    team = the_team
    await team.slack.press(team.ben, await asked(team, "resume"), "run_command")
    await team.sees("You don't have permission to change this roundup.", person=team.ben)
    caplog.clear()
    secret = team.slack.add_channel("secret", private=True, members=[team.ana, team.ben], creator=team.ana)
    question = await asked(team, "preview", secret)
    await team.slack.leave(secret, team.ben)
    forged = {
        "type": "block_actions",
        "team": {"id": team.slack.team_id, "domain": "acme"},
        "user": {"id": team.ben.id, "team_id": team.slack.team_id},
        "container": {"type": "message", "message_ts": question.ts, "channel_id": secret.id},
        "response_url": f"{team.slack.origin}/actions/none",
        "trigger_id": "1.1.1",
        "actions": [{**question.blocks[-1]["elements"][0], "block_id": "b", "action_ts": "1900000000.000001"}],
    }
    await team.slack.deliver_raw(forged, kind="interactive")
    assert "NotAllowed" in [getattr(record, "reason", None) for record in caplog.records]


async def test_where_the_command_does_not_work_it_can_only_be_saved(the_team: Team) -> None:
    team = the_team
    dm = team.slack.open_dm(team.ben)
    question = await asked(team, "setup", dm)
    assert "only works in channels" in question.text
    assert [element["action_id"] for element in question.blocks[-1]["elements"]] == ["save_as_win"]
    question = await asked(team, "undo?", dm)
    await team.slack.press(team.ben, question, "run_command")
    await team.sees("No wins yet.", person=team.ben, channel=dm)
