"""What words are: addresses, white space, invisible characters, tags, and whose win it is without saying what."""

from datetime import timedelta

import pytest

from tests.db_dump import column
from tests.e2e.test_bad_input import typed
from tests.team import FRIDAY_16_BERLIN, Team

pytestmark = pytest.mark.usefixtures("quick_posts")


async def sends(team: Team, text: str) -> str:
    """Ana types `/win`, and Slack sends `text`; returns what she is told."""
    answer = await team.slack.deliver_raw(await typed(team, text), kind="slash_commands")
    return str(answer.payload["text"])


async def test_an_address_is_what_slack_marks_and_nothing_more(the_team: Team) -> None:
    team = the_team
    told = await sends(team, "wrote “<https://example.com/docs>”。<https://a.example/x><https://b.example/y>を直した")
    links = "wrote “<https://example.com/docs>”。<https://a.example/x><https://b.example/y>を直した"
    assert told.startswith(f"Win saved: {links}")
    assert (await team.sees("を直した")).text == f"ana: {links}"
    assert column(team.database_url, "wins", "url") == ["https://example.com/docs"]
    await team.says(team.ana, "/wins")
    await team.slack.press(team.ana, await team.sees("Your recent wins", person=team.ana), "undo_listed_win")
    back = await team.sees("Win deleted", person=team.ana)
    assert "wrote “https://example.com/docs”。https://a.example/xhttps://b.example/yを直した" in back.plain()


async def test_any_white_space_separates_the_words_of_a_command(the_team: Team) -> None:
    team = the_team
    assert "paused until March 20" in await team.says(team.ana, "/wins pause\u00a0until\u202f20\u3000March")
    assert "Roundups are back on" in await team.says(team.ana, "/wins resume\u2003")
    for line in ("/wins \u00a0help\u2009", "/win \u2007HELP\u00a0"):
        assert "collects your team's small wins" in await team.says(team.ana, line)


async def test_what_shows_nothing_is_no_win_and_no_name(the_team: Team) -> None:
    team = the_team
    for text in ("\u3164", "\u2800\u2800", "\u115f \ufe0f", "\U000e0041\U000e007f", "\u200d\u034f"):
        assert "That win was empty" in await team.says(team.ana, f"/win {text}"), ascii(text)
    await team.slack.change_person(team.ana, display_name="\u3164\u2800", real_name="Ana Gomez")
    await team.slack.change_person(team.ben, display_name="\u200b", real_name="\u2800")
    await team.says(team.ana, "/win was seen")
    await team.says(team.ben, "/win was seen too")
    assert (await team.sees("was seen too")).text == "Someone: was seen too"
    announced = await team.sees("Ana Gomez: was seen")
    await team.slack.press(team.ben, announced, "cheer")
    await team.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
    roundup = await team.sees_roundup(2)
    assert "*Ana Gomez:* was seen\nCheered by Someone" in roundup.text


async def test_tags_are_whole_words_in_one_form(the_team: Team) -> None:
    told = await sends(the_team, "shipped #हिन्दी #café #cafe\u0301 #CAFÉ")
    assert "Tags: #हिन्दी #café" in told
    assert sorted(column(the_team.database_url, "tags", "tag")) == ["café", "हिन्दी"]


async def test_who_without_what_is_refused_and_given_back(the_team: Team) -> None:
    team = the_team
    for text in ("@ben, @chloe", "@ben & @chloe!", "@ben und @chloe", "@here", "with @ben + @channel :)"):
        told = await team.says(team.ana, f"/win {text}")
        assert "That says who, but not what happened." in told, text
    assert "You wrote:\n@crew, @ben" in await sends(team, f"<!subteam^S1|@crew>, <@{team.ben.id}|ben>")
    assert f"You wrote:\n@{team.ben.id}" in await sends(team, f"<@{team.ben.id}>"), "nobody knows him yet"
    assert "Win saved" in await team.says(team.ana, "/win @ben and @chloe shipped")
    await team.sees("shipped")
    assert "You wrote:\n@ben" in await sends(team, f"<@{team.ben.id}>")
    assert column(team.database_url, "wins", "text") == [f"<@{team.ben.id}> and <@{team.chloe.id}> shipped"]


@pytest.mark.timeout(400)
async def test_long_names_cut_no_win_short(the_team: Team, *, is_deep: bool) -> None:
    team, size = the_team, 90 if is_deep else 45
    long = [f"{number} {'Ж' * 70}" for number in range(size)]
    assert sum(map(len, long)) > 3000, "they don't fit into a block"
    crew = [team.slack.add_person(f"p{number}", display_name=name, tz="UTC") for number, name in enumerate(long)]
    text = " ".join(f"@{person.name}" for person in crew) + " said that is the end."
    assert len(text) <= 500
    for number in range(3):
        assert "that is the end" in await team.says(team.ana, f"/win {text[:-1]}{number}")
    announced = await team.sees("that is the end", times=3)
    assert "that is the end" in announced.blocks[0]["text"]["text"]
    await team.slack.press(team.ben, announced, "cheer")
    # His name is looked up after those of the crew, of whom Slack is asked one every two seconds after the first 30.
    await team.slack.wait_for(lambda: "Cheered by ben" in announced.text, timeout=150)
    assert (await team.says(team.ana, "/wins")).count("that is the end") == 3
    await team.slack.open_home(team.ana)
    home = team.slack.home(team.ana)
    assert home is not None
    assert str(home.blocks).count("that is the end") == 3
    await team.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
    await team.sees_roundup(3)
    await team.slack.wait_for(lambda: "\n".join(team.posts()).count("that is the end") == 6)
    assert all(call.answer["ok"] for call in team.slack.ledger.calls("chat.update"))


async def test_a_win_typed_after_wins_is_saved_with_one_press(the_team: Team) -> None:
    team = the_team
    text = "fixed the flaky build with @ben, which took us most of the week & <a lot of patience>"
    told = await team.says(team.ana, f"/wins {text}")
    assert "isn't a command I know, but it looks like a win" in told
    refusal = await team.sees("isn't a command I know", person=team.ana)
    assert text in refusal.plain(), "everything that she wrote"
    await team.slack.press(team.ana, refusal, "save_as_win")
    saved = await team.sees("Win saved: fixed the flaky build with @ben", person=team.ana)
    assert "isn't a command" not in saved.plain()
    await team.sees("ana: fixed the flaky build with @ben")
    await team.slack.press(team.ana, saved, "undo_win")
    await team.sees("Win deleted", person=team.ana)

    for other in ("frobnicate", "@ben", "?", "--", "x" * 600):
        assert "looks like a win" not in await team.says(team.ana, f"/wins {other}")
        assert (await team.sees(f"/wins {other}", person=team.ana)).ephemeral_to == team.ana.id
    date = "@ben and 20 March " + "or later " * 20
    assert f"\npause until {date.strip()}" in await team.says(team.ana, f"/wins pause until {date}")
    refused = await team.says(team.ben, "/wins pause until 20 March")
    assert refused.startswith("You don't have permission")
    assert refused.endswith("Here's your text:\n/wins pause until 20 March")
    dm = team.slack.open_dm(team.ana)
    assert "/wins pause until 20 March" in await team.says(team.ana, "/wins pause until 20 March", dm)


async def test_a_sentence_that_starts_with_a_commands_word_is_no_command(the_team: Team) -> None:
    team = the_team
    before = team.stored_channel()
    dm = team.slack.open_dm(team.ana)
    for text in (
        *("setup CI for everyone", "Preview the new page to @ben", "post mortem written", "resume the nightly build"),
        *("mine the logs for clues", "help Ben fix CI", "pause the music", "pause for breath, ship on Monday"),
    ):
        for where in (team.general, dm):
            told = await team.says(team.ana, f"/wins {text}", where)
            assert told.endswith(f"If it's a win, save it here:\n{text}"), told
    assert team.stored_channel() == before
    refusal = await team.sees("help Ben fix CI", person=team.ana)
    await team.slack.press(team.ana, refusal, "save_as_win")
    await team.sees("ana: help Ben fix CI")
    assert "save it" not in await team.says(team.ana, f"/wins setup {'x' * 600}"), "too long for a win"
    assert "only works on its own" in await team.says(team.ana, f"/wins setup {'x' * 600}")
    for command in ("help?", "Help!", "preview.", "pause", "pause until 32 March", "mine\u200b \u00a0", "pause tues"):
        assert "on its own" not in await team.says(team.ana, f"/wins {command}")
