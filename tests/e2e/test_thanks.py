"""After a win that names no one, its author is offered people who may have helped, thanks them, and says how."""

from typing import Any

import pytest

from bot.domain.consent import Preference
from bot.slack.manifest import SAVE_WIN_SHORTCUT
from bot.views import credit
from bot.views import thanks as view
from bot.views import win_form as fields
from slack_standin import View
from tests.db_dump import column
from tests.e2e.test_undo import saved
from tests.e2e.test_win_form import holds, opens, shown
from tests.e2e.test_wins_im_in import lists
from tests.team import FRIDAY_16_BERLIN, Team, shows


def offers(message: Any) -> list[str]:
    """Whom the buttons under a saved win would thank."""
    elements = [element for block in message.blocks for element in block.get("elements", [])]
    return [
        element["text"]["text"].removeprefix("Thank ") for element in elements if element.get("action_id") in view.THANK
    ]


async def thanks(team: Team, message: Any, name: str, person: Any = None) -> None:
    answer = await team.slack.press(person or team.ana, message, view.THANK[offers(message).index(name)])
    assert answer.error is None, answer.error


async def worked_together(team: Team) -> None:
    """Ana credits Chloe and then Ben in #general, and Dmitri credits her before that."""
    await team.says(team.dmitri, "/win painted the door with @ana")
    await team.sees("painted the door")
    await team.says(team.ana, "/win painted a wall with @chloe")
    await team.sees("painted a wall")
    await team.says(team.ana, "/win painted a roof with @ben")
    await team.sees("painted a roof")


@pytest.mark.every_deployment
async def test_ana_thanks_ben_with_one_press_and_says_how_he_helped(the_team: Team) -> None:
    team = the_team
    await worked_together(team)
    answer = await saved(team, "fixed the build")
    assert "Did someone help?" in answer.plain()
    assert offers(answer) == ["ben", "chloe", "dmitri"], "the latest first"
    await team.sees("ana: fixed the build")

    await thanks(team, answer, "ben")
    await team.sees("ana: fixed the build · Thanks to ben")
    answer = await team.sees("Win saved: fixed the build", person=team.ana)
    assert "Thanks to ben" in answer.plain()
    assert "Did someone else help?" in answer.plain()
    assert offers(answer) == ["chloe", "dmitri"]

    await team.slack.press(team.ana, answer, view.SAY_HOW)
    form = shown(team, team.ana)
    assert "Thanks to ben" in shows(form)
    await team.slack.fill(team.ana, view.REASON, "found the flaky test")
    assert (await team.slack.submit(team.ana)).error is None
    assert team.slack.modal(team.ana) is None
    await team.sees("ana: fixed the build · Thanks to ben: found the flaky test")
    answer = await team.sees("Win saved: fixed the build", person=team.ana)
    assert "Thanks to ben: found the flaky test" in answer.plain()
    assert "found the flaky test" in await team.says(team.chloe, "/wins search flaky")

    await thanks(team, answer, "chloe")
    await team.sees("Thanks to ben and chloe: found the flaky test")
    await team.it_is(FRIDAY_16_BERLIN)
    await team.sees_roundup(4)
    assert "Thanks to ben and chloe: found the flaky test" in team.posts()[-1]
    answer = await team.sees("Win saved: fixed the build", person=team.ana)
    await team.slack.press(team.ana, answer, "undo_win")
    await team.sees("Win deleted.", person=team.ana)


async def test_a_press_that_comes_twice_thanks_once_and_an_edit_stays(the_team: Team) -> None:
    team = the_team
    await worked_together(team)
    answer = await saved(team, "fixed the build")
    pressed = await team.slack.press(team.ana, answer, view.THANK[0])
    await team.slack.resend(pressed.request)
    await team.sees("ana: fixed the build · Thanks to ben")
    assert column(team.database_url, "win_people", "role").count("thanked") == 1
    assert max(column(team.database_url, "wins", "revision")) == 1
    await team.slack.press(team.ana, await team.sees("Win saved: fixed the build", person=team.ana), "edit_win")
    await team.slack.fill(team.ana, fields.THANKED, [])
    await team.slack.submit(team.ana)
    await team.slack.resend(pressed.request)
    await team.slack.wait_for(lambda: "ana: fixed the build" in team.posts())
    again = await team.sees("Win saved: fixed the build", person=team.ana)
    assert offers(again) == ["ben", "chloe", "dmitri"]


async def test_no_one_is_offered_where_no_one_is_known_or_someone_is_named(the_team: Team) -> None:
    team = the_team
    first = await saved(team, "my very first")
    assert offers(first) == []
    assert "help?" not in first.plain()
    await worked_together(team)
    assert offers(await saved(team, "with @dmitri again")) == []
    assert offers(await saved(team, "alone", team.chloe)) == ["ana"], "who credited her"
    dm = team.slack.open_dm(team.ana)
    await team.says(team.ana, "/win for me alone", dm)
    private = await team.sees("Win saved: for me alone", channel=dm, person=team.ana)
    assert offers(private) == []


async def test_from_the_form_the_offer_is_the_same(the_team: Team) -> None:
    team = the_team
    await worked_together(team)
    await opens(team, team.ana)
    await team.slack.fill(team.ana, fields.TEXT, "sealed the windows")
    await team.slack.submit(team.ana)
    answer = await team.sees("Win saved: sealed the windows", person=team.ana)
    assert offers(answer) == ["ben", "chloe", "dmitri"]
    await thanks(team, answer, "dmitri")
    await team.sees("ana: sealed the windows · Thanks to dmitri")


async def test_in_the_form_s_own_place_thanks_and_reason_work_too(the_team: Team) -> None:
    team = the_team
    await worked_together(team)
    await team.slack.shortcut(team.ana, SAVE_WIN_SHORTCUT)
    await team.slack.fill(team.ana, fields.TEXT, "sealed the windows")
    await team.slack.fill(team.ana, fields.CHANNEL, team.general.id)
    await team.slack.submit(team.ana)
    modal: View = shown(team, team.ana)
    assert offers(modal) == ["ben", "chloe", "dmitri"]
    await thanks(team, modal, "ben")
    assert "Thanks to ben" in shows(shown(team, team.ana))
    await team.slack.press(team.ana, shown(team, team.ana), view.SAY_HOW)
    await team.slack.fill(team.ana, view.REASON, "held the ladder")
    await team.slack.submit(team.ana)
    assert "Thanks to ben: held the ladder" in shows(shown(team, team.ana))
    await team.sees("ana: sealed the windows · Thanks to ben: held the ladder")


async def ben_is_thanked_as_a_teammate(team: Team) -> None:
    """Ana thanks Ben, who wants to be asked first."""
    await worked_together(team)
    team.prefers(team.ben, Preference.ASK)
    answer = await saved(team, "fixed the build")
    await team.sees("ana: fixed the build")
    await thanks(team, answer, "ben")
    await team.sees("ana: fixed the build · Thanks to a teammate")


async def test_who_asked_to_be_asked_is_a_teammate_until_they_say_yes(the_team: Team) -> None:
    team = the_team
    await ben_is_thanked_as_a_teammate(team)
    answer = await team.sees("Win saved: fixed the build", person=team.ana)
    assert "Thanks to ben" in answer.plain(), "the author reads the name"
    dm = team.slack.open_dm(team.ben)
    question = await team.sees("fixed the build", channel=dm, person=team.ben)
    await team.slack.press(team.ben, question, credit.YES)
    await team.sees("ana: fixed the build · Thanks to ben")


async def test_who_leaves_their_name_out_reads_that_it_stays_out(the_team: Team) -> None:
    team = the_team
    await ben_is_thanked_as_a_teammate(team)
    await team.slack.press(team.ben, await lists(team, team.ben), "decline_listed_win")
    listed = await team.sees("OK, your name stays out of it. No one is told.", person=team.ben)
    assert "Waiting for your answer" not in listed.text
    assert team.posts()[-1] == "ana: fixed the build · Thanks to a teammate"


async def test_a_reason_that_is_not_saved_stays_in_the_form(the_team: Team) -> None:
    team = the_team
    await worked_together(team)
    await thanks(team, await saved(team, "fixed the build"), "ben")
    await team.sees("ana: fixed the build · Thanks to ben")
    await team.slack.press(team.ana, await team.sees("Win saved: fixed the build", person=team.ana), view.SAY_HOW)
    await team.slack.fill(team.ana, view.REASON, "found the flaky test")
    await team.says(team.ana, "/wins")
    await team.slack.press(team.ana, await team.sees("Your recent wins", person=team.ana), "undo_listed_win")
    await team.slack.submit(team.ana)
    form = shown(team, team.ana)
    assert form.errors == {view.REASON: "This win was deleted, so it can't be changed."}
    assert holds(form, view.REASON) == "found the flaky test"


async def test_a_win_that_was_deleted_elsewhere_is_not_changed(the_team: Team) -> None:
    team = the_team
    await worked_together(team)
    answer = await saved(team, "fixed the build")
    await team.sees("ana: fixed the build")
    await team.says(team.ana, "/wins")
    await team.slack.press(team.ana, await team.sees("Your recent wins", person=team.ana), "undo_listed_win")
    await team.slack.press(team.ana, answer, view.THANK[0])
    await team.sees("This win was deleted", person=team.ana)
    assert "thanked" not in column(team.database_url, "win_people", "role")
