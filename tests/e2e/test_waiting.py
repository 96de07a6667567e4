"""What an author reads while their win waits: the same for all it may wait for. No one else reads anything."""

import re
from datetime import timedelta
from typing import Any

from bot.domain.consent import Preference
from tests.e2e.test_capture import announcements, saves, uses
from tests.team import MONDAY, Team, shows, team

WHEN = re.compile(r"\^\d+\^")
"""The second in which the win was saved."""
REASONS: tuple[Preference | None, ...] = (None, Preference.ASK, Preference.NEVER)


async def what_ana_reads(made: Team) -> list[str]:
    """Ana saves what Ben wrote as his win; returns each screen on which she finds it, in the end after 14 days."""
    said = await made.slack.say(made.ben, made.general, "we shipped search")
    await uses(made, made.ana, said)
    await saves(made, made.ana)
    saved = await made.sees("Win saved", person=made.ana)
    screens = [saved.plain(), *await lists(made)]
    await made.slack.press(made.ana, saved, "edit_win")
    screens.append(shows(made.slack.modal(made.ana)))
    await made.slack.close_view(made.ana)
    await made.it_is(MONDAY + timedelta(days=14, hours=1))
    screens += await lists(made)
    assert announcements(made) == []
    return screens


async def lists(made: Team) -> list[str]:
    await made.slack.open_home(made.ana)
    found = await made.says(made.ana, "/wins search shipped")
    home, _, channels = shows(made.slack.home(made.ana)).partition("Your channels")
    assert channels, "what follows depends on the date of the next roundup"
    return [await made.says(made.ana, "/wins"), found, home]


async def test_an_author_reads_the_same_whatever_the_reason_why_it_waits(all_databases: Any) -> None:
    read = []
    for preference in REASONS:
        async with team(all_databases.sqlite()) as made:
            if preference is not None:
                made.prefers(made.ben, preference)
            read.append([WHEN.sub("", screen) for screen in await what_ana_reads(made)])
    assert read[0] == read[1] == read[2]
    saved, listed, found, home, form, *later = read[0]
    for screen in (saved, listed, found, home, form):
        assert "Waiting to be shared in" in screen
    for screen in later:
        assert "Only you and the people in it can see this" in screen


async def test_while_a_win_waits_no_one_else_reads_or_hears_of_it(the_team: Team) -> None:
    said = await the_team.slack.say(the_team.ben, the_team.general, "we shipped search")
    await uses(the_team, the_team.ana, said)
    await saves(the_team, the_team.ana)
    assert "already saved" not in shows(await uses(the_team, the_team.chloe, said))
    await the_team.slack.close_view(the_team.chloe)
    assert "No wins found" in await the_team.says(the_team.chloe, "/wins search shipped")
    assert announcements(the_team) == []
