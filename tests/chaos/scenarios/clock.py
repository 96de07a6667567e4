"""The clock jumps, and the bot is switched off for a month: each win is told once, and nothing is skipped silently."""

import asyncio
import random
from datetime import timedelta

from sqlalchemy import select

from bot.storage import tables
from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scene, eventually, scene, win_text
from tests.databases import Databases

GOAL = "jumps of an hour, 30 days switched off: nothing skipped silently, the late policy kept"
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
A_MONTH = timedelta(days=30)
QUIET = 1.0
"""Seconds in which a bot that has something to post begins."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Jump over the due moment and back for some weeks; then switch off with roundups owed, for a month."""
    channels, weeks = round(100 * size), 4
    chance = random.Random(seed)
    async with scene(databases, database) as made:
        made.fill(channels, wins_each=0)
        with bots(made.orders()) as (bot,):
            bot.start()
            for week in range(weeks):
                made.log_wins(week)
                made.clock.move_to(DUE + week * WEEK - chance.random() * HOUR)
                await _told(made, week, times=0)
                for step in chance.choice([(1, -1, 1), (1, -1, -1, 1, 1), (1, 1, -1)]):
                    made.clock.move_by(step * HOUR, force=True)
                    if made.clock.now() >= DUE + week * WEEK:
                        await _told(made, week, times=1)
            made.log_wins("owed")
            made.slack.fault("chat.postMessage", "rate_limited", times=None, retry_after=1)
            made.clock.move_to(DUE + weeks * WEEK)
            await eventually(lambda: made.counts().get("pending", 0) >= channels, within=120)
            await asyncio.to_thread(bot.stop)  # Slack goes on answering meanwhile
            made.slack.clear_faults()
            made.log_wins("off")
            made.clock.move_by(A_MONTH)
            bot.start()
            await _told(made, "off", times=0)
            too_late = _times(made, "owed") + _times(made, "off")
            friday = made.clock.now()
            while friday.weekday() != DUE.weekday():
                friday += timedelta(days=1)
            made.clock.move_to(friday.replace(hour=DUE.hour, minute=1))
            await _told(made, "off", times=1)
            told_to_ana = len(made.slack.posts(made.slack.open_dm(made.ana)))
        names = [*range(weeks), "owed", "off"]
        still_open = _still_open(made)
        told = {
            win_text(channel, name): sum(win_text(channel, name) in message.text for message in channel.messages)
            for channel in made.channels
            for name in names
        }
    numbers = {
        "wins": len(told),
        "lost": sum(times == 0 and text not in still_open for text, times in told.items()),
        "doubled": sum(times > 1 for times in told.values()),
        "open for the next": len(still_open),
        "posted past the grace": too_late,
        "messages that told of it": told_to_ana,
    }
    met = not numbers["lost"] and not numbers["doubled"] and not too_late and told_to_ana > 0
    return Result("clock", database, seed, size, GOAL, met, numbers)


def _still_open(made: Scene) -> set[str]:
    """The wins that no roundup tells yet: one whose post was unknown when the bot went off opens when that is known."""
    with made.engine.connect() as connection:
        return set(connection.execute(select(tables.wins.c.text).where(tables.wins.c.roundup_id.is_(None))).scalars())


def _times(made: Scene, name: object) -> int:
    return sum(win_text(channel, name) in message.text for channel in made.channels for message in channel.messages)


async def _told(made: Scene, name: object, *, times: int) -> None:
    """Wait until each channel was told of a win so often; a bot that has nothing to tell gets a moment to do wrong."""
    wanted = times * len(made.channels)
    await eventually(lambda: _times(made, name) > wanted or (wanted > 0 and _times(made, name) == wanted), within=QUIET)
    if wanted:
        await eventually(lambda: _times(made, name) >= wanted, within=120)
