"""People press Cheer on few messages at once, through two replicas: no one waits long, and no cheer is lost."""

import asyncio
import random
import time
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select, text

from bot.receivers.http import PATH
from bot.slack.rate_limits import WORKSPACE_SPACING
from bot.storage import tables
from slack_standin.model.messages import Message
from slack_standin.model.workspace import Person
from tests.chaos.bots import FAST_TIMING, bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, eventually, open_scenario
from tests.chaos.scenarios.acks import at_port, free_port, listens
from tests.databases import Databases

DATABASES = ("postgresql",)
GOAL = (
    "32 presses at once on six messages through two replicas, for a minute: 0 deadlocks reach a person, "
    "0 cheers lost, p99 under 1 s"
)
WINS = 6
AT_ONCE = 32
PEOPLE = 320
P99_SECONDS = 1.0
STATISTICS_DELAY = 2.0
"""Seconds after which PostgreSQL has counted what has happened."""


@dataclass
class Crowd:
    """Those who press, and what came of it: who cheered which win, by the acks, and how long each ack took."""

    scenario: Scenario
    urls: list[str]
    announcements: dict[int, Message]
    roundup: Message
    rng: random.Random
    acked: set[tuple[str, int]] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    unacked: int = 0

    async def press(self, people: list[Person], until: float) -> None:
        """Let each of these people in turn cheer a win, in its announcement or in the roundup."""
        while time.monotonic() < until:
            person, win_id = self.rng.choice(people), self.rng.choice(list(self.announcements))
            self.scenario.slack.request_url = self.rng.choice(self.urls)
            started = time.monotonic()
            if self.rng.random() < 0.5:
                answer = await self.scenario.slack.press(person, self.announcements[win_id], "cheer")
            else:
                answer = await self.scenario.slack.press(
                    person, self.roundup, "cheer_told_win", value=_button_of(self.roundup, win_id)
                )
            self.seconds.append(time.monotonic() - started)
            if answer.error is None:
                self.acked.add((person.id, win_id))
            else:
                self.unacked += 1


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Post six wins and the roundup that tells them, and let people press."""
    async with open_scenario(databases, database) as scenario:
        (channel,) = scenario.fill(1, wins_each=0)
        everyone = [scenario.slack.add_person(f"person{number}") for number in range(PEOPLE)]
        channel.members += [person.id for person in everyone]
        ports = [free_port() for _ in range(2)]
        urls = [f"http://127.0.0.1:{port}{PATH}" for port in ports]
        # Messages are updated as seldom as Slack allows: what is tried here is the presses.
        spacing = {**FAST_TIMING.per_workspace, "chat.update": WORKSPACE_SPACING["chat.update"]}
        pace = replace(FAST_TIMING, per_workspace=spacing)
        with bots(scenario.bot_options(pace=pace), replicas=len(ports)) as replicas:
            for bot, port in zip(replicas, ports, strict=True):
                bot.start(at_port(bot.options, port))
            await eventually(lambda: all(listens(port) for port in ports), within=60)
            announcements, roundup = await _told_wins(scenario, channel, urls)
            crowd = Crowd(scenario, urls, announcements, roundup, random.Random(seed))
            deadlocks = _deadlocks(scenario)
            until = time.monotonic() + 60 * size
            groups = [everyone[start::AT_ONCE] for start in range(AT_ONCE)]
            await asyncio.gather(*(crowd.press(people, until) for people in groups))
            await asyncio.sleep(STATISTICS_DELAY)
            deadlocks = _deadlocks(scenario) - deadlocks
        told_of_errors = {
            person.id
            for person in everyone
            for message in scenario.slack.seen_by(person, channel)
            if message.ephemeral_to == person.id and "already cheered" not in message.plain()
        }
        with scenario.engine.connect() as connection:
            query = select(tables.win_cheers.c.user_id, tables.win_cheers.c.win_id).where(tables.win_cheers.c.is_active)
            stored = {(row.user_id, row.win_id) for row in connection.execute(query)}
    lost = {(user_id, win_id) for user_id, win_id in crowd.acked - stored if user_id not in told_of_errors}
    p99 = sorted(crowd.seconds)[int(0.99 * len(crowd.seconds))]
    numbers = {
        "presses": len(crowd.seconds),
        "cheers acked": len(crowd.acked),
        "of them lost": len(lost),
        "not acked": crowd.unacked,
        "people told of an error": len(told_of_errors),
        "deadlocks": deadlocks,
        "p99 in s": round(p99, 3),
    }
    is_met = not (lost or crowd.unacked or told_of_errors) and p99 < P99_SECONDS
    return Result("contention", database, seed, size, GOAL, is_met, numbers)


async def _told_wins(scenario: Scenario, channel: Any, urls: list[str]) -> tuple[dict[int, Message], Message]:
    """Log wins, and let the roundup tell them; returns the announcements by win id, and the roundup's message."""
    for number in range(WINS):
        scenario.slack.request_url = urls[number % len(urls)]
        answer = await scenario.slack.slash(scenario.ana, channel, f"/win small step number {number}")
        assert answer.error is None, answer.error
    await eventually(lambda: len(scenario.posted_messages()) == WINS, within=30)
    announced = scenario.posted_messages()
    scenario.clock.move_to(DUE)
    await eventually(lambda: len(scenario.posted_messages()) > WINS, within=30)
    (roundup,) = [message for message in scenario.posted_messages() if message not in announced]
    deliveries = tables.deliveries.c
    query = select(deliveries.ts, deliveries.win_id).where(deliveries.win_id.is_not(None), deliveries.ts.is_not(None))

    def stored() -> dict[str, int]:
        with scenario.engine.connect() as connection:
            return {row.ts: row.win_id for row in connection.execute(query)}

    await eventually(lambda: len(stored()) == WINS, within=30)
    return {stored()[message.ts]: message for message in announced}, roundup


def _button_of(roundup: Message, win_id: int) -> str:
    """The value of the button beside a win of a roundup."""
    (value,) = [
        block["accessory"]["value"]
        for block in roundup.blocks
        if block.get("accessory", {}).get("action_id") == "cheer_told_win"
        and block["accessory"]["value"].endswith(f" {win_id}")
    ]
    return str(value)


def _deadlocks(scenario: Scenario) -> int:
    """How many deadlocks PostgreSQL has ended in this database."""
    query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    with scenario.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())
