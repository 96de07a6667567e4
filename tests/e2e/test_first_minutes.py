"""The first minutes: the bot is invited, says one short thing to the person who did so, and waits for a yes."""

import asyncio
import json
import threading
from datetime import date, datetime, time, timedelta
from queue import SimpleQueue
from typing import Any
from unittest.mock import Mock

import pytest

from bot import app
from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.workspaces import Workspace
from bot.listeners.offers import parse_proposal
from bot.slack.payloads import Malformed
from bot.storage import status, users, workspaces
from bot.storage.database import engine
from bot.storage.enqueue import NewDelivery, enqueue_again
from bot.views.format import date_and_time
from bot.views.translations import ENGLISH, Translations
from tests.db_dump import column
from tests.e2e.test_trust import stays
from tests.team import FRIDAY_16_BERLIN, MONDAY, TIMING, Team, shows, team

HELLO = "Thanks for the invite!"
YES, OTHER = "accept_offer", "change_offer"


async def builds(made: Team, *, by: Any = None, name: str = "build") -> Any:
    """Someone (Ben) makes a channel for everyone, without the bot."""
    return made.slack.add_channel(name, members=made.everybody, creator=by or made.ben, with_bot=False)


def offers(made: Team, channel: Any, person: Any) -> list[Any]:
    return [message for message in made.slack.seen_by(person, channel) if "Want me to?" in message.plain()]


def is_settled(made: Team) -> bool:
    """Whether the bot has stored what became of each of its messages: Slack shows or refuses one just before."""
    states = column(made.database_url, "deliveries", "state")
    return not {DeliveryState.PENDING, DeliveryState.SENDING} & set(states)


async def test_the_locale_is_loaded_in_a_thread_once_the_bot_serves(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(app, "gc", Mock())  # this process is not the bot's alone
    monkeypatch.setattr(app, "LOCALE_DELAY", 0)
    monkeypatch.setattr(Translations, "load_locale", lambda _: steps.put(threading.current_thread().name))
    async with team(sqlite_url, starts=False) as made:
        serving = asyncio.create_task(app.serve(made.settings(), timing=TIMING, on_start=lambda _: steps.put("serves")))
        async with asyncio.timeout(30):
            assert await asyncio.to_thread(steps.get) == "serves"
            assert await asyncio.to_thread(steps.get) != threading.main_thread().name
        serving.cancel()
        await serving


async def test_an_offer_whose_form_slack_does_not_open_stays(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    the_team.slack.fault("views.open", "error", name="expired_trigger_id")
    await the_team.slack.press(the_team.ben, offered, action_id=OTHER)
    await the_team.sees("Slack couldn't open the form. Please try again.", channel=build, person=the_team.ben)
    await the_team.slack.press(the_team.ben, offered, action_id=OTHER)
    assert "Roundup for" in shows(the_team.slack.modal(the_team.ben))


@pytest.mark.every_deployment
async def test_whoever_invites_the_bot_accepts_its_schedule_in_one_press(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    assert offered.ephemeral_to == the_team.ben.id
    assert "every Friday at 16:00 (New York time)" in offered.plain()
    assert the_team.posts(build) == []

    await the_team.slack.press(the_team.ben, offered, action_id=YES)
    due = the_team.stored_channel(build).next_due_at
    assert due == datetime(2030, 3, 8, 21, 0, tzinfo=MONDAY.tzinfo)
    first = date_and_time(ENGLISH, due, "America/New_York")
    assert first in offered.text
    answered = await the_team.sees("All set! I'll post a roundup", channel=build, person=the_team.ben)
    assert first in answered.text
    assert HELLO not in answered.text
    line = await the_team.sees("ben set up a roundup for this channel: every Friday at 16:00", channel=build)
    assert first in line.text
    await the_team.says(the_team.chloe, "/win the first of all", build)
    await the_team.sees("chloe: the first of all", channel=build)
    await the_team.it_is(due)
    await the_team.sees_roundup(1, channel=build)


async def test_until_somebody_says_yes_only_wins_are_told_and_none_is_lost(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    await the_team.says(the_team.ben, "/win kept for later", build)
    await the_team.sees("ben: kept for later", channel=build)
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=3))
    await stays(lambda: len(the_team.posts(build)) == 1)
    await the_team.slack.press(the_team.ben, offered, action_id=YES)
    await the_team.sees("ben set up a roundup for this channel", channel=build)
    due = the_team.stored_channel(build).next_due_at
    assert due is not None
    await the_team.it_is(due)
    assert "kept for later" in (await the_team.sees_roundup(1, channel=build)).text


async def test_accepted_again_or_after_somebody_else_nothing_changes(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    bens = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    await the_team.says(the_team.ana, "/win and one more", build)
    anas = await the_team.sees("Want me to?", channel=build, person=the_team.ana)
    await asyncio.gather(
        the_team.slack.press(the_team.ben, bens, action_id=YES),
        the_team.slack.press(the_team.ana, anas, action_id=YES),
    )
    told = [message.plain() for person in (the_team.ana, the_team.ben) for message in seen(the_team, build, person)]
    assert sum("All set! I'll post a roundup" in text for text in told) == 1
    assert sum("already has a roundup" in text for text in told) == 1
    await the_team.sees("set up a roundup for this channel", channel=build)
    assert the_team.stored_channel(build).revision == 1


def seen(made: Team, channel: Any, person: Any) -> list[Any]:
    return [message for message in made.slack.seen_by(person, channel) if message.ephemeral_to == person.id]


async def test_after_another_time_was_chosen_the_offer_no_longer_stands(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    await the_team.slack.press(the_team.ben, offered, action_id=OTHER)
    await the_team.slack.fill(the_team.ben, "weekdays", ["TH"])
    assert offers(the_team, build, the_team.ben), "nothing is saved yet"
    await the_team.slack.submit(the_team.ben)
    assert the_team.slack.modal(the_team.ben) is None
    answered = await the_team.sees("All set! I'll post a roundup every Thursday", channel=build, person=the_team.ben)
    assert not [block for block in answered.blocks if block["type"] == "actions"]
    assert offers(the_team, build, the_team.ben) == []


async def test_who_may_not_accept_is_told_who_can_and_gets_no_button(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.chloe)
    told = await the_team.sees(HELLO, channel=build, person=the_team.chloe)
    assert "ben (who created the channel) or a workspace admin can set one up" in told.plain()
    assert not [block for block in told.blocks if block["type"] == "actions"]


async def test_who_may_not_accept_any_more_by_then_is_refused(the_team: Team) -> None:
    build = await builds(the_team, by=the_team.ben)
    await the_team.slack.invite_bot(build, by=the_team.ana)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ana)
    await the_team.slack.change_person(the_team.ana, is_admin=False)
    await the_team.slack.press(the_team.ana, offered, action_id=YES)
    await the_team.sees("You don't have permission to change this roundup", channel=build, person=the_team.ana)
    assert the_team.stored_channel(build).settings is None


async def test_a_bot_that_nobody_invited_says_nothing(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build)
    await stays(lambda: [message.is_notice for message in build.messages] == [True])


async def test_other_people_who_join_get_no_offer(the_team: Team) -> None:
    build = the_team.slack.add_channel("build", members=[the_team.ana, the_team.ben])
    await the_team.slack.join(build, the_team.chloe, by=the_team.ana)
    await stays(lambda: [message.is_notice for message in build.messages] == [True])


async def test_the_same_invitation_told_twice_is_one_offer(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    await the_team.sees(HELLO, channel=build, person=the_team.ben)
    invitation = the_team.slack.ledger.events("member_joined_channel")[-1]
    await the_team.slack.deliver_raw(invitation.payload)
    await stays(lambda: len(offers(the_team, build, the_team.ben)) == 1)


async def test_an_offer_that_slack_refused_does_not_swallow_that_of_the_invitation(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.says(the_team.ben, "/win before the bot was here", build)
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("chat.postEphemeral")))
    await the_team.until(lambda: is_settled(the_team))
    assert offers(the_team, build, the_team.ben) == []
    await the_team.slack.invite_bot(build, by=the_team.ben)
    await the_team.sees("Want me to?", channel=build, person=the_team.ben)


async def test_whoever_logs_a_win_where_there_is_no_schedule_is_offered_it_once(the_team: Team) -> None:
    build = the_team.slack.add_channel("build", members=the_team.everybody, creator=the_team.ben)
    await the_team.says(the_team.ben, "/win one", build)
    offered = await the_team.sees("Want me to?", channel=build, person=the_team.ben)
    assert HELLO not in offered.plain()
    await the_team.bot_stops()
    await the_team.bot_starts()
    await the_team.says(the_team.ben, "/win two", build)
    await the_team.sees("ben: two", channel=build)
    await stays(lambda: len(offers(the_team, build, the_team.ben)) == 1)


async def test_invited_again_after_it_was_sent_away_the_bot_offers_again(the_team: Team) -> None:
    build = await builds(the_team)
    for times in (1, 2):
        await the_team.slack.invite_bot(build, by=the_team.ben)
        await the_team.sees("Want me to?", channel=build, person=the_team.ben, times=times)
        await the_team.until(lambda: is_settled(the_team))
        await the_team.slack.remove_bot(build)


async def test_somebody_without_a_zone_is_offered_utc(team_url: str) -> None:
    async with team(team_url) as made:
        build = await builds(made, by=made.dmitri)
        await made.slack.invite_bot(build, by=made.dmitri)
        assert "at 16:00 (UTC)" in (await made.sees(HELLO, channel=build, person=made.dmitri)).plain()


async def test_what_the_workspace_chose_for_new_channels_is_what_is_offered_and_taken(the_team: Team) -> None:
    chosen = WorkspaceDefaults(Weekly((Weekday.THURSDAY,)), time(10), "Europe/Lisbon", QuietPolicy.LINE)
    writes = engine(the_team.database_url, writes=True)
    with writes.begin() as connection:
        assert workspaces.set_defaults(
            connection, the_team.slack.team_id, chosen, roundup_due_at=None, expected_revision=0
        )
    writes.dispose()
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees("every Thursday at 10:00 (Lisbon time)", channel=build, person=the_team.ben)
    await the_team.slack.press(the_team.ben, offered, action_id=YES)
    await the_team.sees("ben set up a roundup for this channel: every Thursday at 10:00", channel=build)
    setup = the_team.stored_channel(build).settings
    assert setup is not None
    assert setup.quiet_policy is QuietPolicy.LINE


async def test_the_other_button_opens_the_settings_with_what_was_proposed(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    await the_team.slack.press(the_team.ben, offered, action_id=OTHER)
    view = the_team.slack.modal(the_team.ben)
    assert view is not None
    assert "Every Friday at 16:00 (New York time)" in shows(view)
    assert the_team.stored_channel(build).settings is None
    await the_team.slack.fill(the_team.ben, "at", "17:00")
    await the_team.slack.submit(the_team.ben)
    await the_team.sees("ben set up a roundup for this channel: every Friday at 17:00 (New York time)", channel=build)


async def test_a_deactivated_person_is_known_to_be_so(the_team: Team) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    await the_team.sees(HELLO, channel=build, person=the_team.ben)
    await the_team.slack.deactivate(the_team.ben)
    reads = engine(the_team.database_url, writes=False)
    with reads.connect() as connection:
        ben = users.by_id(connection, the_team.slack.team_id, the_team.ben.id)
        gone = users.inactive(connection, the_team.slack.team_id, [the_team.ben.id, the_team.ana.id])
    reads.dispose()
    assert ben is not None
    assert not ben.is_active
    assert gone == {the_team.ben.id}


FRIDAYS = ChannelSettings(
    Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 3, 4), time(16), "Europe/Berlin"), quiet_policy=QuietPolicy.LINE
)


def test_only_the_schedule_and_the_quiet_week_are_taken_from_a_button() -> None:
    more = FRIDAYS.to_json() | {"posts_in": "CEVIL", "managers": ["UEVIL"], "reminds": True, "skipped": ["2030-03-08"]}
    assert parse_proposal(json.dumps(more)) == FRIDAYS
    assert parse_proposal(json.dumps(more | {"skipped": [], "is_paused": True})) == FRIDAYS


@pytest.mark.parametrize(
    "value",
    [
        *("", "null", "[]", "7", "{}", "[" * 1999, '{"rule": 1}'),
        json.dumps(FRIDAYS.to_json() | {"rule": "FREQ=SECONDLY"}),
        json.dumps(FRIDAYS.to_json() | {"zone": "Europe/Nowhere"}),
        json.dumps(FRIDAYS.to_json() | {"zone": ["UTC"]}),
        json.dumps(FRIDAYS.to_json() | {"at": "16:00:01"}),
        json.dumps(FRIDAYS.to_json() | {"quiet": "loud"}),
        json.dumps(FRIDAYS.to_json() | {"managers": 7}),
    ],
)
def test_what_is_no_proposal_is_refused(value: str) -> None:
    with pytest.raises(Malformed):
        parse_proposal(value)


def test_an_offer_anew_does_not_double_one_that_is_still_on_its_way(team_url: str) -> None:
    writes = engine(team_url, writes=True)
    with writes.begin() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        for _ in range(2):
            enqueue_again(connection, DeliveryKind.OFFER, NewDelivery("T1", "C1", MONDAY, recipient_id="UBEN"))
        assert status.delivery_counts(connection) == {"pending": 1}
    writes.dispose()
