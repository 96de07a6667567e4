"""People find wins: their own, and those of channels that Slack says they may see."""

from typing import Any

import pytest

from bot.views import search as view
from tests.e2e.test_home import opens_home
from tests.team import Team, shows


async def page(team: Team, text: str) -> Any:
    """Wait for the page of results that has `text`; there is one page at a time."""

    def found() -> list[Any]:
        return [each for each in team.slack.seen_by(team.chloe, team.general) if "Wins found" in each.plain()]

    await team.slack.wait_for(lambda: text in found()[0].plain())
    (message,) = found()
    return message


@pytest.mark.every_deployment
async def test_chloe_searches_page_by_page(the_team: Team) -> None:
    team = the_team
    for number in range(12):
        await team.says(team.ana, f"/win fixed build {number} #quality")
    await team.says(team.ben, "/win wrote the docs with @chloe")
    await team.says(team.chloe, "/win fixed my own build", channel=team.general)
    told = await team.says(team.chloe, "/wins search BUILDS #Quality from @ana")
    assert "Wins found" in told
    assert "fixed build 11" in told
    assert "fixed build 1 " not in told
    await team.slack.press(team.chloe, await page(team, "build 11 "), view.OLDER)
    second = await page(team, "build 1 ")
    assert "build 11 " not in second.plain()
    await team.slack.press(team.chloe, second, view.NEWER)
    assert "build 1 " not in (await page(team, "build 11 ")).plain()
    for person in (team.ana, team.ben, team.dmitri):
        assert "Wins found" not in " ".join(each.plain() for each in team.slack.seen_by(person, team.general))
    assert "docs" in await team.says(team.chloe, "/wins search @chloe docs")
    assert "No wins found" in await team.says(team.chloe, "/wins search docs in 2020")
    assert "docs" in await team.says(team.chloe, "/wins search this month docs")
    told = await team.says(team.chloe, "/wins search docs since Wednesday, February 20")
    assert "wrote the docs" in told
    assert "since February 20, 2030" in told
    assert "since February 15, 2030" in await team.says(team.chloe, "/wins search docs since the 15th")
    assert "docs" in await team.says(team.chloe, "/wins search docs in #general")
    assert "What are you looking for" in await team.says(team.chloe, "/wins search !!")
    assert "don't know anyone called" in await team.says(team.chloe, "/wins search from @zed")
    assert "could mean two dates" in await team.says(team.chloe, "/wins search docs since 3/4")
    assert "can't read `9999-12-31` as a date" in await team.says(team.chloe, "/wins search docs until 9999-12-31")
    team.slack.add_person("zelda")
    assert "@zelda" in await team.says(team.chloe, "/wins search @zelda")


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("#quality", "No wins found. Check the spelling, or search without the `#`."),
        ("build", "No wins found. Check the spelling, or try other words."),
        ("build #quality", "No wins found. Try leaving something out."),
        ("#quality last week", "No wins found. Try a longer period."),
        ("build #quality last week", "No wins found. Try leaving something out, or a longer period."),
        ("@ben", "No wins found. Try another person or channel, or a word."),
        ("in #general", "No wins found. Try another person or channel, or a word."),
    ],
)
async def test_a_search_that_finds_nothing_says_what_may_find_more(the_team: Team, typed: str, advice: str) -> None:
    said = await the_team.says(the_team.chloe, f"/wins search {typed}")
    assert said.split("\n")[0] == advice


async def test_what_was_said_in_a_private_channel_is_found_by_those_in_it(the_team: Team) -> None:
    team = the_team
    secret = team.slack.add_channel("secret", members=[team.ana, team.ben], creator=team.ana, private=True)
    await team.slack.invite_bot(secret)
    public = team.slack.add_channel("random", members=[team.ana], creator=team.ana)
    await team.slack.invite_bot(public)
    await team.says(team.ana, "/win hushed plan with @chloe", secret)
    await team.says(team.ana, "/win hushed party", public)
    await team.says(team.ana, "/win hushed only for me", team.slack.open_dm(team.ana))

    async def finds(person: Any, query: str) -> str:
        return await team.says(person, f"/wins search {query}")

    found = await finds(team.ana, "hushed")
    assert all(word in found for word in ("plan", "party", "only for me"))
    found = await finds(team.ben, "hushed")
    assert ("plan" in found, "party" in found, "only for me" in found) == (True, True, False)
    for query in ("hushed", "@chloe hushed", "hushed in #random", "hushed since last week"):
        found = await finds(team.chloe, query)
        assert "party" in found or "No wins" in found
        assert not [word for word in ("plan", "only for me", secret.id) if word in found]
    hidden, unknown = await finds(team.chloe, "in #secret"), await finds(team.chloe, "in #nowhere")
    assert hidden.replace("secret", "") == unknown.replace("nowhere", "")


async def test_ana_searches_on_home_and_in_the_modal_that_opens(the_team: Team) -> None:
    team = the_team
    await team.says(team.ana, "/win fixed the flaky build #quality")
    await team.says(team.ana, "/win wrote the docs")
    await team.slack.open_home(team.ana)
    await team.slack.fill(team.ana, view.SEARCH_FIELD, "build", on=team.slack.home(team.ana), enter=True)
    modal = team.slack.modal(team.ana)
    assert modal is not None
    assert "fixed the flaky build" in shows(modal)
    assert "docs" not in shows(modal)
    await team.slack.fill(team.ana, view.SEARCH_FIELD, "docs", enter=True)
    assert "wrote the docs" in shows(team.slack.modal(team.ana))
    await team.slack.fill(team.ana, view.SEARCH_FIELD, "@ana's build", enter=True)
    assert "fixed the flaky build" in shows(team.slack.modal(team.ana))
    await team.slack.fill(team.ana, view.SEARCH_FIELD, "since 3/4")
    await team.slack.submit(team.ana)
    assert "could mean two dates" in shows(team.slack.modal(team.ana))
    await team.slack.close_view(team.ana)
    response = await team.slack.slash(team.ana, team.general, "/wins search")
    assert response.error is None
    assert "Find a win" in shows(team.slack.modal(team.ana))


async def test_pages_turn_in_the_modal_that_a_tag_on_home_opens(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    for number in range(12):
        await team.says(ana, f"/win fixed build {number} #quality")
    home = await opens_home(team, ana)
    await team.slack.press(ana, home, view.SEARCH_TAG, value="#quality")
    modal = team.slack.modal(ana)
    assert modal is not None
    newest = shows(modal)
    assert "fixed build 11 #quality" in newest
    assert "fixed build 1 #quality" not in newest
    await team.slack.press(ana, modal, view.OLDER)
    older = shows(modal)
    assert "fixed build 1 #quality" in older
    assert "fixed build 11 #quality" not in older
    await team.slack.press(ana, modal, view.NEWER)
    assert "fixed build 11 #quality" in shows(modal)


async def test_a_full_name_that_is_typed_on_home_is_one_person(the_team: Team) -> None:
    team = the_team
    lopez = team.slack.add_person("lopez", display_name="Ana Lopez")
    await team.slack.join(team.general, lopez)
    await team.slack.open_home(lopez)
    await team.says(lopez, "/win fixed the lift")
    await team.sees("Ana Lopez: fixed the lift")
    await team.says(team.ana, "/win fixed the lights")
    await team.sees("ana: fixed the lights")
    await team.slack.open_home(team.ben)
    home = team.slack.home(team.ben)
    await team.slack.fill(team.ben, view.SEARCH_FIELD, "@ana lopez fixed", on=home, enter=True)
    found = shows(team.slack.modal(team.ben))
    assert "fixed the lift" in found
    assert "fixed the lights" not in found
    await team.slack.fill(team.ben, view.SEARCH_FIELD, "@ana fixed the lights", enter=True)
    assert "fixed the lights" in shows(team.slack.modal(team.ben)), "no one is called so, so these are words"


async def test_what_slack_does_not_say_is_left_out_and_people_read_that(the_team: Team) -> None:
    team, ben = the_team, the_team.ben
    secret = team.slack.add_channel("secret", members=[team.ana, ben], creator=team.ana, private=True)
    await team.slack.invite_bot(secret)
    await team.says(team.ana, "/win hushed plan", secret)
    await team.says(ben, "/win hushed party")
    found = await team.says(ben, "/wins search hushed")
    assert "hushed plan" in found
    assert "Channels I can't check with Slack are left out." in found
    home = await opens_home(team, ben)
    team.slack.fault("users.conversations", "http_500_before", times=None)
    found = await team.says(ben, "/wins search hushed")
    assert "hushed party" in found, "his own"
    assert "hushed plan" not in found
    assert "I couldn't check all of your channels with Slack, so some wins may be missing." in found
    assert "some wins may be missing" in await team.says(ben, "/wins search nothing")
    await team.slack.fill(ben, view.SEARCH_FIELD, "hushed in #secret", on=home, enter=True)
    await team.slack.wait_for(lambda: "I couldn't look up that channel in Slack." in shows(team.slack.modal(ben)))
    team.slack.clear_faults()
    found = await team.says(ben, "/wins search hushed")
    assert "hushed plan" in found
    assert "may be missing" not in found


async def test_guests_find_only_what_is_in_their_channels(the_team: Team) -> None:
    team = the_team
    guest = team.slack.add_person("gast", guest=True)
    hall = team.slack.add_channel("hall", members=[team.ana, guest], creator=team.ana)
    await team.slack.invite_bot(hall)
    await team.says(team.ana, "/win festive lobby", hall)
    await team.says(team.ana, "/win festive office")
    found = await team.says(guest, "/wins search festive", hall)
    assert "lobby" in found
    assert "office" not in found
    assert "public channels" not in found
