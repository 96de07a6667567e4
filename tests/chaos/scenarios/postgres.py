"""PostgreSQL breaks off and comes back, again and again, while bots post roundups and people log wins."""

import asyncio
import random

from bot.receivers.http import PATH
from tests.chaos.bots import bots
from tests.chaos.faults import inject_faults
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, eventually, open_scenario
from tests.chaos.scenarios.acks import Crowd, at_port, free_port, listens, stored
from tests.databases import Databases

DATABASES = ("postgresql",)
GOAL = "50 immediate PostgreSQL restarts under load: 0 lost, 0 doubled"
REPLICAS = 3
PEOPLE = 4
CHANNELS = 10
FAILING_SHARE = 0.2
ROUNDUPS_PER_RESTART = 20


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Restart it at random moments; only the database is killed."""
    restarts = round(50 * size)
    roundups = ROUNDUPS_PER_RESTART * restarts
    rng = random.Random(seed)
    async with open_scenario(databases, database, ack_timeout=1.0) as scenario:
        due = scenario.fill(roundups)
        typed_in = scenario.fill(CHANNELS, wins_each=0, set_up_at=DUE)
        scenario.clock.move_to(DUE)
        inject_faults(scenario.slack, seed, share=FAILING_SHARE)
        ports = [free_port() for _ in range(REPLICAS)]
        with bots(scenario.bot_options(), replicas=REPLICAS) as replicas:
            for bot, port in zip(replicas, ports, strict=True):
                bot.start(at_port(bot.options, port))
            urls = [f"http://127.0.0.1:{port}{PATH}" for port in ports]
            crowd = Crowd(scenario, typed_in, urls, rng)
            typing = asyncio.gather(*(crowd.run() for _ in range(PEOPLE)))
            # A bot that finds no database when it starts ends: its supervisor has to start it, which is not tried here.
            await eventually(lambda: all(listens(port) for port in ports), within=60)
            for _ in range(restarts):
                await asyncio.sleep(rng.uniform(0, 2))
                await asyncio.to_thread(databases.restart_postgresql)
            crowd.wanted = len(crowd.acked)
            await typing
            scenario.slack.clear_faults()
            await scenario.wait_until_settled(within=90 + 60 * size, roundups=roundups)
            alive = sum(bot.is_alive for bot in replicas)
        verdict = scenario.judge(due)
        texts, _ = stored(scenario)
    lost_acks = sum(1 for text in crowd.acked if text not in texts)
    twice = sum(1 for number in texts.values() if number > 1)
    numbers = {
        **verdict.numbers(),
        "restarts": restarts,
        "roundups": roundups,
        "wins acked": len(crowd.acked),
        "acked lost": lost_acks,
        "stored twice": twice,
        "not acked": crowd.unacked,
        "replicas alive": alive,
    }
    is_met = verdict.is_clean and not lost_acks and not twice and alive == REPLICAS
    return Result("postgres", database, seed, size, GOAL, is_met, numbers)
