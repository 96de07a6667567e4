"""People type `/win` while bots are killed: what was acked is stored, and what comes twice is stored once."""

import asyncio
import random
import socket
import sys
from collections import Counter
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from bot.receivers.http import PATH
from bot.storage import tables
from slack_standin.model.workspace import Channel
from tests.chaos.bots import Bot, BotOptions, bots
from tests.chaos.result import Result
from tests.chaos.scenario import Scenario, key_of, open_scenario
from tests.databases import Databases

GOAL = "20,000 acked `/win`s over 100 kills: 0 acked lost; a replayed request stored once"
PEOPLE = 16
CHANNELS = 400
REPLAYED = 0.05
RETRY_SECONDS = 0.05
"""Seconds after which someone whose win was not acked tries again."""
MAX_TRIES = 600


@dataclass
class Crowd:
    """Those who type, and what they were told. `pause` is the seconds between two wins of one person."""

    scenario: Scenario
    channels: list[Channel]
    urls: list[str]
    rng: random.Random
    wanted: int = sys.maxsize
    pause: float = 0.0
    acked: list[str] = field(default_factory=list)
    replays: int = 0
    unacked: int = 0

    async def run(self) -> None:
        """Log one win after the other until enough are acked, and send some requests again."""
        while len(self.acked) < self.wanted:
            await asyncio.sleep(self.pause)
            text = f"ack {self.rng.getrandbits(64):016x}"
            channel = self.rng.choice(self.channels)
            self.scenario.slack.request_url = self.rng.choice(self.urls)
            response = await self.scenario.slack.slash(self.scenario.ana, channel, f"/win {text}")
            tries = 1
            while response.error is not None and tries < MAX_TRIES:
                self.unacked += 1
                tries += 1
                await asyncio.sleep(RETRY_SECONDS)
                self.scenario.slack.request_url = self.rng.choice(self.urls)
                response = await self.scenario.slack.resend(response.request)
            if response.error is None and "Win saved" in str(response.payload):
                self.acked.append(text)
                if self.rng.random() < REPLAYED:
                    self.replays += 1
                    await self.scenario.slack.resend(response.request)


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Kill a bot each time that so many more wins were acked."""
    wanted, kills = round(20_000 * size), round(100 * size)
    rng = random.Random(seed)
    async with open_scenario(databases, database, ack_timeout=1.0) as scenario:
        scenario.fill(CHANNELS, wins_each=0)
        ports = [free_port() for _ in range(3 if database == "postgresql" else 1)]
        urls = [f"http://127.0.0.1:{port}{PATH}" for port in ports]
        with bots(scenario.bot_options(), replicas=len(ports)) as replicas:
            for bot, port in zip(replicas, ports, strict=True):
                bot.options = at_port(bot.options, port)
            crowd = Crowd(scenario, scenario.channels, urls, rng, wanted)
            typing = asyncio.gather(*(crowd.run() for _ in range(PEOPLE)))
            killed = await _kill(replicas, crowd, kills, typing, rng)
            await typing
        texts, announced_twice = stored(scenario)
    lost = sum(1 for text in crowd.acked if text not in texts)
    doubled = sum(1 for number in texts.values() if number > 1)
    numbers = {
        "acked": len(crowd.acked),
        "kills": killed,
        "acked lost": lost,
        "stored twice": doubled,
        "replays": crowd.replays,
        "not acked": crowd.unacked,
        "announced twice": announced_twice,
    }
    is_met = not (lost or doubled or announced_twice) and len(crowd.acked) >= wanted
    return Result("acks", database, seed, size, GOAL, is_met, numbers)


async def _kill(
    replicas: list[Bot], crowd: Crowd, kills: int, typing: asyncio.Future[list[None]], rng: random.Random
) -> int:
    killed = 0
    while not typing.done():
        for bot in replicas:
            if not bot.is_alive:
                bot.start()
        if len(crowd.acked) >= (killed + 1) * crowd.wanted / (kills + 1) and killed < kills:
            await asyncio.sleep(rng.uniform(0, 0.03))
            killed += rng.choice(replicas).kill()
        await asyncio.sleep(0.01)
    return killed


def stored(scenario: Scenario) -> tuple[Counter[str], int]:
    """How often each win's text is stored, and how many messages Slack has twice."""
    with scenario.engine.connect() as connection:
        texts = Counter(row.text for row in connection.execute(select(tables.wins.c.text)))
    keys = Counter(key_of(message) for message in scenario.posted_messages())
    return texts, sum(number - 1 for number in keys.values())


def at_port(options: BotOptions, port: int) -> BotOptions:
    """The orders of a bot that listens for HTTP at this port in each of its lives."""
    return replace(options, settings=replace(options.settings, port=port))


def free_port() -> int:
    """Return a port that no one listens at, and that the system gives to no other process while a bot is down."""
    while True:
        port = random.randint(20_000, 32_000)  # below those that it gives out (32768 on Linux, 49152 elsewhere)
        if not listens(port):
            return port


def listens(port: int) -> bool:
    """Whether someone listens at a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
