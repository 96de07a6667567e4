"""No lane waits for what another has waiting: on virtual time, with Slack's limit of posts a minute."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deliveries import DeliveryKind
from bot.slack.rate_limits import CHANNEL_SPACING, TIER_3_SPACING, WORKSPACE_SPACING, RateLimiter
from tests.examples import ALL
from tests.stateful.clock import Loop, monotonic
from tests.stateful.model import GUEST, MEMBER, TEAM_OF
from tests.stateful.test_busy_friday import LANES, TEAM, TICK, Friday

SPACING = WORKSPACE_SPACING["chat.postMessage"]
KINDS = ("announcement", "roundup", "credit note")
any_backlog = st.lists(st.sampled_from(KINDS), min_size=1, max_size=12)
FLOODED = [(TEAM, f"C{number}") for number in range(10, 22)]
any_start = st.sampled_from([0.0, 0.1, 3.0])


@given(lanes=st.lists(st.tuples(any_start, any_backlog), min_size=1, max_size=16))
@settings(deadline=None, max_examples=ALL)
def test_each_post_waits_for_one_of_each_other_lane_and_not_for_their_backlogs(
    lanes: list[tuple[float, list[str]]],
) -> None:
    loop = Loop()
    waiting: list[str] = []
    too_late: list[tuple[str, float]] = []

    async def work(rate_limiter: RateLimiter, start: float, backlog: list[str]) -> None:
        await asyncio.sleep(start)
        for kind in backlog:
            turns = (waiting.count(kind) + 1) * len(KINDS)
            waiting.append(kind)
            since = loop.time()
            await rate_limiter.acquire(kind)
            waiting.remove(kind)
            if loop.time() - since > SPACING * turns + 0.001:
                too_late.append((kind, loop.time() - since))
            await asyncio.sleep(CHANNEL_SPACING)

    async def work_all() -> None:
        rate_limiter = RateLimiter(SPACING)
        await asyncio.gather(*(work(rate_limiter, start, backlog) for start, backlog in lanes))

    with monotonic(loop):
        loop.run_until_complete(work_all())
    loop.close()
    assert too_late == []


@pytest.fixture
def friday(sqlite_url: str) -> Iterator[Friday]:
    """Two channels whose roundups come at 16:30, and twelve without."""

    class Played(Friday):
        database_url = sqlite_url

    played = Played()
    played.configure_some(up=set(LANES))
    played.slack._teams = TEAM_OF | {channel_id: TEAM for _, channel_id in FLOODED}
    yield played
    played.teardown()


@pytest.mark.timeout(600)
def test_a_flood_of_wins_in_other_channels_makes_no_roundup_late(friday: Friday, *, is_deep: bool) -> None:
    for lane in LANES:
        friday.save(lane, [MEMBER], is_long=False)
    due_at = friday._channel(LANES[0]).next_due_at
    assert due_at is not None
    friday.clock.leapt += due_at - friday.clock.now() - timedelta(seconds=5)
    each = 100 if is_deep else 20
    for lane in FLOODED:
        friday.save(lane, [GUEST] * each, is_long=False)
    friday._run(friday.live(each))
    roundups = friday.deliveries(kind=DeliveryKind.ROUNDUP)
    assert {part.channel_id for part in roundups} == {channel_id for _, channel_id in LANES}
    for part in roundups:
        assert friday.message(part).posted_at - due_at.timestamp() < 2 * TICK + 1.0
    posted = [message for message in friday.slack.messages if (TEAM, message.channel_id) in FLOODED]
    assert len(posted) < each * len(FLOODED), "the flood was not over yet"


def test_posts_do_not_wait_for_the_deletions_of_other_channels(friday: Friday) -> None:
    for lane in (*LANES, *FLOODED):
        friday.save(lane, [MEMBER, GUEST], is_long=False)
    friday._run(friday.live(15))
    due_at = friday._channel(LANES[0]).next_due_at
    assert due_at is not None
    friday.clock.leapt += due_at - friday.clock.now() - timedelta(seconds=0.1)
    by_guest = [number for number, win in enumerate(friday.wins) if win.author_id == f"U{GUEST}{TEAM}"]
    for number in reversed(by_guest):
        friday.undo_a_win(number, GUEST, again=False)
    friday._run(friday.live(3))
    roundups = friday.deliveries(kind=DeliveryKind.ROUNDUP)
    assert len(roundups) == len(LANES)
    for part in roundups:
        assert friday.message(part).posted_at - due_at.timestamp() < 2 * TICK + 1.0
    deleted = sum(message.deleted for message in friday.slack.messages)
    assert deleted < len(by_guest), "Slack's limit of deletions was not over yet"
    friday._run(friday.live(TIER_3_SPACING * len(by_guest)))
    assert sum(message.deleted for message in friday.slack.messages) == len(by_guest)
