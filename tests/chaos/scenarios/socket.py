"""The Socket Mode connection goes silent without closing: how long until a `/win` is acked again?"""

import asyncio
import time

from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import scene
from tests.databases import Databases

DATABASES = ("sqlite",)
GOAL = "a socket that goes silent without closing: working again within 60 s"
LIMIT = 60.0
PATIENCE = 120.0


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Silence it a few times, and type until somebody answers."""
    waits = []
    async with scene(databases, database, transport="socket", ack_timeout=1.0) as made:
        (channel,) = made.fill(1)
        with bots(made.orders()) as (bot,):
            bot.start()
            await made.slack.wait_connected()
            for number in range(max(1, round(5 * size))):
                made.slack.socket.go_silent()
                began = time.monotonic()
                answer = await made.slack.slash(made.ana, channel, f"/win after silence {number}")
                while answer.error is not None and time.monotonic() < began + PATIENCE:
                    await asyncio.sleep(0.1)
                    answer = await made.slack.slash(made.ana, channel, f"/win after silence {number}")
                waits.append(time.monotonic() - began)
    numbers = {"silences": len(waits), "longest wait in s": round(max(waits), 1)}
    return Result("socket", database, seed, size, GOAL, max(waits) <= LIMIT, numbers)
