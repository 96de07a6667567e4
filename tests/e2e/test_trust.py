"""A roundup that can be trusted: it comes exactly once, or someone is told; nothing is skipped silently."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from bot import app
from bot.domain.deliveries import DeliveryState
from bot.outbox import sender
from bot.slack import rate_limits
from bot.slack.slack_clock import SlackClock
from bot.storage import deliveries, tables
from bot.storage.database import Database, engine
from tests.db_dump import column
from tests.team import FRIDAY_16_BERLIN, SETTLE_SECONDS, TIMING, Team, is_roundup, team

UNKNOWN_AFTER = ["http_500_after", "reset_after", "bad_json", "hang"]
UNKNOWN_BEFORE = ["http_500_before", "reset_before"]


def fails(made: Team, answer: str, *, times: int | None = 1) -> None:
    """The next posts fail in a way that leaves open whether Slack took them."""
    effect = {"effect": "after"} if answer in ("bad_json", "hang") else {}
    made.slack.fault("chat.postMessage", answer, times=times, **effect)  # type: ignore[arg-type]


async def to_friday(made: Team, *, but: str | None = None) -> None:
    """Ana's win is announced; then posts begin to fail, or The channel is archived; then it is Friday, 16:00.

    The bot does not hear of the archive: one that does rests the schedule (tests/e2e/test_lifecycle.py).
    """
    await made.says(made.ana, "/win fixed the build")
    await made.sees("ana: fixed the build")
    if but == "archived":
        made.general.archived = True
    elif but is not None:
        fails(made, but)
    await made.it_is(FRIDAY_16_BERLIN)


def roundups(made: Team) -> list[str]:
    return [text for text in made.posts() if is_roundup(text)]


async def stays(check: Callable[[], bool]) -> None:
    """What holds now still holds after the settle time and some more looks."""
    for _ in range(15):
        assert check()
        await asyncio.sleep((SETTLE_SECONDS + 5 * TIMING.tick) / 15)


@pytest.mark.parametrize("answer", UNKNOWN_AFTER + UNKNOWN_BEFORE)
async def test_a_roundup_of_unknown_outcome_is_looked_for_and_posted_once(the_team: Team, answer: str) -> None:
    the_team.lets_the_bot_read()
    await to_friday(the_team, but=answer)
    await the_team.sees_roundup(1)
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("conversations.history")))
    await stays(lambda: len(roundups(the_team)) == 1)
    await the_team.slack.press(the_team.ben, await the_team.sees_roundup(), action_id="cheer")
    await the_team.sees("Cheered by ben")


async def test_an_announcement_of_unknown_outcome_is_looked_for_too(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    fails(the_team, "reset_before")
    await the_team.says(the_team.ana, "/win nearly lost")
    await the_team.sees("ana: nearly lost")
    await stays(lambda: len(the_team.posts()) == 1)


@pytest.mark.every_deployment
async def test_an_intent_that_no_running_sender_has_is_resolved(the_team: Team) -> None:
    """A paused process can store its intent after the next leader has started, and then be stopped."""

    async def state() -> str:
        return str(column(the_team.database_url, "deliveries", "state")[0])

    the_team.lets_the_bot_read()
    await the_team.says(the_team.ana, "/win left behind")
    await the_team.sees("ana: left behind")
    await the_team.eventually(state, "posted")
    writing_engine = engine(the_team.database_url, writes=True)
    with writing_engine.begin() as connection:
        connection.execute(update(tables.deliveries).values(state=DeliveryState.SENDING, ts=None))
    writing_engine.dispose()
    await the_team.eventually(state, "posted")
    assert the_team.posts() == ["ana: left behind"]


async def test_the_rest_of_a_long_roundup_is_looked_for_in_its_thread(team_url: str) -> None:
    async with team(team_url) as made:
        made.lets_the_bot_read()
        for number in range(24):
            await made.says(made.everybody[number % 3], f"/win number {number:02}")
        await made.slack.wait_for(lambda: len(made.posts()) == 24, timeout=60)
        await made.it_is(FRIDAY_16_BERLIN)
        await made.sees_roundup(24)
        fails(made, "http_500_after")
        await made.slack.wait_for(lambda: bool(made.slack.ledger.calls("conversations.replies")))
        await stays(lambda: sum("More wins (2 of 2)" in text for text in made.posts()) == 1)


async def test_a_sender_that_stood_still_after_its_intent_posts_nothing(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one may have taken over meanwhile, searched, and posted."""
    intents = 0
    mark, usual_seconds = sender.Sender._mark_sending, sender.STALE_INTENT_SECONDS

    async def stands_still(self: sender.Sender, *given: Any) -> bool:
        nonlocal intents
        marked = await mark(self, *given)
        intents += 1
        if intents == 1:
            await asyncio.sleep(0.5)
        else:  # a busy machine may stand still for a moment, too
            monkeypatch.setattr(sender, "STALE_INTENT_SECONDS", usual_seconds)
        return marked

    monkeypatch.setattr(sender, "STALE_INTENT_SECONDS", 0.4)
    monkeypatch.setattr(sender.Sender, "_mark_sending", stands_still)
    the_team.lets_the_bot_read()
    await the_team.says(the_team.ana, "/win after a pause")
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("conversations.history")))
    assert the_team.slack.ledger.calls("chat.postMessage") == []
    await the_team.sees("ana: after a pause")
    await stays(lambda: len(the_team.posts()) == 1)
    assert intents == 2


@pytest.mark.parametrize("answer", ["reset_after", "http_500_before"])
async def test_a_roundup_is_posted_once_by_a_machine_whose_clock_is_years_off(team_url: str, answer: str) -> None:
    async with team(team_url) as made:
        made.lets_the_bot_read()
        await made.says(made.ana, "/win fixed the build")
        await made.sees("ana: fixed the build")
        await made.bot_stops()
        await made.it_is(FRIDAY_16_BERLIN)
        fails(made, answer)
        async with app.lifespan(made.settings(), clock=app.utc_now, timing=TIMING):
            await made.sees_roundup(1)
            await made.slack.wait_for(lambda: bool(made.slack.ledger.calls("conversations.history")))
            await stays(lambda: len(roundups(made)) == 1)


async def test_a_roundup_is_held_where_slacks_time_is_unknown(the_team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    await the_team.bot_stops()
    monkeypatch.setattr(SlackClock, "record", lambda *_: None)  # a proxy takes the header Date away
    await the_team.bot_starts()
    the_team.lets_the_bot_read()
    await to_friday(the_team, but="http_500_after")
    await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    await stays(lambda: len(roundups(the_team)) == 1)
    assert the_team.slack.ledger.calls("conversations.history") == []


async def test_a_roundup_whose_history_can_not_be_read_for_a_day_is_held(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_BACKOFF", 0.1)
    the_team.lets_the_bot_read()
    the_team.slack.fault("conversations.history", "http_500_before", times=None)
    await to_friday(the_team, but="http_500_before")
    await the_team.slack.wait_for(lambda: len(the_team.slack.ledger.calls("conversations.history")) >= 2)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=25))
    await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    assert roundups(the_team) == []


async def test_without_the_scopes_a_roundup_is_held_and_whoever_set_the_channel_up_is_asked(the_team: Team) -> None:
    await to_friday(the_team, but="http_500_before")
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    await stays(lambda: roundups(the_team) == [])
    await the_team.slack.press(the_team.ana, note, action_id="post_delivery")
    await the_team.sees_roundup(1)
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    await stays(lambda: len(roundups(the_team)) == 1)


@pytest.mark.every_deployment
async def test_what_its_owner_says_is_there_is_not_posted_again(the_team: Team) -> None:
    await to_friday(the_team, but="http_500_after")
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))
    await the_team.slack.press(the_team.ana, note, action_id="delivery_is_there")
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    await stays(lambda: len(roundups(the_team)) == 1)


async def test_what_its_owner_says_just_after_a_restart_counts_too(the_team: Team) -> None:
    """The bot looks for it once more then, after the settle time."""
    dm = the_team.slack.open_dm(the_team.ana)
    await to_friday(the_team, but="http_500_after")
    note = await the_team.sees("Do you see it there?", channel=dm)
    await the_team.bot_stops()
    the_team.changed_settings = {"settle_seconds": 3600.0}
    await the_team.bot_starts()
    await the_team.until(lambda: "unknown" in column(the_team.database_url, "deliveries", "state"))
    await the_team.slack.press(the_team.ana, note, action_id="post_delivery")
    await the_team.sees("I'm checking once more whether it's there.", channel=dm, person=the_team.ana)
    await the_team.slack.press(the_team.ana, note, action_id="delivery_is_there")
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    await stays(lambda: len(roundups(the_team)) == 1)


async def test_several_held_roundups_are_one_message(team_url: str) -> None:
    async with team(team_url) as made:
        places = [made.general, *(made.slack.add_channel(name, members=made.everybody) for name in ("one", "two"))]
        for place in places:
            made.configure(place, made.ana)
            await made.says(made.ana, f"/win everywhere, {place.name}", place)
            await made.sees("ana: everywhere", channel=place)
        fails(made, "http_500_before", times=3)
        await made.it_is(FRIDAY_16_BERLIN)
        dm = made.slack.open_dm(made.ana)
        note = await made.sees("Do you see it there?", channel=dm)
        await made.slack.wait_for(lambda: note.text.count("Do you see it there?") == 3)
        assert len(made.slack.posts(dm)) == 1


async def test_a_refused_roundup_is_told_once_and_can_be_posted_when_that_is_mended(the_team: Team) -> None:
    await to_friday(the_team, but="archived")
    dm = the_team.slack.open_dm(the_team.ana)
    note = await the_team.sees("The channel is archived. Unarchive it. Then select *Post it*.", channel=dm)
    await stays(lambda: len(the_team.slack.posts(dm)) == 1)
    await the_team.slack.unarchive(the_team.general)
    await the_team.slack.press(the_team.ana, note, action_id="post_delivery")
    await the_team.sees_roundup(1)


async def test_what_slack_refuses_although_it_says_that_all_is_well_is_not_tried_again_and_again(
    the_team: Team,
) -> None:
    await the_team.says(the_team.ana, "/win fixed the build")
    await the_team.sees("ana: fixed the build")
    the_team.slack.fault("chat.postMessage", "error", times=None, name="is_archived", channel=the_team.general.id)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("The channel is archived. Unarchive it", channel=the_team.slack.open_dm(the_team.ana))
    tries = len(the_team.slack.ledger.calls("chat.postMessage"))
    await stays(lambda: len(the_team.slack.ledger.calls("chat.postMessage")) == tries)


async def test_a_refused_roundup_is_abandoned_after_its_grace_and_its_wins_come_with_the_next(the_team: Team) -> None:
    await to_friday(the_team, but="archived")
    dm = the_team.slack.open_dm(the_team.ana)
    note = await the_team.sees("The channel is archived", channel=dm)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=25))
    await the_team.slack.wait_for(lambda: "couldn't be posted in time." in note.text)
    await the_team.slack.unarchive(the_team.general)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=7))
    roundup = await the_team.sees_roundup(1)
    assert "fixed the build" in roundup.text
    assert len(roundups(the_team)) == 1


async def test_who_may_not_have_heard_of_a_refused_roundup_hears_that_it_is_abandoned(the_team: Team) -> None:
    """Slack fails just when the owner is told. That message is not sent again, as it may be there."""

    async def states() -> str:
        return " ".join(column(the_team.database_url, "deliveries", "state"))

    dm = the_team.slack.open_dm(the_team.ana)
    the_team.slack.fault("chat.postMessage", "http_500_before", times=1, channel=dm.id)
    await to_friday(the_team, but="archived")
    await the_team.eventually(states, "rejected needs_review")
    await stays(lambda: the_team.slack.posts(dm) == [])
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=25))
    note = await the_team.sees("couldn't be posted in time.", channel=dm)
    await stays(lambda: the_team.slack.posts(dm) == [note])


async def test_what_an_alert_that_is_too_old_to_be_edited_can_not_say_is_told_in_a_new_one(the_team: Team) -> None:
    dm = the_team.slack.open_dm(the_team.ana)
    await to_friday(the_team, but="archived")
    alert = await the_team.sees("The channel is archived", channel=dm)
    await the_team.records(alert)
    the_team.slack.fault("chat.update", "error", times=None, name="edit_window_closed", channel=dm.id)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=25))
    later = await the_team.sees("couldn't be posted in time.", channel=dm)
    assert later is not alert
    await stays(lambda: the_team.slack.posts(dm) == [alert, later])


async def test_a_bot_that_was_off_for_a_month_tells_so_and_loses_no_win(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win before the holidays")
    await the_team.sees("ana: before the holidays")
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=30))
    await the_team.bot_starts()
    note = await the_team.sees("couldn't be posted in time", channel=the_team.slack.open_dm(the_team.ana))
    assert "Friday, April 5 at 16:00 (Berlin)" in note.text
    await stays(lambda: roundups(the_team) == [])
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=35))
    roundup = await the_team.sees_roundup(1)
    assert "before the holidays" in roundup.text


async def test_nobody_else_decides_about_a_held_roundup(team_url: str) -> None:
    async with team(team_url) as made:
        await to_friday(made, but="http_500_before")
        note = await made.sees("Do you see it there?", channel=made.slack.open_dm(made.ana))
        dm = made.slack.open_dm(made.ana)
        dm.members.append(made.ben.id)  # someone else gets hold of the button
        await made.slack.press(made.ben, note, action_id="post_delivery")
        await made.sees("Only the contact for this roundup", channel=dm, person=made.ben)
        await stays(lambda: roundups(made) == [])


async def test_a_post_that_is_known_by_now_is_not_taken_for_unknown_by_who_came_late(the_team: Team) -> None:
    """A reconciled roundup is on its way again while the bot restarts, once more of unknown outcome."""
    the_team.lets_the_bot_read()
    await to_friday(the_team, but="http_500_before")
    await the_team.sees_roundup(1)
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(roundups(the_team)) == 1)


@pytest.mark.every_deployment
async def test_a_bot_that_is_asked_to_stop_ends_in_time_and_what_was_under_way_is_reconciled(the_team: Team) -> None:
    the_team.lets_the_bot_read()
    await the_team.says(the_team.ana, "/win first")
    await the_team.sees("ana: first")
    the_team.slack.fault("chat.postMessage", "hang", times=1, effect="after")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    async with asyncio.timeout(10):
        await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(roundups(the_team)) == 1)


async def test_when_slack_lets_the_bot_do_nothing_everything_waits_and_nothing_is_parked(the_team: Team) -> None:
    the_team.slack.fault("chat.postMessage", "error", times=1, name="account_inactive")
    await the_team.says(the_team.ana, "/win in a bad moment")
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("chat.postMessage")))
    await stays(lambda: the_team.posts() == [])
    await the_team.bot_stops()
    await the_team.bot_starts()
    await the_team.sees("ana: in a bad moment")


async def test_a_post_goes_out_whose_intent_was_kept_though_the_database_did_not_say_so(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks just after the database has kept that the message is about to be posted."""
    write_each, breaks = Database.write_each, [True]

    async def not_answered(self: Database, work: Callable[..., Any], item: Any, **options: Any) -> Any:
        answer = await write_each(self, work, item, **options)
        if work is deliveries.mark_each_sending and breaks:
            breaks.clear()
            raise OperationalError("COMMIT", None, Exception("connection lost"))
        return answer

    monkeypatch.setattr(Database, "write_each", not_answered)
    monkeypatch.setattr(sender, "RETRY_SECONDS", TIMING.tick)
    await the_team.says(the_team.ben, "/win found the cause")
    await the_team.sees("ben: found the cause")
    await stays(lambda: sum("found the cause" in text for text in the_team.posts()) == 1)
    assert not breaks, "the connection broke"
