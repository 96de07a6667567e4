"""Someone saves wins faster than they may: they are told kindly, and nothing that they typed is lost."""

from datetime import timedelta

from bot.config import Settings
from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.views.win_form import OPEN_WIN_FORM
from tests.db_dump import column
from tests.e2e.test_capture import lets_it_listen
from tests.team import shows, team

USUAL = {"wins_per_minute": Settings.wins_per_minute, "wins_per_hour": Settings.wins_per_hour}
LIMITS = {"wins_per_minute": 3, "wins_per_hour": 5}


async def test_of_eleven_wins_in_a_minute_the_last_has_to_wait(team_url: str) -> None:
    async with team(team_url, changed_settings=USUAL) as made:
        told = [await made.says(made.ben, f"/win number {number}") for number in range(11)]
        assert ["Win saved" in text for text in told] == [True] * 10 + [False]
        assert "number 10" in told[-1]


async def test_too_many_wins_are_refused_in_kind_words_and_their_text_is_given_back(team_url: str) -> None:
    async with team(team_url, changed_settings=LIMITS) as made:
        ana, ben, slack, clock = made.ana, made.ben, made.slack, made.clock
        for number in range(3):
            assert "Win saved" in await made.says(ben, f"/win number {number}")
        told = await made.says(ben, "/win number 3, with <thanks>")
        assert told.startswith("So many wins! I can only take a few at a time")
        assert "Try again in a minute. Here's your text:\nnumber 3, with &lt;thanks&gt;" in told
        assert "Win saved" in await made.says(ana, "/win by someone else")
        refused = await made.sees("So many wins!", person=ben)

        await slack.press(ben, refused, action_id="save_as_win")
        refused = await made.sees("So many wins!", person=ben)  # in the place of the one before
        clock.move_by(timedelta(minutes=1))
        await slack.press(ben, refused, action_id="save_as_win")
        await made.sees("Win saved: number 3, with &lt;thanks&gt;", person=ben)
        await made.sees("ben: number 3, with &lt;thanks&gt;")

        assert "Win saved" in await made.says(ben, "/win number 4")
        told = await made.says(ben, "/win number 5")
        assert "Try again in 59 minutes. Here's your text:\nnumber 5" in told
        assert len(column(team_url, "wins", "id")) == 6


async def test_the_form_keeps_what_was_entered(team_url: str) -> None:
    async with team(team_url, changed_settings=LIMITS) as made:
        ben, slack = made.ben, made.slack
        await slack.slash(ben, made.general, "/win")
        await slack.fill(ben, "win_text", "from the form")
        for number in range(3):
            assert "Win saved" in await made.says(ben, f"/win number {number}")
        await slack.submit(ben)
        assert "! So many wins!" in shows(slack.modal(ben))
        assert "from the form" in column(team_url, "unsaved_wins", "content")[0], "for later, if they close it"
        made.clock.move_by(timedelta(minutes=1))
        await slack.submit(ben)
        assert slack.modal(ben) is None
        await made.sees("ben: from the form")


async def test_what_someone_writes_to_the_bot_or_saves_from_a_message_counts_too(team_url: str) -> None:
    async with team(team_url, changed_settings={"wins_per_minute": 1}) as made:
        ben, slack = made.ben, made.slack
        assert "Win saved" in await made.says(ben, "/win the first")
        said = await slack.say(ben, made.general, "shipped the thing")
        await slack.message_shortcut(ben, said, SAVE_MESSAGE_SHORTCUT)
        await slack.submit(ben)
        assert "! So many wins!" in shows(slack.modal(ben))
        await slack.close_view(ben)

        lets_it_listen(made)
        await slack.mention(ben, made.general, "wrote the docs")
        answer = await made.sees("Want to save that as a win?", person=ben)
        await slack.press(ben, answer, OPEN_WIN_FORM)
        await slack.submit(ben)
        assert "! So many wins!" in shows(slack.modal(ben))
        made.clock.move_by(timedelta(minutes=1))
        await slack.submit(ben)
        await made.sees("ben: wrote the docs")
