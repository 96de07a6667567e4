"""People choose how they are named in wins of others, and what waits and what is shared follows at once."""

from typing import Any

import pytest

from bot.storage import preferences
from bot.views import preferences as view
from tests.e2e.test_home import opens_home, part, stored
from tests.team import Team, shows


async def opens(made: Team, person: Any) -> Any:
    """Someone opens the form with the command."""
    answer = await made.slack.slash(person, made.general, "/wins preferences")
    assert answer.error is None, answer.error
    form = made.slack.modal(person)
    assert form is not None, "a form is open"
    return form


async def prefers(made: Team, person: Any, preference: str) -> str:
    """Someone chooses how they are named, and reads what happens now."""
    await opens(made, person)
    await made.slack.fill(person, view.NAMING, preference)
    return await saves(made, person)


async def saves(made: Team, person: Any) -> str:
    """Someone saves the form, and closes what it says then."""
    answer = await made.slack.submit(person)
    assert answer.error is None, answer.error
    said = shows(made.slack.modal(person))
    await made.slack.close_view(person, everything=True)
    return said


def chosen(made: Team, person: Any) -> preferences.Preferences:
    """What is stored of someone."""
    found: dict[str, preferences.Preferences] = stored(
        made, lambda connection: preferences.of_people(connection, made.slack.team_id, [person.id])
    )
    return found[person.id]


@pytest.mark.every_deployment
async def test_who_asks_to_be_asked_decides_about_each_win(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win before he chose, with @ben")
    await the_team.sees("ana: before he chose, with @ben")
    form = shows(await opens(the_team, ben))
    assert "You haven't chosen yet" in form
    assert "No one is told what you choose here." in form
    await slack.close_view(ben)
    assert "waits until you say yes" in await prefers(the_team, ben, "ask")
    assert len(the_team.posts()) == 1, "what is shared stays as it is"

    await the_team.says(ana, "/win shipped it with @ben")
    await the_team.says(ana, "/win without anyone")
    await the_team.sees("ana: without anyone")
    assert "shipped it" not in " ".join(the_team.posts())
    listed = await the_team.says(ben, "/wins")
    waiting, _, rest = listed.partition("*Wins you're in*")
    assert "*Waiting for your answer* (only visible to you)" in waiting
    assert "*ana:* shipped it with @ben\n" in waiting
    assert f"Not shared in <#{the_team.general.id}> yet · ana credited you" in waiting
    assert "before he chose" in rest
    answered = await slack.press(ben, (await the_team.sees("Waiting for", person=ben)), action_id="share_listed_win")
    await the_team.sees("ana: shipped it with @ben")
    listed = (await the_team.sees("It's shared with your name now.", person=ben)).text
    assert "Waiting for your answer" not in listed
    assert "shipped it" in listed.partition("*Wins you're in*")[2]
    await slack.resend(answered.request)
    assert len([text for text in the_team.posts() if "shipped it" in text]) == 1


async def test_who_prefers_to_share_says_yes_to_all_that_waits(the_team: Team) -> None:
    await prefers(the_team, the_team.ben, "ask")
    await the_team.says(the_team.ana, "/win one with @ben")
    await the_team.says(the_team.ana, "/win two with @ben")
    said = await prefers(the_team, the_team.ben, "share")
    assert "If any were waiting for your answer, that's now a yes." in said
    await the_team.sees("ana: one with @ben")
    await the_team.sees("ana: two with @ben")
    assert "Waiting for your answer" not in await the_team.says(the_team.ben, "/wins")
    await the_team.says(the_team.ana, "/win three with @ben")
    await the_team.sees("ana: three with @ben")


async def test_who_is_never_named_is_a_teammate_everywhere_at_once(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped it with @ben")
    announced = await the_team.sees("ana: shipped it with @ben")
    await the_team.records(announced)
    said = await prefers(the_team, ben, "never")
    assert "others now read “a teammate” instead of your name, even in those already shared" in said
    await slack.wait_for(lambda: the_team.posts() == ["ana: shipped it with a teammate"])
    listed = await the_team.says(ben, "/wins")
    assert "*ana:* shipped it with @ben" in listed.partition("*Wins you're in*")[2], "he reads his own name"
    await prefers(the_team, ben, "ask")
    await the_team.says(ana, "/win one more")
    await the_team.sees("one more")
    assert the_team.posts()[0] == "ana: shipped it with a teammate", "he hasn't said yes to that"
    await prefers(the_team, ben, "share")
    await slack.wait_for(lambda: the_team.posts()[0] == "ana: shipped it with @ben")


async def test_home_says_how_someone_is_named_and_opens_the_form(the_team: Team) -> None:
    slack, ben = the_team.slack, the_team.ben
    home = await opens_home(the_team, ben)
    assert "You haven't chosen yet." in part(home, "How you're named")
    await slack.press(ben, home, "open_preferences")
    await slack.fill(ben, view.NAMING, "never")
    await slack.fill(ben, view.MESSAGES, "unwanted")
    await saves(the_team, ben)
    assert chosen(the_team, ben).wants_messages is False
    await slack.wait_for(lambda: "read “a teammate”" in part(slack.home(ben), "How you're named"))
    assert "I don't message you about wins you're in." in part(slack.home(ben), "How you're named")

    form = await opens(the_team, ben)
    assert "You haven't chosen yet" not in shows(form)
    await slack.fill(ben, view.MESSAGES, "wanted")
    await saves(the_team, ben)
    assert chosen(the_team, ben).wants_messages is True
    assert chosen(the_team, ben).preference == "never", "it stays as it is shown"


async def test_messages_can_be_stopped_without_choosing_how_to_be_named(the_team: Team) -> None:
    await opens(the_team, the_team.ben)
    await the_team.slack.fill(the_team.ben, view.MESSAGES, "unwanted")
    assert "Your choice is saved." in await saves(the_team, the_team.ben)
    assert chosen(the_team, the_team.ben) == preferences.Preferences(wants_messages=False)


async def test_a_guest_chooses_too_and_is_told_where_wins_wait(the_team: Team) -> None:
    gus = the_team.slack.add_person("gus", guest=True)
    await the_team.slack.join(the_team.general, gus)
    form = await opens(the_team, gus)
    assert "As a guest, you don't get messages from me." in shows(form)
    assert "Send me a message" not in shows(form)
    await the_team.slack.close_view(gus)
    await prefers(the_team, gus, "ask")
    await the_team.says(the_team.ana, "/win showed it to @gus")
    assert not the_team.posts()
    await the_team.says(gus, "/wins")
    listed = await the_team.sees("Waiting for your answer", person=gus)
    await the_team.slack.press(gus, listed, action_id="share_listed_win")
    await the_team.sees("ana: showed it to @gus")


async def test_the_form_can_be_asked_for_where_nothing_is_shared(the_team: Team) -> None:
    home = the_team.slack.open_dm(the_team.ben)
    answer = await the_team.slack.slash(the_team.ben, home, "/wins preferences")
    assert answer.error is None
    assert "In teammates' wins" in shows(the_team.slack.modal(the_team.ben))
    await the_team.slack.close_view(the_team.ben)
    assert "`/wins preferences`" in await the_team.says(the_team.ben, "/wins help")
    assert "`/wins preferences`" in await the_team.says(the_team.ben, "/wins help", home)
