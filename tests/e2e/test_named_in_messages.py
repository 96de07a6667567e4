"""Who is mentioned in a message that is saved as a win: the form shows names, and what these people prefer holds."""

from typing import Any

import pytest

from bot.domain.consent import Preference
from bot.views import credit
from bot.views import win_form as view
from tests.db_dump import column
from tests.e2e.test_capture import announcements, lets_it_listen, saves, uses
from tests.e2e.test_preferences import prefers
from tests.e2e.test_win_form import holds
from tests.team import Team, shows


def roles(team: Team) -> dict[str, str]:
    """What each person is to the only win, by user id."""
    people = (column(team.database_url, "win_people", name) for name in ("user_id", "role"))
    return dict(zip(*people, strict=True))


async def uses_on_own_message(team: Team, text: str) -> Any:
    return await uses(team, team.ana, await team.slack.say(team.ana, team.general, text))


@pytest.mark.every_deployment
@pytest.mark.parametrize("preference", [None, *Preference], ids=str)
async def test_a_message_of_one_s_own_names_people_as_a_typed_win_does(
    the_team: Team, preference: Preference | None
) -> None:
    team = the_team
    if preference is not None:
        team.prefers(team.ben, preference)
    form = await uses_on_own_message(team, f"fixed it with <@{team.ben.id}>")
    assert holds(form, view.TEXT) == "fixed it with @ben"
    assert holds(form, view.WHOSE) == [team.ana.id, team.ben.id]
    await saves(team, team.ana)
    assert column(team.database_url, "wins", "text") == [f"fixed it with <@{team.ben.id}>"]
    assert roles(team) == {team.ben.id: "credited"}
    if preference is Preference.ASK:
        question = await team.sees("fixed it", channel=team.slack.open_dm(team.ben), person=team.ben)
        assert announcements(team) == []
        await team.slack.press(team.ben, question, credit.YES)
    whom = "a teammate" if preference is Preference.NEVER else "@ben"
    await team.sees(f"ana: fixed it with {whom}")


@pytest.mark.every_deployment
async def test_a_win_of_who_wrote_the_message_names_no_one_who_does_not_want_it(the_team: Team) -> None:
    team = the_team
    team.prefers(team.chloe, Preference.SHARE)
    team.prefers(team.ben, Preference.NEVER)
    said = f"fixed it with <@{team.ben.id}> and <@{team.dmitri.id}>"
    form = await uses(team, team.ana, await team.slack.say(team.chloe, team.general, said))
    assert holds(form, view.WHOSE) == [team.chloe.id]
    await saves(team, team.ana)
    await team.sees("chloe: fixed it with a teammate and @dmitri")
    await team.sees("Win saved: fixed it with @ben and @dmitri", person=team.ana)
    assert roles(team) == {team.ben.id: "former", team.chloe.id: "credited", team.dmitri.id: "former"}
    assert "No wins found" in await team.says(team.dmitri, "/wins search ben")
    await prefers(team, team.dmitri, "never")
    await team.sees("chloe: fixed it with 2 teammates")


async def test_who_still_stands_in_an_edited_text_is_no_plain_name_there_and_who_does_not_is_gone(
    the_team: Team,
) -> None:
    team = the_team
    team.prefers(team.ben, Preference.NEVER)
    await uses_on_own_message(team, f"fixed it with <@{team.ben.id}> and <@{team.dmitri.id}>")
    await team.slack.fill(team.ana, view.WHOSE, [team.ana.id])
    await team.slack.fill(team.ana, view.TEXT, "fixed the build with @ben; Ben did most")
    await saves(team, team.ana)
    await team.sees("ana: fixed the build with a teammate; a teammate did most")
    assert roles(team) == {team.ben.id: "former"}


async def test_a_form_that_is_closed_and_filled_in_again_and_changes_knows_who_its_names_are(the_team: Team) -> None:
    team = the_team
    team.prefers(team.ben, Preference.NEVER)
    message = await team.slack.say(team.ana, team.general, f"<@{team.ben.id}>さんと直した")
    await uses(team, team.ana, message)
    await team.slack.fill(team.ana, view.THANKED, [team.chloe.id])
    await team.slack.close_view(team.ana)

    form = await uses(team, team.ana, message)
    assert "It isn't saved yet" in shows(form)
    assert holds(form, view.TEXT) == "@benさんと直した"
    await team.slack.fill(team.ana, view.WHOSE, [team.ana.id])
    for audience in (view.ONLY_ME, view.IN_CHANNEL):
        await team.slack.fill(team.ana, view.AUDIENCE, audience)
    await team.slack.fill(team.ana, view.TEXT, f"@benさんと{'長' * 500}")
    await team.slack.submit(team.ana)
    assert "! " in shows(team.slack.modal(team.ana)), "it is too long"
    await team.slack.fill(team.ana, view.TEXT, "@benさんと全部直した")
    await saves(team, team.ana)
    await team.sees("ana: A teammateさんと全部直した")
    assert roles(team) == {team.ben.id: "former", team.chloe.id: "thanked"}


@pytest.mark.parametrize("is_direct", [False, True], ids=["mention", "direct"])
async def test_who_is_taken_out_of_what_was_written_to_the_bot_is_no_plain_name(
    the_team: Team, *, is_direct: bool
) -> None:
    team, text = the_team, f"we shipped search with <@{the_team.ben.id}>"
    lets_it_listen(team)
    team.prefers(team.ben, Preference.NEVER)
    dm = team.slack.open_dm(team.ana)
    if is_direct:
        await team.slack.say(team.ana, dm, text)
    else:
        await team.slack.mention(team.ana, team.general, text)
    answer = await team.sees("Want to save that as a win?", person=team.ana, channel=dm if is_direct else None)
    await team.slack.press(team.ana, answer, view.OPEN_WIN_FORM)
    assert holds(team.slack.modal(team.ana), view.WHOSE) == [team.ana.id, team.ben.id]
    await team.slack.fill(team.ana, view.WHOSE, [team.ana.id])
    if is_direct:
        await team.slack.fill(team.ana, view.AUDIENCE, view.IN_CHANNEL)
        await team.slack.fill(team.ana, view.CHANNEL, team.general.id)
    await saves(team, team.ana)
    await team.sees("ana: we shipped search with a teammate")
    assert roles(team) == {team.ben.id: "former"}


async def test_an_app_that_is_mentioned_is_no_one_whose_win_it_is(the_team: Team) -> None:
    team = the_team
    lets_it_listen(team)
    ci = team.slack.add_person("ci", is_bot=True)
    await team.slack.mention(team.ana, team.general, f"<@{ci.id}> is green again")
    answer = await team.sees("Want to save that as a win?", person=team.ana)
    await team.slack.press(team.ana, answer, view.OPEN_WIN_FORM)
    form = team.slack.modal(team.ana)
    assert holds(form, view.TEXT) == "@ci is green again"
    assert holds(form, view.WHOSE) == [team.ana.id]
    await saves(team, team.ana)
    await team.sees("ana: @ci is green again")
