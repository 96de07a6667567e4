"""`/wins pause` and `/wins resume`: a hard week and a holiday, in which nothing is posted and nothing is lost."""

import re
from datetime import date, timedelta

import pytest

from tests.e2e.test_setup import opened
from tests.team import FRIDAY_16_BERLIN, Team, is_roundup

WEEK = timedelta(days=7)


def roundups(made: Team) -> list[str]:
    return [text for text in made.posts() if is_roundup(text)]


@pytest.mark.every_deployment
async def test_a_hard_week_is_skipped_in_one_tap_and_its_wins_come_with_the_next(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win held on")
    await the_team.sees("ben: held on")
    said = await the_team.says(the_team.ana, "/wins pause")
    assert "Next roundup:" in said
    assert "How long should I pause roundups?" in said
    assert "Wins are still saved" in said
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="skip_roundup")
    done = await the_team.sees("Skipped the roundup on Friday, March 8", person=the_team.ana)
    assert "Friday, March 15 at 16:00 (Berlin)" in done.text
    await the_team.sees("ana skipped the roundup on Friday, March 8. Wins are still saved. Next roundup:")
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + WEEK

    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(minutes=1))
    await the_team.says(the_team.chloe, "/win still here")
    await the_team.sees("chloe: still here")
    assert roundups(the_team) == []
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    roundup = await the_team.sees_roundup(2)
    assert "held on" in roundup.text


async def test_a_pause_until_a_date_ends_by_itself(the_team: Team) -> None:
    said = await the_team.says(the_team.ana, "/wins pause until 20 March")
    assert "Roundups are paused until March 20" in said
    assert "Friday, March 22 at 16:00 (Berlin)" in said
    await the_team.sees("ana paused roundups until March 20")
    await the_team.says(the_team.ben, "/win during the holidays")
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK + timedelta(days=1))
    await the_team.sees("ben: during the holidays")
    assert roundups(the_team) == []
    await the_team.it_is(FRIDAY_16_BERLIN + 2 * WEEK)
    assert "during the holidays" in (await the_team.sees_roundup(1)).text


async def test_next_week_skips_the_roundup_of_next_week_and_no_other(the_team: Team) -> None:
    said = await the_team.says(the_team.ana, "/wins pause next week")
    assert "Skipped the roundup on Friday, March 15." in said
    assert "Friday, March 8 at 16:00 (Berlin)" in said
    await the_team.sees("ana skipped the roundup on Friday, March 15.")
    assert "No roundup is due then" in await the_team.says(the_team.ana, "/wins pause next week")
    await the_team.says(the_team.ben, "/win before the holiday")
    await the_team.sees("ben: before the holiday")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + 2 * WEEK


async def test_a_pause_that_skips_nothing_says_so(the_team: Team) -> None:
    assert "none is skipped" not in await the_team.says(the_team.ana, "/wins pause through Friday")
    assert "none is skipped" not in await the_team.says(the_team.ana, "/wins pause until Monday")
    said = await the_team.says(the_team.ana, "/wins pause until Friday")
    assert "The pause ends before the next roundup, so none is skipped." in said
    assert "Friday, March 8 at 16:00 (Berlin)" in said


async def test_a_pause_that_skips_a_roundup_which_comes_as_announced_before_a_change_says_so(the_team: Team) -> None:
    await the_team.it_is(FRIDAY_16_BERLIN - timedelta(hours=2))
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "at", "13:00")
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana moved the roundup to every Friday at 13:00")
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN
    said = await the_team.says(the_team.ana, "/wins pause until Saturday")
    assert "Roundups are paused until March 9" in said
    assert "none is skipped" not in said
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + WEEK - timedelta(hours=3)


async def test_a_date_that_the_bot_shows_can_be_typed(the_team: Team) -> None:
    asked = await the_team.says(the_team.ana, "/wins pause")
    shown = re.search(r"Friday, March 8 at 16:00 \(Berlin\)", asked)
    assert shown is not None
    said = await the_team.says(the_team.ana, f"/wins pause until {shown[0]}")
    assert "Roundups are paused until March 8." in said
    assert shown[0] in said


async def test_a_pause_without_an_end_lasts_until_somebody_resumes(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause")
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    first = await the_team.slack.press(the_team.ana, asked, action_id="pause_roundup")
    await the_team.slack.resend(first.request)
    await the_team.sees("ana paused roundups. Wins are still saved.")
    assert the_team.stored_channel().next_due_at is None
    assert "Use `/wins resume` to start them again" in await the_team.says(the_team.ben, "/wins help")

    said = await the_team.says(the_team.ana, "/wins resume")
    assert "Roundups are back on" in said
    assert "Friday, March 8 at 16:00 (Berlin)" in said
    await the_team.sees("ana resumed roundups")
    assert "aren't paused" in await the_team.says(the_team.ana, "/wins resume")
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN


async def test_what_was_logged_during_a_pause_comes_with_the_first_roundup_after_it(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause")
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="pause_roundup")
    done = await the_team.sees("Roundups are paused", person=the_team.ana)
    assert "Wins are still saved" in done.text
    assert "Use `/wins resume` to start them again" in done.text
    await the_team.says(the_team.ben, "/win held the fort")
    await the_team.sees("ben: held the fort")

    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(minutes=1))
    await the_team.says(the_team.chloe, "/win on a silent Friday")
    await the_team.sees("chloe: on a silent Friday")
    assert roundups(the_team) == []
    assert "Friday, March 15 at 16:00 (Berlin)" in await the_team.says(the_team.ana, "/wins resume")
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    roundup = await the_team.sees_roundup(2)
    assert "held the fort" in roundup.text
    assert "on a silent Friday" in roundup.text


async def test_who_asks_for_a_pause_that_is_there_reads_so(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause 2 weeks")
    told = await the_team.sees("ana paused roundups until March 18")
    again = await the_team.says(the_team.ana, "/wins pause until 18 March")
    assert "Nothing changed. Roundups are paused until March 18." in again
    assert "Friday, March 22 at 16:00 (Berlin)" in again

    said = await the_team.says(the_team.ana, "/wins pause")
    assert "Roundups are paused until March 18. Next roundup" in said
    assert "Use `/wins resume` to start them sooner." in said
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="pause_roundup")
    assert "Use `/wins resume` to start them again. To set an end date" in await the_team.says(
        the_team.ana, "/wins pause"
    )
    await the_team.sees("ana paused roundups. Wins are still saved.")
    assert [post for post in the_team.slack.posts(the_team.general) if "until March 18" in post.text] == [told]


async def test_a_pause_that_is_over_needs_nobody_to_end_it(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause until Wednesday")
    await the_team.sees("ana paused roundups until March 6")
    await the_team.it_is(FRIDAY_16_BERLIN - timedelta(days=1))
    said = await the_team.says(the_team.ana, "/wins resume")
    assert "aren't paused" in said
    assert "Friday, March 8 at 16:00 (Berlin)" in said
    await the_team.says(the_team.ben, "/win and on it goes")
    await the_team.sees("ben: and on it goes")
    assert not any("resumed" in text for text in the_team.posts())


async def test_a_command_that_slack_sends_twice_is_answered_alike(the_team_both_ways: Team) -> None:
    made = the_team_both_ways
    for line in ("/wins pause 2 weeks", "/wins resume"):
        first = await made.slack.slash(made.ana, made.general, line)
        again = await made.slack.resend(first.request)
        assert again.payload == first.payload
    await made.sees("ana resumed roundups")
    assert len([text for text in made.posts() if text.startswith("ana ")]) == 2


async def test_a_button_of_a_roundup_that_is_not_the_next_one_any_more_skips_nothing(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause")
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    stale = await the_team.slack.press(the_team.ana, asked, action_id="skip_roundup")
    await the_team.sees("Skipped the roundup on Friday, March 8", person=the_team.ana)
    stale.request.payload["actions"][0]["action_ts"] = "1900000000.000001"  # pressed once more, in another window
    await the_team.slack.deliver_raw(stale.request.payload, kind="interactive")
    said = await the_team.sees("no longer the next roundup", person=the_team.ana)
    assert "Friday, March 15 at 16:00 (Berlin)" in said.text
    assert the_team.stored_channel().schedule.skipped_dates == {date(2030, 3, 8)}


async def test_resume_brings_a_skipped_date_back(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins pause")
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="skip_roundup")
    await the_team.sees("ana skipped the roundup")
    assert "Friday, March 8 at 16:00" in await the_team.says(the_team.ana, "/wins resume")
    await the_team.sees("ana restored the roundup on Friday, March 8")


async def test_a_date_is_chosen_in_a_calendar(the_team_both_ways: Team) -> None:
    made = the_team_both_ways
    await made.says(made.ana, "/wins pause")
    asked = await made.sees("How long should I pause roundups?", person=made.ana)
    await made.slack.fill(made.ana, "pause_until", "2030-04-02", on=asked)
    await made.sees("Roundups are paused until April 2", person=made.ana)
    assert made.stored_channel().next_due_at == FRIDAY_16_BERLIN + 4 * WEEK - timedelta(
        hours=1
    )  # summer time has begun


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("3/4", "could mean March 4, 2030 or April 3, 2030. Write out the month."),
        ("20/3/30", "could mean two dates"),
        ("yesterday", "isn't in the future"),
        ("until 4 March", "isn't in the future"),
        ("until 2030-03-04", "isn't in the future"),
        ("until Tuesday, March 20", "March 20, 2030 is a Wednesday, not a Tuesday"),
        ("until 29 February", "`29 February` means February 29, 2032, which is more than a year away"),
        ("until 2032-01-01", "more than a year away"),
        ("until hell freezes <!channel>", "I didn't recognize a date in that"),
    ],
)
async def test_a_date_that_is_none_is_refused_with_what_to_type(the_team: Team, typed: str, why: str) -> None:
    before = the_team.stored_channel().settings
    said = await the_team.says(the_team.ana, f"/wins pause {typed}")
    assert why in said
    assert "<!channel>" not in said
    assert the_team.stored_channel().settings == before


async def test_who_may_not_change_the_channel_may_not_pause_it(the_team: Team) -> None:
    for line in ("/wins pause", "/wins pause 2 weeks", "/wins resume"):
        assert "You don't have permission to change this roundup" in await the_team.says(the_team.ben, line)
    asked = await the_team.says(the_team.ana, "/wins pause")
    assert "How long should I pause roundups?" in asked
    message = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    await the_team.slack.change_person(the_team.ana, guest=True)
    await the_team.slack.press(the_team.ana, message, action_id="pause_roundup")
    await the_team.sees("You don't have permission to change this roundup", person=the_team.ana)
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN


async def test_a_channel_without_a_roundup_has_none_to_pause(the_team: Team) -> None:
    other = the_team.slack.add_channel("other", members=the_team.everybody, creator=the_team.ana)
    for line in ("/wins pause", "/wins resume"):
        assert "doesn't have a roundup yet" in await the_team.says(the_team.ana, line, other)
    said = await the_team.says(the_team.ana, "/wins pause until 20 December", other)
    assert said.endswith("Here's your text:\n/wins pause until 20 December")
