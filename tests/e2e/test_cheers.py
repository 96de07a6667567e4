"""Cheers come and go: buttons and reactions, in any order, more than once, and each person counts once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.permissions import Actor
from bot.services import channel_settings
from bot.storage import channels
from bot.storage.database import engine
from bot.storage.tables import users
from tests.team import FRIDAY_16_BERLIN, Team


async def the_announcement(team: Team, text: str = "wrote the first test") -> Any:
    await team.says(team.ana, f"/win {text}")
    return await team.sees(f"ana: {text}")


async def the_roundup(team: Team) -> str:
    await team.it_is(FRIDAY_16_BERLIN)
    return str((await team.sees_roundup()).text)


@pytest.mark.every_deployment
async def test_one_person_counts_once_whatever_they_press(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "thumbsup::skin-tone-6")
    assert "Cheered by ben :" in await the_roundup(the_team)


async def test_a_reaction_taken_away_takes_the_cheer_away(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "thumbsup::skin-tone-6")
    await the_team.slack.unreact(the_team.ben, the_team.general, announced.ts, "thumbsup::skin-tone-6")
    await the_team.slack.react(the_team.chloe, the_team.general, announced.ts, "heart")
    roundup = await the_roundup(the_team)
    assert "Cheered by chloe :" in roundup


async def test_a_cheer_stays_as_long_as_one_of_a_persons_reactions_does(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "heart")
    await the_team.slack.unreact(the_team.ben, the_team.general, announced.ts, "tada")
    assert "Cheered by ben :" in await the_roundup(the_team)


@pytest.mark.every_deployment
@pytest.mark.over_http
async def test_an_event_that_comes_three_times_counts_once_and_late_ones_change_nothing(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    added = await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    removed = await the_team.slack.unreact(the_team.ben, the_team.general, announced.ts, "tada")
    for request in (added.request, added.request, removed.request, added.request):
        again = await the_team.slack.resend(request)
        assert again.error is None
    assert "Cheered" not in await the_roundup(the_team)


async def test_two_skin_tones_are_two_reactions_and_the_cheer_goes_with_the_last(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    for tone in ("::skin-tone-2", "::skin-tone-6"):
        await the_team.slack.react(the_team.ben, the_team.general, announced.ts, f"thumbsup{tone}")
    await the_team.slack.unreact(the_team.ben, the_team.general, announced.ts, "thumbsup::skin-tone-6")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("Cheered by ben :")
    await the_team.slack.unreact(the_team.ben, the_team.general, announced.ts, "thumbsup::skin-tone-2")
    await the_team.slack.wait_for(lambda: "Cheered" not in the_team.posts()[-1])


async def test_a_roundup_follows_who_cheers_it_and_its_wins(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    await the_team.slack.react(the_team.chloe, the_team.general, announced.ts, "heart")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees("Cheered by chloe :")
    await the_team.slack.press(the_team.dmitri, announced, action_id="cheer")
    await the_team.sees("Cheered by chloe and dmitri :")
    await the_team.slack.unreact(the_team.chloe, the_team.general, announced.ts, "heart")
    await the_team.sees("Cheered by dmitri :")
    await the_team.slack.react(the_team.ben, the_team.general, roundup.ts, "tada")
    await the_team.slack.wait_for(lambda: "\nCheered by ben" in roundup.text)
    await the_team.slack.press(the_team.chloe, roundup, action_id="cheer")
    await the_team.slack.wait_for(lambda: "Cheered by ben and chloe" in roundup.text)
    await the_team.slack.unreact(the_team.ben, the_team.general, roundup.ts, "tada")
    await the_team.slack.wait_for(lambda: "\nCheered by chloe" in roundup.text)
    assert "ben" not in roundup.text


async def test_no_bot_cheers_or_is_credited(the_team: Team) -> None:
    deploys = the_team.slack.add_person("deploys", is_bot=True)
    told = await the_team.says(the_team.ana, "/win shipped it with @ben, @deploys and @winsome")
    assert "With ben" in told.splitlines()[1]
    assert "deploys" not in told.splitlines()[1]
    announced = await the_team.sees("ana: shipped it with @ben, @deploys and @Winsome")
    greeter = the_team.slack.add_person("greeter", is_bot=True)
    for bot in (deploys, greeter):
        await the_team.slack.react(bot, the_team.general, announced.ts, "tada")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup()
    assert "Cheered" not in roundup.text
    other = the_team.slack.add_person("other", is_bot=True)  # which the bot hasn't met
    await the_team.slack.react(other, the_team.general, roundup.ts, "tada")
    await the_team.slack.react(the_team.chloe, the_team.general, roundup.ts, "tada")
    await the_team.slack.wait_for(lambda: "\nCheered by chloe" in roundup.text)
    assert "Cheered" not in await the_team.says(the_team.ana, "/wins")


async def test_the_cheer_of_a_bot_that_an_earlier_release_stored_stops_showing(the_team: Team) -> None:
    robot = the_team.slack.add_person("robot", is_bot=True)
    announced = await the_announcement(the_team)
    await the_team.slack.react(robot, the_team.general, announced.ts, "tada")
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    await the_team.eventually(lambda: the_team.says(the_team.ana, "/wins"), "Cheered by ben ·")
    await the_team.bot_stops()
    stored = engine(the_team.database_url, writes=True)
    with stored.begin() as connection:
        of_robot = update(users).where(users.c.user_id == robot.id)
        connection.execute(of_robot.values(is_bot=False, synced_at=datetime.fromtimestamp(0, UTC)))
    stored.dispose()
    await the_team.bot_starts()
    await the_team.eventually(lambda: the_team.says(the_team.ana, "/wins"), "Cheered by ben ·")


async def test_a_cheer_of_the_author_or_of_someone_credited_does_not_count(the_team: Team) -> None:
    announced = await the_announcement(the_team, text="did it with @ben")
    for person in (the_team.ana, the_team.ben):
        await the_team.slack.press(person, announced, action_id="cheer")
        await the_team.sees("only your teammates can cheer it", person=person)
        await the_team.slack.react(person, the_team.general, announced.ts, "tada")
    await the_team.slack.press(the_team.chloe, announced, action_id="cheer")
    await the_team.slack.wait_for(lambda: announced.text.endswith("Cheered by chloe"))
    assert "Cheered by chloe :" in await the_roundup(the_team)


async def test_a_second_press_is_answered_privately_and_offers_the_way_back(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    cheered = await the_team.sees("Cheered by ben")
    await the_team.slack.press(the_team.ben, cheered, action_id="cheer")
    answer = await the_team.sees("You already cheered this.", person=the_team.ben)
    assert answer.ephemeral_to == the_team.ben.id

    await the_team.slack.press(the_team.ben, answer, action_id="take_back_cheer")
    await the_team.sees("Your cheer was removed.", person=the_team.ben)
    await the_team.slack.wait_for(lambda: "Cheered" not in the_team.slack.posts(the_team.general)[0].plain())
    assert "Cheered" not in await the_roundup(the_team)


async def test_a_press_that_comes_twice_is_one_press(the_team: Team) -> None:
    announced = await the_announcement(the_team)
    pressed = await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.sees("Cheered by ben")
    await the_team.slack.resend(pressed.request)
    assert not [m for m in the_team.slack.seen_by(the_team.ben, the_team.general) if m.ephemeral_to]


async def test_the_roundup_can_be_cheered_by_button_and_by_reaction(the_team: Team) -> None:
    await the_announcement(the_team)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup()
    await the_team.slack.react(the_team.chloe, the_team.general, roundup.ts, "tada")
    await the_team.slack.press(the_team.ben, roundup, action_id="cheer")
    await the_team.sees("Cheered by chloe and ben")
    assert len(the_team.posts()) == 2


async def test_reactions_to_other_peoples_messages_are_none_of_our_business(the_team: Team) -> None:
    await the_team.records(await the_announcement(the_team))
    other = await the_team.slack.say(the_team.ben, the_team.general, "lunch?")
    answer = await the_team.slack.react(the_team.chloe, the_team.general, other.ts, "pizza")
    assert answer.error is None
    roundup = await the_roundup(the_team)
    assert "Cheered" not in roundup


async def test_no_count_per_person_and_no_ping_is_ever_public(the_team: Team) -> None:
    announced = await the_announcement(the_team, text="did it with @ben and @chloe")
    await the_team.slack.react(the_team.ben, the_team.general, announced.ts, "tada")
    await the_roundup(the_team)
    for call in the_team.slack.ledger.calls("chat.postMessage"):
        assert "<@" not in str(call.args)
        assert "<!channel" not in str(call.args)


async def test_a_reaction_to_a_line_about_a_change_is_taken_in_and_counts_nothing(the_team: Team) -> None:
    made = engine(the_team.database_url, writes=True)
    place = (the_team.slack.team_id, the_team.general.id)
    with made.begin() as connection:
        channel = channels.by_id(connection, *place)
        assert channel is not None
        assert channel.settings is not None
        paused = channel.settings.with_schedule(channel.schedule.paused(None))
        ana = Actor(the_team.ana.id, is_active=True, is_admin=True)
        channel_settings.change(connection, ana, *place, paused, now=the_team.clock.now())
    made.dispose()
    told = await the_team.sees("paused roundups")
    await the_team.records(told)
    await the_team.slack.react(the_team.ben, the_team.general, told.ts, "tada")
    await the_team.slack.unreact(the_team.ben, the_team.general, told.ts, "tada")
    sent = the_team.slack.ledger.events()
    assert [one.error for one in sent] == [None, None]
