"""A win from a message: by the shortcut, a mention, a direct message, or the channel's emoji for wins."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.consent import Preference
from bot.domain.wins import MAX_LENGTH
from bot.slack.manifest import EDIT_SHORTCUT, SAVE_MESSAGE_SHORTCUT
from bot.storage import unsaved_wins
from bot.storage.database import engine
from bot.views import win_form as view
from tests.db_dump import column
from tests.e2e.test_home import opens_home
from tests.e2e.test_looking_back import undoes_latest
from tests.e2e.test_win_form import holds
from tests.team import FRIDAY_16_BERLIN, Team, shows

LISTENING = {"app_mentions:read", "im:history"}


def lets_it_listen(team: Team) -> None:
    """Grant the optional scopes for what people write to the bot."""
    workspace = team.slack.world.workspaces[team.slack.team_id]
    workspace.install(workspace.scopes | LISTENING)


def forgets(team: Team) -> None:
    """Delete what isn't saved, as the bot does after a day."""
    writing_engine = engine(team.database_url, writes=True)
    with writing_engine.begin() as connection:
        unsaved_wins.purge_before(connection, team.clock.now() + timedelta(days=1))
    writing_engine.dispose()


async def uses(team: Team, person: Any, message: Any) -> Any:
    """Someone uses "Save as a win" on a message; returns the form, or what else they get to see."""
    answer = await team.slack.message_shortcut(person, message, SAVE_MESSAGE_SHORTCUT)
    assert answer.error is None, answer.error
    return team.slack.modal(person)


async def saves(team: Team, person: Any) -> None:
    answer = await team.slack.submit(person)
    assert answer.error is None, answer.error
    assert team.slack.modal(person) is None


def announcements(team: Team, channel: Any = None) -> list[Any]:
    """What the bot has posted in a channel for everyone."""
    bot = team.slack.world.workspaces[team.slack.team_id].bot_user_id
    return [each for each in team.slack.posts(channel or team.general) if each.user == bot]


@pytest.mark.every_deployment
async def test_chloe_saves_ben_s_reply_as_his_win_and_it_is_announced_in_that_thread(the_team: Team) -> None:
    team = the_team
    team.prefers(team.ben, Preference.SHARE)
    question = await team.slack.say(team.ana, team.general, "who fixed the build?")
    reply = await team.slack.say(team.ben, team.general, f"<@{team.dmitri.id}> &amp; I fixed it", question.ts)
    form = await uses(team, team.chloe, reply)
    assert holds(form, view.TEXT) == "@dmitri & I fixed it"
    assert holds(form, view.WHOSE) == [team.ben.id]
    await saves(team, team.chloe)
    await team.slack.wait_for(lambda: bool(announcements(team)))
    (win,) = announcements(team)
    assert win.thread_ts == question.ts
    assert "@dmitri &amp; I fixed it" in win.text
    assert column(team.database_url, "wins", "source_ts") == [reply.ts]
    assert [bool(own) for own in column(team.database_url, "wins", "is_own")] == [False]
    saved = await team.sees("Win saved", person=team.chloe)
    assert saved.thread_ts == question.ts
    assert "Sharing it in that message's thread" in saved.plain()
    again = await uses(team, team.ana, reply)
    assert "already saved as a win" in shows(again)
    await team.slack.close_view(team.ana)
    await team.slack.press(team.chloe, saved, "undo_win")
    await team.slack.wait_for(lambda: not announcements(team))
    await uses(team, team.ana, reply)
    assert "already saved as a win" not in shows(await uses(team, team.ben, reply))
    await saves(team, team.ana)
    answer = await team.slack.submit(team.ben)
    assert answer.error is None
    assert "already saved as a win" in shows(team.slack.modal(team.ben))
    assert len(column(team.database_url, "wins", "id")) == 2
    await saves(team, team.ben)
    assert len(column(team.database_url, "wins", "id")) == 3


async def test_the_form_opens_before_slack_is_asked_about_anyone(the_team: Team) -> None:
    team = the_team
    said = await team.slack.say(team.ben, team.general, f"<@{team.chloe.id}> found it")
    before = len(team.slack.ledger.calls())
    form = await uses(team, team.ana, said)
    assert holds(form, view.TEXT) == "@chloe found it"
    asked = ("views.open", "users.info", "users.conversations", "conversations.info")
    methods = [call.method for call in team.slack.ledger.calls()[before:] if call.method in asked]
    assert methods[0] == "views.open"
    assert "users.info" in methods, "who Chloe is"


async def test_a_form_that_slack_does_not_open_is_offered_again_in_the_thread_of_its_message(the_team: Team) -> None:
    team, ben = the_team, the_team.ben
    question = await team.slack.say(team.ana, team.general, "who fixed the build?")
    reply = await team.slack.say(ben, team.general, "I fixed it", question.ts)
    team.slack.fault("views.open", "error", name="expired_trigger_id")
    assert await uses(team, ben, reply) is None
    offer = await team.sees("What you entered is kept for a day.", person=ben)
    assert offer.thread_ts == question.ts
    await team.slack.press(ben, offer, view.OPEN_WIN_FORM)
    assert holds(team.slack.modal(ben), view.TEXT) == "I fixed it"
    await saves(team, ben)
    win = await team.sees("ben: I fixed it")
    assert win.thread_ts == question.ts
    await team.slack.wait_for(lambda: "Win saved: I fixed it" in offer.plain())

    await team.records(win)
    team.slack.fault("views.open", "error", name="expired_trigger_id")
    await team.slack.message_shortcut(ben, win, EDIT_SHORTCUT)
    told = await team.sees("Slack couldn't open the form. Please try again.", person=ben)
    assert told.thread_ts == question.ts


async def test_a_long_message_with_a_sign_in_it_is_cut_only_at_its_end(the_team: Team) -> None:
    team = the_team
    said = "the search answers in < 200 ms now: " + "we moved its index to faster disks. " * 20
    message = await team.slack.say(team.ana, team.general, said.replace("<", "&lt;"))
    assert holds(await uses(team, team.ana, message), view.TEXT) == said[: MAX_LENGTH - 1].rstrip() + "…"


async def test_apps_files_and_blocks_are_no_one_s_words_and_the_bot_s_own_messages_are_none(the_team: Team) -> None:
    team = the_team
    picture = await team.slack.share(team.ben, team.general, "shot.png", b"png")
    form = await uses(team, team.ana, picture)
    assert not holds(form, view.TEXT)
    assert holds(form, view.WHOSE) == [team.ben.id]
    await team.slack.close_view(team.ana)
    await team.says(team.ana, "/win the first")
    own = await team.sees("the first")
    refused = await uses(team, team.ben, own)
    assert "one of my own messages" in shows(refused)


@pytest.mark.every_deployment
@pytest.mark.over_http
async def test_ben_mentions_the_bot_in_a_thread_and_only_he_gets_an_answer_there(the_team: Team) -> None:
    team = the_team
    lets_it_listen(team)
    parent = await team.slack.say(team.ana, team.general, "how was your week?")
    said = await team.slack.mention(team.ben, team.general, "we shipped search", parent.ts)
    answer = await team.sees("Want to save that as a win?", person=team.ben)
    assert answer.thread_ts == parent.ts
    assert announcements(team) == []
    assert column(team.database_url, "wins", "id") == []
    await team.slack.edit(team.ben, said, f"<@{announcer(team)}> we shipped the search")
    await team.slack.press(team.ben, answer, view.OPEN_WIN_FORM)
    form = team.slack.modal(team.ben)
    assert holds(form, view.TEXT) == "we shipped search"
    assert holds(form, view.WHOSE) == [team.ben.id]
    await saves(team, team.ben)
    win = await team.sees("ben: we shipped search")
    assert win.thread_ts == parent.ts
    await team.sees("Win saved", person=team.ben)
    assert column(team.database_url, "unsaved_wins", "id") == []


def announcer(team: Team) -> str:
    """The bot's user id."""
    return str(team.slack.world.workspaces[team.slack.team_id].bot_user_id)


async def test_chloe_writes_to_the_bot_which_greets_her_once_and_saves_nothing_unasked(the_team: Team) -> None:
    team = the_team
    lets_it_listen(team)
    dm = team.slack.open_dm(team.chloe)
    for _ in range(2):
        await team.slack.open_home(team.chloe, "messages")
    greeting = await team.sees("Hi, I'm Winsome!", channel=dm)
    assert "type `/win`" in greeting.text
    await team.slack.say(team.chloe, dm, "hello!")
    await team.sees("Tell me what went well in a few words", channel=dm)
    await team.slack.say(team.chloe, dm, "thank you :pray:")
    await team.sees("You're welcome!", channel=dm)
    await team.slack.say(team.chloe, dm, "can you count my wins?")
    await team.sees("I can't answer questions", channel=dm)
    await team.slack.say(team.chloe, dm, "said no to a meeting")
    answer = await team.sees("Want to save that as a win?", channel=dm)
    await team.slack.press(team.chloe, answer, view.OPEN_WIN_FORM)
    form = team.slack.modal(team.chloe)
    assert holds(form, view.TEXT) == "said no to a meeting"
    assert holds(form, view.AUDIENCE)["value"] == view.ONLY_ME
    await saves(team, team.chloe)
    await team.slack.wait_for(lambda: "Win saved" in answer.plain())
    assert announcements(team) == []
    await team.slack.say(team.chloe, dm, "went for a walk")
    await team.sees("Want to save that as a win?", channel=dm)
    late = team.slack.posts(dm)[-1]
    forgets(team)
    await team.slack.press(team.chloe, late, view.OPEN_WIN_FORM)
    assert "I keep unsaved wins for a day, so this one is gone." in shows(team.slack.modal(team.chloe))
    assert sum("Hi, I'm Winsome!" in (each.text or "") for each in team.slack.posts(dm)) == 1


@pytest.mark.every_deployment
async def test_the_channel_s_emoji_suggests_a_win_to_the_author_once_and_reads_nothing(the_team: Team) -> None:
    team = the_team
    said = await team.slack.say(team.ben, team.general, "search is live")
    await team.slack.react(team.ana, team.general, said.ts, "trophy")
    assert column(team.database_url, "unsaved_wins", "id") == []
    answer = await team.slack.slash(team.ana, team.general, "/wins setup")
    assert answer.error is None
    await team.slack.fill(team.ana, "emoji", "🏆")
    await team.slack.submit(team.ana)
    assert "Use the name of one emoji, like :trophy:." in shows(team.slack.modal(team.ana))
    await team.slack.fill(team.ana, "emoji", ":trophy:")
    await team.slack.submit(team.ana)
    await team.sees("made :trophy: the emoji for wins")
    await team.slack.unreact(team.ana, team.general, said.ts, "trophy")
    for person in (team.ana, team.chloe, team.ben):
        await team.slack.react(person, team.general, said.ts, "trophy")
    suggestion = await team.sees("got a :trophy:", person=team.ben)
    assert not [each for each in team.slack.seen_by(team.ana, team.general) if "got a :trophy:" in each.plain()]
    await team.slack.press(team.ben, suggestion, view.OPEN_WIN_FORM)
    form = team.slack.modal(team.ben)
    assert not holds(form, view.TEXT)
    await team.slack.fill(team.ben, view.TEXT, "search is live for everyone")
    await saves(team, team.ben)
    win = await team.sees("ben: search is live for everyone")
    assert win.thread_ts == said.ts
    reply = await team.slack.say(team.chloe, team.general, "so are the docs", said.ts)
    await team.slack.react(team.chloe, team.general, reply.ts, "trophy::skin-tone-2")
    in_thread = await team.sees("got a :trophy:", person=team.chloe)
    assert in_thread.thread_ts == said.ts
    assert not team.slack.ledger.calls("conversations.history")
    assert not team.slack.ledger.calls("conversations.replies")


async def test_where_the_bot_is_not_the_win_is_a_reply_to_that_message_all_the_same(the_team: Team) -> None:
    team = the_team
    team.prefers(team.ben, Preference.SHARE)
    build = team.slack.add_channel("build", members=[team.ana, team.ben], creator=team.ana)
    await team.slack.remove_bot(build)
    said = await team.slack.say(team.ben, build, "the build is green")
    await uses(team, team.ana, said)
    await saves(team, team.ana)
    await team.slack.wait_for(lambda: any(each.bot_id for each in team.slack.posts(build)))
    (win,) = (each for each in team.slack.posts(build) if each.bot_id)
    assert "the build is green" in win.text
    assert win.thread_ts == said.ts
    assert win.user is None, "Slack doesn't say whose it is"
    assert "one of my own messages" in shows(await uses(team, team.ben, win))


async def test_who_is_told_of_a_win_that_cannot_be_removed_is_led_into_its_thread(the_team: Team) -> None:
    team = the_team
    question = await team.slack.say(team.ana, team.general, "who fixed the build?")
    reply = await team.slack.say(team.ben, team.general, "I fixed it", question.ts)
    await uses(team, team.ben, reply)
    await saves(team, team.ben)
    await team.slack.wait_for(lambda: bool(announcements(team)))
    (win,) = announcements(team)
    await team.records(win)
    team.slack.fault("chat.delete", "error", name="cant_delete_message", times=None)
    team.slack.fault("chat.update", "error", name="edit_window_closed", times=None)
    team.slack.fault("response_url", "http_500_before", times=None)
    await undoes_latest(team, team.ben)
    note = await team.sees("Slack didn't let me remove it", channel=team.slack.open_dm(team.ben))
    link = f"/p{win.ts.replace('.', '')}?thread_ts={question.ts}&amp;cid={team.general.id}|View message>"
    assert link in note.text
    assert link in str((await opens_home(team, team.ana)).blocks)


async def test_links_to_a_win_in_a_thread_lead_into_that_thread(the_team: Team) -> None:
    team = the_team
    team.configure(team.general, team.ana, wants_reminder=True)
    team.prefers(team.ben, Preference.SHARE)
    question = await team.slack.say(team.ana, team.general, "who fixed the build?")
    reply = await team.slack.say(team.ben, team.general, "I fixed it", question.ts)
    await uses(team, team.chloe, reply)
    await saves(team, team.chloe)
    await team.slack.wait_for(lambda: bool(announcements(team)))
    (win,) = announcements(team)
    in_thread = f"?thread_ts={question.ts}&amp;cid={team.general.id}"
    of_reply, of_win = (f"/p{each.ts.replace('.', '')}{in_thread}" for each in (reply, win))
    assert f"{of_reply}|Original message>" in win.text
    await team.it_is(FRIDAY_16_BERLIN - timedelta(days=1))
    assert f"{of_win}|a win worth reading>" in (await team.sees("a win worth reading")).text
    await team.it_is(FRIDAY_16_BERLIN)
    assert f"{of_win}|View message>" in (await team.sees_roundup(1)).text


async def test_where_the_message_takes_no_reply_the_win_is_posted_in_the_channel(the_team: Team) -> None:
    team = the_team
    team.prefers(team.ben, Preference.SHARE)
    said = await team.slack.say(team.ben, team.general, "the build is green")
    await uses(team, team.ana, said)
    team.slack.fault("chat.postMessage", "error", times=1, name="cannot_reply_to_message")
    await saves(team, team.ana)
    await team.slack.wait_for(lambda: bool(announcements(team)))
    (win,) = announcements(team)
    assert win.thread_ts is None
