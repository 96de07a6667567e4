"""Many replicas start at the same moment: on PostgreSQL one of them posts, on SQLite one of them runs."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, eventually, open_scenario
from tests.databases import Databases

GOAL = "20 replicas start together: one sender, each roundup once"
MAX_DEFAULT_REPLICAS = 10
"""Replicas that need no more connections than PostgreSQL allows by itself."""
LEADS_LINE, STOPPED_LEADING_LINE = "elected: this replica posts", "this replica does not post"


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Start them, and see what they post."""
    replicas, roundups = max(3, round(20 * size)), round(400 * size)
    if database == "postgresql" and replicas > MAX_DEFAULT_REPLICAS:
        databases.allow_connections(10 * replicas)
    async with open_scenario(databases, database) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        # A leader steps down if its database does not answer in time, so the poll interval is the real one.
        waits = {"bot.storage.leader_election.POLL_SECONDS": 5.0}
        with bots(scenario.bot_options(log_level="INFO", waits=waits), replicas=replicas) as bot_list:
            for number, bot in enumerate(bot_list):
                bot.start(replace(bot.options, log=scenario.folder / f"log-{number}"))
            await scenario.wait_until_settled(within=60 + 60 * size, roundups=roundups)
            expected = replicas if database == "postgresql" else 1
            await eventually(lambda: sum(bot.is_alive for bot in bot_list) <= expected, within=20)
            await asyncio.sleep(1)
            alive = sum(bot.is_alive for bot in bot_list)
        logs = [path.read_text() for path in scenario.folder.glob("log-*")]
        verdict = scenario.judge()
    numbers = {
        **verdict.numbers(),
        "replicas": replicas,
        "running afterwards": alive,
        "senders at once": max_leaders(logs) if database == "postgresql" else alive,
        "changes of sender": max(0, sum(log.count(LEADS_LINE) for log in logs) - 1),
        "roundups": roundups,
    }
    is_met = verdict.is_clean and numbers["senders at once"] == 1 and alive == expected
    return Result("start", database, seed, size, GOAL, is_met, numbers)


def max_leaders(logs: list[str]) -> int:
    """Return how many replicas were the leader at one time, by their logs."""
    changes = sorted(change for log in logs for change in _leadership_changes(log.splitlines()))
    return max(accumulate(by for _, by in changes), default=0)


def _leadership_changes(lines: list[str]) -> Iterator[tuple[str, int]]:
    leads = False
    for line in lines:
        # A replica that never led also says that it does not post.
        if LEADS_LINE in line or (STOPPED_LEADING_LINE in line and leads):
            leads = not leads
            yield json.loads(line)["time"], 1 if leads else -1
