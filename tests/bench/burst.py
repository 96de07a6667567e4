"""Row 5: 2,000 roundups of 20 workspaces due at the same moment, and someone who logs wins meanwhile.

The bot is given the tokens of all of them. Slack's limits are on: 300 posts a minute for each workspace, so 100
roundups each take 20 s however fast the bot is.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from sqlalchemy import insert

from bot.domain.recurrence import Weekday, Weekly
from bot.storage import tables
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import filling_engine

ROWS = (5,)
WORKSPACES = 20
CHANNELS = 100
WINS = 3
LIMIT = CHANNELS / 5.0
"""Seconds that Slack's own limit of 300 posts a minute takes for the roundups of one workspace."""
ACK_LIMIT = 3000.0
WINS_A_SECOND = 50.0
STARTS_IN = 12.0
"""Seconds from filling the database to the moment at which all is due: the bot starts meanwhile."""
POSTS_TIMEOUT = 120.0


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Let the storm come, once for each kind of database and round, and ask Slack how it went."""
    figures: list[Figure] = []
    for kind in bench.kinds:
        took = Figure(5, "2,000 roundups due at once", kind, "the limit's own time", "s", 1.03)
        refused = Figure(5, "of them answered 429", kind, "all posts", "", 0.01)
        acks = Figure(5, "p99 of /win acks meanwhile", kind, "Slack's limit", "ms", 0.01)
        for _ in range(min(rounds, 2)):
            seconds, share, p99 = _burst(bench, kind)
            took.ours.append(seconds)
            took.floor.append(LIMIT)
            refused.ours.append(share)
            refused.floor.append(1.0)
            acks.ours.append(p99)
            acks.floor.append(ACK_LIMIT)
        figures += [took, refused, acks]
    return figures


def _burst(bench: Bench, kind: str) -> tuple[float, float, float]:
    with _slack() as slack:
        url = bench.database(kind)
        due_at = datetime.now(UTC) + timedelta(seconds=STARTS_IN)
        _fill(url, slack["workspaces"], due_at)
        first = slack["workspaces"][0]
        burst_bench = Bench(
            {**slack, "team_id": first["team_id"], "channels": [first["dm"]], "people": [first["person"]]},
            bench.databases,
            bench.kinds,
        )
        more_tokens = json.dumps([each["token"] for each in slack["workspaces"][1:]])
        with burst_bench.winsome(url, module="tests.bench.burst_bot", MORE_TOKENS=more_tokens) as ours:
            wait = due_at.timestamp() - time.time()
            if wait < 0:
                raise TimeoutError(f"the bot took {-wait:.1f} s too long to start")
            time.sleep(wait)
            load = burst_bench.load(ours, at_once=16, seconds=LIMIT, warm_up=0.0, rate=WINS_A_SECOND)
            counts = _wait_for_posts(slack["stream"], slack["ask"], WORKSPACES * CHANNELS)
    return counts["last"] - due_at.timestamp(), counts["refused"] / counts["posts"], load.p99


@contextmanager
def _slack() -> Iterator[dict[str, Any]]:
    options = json.dumps({"workspaces": WORKSPACES, "channels": CHANNELS})
    command = [sys.executable, "-m", "tests.bench.servers", "stormy_slack", options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()) | {"stream": process.stdout, "ask": process.stdin}
            process.stdin.close()
            process.wait(timeout=30)
        finally:
            process.kill()


def _wait_for_posts(stream: IO[bytes], ask: IO[bytes], wanted: int) -> dict[str, Any]:
    """Ask Slack until it has all the posts that are wanted."""
    ends_at = time.monotonic() + POSTS_TIMEOUT
    while True:
        ask.write(b"?\n")
        ask.flush()
        counts: dict[str, Any] = json.loads(stream.readline())
        if counts["taken"] >= wanted or time.monotonic() > ends_at:
            return counts
        time.sleep(0.5)


def _fill(url: str, workspaces: list[dict[str, Any]], due_at: datetime) -> None:
    """Write channels with open wins whose roundups are all due at `due_at`."""
    local = due_at.strftime("%H:%M")
    writing_engine = filling_engine(url)
    before = due_at - timedelta(days=3)
    with writing_engine.begin() as connection:
        for each in workspaces:
            team = {"team_id": each["team_id"]}
            connection.execute(
                insert(tables.workspaces),
                {**team, "name": each["team_id"], "url": "https://storm.test/", "bot_user_id": each["bot"]},
            )
            schedule = {"owner_id": each["person"], "configured_at": before, "local_time": local, "zone": "UTC"}
            connection.execute(
                insert(tables.channels),
                [
                    {**team, **schedule, **weekly(due_at), "channel_id": channel, "next_due_at": due_at}
                    for channel in each["channels"]
                ],
            )
            connection.execute(
                insert(tables.wins),
                [
                    {
                        **team,
                        "channel_id": channel,
                        "author_id": each["person"],
                        "text": f"win {n}",
                        "created_at": before,
                        "is_open": True,
                    }
                    for channel in each["channels"]
                    for n in range(WINS)
                ],
            )
            connection.execute(
                insert(tables.users),
                {**team, "user_id": each["person"], "name": "ana", "zone": "UTC", "synced_at": due_at},
            )
    writing_engine.dispose()


def weekly(due_at: datetime) -> dict[str, Any]:
    """The columns of a weekly schedule that is due at `due_at`."""
    rule = Weekly((Weekday(due_at.weekday()),))
    return {"rrule": rule.rrule, "starts_on": due_at.date() - timedelta(days=7)}
