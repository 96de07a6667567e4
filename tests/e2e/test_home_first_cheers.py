"""Waiting for a first cheer, on Home: wins of others in one's channels, until someone cheers them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.test_home import forged, opens_home, part
from tests.team import MONDAY, Team, shows

WAITING = "Waiting for a first cheer"
CHEER = "cheer_listed_win"


async def waiting(made: Team, person: Any) -> str:
    """What someone's Home lists as waiting for a first cheer."""
    return part(await opens_home(made, person), WAITING)


@pytest.mark.every_deployment
async def test_a_win_waits_on_the_home_of_others_until_one_of_them_cheers_it(the_team: Team) -> None:
    await the_team.says(the_team.ben, f"/win reviewed a long pull request with @{the_team.dmitri.name}")
    announced = await the_team.sees("ben: reviewed a long")
    assert await waiting(the_team, the_team.chloe) == "", "it has only just been said"

    await the_team.it_is(MONDAY + timedelta(hours=3))
    for person in (the_team.ben, the_team.dmitri):
        assert WAITING not in shows(await opens_home(the_team, person)), "they are in it"
    view = await opens_home(the_team, the_team.chloe)
    said = part(view, WAITING)
    assert "*ben:* reviewed a long pull request" in said
    assert f"<#{the_team.general.id}>" in said
    assert announced.ts.replace(".", "") in said
    assert "reviewed a long" in await waiting(the_team, the_team.ana)

    await the_team.slack.press(the_team.chloe, view, CHEER)
    await the_team.sees("Cheered by chloe")
    assert WAITING not in shows(the_team.slack.home(the_team.chloe)), "the tab shows it at once"
    assert WAITING not in shows(await opens_home(the_team, the_team.ana)), "it waits for no one's any more"
    assert "Cheered by chloe" in part(await opens_home(the_team, the_team.ben), "Your recent wins")


async def test_a_reaction_is_a_first_cheer_and_taking_it_back_lets_the_win_wait_again(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win wrote the runbook")
    announced = await the_team.sees("ben: wrote the runbook")
    await the_team.it_is(MONDAY + timedelta(hours=3))
    await the_team.slack.react(the_team.chloe, the_team.general, announced.ts, "tada")
    assert await waiting(the_team, the_team.ana) == ""
    await the_team.slack.unreact(the_team.chloe, the_team.general, announced.ts, "tada")
    assert "wrote the runbook" in await waiting(the_team, the_team.ana)
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    assert "wrote the runbook" in await waiting(the_team, the_team.ana), "an author doesn't cheer themselves"


async def test_three_wins_are_shown_and_none_that_is_older_than_two_weeks_or_gone(the_team: Team) -> None:
    for number in range(5):
        await the_team.says(the_team.ben, f"/win step {number}")
        await the_team.sees(f"ben: step {number}")
    await the_team.it_is(MONDAY + timedelta(hours=3))
    assert (await waiting(the_team, the_team.chloe)).count("*ben:* step") == 3
    await the_team.says(the_team.chloe, "/win answered on the forum")
    announced = await the_team.sees("chloe: answered on the forum")
    await the_team.it_is(MONDAY + timedelta(days=15))
    assert await waiting(the_team, the_team.ana) == ""
    assert announced.ts


async def test_an_undone_win_waits_for_nothing(the_team: Team) -> None:
    reply = await the_team.says(the_team.ben, "/win said too much")
    await the_team.sees("ben: said too much")
    await the_team.it_is(MONDAY + timedelta(hours=3))
    view = await opens_home(the_team, the_team.chloe)
    assert "said too much" in part(view, WAITING)
    assert reply
    await the_team.says(the_team.ben, "/wins")
    listed = await the_team.sees("Your recent wins", person=the_team.ben)
    await the_team.slack.press(the_team.ben, listed, action_id="undo_listed_win")
    await the_team.slack.press(the_team.chloe, view, CHEER)
    assert "That's been deleted." in shows(the_team.slack.modal(the_team.chloe))
    assert WAITING not in shows(the_team.slack.home(the_team.chloe))


async def test_the_wins_of_an_archived_channel_wait_for_no_one_until_it_is_back(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win wrote the runbook")
    await the_team.sees("ben: wrote the runbook")
    await the_team.it_is(MONDAY + timedelta(hours=3))
    assert "wrote the runbook" in await waiting(the_team, the_team.chloe)
    await the_team.slack.archive(the_team.general)
    assert WAITING not in shows(await opens_home(the_team, the_team.chloe))
    await the_team.slack.unarchive(the_team.general)
    await the_team.sees("I'm back in this channel")
    assert "wrote the runbook" in await waiting(the_team, the_team.chloe)


async def test_what_slack_does_not_confirm_is_left_out_and_cheered_by_no_one(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ben, the_team.chloe])
    gus = the_team.slack.add_person("gus", guest=True)
    await the_team.slack.join(secret, gus)
    await the_team.says(the_team.ben, "/win nobody else knows", secret)
    await the_team.sees("ben: nobody else knows", channel=secret)
    await the_team.it_is(MONDAY + timedelta(hours=3))
    assert WAITING not in shows(await opens_home(the_team, the_team.ana)), "an admin who isn't in it"
    for person in (the_team.chloe, gus):
        assert "nobody else knows" in await waiting(the_team, person)

    view = await opens_home(the_team, the_team.chloe)
    (value,) = [
        block["accessory"]["value"] for block in view.blocks if block.get("accessory", {}).get("action_id") == CHEER
    ]
    assert "That's been deleted." in await forged(the_team, the_team.ana, CHEER, value)
    assert "This win is yours" in await forged(the_team, the_team.ben, CHEER, value)
    assert not [text for text in the_team.posts(secret) if "Cheered" in text]

    await the_team.slack.leave(secret, the_team.chloe)
    assert WAITING not in shows(await opens_home(the_team, the_team.chloe))
    for method in ("users.info", "users.conversations"):
        the_team.slack.fault(method, "error", times=None, name="internal_error")
        await the_team.it_is(the_team.clock.now() + timedelta(hours=2))
        assert "nobody else knows" not in shows(await opens_home(the_team, gus)), method
        the_team.slack.clear_faults()
