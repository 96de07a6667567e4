"""A week without a win: one friendly line where that was chosen, silence where not, and never any blame."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.channel_settings import QuietPolicy
from bot.domain.permissions import Actor
from bot.services.roundups import post_now
from bot.storage.database import engine
from tests.e2e.test_trust import fails, stays
from tests.team import FRIDAY_16_BERLIN, Team

QUIET = "A quiet stretch, and that's okay."
WEEK = timedelta(days=7)


async def has(made: Team, quiet: QuietPolicy, **rest: Any) -> Any:
    """A channel that Ana set up with this for its quiet weeks."""
    build = made.slack.add_channel("build", members=made.everybody, creator=made.ana)
    made.configure(build, made.ana, quiet_policy=quiet, **rest)
    return build


async def test_the_line_comes_instead_of_a_roundup_once_and_names_the_next(the_team: Team) -> None:
    build = await has(the_team, QuietPolicy.LINE)
    await the_team.it_is(FRIDAY_16_BERLIN)
    line = await the_team.sees(QUIET, channel=build)
    assert "Next roundup:" in line.text
    assert "March 15" in line.text
    assert not re.search(r"nobody|no one|missed|forgot|sadly|unfortunately|no wins", line.text, re.IGNORECASE)
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(the_team.posts(build)) == 1)


async def test_each_quiet_week_ends_with_another_thought(the_team: Team) -> None:
    build = await has(the_team, QuietPolicy.LINE)
    for week in range(3):
        await the_team.it_is(FRIDAY_16_BERLIN + week * WEEK)
        await the_team.sees(QUIET, channel=build, times=week + 1)
    thoughts = [text.removeprefix(QUIET).partition("Next roundup:")[0].strip() for text in the_team.posts(build)]
    assert all(thoughts)
    assert len(set(thoughts)) == 3


async def test_silence_where_that_was_chosen(the_team: Team) -> None:
    build = await has(the_team, QuietPolicy.SILENT)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: the_team.posts(build) == [])
    await the_team.says(the_team.ben, "/win after a quiet week", build)
    await the_team.sees("ben: after a quiet week", channel=build)
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    await the_team.sees_roundup(1, channel=build)


async def test_a_week_with_a_win_has_a_roundup_and_no_line(the_team: Team) -> None:
    build = await has(the_team, QuietPolicy.LINE)
    await the_team.says(the_team.ben, "/win not that quiet", build)
    await the_team.sees("ben: not that quiet", channel=build)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1, channel=build)
    await stays(lambda: not any(QUIET in text for text in the_team.posts(build)))


async def test_a_line_of_unknown_outcome_is_looked_for_and_said_once(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    build = await has(the_team, QuietPolicy.LINE)
    fails(the_team, "http_500_after")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("conversations.history")))
    await stays(lambda: len(the_team.posts(build)) == 1)


async def test_a_bot_that_breaks_off_in_the_middle_says_it_once(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    build = await has(the_team, QuietPolicy.LINE)
    the_team.slack.fault("chat.postMessage", "hang", times=1, effect="after")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees(QUIET, channel=build)
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(the_team.posts(build)) == 1)


@pytest.mark.parametrize(("hours", "lines"), [(20, 1), (25, 0)])
async def test_a_bot_that_was_off_says_it_within_grace_and_else_not_at_all(
    the_team: Team, hours: int, lines: int
) -> None:
    build = await has(the_team, QuietPolicy.LINE)
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=hours))
    await the_team.bot_starts()
    if lines:
        assert "late" not in (await the_team.sees(QUIET, channel=build)).text
    await stays(lambda: len(the_team.posts(build)) == lines)
    assert the_team.slack.posts(the_team.slack.open_dm(the_team.ana)) == []


async def test_a_week_whose_wins_were_told_before_their_time_is_not_called_quiet(the_team: Team) -> None:
    build = await has(the_team, QuietPolicy.LINE)
    await the_team.says(the_team.ben, "/win told on Thursday", build)
    await the_team.sees("ben: told on Thursday", channel=build)
    writes = engine(the_team.database_url, writes=True)
    with writes.begin() as connection:
        ana = Actor(the_team.ana.id, is_active=True, is_admin=True)
        place = (build.team_id, build.id)
        post_now(connection, ana, *place, up_to=10**9, now=the_team.clock.now())
    writes.dispose()
    await the_team.sees_roundup(1, channel=build)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: not any(QUIET in text for text in the_team.posts(build)))
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    await the_team.sees(QUIET, channel=build)
