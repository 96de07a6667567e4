"""The whole loop: someone logs a win, the channel sees it, others cheer, and on Friday the roundup tells it again."""

from datetime import timedelta

import pytest

from tests.team import FRIDAY_16_BERLIN, Team


@pytest.mark.every_deployment
@pytest.mark.over_http
async def test_ana_logs_a_win_others_cheer_and_fridays_roundup_shows_it(the_team: Team) -> None:
    told = await the_team.says(the_team.ana, "/win fixed the flaky build with @ben #quality")
    assert told.startswith("Win saved: fixed the flaky build with @ben #quality")
    assert "With ben · Tags: #quality" in told

    announced = await the_team.sees("ana: fixed the flaky build with @ben #quality")
    await the_team.slack.press(the_team.dmitri, announced, action_id="cheer")
    await the_team.sees("Cheered by dmitri")
    await the_team.slack.react(the_team.chloe, the_team.general, announced.ts, "tada")

    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
    roundup = await the_team.sees_roundup(1)
    assert "ana:* fixed the flaky build with @ben #quality" in roundup.text
    assert "Cheered by dmitri and chloe" in roundup.text
    assert announced.ts.replace(".", "") in roundup.text
    assert "Sorry I'm late!" not in roundup.text


async def test_both_doors_lead_to_the_same_loop(the_team_both_ways: Team) -> None:
    team = the_team_both_ways
    assert "Win saved: wrote the first test" in await team.says(team.ben, "/win wrote the first test")
    announced = await team.sees("ben: wrote the first test")
    await team.slack.press(team.ana, announced, action_id="cheer")
    await team.sees("Cheered by ana")
    await team.slack.react(team.chloe, team.general, announced.ts, "wave::skin-tone-3")
    mine = await team.eventually(lambda: team.says(team.ben, "/wins"), "Cheered by ana and chloe")
    assert "wrote the first test" in mine


@pytest.mark.parametrize(
    ("count", "opening"), [(1, "One good thing, worth a moment."), (2, "A few good things, each worth a moment.")]
)
async def test_a_roundup_of_one_win_does_not_open_as_if_there_were_several(
    the_team: Team, count: int, opening: str
) -> None:
    second_friday = FRIDAY_16_BERLIN + timedelta(days=7)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.until(lambda: the_team.stored_channel().next_due_at == second_friday)
    for number in range(count):
        await the_team.says(the_team.ana, f"/win climbed step {number}")
        await the_team.sees(f"ana: climbed step {number}")
    await the_team.it_is(second_friday)
    roundup = await the_team.sees_roundup(count)
    assert opening in roundup.text.splitlines()
