"""The list of the wins that someone is in: what others shared, as far as Slack says now that they may see it."""

import pytest

from tests.team import Team, shows


@pytest.mark.every_deployment
async def test_someone_reads_of_the_wins_that_they_are_in_and_may_see(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    secret = slack.add_channel("secret", private=True, members=[ana, ben])
    await the_team.says(ana, "/win shipped it with @ben")
    await the_team.says(ana, "/win found the leak with @ben", secret)
    announced = await the_team.sees("ana: shipped it")
    await the_team.sees("ana: found the leak", channel=secret)

    listed = await the_team.says(ben, "/wins")
    assert "No wins yet." in listed
    place = listed.partition("*Wins you're in*")[2]
    assert place.index("*ana:* found the leak") < place.index("*ana:* shipped it with @ben")
    assert f"<#{the_team.general.id}>" in place
    assert "Wins you're in" not in await the_team.says(ana, "/wins"), "her own are listed as hers"
    await slack.open_home(ben)
    await slack.wait_for(lambda: slack.home(ben) is not None)
    home = shows(slack.home(ben))
    assert "Wins you're in" in home
    assert "found the leak" in home

    await slack.leave(secret, ben)
    listed = await the_team.says(ben, "/wins")
    assert "found the leak" not in listed
    assert "shipped it" in listed
    await slack.leave(the_team.general, ben)
    assert "shipped it" in await the_team.says(ben, "/wins"), "the channel is public"

    slack.fault("users.conversations", "http_500_before", times=20)
    assert "wins you're in may be missing" in await the_team.says(ben, "/wins")
    slack.clear_faults()
    await slack.press(the_team.chloe, announced, action_id="join_win")
    assert "shipped it" in (await the_team.says(the_team.chloe, "/wins"))


async def test_a_tag_in_the_list_leads_to_a_search(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win painted the page #ux #quality")
    await the_team.says(the_team.ana, "/win tested the page #quality")
    await the_team.says(the_team.ana, "/wins")
    listed = await the_team.sees("Your recent wins", person=the_team.ana)
    rows = [block["elements"] for block in listed.blocks if block["type"] == "actions"]
    (menu,) = [element for row in rows for element in row if element["action_id"] == "search_tag"]
    assert [option["value"] for option in menu["options"]] == ["#quality", "#ux"]
    await the_team.slack.press(the_team.ana, listed, action_id="search_tag", value="#ux")
    found = await the_team.sees("*Wins found*", person=the_team.ana)
    assert "painted the page" in found.text
    assert "tested the page" not in found.text
