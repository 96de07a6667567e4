"""Row 9: 10,000 roundups of 2,000 workspaces due at once, against a bare client that posts the same messages.

Slack's limits are off, so each posts as fast as it can. The client gets messages that ours has just posted, and a Slack
of its own that is made in the same way. It posts with the same concurrency: the sender's own limit is 32 posts at once
in each workspace, of which five channels use five, so what limits ours is its session's 100 connections; the client has
a task for each of the 100. Ours seldom has as many posts in flight, because each waits for the database first. Someone
types /win meanwhile in ours only.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import update

from bot.storage import tables
from tests.bench.burst import ACK_LIMIT, WINS_A_SECOND, ask, fill, running_bot, running_slack, wait_for_posts
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import writing

ROWS = (9,)
WORKSPACES = 2_000
CHANNELS = 5
GOALS = {"sqlite": 0.4, "postgresql": 0.3}
NOT_YET = timedelta(hours=1)
"""How far off the roundups are until the bot has started, however long it asks Slack about its workspaces."""
POSTS_TIMEOUT = 900.0


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Let the rush come, once for each kind of database and round, and the client right after it."""
    rates = {
        kind: Figure(
            9,
            "posts a second, 10,000 roundups due at once",
            kind,
            "a client without a database",
            "/s",
            GOALS[kind],
            at_least=True,
        )
        for kind in bench.kinds
    }
    acks = {kind: Figure(9, "p99 of /win acks meanwhile", kind, "Slack's limit", "ms", 0.01) for kind in bench.kinds}
    for _ in range(min(rounds, 2)):
        for kind in bench.kinds:
            rate, p99, messages = _ours(bench, kind)
            rates[kind].ours.append(rate)
            rates[kind].floor.append(_floor(messages))
            acks[kind].ours.append(p99)
            acks[kind].floor.append(ACK_LIMIT)
    return [*rates.values(), *acks.values()]


def _ours(bench: Bench, kind: str) -> tuple[float, float, list[dict[str, Any]]]:
    """Return the bot's posts a second, the p99 of its acks, and the arguments of some of its posts."""
    with running_slack("rush_slack", workspaces=WORKSPACES, channels=CHANNELS) as slack:
        url = bench.database(kind)
        fill(url, slack["workspaces"], datetime.now(UTC) + NOT_YET)
        with running_bot(bench, url, slack) as (rush_bench, ours):
            rush = partial(_rush, url, slack)
            load = rush_bench.load(ours, during=rush, at_once=16, seconds=POSTS_TIMEOUT, rate=WINS_A_SECOND)
            return _rate(ask(slack)), load.p99, ask(slack, "messages")["messages"]


def _rush(url: str, slack: dict[str, Any]) -> None:
    with writing(url) as connection:
        connection.execute(update(tables.channels).values(next_due_at=datetime.now(UTC)))
    wait_for_posts(slack, WORKSPACES * CHANNELS, timeout=POSTS_TIMEOUT)


def _floor(messages: list[dict[str, Any]]) -> float:
    """Return the posts a second of a client that posts these messages to as many channels, in the same order."""
    with running_slack("rush_slack", workspaces=WORKSPACES, channels=CHANNELS) as slack:
        channels = [(each["token"], each["channels"][n]) for n in range(CHANNELS) for each in slack["workspaces"]]
        orders = {"api_url": slack["api_url"], "channels": channels, "messages": messages}
        command = [sys.executable, "-m", "tests.bench.bare_client"]
        subprocess.run(command, input=json.dumps(orders), text=True, check=True)
        return _rate(ask(slack))


def _rate(counts: dict[str, Any]) -> float:
    """Return the posts a second, from the first to the last. Each channel must have exactly one."""
    wanted = WORKSPACES * CHANNELS
    if not counts["taken"] == counts["channels"] == wanted:
        raise ValueError(f"{counts['taken']} posts in {counts['channels']} channels, not one in each of {wanted}")
    return (wanted - 1) / float(counts["last"] - counts["first"])
