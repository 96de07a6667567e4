"""Slack answers what it never would: each odd answer meets a post, and many meet what the bot asks beside."""

import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select

from bot.domain.deliveries import NEEDS_ATTENTION, DeliveryKind
from bot.storage import tables
from slack_standin import StandIn
from tests import odd_answers
from tests.chaos.bots import CONSTANT_OVERRIDES, bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, eventually, key_of, open_scenario
from tests.databases import Databases

GOAL = (
    "NUL, huge, missing and wrong-typed fields, redirects, gzip bombs, a Retry-After of years from Slack: "
    "no lane stops for good, no other host is reached"
)
WAITS = {
    **CONSTANT_OVERRIDES,
    "bot.slack.errors.MIN_RETRY_AFTER": 0.05,
    "bot.slack.errors.MAX_RETRY_AFTER": 0.3,
    "bot.slack.outcomes.DEFAULT_RETRY_AFTER": 0.1,
    "bot.slack.outcomes.AUTH_RETRY_AFTER": 0.1,
    "bot.slack.clients.MAX_RETRY_SECONDS": 0.1,
}
TIMES = 4
"""How often each odd answer meets a post, in a channel of its own."""
ASKED_BESIDE = (
    "chat.update",
    "conversations.history",
    "conversations.info",
    "conversations.replies",
    "users.conversations",
    "users.info",
)
SHARE = 0.3
MIN_POSTS = 12
WEEK = timedelta(days=7)


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Post a roundup under each odd answer, let people cheer them, and post another week's when Slack is well."""
    rng = random.Random(seed)
    async with (
        another_host() as (elsewhere, strayed),
        open_scenario(databases, database, transport="socket") as scenario,
    ):
        odd = [options for _, options in odd_answers.of("chat.postMessage", elsewhere)]
        roundups = max(MIN_POSTS, round(TIMES * size * len(odd)))
        to_posts = list(itertools.islice(itertools.cycle(rng.sample(odd, len(odd))), roundups))
        scenario.fill(len(to_posts))
        for channel, options in zip(scenario.channels, to_posts, strict=True):
            scenario.slack.fault("chat.postMessage", "odd_answer", channel=channel.id, **options)
        _disturb(scenario.slack, rng, elsewhere)
        scenario.clock.move_to(DUE)
        with bots(scenario.bot_options(waits=WAITS)) as (bot,):
            bot.start()
            await scenario.slack.wait_connected(timeout=60)
            within = 60 + roundups
            is_settled = await scenario.wait_until_settled(within=within, roundups=roundups)
            for message in scenario.posted_messages():
                channel = next(each for each in scenario.channels if each.id == message.channel)
                await scenario.slack.react(scenario.ana, channel, message.ts, "tada")
            first = _judge(scenario)
            scenario.slack.clear_faults()
            are_updated = await eventually(lambda: not _waiting_for_changes(scenario), within=within)
            scenario.save_wins("after")
            scenario.clock.move_by(WEEK)
            await scenario.wait_until_settled(within=within, roundups=2 * roundups)
            went_on = [channel for channel in scenario.channels if any(_is_second(each) for each in channel.messages)]
    numbers = {
        "odd answers to posts": roundups,
        "odd answers beside": sum(call.fault == "odd_answer" for call in scenario.slack.ledger.calls()) - roundups,
        **first,
        "updates that wait for ever": 0 if are_updated else 1,
        "channels that stand still": roundups - len(went_on),
        "requests to another host": len(strayed),
    }
    is_met = is_settled and are_updated and len(went_on) == roundups and not strayed
    is_met = is_met and not (first["lost"] or first["doubled"])
    return Result("odd_answers", database, seed, size, GOAL, is_met, numbers)


@asynccontextmanager
async def another_host() -> AsyncIterator[tuple[str, list[str]]]:
    """A host that would answer as Slack does, its address, and what it was asked."""
    strayed: list[str] = []

    async def takes(request: web.Request) -> web.Response:
        strayed.append(request.path)
        return web.json_response({"ok": True, "ts": "1900000000.000100", "channel": "C1"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", takes)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/", strayed
    finally:
        await runner.cleanup()


def _disturb(slack: StandIn, rng: random.Random, elsewhere: str) -> None:
    """Let a share of what is asked beside be answered oddly, and the first requests of the bot, too."""
    for method in ASKED_BESIDE:
        odd = [options for _, options in odd_answers.of(method, elsewhere)]
        left = 1.0
        for options in rng.sample(odd, len(odd)):
            share = SHARE / len(odd)
            slack.fault(method, "odd_answer", times=None, probability=share / left, seed=rng.getrandbits(32), **options)
            left -= share
    host = elsewhere.removeprefix("http://").rstrip("/")
    for fields in ({"team_id": "\0"}, {"url": ["x"]}, {"user_id": None}):
        slack.fault("auth.test", "odd_answer", fields=fields)
    for fields in ({"url": f"ws://{host}"}, {"url": None}, {"url": f"http://{host}"}):
        slack.fault("apps.connections.open", "odd_answer", fields=fields)


def _judge(scenario: Scenario) -> dict[str, float]:
    """Compare Slack with the database after the first week: each roundup is there, or a person decides about it."""
    keys = Counter(key_of(message) for message in scenario.posted_messages())
    with scenario.engine.connect() as connection:
        rows: list[Any] = list(connection.execute(select(tables.deliveries)))
    roundups = [row for row in rows if row.kind == DeliveryKind.ROUNDUP]
    decided = [row for row in roundups if row.state in NEEDS_ATTENTION and row.error]
    there = {channel.id for channel in scenario.channels if any(message.metadata for message in channel.messages)}
    lost = {channel.id for channel in scenario.channels} - there - {row.channel_id for row in decided}
    return {
        "posted": len(there),
        "left to a person": len(decided),
        "lost": len(lost),
        "doubled": sum(number - 1 for number in keys.values()),
    }


def _waiting_for_changes(scenario: Scenario) -> bool:
    with scenario.engine.connect() as connection:
        query = select(tables.deliveries.c.id).where(
            tables.deliveries.c.pending_op.is_not(None), tables.deliveries.c.ts.is_not(None)
        )
        return connection.execute(query).first() is not None


def _is_second(message: Any) -> bool:
    return bool(message.metadata) and "win after of" in (message.text or "")
