"""One press names someone on a win as part of it; its author hears of that once, and can take it back for good."""

from copy import deepcopy
from typing import Any

import pytest

from bot.views import win_form
from tests.team import FRIDAY_16_BERLIN, Team


async def until_it_says(team: Team, text: str) -> Any:
    """Wait until the only message of the channel is this text."""
    await team.slack.wait_for(lambda: team.posts() == [text])
    return team.slack.posts(team.general)[-1]


@pytest.mark.every_deployment
async def test_who_was_part_of_a_win_says_so_and_its_author_decides(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    await the_team.says(ana, "/win shipped it")
    announced = await the_team.sees("ana: shipped it")
    await slack.press(ben, announced, action_id="cheer")
    await until_it_says(the_team, "ana: shipped it · Cheered by ben")

    first = await slack.press(ben, announced, action_id="join_win")
    await until_it_says(the_team, "ana: shipped it · With ben")
    home = slack.open_dm(ana)
    note = await the_team.sees("ben says they were part of your win.", channel=home)
    assert "Your win: shipped it" in note.text
    await slack.resend(first.request)
    await slack.press(ben, announced, action_id="join_win")
    assert "already in this win" in (await the_team.sees("already in this win", person=ben)).text
    await slack.press(ana, announced, action_id="join_win")
    await the_team.sees("This win is already yours.", person=ana)

    await slack.press(chloe, announced, action_id="join_win")
    note = await the_team.sees("ben and chloe say they were part of your win.", channel=home)
    assert len(the_team.posts(home)) == 1, "one message for each win"
    await slack.press(ana, note, action_id="remove_from_win", value=f"{win_id(note)}:{ben.id}")
    await until_it_says(the_team, "ana: shipped it · With chloe · Cheered by ben")
    await the_team.sees("You removed ben.", channel=home)
    await slack.press(ben, announced, action_id="join_win")
    await the_team.sees("removed you from it", person=ben)

    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "*ana:* shipped it\nWith chloe · Cheered by ben :clap: ·" in (await the_team.sees_roundup()).text
    await slack.press(chloe, announced, action_id="join_win")
    await slack.press(chloe, await the_team.sees("already in this win", person=chloe), action_id="leave_win")
    await the_team.sees("*ana:* shipped it\nCheered by ben :clap: ·")
    await the_team.sees("No one who added themselves", channel=home)


def win_id(note: Any) -> str:
    """The win that a note is about, as its buttons have it."""
    return str(next(block["accessory"]["value"].partition(":")[0] for block in note.blocks if "accessory" in block))


async def test_who_can_not_be_part_of_a_win_is_told_why(the_team: Team) -> None:
    slack = the_team.slack
    gus = slack.add_person("gus", guest=True)
    await slack.join(the_team.general, gus)
    await the_team.says(the_team.ana, "/win shipped it with @ben")
    announced = await the_team.sees("ana: shipped it")
    await slack.press(the_team.ben, announced, action_id="join_win")
    await the_team.sees("This win is already yours.", person=the_team.ben)
    pressed = await slack.press(gus, announced, action_id="join_win")
    await until_it_says(the_team, "ana: shipped it with @ben · With gus")
    note = await the_team.sees("gus says they were part of your win.", channel=slack.open_dm(the_team.ana))

    # Answers to forged presses go to the response_url of Gus's own.
    forged = deepcopy(pressed.request.payload)
    forged["user"] |= {"id": "U0OUTSIDER", "team_id": "T0ELSEWHERE"}
    forged["actions"][0]["action_ts"] = "1900000000.000001"
    await slack.deliver_raw(forged, kind="interactive")
    await the_team.sees("isn't installed in your workspace", person=gus)
    taken = deepcopy(forged)  # someone else takes a person out of Ana's win
    taken["user"] |= {"id": the_team.chloe.id, "team_id": the_team.slack.team_id}
    taken["actions"][0] |= {"action_id": "remove_from_win", "value": f"{win_id(note)}:{gus.id}"}
    await slack.deliver_raw(taken, kind="interactive")
    await the_team.sees("That's been deleted.", person=gus)  # as of a win that there isn't
    assert the_team.posts() == ["ana: shipped it with @ben · With gus"]

    await the_team.says(the_team.ana, "/wins")
    await slack.press(
        the_team.ana, await the_team.sees("Your recent wins", person=the_team.ana), action_id="undo_listed_win"
    )
    await slack.wait_for(lambda: not the_team.posts())
    again = deepcopy(pressed.request.payload)
    again["actions"][0]["action_ts"] = "1900000000.000002"
    await slack.deliver_raw(again, kind="interactive")
    await the_team.sees("That's been deleted.", person=gus, times=2)


async def test_an_author_corrects_a_win_that_one_whom_it_thanks_has_joined(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await slack.slash(ana, the_team.general, "/win")
    await slack.fill(ana, win_form.TEXT, "shipped teh search")
    await slack.fill(ana, win_form.THANKED, [ben.id])
    await slack.submit(ana)
    announced = await the_team.sees("ana: shipped teh search")
    await slack.press(ben, announced, action_id="join_win")
    home = slack.open_dm(ana)
    await the_team.sees("ben says they were part of your win", channel=home)
    await slack.press(ana, await the_team.sees("Win saved: shipped teh", person=ana), "edit_win")
    await slack.fill(ana, win_form.TEXT, "shipped the search")
    await slack.submit(ana)
    assert slack.modal(ana) is None
    await the_team.sees("ana: shipped the search · With ben · Thanks to ben")
    await the_team.sees("Your win: shipped the search", channel=home)
    assert "With ben" in (await the_team.sees("Win saved: shipped the search", person=ana)).plain()
