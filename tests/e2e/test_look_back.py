"""A look back: who asks for it gets one of their wins of a year ago each month, in private, until they stop it."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.views import preferences as view
from tests.e2e.test_credit import messages_to, told
from tests.e2e.test_credit_notes import nothing_more_comes
from tests.e2e.test_home import opens_home
from tests.e2e.test_preferences import chosen, opens, saves
from tests.team import Team, shows

A_YEAR_ON = datetime(2031, 3, 4, 15, 0, tzinfo=UTC)
"""A Tuesday; it's 10:00 where Ben lives."""
A_YEAR_AGO = "About a year ago, on March 4, 2030"
DAY = timedelta(days=1)


def looks_back(team: Team, person: Any) -> list[str]:
    """The looks back that someone has got, and not that roundups of the year that passed were too late."""
    return [text for text in messages_to(team, person) if A_YEAR_AGO in text]


async def asks_for_it(team: Team, person: Any) -> None:
    await opens(team, person)
    await team.slack.fill(person, view.LOOK_BACK, view.WANTED)
    await saves(team, person)


@pytest.mark.every_deployment
async def test_who_asks_for_it_sees_a_win_of_a_year_ago_once_and_stops_it_in_one_press(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    for person, text in ((ben, "fixed the flaky build"), (ana, "wrote the docs")):
        await the_team.says(person, f"/win {text}")
        await the_team.sees(text)
    await asks_for_it(the_team, ben)
    await nothing_more_comes(the_team, A_YEAR_ON - 20 * DAY)
    assert looks_back(the_team, ben) == []
    await nothing_more_comes(the_team, A_YEAR_ON - timedelta(hours=6))
    assert looks_back(the_team, ben) == [], "he isn't at work"
    await the_team.it_is(A_YEAR_ON)
    seen = await told(the_team, ben, A_YEAR_AGO)
    assert f"{A_YEAR_AGO}, you had this win:*\nfixed the flaky build" in seen.text
    assert "View message" in seen.text
    await the_team.bot_stops()
    await the_team.bot_starts()
    await nothing_more_comes(the_team, A_YEAR_ON + DAY)
    assert len(looks_back(the_team, ben)) == 1, "once a month"
    assert looks_back(the_team, ana) == [], "she hasn't asked for it"

    pressed = await slack.press(ben, seen, "look_back_stop")
    stopped = await told(the_team, ben, "I won't send you these anymore.")
    assert not chosen(the_team, ben).wants_look_back
    await slack.press(ben, stopped, "look_back_resume")
    await told(the_team, ben, "You asked me for one of your wins")
    forged = deepcopy(pressed.request.payload)
    forged["user"]["id"] = ana.id
    forged["actions"][0]["action_ts"] = "1990000000.000001"
    await slack.deliver_raw(forged, kind="interactive")
    await the_team.sees("Only the person who gets these messages", channel=slack.open_dm(ben), person=ben)
    assert chosen(the_team, ben).wants_look_back


async def test_a_win_that_is_gone_or_may_not_be_read_is_not_shown(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    secret = slack.add_channel("secret", members=[ana, ben], creator=ana, private=True)
    await slack.slash(ana, secret, "/invite @winsome")
    await the_team.says(ben, "/win a secret", secret)
    await the_team.sees("ben: a secret", channel=secret)
    await the_team.says(ana, "/win in the open")
    await the_team.sees("ana: in the open")
    for person in (ana, ben):
        await asks_for_it(the_team, person)
    await slack.leave(secret, ben)
    await the_team.it_is(A_YEAR_ON - timedelta(hours=1))  # Ana, in Berlin, is at work until 17:00
    await told(the_team, ana, A_YEAR_AGO)
    await nothing_more_comes(the_team, A_YEAR_ON)
    assert looks_back(the_team, ben) == []
    await slack.press(ana, await the_team.sees("Win saved: in the open", person=ana), "undo_win")
    await slack.wait_for(lambda: looks_back(the_team, ana) == [])


async def test_one_press_on_home_asks_for_it_and_another_stops_it(the_team: Team) -> None:
    slack, ben = the_team.slack, the_team.ben
    await the_team.says(ben, "/win fixed the flaky build")
    await the_team.sees("ben: fixed the flaky build")
    home = await opens_home(the_team, ben)
    assert "What did you get done a year ago?" in shows(home)
    await slack.press(ben, home, "home_look_back_on")
    assert chosen(the_team, ben).wants_look_back
    await slack.wait_for(lambda: "Each month, I send you one of your wins" in shows(slack.home(ben)))
    await the_team.it_is(A_YEAR_ON)
    await told(the_team, ben, A_YEAR_AGO)
    home = slack.home(ben)
    assert home is not None
    await slack.press(ben, home, "home_look_back_off")
    assert not chosen(the_team, ben).wants_look_back
    await slack.wait_for(lambda: "What did you get done a year ago?" in shows(slack.home(ben)))


async def test_guests_and_those_whom_slack_does_not_know_are_not_offered_it(the_team: Team) -> None:
    gus = the_team.slack.add_person("gus", guest=True)
    await the_team.slack.join(the_team.general, gus)
    assert "a year ago" not in shows(await opens_home(the_team, gus))
    the_team.slack.fault("users.info", "http_500_before", times=None)
    assert "a year ago" not in shows(await opens_home(the_team, the_team.chloe))
