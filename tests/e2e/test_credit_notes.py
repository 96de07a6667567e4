"""The note a day after a roundup: who cheered, credited or thanked someone; it can be passed on, or stopped."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.consent import Preference
from bot.views import win_form
from tests.e2e.test_credit import actions, messages_to, saves_for, told
from tests.e2e.test_trust import fails, stays
from tests.team import FRIDAY_16_BERLIN, TIMING, Team

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY_IN_AUCKLAND = datetime(2030, 3, 10, 20, 0, tzinfo=UTC)
"""Nine o'clock on the Monday after the roundup, where Chloe lives."""
MONDAY_IN_BERLIN = datetime(2030, 3, 11, 8, 0, tzinfo=UTC)
"""Ana's."""
MONDAY_IN_NEW_YORK = datetime(2030, 3, 11, 13, 0, tzinfo=UTC)
"""Ben's, in summer time since Sunday."""
CAME_BACK = "Here's what came back to you from"


async def roundup_comes(team: Team, text: str, *channels: Any) -> Any:
    """Let it be Friday, and return the roundup of the last channel, which has this in it."""
    await team.it_is(FRIDAY_16_BERLIN)
    for channel in channels or [team.general]:
        roundup = await team.sees(text, channel=channel, times=2)
        await team.records(roundup)
    return roundup


def thanked_in(view: Any) -> list[str]:
    """The people whom the form of a win thanks when it opens."""
    fields = [block["element"] for block in view.blocks if block["type"] == "input"]
    (element,) = (each for each in fields if each["action_id"] == win_form.THANKED)
    return list(element.get("initial_users", []))


async def nothing_more_comes(team: Team, until: datetime | None = None) -> None:
    """Let time pass, and the bot tick."""
    if until is not None:
        await team.it_is(until)
    text = f"it is {team.clock.now():%A, %H:%M}"
    await team.says(team.ana, f"/win {text}")
    await team.sees(f"ana: {text}")
    await asyncio.sleep(5 * TIMING.tick)


@pytest.mark.every_deployment
async def test_a_day_after_the_roundup_everyone_learns_once_what_came_and_can_pass_it_on(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    for person in (ana, ben):
        the_team.prefers(person, Preference.SHARE)
    await the_team.says(ana, "/win shipped it with @ben")
    await told(the_team, ben, "ana named you in a win in")
    await the_team.says(chloe, "/win wrote the docs with @ben")
    await slack.press(ana, await the_team.sees("chloe: wrote the docs with @ben"), "cheer")
    await the_team.says(ben, "/win my own")
    await the_team.sees("ben: my own")
    roundup = await roundup_comes(the_team, "my own")
    await the_team.bot_stops()
    await the_team.bot_starts()
    await slack.press(the_team.dmitri, roundup, "cheer")
    await nothing_more_comes(the_team, MONDAY_IN_AUCKLAND - MINUTE)
    assert [messages_to(the_team, person) for person in (ana, chloe)] == [[], []]
    await the_team.it_is(MONDAY_IN_AUCKLAND)
    assert "Cheered by ana" in (await told(the_team, chloe, CAME_BACK)).text
    await the_team.it_is(MONDAY_IN_BERLIN)
    to_ana = await told(the_team, ana, CAME_BACK)
    assert "dmitri cheered the whole roundup." in to_ana.text
    assert "docs" not in to_ana.text, "it tells only the wins that she is in"
    await nothing_more_comes(the_team, MONDAY_IN_NEW_YORK - MINUTE)
    assert len(messages_to(the_team, ben)) == 1
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    note = await told(the_team, ben, CAME_BACK)
    for each in ("chloe credited you", "Cheered by ana", "my own", "dmitri cheered the whole roundup.", "View message"):
        assert each in note.text, each
    assert messages_to(the_team, the_team.dmitri) == []

    await the_team.bot_stops()
    await the_team.bot_starts()
    await nothing_more_comes(the_team, MONDAY_IN_NEW_YORK + DAY)
    assert len(messages_to(the_team, ben)) == 2
    await slack.press(ben, note, "note_thank_someone")
    await slack.fill(ben, win_form.TEXT, "found the bug in an hour")
    await slack.fill(ben, win_form.THANKED, [chloe.id])
    await slack.fill(ben, win_form.CHANNEL, the_team.general.id)
    await slack.submit(ben)
    await the_team.sees("Thanks to chloe")
    await slack.press(ben, note, "credit_stop")
    await told(the_team, ben, "I won't message you about wins you're in anymore.")


async def test_thanks_come_home_with_their_reason(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    the_team.prefers(ben, Preference.SHARE)
    await the_team.says(ana, "/win first with @ben")
    await told(the_team, ben, "first with")
    await slack.slash(ana, the_team.general, "/win")
    await slack.fill(ana, win_form.TEXT, "moved the database")
    await slack.fill(ana, win_form.THANKED, [ben.id])
    await slack.fill(ana, win_form.REASON, "stayed until it was done")
    await slack.submit(ana)
    await the_team.sees("moved the database")
    await roundup_comes(the_team, "stayed until it was done")
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    note = await told(the_team, ben, CAME_BACK)
    assert "ana thanked you: stayed until it was done" in note.text
    assert actions(note) == ["note_thank_someone", "credit_stop"]
    assert messages_to(the_team, ana) == [], "nothing came back to her"


async def test_where_nothing_came_no_one_is_written_to(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    await saves_for(the_team, ana, ben, "ben fixed the printer")
    await slack.press(ben, await told(the_team, ben, "fixed the printer"), "credit_yes")
    await slack.press(chloe, await the_team.sees("ben: ben fixed the printer"), "cheer")
    await the_team.says(chloe, "/win slept well")
    await the_team.sees("chloe: slept well")
    roundup = await roundup_comes(the_team, "fixed the printer")
    assert "Cheered by chloe" in roundup.text
    await slack.press(chloe, await the_team.sees("ben: ben fixed the printer · Shared by ana"), "cheer")
    await slack.press(chloe, await the_team.sees("already cheer", person=chloe), "take_back_cheer")
    await slack.wait_for(lambda: not any("Cheered by chloe" in text for text in the_team.posts()))
    await nothing_more_comes(the_team, MONDAY_IN_NEW_YORK)
    assert len(messages_to(the_team, ben)) == 1, "he knows that Ana shared a win of his: he was asked"
    assert messages_to(the_team, chloe) == messages_to(the_team, ana) == []


async def test_what_someone_may_no_longer_read_is_left_out_and_told_of_no_more(the_team: Team) -> None:
    """Ben is in two channels, and leaves the private one before his note comes; Gus is a guest, and gets none."""
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    secret = slack.add_channel("secret", members=[ana, ben, chloe], creator=ana, private=True)
    await slack.slash(ana, secret, "/invite @winsome")
    the_team.configure(secret, ana, is_private=True)
    gus = slack.add_person("gus", guest=True)
    await slack.join(the_team.general, gus)
    for person, text, channel in ((ben, "in the open", None), (ben, "a secret", secret), (gus, "as a guest", None)):
        await the_team.says(person, f"/win {text}", channel)
        await slack.press(ana, await the_team.sees(f": {text}", channel=channel), "cheer")
    await the_team.says(chloe, "/win only in secret", secret)
    await slack.press(ana, await the_team.sees("only in secret", channel=secret), "cheer")
    await roundup_comes(the_team, "a secret", secret)
    await the_team.records(await the_team.sees("in the open", times=2))
    await slack.leave(secret, ben)
    await the_team.it_is(MONDAY_IN_AUCKLAND)
    to_chloe = await told(the_team, chloe, CAME_BACK)
    assert "only in secret" in to_chloe.text
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    note = await told(the_team, ben, CAME_BACK)
    assert "in the open" in note.text
    assert "secret" not in note.text
    assert secret.id not in note.plain() + note.text
    assert messages_to(the_team, gus) == []
    await slack.leave(secret, chloe)
    await slack.press(chloe, to_chloe, "credit_stop")
    await slack.wait_for(lambda: messages_to(the_team, chloe) == [])


async def test_a_note_goes_when_the_win_it_tells_of_goes(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ben, "/win the first")
    first = await the_team.sees("ben: the first")
    await the_team.says(ben, "/win the second")
    second = await the_team.sees("ben: the second")
    for message in (first, second):
        await slack.press(ana, message, "cheer")
    await roundup_comes(the_team, "the second")
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    await told(the_team, ben, "the second")
    await slack.press(ben, await the_team.sees("Win saved: the first", person=ben), "undo_win")
    await slack.wait_for(lambda: "the first" not in messages_to(the_team, ben)[-1])
    assert "the second" in messages_to(the_team, ben)[-1]
    await slack.press(ben, await the_team.sees("Win saved: the second", person=ben), "undo_win")
    await slack.wait_for(lambda: messages_to(the_team, ben) == [])


async def test_a_note_that_slack_took_without_saying_so_is_not_sent_again(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ben, "/win my own")
    await slack.press(ana, await the_team.sees("ben: my own"), "cheer")
    await roundup_comes(the_team, "my own")
    fails(the_team, "http_500_after")
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    await told(the_team, ben, CAME_BACK)
    await stays(lambda: len(messages_to(the_team, ben)) == 1)
    await the_team.bot_stops()
    await the_team.bot_starts()
    await nothing_more_comes(the_team, MONDAY_IN_NEW_YORK + DAY)
    assert len(messages_to(the_team, ben)) == 1


async def test_two_channels_come_home_in_one_note(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    other = slack.add_channel("other", members=the_team.everybody, creator=ana)
    await slack.slash(ana, other, "/invite @winsome")
    the_team.configure(other, ana)
    for channel in (the_team.general, other):
        await the_team.says(ben, f"/win good things in {channel.name}", channel)
        await slack.press(ana, await the_team.sees("ben: good things", channel=channel), "cheer")
    await roundup_comes(the_team, "good things", the_team.general, other)
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    note = await told(the_team, ben, "Here's what came back to you from the roundups in")
    assert {"good things in general", "good things in other"} <= set(find_wins(note))


def find_wins(note: Any) -> list[str]:
    """The texts of the wins in a note."""
    return [line.partition(":* ")[2] for line in note.text.splitlines() if ":* " in line]


async def test_who_thanks_someone_finds_the_only_one_whom_the_note_names_in_the_form(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    for person, text in ((ana, "moved the cache"), (ben, "answered the hard ticket")):
        await the_team.says(person, f"/win {text}")
        announced = await the_team.sees(f"{person.name}: {text}")
        await slack.press(chloe, announced, "cheer")
    await slack.press(the_team.dmitri, announced, "cheer")
    await roundup_comes(the_team, "hard ticket")
    await the_team.it_is(MONDAY_IN_BERLIN)
    await slack.press(ana, await told(the_team, ana, CAME_BACK), "note_thank_someone")
    assert thanked_in(slack.modal(ana)) == [chloe.id]
    await slack.fill(ana, win_form.TEXT, "the cache survived")
    await slack.fill(ana, win_form.CHANNEL, the_team.general.id)
    await slack.submit(ana)
    await the_team.sees("Thanks to chloe")
    await the_team.it_is(MONDAY_IN_NEW_YORK)
    await slack.press(ben, await told(the_team, ben, CAME_BACK), "note_thank_someone")
    assert thanked_in(slack.modal(ben)) == [], "it names two, so he chooses"
