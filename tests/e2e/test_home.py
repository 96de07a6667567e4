"""The Home tab: my wins and channels for everyone, and for admins what needs them, each with what fixes it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.audit_log import Unavailability
from bot.services import channel_directory
from bot.storage import audit_log, channels, tables
from bot.storage.database import engine
from slack_standin.delivery import payloads
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team, shows, team

DATE = re.compile(r"<!date\^(\d+)\^")
PEOPLES_CHANNELS = "Your channels"


async def opens_home(made: Team, person: Any) -> Any:
    """Someone opens the Home tab, and sees it."""
    answer = await made.slack.open_home(person)
    assert answer.error is None, answer.error
    view = made.slack.home(person)
    assert view is not None, "a Home was published"
    return view


def part(view: Any, heading: str) -> str:
    """What stands below a heading of a Home, up to the next one."""
    lines: list[str] = []
    is_within = False
    for block in view.blocks:
        if block["type"] == "header":
            is_within = block["text"]["text"] == heading
        elif is_within:
            lines.append(shows_block(block))
    return "\n".join(lines)


def shows_block(block: Any) -> str:
    return "\n".join(part["text"] for part in text_objects(block))


def text_objects(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [found for each in value for found in text_objects(each)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("text"), str):
        return [value]
    return [found for each in value.values() for found in text_objects(each)]


def stored(made: Team, work: Callable[..., Any]) -> Any:
    """Do something with the database beside the bot."""
    database = engine(made.database_url, writes=True)
    try:
        with database.begin() as connection:
            return work(connection)
    finally:
        database.dispose()


def is_away(made: Team, channel: Any, why: Unavailability) -> None:
    """Slack has said that the bot can't post in a channel (how it says so is told in tests/e2e/test_lifecycle.py)."""
    stored(
        made,
        lambda connection: channels.mark_unreachable(
            connection, channels.lock(connection, channel.team_id, channel.id), why
        ),
    )


def changes(made: Team) -> list[tuple[str, str | None]]:
    """What the audit log holds of #general, the oldest first: kind and actor."""
    found = stored(
        made,
        lambda connection: audit_log.latest(connection, made.slack.team_id, channel_ids=[made.general.id], limit=50),
    )
    return [(entry.action.value, entry.actor_id) for entry in reversed(found)]


async def forged(made: Team, person: Any, action: str, value: str, *, action_ts: str = "1.000001") -> str:
    """Someone sends a press on their Home that no button of theirs makes; returns what they are told."""
    view = await opens_home(made, person)
    payload = {
        "type": "block_actions",
        "team": {"id": made.slack.team_id, "domain": "acme"},
        "user": {"id": person.id, "team_id": person.team_id},
        "view": view.to_slack(),
        **payloads.trigger(made.slack.world, made.slack.world.workspace_of(person), person, view=view.id),
        "actions": [{"type": "button", "action_id": action, "value": value, "block_id": "b", "action_ts": action_ts}],
    }
    answer = await made.slack.deliver_raw(payload, kind="interactive")
    assert answer.error is None, answer.error
    told = made.slack.modal(person)
    assert told is not None, "a refusal is told in a modal"
    await made.slack.close_view(person, everything=True)
    return shows(told)


async def to_friday(made: Team, *, but: str) -> None:
    """Ana's win is announced; then the next post fails in a way that leaves its outcome open; it is Friday, 16:00."""
    await made.says(made.ana, "/win fixed the build")
    await made.sees("ana: fixed the build")
    made.slack.fault("chat.postMessage", but, times=1)  # type: ignore[arg-type]
    await made.it_is(FRIDAY_16_BERLIN)
    await made.sees("Do you see it there?", channel=made.slack.open_dm(made.ana))


@pytest.mark.every_deployment
async def test_everybody_sees_their_wins_with_their_cheers_and_their_channels(the_team: Team) -> None:
    for number in range(7):
        await the_team.says(the_team.ben, f"/win step {number}")
    announced = await the_team.sees("ben: step 6")
    await the_team.slack.press(the_team.chloe, announced, action_id="cheer")
    await the_team.sees("Cheered by chloe")

    view = await opens_home(the_team, the_team.ben)
    wins = part(view, "Your recent wins")
    assert [f"step {number}" in wins for number in range(7)] == [False] * 2 + [True] * 5
    assert "Cheered by chloe" in wins
    assert announced.ts.replace(".", "") in wins
    own = part(view, PEOPLES_CHANNELS)
    assert f"<#{the_team.general.id}>" in own
    assert "Every Friday at 16:00 (Berlin time)" in own
    assert "Friday, March 8 at 10:00 (New York)" in own, "in his own time, where Slack can't show it"
    assert "Needs your attention" not in shows(view)
    assert "Other channels" not in shows(view)
    assert "Defaults for new channels" not in shows(view)


async def test_somebody_without_wins_and_channels_is_told_what_to_do(the_team: Team) -> None:
    await the_team.slack.leave(the_team.general, the_team.dmitri)
    view = await opens_home(the_team, the_team.dmitri)
    assert "Save your first" in part(view, "Your recent wins")
    assert "I'm not in any of your channels yet" in part(view, PEOPLES_CHANNELS)


async def test_home_shows_a_channel_that_the_bot_is_in_although_no_event_told_it_so(the_team: Team) -> None:
    await the_team.slack.leave(the_team.general, the_team.dmitri)
    there = the_team.slack.add_channel("there", members=[the_team.dmitri])  # the bot was not told
    own = part(await opens_home(the_team, the_team.dmitri), PEOPLES_CHANNELS)
    assert f"*<#{there.id}>*\nThis channel doesn't have a roundup yet." in own
    assert "I'm not in any of your channels" not in own

    the_team.configure(there, the_team.ana)
    there.members.remove(the_team.slack.world.workspaces[the_team.slack.team_id].bot_user_id)  # nor of this
    own = part(await opens_home(the_team, the_team.dmitri), PEOPLES_CHANNELS)
    assert "I'm not in this channel, so it gets no roundups. Type `/invite @Winsome` in it to add me." in own
    assert "Next roundup" not in own


async def test_home_shows_the_channels_behind_a_page_that_slack_leaves_empty(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_directory, "PAGE", 1)
    the_team.slack.open_dm(the_team.dmitri)  # which takes up a page, and isn't asked for
    later = the_team.slack.add_channel("later", members=[the_team.dmitri])
    own = part(await opens_home(the_team, the_team.dmitri), PEOPLES_CHANNELS)
    assert f"<#{the_team.general.id}>" in own
    assert f"<#{later.id}>" in own


async def test_a_channel_whose_settings_can_t_be_read_hides_nothing_else(
    the_team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    team = the_team
    other = team.slack.add_channel("other", members=[team.ben])
    team.configure(other, team.ben)
    is_general = tables.channels.c.channel_id == team.general.id
    stored(
        team, lambda connection: connection.execute(update(tables.channels).where(is_general).values(zone="No/Where"))
    )
    own = part(await opens_home(team, team.ben), PEOPLES_CHANNELS)
    assert f"*<#{team.general.id}>*\n:warning: I can't read this channel's settings" in own
    assert f"*<#{other.id}>*" in own
    assert "Next roundup" in own
    logged = {record.getMessage() for record in caplog.records if record.levelname == "ERROR"}
    assert logged == {"could not read a channel"}


@pytest.mark.parametrize(("is_private", "is_left"), [(True, False), (False, True), (True, True)])
async def test_nor_does_anything_new_that_slack_says_of_such_a_channel(
    the_team: Team, is_private: bool, is_left: bool
) -> None:
    team = the_team
    is_general = tables.channels.c.channel_id == team.general.id
    stored(
        team, lambda connection: connection.execute(update(tables.channels).where(is_general).values(zone="No/Where"))
    )
    if is_left:  # and the event that says so is lost
        team.general.members.remove(team.slack.bot_user_id)
    if is_private:  # which no event says
        await team.slack.make_private(team.general)
    await team.it_is(team.clock.now() + timedelta(minutes=2))
    await opens_home(team, team.ana)
    own = part(await opens_home(team, team.ben), PEOPLES_CHANNELS)
    is_known = not (is_private and is_left)
    assert ("I can't read this channel's settings" in own) is is_known
    said = select(tables.channels.c.is_private).where(is_general)
    assert stored(team, lambda connection: connection.scalar(said)) is is_private


async def test_an_admin_reads_of_each_channel_once(the_team: Team) -> None:
    other = the_team.slack.add_channel("other", members=[the_team.ben])
    lost = the_team.slack.add_channel("lost", members=[the_team.ana, the_team.ben])
    for channel in (other, lost):
        the_team.configure(channel, the_team.ana)
    await the_team.slack.archive(lost)
    view = await opens_home(the_team, the_team.ana)
    said = shows(view)
    assert [said.count(f"<#{channel.id}>") for channel in (the_team.general, other, lost)] == [1, 1, 1]
    assert the_team.general.id in part(view, PEOPLES_CHANNELS)
    assert other.id in part(view, "Other channels")
    assert "This channel is archived, so it gets no roundups." in part(view, "Needs your attention")

    await the_team.slack.archive(the_team.general)
    view = await opens_home(the_team, the_team.ana)
    assert "All of them are listed above." in part(view, PEOPLES_CHANNELS)


async def test_a_paused_channel_reads_so_everywhere(the_team: Team) -> None:
    for command, said in (
        ("/wins pause until 20 March", "Roundups are paused until March 20."),
        ("/wins pause", "Roundups are paused."),
    ):
        await the_team.says(the_team.ana, command)
        if command == "/wins pause":
            asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana, times=2)
            await the_team.slack.press(the_team.ana, asked, action_id="pause_roundup")
        assert said in part(await opens_home(the_team, the_team.ana), PEOPLES_CHANNELS)
        for line in ("/wins preview", "/wins help", "/wins pause"):
            assert said in await the_team.says(the_team.ana, line)
        await the_team.slack.press(the_team.ana, await opens_home(the_team, the_team.ana), "home_settings")
        form = the_team.slack.modal(the_team.ana)
        assert said in shows(form)
        assert "Resume now" in shows(form)
        await the_team.slack.close_view(the_team.ana, everything=True)
    await the_team.slack.press(the_team.ana, await opens_home(the_team, the_team.ana), "home_settings")
    await the_team.slack.fill(the_team.ana, "state", "on")
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana resumed roundups")


async def test_channels_that_are_off_and_those_without_a_schedule_say_so(the_team: Team) -> None:
    quiet = the_team.slack.add_channel("quiet", members=the_team.everybody)
    await the_team.says(the_team.ben, "/win in a channel without a roundup", quiet)
    await the_team.slack.press(the_team.ana, await opens_home(the_team, the_team.ana), "home_settings", index=0)
    await the_team.slack.fill(the_team.ana, "state", "off")
    await the_team.slack.submit(the_team.ana)
    await the_team.slack.submit(the_team.ana)  # it asks once more

    own = part(await opens_home(the_team, the_team.ben), PEOPLES_CHANNELS)
    assert "Roundups are off. Use `/wins setup` to turn them on again." in own
    assert "This channel doesn't have a roundup yet." in own
    assert "Next roundup" not in own


async def test_every_date_on_home_is_the_one_that_fires(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win told on the day that was shown")
    await the_team.sees("ben: told on the day")
    for person in (the_team.ana, the_team.ben):
        view = await opens_home(the_team, person)
        shown = {int(second) for second in DATE.findall(part(view, PEOPLES_CHANNELS))}
        assert shown == {int(FRIDAY_16_BERLIN.timestamp())}
        assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN
    await the_team.it_is(FRIDAY_16_BERLIN - timedelta(seconds=1))
    assert not [text for text in the_team.posts() if "roundup" in text]
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1)

    view = await opens_home(the_team, the_team.ana)
    next_one = the_team.stored_channel().next_due_at
    assert next_one is not None
    dates = [int(second) for second in DATE.findall(part(view, PEOPLES_CHANNELS))]
    assert dates == [int(next_one.timestamp()), int(float(roundup.ts))]
    assert f"Next roundup: <!date^{dates[0]}^" in part(view, PEOPLES_CHANNELS)
    assert f"Last roundup: <!date^{dates[1]}^" in part(view, PEOPLES_CHANNELS)


async def test_a_private_channel_is_seen_by_those_who_are_in_it_and_by_no_admin(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ben, the_team.chloe])
    the_team.configure(secret, the_team.ben)
    await the_team.says(the_team.ben, "/win nobody else knows", secret)
    await the_team.sees("ben: nobody else knows", channel=secret)

    assert secret.id in shows(await opens_home(the_team, the_team.ben))
    assert secret.id not in shows(await opens_home(the_team, the_team.ana))
    assert secret.id not in str((await opens_home(the_team, the_team.ana)).blocks)
    assert "couldn't be checked" not in shows(await opens_home(the_team, the_team.ana))

    await the_team.slack.join(secret, the_team.ana)
    assert secret.id in part(await opens_home(the_team, the_team.ana), PEOPLES_CHANNELS)
    await the_team.slack.leave(secret, the_team.ana)
    assert secret.id not in str((await opens_home(the_team, the_team.ana)).blocks)


async def test_a_held_roundup_of_a_private_channel_is_no_admins_to_see_or_decide(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ben, the_team.chloe])
    the_team.configure(secret, the_team.ben, zone="Europe/Berlin")
    await the_team.says(the_team.ben, "/win nobody else knows", secret)
    await the_team.sees("ben: nobody else knows", channel=secret)
    the_team.slack.fault("chat.postMessage", "http_500_before", times=1)
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ben))

    assert "Needs your attention" not in shows(await opens_home(the_team, the_team.ana))
    key = next(block["elements"][0]["value"] for block in note.blocks if block["type"] == "actions")
    assert "Only channel members can see that" in await forged(the_team, the_team.ana, "post_delivery", key)
    assert "That's been deleted." in await forged(the_team, the_team.ana, "post_delivery", "0123456789")
    assert not [text for text in the_team.posts(secret) if "roundup" in text]


async def test_a_channel_that_an_admin_is_not_in_is_shown_as_long_as_slack_says_that_it_is_public(
    the_team: Team,
) -> None:
    other = the_team.slack.add_channel("other", members=[the_team.ben])
    the_team.configure(other, the_team.ben)
    assert other.id in part(await opens_home(the_team, the_team.ana), "Other channels")
    assert other.id not in part(await opens_home(the_team, the_team.ana), PEOPLES_CHANNELS)

    await the_team.it_is(MONDAY + timedelta(minutes=2))
    for method in ("users.conversations", "conversations.info"):
        the_team.slack.fault(method, "error", times=None, name="internal_error")
    view = await opens_home(the_team, the_team.ana)
    assert other.id not in str(view.blocks)
    assert "I couldn't check some channels with Slack." in shows(view)

    the_team.slack.clear_faults()
    other.private = True
    view = await opens_home(the_team, the_team.ana)
    assert other.id not in str(view.blocks)
    assert "couldn't be checked" not in shows(view)


async def test_a_channel_that_became_private_is_closed_to_admins_outside_it_within_a_minute(the_team: Team) -> None:
    left = the_team.slack.add_channel("left", members=[the_team.ben])
    the_team.configure(left, the_team.ben)
    await the_team.slack.remove_bot(left)
    assert left.id in str((await opens_home(the_team, the_team.ana)).blocks)
    left.private = True
    await the_team.it_is(MONDAY + timedelta(seconds=61))
    view = await opens_home(the_team, the_team.ana)
    assert left.id not in str(view.blocks)
    assert "couldn't be checked" not in shows(view)


async def test_a_missing_scope_is_named_with_what_does_not_work_until_it_is_granted(team_url: str) -> None:
    async with team(team_url, starts=False) as made:
        workspace = made.slack.world.workspaces[made.slack.team_id]
        scopes = workspace.scopes
        workspace.install(scopes - {"reactions:read"})
        await made.bot_starts()
        view = await opens_home(made, made.ana)
        assert "I'm missing the `reactions:read`" in part(view, "Needs your attention")
        assert "can't count reactions as cheers" in part(view, "Needs your attention")
        assert "https://api.slack.com/apps" in str(view.blocks)
        assert (await made.slack.press(made.ana, view, "home_link")).error is None

        await made.bot_stops()
        workspace.install(scopes)
        await made.bot_starts()
        assert "Needs your attention" not in shows(await opens_home(made, made.ana))


async def test_home_is_shown_when_slack_does_not_say_who_somebody_is_or_where(the_team: Team) -> None:
    for method in ("users.info", "users.conversations"):
        the_team.slack.fault(method, "error", times=None, name="internal_error")
    view = await opens_home(the_team, the_team.ana)
    assert "couldn't get your channels from Slack" in shows(view)
    assert "couldn't check your role with Slack" in shows(view)
    assert the_team.general.id not in str(view.blocks)
    the_team.slack.clear_faults()
    assert "Defaults for new channels" in shows(await opens_home(the_team, the_team.ana))


async def test_slack_sends_the_event_again_when_the_home_could_not_be_shown(team_url: str) -> None:
    async with team(team_url, transport="http") as made:
        made.slack.fault("views.publish", "http_500_before", times=1)
        assert (await made.slack.open_home(made.ana)).status == 503
        await made.slack.wait_for(lambda: made.slack.home(made.ana) is not None)
        assert (await made.slack.open_home(made.ana, "messages")).error is None
        assert len(made.slack.ledger.calls("views.publish")) == 2


async def test_two_hundred_channels_and_sixty_problems_are_paged_within_slacks_limits(team_url: str) -> None:
    async with team(team_url) as made:
        others = [
            made.slack.add_channel(f"{number:03}-{'x' * 70}", members=[made.ana], creator=made.ana)
            for number in range(200)
        ]
        for place, channel in enumerate(others):
            made.configure(channel, made.ana, zone="America/Argentina/ComodRivadavia")
            if place < 60:
                channel.archived = True
                is_away(made, channel, Unavailability.ARCHIVED)
        view = await opens_home(made, made.ana)
        assert len(view.blocks) <= 100
        assert "1–8 of 60" in part(view, "Needs your attention")
        assert "1–10 of 141" in part(view, PEOPLES_CHANNELS)
        seen: set[str] = set()
        for _ in range(15):
            seen |= set(re.findall(r"<#(\w+)>", part(view, PEOPLES_CHANNELS)))
            buttons = [text for text in text_objects(view.blocks) if text["text"] == "Next"]
            if "141–141 of 141" in part(view, PEOPLES_CHANNELS):
                break
            assert len(buttons) == 2
            assert (await made.slack.press(made.ana, view, "home_more", index=1)).error is None
            view = made.slack.home(made.ana)
        assert seen == {made.general.id, *(channel.id for channel in others[60:])}, "the others need attention"
        await made.slack.press(made.ana, view, "home_switch_off")
        view = made.slack.home(made.ana)
        assert "141–142 of 142" in part(view, PEOPLES_CHANNELS), "the page stays turned"
        assert "1–8 of 59" in part(view, "Needs your attention")
