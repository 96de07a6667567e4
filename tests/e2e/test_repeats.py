"""Slack sends a request again: people get the answer of the first time, and nothing happens twice."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.storage.database import engine
from bot.storage.tables import idempotency_keys
from tests.db_dump import column
from tests.team import Team, shows, team

WORDS = "planned the surprise for Ben"


async def twice(made: Team, press: Awaitable[Any]) -> list[Any]:
    """Press a button, let Slack send the press again, and return what the bot told the person each time."""
    before = len(made.slack.ledger.calls("response_url"))
    first = await press
    again = await made.slack.resend(first.request)
    assert (first.error, again.error) == (None, None)
    return [call.args for call in made.slack.ledger.calls("response_url")[before:]]


async def test_a_repeated_press_gets_the_same_answer_and_no_words_are_kept_for_it(sqlite_url: str) -> None:
    async with team(sqlite_url) as made:
        ana, ben, press = made.ana, made.ben, made.slack.press
        await made.slack.slash(ana, made.general, f"/win {WORDS}")
        saved = await made.sees(f"Win saved: {WORDS}", person=ana)
        announced = await made.sees(f"ana: {WORDS}")
        await made.records(announced)
        await press(ben, announced, action_id="cheer")
        answers = [await twice(made, press(ben, announced, action_id="cheer"))]

        await made.slack.slash(ana, made.general, "/wins pause")
        asked = made.slack.seen_by(ana, made.general)[-1]
        answers.append(await twice(made, press(ana, asked, action_id="skip_roundup")))

        resumed = await made.slack.slash(ana, made.general, "/wins resume")
        resumed_again = await made.slack.resend(resumed.request)
        assert resumed.payload == resumed_again.payload
        assert resumed.payload is not None

        await made.slack.slash(ana, made.general, "/wins post")
        asked = made.slack.seen_by(ana, made.general)[-1]
        answers.append(await twice(made, press(ana, asked, action_id="post_roundup_now")))
        answers.append(await twice(made, press(ana, saved, action_id="undo_win")))

        for told in answers:
            assert len(told) == 2
            assert told[0] == told[1]
        assert WORDS in answers[-1][0]["text"], "an undo gives the words back"
    stored = column(sqlite_url, "idempotency_keys", "response")
    assert len(stored) == 6
    assert not [response for response in stored if WORDS in response]


async def test_what_the_release_before_has_handled_is_not_handled_again(sqlite_url: str) -> None:
    async with team(sqlite_url, is_configured=False) as made:
        build = made.slack.add_channel("build", members=[made.ana, made.ben], creator=made.ana)
        invited = await made.slack.invite_bot(build, by=made.ana)
        offer = await made.sees("Want me to?", channel=build, person=made.ana)
        pressed = await made.slack.press(made.ana, offer, action_id="accept_offer")
        await made.sees("ana set up a roundup for this channel", channel=build)
        writing_engine = engine(sqlite_url, writes=True)
        with writing_engine.begin() as connection:
            connection.execute(update(idempotency_keys).values(response=None))
        writing_engine.dispose()

        told = await twice(made, made.slack.resend(pressed.request))
        assert [args["text"] for args in told] == ["That's already done."] * 2
        assert (await made.slack.resend(invited.request)).status == 200
        assert len([text for text in made.posts(build) if "set up a roundup" in text]) == 1


async def test_a_second_identical_win_within_a_minute_is_asked_about(team_url: str) -> None:
    async with team(team_url) as made:
        ben, slack = made.ben, made.slack
        assert "Win saved" in await made.says(ben, f"/win {WORDS}")
        asked = await made.says(ben, f"/win {WORDS}")
        assert asked.startswith("You saved a win with the same words less than a minute ago")
        assert WORDS in asked
        question = slack.seen_by(ben, made.general)[-1]

        refused = await made.says(ben, f"/wins {WORDS}")  # another way in
        assert "If it's a win, save it here" in refused or "looks like a win" in refused
        await slack.press(ben, slack.seen_by(ben, made.general)[-1], action_id="save_as_win")
        await made.sees("You saved a win with the same words", person=ben, times=2)
        assert "Win saved" in await made.says(made.ana, f"/win {WORDS}"), "someone else's"
        assert column(team_url, "wins", "author_id") == [ben.id, made.ana.id]

        await slack.press(ben, question, action_id="save_win_again")
        await made.sees(f"Win saved: {WORDS}", person=ben, times=2)
        await made.sees(f"ben: {WORDS}", times=2)
        await slack.slash(ben, made.general, "/win")  # and another
        await slack.fill(ben, "win_text", WORDS)
        await slack.submit(ben)
        assert "select *Save win*" in shows(slack.modal(ben))
        await slack.submit(ben)
        assert slack.modal(ben) is None
        await made.sees(f"ben: {WORDS}", times=3)

        told = await asyncio.gather(*(made.says(ben, "/win twice at once") for _ in range(3)))
        assert sorted("Win saved" in text for text in told) == [False, False, True]
        made.clock.move_by(timedelta(minutes=1))
        assert "Win saved" in await made.says(ben, "/win twice at once")
