"""Help fits on one screen, and tells each person what they may do where they ask."""

from tests.team import Team, team


async def test_everybody_reads_when_the_next_roundup_comes(the_team: Team) -> None:
    for line in ("/win", "/win help", "/wins help"):
        said = await the_team.says(the_team.ben, line)
        assert "every Friday at 16:00 (Berlin time)" in said
        assert "Friday 8 March, 16:00 (Berlin)" in said
        assert "/wins pause" not in said


async def test_who_may_change_the_channel_reads_how(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins preview")  # Slack is asked who she is
    said = await the_team.says(the_team.ana, "/wins help")
    assert "/wins pause" in said
    assert "/wins setup" in said
    await the_team.slack.change_person(the_team.ana, guest=True)
    assert "/wins pause" not in await the_team.says(the_team.ana, "/wins help")


async def test_a_channel_without_a_roundup_says_who_can_give_it_one(sqlite_url: str) -> None:
    async with team(sqlite_url, is_set_up=False) as made:
        said = await made.says(made.ben, "/wins help")
        assert "no roundup yet" in said
        assert "/wins setup" in said


async def test_in_a_direct_message_help_speaks_of_what_stays_there(the_team: Team) -> None:
    said = await the_team.says(the_team.ben, "/win help", the_team.slack.open_dm(the_team.ben))
    assert "Here it stays between us" in said
    assert "every Friday" not in said


async def test_help_fits_on_one_screen(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins preview")
    said = await the_team.says(the_team.ana, "/wins help")
    assert len(said) < 1500
    assert len(said.splitlines()) <= 7
