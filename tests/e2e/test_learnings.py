"""`#learned` makes a win something learned, on every way in; an edit that adds or removes it follows."""

from typing import Any

import pytest

from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.views import win_form as fields
from tests.e2e.test_edit import opens as edits
from tests.e2e.test_edit import submits
from tests.e2e.test_win_form import holds, opens, shown
from tests.team import FRIDAY_16_BERLIN, Team


async def saves_learning(team: Team, text: str) -> Any:
    answer = await team.says(team.ana, f"/win {text}")
    assert answer.startswith(f"Learning saved: {text}")
    return await team.sees(f"Learning saved: {text}", person=team.ana)


async def test_a_typed_learning_has_its_mark_wherever_it_is_shown(the_team: Team) -> None:
    team = the_team
    await saves_learning(team, "restore a backup before trusting it #learned")
    announced = await team.sees("ana learned: restore a backup")
    assert ":seedling:" in str(announced.blocks)
    assert ":seedling: Learning" in await team.says(team.ana, "/wins")
    assert "restore a backup" in await team.says(team.ben, "/wins search #learned")
    await team.it_is(FRIDAY_16_BERLIN)
    roundup = await team.sees_roundup(1)
    assert "ana learned: restore a backup" in roundup.text.replace("*", "")
    assert ":seedling: *ana learned*" in roundup.plain()
    assert ":seedling:" in str(roundup.blocks)


@pytest.mark.parametrize("tag", ["#LEARNED", "#Learned!", "＃learned", "#ｌｅａｒｎｅｄ", "(#learned)"])
async def test_the_tag_may_be_typed_in_any_way(the_team: Team, tag: str) -> None:
    await saves_learning(the_team, f"ask earlier {tag}")


@pytest.mark.parametrize("text", ["learned to ask", "#learnedit", "see https://example.com/#learned", "a#learned"])
async def test_other_words_and_addresses_make_a_win(the_team: Team, text: str) -> None:
    assert (await the_team.says(the_team.ana, f"/win {text}")).startswith("Win saved")


async def test_in_the_form_the_tag_counts_as_the_choice_does(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    assert holds(form, fields.KIND)["value"] == "win"
    await team.slack.fill(team.ana, fields.TEXT, "sleep first #learned")
    await team.slack.submit(team.ana)
    await team.sees("Learning saved: sleep first", person=team.ana)
    message = await team.slack.say(team.ana, team.general, "never on a Friday #Learned")
    await team.slack.message_shortcut(team.ana, message, SAVE_MESSAGE_SHORTCUT)
    await team.slack.wait_for(lambda: "never on" in str(holds(shown(team, team.ana), fields.TEXT)))
    await team.slack.submit(team.ana)
    await team.sees("ana learned: never on a Friday")


async def test_an_edit_follows_the_tag_and_a_choice_by_hand_stays(the_team: Team) -> None:
    team = the_team
    answer = await saves_learning(team, "slept first #learned")
    await edits(team, answer)
    assert await submits(team, "slept first") is None
    saved = await team.sees("Win saved: slept first", person=team.ana)
    await team.sees("ana: slept first")

    await edits(team, saved)
    assert await submits(team, "slept first, #learned") is None
    saved = await team.sees("Learning saved: slept first,", person=team.ana)
    await team.sees("ana learned: slept first,")

    await edits(team, saved)
    await team.slack.fill(team.ana, fields.KIND, "win")
    assert await submits(team, "slept first, #learned") is None
    saved = await team.sees("Win saved: slept first,", person=team.ana)
    await edits(team, saved)
    assert await submits(team, "slept first, really #learned") is None
    saved = await team.sees("Win saved: slept first, really", person=team.ana)

    await edits(team, saved)
    await team.slack.fill(team.ana, fields.KIND, "learning")
    assert await submits(team, "slept first") is None
    await team.sees("Learning saved: slept first", person=team.ana)


async def test_the_help_names_the_tag(the_team: Team) -> None:
    assert "`#learned`" in await the_team.says(the_team.ben, "/win help")
