"""Wins that climb: one is the next step of another, the channel reads it, and its page is for who is in the channel."""

import asyncio
import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.climbs import MAX_STEPS
from bot.domain.consent import Preference
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.services import preferences
from bot.services.wins import SaveWin, save_all
from bot.storage import channels, tables, workspaces
from bot.storage import climbs as queries
from bot.storage.wins import NewWin
from bot.views import climb as view
from bot.views import win_form as fields
from bot.views.win_buttons import OPEN_CLIMB
from tests.databases import writing
from tests.db_dump import column
from tests.e2e.test_edit import opens as edits
from tests.e2e.test_win_form import holds, opens, shown
from tests.team import Team, shows


async def offered(team: Team, person: Any, typed: str = "") -> dict[str, str]:
    """What someone is offered in the field "Next step of": labels with their values."""
    answer = await team.slack.suggest(person, fields.NEXT_STEP_OF, typed)
    assert answer.error is None, answer.error
    groups = answer.payload.get("option_groups", [])
    return {option["text"]["text"]: option["value"] for group in groups for option in group["options"]}


async def steps_on(
    team: Team, person: Any, text: str, *, earlier: str, name: str | None = None, channel: Any = None
) -> None:
    """Someone saves a win as the next step of a climb or of an `earlier` win, which begins the climb `name`."""
    await opens(team, person, channel)
    await team.slack.fill(person, fields.TEXT, text)
    await team.slack.fill(person, fields.NEXT_STEP_OF, (await offered(team, person))[earlier])
    if name is not None:
        await team.slack.fill(person, fields.NEW_NAME, name)
    answer = await team.slack.submit(person)
    assert answer.error is None, answer.error
    assert team.slack.modal(person) is None, shows(shown(team, person))
    await team.sees(text, channel=channel)


async def climbs(team: Team) -> None:
    """Ana and Ben take two steps of a climb."""
    await team.says(team.ana, "/win measured the build")
    await team.sees("measured the build")
    await steps_on(team, team.ben, "cached the build", earlier="ana: measured the build", name="Faster builds")
    await team.sees("A step of “Faster builds”", times=2)


async def page(team: Team, person: Any, text: str = "cached the build") -> Any:
    """Someone opens the climb of a win; returns what they get to see."""
    found = [message for message in team.slack.posts(team.general) if text in message.plain()]
    answer = await team.slack.press(person, found[0], OPEN_CLIMB)
    assert answer.error is None, answer.error
    await team.slack.wait_for(lambda: "Loading" not in shows(shown(team, person)))
    return shown(team, person)


@pytest.mark.every_deployment
async def test_ben_takes_the_next_step_after_ana_s_win_and_the_climb_is_reached(the_team: Team) -> None:
    team, ana, ben = the_team, the_team.ana, the_team.ben
    await climbs(team)
    await steps_on(team, ana, "the build takes a minute", earlier="Faster builds")
    climb = await page(team, team.chloe)
    said = shows(climb)
    assert said.index("Faster builds") < said.index("measured") < said.index("cached") < said.index("takes a minute")
    assert "Started by ben" in said
    assert "Rename" not in said, "she has no step in it"
    await team.slack.close_view(team.chloe)

    climb = await page(team, ana)
    await team.slack.press(ana, climb, view.MARK_REACHED)
    assert "*Reached*" in shows(climb)
    line = await team.sees("The climb “Faster builds” has reached its goal. Marked by ana.")
    await team.slack.press(ben, line, OPEN_CLIMB)
    await team.slack.wait_for(lambda: "*Reached*" in shows(shown(team, ben)))
    await team.slack.press(ben, shown(team, ben), view.TAKE_BACK)
    assert "*Reached*" not in shows(shown(team, ben))
    await team.slack.wait_for(lambda: line.deleted)


async def test_the_form_asks_for_a_name_only_where_a_climb_begins_and_forgets_what_does_not_fit(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    other = team.slack.add_channel("other", members=team.everybody, creator=ana)
    await climbs(team)
    await team.says(team.chloe, "/win wrote a test #build")
    form = await opens(team, ana)
    await team.slack.fill(ana, fields.TEXT, "the tests are faster #build")
    options = await offered(team, ana)
    assert list(options) == ["Faster builds", "chloe: wrote a test #build"], "a climb stands for its wins"
    assert list(await offered(team, ana, "fas")) == ["Faster builds"]
    assert list(await offered(team, ana, "test")) == ["chloe: wrote a test #build"]
    assert await offered(team, ana, "zebra") == {}
    await team.slack.fill(ana, fields.NEXT_STEP_OF, (await offered(team, ana))["chloe: wrote a test #build"])
    assert "What's this climb called?" in shows(form)
    assert holds(form, fields.TEXT) == "the tests are faster #build"
    assert (await team.slack.submit(ana)).error == "invalid_input", "Slack asks for the name"
    await team.slack.fill(ana, fields.NEW_NAME, "x" * 61)
    await team.slack.submit(ana)
    assert "60 characters or fewer" in shows(form)
    await team.slack.fill(ana, fields.NEXT_STEP_OF, (await offered(team, ana))["Faster builds"])
    assert "What's this climb called?" not in shows(form)

    await team.slack.fill(ana, fields.CHANNEL, other.id)
    assert holds(form, fields.NEXT_STEP_OF) is None, "it is of another channel"
    assert await offered(team, ana) == {}
    assert holds(form, fields.CHANNEL) == other.id
    await team.slack.fill(ana, fields.AUDIENCE, fields.ONLY_ME)
    assert await offered(team, ana) == {}
    await team.slack.submit(ana)
    assert column(team.database_url, "wins", "climb_id")[-1] is None


async def test_what_was_chosen_is_checked_again_when_the_win_is_saved(the_team: Team) -> None:
    team, ana, ben = the_team, the_team.ana, the_team.ben
    await team.says(ben, "/win measured the build")
    saved = await team.sees("Win saved", person=ben)
    form = await opens(team, ana)
    await team.slack.fill(ana, fields.TEXT, "cached the build")
    await team.slack.fill(ana, fields.NEXT_STEP_OF, (await offered(team, ana))["ben: measured the build"])
    await team.slack.fill(ana, fields.NEW_NAME, "Faster builds")
    await team.slack.press(ben, saved, "undo_win")
    await team.slack.submit(ana)
    assert "You can't choose that one anymore" in shows(form)
    await team.slack.fill(ana, fields.NEXT_STEP_OF, None)
    await team.slack.submit(ana)
    await team.sees("ana: cached the build")


async def test_who_is_not_in_the_channel_is_told_how_to_see_a_climb(the_team: Team) -> None:
    team = the_team
    zoe = team.slack.add_person("zoe")
    await climbs(team)
    answer = await team.slack.slash(zoe, team.general, "/wins search cached")
    assert OPEN_CLIMB in str(answer.payload), "the channel is public, so she finds its wins"
    button = await team.sees("Wins found", person=zoe)
    await team.slack.press(zoe, button, OPEN_CLIMB)
    await team.slack.wait_for(
        lambda: f"This climb is for the people in <#{team.general.id}>" in shows(shown(team, zoe))
    )
    await team.slack.close_view(zoe)
    await team.slack.join(team.general, zoe)
    await team.slack.press(zoe, button, OPEN_CLIMB)
    await team.slack.wait_for(lambda: "Started by ben" in shows(shown(team, zoe)))


async def test_a_win_joins_a_climb_when_it_is_edited_and_leaves_it_again(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await climbs(team)
    await team.says(ana, "/win the build takes a minute")
    announced = await team.sees("ana: the build takes a minute")
    saved = await team.sees("Win saved: the build takes a minute", person=ana)
    form = await edits(team, saved)
    await team.slack.fill(ana, fields.NEXT_STEP_OF, (await offered(team, ana))["Faster builds"])
    await team.slack.submit(ana)
    await team.slack.wait_for(lambda: "A step of “Faster builds”" in announced.plain())
    form = await edits(team, await team.sees("Win saved: the build takes a minute", person=ana))
    assert "Faster builds" in str(form.body), "the field shows it"
    await team.slack.fill(ana, fields.TEXT, "the build takes half a minute")
    await team.slack.submit(ana)
    await team.slack.wait_for(lambda: "half a minute" in announced.plain())
    assert "A step of “Faster builds”" in announced.plain(), "it stays in its climb"
    await edits(team, await team.sees("Win saved: the build takes half a minute", person=ana))
    await team.slack.fill(ana, fields.NEXT_STEP_OF, None)
    await team.slack.submit(ana)
    await team.slack.wait_for(lambda: "A step of" not in announced.plain())
    assert column(team.database_url, "climbs", "name") == ["Faster builds"], "the others stay"


async def test_a_climb_begins_in_the_edit_form_which_asks_for_its_name(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await team.says(team.ben, "/win measured the build")
    await team.says(ana, "/win cached the build")
    saved = await team.sees("Win saved: cached the build", person=ana)
    await team.says(team.ben, "/win later than that")
    form = await edits(team, saved)
    options = await offered(team, ana)
    assert list(options) == ["ben: measured the build"], "only what is earlier"
    await team.slack.fill(ana, fields.NEXT_STEP_OF, options["ben: measured the build"])
    assert "What's this climb called?" in shows(form)
    await team.slack.fill(ana, fields.NEW_NAME, "Faster builds")
    await team.slack.submit(ana)
    await team.sees("A step of “Faster builds”", times=2)


async def test_an_earlier_win_that_is_gone_by_the_time_it_is_chosen_is_refused_in_words(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await team.says(team.ben, "/win measured the build")
    await team.says(ana, "/win cached the build")
    form = await edits(team, await team.sees("Win saved: cached the build", person=ana))
    options = await offered(team, ana)
    undo = await team.sees("Win saved: measured the build", person=team.ben)
    await team.slack.press(team.ben, undo, "undo_win")
    await team.slack.fill(ana, fields.NEXT_STEP_OF, options["ben: measured the build"])
    await team.slack.submit(ana)
    assert "You can't choose that one anymore." in form.errors[fields.NEXT_STEP_OF]
    await team.slack.fill(ana, fields.NEXT_STEP_OF, None)
    await team.slack.submit(ana)
    assert team.slack.modal(ana) is None


async def test_what_was_written_is_given_back_if_the_win_is_deleted_before_its_step_is_chosen(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await team.says(ana, "/win measured the build")
    await team.says(ana, "/win cached the build")
    await edits(team, await team.sees("Win saved: cached the build", person=ana))
    await team.slack.fill(ana, fields.REASON, "it was slow")
    options = await offered(team, ana)
    await team.says(ana, "/wins")
    await team.slack.press(ana, await team.sees("Your recent wins", person=ana), "undo_listed_win")
    await team.slack.fill(ana, fields.NEXT_STEP_OF, options["measured the build"])
    gone = shows(shown(team, ana))
    assert "This win was deleted" in gone
    assert "cached the build\nit was slow" in gone


async def test_a_climb_is_renamed_wherever_it_is_shown(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await climbs(team)
    form = await page(team, ana)
    await team.slack.press(ana, form, view.MARK_REACHED)
    line = await team.sees("has reached its goal")
    await team.slack.press(ana, form, view.RENAME)
    await team.slack.fill(ana, view.NAME, "")
    assert (await team.slack.submit(ana)).error == "invalid_input"
    await team.slack.fill(ana, view.NAME, "Builds in a <!here> minute")
    await team.slack.submit(ana)
    assert "Builds in a" in shows(shown(team, ana))
    await team.sees("A step of “Builds in a <!here> minute”", times=2)
    await team.slack.wait_for(lambda: "Builds in a <!here> minute" in line.plain())


async def test_a_name_that_is_not_saved_is_given_back(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await climbs(team)
    await team.slack.press(ana, await page(team, ana), view.RENAME)
    await team.slack.fill(ana, view.NAME, "Builds in a minute")
    await team.says(ana, "/wins")
    await team.slack.press(ana, await team.sees("Your recent wins", person=ana), "undo_listed_win")
    await team.slack.submit(ana)
    form = shown(team, ana)
    assert form.errors == {view.NAME: "Only people who wrote one of its steps can change a climb."}
    assert holds(form, view.NAME) == "Builds in a minute"
    await team.slack.leave(team.general, ana)
    await team.slack.submit(ana)
    said = shows(shown(team, ana))
    assert f"This climb is for the people in <#{team.general.id}>" in said
    assert "Builds in a minute" in said


async def test_two_people_who_mark_a_climb_at_once_tell_the_channel_once(the_team: Team) -> None:
    team = the_team
    await climbs(team)
    pages = [(person, await page(team, person)) for person in (team.ana, team.ben)]
    await asyncio.gather(*(team.slack.press(person, shown_page, view.MARK_REACHED) for person, shown_page in pages))
    assert {"That's already done." in shows(shown_page) for _, shown_page in pages} == {True, False}
    assert column(team.database_url, "deliveries", "kind").count("climb_reached") == 1
    await team.sees("has reached its goal")


async def test_a_climb_can_not_be_marked_where_the_bot_can_not_post(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await climbs(team)
    form = await page(team, ana)
    await team.slack.archive(team.general, by=ana)
    await team.slack.press(ana, form, view.MARK_REACHED)
    assert "archived" in shows(shown(team, ana))
    assert "climb_reached" not in column(team.database_url, "deliveries", "kind")


async def test_a_step_that_is_undone_or_made_private_is_gone_from_the_page_without_a_trace(the_team: Team) -> None:
    team, ana, ben = the_team, the_team.ana, the_team.ben
    await climbs(team)
    await steps_on(team, ana, "the build takes a minute", earlier="Faster builds")
    saved = await team.sees("Win saved: cached the build", person=ben)
    await edits(team, saved, person=ben)
    await team.slack.press(ben, shown(team, ben), "make_win_private")
    await team.slack.close_view(ben)
    await team.slack.wait_for(lambda: not [text for text in team.posts() if "cached" in text])
    said = shows(await page(team, ana, "takes a minute"))
    assert "measured" in said
    assert "takes a minute" in said
    assert "cached" not in said
    await team.slack.close_view(ana)
    await team.says(ben, "/wins")
    await team.slack.press(ben, await team.sees("Your recent wins", person=ben), OPEN_CLIMB)
    await team.slack.wait_for(lambda: "Not shown in the channel" in shows(shown(team, ben)))
    assert "cached" in shows(shown(team, ben))
    assert "Mark as reached" not in shows(shown(team, ben)), "he has no step in it that others see"


async def test_one_s_own_private_wins_climb_for_oneself(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    dm = team.slack.open_dm(ana)
    await team.says(ana, "/win slept eight hours", dm)
    await opens(team, ana, dm)
    await team.slack.fill(ana, fields.TEXT, "slept nine hours")
    options = await offered(team, ana)
    assert list(options) == ["slept eight hours"]
    await team.slack.fill(ana, fields.NEXT_STEP_OF, options["slept eight hours"])
    await team.slack.fill(ana, fields.NEW_NAME, "More sleep")
    await team.slack.submit(ana)
    listing = await team.slack.slash(ana, dm, "/wins")
    assert str(listing.payload).count("A step of “More sleep”") == 4, "in the text and in the blocks"
    await team.slack.open_home(ana)
    home = team.slack.home(ana)
    assert home is not None
    await team.slack.press(ana, home, OPEN_CLIMB)
    await team.slack.wait_for(lambda: "Only you can see this" in shows(shown(team, ana)))
    await team.slack.press(ana, shown(team, ana), view.MARK_REACHED)
    assert "*Reached*" in shows(shown(team, ana))
    assert "climb_reached" not in column(team.database_url, "deliveries", "kind")


async def test_no_one_learns_of_a_climb_before_the_win_that_began_it_is_shared(the_team: Team) -> None:
    team, ana, ben = the_team, the_team.ana, the_team.ben
    await team.says(ana, "/win measured the build")
    measured = await team.sees("ana: measured the build")
    await opens(team, ana)
    await team.slack.fill(ana, fields.TEXT, "Ben cached the build")
    await team.slack.fill(ana, fields.WHOSE, [ben.id])
    await team.slack.fill(ana, fields.NEXT_STEP_OF, (await offered(team, ana))["measured the build"])
    await team.slack.fill(ana, fields.NEW_NAME, "Faster builds")
    await team.slack.submit(ana)
    saved = await team.sees("Win saved: Ben cached the build", person=ana)
    assert "A step of “Faster builds”" in saved.plain(), "its author reads it"
    form = await opens(team, team.chloe)
    assert list(await offered(team, team.chloe)) == ["ana: measured the build"]
    await team.slack.close_view(team.chloe, form)
    assert "Faster builds" not in measured.plain()
    await chooses(team, ben, Preference.SHARE)
    await team.sees("A step of “Faster builds”", times=2)
    assert "cached" in shows(await page(team, team.chloe, "measured"))


async def chooses(team: Team, person: Any, preference: Preference) -> None:
    """Someone says how they want to be named in the wins of others."""
    with writing(team.database_url) as connection:
        choose = partial(preferences.choose, team_id=team.slack.team_id, user_id=person.id, now=team.clock.now())
        choose(connection, preference=preference)


async def test_typing_a_name_offers_no_win_in_which_that_person_is_unnamed(the_team: Team) -> None:
    team, ana, ben, chloe = the_team, the_team.ana, the_team.ben, the_team.chloe
    team.prefers(ben, Preference.NEVER)
    await team.says(ana, "/win fixed the roof with @ben on the ladder")
    await team.sees("a teammate on the ladder")
    await team.says(ana, "/win fixed the fence with @dmitri")
    await team.sees("fixed the fence")
    await opens(team, chloe)
    roof, fence = "ana: fixed the roof with a teammate on the ladder", "ana: fixed the fence with @dmitri"
    assert list(await offered(team, chloe)) == [fence, roof]
    assert list(await offered(team, chloe, "dmi")) == [fence]
    assert list(await offered(team, chloe, "ana")) == [fence, roof], "one finds what one reads"
    for typed in ("ben", "@ben", ben.id, f"<@{ben.id}>"):
        assert await offered(team, chloe, typed) == {}, typed
    await team.slack.close_view(chloe)
    await opens(team, ana)
    assert list(await offered(team, ana, "ben")) == ["fixed the roof with @ben on the ladder"], "she wrote it"


def leads_to(message: Any, climb_id: int) -> None:
    """Let the button of a message lead to another climb, as only someone does who forges what Slack sends."""
    (button,) = [
        element
        for block in message.blocks
        for element in (block.get("accessory"), *block.get("elements", []))
        if element and element.get("action_id") == OPEN_CLIMB
    ]
    button["value"] = str(climb_id)


async def test_a_forged_id_leads_to_no_climb_of_another_channel_or_workspace(the_team: Team) -> None:
    team, ana, ben = the_team, the_team.ana, the_team.ben
    secret = team.slack.add_channel("launch", private=True, members=[ana, ben], creator=ana)
    await climbs(team)
    await team.says(ana, "/win zanzibar is up", secret)
    await steps_on(team, ben, "zanzibar is fast", earlier="ana: zanzibar is up", name="Zanzibar climb", channel=secret)
    with writing(team.database_url) as connection:
        workspaces.save(connection, Workspace("TOTHER", None, "Globex", "https://globex.test/", "UBOT"))
        info = channels.ConversationInfo(None, False, None)
        channels.save_info(connection, "TOTHER", team.general.id, info, now=team.clock.now())
        elsewhere = queries.add(
            connection, "TOTHER", team.general.id, name="Theirs", created_by=team.chloe.id, now=team.clock.now()
        )
        queries.mark_shared(connection, elsewhere, now=team.clock.now())
    hidden, gone = (2, elsewhere, 4711), "This climb isn't here anymore, or you can't see it."
    message = await team.sees("ben: cached the build")
    for climb_id in hidden:
        leads_to(message, climb_id)
        await team.slack.press(team.chloe, message, OPEN_CLIMB)
        await team.slack.wait_for(lambda: "Loading" not in shows(shown(team, team.chloe)))
        assert shows(shown(team, team.chloe)).strip() == gone, climb_id
        await team.slack.close_view(team.chloe)
    leads_to(message, 1)
    for climb_id in (elsewhere, 4711):
        for action in (view.MARK_REACHED, view.RENAME):
            form = await page(team, ben)
            form.body["private_metadata"] = form.body["private_metadata"].replace('"climb":1', f'"climb":{climb_id}')
            await team.slack.press(ben, form, action)
            assert shows(shown(team, ben)).strip() == gone
            await team.slack.close_view(ben)
    assert column(team.database_url, "climbs", "reached_at") == [None] * 3
    for climb_id in hidden:
        form = await opens(team, team.chloe)
        if climb_id != hidden[0]:
            await team.slack.wait_for(lambda: "Here's what you entered before." in shows(form))  # noqa: B023
        await team.slack.fill(team.chloe, fields.TEXT, "looked around")
        await team.slack.fill(team.chloe, fields.NEXT_STEP_OF, (await offered(team, team.chloe))["Faster builds"])
        (chosen,) = next(each for name, each in form.state.values.items() if name.startswith("win_next_step")).values()
        chosen["selected_option"]["value"] = f"climb:{climb_id}"
        await team.slack.submit(team.chloe)
        assert "You can't choose that one anymore" in shows(form), climb_id
        assert "anzibar" not in shows(form)
        await team.slack.close_view(team.chloe)


async def test_a_climb_stays_with_who_is_in_its_channel_when_that_becomes_private(the_team: Team) -> None:
    team, chloe = the_team, the_team.chloe
    zoe, gus = team.slack.add_person("zoe"), team.slack.add_person("gus", guest=True)
    other = team.slack.add_channel("other", members=[zoe, gus], creator=zoe)
    await climbs(team)
    await team.slack.slash(zoe, other, "/wins search cached")
    found = await team.sees("Wins found", person=zoe, channel=other)

    async def opened(person: Any, message: Any) -> str:
        await team.slack.press(person, message, OPEN_CLIMB)
        await team.slack.wait_for(lambda: "Loading" not in shows(shown(team, person)))
        said = shows(shown(team, person))
        await team.slack.close_view(person)
        return said

    assert f"<#{team.general.id}>" in await opened(zoe, found)
    await team.slack.make_private(team.general, by=team.ana)
    assert (await opened(zoe, found)).strip() == "This climb isn't here anymore, or you can't see it."
    message = await team.sees("ben: cached the build")
    assert "Started by ben" in await opened(chloe, message)
    await team.slack.join(team.general, gus)
    said = await opened(gus, message)
    assert "Started by ben" in said, "a guest who is in the channel reads it as everyone there"
    assert "Mark as reached" not in said
    await team.slack.leave(team.general, gus)
    for person in (zoe, gus):
        assert "cached" not in (await team.says(person, "/wins search build", other))
        await opens(team, person, other)
        assert await offered(team, person) == {}
        await team.slack.close_view(person)


async def test_who_leaves_the_channel_or_the_company_leaves_their_steps_in_the_climb(the_team: Team) -> None:
    team, ana, ben = the_team, the_team.ana, the_team.ben
    await climbs(team)
    form = await page(team, ben)
    await team.slack.leave(team.general, ben)
    await team.slack.press(ben, form, view.MARK_REACHED)
    assert f"This climb is for the people in <#{team.general.id}>" in shows(shown(team, ben))
    assert column(team.database_url, "climbs", "reached_at") == [None]
    await team.slack.close_view(ben)
    await team.slack.deactivate(ben)
    form = await page(team, ana)
    assert "Started by ben" in shows(form)
    assert "*ben:* cached the build" in shows(form)
    await steps_on(team, team.chloe, "the build takes a minute", earlier="Faster builds")
    for _ in range(2):
        await team.slack.press(ana, form, view.MARK_REACHED)
        line = await team.sees("has reached its goal")
        await team.records(line)
        await team.slack.press(ana, form, view.TAKE_BACK)
        await team.slack.wait_for(partial(getattr, line, "deleted"))


async def test_two_hundred_steps_are_read_page_by_page(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    await climbs(team)
    now = team.clock.now()
    new = [
        NewWin(
            parse_win(f"step {n}", []), team.slack.team_id, team.general.id, f"form:x{n}", Mention(ana.id, "ana"), now
        )
        for n in range(3, MAX_STEPS + 1)
    ]
    with writing(team.database_url) as connection:
        save_all(connection, [SaveWin(each, None, is_known_author=True) for each in new])
        connection.execute(update(tables.wins).values(climb_id=1))
    form, read = await page(team, team.chloe), 0
    while True:
        assert len(form.blocks) <= 100
        read += len(re.findall(r"\*(ana|ben):\*", shows(form)))
        if view.LATER not in str(form.blocks):
            break
        await team.slack.press(team.chloe, form, view.LATER)
    assert read == MAX_STEPS
    assert "Steps 181–200 of 200" in shows(form)
    await team.slack.press(team.chloe, form, view.EARLIER)
    assert "Steps 161–180 of 200" in shows(form)
    await team.slack.close_view(team.chloe)
    form = await opens(team, team.chloe)
    await team.slack.fill(team.chloe, fields.TEXT, "one more")
    await team.slack.fill(team.chloe, fields.NEXT_STEP_OF, (await offered(team, team.chloe, "faster"))["Faster builds"])
    await team.slack.submit(team.chloe)
    assert "That climb has 200 steps, and that's the most it can have." in shows(form)
