"""One person types many wins a second in many channels, with the limit for each person and without: two others wait
for their roundups, which come every week, several weeks a minute.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.app import Timing
from bot.config import Settings
from bot.receivers.http import PATH
from bot.storage import tables
from slack_standin.model.workspace import Channel
from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, open_scenario
from tests.chaos.scenarios.acks import at_port, free_port
from tests.databases import Databases
from tests.team import NO_WIN_LIMITS

GOAL = (
    "one person types 8 wins a second for two minutes: other channels' roundups not later than 2 s, that person told "
    "kindly, nothing they typed lost"
)
WINS_A_SECOND = 8
SECONDS = 120
FLOODED, OTHERS = 12, 2
ROUND_SECONDS = 10.0
MAX_LATE = 2.0
LIMITS = {"wins_per_minute": Settings.wins_per_minute, "wins_per_hour": Settings.wins_per_hour}
KIND_WORDS = "So many wins!"
LATE_SECONDS = 10.0
"""How long someone looks for an answer after Slack has told them that the bot didn't answer."""


@dataclass
class Flood:
    """What was typed, and what became of it."""

    typed: int = 0
    saved: list[str] = field(default_factory=list)
    given_back: int = 0
    given_back_otherwise: int = 0
    after_timeout: int = 0
    lost: int = 0
    late: list[float] = field(default_factory=list)


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Half of the time with the limits of a bot that is not configured, half without any."""
    seconds = max(2 * ROUND_SECONDS, SECONDS * size)
    limited = await _flood(databases, database, seed, seconds, LIMITS)
    unlimited = await _flood(databases, database, seed, seconds, NO_WIN_LIMITS)
    late = [*limited.late, *unlimited.late]
    numbers = {
        "typed": limited.typed + unlimited.typed,
        "saved with the limit": len(limited.saved),
        "given back": limited.given_back,
        "saved without it": len(unlimited.saved),
        "given back for another reason": limited.given_back_otherwise + unlimited.given_back_otherwise,
        "answered after Slack's time": limited.after_timeout + unlimited.after_timeout,
        "lost": limited.lost + unlimited.lost,
        "other channels' roundups": len(late),
        "latest after s": round(max(late), 2),
    }
    is_met = limited.given_back > 0 and not (limited.lost or unlimited.lost) and max(late) <= MAX_LATE
    return Result("flood", database, seed, size, GOAL, is_met, numbers)


async def _flood(databases: Databases, database: str, seed: int, seconds: float, win_limits: dict[str, int]) -> Flood:
    rng, flood = random.Random(seed), Flood()
    async with open_scenario(databases, database) as scenario:
        scenario.fill(OTHERS)
        flooded = [scenario.slack.add_channel(f"flood{number}", members=[scenario.ana]) for number in range(FLOODED)]
        ports = [free_port() for _ in range(2 if database == "postgresql" else 1)]
        options = scenario.bot_options(pace=Timing(), waits={}, win_limits=win_limits)
        with bots(options, replicas=len(ports)) as replicas:
            for bot, port in zip(replicas, ports, strict=True):
                bot.options = at_port(bot.options, port)
                bot.start()
            urls = [f"http://127.0.0.1:{port}{PATH}" for port in ports]
            await until(answers(scenario, urls))
            typing = asyncio.create_task(_type(scenario, flooded, urls, flood=flood, rng=rng, seconds=seconds))
            for week in range(int(seconds / ROUND_SECONDS)):
                await asyncio.sleep(ROUND_SECONDS / 2)
                flood.late += await roundups(scenario, DUE + timedelta(weeks=week))
                scenario.save_wins(f"week {week}")
                await asyncio.sleep(ROUND_SECONDS / 2)
            await typing
        with scenario.engine.connect() as connection:
            stored = set(connection.scalars(select(tables.wins.c.text)))
    flood.lost += len(set(flood.saved) - stored)
    return flood


async def _type(
    scenario: Scenario,
    flooded: list[Channel],
    urls: list[str],
    *,
    flood: Flood,
    rng: random.Random,
    seconds: float,
) -> None:
    """Type at that pace, whether the ones before are answered or not."""

    async def say(text: str) -> None:
        scenario.slack.request_url = rng.choice(urls)
        channel = rng.choice(flooded)
        answer = await scenario.slack.slash(scenario.ana, channel, f"/win {text}")
        told = str((answer.payload or {}).get("text"))
        if answer.error is not None:
            told = await _told_late(scenario, channel, text)
            flood.after_timeout += bool(told)
        if "Win saved" in told:
            flood.saved.append(text)
        elif text not in told:
            flood.lost += 1
        elif KIND_WORDS in told:
            flood.given_back += 1
        else:
            flood.given_back_otherwise += 1

    ends_at, said = time.monotonic() + seconds, set()
    for number in itertools.count():
        if time.monotonic() > ends_at:
            break
        flood.typed += 1
        said.add(asyncio.create_task(say(f"number {number} {rng.getrandbits(32):08x}")))
        await asyncio.sleep(1 / WINS_A_SECOND)
    await asyncio.gather(*said)


async def _told_late(scenario: Scenario, channel: Channel, text: str) -> str:
    """Return what the one who types reads of it after Slack's error; nothing if no answer comes."""
    ends_at = time.monotonic() + LATE_SECONDS
    while time.monotonic() < ends_at:
        for message in scenario.slack.seen_by(scenario.ana, channel):
            if message.ephemeral_to and message.through_response_url and text in (message.text or ""):
                return str(message.text)
        await asyncio.sleep(0.05)
    return ""


async def roundups(scenario: Scenario, due_at: datetime) -> list[float]:
    """Let it be that moment, and return after how many seconds each of the other channels has its roundup."""
    ids = {channel.id for channel in scenario.channels}
    before = len(scenario.slack.ledger.calls("chat.postMessage"))
    began = time.monotonic()
    scenario.clock.move_to(due_at)

    async def has_come() -> bool:
        return ids <= set(posted())

    def posted() -> dict[str, float]:
        calls = scenario.slack.ledger.calls("chat.postMessage")[before:]
        return {call.args["channel"]: call.monotonic for call in calls if call.effect and call.args["channel"] in ids}

    await until(has_come)
    return [moment - began for moment in posted().values()]


def answers(scenario: Scenario, urls: list[str]) -> Callable[[], Awaitable[bool]]:
    """Whether every replica takes requests."""

    async def all_answer() -> bool:
        for url in urls:
            scenario.slack.request_url = url
            if (await scenario.slack.slash(scenario.ana, scenario.channels[0], "/win help")).error is not None:
                return False
        return True

    return all_answer


async def until(is_so: Callable[[], Awaitable[bool]], *, within: float = 120.0) -> None:
    async with asyncio.timeout(within):
        while not await is_so():  # noqa: ASYNC110 - what happens in other processes tells us nothing
            await asyncio.sleep(0.05)
