"""`/wins setup`: someone sets a channel's roundup up in a form that answers, and the channel is told in one line."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.recurrence import Weekday, Weekly
from tests.team import BUSY, FRIDAY_16_BERLIN, Team, is_roundup, shows, team

THURSDAY_15_BERLIN = FRIDAY_16_BERLIN - timedelta(days=1, hours=1)


async def opened(team: Team, person: Any, channel: Any = None) -> Any:
    """Someone types /wins setup; returns the form that they get to see."""
    answer = await team.slack.slash(person, channel or team.general, "/wins setup")
    assert answer.error is None, answer.error
    view = team.slack.modal(person)
    assert view is not None, "a form is open"
    return view


@pytest.mark.every_deployment
@pytest.mark.over_http
async def test_ana_moves_the_roundup_and_the_date_that_she_saw_is_the_date_that_comes(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    assert "Every Friday at 16:00 (Berlin time)" in shows(view)
    assert "Friday, March 8 at 16:00 (Berlin)" in shows(view)

    await the_team.slack.fill(the_team.ana, "weekdays", ["TH"])
    await the_team.slack.fill(the_team.ana, "at", "15:00")
    assert "Every Thursday at 15:00 (Berlin time)" in shows(view)
    assert "Thursday, March 7 at 15:00 (Berlin)" in shows(view)
    assert "Thursday, March 14" in shows(view)
    assert "Thursday, March 21" in shows(view)

    await the_team.slack.submit(the_team.ana)
    assert the_team.slack.modal(the_team.ana) is None
    line = await the_team.sees("ana moved the roundup to every Thursday at 15:00 (Berlin time)")
    assert "Thursday, March 7 at 15:00 (Berlin)" in line.text
    assert the_team.stored_channel().next_due_at == THURSDAY_15_BERLIN

    await the_team.says(the_team.ben, "/win told a day earlier")
    await the_team.it_is(THURSDAY_15_BERLIN)
    roundup = await the_team.sees_roundup(1)
    assert "Next roundup" in roundup.text


async def test_the_form_shows_the_dates_in_the_channels_zone_and_in_ones_own(the_team: Team) -> None:
    the_team.configure(the_team.general, the_team.ana, manager_ids=frozenset({the_team.ben.id}))
    view = await opened(the_team, the_team.ben)
    assert "Friday, March 8 at 16:00 (Berlin), 10:00 your time" in shows(view)


async def test_another_cadence_asks_for_other_things_and_keeps_what_was_entered(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "weekdays", ["MO", "TH"])
    await the_team.slack.fill(the_team.ana, "quiet", "line")
    await the_team.slack.fill(the_team.ana, "cadence", "on_weekday")
    names = [block["block_id"] for block in view.blocks]
    assert "weekdays" not in names
    await the_team.slack.fill(the_team.ana, "place", "-1")
    await the_team.slack.fill(the_team.ana, "weekday", "FR")
    await the_team.slack.fill(the_team.ana, "every_months", "3")
    await the_team.slack.fill(the_team.ana, "starts_on", "2030-03-01")
    assert "On the last Friday every 3 months (March, June, September, and December) at 16:00" in shows(view)
    assert "Friday, March 29 at 16:00" in shows(view)
    assert "Friday, June 28 at 16:00" in shows(view)

    await the_team.slack.fill(the_team.ana, "cadence", "weekly")
    assert "Every Monday and Thursday at 16:00" in shows(view)
    await the_team.slack.submit(the_team.ana)
    line = await the_team.sees("ana moved the roundup to every Monday and Thursday")
    assert "ana turned on the note for when there are no wins." in line.text
    setup = the_team.stored_channel().settings
    assert setup is not None
    assert setup.schedule.rule == Weekly((Weekday.MONDAY, Weekday.THURSDAY))


async def test_every_kind_of_schedule_can_be_entered(the_team: Team) -> None:
    ana = the_team.ana
    for entered, said in (
        ({"cadence": "daily", "weekdays": ["MO", "TU", "WE", "TH", "FR"]}, "every weekday at 16:00"),
        ({"cadence": "weekly", "weekdays": ["FR"], "every_weeks": "2"}, "every other Friday at 16:00"),
        ({"cadence": "on_day", "day": "31", "every_months": "1"}, "on the 31st (or last day) of every month"),
        (
            {"cadence": "on_weekday", "place": "1", "weekday": "MO", "every_months": "1"},
            "on the first Monday of every month",
        ),
        (
            {"cadence": "on_weekday", "place": "-1", "weekday": "FR", "every_months": "3"},
            "on the last Friday every 3 months",
        ),
    ):
        await opened(the_team, ana)
        for field, value in entered.items():
            await the_team.slack.fill(ana, field, value)
        await the_team.slack.submit(ana)
        assert the_team.slack.modal(ana) is None, shows(the_team.slack.modal(ana))
        line = await the_team.sees(said)
        due = the_team.stored_channel().next_due_at
        assert due is not None
        assert f"<!date^{int(due.timestamp())}^" in line.text


async def test_off_posts_nothing_and_loses_nothing(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win before the break")
    await the_team.sees("ben: before the break")
    view = await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "state", "off")
    assert "Roundups are off. Wins are still saved." in shows(view)
    await the_team.slack.fill(the_team.ana, "reminds", "yes")
    await the_team.slack.submit(the_team.ana)
    assert "Turn off roundups for <#" in shows(view)
    assert "until someone turns them on again" in shows(view)
    assert view.body["submit"]["text"] == "Turn off"
    assert not the_team.stored_channel().schedule.is_off, "nothing is saved yet"
    await the_team.slack.fill(the_team.ana, "state", "on")
    assert "Every Friday at 16:00 (Berlin time)" in shows(view), "there is a way back to the form"
    await the_team.slack.fill(the_team.ana, "state", "off")
    await the_team.slack.submit(the_team.ana)
    await the_team.slack.submit(the_team.ana)
    assert the_team.slack.modal(the_team.ana) is None
    line = await the_team.sees("ana turned roundups off")
    assert "turned on the day-before reminder" in line.text, "what else was entered is kept"
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=1))
    assert the_team.stored_channel().next_due_at is None

    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "state", "on")
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana turned roundups on")
    assert not [text for text in the_team.posts() if is_roundup(text)]
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=7))
    assert "before the break" in (await the_team.sees_roundup(1)).text


async def test_a_pause_that_is_over_is_no_pause_any_more(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause until 10 March")
    await the_team.sees("ana paused roundups until March 10")
    view = await opened(the_team, the_team.ana)
    assert "Paused until March 10" in shows(view)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=3))
    view = await opened(the_team, the_team.ana)
    assert "Paused until" not in shows(view)
    await the_team.slack.fill(the_team.ana, "reminds", "yes")
    await the_team.slack.submit(the_team.ana)
    line = await the_team.sees("ana turned on the day-before reminder")
    assert "resumed" not in line.text


async def test_a_deleted_channel_is_not_set_up_any_more(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    await the_team.slack.delete_channel(the_team.general, the_team.ana)
    await the_team.slack.fill(the_team.ana, "quiet", "line")
    await the_team.slack.submit(the_team.ana)
    assert "That channel was deleted, so I can't post there" in shows(view)


async def test_what_is_wrong_is_said_under_its_field_and_everything_stays(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "quiet", "line")
    await the_team.slack.fill(the_team.ana, "weekdays", [])
    answer = await the_team.slack.submit(the_team.ana)
    assert "weekdays" in view.errors, answer
    assert view.state.values["quiet"]["quiet"]["selected_option"]["value"] == "line"
    await the_team.slack.fill(the_team.ana, "weekdays", ["FR"])
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana turned on the note for when there are no wins")


async def test_who_may_not_change_it_sees_it_and_who_may(the_team: Team) -> None:
    view = await opened(the_team, the_team.ben)
    said = shows(view)
    assert "Every Friday at 16:00 (Berlin time)" in said
    assert "can change these settings" in said
    assert "submit" not in view.body
    assert not [block for block in view.blocks if block["type"] == "input"]


async def test_people_that_ana_names_may_change_everything_but_who_may(the_team: Team) -> None:
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "managers", [the_team.ben.id])
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana gave ben permission to change these settings")
    view = await opened(the_team, the_team.ben)
    assert "managers" not in [block["block_id"] for block in view.blocks]
    await the_team.slack.fill(the_team.ben, "at", "12:00")
    await the_team.slack.submit(the_team.ben)
    await the_team.sees("ben moved the roundup to every Friday at 12:00")
    setup = the_team.stored_channel().settings
    assert setup is not None
    assert setup.manager_ids == {the_team.ben.id}


async def test_two_people_at_once_neither_overwrites_the_other_unseen(the_team: Team) -> None:
    the_team.configure(the_team.general, the_team.ana, manager_ids=frozenset({the_team.ben.id}))
    await opened(the_team, the_team.ben)
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "at", "15:00")
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana moved the roundup to every Friday at 15:00")

    await the_team.slack.fill(the_team.ben, "at", "09:00")
    await the_team.slack.submit(the_team.ben)
    view = the_team.slack.modal(the_team.ben)
    assert view is not None
    assert "These settings were changed while you had them open. ana moved the roundup" in shows(view)
    assert view.state.values["at"]["at"]["selected_time"] == "09:00"
    await the_team.slack.submit(the_team.ben)
    await the_team.sees("ben moved the roundup to every Friday at 09:00")


async def test_a_form_that_is_sent_twice_is_no_conflict(the_team: Team) -> None:
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "at", "15:00")
    submitted = await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana moved the roundup to every Friday at 15:00")
    again = await the_team.slack.resend(submitted.request)
    assert again.payload == submitted.payload
    await the_team.sees("ana moved the roundup to every Friday at 15:00")


async def test_the_roundup_goes_to_another_channel_that_ana_may_change(the_team: Team) -> None:
    wall = the_team.slack.add_channel("wall", members=the_team.everybody, creator=the_team.chloe)
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "posts_in", wall.id)
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana set the roundup to post in")
    await the_team.sees("roundup to post here", channel=wall)
    await the_team.says(the_team.ben, "/win for all to see")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1, channel=wall)
    assert f"One good thing happened in <#{the_team.general.id}>." in roundup.text


async def test_what_keeps_the_roundup_from_another_channel_is_said_under_it(the_team: Team) -> None:
    wall = the_team.slack.add_channel("wall", members=the_team.everybody, creator=the_team.chloe, with_bot=False)
    old = the_team.slack.add_channel("old", members=the_team.everybody, creator=the_team.chloe)
    hidden = the_team.slack.add_channel("hidden", private=True, members=[the_team.ana], with_bot=False)
    view = await opened(the_team, the_team.ana)
    for target, why in (
        (wall, "I'm not in that channel, so I can't post there"),
        (old, "That channel is archived"),
        (hidden, "I can't see that channel"),
    ):
        await the_team.slack.fill(the_team.ana, "posts_in", target.id)
        if target is old:
            await the_team.slack.archive(old)
        await the_team.slack.submit(the_team.ana)
        assert why in view.errors["posts_in"]
    setup = the_team.stored_channel().settings
    assert setup is not None
    assert setup.target_channel_id is None


async def test_a_private_channels_roundup_stays_in_it(the_team: Team) -> None:
    secret = the_team.slack.add_channel("secret", private=True, members=[the_team.ana, the_team.ben])
    view = await opened(the_team, the_team.ana, secret)
    await the_team.slack.fill(the_team.ana, "posts_in", the_team.general.id)
    await the_team.slack.submit(the_team.ana)
    assert "A private channel's roundup can only be posted in that channel" in view.errors["posts_in"]
    assert the_team.stored_channel(secret).settings is None


async def test_a_time_zone_is_found_by_typing_a_city(the_team_both_ways: Team) -> None:
    made = the_team_both_ways
    view = await opened(made, made.ana)
    offered = await made.slack.suggest(made.ana, "zone", "")
    assert offered.payload["options"][0]["value"] == "Europe/Berlin", "her own comes first"
    for typed, first in (("São Paulo", "America/Sao_Paulo"), ("cet", "Europe/Berlin"), ("Brasil", "America/Sao_Paulo")):
        offered = await made.slack.suggest(made.ana, "zone", typed)
        assert offered.payload["options"][0]["value"] == first
    answer = await made.slack.suggest(made.ana, "zone", "toky")
    assert answer.error is None
    await made.slack.fill(made.ana, "zone", "Asia/Tokyo")
    assert "Every Friday at 16:00 (Tokyo time)" in shows(view)
    await made.slack.submit(made.ana)
    await made.sees("ana moved the roundup to every Friday at 16:00 (Tokyo time)")


async def test_a_channel_without_the_bot_says_what_to_do(the_team: Team) -> None:
    hidden = the_team.slack.add_channel("hidden", private=True, members=[the_team.ana], with_bot=False)
    assert "I'm not in this channel" in shows(await opened(the_team, the_team.ana, hidden))
    public = the_team.slack.add_channel("public", members=the_team.everybody, creator=the_team.ana, with_bot=False)
    view = await opened(the_team, the_team.ana, public)
    assert "I'm not in this channel, so it gets no roundups. Type `/invite @Winsome` in it to add me." in shows(view)
    await the_team.slack.submit(the_team.ana)
    view = the_team.slack.modal(the_team.ana)
    assert view is not None
    assert "Saved." in shows(view)


async def test_a_permission_that_was_not_granted_is_named_with_who_can_mend_it(team_url: str) -> None:
    async with team(team_url, starts=False) as made:
        workspace = made.slack.world.workspaces[made.slack.team_id]
        workspace.install(workspace.scopes - {"channels:read"})
        await made.bot_starts()
        view = await opened(made, made.ana)
        assert "I'm missing the `channels:read`" in shows(view)
        assert "add it and reinstall the app" in shows(view)


async def test_without_a_permission_nobody_is_told_to_try_again_for_ever(team_url: str) -> None:
    async with team(team_url, starts=False) as made:
        workspace = made.slack.world.workspaces[made.slack.team_id]
        workspace.install(workspace.scopes - {"channels:read", "groups:read"})
        await made.bot_starts()
        made.configure(made.general, made.ana)
        said = await made.says(made.ana, "/wins resume")
        assert "aren't paused" in said, "who types it in the channel is in it"
        await made.slack.open_home(made.ana)
        home = made.slack.home(made.ana)
        assert home is not None
        assert "channels:read" in shows(home)


async def test_slack_that_is_slow_still_gets_the_form_opened_at_once(team_url: str) -> None:
    async with team(team_url, ack_timeout=BUSY) as made:
        made.slack.fault("users.info", "hang", times=1)
        answer = await made.slack.slash(made.ana, made.general, "/wins setup")
        assert answer.error is None
        view = made.slack.modal(made.ana)
        assert view is not None
        await made.slack.wait_for(lambda: "Please try again in a moment" in shows(view))
