"""Who posts: the lock is sought again whatever took it away."""

import asyncio
import os
import signal

import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot.storage import leader_election
from tests.databases import Databases


async def test_a_poster_whose_database_stood_still_posts_again(
    all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader_election, "POLL_SECONDS", 0.2)
    url = all_databases.postgresql()
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    starts: asyncio.Queue[str] = asyncio.Queue()

    async def start() -> None:
        await starts.put("start")

    async def stop(within: float) -> None:
        await starts.put("stop")

    async with asyncio.timeout(30), leader_election.run_when_leader(url, on_elected=start, on_lost=stop):
        assert await starts.get() == "start"
        with psycopg.connect(address, autocommit=True) as connection:
            # The server is shared with bots of other tests, and pg_locks shows the locks of all its databases.
            here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            holder = f"SELECT pid FROM pg_locks WHERE {here} AND locktype = 'advisory' AND objid = %s AND granted"
            row = connection.execute(holder, [leader_election.LOCK_ID]).fetchone()
            assert row is not None
        os.kill(row[0], signal.SIGSTOP)
        try:
            assert await starts.get() == "stop"
        finally:
            os.kill(row[0], signal.SIGCONT)
        assert await starts.get() == "start"
