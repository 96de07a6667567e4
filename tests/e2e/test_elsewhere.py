"""A channel's roundup that another channel gets: with its source named, and never anything private."""

from datetime import timedelta
from typing import Any

from bot.domain.audit_log import AuditAction
from bot.domain.channel_settings import QuietPolicy
from bot.views import win_form
from tests.e2e.test_edit import opens, submits
from tests.e2e.test_lifecycle import kinds
from tests.e2e.test_trust import fails, stays
from tests.e2e.test_win_form import holds, shown
from tests.team import FRIDAY_16_BERLIN, Team, count_told

WEEK = timedelta(days=7)


async def two_channels(made: Team, **rest: Any) -> tuple[Any, Any]:
    """#build, which Ana set up and whose roundup #wins-all gets; Chloe is only in the latter."""
    target = made.slack.add_channel("wins-all", members=made.everybody, creator=made.ana)
    build = made.slack.add_channel("build", members=[made.ana, made.ben], creator=made.ana)
    made.configure(target, made.chloe)
    made.configure(build, made.ana, target_channel_id=target.id, **rest)
    return build, target


async def wins(made: Team, channel: Any, number: int = 1) -> None:
    for each in range(number):
        await made.says(made.ben, f"/win step {each:02}", channel)
    await made.slack.wait_for(lambda: sum("step " in text for text in made.posts(channel)) == number, timeout=60)


async def test_it_comes_there_with_its_source_and_can_be_cheered_and_undone(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build, 2)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(2, channel=target)
    assert f"A few good things happened in <#{build.id}>." in roundup.text
    assert not any("roundup" in text for text in the_team.posts(build))
    await the_team.slack.press(the_team.chloe, roundup, action_id="cheer")
    await the_team.slack.wait_for(lambda: "Cheered by chloe" in roundup.text)
    await the_team.slack.react(the_team.dmitri, target, roundup.ts, "tada")
    listing = await the_team.slack.slash(the_team.ben, build, "/wins")
    assert listing.payload is not None
    mine = await the_team.sees("Your recent wins", channel=build, person=the_team.ben)
    await the_team.slack.press(the_team.ben, mine, action_id="undo_listed_win")
    await the_team.slack.wait_for(lambda: count_told(roundup.text) == 1)
    assert "dmitri" in roundup.text


async def test_it_opens_with_its_source_and_never_as_the_week_before(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    opened_with = []
    for week in range(3):
        await the_team.says(the_team.ben, f"/win step {week}", build)
        await the_team.sees(f"ben: step {week}", channel=build)
        await the_team.it_is(FRIDAY_16_BERLIN + week * WEEK)
        roundup = await the_team.sees_roundup(1, channel=target, times=week + 1)
        opened_with.append(roundup.text.splitlines()[1])
    assert opened_with == [
        f"One good thing happened in <#{build.id}>.",
        f"A bit of good news from <#{build.id}>.",
        f"A small step in <#{build.id}>, and it counts.",
    ]


async def test_the_rest_of_a_long_one_is_in_its_thread_there(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build, 24)
    await the_team.it_is(FRIDAY_16_BERLIN)
    first = await the_team.sees_roundup(24, channel=target)
    rest = await the_team.sees("More wins (2 of 2)", channel=target)
    assert rest.thread_ts == first.ts


async def test_a_win_that_is_added_below_it_goes_to_its_source_from_those_who_are_in_that(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await the_team.says(the_team.ben, "/win step 1 #speed", build)
    await the_team.says(the_team.chloe, "/win called back #care", target)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees("step 1", channel=target)
    for person, channel, tag in ((the_team.ben, build, "#speed"), (the_team.chloe, target, "#care")):
        await the_team.slack.press(person, roundup, action_id="add_win")
        form = shown(the_team, person)
        assert holds(form, win_form.CHANNEL) == channel.id
        offered = await the_team.slack.suggest(person, win_form.TAGS, "")
        assert [option["text"]["text"] for option in offered.payload["options"]] == [tag]
        await the_team.slack.fill(person, win_form.TEXT, "answered the customer")
        answer = await the_team.slack.submit(person)
        assert answer.error is None, answer.error
        await the_team.sees(f"{person.name}: answered the customer", channel=channel)
        await the_team.sees("Win saved: answered the customer", person=person, channel=target)


async def test_a_quiet_week_names_its_source_too(the_team: Team) -> None:
    build, target = await two_channels(the_team, quiet_policy=QuietPolicy.LINE)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees(f"A quiet stretch in <#{build.id}>, and that's okay.", channel=target)
    assert the_team.posts(build) == []


async def test_what_is_held_there_is_asked_about_and_posted_there(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    fails(the_team, "http_500_before")
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    assert f"*<#{build.id}>'s roundup* for <#{target.id}>" in note.text
    await the_team.slack.press(the_team.ana, note, action_id="post_delivery")
    await the_team.sees_roundup(1, channel=target)
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    assert len(the_team.slack.posts(the_team.slack.open_dm(the_team.ana))) == 1


async def test_what_was_held_there_comes_home_if_its_channel_became_private_meanwhile(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    fails(the_team, "http_500_before")
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    await the_team.slack.make_private(build)
    await the_team.slack.press(the_team.ana, note, action_id="post_delivery")
    await the_team.sees_roundup(1, channel=build)
    assert the_team.posts(target) == []


async def test_a_channel_that_became_private_without_the_bot_keeps_its_roundup(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    await the_team.bot_stops()
    await the_team.slack.make_private(build)
    await the_team.slack.remove_bot(build)
    await the_team.bot_starts()
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("I was removed from <#", channel=the_team.slack.open_dm(the_team.ana))
    assert the_team.posts(target) == []
    await the_team.slack.invite_bot(build, by=the_team.ana)
    await the_team.sees("I'm back in this channel", channel=build)
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    await the_team.sees_roundup(1, channel=build)
    assert the_team.posts(target) == []


async def test_where_the_bot_is_gone_there_its_owner_is_told_once_and_it_follows_when_it_is_back(
    the_team: Team,
) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    await the_team.slack.remove_bot(target)
    await the_team.it_is(FRIDAY_16_BERLIN)
    dm = the_team.slack.open_dm(the_team.ana)
    note = await the_team.sees("I'm not in that channel", channel=dm)
    assert f"for <#{target.id}>" in note.text
    await stays(lambda: len(the_team.slack.posts(dm)) == 1)
    await the_team.slack.invite_bot(target, by=the_team.ana)
    await the_team.sees_roundup(1, channel=target)
    assert the_team.stored_channel(build).next_due_at == FRIDAY_16_BERLIN + WEEK


async def test_a_channel_that_became_private_keeps_its_roundup_and_says_so_once(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    await the_team.slack.make_private(build)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1, channel=build)
    await the_team.sees("This channel is now private, so its roundup will post here.", channel=build)
    assert kinds(the_team, build) == [AuditAction.BECAME_PRIVATE]
    settings = the_team.stored_channel(build)
    assert settings.settings is not None
    assert settings.settings.target_channel_id is None
    await the_team.says(the_team.ben, "/win among us", build)
    await the_team.sees("ben: among us", channel=build)
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    await the_team.sees_roundup(1, channel=build, times=2)
    assert kinds(the_team, build) == [AuditAction.BECAME_PRIVATE]
    assert the_team.posts(target) == []


async def test_what_is_posted_there_is_deleted_before_it_shows_what_a_private_channel_says(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1, channel=target)
    await the_team.records(roundup)
    await the_team.slack.make_private(build)
    await the_team.says(the_team.ben, "/wins", build)
    mine = await the_team.sees("Your recent wins", channel=build, person=the_team.ben)
    await opens(the_team, mine, "edit_listed_win", the_team.ben)
    assert await submits(the_team, "step 00, between us", the_team.ben) is None
    await the_team.sees("ben: step 00, between us", channel=build)
    await the_team.slack.wait_for(lambda: roundup.deleted)
    changes = [call.args for call in the_team.slack.ledger.calls("chat.update") if call.args["channel"] == target.id]
    assert not any("between us" in str(change) for change in changes)


async def test_what_is_posted_there_is_deleted_at_once_if_its_channel_is(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build, 2)
    await the_team.says(the_team.chloe, "/win among all", target)
    await the_team.sees("chloe: among all", channel=target)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(2, channel=target)
    await the_team.records(roundup)
    await the_team.slack.delete_channel(build)
    await the_team.slack.wait_for(lambda: roundup.deleted)
    assert "chloe: among all" in the_team.posts(target), "what is its own stays"


async def test_what_may_be_posted_there_is_deleted_when_it_is_found_if_its_channel_is(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    fails(the_team, "http_500_after")
    the_team.slack.fault("conversations.history", "http_500_before", times=None)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1, channel=target)
    await the_team.slack.delete_channel(build)
    the_team.slack.clear_faults()
    await the_team.slack.wait_for(lambda: roundup.deleted)


async def test_what_was_refused_elsewhere_comes_home_when_its_channel_becomes_private(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    target.archived = True
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("The channel is archived", channel=the_team.slack.open_dm(the_team.ana))
    await the_team.slack.make_private(build)
    await the_team.slack.remove_bot(build)
    await the_team.slack.invite_bot(build, by=the_team.ana)
    await the_team.sees("This channel is now private", channel=build)
    target.archived = False
    await the_team.sees_roundup(1, channel=build)
    assert the_team.posts(target) == []


async def test_while_slack_does_not_say_whether_it_is_private_it_waits(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    the_team.slack.fault("conversations.info", "http_500_before", times=None)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: the_team.posts(target) == [])
    the_team.slack.clear_faults()
    await the_team.sees_roundup(1, channel=target)


async def test_while_one_waits_until_slack_says_whether_it_may_go_what_comes_after_it_goes_on(the_team: Team) -> None:
    build, target = await two_channels(the_team)
    await wins(the_team, build)
    the_team.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=2)
    await the_team.it_is(FRIDAY_16_BERLIN)
    tried = the_team.slack.ledger.calls
    await the_team.slack.wait_for(lambda: len(tried("chat.postMessage")) == 2)
    the_team.slack.fault("conversations.info", "http_500_before", times=None)
    await the_team.says(the_team.chloe, "/win not held up", target)
    await the_team.sees("chloe: not held up", channel=target)
    await stays(lambda: not any("roundup" in text for text in the_team.posts(target)))
    the_team.slack.clear_faults()
    await the_team.sees_roundup(1, channel=target)
