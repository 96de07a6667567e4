"""The clock jumps, and the bot is switched off for a month: each win is told once, and nothing is skipped silently."""

import asyncio
import random
from datetime import timedelta

from sqlalchemy import select

from bot.storage import tables
from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, eventually, open_scenario, win_text
from tests.databases import Databases

GOAL = "jumps of an hour, 30 days switched off: nothing skipped silently, the late policy kept"
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
A_MONTH = timedelta(days=30)
IDLE_SECONDS = 1.0
"""Seconds in which a bot that has something to post begins."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Jump over the due moment and back for some weeks; then switch off with roundups due, for a month."""
    channels, weeks = round(100 * size), 4
    rng = random.Random(seed)
    async with open_scenario(databases, database) as scenario:
        scenario.fill(channels, wins_each=0)
        with bots(scenario.bot_options()) as (bot,):
            bot.start()
            for week in range(weeks):
                scenario.save_wins(week)
                scenario.clock.move_to(DUE + week * WEEK - rng.random() * HOUR)
                await _wait_for_posts(scenario, week, times=0)
                for step in rng.choice([(1, -1, 1), (1, -1, -1, 1, 1), (1, 1, -1)]):
                    scenario.clock.move_by(step * HOUR, force=True)
                    if scenario.clock.now() >= DUE + week * WEEK:
                        await _wait_for_posts(scenario, week, times=1)
            scenario.save_wins("owed")
            scenario.slack.fault("chat.postMessage", "rate_limited", times=None, retry_after=1)
            scenario.clock.move_to(DUE + weeks * WEEK)
            await eventually(lambda: scenario.counts().get("pending", 0) >= channels, within=120)
            await asyncio.to_thread(bot.stop)  # Slack goes on answering meanwhile
            scenario.slack.clear_faults()
            scenario.save_wins("off")
            scenario.clock.move_by(A_MONTH)
            bot.start()
            await _wait_for_posts(scenario, "off", times=0)
            too_late = _times_posted(scenario, "owed") + _times_posted(scenario, "off")
            friday = scenario.clock.now()
            while friday.weekday() != DUE.weekday():
                friday += timedelta(days=1)
            scenario.clock.move_to(friday.replace(hour=DUE.hour, minute=1))
            await _wait_for_posts(scenario, "off", times=1)
            # What was in flight when the bot went off is searched for, and only then too late.
            await scenario.wait_until_settled(within=60, roundups=0)
            messages_to_ana = len(scenario.slack.posts(scenario.slack.open_dm(scenario.ana)))
        names = [*range(weeks), "owed", "off"]
        still_open = _still_open(scenario)
        times_by_text = {
            win_text(channel, name): sum(win_text(channel, name) in message.text for message in channel.messages)
            for channel in scenario.channels
            for name in names
        }
    numbers = {
        "wins": len(times_by_text),
        "lost": sum(times == 0 and text not in still_open for text, times in times_by_text.items()),
        "doubled": sum(times > 1 for times in times_by_text.values()),
        "open for the next": len(still_open),
        "posted past the grace": too_late,
        "messages that told of it": messages_to_ana,
    }
    is_met = not numbers["lost"] and not numbers["doubled"] and not too_late and messages_to_ana > 0
    return Result("clock", database, seed, size, GOAL, is_met, numbers)


def _still_open(scenario: Scenario) -> set[str]:
    """The wins that no roundup tells yet: one whose post was unknown when the bot went off opens when that is known."""
    with scenario.engine.connect() as connection:
        return set(connection.execute(select(tables.wins.c.text).where(tables.wins.c.is_open)).scalars())


def _times_posted(scenario: Scenario, name: object) -> int:
    return sum(win_text(channel, name) in message.text for channel in scenario.channels for message in channel.messages)


async def _wait_for_posts(scenario: Scenario, name: object, *, times: int) -> None:
    """Wait until each channel was told of a win so often; a bot that has nothing to tell gets a moment to do wrong."""
    expected = times * len(scenario.channels)
    await eventually(
        lambda: (
            _times_posted(scenario, name) > expected or (expected > 0 and _times_posted(scenario, name) == expected)
        ),
        within=IDLE_SECONDS,
    )
    if expected:
        await eventually(lambda: _times_posted(scenario, name) >= expected, within=120)
