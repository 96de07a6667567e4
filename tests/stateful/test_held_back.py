"""What can't be done at once is done soon after, and costs the others nothing: on virtual time."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.slack.rate_limits import BURSTS, USER_NAMES, WORKSPACE_SPACING
from bot.storage import lanes, users
from tests.stateful.model import ADMIN, GUEST, MEMBER
from tests.stateful.test_busy_friday import LANES, TEAM, Friday

LANE = LANES[0]


@pytest.fixture
def friday(sqlite_url: str) -> Iterator[Friday]:
    """Two channels whose roundups come at 16:30."""

    class Played(Friday):
        database_url = sqlite_url

    played = Played()
    played.configure_some(up=set(LANES))
    yield played
    played.teardown()


def test_an_update_that_slack_did_not_make_is_tried_again_however_many_others_come(friday: Friday) -> None:
    count = 40
    friday.save(LANE, [ADMIN] * count, is_long=False)
    friday._run(friday.live(2 * count))
    announcements = friday.deliveries(kind=DeliveryKind.ANNOUNCEMENT)
    assert {each.state for each in announcements} == {DeliveryState.POSTED}
    failed, *others = announcements

    async def everyone_cheers() -> None:
        ticks = asyncio.create_task(friday.live(50))
        for each in others:
            await friday.press(each, MEMBER)
        await asyncio.sleep(0.5)
        friday.slack.faults["chat.update"].append(("http_500_before", 0))
        await friday.press(failed, MEMBER)  # who acted last comes first
        await asyncio.sleep(3)
        assert not friday.slack.faults["chat.update"]
        assert not friday.is_true(failed)
        for each in others:  # more than Slack lets the bot update meanwhile
            await friday.press(each, GUEST)
            await asyncio.sleep(1.0)
        await ticks

    friday._run(everyone_cheers())
    assert friday.waiting() > 0, "there was always something else to do"
    (now,) = [each for each in friday.deliveries(kind=DeliveryKind.ANNOUNCEMENT) if each.id == failed.id]
    assert now.pending_op is None
    assert friday.is_true(now)


def test_a_channel_s_lane_asks_once_for_what_goes_out_beside_it(
    friday: Friday, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, seconds = 40, 10
    friday.save(LANE, [GUEST] * count, is_long=False)
    friday._run(friday.live(2 * count))
    for number in reversed(range(count)):
        friday.undo_a_win(number, GUEST, again=False)
    asked: Counter[str] = Counter()

    def count_questions(connection: Any, wanted: Sequence[lanes.Wanted]) -> Any:
        asked.update(each.lane[1] for each in wanted)
        return next_in_lanes(connection, wanted)

    next_in_lanes = lanes.next_in_lanes
    monkeypatch.setattr(lanes, "next_in_lanes", count_questions)
    friday._run(friday.live(seconds))
    deleted = sum(message.deleted for message in friday.slack.messages)
    assert 0 < deleted < count, "they wait for Slack's limit"
    ticks = 2 * seconds
    assert asked[LANE[1]] <= 3 * (ticks + deleted), "not once for each that waits"


def add_crowd(friday: Friday, count: int) -> list[str]:
    crowd = [f"U{number}{TEAM}" for number in range(100, 100 + count)]
    friday.slack.profiles |= {user_id: {"id": user_id, "profile": {"display_name": user_id}} for user_id in crowd}
    friday.slack._teams |= dict.fromkeys(crowd, TEAM)
    return crowd


def test_who_is_asked_about_at_once_does_not_wait_for_a_name_too(
    friday: Friday, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = add_crowd(friday, BURSTS[USER_NAMES] + 5)
    asked: Counter[str] = Counter()

    def count_questions(arguments: dict[str, Any]) -> dict[str, Any]:
        asked[arguments["user"]] += 1
        return describe(arguments)

    describe = friday.slack._users_info
    monkeypatch.setattr(friday.slack, "_users_info", count_questions)

    async def ask() -> None:
        for user_id in crowd:
            friday.bot.queue_user_lookup(TEAM, user_id)
        await asyncio.sleep(WORKSPACE_SPACING[USER_NAMES] / 2)
        late = [user_id for user_id in crowd if user_id not in asked]
        assert len(late) >= 5
        assert (await friday.bot.users_now(TEAM, late[1:])).keys() == set(late[1:])
        await asyncio.sleep(WORKSPACE_SPACING[USER_NAMES] * len(late))
        assert asked == Counter(crowd), "everyone once"

    friday._run(ask())


def test_names_that_wait_for_slack_s_limit_come_although_another_replica_posts_now(friday: Friday) -> None:
    count = BURSTS[USER_NAMES] + 5
    crowd = add_crowd(friday, count)

    async def lose_the_lead() -> None:
        for user_id in crowd:
            friday.bot.queue_user_lookup(TEAM, user_id)
        await asyncio.sleep(WORKSPACE_SPACING[USER_NAMES])
        await friday.bot.stop()
        await asyncio.sleep(WORKSPACE_SPACING[USER_NAMES] * count)

    friday._run(lose_the_lead())
    since = friday.clock.now() - timedelta(days=1)
    known = friday.database.peek(partial(users.known_since, team_id=TEAM, user_ids=crowd, since=since))
    assert set(known) == set(crowd)
    friday._run(friday.bot.start())
