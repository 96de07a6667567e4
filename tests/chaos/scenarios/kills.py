"""Bots are killed again and again while they post and look for what became of their posts, and Slack fails them."""

import asyncio
import random
from collections.abc import Sequence

from tests.chaos.bots import Bot, bots
from tests.chaos.faults import READS, inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, eventually, open_scenario
from tests.databases import Databases

GOAL = "2,000 roundups, 400 SIGKILLs, 45 % of posts failing, 3 replicas on PostgreSQL: 0 lost, 0 doubled"
HISTORY_LAG = 0.3
INTERRUPTED = "interrupted post"
"""What the log says of each post whose process was killed."""
FEW_KILLS = 50
"""Kills of which it may be that none meets a post. If none of more does, the run shows nothing."""
CALLS = (3, 6, 12, 25, 50)
"""After how many calls a bot is killed."""
MAX_WAIT_SECONDS = 3.0
"""Seconds after which a bot is killed that posts nothing."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Kill the bots at work, at moments that follow from what Slack has received."""
    roundups, kills = round(2000 * size), round(400 * size)
    rng = random.Random(seed)
    async with open_scenario(databases, database, history_lag=HISTORY_LAG) as scenario:
        scenario.fill(roundups)
        scenario.clock.move_to(DUE)
        inject_faults(scenario.slack, seed, methods=("chat.postMessage", *READS))
        with bots(scenario.bot_options(), replicas=3 if database == "postgresql" else 1) as replicas:
            done = await kill_often(scenario, replicas, rng, times=kills)
            posted = len(scenario.posted_messages())
            await scenario.wait_until_settled(within=120 + 120 * size, roundups=roundups)
        verdict = scenario.judge()
        interrupted = posts_cut_off(scenario)
        tries = len(scenario.slack.ledger.calls("chat.postMessage"))
        history_reads = sum(len(scenario.slack.ledger.calls(method)) for method in READS)
    numbers = {
        **verdict.numbers(),
        "roundups": roundups,
        "kills": done,
        "posts cut off by them": interrupted,
        "posted before the last": posted,
        "posts tried": tries,
        "looks": history_reads,
    }
    has_cut_off = interrupted > 0 or done < FEW_KILLS
    return Result("kills", database, seed, size, GOAL, verdict.is_clean and has_cut_off, numbers)


async def kill_often(
    scenario: Scenario, replicas: list[Bot], rng: random.Random, *, times: int, calls: Sequence[int] = CALLS
) -> int:
    """Kill bots at work at least so many times, leave all of them alive, and return how often one was killed.

    Slack has heard of them one of so many times before each, or nothing for a while.
    """
    done = 0
    while done < times:
        done += await _kill_one(scenario, replicas, rng, calls)
    for bot in replicas:
        if not bot.is_alive:
            bot.start()
    return done


def posts_cut_off(scenario: Scenario) -> int:
    """Count the posts that were under way when their bot was killed, as far as the log of another one says so."""
    return (scenario.folder / "log").read_text().count(f'"{INTERRUPTED}"')


async def _kill_one(scenario: Scenario, replicas: list[Bot], rng: random.Random, calls: Sequence[int]) -> int:
    """Let the bots live until Slack has heard of them a few times, or for longer; then kill one, or all."""
    for bot in replicas:
        if not bot.is_alive:
            bot.start()
    calls_before = len(scenario.slack.ledger.calls())
    more = rng.choice(calls)
    await eventually(
        lambda: len(scenario.slack.ledger.calls()) >= calls_before + more, within=rng.uniform(0.5, MAX_WAIT_SECONDS)
    )
    await asyncio.sleep(rng.uniform(0, 0.02))
    victims = replicas if rng.random() < 0.1 else [rng.choice(replicas)]
    return sum(bot.kill() for bot in victims)
