"""Row 5: 2,000 roundups of 20 workspaces due at the same moment, and someone who logs wins meanwhile.

The bot is given the tokens of all of them. Slack's limits are on: 300 posts a minute for each workspace, so 100
roundups each take 20 s however fast the bot is.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from bot.domain.recurrence import Weekday, Weekly
from bot.storage import tables
from tests.bench.children import Bench, Server
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
    with running_slack("stormy_slack", workspaces=WORKSPACES, channels=CHANNELS) as slack:
        url = bench.database(kind)
        due_at = datetime.now(UTC) + timedelta(seconds=STARTS_IN)
        fill(url, slack["workspaces"], due_at)
        with running_bot(bench, url, slack) as (burst_bench, ours):
            wait = due_at.timestamp() - time.time()
            if wait < 0:
                raise TimeoutError(f"the bot took {-wait:.1f} s too long to start")
            time.sleep(wait)
            load = burst_bench.load(ours, at_once=16, seconds=LIMIT, warm_up=0.0, rate=WINS_A_SECOND)
            counts = wait_for_posts(slack, WORKSPACES * CHANNELS, timeout=POSTS_TIMEOUT)
    return counts["last"] - due_at.timestamp(), counts["refused"] / counts["posts"], load.p99


@contextmanager
def running_slack(name: str, **options: Any) -> Iterator[dict[str, Any]]:
    """Run a Slack of `servers.py` that has several workspaces, and end it with the block; `ask` asks it."""
    command = [sys.executable, "-m", "tests.bench.servers", name, json.dumps(options)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()) | {"answers": process.stdout, "questions": process.stdin}
            process.stdin.close()
            process.wait(timeout=30)
        finally:
            process.kill()


@contextmanager
def running_bot(bench: Bench, url: str, slack: dict[str, Any]) -> Iterator[tuple[Bench, Server]]:
    """Run the bot for all workspaces; who types in the bench that it returns is in a direct message of the first."""
    first, *others = slack["workspaces"]
    first_bench = Bench(
        {**slack, "team_id": first["team_id"], "channels": [first["dm"]], "people": [first["person"]]},
        bench.databases,
        bench.kinds,
    )
    with tempfile.NamedTemporaryFile("w") as tokens:  # the environment has no room for thousands
        json.dump([each["token"] for each in others], tokens)
        tokens.flush()
        with first_bench.winsome(url, module="tests.bench.burst_bot", MORE_TOKENS=tokens.name) as ours:
            yield first_bench, ours


def ask(slack: dict[str, Any], question: str = "counts") -> Any:
    """Ask a running Slack: its function in `servers.py` says what it answers."""
    slack["questions"].write(f"{question}\n".encode())
    slack["questions"].flush()
    return json.loads(slack["answers"].readline())


def wait_for_posts(slack: dict[str, Any], wanted: int, *, timeout: float) -> dict[str, Any]:
    """Ask Slack until it has all the posts that are wanted, or the time is up."""
    ends_at = time.monotonic() + timeout
    while True:
        counts: dict[str, Any] = ask(slack)
        if counts["taken"] >= wanted or time.monotonic() > ends_at:
            return counts
        time.sleep(0.5)


def fill(url: str, workspaces: list[dict[str, Any]], due_at: datetime) -> None:
    """Write channels with open wins whose roundups are all due at `due_at`."""
    before = due_at - timedelta(days=3)
    schedule = {"configured_at": before, "local_time": due_at.strftime("%H:%M"), "zone": "UTC", **weekly(due_at)}
    channels = [
        {"team_id": each["team_id"], "channel_id": channel_id, "owner_id": each["person"]}
        for each in workspaces
        for channel_id in each["channels"]
    ]
    rows: dict[Table, list[dict[str, Any]]] = {
        tables.workspaces: [
            {
                "team_id": each["team_id"],
                "name": each["team_id"],
                "url": "https://storm.test/",
                "bot_user_id": each["bot"],
            }
            for each in workspaces
        ],
        tables.channels: [{**channel, **schedule, "next_due_at": due_at} for channel in channels],
        tables.wins: [
            {
                "team_id": channel["team_id"],
                "channel_id": channel["channel_id"],
                "author_id": channel["owner_id"],
                "text": f"win {n}",
                "created_at": before,
                "is_open": True,
            }
            for channel in channels
            for n in range(WINS)
        ],
        tables.users: [
            {
                "team_id": each["team_id"],
                "user_id": each["person"],
                "name": "ana",
                "zone": "UTC",
                "synced_at": due_at,
            }
            for each in workspaces
        ],
    }
    writing_engine = filling_engine(url)
    with writing_engine.begin() as connection:
        for table, its_rows in rows.items():
            connection.execute(insert(table), its_rows)
    writing_engine.dispose()


def weekly(due_at: datetime) -> dict[str, Any]:
    """The columns of a weekly schedule that is due at `due_at`."""
    rule = Weekly((Weekday(due_at.weekday()),))
    return {"rrule": rule.rrule, "starts_on": due_at.date() - timedelta(days=7)}
