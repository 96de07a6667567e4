"""View change history: admins read who changed what, where and when, as far as they may see the channel."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.test_home import opens_home
from tests.e2e.test_setup import opened
from tests.team import MONDAY, Team, shows


async def log(made: Team, person: Any) -> Any:
    """Someone opens the audit log from their Home, and sees it."""
    answer = await made.slack.press(person, await opens_home(made, person), "home_audit")
    assert answer.error is None, answer.error
    view = made.slack.modal(person)
    assert view is not None, "the log is open"
    return view


async def moves(made: Team, at: str, channel: Any = None) -> None:
    """Ana moves a channel's roundup to another time."""
    await opened(made, made.ana, channel)
    await made.slack.fill(made.ana, "at", at)
    await made.slack.submit(made.ana)


@pytest.mark.every_deployment
async def test_an_admin_reads_who_changed_what_where_and_when_with_what_was_there_before(the_team: Team) -> None:
    assert "No changes yet" in shows(await log(the_team, the_team.ana))
    await the_team.it_is(MONDAY + timedelta(hours=1))
    await moves(the_team, "15:00")
    said = shows(await log(the_team, the_team.ana))
    assert "ana changed the roundup settings.\n_Time:_ 16:00 → 15:00\n" in said
    assert "every Friday" not in said
    [at] = re.findall(rf"<#{the_team.general.id}> · <!date\^(\d+)\^", said)
    assert 0 <= int(at) - (MONDAY + timedelta(hours=1)).timestamp() < 60
    assert "Monday, March 4 at 11:00 (Berlin)" in said


async def test_the_log_has_pages_and_asks_at_each_who_reads_it(the_team: Team) -> None:
    for hour in range(24):
        await moves(the_team, f"{hour:02}:30")
    view = await log(the_team, the_team.ana)
    assert [f"→ {hour:02}:30" in shows(view) for hour in range(24)] == [False] * 14 + [True] * 10
    await the_team.slack.press(the_team.ana, view, "audit_older")
    assert [f"→ {hour:02}:30" in shows(view) for hour in (3, 4, 13, 14)] == [
        *(False, True, True, False),
    ]
    await the_team.slack.press(the_team.ana, view, "audit_older")
    assert "→ 00:30" in shows(view)
    assert "Older" not in shows(view)
    await the_team.slack.press(the_team.ana, view, "audit_newest")
    assert "→ 23:30" in shows(view)

    await the_team.slack.change_person(the_team.ana, is_admin=False)
    before = shows(view)
    await the_team.slack.press(the_team.ana, view, "audit_older")
    assert shows(view) == before
    assert "Only workspace admins and owners" in shows(the_team.slack.modal(the_team.ana))


async def test_a_private_channel_is_in_nobodys_log_who_is_not_in_it(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ana, the_team.ben])
    await moves(the_team, "11:11", secret)
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "posts_in", secret.id)
    await the_team.slack.submit(the_team.ana)
    view = await log(the_team, the_team.ana)
    assert "11:11" in shows(view)
    assert f"_Post in:_ <#{the_team.general.id}> → <#{secret.id}>" in shows(view)

    await the_team.slack.leave(secret, the_team.ana)
    view = await log(the_team, the_team.ana)
    assert "11:11" not in shows(view)
    assert secret.id not in str(view.blocks)
    assert f"_Post in:_ <#{the_team.general.id}> → a channel you can't see" in shows(view)


async def test_nobody_else_opens_the_log(the_team: Team) -> None:
    view = await opens_home(the_team, the_team.ana)
    await the_team.slack.change_person(the_team.ana, is_admin=False)
    await the_team.slack.press(the_team.ana, view, "home_audit")
    assert "Only workspace admins and owners" in shows(the_team.slack.modal(the_team.ana))
