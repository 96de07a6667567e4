"""Help fits on one screen, and tells each person what they may do where they ask."""

import pytest

from tests.team import Team, team


async def test_everybody_reads_when_the_next_roundup_comes(the_team: Team) -> None:
    for line in ("/win help", "/win\u3000Help?", "/wins help", "/wins\u00a0HELP!"):
        said = await the_team.says(the_team.ben, line)
        assert "every Friday at 16:00 (Berlin time)" in said
        assert "Friday, March 8 at 16:00 (Berlin)" in said
        assert "/wins pause" not in said


@pytest.mark.every_deployment
async def test_who_may_change_the_channel_reads_how(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins preview")  # Slack is asked who she is
    said = await the_team.says(the_team.ana, "/wins help")
    assert "/wins pause" in said
    assert "/wins setup" in said
    await the_team.slack.change_person(the_team.ana, guest=True)
    assert "/wins pause" not in await the_team.says(the_team.ana, "/wins help")


async def test_a_channel_without_a_roundup_says_who_can_give_it_one(team_url: str) -> None:
    async with team(team_url, is_configured=False) as made:
        said = await made.says(made.ben, "/wins help")
        assert "A workspace admin or the channel's creator can set one up with `/wins setup`" in said
        assert "`/wins post`" not in said
        await made.says(made.ana, "/wins preview")
        said = await made.says(made.ana, "/wins help")
        assert "Setting up a roundup takes a minute" in said
        assert "/wins pause" not in said, "there is nothing to pause yet"


async def test_help_is_the_plain_one_for_guests_and_for_whom_slack_was_never_asked_about(the_team: Team) -> None:
    gus = the_team.slack.add_person("gus", guest=True)
    await the_team.slack.join(the_team.general, gus)
    his = the_team.slack.add_channel("his", members=[*the_team.everybody, gus], creator=gus)
    for channel in (the_team.general, his):
        await the_team.says(gus, "/wins preview", channel)
        assert "`/wins post`" not in await the_team.says(gus, "/wins help", channel)
    asked_before = len(the_team.slack.ledger.calls("users.info"))
    assert "`/wins post`" not in await the_team.says(the_team.ana, "/wins help")
    assert len(the_team.slack.ledger.calls("users.info")) == asked_before, "help asks Slack nothing"


async def test_who_was_named_reads_what_they_may_do(the_team: Team) -> None:
    named = the_team.slack.add_channel("named", members=the_team.everybody, creator=the_team.ana)
    the_team.configure(named, the_team.ana, manager_ids=frozenset({the_team.ben.id}))
    await the_team.says(the_team.ben, "/wins preview", named)
    assert "Manage this channel's roundup" in await the_team.says(the_team.ben, "/wins help", named)
    assert "`/wins post`" not in await the_team.says(the_team.ben, "/wins help")


async def test_in_a_direct_message_help_speaks_of_what_stays_there(the_team: Team) -> None:
    said = await the_team.says(the_team.ben, "/win help", the_team.slack.open_dm(the_team.ben))
    assert "saves a private win" in said
    assert "every Friday" not in said


async def test_help_says_how_to_take_back_each_kind_of_cheer(the_team: Team) -> None:
    said = await the_team.says(the_team.ben, "/win help")
    assert "To take it back, use the button again or remove your reaction." in said


async def test_help_names_each_way_to_save_a_win_and_what_can_be_done_with_one(the_team: Team) -> None:
    the_team.configure(the_team.general, the_team.ana, win_emoji="trophy")
    said = await the_team.says(the_team.ben, "/win help")
    ways_in = ("`/win fixed", "`/win` alone opens a form", "*Save as a win* in a message's menu, even in a thread")
    suggested = "React to a message with :trophy: to suggest it as a win to its author."
    afterwards = ("*I was part of this*", "`/wins` shows your recent wins and lets you edit them")
    commands = ("`/wins search build`", "`#tag`, `@person`, `in #channel`", "`/wins preferences`")
    for words in (*ways_in, suggested, *afterwards, *commands):
        assert words in said
    dm = the_team.slack.open_dm(the_team.ben)
    in_private = await the_team.says(the_team.ben, "/win help", dm)
    assert "`/wins search build`" in in_private
    assert "React to a message" not in in_private, "there are no channel's settings"


async def test_help_fits_on_one_screen(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins preview")
    said = await the_team.says(the_team.ana, "/wins help")
    assert len(said) < 1500
    assert len(said.splitlines()) <= 7
