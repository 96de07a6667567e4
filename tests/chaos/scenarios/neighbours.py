"""Among many channels a few are dead: the others must not be later for it."""

from bot.app import Timing
from tests.chaos.bots import FAST_TIMING, REQUEST_TIMEOUT, bots
from tests.chaos.result import Result
from tests.chaos.scenario import DUE, Verdict, open_scenario
from tests.databases import Databases

GOAL = "one dead token or archived channel in 1,000: the others not later"
TIMING = Timing(
    tick=FAST_TIMING.tick,
    request_timeout=REQUEST_TIMEOUT,
    per_workspace={**FAST_TIMING.per_workspace, "chat.postMessage": 0.02},
    per_channel=0.0,
)
"""The pace decides when each is posted, so that two runs can be compared."""
ERRORS = ("is_archived", "channel_not_found", "restricted_action")
MAX_SLOWDOWN = 1.05
TOLERANCE_SECONDS = 1.0
"""Seconds by which two runs of the same differ on a busy machine."""


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Post them once with all alive, and once with some dead; compare when the last of the living had its roundup."""
    channels = round(1000 * size)
    all_alive, _, _ = await _post(databases, database, channels, dead=0)
    some_dead, verdict, tries = await _post(databases, database, channels, dead=len(ERRORS))
    numbers = {
        "channels": channels,
        "dead": len(ERRORS),
        "tries at the dead": tries,
        "lost among the others": verdict.lost,
        "doubled": verdict.doubled,
        "seconds to the last without": round(all_alive, 2),
        "with": round(some_dead, 2),
    }
    is_met = verdict.is_clean and some_dead <= MAX_SLOWDOWN * all_alive + TOLERANCE_SECONDS
    return Result("neighbours", database, seed, size, GOAL, is_met, numbers)


async def _post(databases: Databases, database: str, channels: int, *, dead: int) -> tuple[float, Verdict, int]:
    async with open_scenario(databases, database) as scenario:
        scenario.fill(channels)
        scenario.clock.move_to(DUE)
        gone, living = scenario.channels[:dead], scenario.channels[dead:]
        for channel, name in zip(gone, ERRORS, strict=False):
            scenario.slack.fault("chat.postMessage", "error", times=None, name=name, channel=channel.id)
        with bots(scenario.bot_options(pace=TIMING)) as (bot,):
            bot.start()
            await scenario.wait_until_settled(within=60 + channels / 10, roundups=channels)
        calls = scenario.slack.ledger.calls("chat.postMessage")
        ours = {channel.id for channel in living}
        at = [call.monotonic for call in calls if call.args["channel"] in ours and call.effect]
        tries = sum(call.args["channel"] in {channel.id for channel in gone} for call in calls)
        return at[-1] - calls[0].monotonic, scenario.judge(living), tries
