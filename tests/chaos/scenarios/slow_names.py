"""Slack says slowly who people are, or only of a hundred a minute: roundups do not wait for the names of those who
cheer, and admins, whose roles are looked up in the same way, are not refused.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.app import Timing
from bot.receivers.http import PATH
from slack_standin.model.rate_limits import Tier
from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Scenario, open_scenario
from tests.chaos.scenarios.acks import at_port, free_port
from tests.chaos.scenarios.flood import MAX_LATE, answers, roundups, until
from tests.databases import Databases

GOAL = "users.info slow or 429: no roundup later than 2 s, no admin refused for it"
SLOW_SECONDS = 1.2
"""Less than someone who acts waits for Slack (1.6 s)."""
CHEERERS, CHANNELS, ADMINS = 160, 2, 8
ADMIN_SECONDS = 2.0
"""Between two questions of admins."""
REFUSED = "I couldn't check your role"
UNNAMED = "Someone"


@dataclass
class Seen:
    """What came of one run."""

    late: list[float] = field(default_factory=list)
    asked: int = 0
    refused: int = 0
    unnamed: int = 0
    limited: int = 0


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Once with slow answers, once with Slack's limit."""
    cheerers = max(20, round(CHEERERS * size))
    slow = await _cheer(databases, database, cheerers, is_slow=True)
    limited = await _cheer(databases, database, cheerers, is_slow=False)
    late = [*slow.late, *limited.late]
    numbers = {
        "people who cheer": cheerers,
        "roundups": len(late),
        "latest after s": round(max(late), 2),
        "questions of admins": slow.asked + limited.asked,
        "refused": slow.refused + limited.refused,
        "429": limited.limited,
        "without names in the end": slow.unnamed + limited.unnamed,
    }
    is_met = max(late) <= MAX_LATE and not (slow.refused or limited.refused or slow.unnamed or limited.unnamed)
    is_met = is_met and min(slow.asked, limited.asked) > 0
    return Result("slow_names", database, seed, size, GOAL, is_met, numbers)


async def _cheer(databases: Databases, database: str, number: int, *, is_slow: bool) -> Seen:
    seen = Seen()
    async with open_scenario(databases, database) as scenario:
        slack = scenario.slack
        scenario.fill(CHANNELS)
        crowd = [slack.add_person(f"cheerer{each}") for each in range(number)]
        admins = [slack.add_person(f"admin{each}", is_admin=True) for each in range(ADMINS)]
        for channel in scenario.channels:
            channel.members += [person.id for person in (*crowd, *admins)]
        port = free_port()
        with bots(scenario.bot_options(pace=Timing(), waits={})) as (bot,):
            bot.options = at_port(bot.options, port)
            bot.start()
            await until(answers(scenario, [f"http://127.0.0.1:{port}{PATH}"]))
            announced = [await _announce(scenario, channel) for channel in scenario.channels]
            if is_slow:
                slack.fault("users.info", "slow", seconds=SLOW_SECONDS, times=None)
            else:
                slack.limits.per_minute = dict.fromkeys(Tier, 1_000_000) | {
                    Tier.FOUR: slack.limits.per_minute[Tier.FOUR]
                }
                slack.limits.posts_per_second = 1000.0
                slack.limits.enabled = True
            asking = asyncio.create_task(_ask(scenario, admins, seen))
            for person in crowd:
                for channel, message in zip(scenario.channels, announced, strict=True):
                    await slack.react(person, channel, message.ts, "tada")
            seen.late += await roundups(scenario, DUE)
            posted = [each for each in scenario.posted_messages() if each not in announced]
            await _named(posted)
            seen.unnamed = sum(UNNAMED in (message.text or "") for message in posted)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking  # where it failed, its error is raised
        seen.limited = sum(call.status == 429 for call in slack.ledger.calls("users.info"))
    return seen


async def _announce(scenario: Scenario, channel: Any) -> Any:
    """Someone saves a win there, which everyone sees."""
    await scenario.slack.slash(scenario.ana, channel, f"/win shipped it in {channel.name}")

    async def is_there() -> bool:
        return any(message.metadata for message in channel.messages)

    await until(is_there)
    return next(message for message in channel.messages if message.metadata)


async def _ask(scenario: Scenario, admins: list[Any], seen: Seen) -> None:
    """Admins, in turn, do what only they may, and what they learn of each is forgotten after a minute."""
    while True:
        for admin in admins:
            channel = scenario.channels[seen.asked % len(scenario.channels)]
            answer = await scenario.slack.slash(admin, channel, "/wins pause")
            seen.asked += 1
            seen.refused += answer.error is not None or REFUSED in str(answer.payload)
            await asyncio.sleep(ADMIN_SECONDS)


async def _named(messages: list[Any]) -> None:
    """Wait until each message has names, but not for ever."""

    async def are_named() -> bool:
        return not any(UNNAMED in (message.text or "") for message in messages)

    with suppress(TimeoutError):
        await until(are_named)
