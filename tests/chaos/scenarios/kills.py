"""Bots are killed again and again while they post and look for what became of their posts, and Slack fails them."""

import asyncio
import random
import re

from tests.chaos.bots import Bot, bots
from tests.chaos.faults import READS, inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scene, eventually, scene
from tests.databases import Databases

GOAL = "2,000 roundups, 400 SIGKILLs, 45 % of posts failing, 3 replicas on PostgreSQL: 0 lost, 0 doubled"
LAG = 0.3
CUT_OFF = re.compile(r"(\d+) posts were interrupted")
PATIENCE = 3.0
"""Seconds after which a bot is killed that posts nothing."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Kill whoever is at it, at moments that follow from what Slack has received."""
    roundups, kills = round(2000 * size), round(400 * size)
    chance = random.Random(seed)
    async with scene(databases, database, history_lag=LAG) as made:
        made.fill(roundups)
        made.clock.move_to(DUE)
        inject_faults(made.slack, seed, methods=("chat.postMessage", *READS))
        with bots(made.orders(), replicas=3 if database == "postgresql" else 1) as replicas:
            done = 0
            while done < kills:
                done += await _kill_one(made, replicas, chance)
            for bot in replicas:
                if not bot.is_alive:
                    bot.start()
            posted = len(made.posted())
            await made.settled(within=120 + 120 * size, roundups=roundups)
        judged = made.judge()
        cut_off = sum(int(number) for number in CUT_OFF.findall((made.folder / "log").read_text()))
        tries = len(made.slack.ledger.calls("chat.postMessage"))
        looks = sum(len(made.slack.ledger.calls(method)) for method in READS)
    numbers = {
        **judged.numbers(),
        "roundups": roundups,
        "kills": done,
        "posts cut off by them": cut_off,
        "posted before the last": posted,
        "posts tried": tries,
        "looks": looks,
    }
    return Result("kills", database, seed, size, GOAL, judged.is_clean, numbers)


async def _kill_one(made: Scene, replicas: list[Bot], chance: random.Random) -> int:
    """Let the bots live until Slack has heard of them a few times, or for longer; then kill one, or all."""
    for bot in replicas:
        if not bot.is_alive:
            bot.start()
    heard = len(made.slack.ledger.calls())
    more = chance.choice((3, 6, 12, 25, 50))
    await eventually(lambda: len(made.slack.ledger.calls()) >= heard + more, within=chance.uniform(0.5, PATIENCE))
    await asyncio.sleep(chance.uniform(0, 0.02))
    doomed = replicas if chance.random() < 0.1 else [chance.choice(replicas)]
    return sum(bot.kill() for bot in doomed)
