"""Channels come and go: schedules follow or stop sensibly, their owner is told once, and no win is lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.audit_log import AuditAction, AuditEntry, Unavailability
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.storage import audit_log, channels, tables
from bot.storage.database import engine
from bot.views import owner_alert
from bot.views.translations import ENGLISH
from slack_standin.block_kit.blocks import MAX_BLOCKS_LENGTH
from slack_standin.block_kit.validation import stored_length, validate_message
from tests.e2e.test_home import stored
from tests.e2e.test_trust import roundups, stays
from tests.team import FRIDAY_16_BERLIN, Team, is_roundup, team
from tests.views.sample_data import link

WEEK = timedelta(days=7)


def log(made: Team, channel: Any = None) -> list[AuditEntry]:
    """What Slack did to the channel, by the audit log, the oldest first."""
    place = channel or made.general
    reads = engine(made.database_url, writes=False)
    with reads.connect() as connection:
        found = audit_log.latest(connection, place.team_id, channel_ids=[place.id], limit=50)
    reads.dispose()
    return found[::-1]


def kinds(made: Team, channel: Any = None) -> list[AuditAction]:
    return [entry.action for entry in log(made, channel)]


async def has_a_win(made: Team) -> Any:
    """Ben has logged a win; returns Ana's direct message with the bot."""
    await made.says(made.ben, "/win fixed the build")
    await made.sees("ben: fixed the build")
    return made.slack.open_dm(made.ana)


@pytest.mark.every_deployment
async def test_removed_and_invited_again(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    await the_team.slack.remove_bot(the_team.general)
    note = await the_team.sees("I was removed from <#", channel=dm)
    assert "To resume roundups, type `/invite @Winsome` there." in note.text
    assert the_team.stored_channel().unavailable_reason is Unavailability.REMOVED
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: roundups(the_team) == [] and len(the_team.slack.posts(dm)) == 1)

    await the_team.slack.invite_bot(the_team.general, by=the_team.ben)
    line = await the_team.sees("I'm back in this channel. Next roundup:")
    assert "March 15" in line.text
    await the_team.slack.wait_for(lambda: "I'm back in this channel" in note.text)
    assert "/invite" not in note.text
    assert kinds(the_team) == [AuditAction.BOT_LEFT, AuditAction.BOT_RETURNED]
    assert log(the_team)[-1].actor_id == the_team.ben.id
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + WEEK
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    assert "fixed the build" in (await the_team.sees_roundup(1)).text
    assert len(the_team.slack.posts(dm)) == 1


async def test_archived_and_brought_back(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    await the_team.slack.archive(the_team.general, by=the_team.ben)
    note = await the_team.sees("ben archived <#", channel=dm)
    assert "Roundups will start again when the channel is unarchived and I'm in it." in note.text
    assert log(the_team)[-1].after == {"unavailable_reason": "archived"}
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: len(the_team.slack.posts(dm)) == 1)
    await the_team.slack.unarchive(the_team.general, by=the_team.ben)
    await the_team.sees("I'm back in this channel")
    await the_team.slack.wait_for(lambda: "I'm back in this channel" in note.text)
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    await the_team.sees_roundup(1)


async def test_unarchived_without_the_bot_its_owner_is_told_to_invite_it(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    await the_team.slack.archive(the_team.general)
    note = await the_team.sees("ana archived <#", channel=dm)
    the_team.general.members.remove(the_team.slack.bot_user_id)
    await the_team.slack.unarchive(the_team.general)  # of which the stand-in does not tell who is not in it
    await the_team.slack.send_event({"type": "channel_unarchive", "channel": the_team.general.id, "user": "UBEN"})
    await the_team.slack.wait_for(lambda: "was unarchived, but I'm no longer in it" in note.text)
    assert "/invite @Winsome" in note.text
    assert the_team.stored_channel().unavailable_reason is Unavailability.REMOVED
    await the_team.slack.invite_bot(the_team.general, by=the_team.ana)
    await the_team.sees("I'm back in this channel")
    assert kinds(the_team) == [AuditAction.BOT_LEFT, AuditAction.BOT_LEFT, AuditAction.BOT_RETURNED]
    assert len(the_team.slack.posts(dm)) == 1


async def test_deleted_for_good(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    general = the_team.general
    await the_team.slack.delete_channel(general, by=the_team.ben)
    note = await the_team.sees("ben deleted <#", channel=dm)
    assert "Its roundups have ended. Its wins are still saved." in note.text
    assert the_team.stored_channel(general).unavailable_reason is Unavailability.DELETED
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: len(the_team.slack.posts(dm)) == 1)
    assert "fixed the build" in await the_team.says(the_team.ben, "/wins", the_team.slack.open_dm(the_team.ben))


async def test_a_private_channel_too(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ana, the_team.ben])
    the_team.configure(secret, the_team.ana)
    dm = the_team.slack.open_dm(the_team.ana)
    await the_team.slack.remove_bot(secret)
    note = await the_team.sees("I was removed from <#", channel=dm)
    await the_team.slack.invite_bot(secret, by=the_team.ana)
    await the_team.sees("I'm back in this channel", channel=secret)
    await the_team.slack.archive(secret)
    await the_team.slack.wait_for(lambda: "archived <#" in note.text)
    await the_team.slack.unarchive(secret)
    await the_team.sees("I'm back in this channel", channel=secret, times=2)


@pytest.mark.parametrize("event", ["member_left_channel", "channel_archive", "channel_unarchive"])
async def test_what_slack_tells_twice_or_too_late_counts_once(the_team: Team, event: str) -> None:
    dm = await has_a_win(the_team)
    if event == "member_left_channel":
        await the_team.slack.remove_bot(the_team.general)
        await the_team.slack.invite_bot(the_team.general, by=the_team.ana)
    else:
        await the_team.slack.archive(the_team.general)
        await the_team.slack.unarchive(the_team.general)
    await the_team.sees("I'm back in this channel")
    await the_team.slack.deliver_raw(the_team.slack.ledger.events(event)[-1].payload)
    await stays(lambda: sum("I'm back" in text for text in the_team.posts()) == 1)
    assert kinds(the_team) == [AuditAction.BOT_LEFT, AuditAction.BOT_RETURNED]
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN
    assert len(the_team.slack.posts(dm)) == 1


async def test_where_slack_can_not_be_asked_its_word_is_taken(the_team: Team) -> None:
    await has_a_win(the_team)
    the_team.slack.fault("conversations.info", "http_500_before", times=None)
    await the_team.slack.remove_bot(the_team.general)
    assert the_team.stored_channel().unavailable_reason is Unavailability.REMOVED
    await the_team.slack.invite_bot(the_team.general, by=the_team.ana)
    await the_team.sees("I'm back in this channel")


async def test_slack_is_left_alone_about_channels_for_as_long_as_it_asks(team_url: str) -> None:
    async with team(team_url) as made:
        build = made.slack.add_channel("build", members=made.everybody, with_bot=False)
        made.slack.fault("conversations.info", "rate_limited", times=1, retry_after=3600)
        for channel in (build, made.general, build):
            await made.slack.remove_bot(channel) if made.slack.bot_user_id in channel.members else None
            await made.slack.invite_bot(channel, by=made.ben)
        assert len(made.slack.ledger.calls("conversations.info")) == 1


async def test_other_people_who_come_and_go_are_nobodys_business(the_team: Team) -> None:
    before = len(the_team.slack.ledger.calls("conversations.info"))
    await the_team.slack.leave(the_team.general, the_team.chloe)
    await the_team.slack.join(the_team.general, the_team.chloe, by=the_team.ana)
    assert len(the_team.slack.ledger.calls("conversations.info")) == before
    assert log(the_team) == []


@pytest.mark.parametrize("happens", ["archived", "left", "gets another id", "deleted"])
async def test_what_happens_to_a_channel_whose_settings_can_t_be_read_is_no_error(
    the_team: Team, caplog: pytest.LogCaptureFixture, happens: str
) -> None:
    await has_a_win(the_team)
    slack, general = the_team.slack, the_team.general

    def has_zone(zone: str | None) -> None:
        is_general = tables.channels.c.channel_id == general.id
        stored(
            the_team, lambda connection: connection.execute(update(tables.channels).where(is_general).values(zone=zone))
        )

    has_zone("No/Where")
    match happens:
        case "archived":
            answers = [await slack.archive(general), await slack.unarchive(general)]
        case "left":
            answers = [await slack.remove_bot(general), await slack.invite_bot(general, by=the_team.ana)]
        case "gets another id":
            answers = [await slack.change_channel_id(general)]
        case _:
            answers = [await slack.delete_channel(general)]
    assert [answer.error for answer in answers] == [None] * len(answers)
    logged = {record.getMessage() for record in caplog.records if record.levelname == "ERROR"}
    assert logged == {"could not read a channel"}
    has_zone(the_team.ana.tz)
    if happens != "deleted":
        await the_team.it_is(FRIDAY_16_BERLIN)
        await the_team.sees_roundup(1)


async def test_a_channel_that_was_archived_while_the_bot_was_off(the_team: Team) -> None:
    """The event is lost; Slack's refusal of the roundup says the same, and its owner hears of it once."""
    dm = await has_a_win(the_team)
    await the_team.bot_stops()
    the_team.general.archived = True
    await the_team.bot_starts()
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("The channel is archived. Unarchive it", channel=dm)
    await the_team.until(lambda: kinds(the_team) == [AuditAction.BOT_LEFT])
    assert the_team.stored_channel().next_due_at is None
    await stays(lambda: "Roundups are on hold" not in note.text and len(the_team.slack.posts(dm)) == 1)

    await the_team.slack.unarchive(the_team.general)
    await the_team.sees_roundup(1)
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    await the_team.sees("I'm back in this channel")
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + WEEK


async def test_a_channel_that_came_back_while_the_bot_was_off(the_team: Team) -> None:
    """Someone presses "Post it", and that it goes through says that the bot is in the channel."""
    dm = await has_a_win(the_team)
    the_team.general.archived = True
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("The channel is archived. Unarchive it", channel=dm)
    await the_team.until(lambda: kinds(the_team) == [AuditAction.BOT_LEFT])
    the_team.general.archived = False
    await the_team.slack.press(the_team.ana, note, action_id="post_delivery")
    await the_team.sees_roundup(1)
    await the_team.sees("I'm back in this channel")
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + WEEK


async def test_a_roundup_that_was_refused_too_long_ago_stays_given_up(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    the_team.general.archived = True
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("The channel is archived", channel=dm)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=25))
    await the_team.slack.wait_for(lambda: "couldn't be posted in time" in note.text)
    await the_team.slack.unarchive(the_team.general)
    await the_team.sees("I'm back in this channel")
    await stays(lambda: not any(is_roundup(text) for text in the_team.posts()))
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    assert "fixed the build" in (await the_team.sees_roundup(1)).text


async def test_a_channel_with_another_id_goes_on(the_team: Team) -> None:
    await has_a_win(the_team)
    old = the_team.general.id
    await the_team.slack.change_channel_id(the_team.general)
    assert log(the_team)[-1].before == {"channel_id": old}
    await the_team.slack.deliver_raw(the_team.slack.ledger.events("channel_id_changed")[-1].payload)
    assert kinds(the_team) == [AuditAction.CHANNEL_ID_CHANGED]
    told = await the_team.sees("ben: fixed the build")
    await the_team.slack.press(the_team.chloe, told, action_id="cheer")
    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "Cheered by chloe" in (await the_team.sees_roundup(1)).text


async def test_a_win_that_came_before_slack_told_of_the_new_id(the_team: Team) -> None:
    await has_a_win(the_team)
    general = the_team.general
    old = general.id
    workspace = the_team.slack.world.workspaces[general.team_id]
    general.id = "C0NEW"
    workspace.channels["C0NEW"] = general
    await the_team.says(the_team.ben, "/win already there", general)
    await the_team.sees("ben: already there")
    await the_team.slack.send_event({"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": "C0NEW"})
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(2)
    assert "fixed the build" in roundup.text
    assert "already there" in roundup.text


async def test_a_channel_that_was_missed_under_its_old_id_goes_on_under_the_new_one(the_team: Team) -> None:
    general = the_team.general
    the_team.configure(general, the_team.ana, joins_workspace_roundup=True)  # the bot asks about those when it starts
    dm = await has_a_win(the_team)
    await the_team.bot_stops()
    known, old = the_team.slack.world.workspaces[general.team_id].channels, general.id
    general.id = "C0NEW"
    known["C0NEW"] = known.pop(old)
    await the_team.bot_starts()
    await the_team.sees("I was removed from <#", channel=dm)
    await the_team.slack.send_event({"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": "C0NEW"})
    await the_team.sees("I'm back in this channel")
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN
    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "fixed the build" in (await the_team.sees_roundup(1)).text


async def test_an_invitation_to_a_channel_that_slack_does_not_show_owes_nothing(
    the_team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    """The bot was thrown out of a private channel again before it could look."""
    event = {"type": "member_joined_channel", "user": the_team.slack.bot_user_id, "channel": "C0SECRET"}
    answer = await the_team.slack.send_event(event | {"inviter": the_team.ana.id, "team": the_team.slack.team_id})
    assert answer.error is None
    await has_a_win(the_team)
    await stays(lambda: not the_team.slack.ledger.calls("chat.postEphemeral"))
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_nothing_depends_on_a_channels_name(the_team: Team) -> None:
    await has_a_win(the_team)
    await the_team.slack.rename(the_team.general, "everybody")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    assert log(the_team) == []


async def test_a_channel_that_nobody_set_up_comes_and_goes_without_a_word(the_team: Team) -> None:
    build = the_team.slack.add_channel("build", members=the_team.everybody, creator=the_team.ben)
    await the_team.says(the_team.ben, "/win one", build)
    await the_team.sees("ben: one", channel=build)
    await the_team.slack.archive(build)
    assert the_team.stored_channel(build).unavailable_reason is Unavailability.ARCHIVED
    await the_team.slack.unarchive(build)
    assert the_team.stored_channel(build).unavailable_reason is None
    assert log(the_team, build) == []
    await stays(lambda: len(the_team.posts(build)) == 1)


@pytest.mark.parametrize("event", ["channel_archive", "channel_unarchive", "member_left_channel", "channel_deleted"])
async def test_a_channel_that_winsome_never_met_is_nobodys_business(the_team: Team, event: str) -> None:
    build = the_team.slack.add_channel("build", members=the_team.everybody, with_bot=False)
    about = {"type": event, "channel": build.id, "user": the_team.ben.id}
    if event == "member_left_channel":
        about["user"] = the_team.slack.bot_user_id
    assert (await the_team.slack.send_event(about)).error is None
    reads = engine(the_team.database_url, writes=False)
    with reads.connect() as connection:
        assert channels.by_id(connection, build.team_id, build.id) is None
    reads.dispose()
    assert log(the_team, build) == []


async def test_a_removal_while_the_bot_was_off_is_learned_when_somebody_looks(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    build = the_team.slack.add_channel("build", members=the_team.everybody, creator=the_team.ben)
    await the_team.bot_stops()
    for channel in (the_team.general, build):
        channel.members.remove(the_team.slack.bot_user_id)
    await the_team.bot_starts()
    for channel in (the_team.general, build):
        await the_team.slack.slash(the_team.ana, channel, "/wins setup")
    await the_team.until(lambda: kinds(the_team) == [AuditAction.BOT_LEFT])
    note = await the_team.sees("I was removed from <#", channel=dm)
    assert (the_team.stored_channel().unavailable_reason, the_team.stored_channel().next_due_at) == (
        Unavailability.REMOVED,
        None,
    )
    assert (the_team.stored_channel(build).unavailable_reason, log(the_team, build)) == (Unavailability.REMOVED, [])
    await the_team.it_is(FRIDAY_16_BERLIN)
    await stays(lambda: roundups(the_team) == [] and the_team.slack.posts(dm) == [note])
    await the_team.slack.invite_bot(the_team.general, by=the_team.ben)
    await the_team.sees("I'm back in this channel")


async def test_notes_stop_in_one_press_and_come_again_in_another(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    await the_team.slack.archive(the_team.general)
    note = await the_team.sees("ana archived <#", channel=dm)
    await the_team.records(note)
    await the_team.slack.press(the_team.ana, note, action_id="stop_notes")
    await the_team.slack.wait_for(lambda: "You won't get these messages anymore" in note.text)
    assert "Workspace admins still find what needs attention on my Home tab." in note.text
    second = the_team.slack.add_channel("second", members=the_team.everybody)
    the_team.configure(second, the_team.ana)
    await the_team.it_is(FRIDAY_16_BERLIN - timedelta(days=2))
    await the_team.slack.archive(second)
    assert kinds(the_team, second) == [AuditAction.BOT_LEFT]
    await stays(lambda: len(the_team.slack.posts(dm)) == 1 and note.text.count("archived <#") == 1)

    await the_team.slack.press(the_team.ana, note, action_id="resume_notes")
    await the_team.slack.wait_for(lambda: "You won't get these messages" not in note.text)
    await the_team.slack.unarchive(second)
    await the_team.slack.archive(second)
    await the_team.slack.wait_for(lambda: len(the_team.slack.posts(dm)) == 2)


async def test_a_note_that_slack_did_not_confirm_stops_in_one_press_too(the_team: Team) -> None:
    dm = await has_a_win(the_team)
    the_team.slack.fault("chat.postMessage", "http_500_after", times=1, channel=dm.id)
    await the_team.slack.archive(the_team.general)
    note = await the_team.sees("ana archived <#", channel=dm)
    dm.members.append(the_team.ben.id)
    await the_team.slack.press(the_team.ben, note, action_id="stop_notes")
    await the_team.sees("Only the person who gets these messages", channel=dm, person=the_team.ben)
    await the_team.slack.press(the_team.ana, note, action_id="stop_notes")
    await the_team.slack.wait_for(lambda: "You won't get these messages anymore" in note.text)


async def test_nobody_stops_somebody_elses_notes(team_url: str) -> None:
    async with team(team_url) as made:
        await made.slack.archive(made.general)
        dm = made.slack.open_dm(made.ana)
        note = await made.sees("ana archived <#", channel=dm)
        await made.records(note)
        dm.members.append(made.ben.id)
        await made.slack.press(made.ben, note, action_id="stop_notes")
        await made.sees("Only the person who gets these messages", channel=dm, person=made.ben)
        await stays(lambda: "You won't get these messages" not in note.text)


@pytest.mark.parametrize("state", [DeliveryState.NEEDS_REVIEW, DeliveryState.REJECTED, DeliveryState.POSTED])
def test_the_longest_note_is_one_that_slack_takes(state: DeliveryState) -> None:
    stuck = StuckDelivery(
        "key", DeliveryKind.ROUNDUP, "C1", state, "e" * 400, FRIDAY_16_BERLIN, "UTC", "C2", ts="1900000000.000001"
    )
    entry = AuditEntry(
        1, "T1", "C1", "UANA", AuditAction.BOT_LEFT, None, {"unavailable_reason": "removed"}, FRIDAY_16_BERLIN
    )
    told = owner_alert.owner_alert(
        ENGLISH, OwnerAlert((stuck,) * 30, (entry,) * 30, is_opted_out=True), {}, permalink=link, now=FRIDAY_16_BERLIN
    )
    assert not validate_message(told)
    assert len(told["blocks"]) <= 50
    assert stored_length(told["blocks"]) <= MAX_BLOCKS_LENGTH
    assert told["text"].endswith("…") or "You won't get these messages" in told["text"]
