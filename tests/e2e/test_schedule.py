"""When roundups come: on Friday at 16:00 where the channel's first win was logged, once, and late only in words."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.team import FRIDAY_16_BERLIN, MONDAY, Team, team

FRIDAY_16_NEW_YORK = datetime(2030, 3, 8, 21, 0, tzinfo=UTC)
FRIDAY_16_UTC = datetime(2030, 3, 8, 16, 0, tzinfo=UTC)


async def test_friday_came_while_the_bot_was_off(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win before the weekend")
    await the_team.sees("ana: before the weekend")
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=23))
    await the_team.bot_starts()
    roundup = await the_team.sees_roundup(1)
    assert "Sorry I'm late! This was due" in roundup.text
    assert "Friday, March 8 at 16:00 (Berlin)" in roundup.text
    assert "Next roundup: <!date" in roundup.text
    await the_team.bot_stops()
    await the_team.bot_starts()
    await the_team.says(the_team.ben, "/win another one")
    await the_team.sees("ben: another one")
    assert len(the_team.posts()) == 3


async def test_a_cheer_on_monday_does_not_call_fridays_roundup_late(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win before the weekend")
    await the_team.sees("ana: before the weekend")
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
    roundup = await the_team.sees_roundup(1)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=3))
    await the_team.slack.press(the_team.ben, roundup, action_id="cheer")
    await the_team.sees("Cheered by ben")
    assert "Sorry I'm late!" not in roundup.text


async def test_two_channels_each_have_their_own_friday(the_team: Team) -> None:
    new_york = the_team.slack.add_channel("new-york", members=the_team.everybody, creator=the_team.ben)
    the_team.configure(new_york, the_team.ben)
    await the_team.says(the_team.ana, "/win in Berlin")
    await the_team.says(the_team.ben, "/win in New York", new_york)
    await the_team.sees("ana: in Berlin")
    await the_team.sees("ben: in New York", channel=new_york)

    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    assert len(the_team.posts(new_york)) == 1

    await the_team.it_is(FRIDAY_16_NEW_YORK)
    await the_team.sees_roundup(1, channel=new_york)
    assert len(the_team.posts()) == 2


@pytest.mark.every_deployment
async def test_each_win_is_in_one_roundup_and_a_week_without_wins_is_quiet(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win the first week")
    await the_team.sees("ana: the first week")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)

    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=7, minutes=1))
    # The bot looks, and finds nothing to tell.
    await the_team.until(lambda: the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + timedelta(days=14))
    await the_team.says(the_team.ben, "/win the third week")
    await the_team.sees("ben: the third week")
    assert len(the_team.posts()) == 3

    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=14))
    second = await the_team.sees_roundup(1, times=2)
    assert "the third week" in second.text
    assert "the first week" not in second.text


async def test_a_channel_can_follow_utc(the_team: Team) -> None:
    nowhere = the_team.slack.add_channel("nowhere", members=the_team.everybody, creator=the_team.dmitri)
    the_team.configure(nowhere, the_team.dmitri)
    await the_team.says(the_team.dmitri, "/win from nowhere in particular", nowhere)
    await the_team.sees("dmitri: from nowhere", channel=nowhere)
    await the_team.it_is(FRIDAY_16_UTC - timedelta(minutes=1))
    await the_team.says(the_team.ana, "/win in time", nowhere)
    await the_team.sees("ana: in time", channel=nowhere)
    assert len(the_team.posts(nowhere)) == 2
    await the_team.it_is(FRIDAY_16_UTC)
    await the_team.sees_roundup(2, channel=nowhere)


async def test_names_are_looked_up_behind_the_ack_and_a_late_answer_moves_no_roundup(team_url: str) -> None:
    async with team(team_url) as made:
        made.slack.fault("users.info", "hang", times=1)
        await made.says(made.ana, "/win while Slack is unwell")
        made.slack.fault("users.info", "error", times=None, name="internal_error")
        assert not made.slack.ledger.calls("users.info"), "that one is not answered yet"
        await made.sees("ana: while Slack is unwell")
        await made.it_is(FRIDAY_16_BERLIN + timedelta(minutes=1))
        made.slack.clear_faults()
        await made.sees_roundup(1)


async def test_a_channel_that_nobody_set_up_has_no_roundup_and_loses_no_win(the_team: Team) -> None:
    waiting = the_team.slack.add_channel("waiting", members=the_team.everybody, creator=the_team.ana)
    await the_team.says(the_team.ben, "/win before anybody said yes", waiting)
    await the_team.says(the_team.ana, "/win here they did")
    await the_team.sees("ben: before anybody", channel=waiting)
    await the_team.sees("ana: here they did")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    assert len(the_team.posts(waiting)) == 1
    the_team.configure(waiting, the_team.ana)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=7))
    told = await the_team.sees_roundup(1, channel=waiting)
    assert "before anybody said yes" in told.text


async def test_everyone_once_before_anyone_twice(the_team: Team) -> None:
    for person, text in ((the_team.ana, "a1"), (the_team.ana, "a2"), (the_team.ben, "b1"), (the_team.ana, "a3")):
        await the_team.says(person, f"/win {text}")
    await the_team.sees("ana: a3")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(4)
    order = [text for word in roundup.text.split() if (text := word.strip()) in {"a1", "a2", "a3", "b1"}]
    assert order == ["a1", "b1", "a2", "a3"]


async def test_a_long_roundup_goes_on_in_its_thread_and_tells_every_win_once(team_url: str) -> None:
    async with team(team_url) as made:
        told = [f"win number {number:03}" for number in range(24)]
        for number, text in enumerate(told):
            await made.says(made.everybody[number % 3], f"/win {text}")
        await made.it_is(FRIDAY_16_BERLIN)
        await made.slack.wait_for(
            lambda: sum("win number" in text and "roundup" in text for text in made.posts()) == 1, timeout=90
        )
        roundup = await made.sees_roundup(24)
        await made.slack.wait_for(lambda: "More wins (2 of 2)" in "\n".join(made.posts()))
        parts = [post for post in made.slack.posts(made.general) if post is roundup or post.thread_ts == roundup.ts]
        whole = "\n".join(part.text for part in parts)
        assert all(whole.count(text) == 1 for text in told)
        assert all(len(part.text) < 4000 and len(part.blocks) <= 50 for part in parts)
        assert ":point_down: " in roundup.text


def test_the_story_begins_on_a_monday() -> None:
    assert (MONDAY.weekday(), FRIDAY_16_BERLIN.weekday()) == (0, 4)
