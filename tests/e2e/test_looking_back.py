"""Looks back at a month, a quarter and a year: each comes once, quotes everyone, and follows what is hidden since."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind
from bot.domain.editions import Edition
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.services import preferences
from bot.services.editions import create_due
from bot.services.win_privacy import make_private, share_again
from bot.storage import channels, tables, wins, workspaces
from bot.storage.database import engine
from bot.storage.wins import NewWin
from tests.db_dump import column
from tests.e2e.test_climbs import climbs, page, steps_on
from tests.e2e.test_credit import saves_for
from tests.e2e.test_faces import faces
from tests.e2e.test_setup import opened
from tests.e2e.test_trust import fails, stays
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team

APRIL_1 = datetime(2030, 4, 1, 14, 0, tzinfo=UTC)
MAY_1 = datetime(2030, 5, 1, 14, 0, tzinfo=UTC)
NEW_YEAR = datetime(2031, 1, 1, 15, 0, tzinfo=UTC)
MARCH = "Looking back at March 2030"


def has(made: Team, *editions: Edition, **rest: Any) -> None:
    """#general gets these looks back."""
    made.configure(made.general, made.ana, editions=frozenset(editions), **rest)


async def a_week(made: Team) -> None:
    """Ana, Ben and Chloe have wins, and their roundup has come."""
    await made.says(made.ana, "/win moved the cache")
    await made.sees("ana: moved the cache")
    await made.says(made.ben, "/win answered the hard ticket")
    await made.sees("ben: answered the hard ticket")
    await made.says(made.chloe, "/win wrote the guide")
    await made.sees("chloe: wrote the guide")
    await made.it_is(FRIDAY_16_BERLIN)
    await made.slack.wait_for(lambda: any("wrote the guide" in each for each in made.posts()[3:]))


def looks_back(made: Team, channel: Any = None) -> list[str]:
    return [text for text in made.posts(channel) if "Looking back at" in text]


async def test_the_month_is_told_once_on_the_first_in_everyones_own_words(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    for said in ("*ana:* moved the cache", "*ben:* answered the hard ticket", "*chloe:* wrote the guide"):
        assert edition.text.count(said) == 1
    assert "dmitri" not in edition.text, "who had no win is in no look back"
    assert edition.text.count("View message") == 3
    assert set(faces(edition)) == {"ana", "ben", "chloe"}
    assert "late" not in edition.text
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(looks_back(the_team)) == 1)
    assert the_team.stored_channel().edition_due_at == datetime(2030, 5, 1, 14, 0, tzinfo=UTC)


async def test_a_month_without_wins_is_not_looked_back_at(the_team: Team) -> None:
    has(the_team, *Edition)
    await the_team.it_is(APRIL_1)
    await the_team.slack.wait_for(lambda: True)
    await stays(lambda: looks_back(the_team) == [])


async def test_a_roundup_after_a_look_back_opens_otherwise_than_the_one_before_it(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.sees_roundup(3)
    await the_team.it_is(APRIL_1)
    await the_team.sees(MARCH)
    await the_team.says(the_team.ben, "/win fixed the door")
    await the_team.sees("ben: fixed the door")
    await the_team.it_is(datetime(2030, 4, 19, 14, 0, tzinfo=UTC))  # six weeks later: the six openings start again
    await the_team.sees_roundup(1)
    first, second = filter(None, column(the_team.database_url, "roundups", "opening"))
    assert first != second


async def test_small_steps_are_told_as_climbs_with_what_they_became(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await climbs(the_team)
    await steps_on(the_team, the_team.ana, "the build takes a minute", earlier="Faster builds")
    await the_team.says(the_team.chloe, "/win wrote the guide")
    await the_team.sees("chloe: wrote the guide")
    climb = await page(the_team, the_team.ana)
    await the_team.slack.press(the_team.ana, climb, "mark_climb_reached")
    await the_team.sees("has reached its goal")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: the_team.posts()[-1].count("wrote the guide") == 1)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    said = edition.text
    assert "*Faster builds*: step by step, and the goal is reached" in said
    assert said.index("measured the build") < said.index("cached the build") < said.index("takes a minute")
    assert said.index("takes a minute") < said.index("*In your own words*") < said.index("*chloe:* wrote the guide")
    assert said.count("Faster builds") == 1, "each step stands under it"
    await the_team.slack.press(the_team.ana, await page(the_team, the_team.ana), "take_back_reached")
    await the_team.slack.wait_for(lambda: "the goal is reached" not in edition.text)


async def test_the_quarter_has_a_chart_of_themes_and_says_the_same_in_words(the_team: Team) -> None:
    has(the_team, Edition.QUARTERLY)
    for person, text in (
        (the_team.ana, "cut the queue in half #ops #speed"),
        (the_team.ben, "no pages last night #ops"),
        (the_team.chloe, "the pages load at once #speed"),
        (the_team.ana, "a better first page #docs"),
        (the_team.ben, "explained the deploy #docs"),
        (the_team.ben, "renamed the tables #tables"),
        (the_team.ben, "and the columns #tables"),
    ):
        await the_team.says(person, f"/win {text}")
        await the_team.sees(text)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: "renamed the tables" in the_team.posts()[-1])
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees("Looking back at January to March 2030")
    assert "Wins by theme: #docs (2), #ops (2), #speed (2)" in edition.text
    assert "#tables (" not in edition.text, "one person's alone would count what they did"
    charts = [block for block in edition.blocks if block["type"] == "data_visualization"]
    (series,) = charts[0]["chart"]["series"]
    assert [(each["label"], each["value"]) for each in series["data"]] == [("#docs", 2), ("#ops", 2), ("#speed", 2)]
    await undoes_latest(the_team, the_team.ana)
    await the_team.slack.wait_for(lambda: "Wins by theme" not in edition.text)
    assert "a better first page" not in edition.text
    assert not [block for block in edition.blocks if block["type"] == "data_visualization"]


async def test_no_theme_counts_the_wins_of_one_person_alone_which_others_saved(the_team: Team) -> None:
    has(the_team, Edition.QUARTERLY)
    the_team.prefers(the_team.chloe, Preference.SHARE)
    for person in (the_team.ana, the_team.ben):
        await the_team.says(person, "/win a day of it #docs #ops #speed")
        await the_team.sees(f"{person.name}: a day of it")
        await saves_for(the_team, person, the_team.chloe, f"fixed what {person.name} found #tables")
        await the_team.sees(f"chloe: fixed what {person.name} found")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(4)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees("Looking back at January to March 2030")
    assert "Wins by theme: #docs (2), #ops (2), #speed (2)" in edition.text
    assert "#tables (" not in edition.text


async def test_a_quarter_with_many_themes_shows_thirteen_of_them(the_team: Team) -> None:
    has(the_team, Edition.QUARTERLY)
    tags = " ".join(f"#theme{number:02}" for number in range(15))
    for person in (the_team.ana, the_team.ben):
        await the_team.says(person, f"/win a day of it {tags}")
        await the_team.sees(f"{person.name}: a day of it")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: len([text for text in the_team.posts() if "a day of it" in text]) == 3)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees("Looking back at January to March 2030")
    (chart,) = (block for block in edition.blocks if block["type"] == "data_visualization")
    categories = chart["chart"]["axis_config"]["categories"]
    assert categories == [f"#theme{number:02}" for number in range(13)]
    assert all(f"{each} (2)" in edition.text for each in categories)


async def test_the_year_is_told_once_on_new_year_s_day(the_team: Team) -> None:
    has(the_team, *Edition)
    await a_week(the_team)
    await the_team.it_is(NEW_YEAR)
    edition = await the_team.sees("Looking back at 2030")
    for said in ("*ana:* moved the cache", "*ben:* answered the hard ticket", "*chloe:* wrote the guide"):
        assert edition.text.count(said) == 1
    assert "dmitri" not in edition.plain(), "who had no win is in no look back"
    await the_team.bot_stops()
    await the_team.bot_starts()
    await stays(lambda: len(looks_back(the_team)) == 1)
    assert the_team.stored_channel().edition_due_at == datetime(2031, 2, 1, 15, 0, tzinfo=UTC)


async def test_the_looks_back_of_one_day_open_in_different_words(the_team: Team) -> None:
    has(the_team, *Edition)
    await the_team.it_is(NEW_YEAR - timedelta(days=4))
    await the_team.says(the_team.ben, "/win fixed the door")
    await the_team.sees("ben: fixed the door")
    await the_team.it_is(NEW_YEAR)
    await the_team.slack.wait_for(lambda: len(looks_back(the_team)) == 3)
    assert len({text.split("\n")[1] for text in looks_back(the_team)}) == 3


async def test_a_channel_that_is_paused_on_the_first_has_no_look_back_then_and_the_next_one_as_usual(
    the_team: Team,
) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.says(the_team.ana, "/wins pause until 9 April")
    await the_team.sees("ana paused roundups until April 9")
    await the_team.it_is(APRIL_1 + timedelta(days=9))
    await the_team.says(the_team.ben, "/win a door in April")
    await the_team.sees("ben: a door in April")
    await stays(lambda: looks_back(the_team) == [])
    await the_team.it_is(MAY_1)
    edition = await the_team.sees("Looking back at April 2030")
    assert "a door in April" in edition.text
    assert "moved the cache" not in edition.text
    assert len(looks_back(the_team)) == 1


async def test_roundups_that_are_off_on_the_first_have_no_look_back_until_they_are_on_again(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await opened(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "state", "off")
    await the_team.slack.submit(the_team.ana)
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana turned roundups off")
    await the_team.it_is(APRIL_1 + timedelta(hours=2))
    await stays(lambda: looks_back(the_team) == [])
    await the_team.says(the_team.ana, "/wins resume")
    await the_team.sees("ana turned roundups on")
    await the_team.says(the_team.ben, "/win a door in April")
    await the_team.sees("ben: a door in April")
    await stays(lambda: looks_back(the_team) == [])
    await the_team.it_is(MAY_1)
    await the_team.sees("Looking back at April 2030")
    assert len(looks_back(the_team)) == 1


async def test_where_slack_draws_no_chart_the_words_come_without_it_once(the_team: Team) -> None:
    has(the_team, Edition.QUARTERLY)
    for person in (the_team.ana, the_team.ben):
        await the_team.says(person, "/win a day of it #docs #ops #speed")
        await the_team.sees(f"{person.name}: a day of it")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: len([text for text in the_team.posts() if "a day of it" in text]) == 3)
    the_team.slack.fault("chat.postMessage", "no_pictures", times=None)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees("Looking back at January to March 2030")
    assert "Wins by theme: #docs (2), #ops (2), #speed (2)" in edition.text
    assert not [block for block in edition.blocks if block["type"] == "data_visualization"]
    await stays(lambda: len(looks_back(the_team)) == 1)


async def undoes_latest(made: Team, person: Any) -> None:
    """Someone undoes their latest win, in the list of their wins."""
    await made.says(person, "/wins")
    listing = await made.sees("Your recent wins", person=person)
    await made.slack.press(person, listing, action_id="undo_listed_win", index=0)


def stores(made: Team, work: Callable[[Connection], Any]) -> Any:
    """Let the bot store something, as it does after a press."""
    writes = engine(made.database_url, writes=True)
    with writes.begin() as connection:
        result = work(connection)
    writes.dispose()
    return result


def win_id(made: Team, text: str) -> int:
    """The win with this text."""
    found: int = stores(
        made, lambda connection: connection.scalar(select(tables.wins.c.id).where(tables.wins.c.text == text))
    )
    return found


async def test_what_is_undone_made_private_or_shared_again_since_leaves_and_returns(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    await the_team.records(edition)
    await undoes_latest(the_team, the_team.chloe)
    await the_team.slack.wait_for(lambda: "wrote the guide" not in edition.text)
    assert "chloe" not in edition.text
    who: dict[str, Any] = {"team_id": the_team.slack.team_id, "user_id": the_team.ben.id, "is_outsider": False}
    bens = win_id(the_team, "answered the hard ticket")
    stores(the_team, lambda connection: make_private(connection, **who, win_id=bens))
    await the_team.slack.wait_for(lambda: "hard ticket" not in edition.text)
    now = the_team.clock.now()
    stores(the_team, lambda connection: share_again(connection, **who, win_id=bens, now=now))
    await the_team.slack.wait_for(lambda: "*ben:* answered the hard ticket" in edition.text)
    roundup = [text for text in the_team.posts() if "hard ticket" in text and "Looking back" not in text]
    assert len(roundup) == 2, "its announcement, and its place in the roundup"
    await undoes_latest(the_team, the_team.ana)
    stores(the_team, lambda connection: make_private(connection, **who, win_id=bens))
    await the_team.slack.wait_for(lambda: edition.deleted)


async def test_who_prefers_not_to_be_named_leaves_after_the_fact(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    the_team.prefers(the_team.dmitri, Preference.SHARE)
    await the_team.says(the_team.ben, "/win fixed the door with @dmitri")
    await the_team.sees("ben: fixed the door with @dmitri")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: len([text for text in the_team.posts() if "fixed the door" in text]) == 2)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    assert "fixed the door with @dmitri" in edition.text
    await the_team.records(edition)
    chooses = partial(preferences.choose, team_id=the_team.slack.team_id, user_id=the_team.dmitri.id)
    now = the_team.clock.now()
    stores(the_team, lambda connection: chooses(connection, preference=Preference.NEVER, now=now))
    await the_team.slack.wait_for(lambda: "dmitri" not in edition.plain())
    assert "fixed the door with a teammate" in edition.text


async def test_a_reaction_cheers_all_of_it_until_it_is_taken_back(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    await the_team.records(edition)
    await the_team.slack.react(the_team.dmitri, the_team.general, edition.ts, "tada")
    await the_team.slack.wait_for(lambda: "Cheered by dmitri" in edition.text)
    await the_team.slack.unreact(the_team.dmitri, the_team.general, edition.ts, "tada")
    await the_team.slack.wait_for(lambda: "dmitri" not in edition.text)


async def test_who_edits_a_win_edits_it_in_the_look_back(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    await the_team.says(the_team.ben, "/wins")
    listing = await the_team.sees("Your recent wins", person=the_team.ben)
    await the_team.slack.press(the_team.ben, listing, action_id="edit_listed_win", index=0)
    await the_team.slack.fill(the_team.ben, "win_text", "answered the hardest ticket " + "of all " * 60)
    await the_team.slack.submit(the_team.ben)
    await the_team.slack.wait_for(lambda: "hardest ticket" in edition.text)
    assert len(edition.text.encode()) < 4000


@pytest.mark.parametrize(("hours", "comes"), [(20, True), (25, False)])
async def test_a_bot_that_was_off_on_the_first_is_late_once_or_says_that_it_was_too_late(
    the_team: Team, hours: int, comes: bool
) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.bot_stops()
    await the_team.it_is(APRIL_1 + timedelta(hours=hours))
    await the_team.bot_starts()
    dm = the_team.slack.open_dm(the_team.ana)
    if comes:
        assert "Sorry I'm late!" in (await the_team.sees(MARCH)).text
    else:
        alert = await the_team.sees("All its wins were in roundups.", channel=dm)
        assert f"*<#{the_team.general.id}>'s look back*, due" in alert.text
    await stays(lambda: len(looks_back(the_team)) == comes)


async def test_a_bot_that_was_off_for_months_says_which_look_back_it_skipped(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.bot_stops()
    await the_team.it_is(MAY_1 + timedelta(hours=20))
    await the_team.bot_starts()
    alert = await the_team.sees("All its wins were in roundups.", channel=the_team.slack.open_dm(the_team.ana))
    assert "Monday, April 1 at 16:00 (Berlin)" in alert.text
    assert alert.text.count("'s look back*, due") == 1, "April had no wins"
    await stays(lambda: looks_back(the_team) == [])


@pytest.mark.parametrize("answer", ["http_500_after", "http_500_before"])
async def test_one_of_unknown_outcome_is_looked_for_and_posted_once(the_team: Team, answer: str) -> None:
    the_team.lets_the_bot_read()
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    fails(the_team, answer)
    await the_team.it_is(APRIL_1)
    await the_team.sees(MARCH)
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("conversations.history")))
    await stays(lambda: len(looks_back(the_team)) == 1)


async def test_a_change_of_time_or_zone_after_it_came_brings_no_second_one(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await a_week(the_team)
    await the_team.it_is(APRIL_1)
    await the_team.sees(MARCH)
    has(the_team, Edition.MONTHLY, zone="Pacific/Honolulu")
    await the_team.it_is(APRIL_1 + timedelta(days=1))
    await stays(lambda: len(looks_back(the_team)) == 1)


async def test_it_is_posted_where_the_roundup_is_and_never_leaves_a_channel_that_became_private(the_team: Team) -> None:
    target = the_team.slack.add_channel("wins-all", members=the_team.everybody, creator=the_team.ana)
    the_team.configure(target, the_team.chloe)
    has(the_team, Edition.MONTHLY, target_channel_id=target.id)
    await the_team.says(the_team.ben, "/win fixed the door")
    await the_team.sees("ben: fixed the door")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("fixed the door", channel=target)
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH, channel=target)
    assert f"Here's what the small steps in <#{the_team.general.id}> became." in edition.text
    await the_team.says(the_team.ben, "/win fixed the window")
    await the_team.sees("ben: fixed the window")
    await the_team.slack.make_private(the_team.general)
    await the_team.it_is(MAY_1)
    await the_team.sees("Looking back at April 2030")
    assert len(looks_back(the_team, target)) == 1


def test_two_replicas_create_one(all_databases: Any) -> None:
    """Both find it due; one creates it."""
    url = all_databases.make("postgresql")
    first, second = (engine(url, writes=True) for _ in range(2))
    with first.begin() as connection:
        a_channel_with_a_win(connection)
    with first.begin() as one:
        work = partial(create_due, team_id="T1", channel_id="C1", grace=timedelta(hours=24), now=APRIL_1)
        assert work(one) == "C1"
        with second.begin() as other:
            assert work(other) is None, "it is taken"
    with second.begin() as other:
        assert work(other) is None, "it is done"
        kinds = list(other.scalars(select(tables.deliveries.c.kind).where(tables.deliveries.c.roundup_id.is_not(None))))
    assert kinds == [DeliveryKind.EDITION]
    first.dispose()
    second.dispose()


def a_channel_with_a_win(connection: Connection) -> None:
    workspaces.save(connection, Workspace("T1", None, "T1", "https://t1.slack.com/", "UBOT"))
    channel = channels.lock(connection, "T1", "C1")
    schedule = Schedule(FRIDAY_AFTERNOON[0], MONDAY.date(), FRIDAY_AFTERNOON[1], "Europe/Berlin")
    settings = ChannelSettings(schedule, editions=frozenset({Edition.MONTHLY}))
    channels.save_settings(connection, channel, settings, user_id="UANA", now=MONDAY)
    win = NewWin(parse_win("fixed it", []), "T1", "C1", "k", Mention("UANA", "ana"), MONDAY)
    wins.add_all(connection, [win])
