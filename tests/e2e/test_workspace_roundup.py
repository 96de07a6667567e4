"""The workspace's roundup: wins of public channels that agreed, once, and nothing of one that is private by then."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import app
from bot.domain.channel_settings import WorkspaceDefaults
from bot.domain.consent import Preference
from bot.domain.roundups import RoundupKind
from bot.services import workspace_roundups
from bot.storage import tables, workspaces
from bot.storage.database import engine
from bot.views.preferences import NAMING
from tests.databases import Databases
from tests.e2e.test_defaults import form
from tests.e2e.test_editions import chooses
from tests.e2e.test_home import opens_home
from tests.e2e.test_just_this_time import changes
from tests.e2e.test_looking_back import a_channel_with_a_win, undoes_latest
from tests.e2e.test_preferences import opens, saves
from tests.e2e.test_setup import opened
from tests.e2e.test_trust import stays
from tests.team import FRIDAY_16_BERLIN, TIMING, Team, shows, team

FRIDAY_16_UTC = FRIDAY_16_BERLIN + timedelta(hours=1)
WEEK = timedelta(days=7)
TITLE = "Wins from across the workspace"


class Company:
    """#general and #build agreed to the workspace's roundup, #lab did not; #all-hands gets it."""

    def __init__(self, made: Team) -> None:
        self.team = made
        self.build, self.lab, self.all_hands = (
            made.slack.add_channel(name, members=made.everybody, creator=made.ana)
            for name in ("build", "lab", "all-hands")
        )
        for channel in (made.general, self.build):
            made.configure(channel, made.ana, joins_workspace_roundup=True)
        made.configure(self.lab, made.ana)

    async def chooses(self, channel: Any) -> Any:
        """Ana chooses where it is posted."""
        view = await form(self.team, self.team.ana)
        await self.team.slack.fill(self.team.ana, "roundup_in", channel.id)
        await self.team.slack.submit(self.team.ana)
        return view

    async def says(self, person: Any, text: str, channel: Any) -> None:
        await self.team.says(person, f"/win {text}", channel)
        await self.team.sees(f"{person.name}: {text}", channel=channel)

    def told(self) -> list[str]:
        return [text for text in self.team.posts(self.all_hands) if TITLE in text]


async def everyone_has_wins(made: Team) -> Company:
    company = Company(made)
    await company.chooses(company.all_hands)
    await company.says(made.ben, "answered the hard ticket", made.general)
    await company.says(made.chloe, "the build takes a minute", company.build)
    await company.says(made.dmitri, "mixed the wrong acids", company.lab)
    return company


@pytest.mark.every_deployment
async def test_it_tells_wins_of_the_channels_that_agreed_once_a_week(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.it_is(FRIDAY_16_UTC)
    roundup = await the_team.sees(TITLE, channel=company.all_hands)
    assert f"*<#{the_team.general.id}>*\n• *ben:* answered the hard ticket" in roundup.text
    assert f"*<#{company.build.id}>*\n• *chloe:* the build takes a minute" in roundup.text
    for unsaid in ("acids", "dmitri", company.lab.id):
        assert unsaid not in roundup.plain()
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(company.told()) == 1)
    await the_team.it_is(FRIDAY_16_UTC + WEEK)
    await stays(lambda: len(company.told()) == 1)
    await company.says(the_team.ana, "a new week", the_team.general)
    await the_team.it_is(FRIDAY_16_UTC + 2 * WEEK)
    later = await the_team.sees("*ana:* a new week", channel=company.all_hands)
    assert "hard ticket" not in later.text, "it was told before"


async def test_a_channel_that_became_private_leaves_it_also_where_it_is_posted(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.it_is(FRIDAY_16_UTC)
    roundup = await the_team.sees("the build takes a minute", channel=company.all_hands)
    await the_team.records(roundup)
    await the_team.slack.make_private(company.build)
    await the_team.says(the_team.chloe, "/win a secret build", company.build)
    await the_team.bot_stops()
    await the_team.bot_starts()  # it asks when it starts, and every hour
    await the_team.sees("its wins aren't in the workspace roundup anymore", channel=company.build)
    await the_team.slack.wait_for(lambda: "takes a minute" not in roundup.text)
    for unsaid in ("chloe", company.build.id):
        assert unsaid not in roundup.plain()
    assert "answered the hard ticket" in roundup.text
    await the_team.it_is(FRIDAY_16_UTC + WEEK)
    await stays(lambda: not any("secret" in text for text in the_team.posts(company.all_hands)))


async def test_a_channel_that_became_private_unheard_is_asked_about_before(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.bot_stops()
    await the_team.slack.make_private(company.build)
    await the_team.it_is(FRIDAY_16_UTC)
    await the_team.bot_starts()
    roundup = await the_team.sees(TITLE, channel=company.all_hands)
    assert "answered the hard ticket" in roundup.text
    assert "takes a minute" not in roundup.plain()


async def test_while_slack_does_not_say_what_is_public_it_waits(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    the_team.slack.fault("conversations.info", "http_500_before", times=None)
    await the_team.it_is(FRIDAY_16_UTC)
    await stays(lambda: company.told() == [])
    the_team.slack.clear_faults()
    await the_team.sees(TITLE, channel=company.all_hands)


async def test_if_slack_does_not_say_for_a_day_what_is_public_it_is_skipped_and_an_admin_told(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    the_team.slack.fault("conversations.info", "http_500_before", times=None)
    await the_team.it_is(FRIDAY_16_UTC + timedelta(hours=20))
    await stays(lambda: company.told() == [])
    await the_team.it_is(FRIDAY_16_UTC + timedelta(hours=25))
    await the_team.sees("so I skipped it.", channel=the_team.slack.open_dm(the_team.ana))
    the_team.slack.clear_faults()
    await stays(lambda: company.told() == [])


async def test_slack_is_asked_about_all_channels_at_once_so_that_no_other_roundup_waits(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    before = len(the_team.slack.ledger.calls("conversations.info"))
    seconds = 2.0
    the_team.slack.fault("conversations.info", "slow", seconds=seconds, times=None)
    await the_team.it_is(FRIDAY_16_UTC)
    await the_team.sees(TITLE, channel=company.all_hands)
    asked = [
        call.monotonic
        for call in the_team.slack.ledger.calls("conversations.info")[before:]
        if call.args["channel"] in (the_team.general.id, company.build.id)
    ]
    gaps = [later - earlier for earlier, later in zip(asked[::2], asked[1::2], strict=True)]
    assert len(gaps) == 2, "before it is stored, and before it is posted"
    assert max(gaps) < seconds, "the second was asked before the first had answered"


async def test_who_takes_their_channel_out_or_undoes_a_win_takes_it_out_of_what_is_posted(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.it_is(FRIDAY_16_UTC)
    roundup = await the_team.sees(TITLE, channel=company.all_hands)
    await the_team.records(roundup)
    await chooses(the_team, the_team.ana, channel=company.build)
    await the_team.slack.wait_for(lambda: "takes a minute" not in roundup.text)
    await undoes_latest(the_team, the_team.ben)
    await the_team.slack.wait_for(lambda: roundup.deleted)


async def test_only_a_public_channel_that_the_bot_is_in_can_get_it(the_team: Team) -> None:
    company = Company(the_team)
    away = the_team.slack.add_channel("away", members=[the_team.ana], creator=the_team.ana)
    await the_team.slack.remove_bot(away)
    view = await company.chooses(away)
    assert "Choose a public channel that I'm in" in shows(view)
    await the_team.slack.fill(the_team.ana, "roundup_in", company.all_hands.id)
    await the_team.slack.submit(the_team.ana)
    assert the_team.slack.modal(the_team.ana) is None
    said = f"The workspace roundup is posted in <#{company.all_hands.id}>."
    await the_team.slack.wait_for(lambda: said in shows(the_team.slack.home(the_team.ana)))


async def test_what_a_roundup_left_for_the_one_after_is_not_told_across_the_workspace_before(the_team: Team) -> None:
    company = Company(the_team)
    await company.chooses(company.all_hands)
    await company.says(the_team.ben, "answered the hard ticket", the_team.general)
    await company.says(the_team.chloe, "signed the contract, not public yet", the_team.general)
    await changes(the_team, the_team.ana, leaves=("contract",))
    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "contract" not in (await the_team.sees_roundup(1)).text
    await the_team.it_is(FRIDAY_16_UTC)
    roundup = await the_team.sees(TITLE, channel=company.all_hands)
    assert "answered the hard ticket" in roundup.text
    assert "contract" not in roundup.plain()


async def test_a_week_without_wins_of_these_channels_has_none(the_team: Team) -> None:
    company = Company(the_team)
    await company.chooses(company.all_hands)
    await company.says(the_team.dmitri, "mixed the wrong acids", company.lab)
    await the_team.it_is(FRIDAY_16_UTC)
    await stays(lambda: company.told() == [])


async def test_it_never_opens_twice_running_with_the_same_line(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.it_is(FRIDAY_16_UTC)
    first = await the_team.sees("*ben:* answered the hard ticket", channel=company.all_hands)
    await the_team.it_is(FRIDAY_16_UTC + 2 * WEEK)
    await stays(lambda: len(company.told()) == 1)  # two weeks without wins
    await company.says(the_team.ben, "a new week", the_team.general)
    await company.says(the_team.chloe, "a new build", company.build)
    await the_team.it_is(FRIDAY_16_UTC + 3 * WEEK)
    second = await the_team.sees("*ben:* a new week", channel=company.all_hands)
    assert first.text.splitlines()[1] != second.text.splitlines()[1]


async def test_who_chose_its_channel_is_told_that_slack_refuses_it_there(the_team: Team) -> None:
    """No one has set up a roundup of that channel, so that it has no owner."""
    company = await everyone_has_wins(the_team)
    the_team.slack.fault("chat.postMessage", "error", times=1, name="restricted_action", channel=company.all_hands.id)
    await the_team.it_is(FRIDAY_16_UTC)
    title = f"*The workspace roundup* in <#{company.all_hands.id}>, due "
    alert = await the_team.sees(title, channel=the_team.slack.open_dm(the_team.ana))
    assert "Friday, March 8 at 16:00 (UTC)" in alert.text
    assert title in shows(await opens_home(the_team, the_team.ana))
    await the_team.slack.press(the_team.ana, alert, action_id="post_delivery")
    await the_team.sees(TITLE, channel=company.all_hands)
    await the_team.slack.wait_for(lambda: "It was posted." in alert.text)


async def test_who_chose_its_channel_is_told_that_it_was_skipped(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_UTC + timedelta(days=2))
    await the_team.bot_starts()
    alert = await the_team.sees("*The workspace roundup*", channel=the_team.slack.open_dm(the_team.ana))
    assert "Its wins still appear in their channels' roundups." in alert.text
    await stays(lambda: company.told() == [])


async def moves(made: Team, local_time: str) -> None:
    """Ana chooses another time of day for new channels, and so for the workspace's roundup."""
    await form(made, made.ana)
    await made.slack.fill(made.ana, "at", local_time)
    assert (await made.slack.submit(made.ana)).error is None


async def test_to_a_time_that_is_past_it_moves_next_week_and_comes_today_as_announced(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.it_is(FRIDAY_16_UTC - timedelta(minutes=30))
    await moves(the_team, "14:00")
    await stays(lambda: company.told() == [])
    await the_team.it_is(FRIDAY_16_UTC)
    roundup = await the_team.sees(TITLE, channel=company.all_hands)
    assert "answered the hard ticket" in roundup.text
    assert "the build takes a minute" in roundup.text
    await company.says(the_team.ana, "a new week", the_team.general)
    await the_team.it_is(FRIDAY_16_UTC + WEEK - timedelta(hours=2))
    await the_team.sees("*ana:* a new week", channel=company.all_hands)


async def test_moved_to_later_in_the_day_it_does_not_come_twice(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await the_team.it_is(FRIDAY_16_UTC)
    await the_team.sees(TITLE, channel=company.all_hands)
    await company.says(the_team.ana, "after the roundup", the_team.general)
    await moves(the_team, "18:00")
    await the_team.it_is(FRIDAY_16_UTC + timedelta(hours=2))
    await stays(lambda: len(company.told()) == 1)
    await the_team.it_is(FRIDAY_16_UTC + WEEK + timedelta(hours=2))
    await the_team.sees("*ana:* after the roundup", channel=company.all_hands)


async def test_it_comes_at_the_time_of_its_channel_as_soon_as_that_has_a_zone(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    await opened(the_team, the_team.ana, company.all_hands)
    await the_team.slack.suggest(the_team.ana, "zone", "new york")
    await the_team.slack.fill(the_team.ana, "zone", "America/New_York")
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana set up a roundup for this channel", channel=company.all_hands)
    await the_team.it_is(FRIDAY_16_UTC)
    await stays(lambda: company.told() == [])
    await the_team.it_is(FRIDAY_16_UTC + timedelta(hours=5))
    await the_team.sees(TITLE, channel=company.all_hands)


async def test_a_day_gets_one_also_if_it_was_due_by_another_zone(the_team: Team) -> None:
    company = await everyone_has_wins(the_team)
    the_team.configure(company.all_hands, the_team.ana, zone="America/New_York")  # as older releases stored it
    await the_team.it_is(FRIDAY_16_UTC)
    await the_team.sees(TITLE, channel=company.all_hands)
    await company.says(the_team.ana, "after the roundup", the_team.general)
    await the_team.it_is(FRIDAY_16_UTC + timedelta(hours=5))
    await stays(lambda: len(company.told()) == 1)
    await the_team.it_is(FRIDAY_16_UTC + WEEK + timedelta(hours=4))  # summer time has begun there
    await the_team.sees("*ana:* after the roundup", channel=company.all_hands)


async def test_who_prefers_not_to_be_named_leaves_it_after_the_fact(the_team: Team) -> None:
    company = Company(the_team)
    await company.chooses(company.all_hands)
    the_team.prefers(the_team.dmitri, Preference.SHARE)
    await company.says(the_team.ben, "fixed the door with @dmitri", the_team.general)
    await the_team.it_is(FRIDAY_16_UTC)
    roundup = await the_team.sees("fixed the door with @dmitri", channel=company.all_hands)
    await the_team.records(roundup)
    await opens(the_team, the_team.dmitri)
    await the_team.slack.fill(the_team.dmitri, NAMING, "never")
    await saves(the_team, the_team.dmitri)
    await the_team.slack.wait_for(lambda: "dmitri" not in roundup.plain())
    assert "fixed the door with a teammate" in roundup.text


async def test_of_two_replicas_one_posts_it_and_the_other_takes_over_a_week_later(all_databases: Databases) -> None:
    async with (
        team(all_databases.postgresql()) as made,
        app.lifespan(made.settings(), clock=made.clock.now, timing=TIMING),
    ):
        company = await everyone_has_wins(made)
        await made.it_is(FRIDAY_16_UTC)
        await made.sees("the build takes a minute", channel=company.all_hands)
        await stays(lambda: len(company.told()) == 1)
        await made.bot_stops()
        await company.says(made.ana, "a new week", made.general)
        await made.it_is(FRIDAY_16_UTC + WEEK)
        await made.sees("*ana:* a new week", channel=company.all_hands)
        await stays(lambda: len(company.told()) == 2)


def test_two_replicas_that_find_it_due_at_once_create_one(all_databases: Databases) -> None:
    url = all_databases.postgresql()
    first, second = (engine(url, writes=True) for _ in range(2))
    with first.begin() as connection:
        a_channel_with_a_win(connection)
        defaults = WorkspaceDefaults(zone="UTC", roundup_channel_id="C1")
        workspaces.set_defaults(connection, "T1", defaults, roundup_due_at=FRIDAY_16_UTC, expected_revision=0)
        agrees = {"joins_workspace_roundup": True, "is_private": False}
        connection.execute(update(tables.channels).values(**agrees))
    grace, now = timedelta(hours=24), FRIDAY_16_UTC
    work = partial(workspace_roundups.create_due, team_id="T1", asked={"C1"}, grace=grace, now=now)
    with first.begin() as one:
        assert work(one) == "C1"
        with second.begin() as other:
            assert work(other) is None, "it is taken"
    with second.begin() as other:
        assert work(other) is None, "it is done"
        kinds = list(other.scalars(select(tables.roundups.c.kind)))
    assert kinds == [RoundupKind.WORKSPACE]
    first.dispose()
    second.dispose()
