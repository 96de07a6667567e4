"""Open connections to PostgreSQL go silent without closing, or another session holds a lock; new connections work."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bot.receivers.http import PATH
from slack_standin.model.workspace import Channel
from tests.chaos.bots import CONSTANT_OVERRIDES, Bot, BotOptions, bots
from tests.chaos.health import are_not_ready, are_ready
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, open_scenario
from tests.chaos.scenarios.acks import Crowd, free_port, stored
from tests.databases import Databases
from tests.postgresql_proxies import StallingProxy, through

DATABASES = ("postgresql",)
GOAL = (
    "open PostgreSQL connections stop answering without a reset (new ones work), or another session locks tables: "
    "working again within 30 s, not ready meanwhile, stopped within 10 s, 0 lost, 0 doubled"
)
REPLICAS = 2
PEOPLE = 4
CHANNELS = 10
ROUNDUPS_PER_FAULT = 20
SILENT, DEAF, LOCKED = "silent", "answers lost", "locked"
FAULTS = (SILENT, LOCKED, DEAF)
LOCK_SECONDS = 6.0
MAX_RECOVERY_SECONDS = 30.0
MAX_STOP_SECONDS = 10.0
PAUSE_SECONDS = 0.3
"""Between two wins of one person, so that their announcements don't pile up."""
GIVE_UP_SECONDS = 90.0
POLL_SECONDS = 0.2
REAL_WAITS = {name: seconds for name, seconds in CONSTANT_OVERRIDES.items() if "leader_election" not in name}
"""The election takes the time that it takes in life."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Let people type and roundups fall due, break the connections in each way, and wait until all works again."""
    faults = max(len(FAULTS), round(12 * size))
    rng = random.Random(seed)
    async with open_scenario(databases, database, ack_timeout=3.0) as scenario:
        due = scenario.fill(ROUNDUPS_PER_FAULT * faults)
        typed_in = scenario.fill(CHANNELS, wins_each=0, set_up_at=DUE)
        proxy = StallingProxy(scenario.database_url)
        async with through(proxy) as url:
            options = scenario.bot_options(waits=REAL_WAITS)
            options = replace(options, settings=replace(options.settings, database_url=url))
            with bots(options, replicas=REPLICAS) as replicas:
                ports = [(free_port(), free_port()) for _ in replicas]
                for bot, (port, health_port) in zip(replicas, ports, strict=True):
                    bot.start(_at(options, port, health_port))
                urls = [f"http://127.0.0.1:{port}{PATH}" for port, _ in ports]
                health = [f"http://127.0.0.1:{health_port}/readyz" for _, health_port in ports]
                await are_ready(health, within=60)
                scenario.clock.move_to(DUE)
                crowd = Crowd(scenario, typed_in, urls, rng, pause=PAUSE_SECONDS)
                typing = asyncio.gather(*(crowd.run() for _ in range(PEOPLE)))
                recoveries: dict[str, list[float]] = defaultdict(list)
                unnoticed = 0
                for number in range(faults):
                    await asyncio.sleep(rng.uniform(0.5, 2))
                    fault = FAULTS[number % len(FAULTS)]
                    began, was_noticed = await _break(scenario, proxy, fault, health)
                    recoveries[fault].append(await _recovers(scenario, typed_in, urls, health, began=began))
                    unnoticed += not was_noticed
                crowd.wanted = len(crowd.acked)
                await typing
                await scenario.wait_until_settled(within=90, roundups=len(due))
                proxy.stall()
                stops = [await _stops(bot) for bot in replicas]
        verdict = scenario.judge(due)
        texts, _ = stored(scenario)
    lost_acks = sum(1 for text in crowd.acked if text not in texts)
    twice = sum(1 for number in texts.values() if number > 1)
    numbers = {
        **verdict.numbers(),
        "faults": faults,
        "roundups": len(due),
        "wins acked": len(crowd.acked),
        "acked lost": lost_acks,
        "stored twice": twice,
        **{f"longest recovery in s ({fault})": round(max(recoveries[fault]), 1) for fault in FAULTS},
        "called ready meanwhile": unnoticed,
        "longest stop in s": round(max(stops), 1),
    }
    longest = max(max(each) for each in recoveries.values())
    is_met = verdict.is_clean and not (lost_acks or twice or unnoticed) and longest <= MAX_RECOVERY_SECONDS
    is_met = is_met and max(stops) <= MAX_STOP_SECONDS and bool(crowd.acked)
    return Result("stalled", database, seed, size, GOAL, is_met, numbers)


def _at(options: BotOptions, port: int, health_port: int) -> BotOptions:
    return replace(options, settings=replace(options.settings, port=port, health_port=health_port))


async def _break(scenario: Scenario, proxy: StallingProxy, fault: str, health: Sequence[str]) -> tuple[float, bool]:
    """Bring a fault about; return since when it could be over, and whether each replica said that it is not ready."""
    began = time.monotonic()
    if fault != LOCKED:
        proxy.stall(answers_only=fault == DEAF)
        return began, await are_not_ready(health, within=15)
    address = make_url(scenario.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await _lock_tables(connection)
        was_noticed = await are_not_ready(health, within=15)
        await asyncio.sleep(max(0.0, began + LOCK_SECONDS - time.monotonic()))
    return time.monotonic(), was_noticed


async def _lock_tables(connection: psycopg.AsyncConnection[Any]) -> None:
    """Lock tables that are in use; the bots take such locks in another order, so PostgreSQL may end the attempt."""
    while True:
        try:
            await connection.execute("LOCK TABLE wins, deliveries, idempotency_keys IN ACCESS EXCLUSIVE MODE")
        except psycopg.errors.DeadlockDetected:
            await connection.rollback()
        else:
            return


async def _recovers(
    scenario: Scenario, typed_in: Sequence[Channel], urls: Sequence[str], health: Sequence[str], *, began: float
) -> float:
    """Return the seconds until every replica saves wins, one posts, and all say that they are ready.

    A channel whose last post is of unknown outcome waits for that to be looked up, so there is a win in each of them.
    """
    texts = []
    for url in urls:
        for channel in typed_in:
            while time.monotonic() < began + GIVE_UP_SECONDS:
                scenario.slack.request_url = url
                text = f"again {time.monotonic_ns()}"
                response = await scenario.slack.slash(scenario.ana, channel, f"/win {text}")
                if "Win saved" in str(response.payload):
                    texts.append(text)
                    break
                await asyncio.sleep(POLL_SECONDS)
    while time.monotonic() < began + GIVE_UP_SECONDS:
        posted = "\n".join(message.text or "" for message in scenario.posted_messages())
        if any(text in posted for text in texts):
            break
        await asyncio.sleep(POLL_SECONDS)
    await are_ready(health, within=began + GIVE_UP_SECONDS - time.monotonic())
    return time.monotonic() - began


async def _stops(bot: Bot) -> float:
    started = time.monotonic()
    was_by_itself = await asyncio.to_thread(bot.stop)
    return time.monotonic() - started if was_by_itself else GIVE_UP_SECONDS
