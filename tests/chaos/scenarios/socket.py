"""The Socket Mode connection goes silent without closing: how long until a `/win` is acked again?"""

import asyncio
import time

from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import open_scenario
from tests.databases import Databases

DATABASES = ("sqlite",)
GOAL = "a socket that goes silent without closing: working again within 60 s"
MAX_RECOVERY_SECONDS = 60.0
GIVE_UP_SECONDS = 120.0


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Silence it a few times, and type until someone answers."""
    waits = []
    async with open_scenario(databases, database, transport="socket", ack_timeout=1.0) as scenario:
        (channel,) = scenario.fill(1)
        with bots(scenario.bot_options()) as (bot,):
            bot.start()
            await scenario.slack.wait_connected()
            for number in range(max(1, round(5 * size))):
                scenario.slack.socket.go_silent()
                began = time.monotonic()
                response = await scenario.slack.slash(scenario.ana, channel, f"/win after silence {number}")
                while response.error is not None and time.monotonic() < began + GIVE_UP_SECONDS:
                    await asyncio.sleep(0.1)
                    response = await scenario.slack.slash(scenario.ana, channel, f"/win after silence {number}")
                waits.append(time.monotonic() - began)
    numbers = {"silences": len(waits), "longest wait in s": round(max(waits), 1)}
    return Result("socket", database, seed, size, GOAL, max(waits) <= MAX_RECOVERY_SECONDS, numbers)
