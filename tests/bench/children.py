"""The bench's side of its processes: start a server, put load on it, and look at its memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.load import Load, Orders
from tests.databases import Databases

LINE = "fixed the flaky build with <@{credited}|ben> #quality"
"""What people type: the example that the command itself shows."""


@dataclass(frozen=True)
class Server:
    """A running child: its process id, and what it said when it was ready."""

    pid: int
    says: dict[str, Any]

    @property
    def resident(self) -> int:
        """Its resident memory, in bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProcessLookupError(self.pid)


@contextmanager
def server(name: str, **options: Any) -> Iterator[Server]:
    """Start a server of `servers.py` and wait until it is ready; it ends with the block."""
    command = [sys.executable, "-m", "tests.bench.servers", name, json.dumps(options)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(process.pid, json.loads(process.stdout.readline()))
            process.stdin.close()
            process.wait(timeout=30)
        finally:
            process.kill()


class Bench:
    """What every row is measured with: a Slack, and fresh databases of the kinds that were asked for."""

    def __init__(self, slack: dict[str, Any], databases: Databases, kinds: tuple[str, ...]) -> None:
        self._slack = slack
        self._databases = databases
        self.kinds = kinds

    @property
    def account(self) -> dict[str, Any]:
        """What a bot needs to know of its Slack."""
        return {name: self._slack[name] for name in ("api_url", "bot_token", "signing_secret")}

    def database(self, kind: str) -> str:
        """Make a fresh, migrated database and return its URL."""
        return self._databases.make(kind)

    @contextmanager
    def bolt(self, *, process_before_response: bool) -> Iterator[Server]:
        """Run a Bolt app without any storage."""
        with server("bolt", **self.account, process_before_response=process_before_response) as running:
            yield running

    @contextmanager
    def winsome(self, kind: str) -> Iterator[Server]:
        """Run the bot on a fresh database."""
        with server("winsome", **self.account, database_url=self.database(kind)) as running:
            yield running

    def load(self, running: Server, **orders: Any) -> Load:
        """Let people type (see Orders), and return what was measured."""
        whole = Orders(
            url=running.says["url"],
            signing_secret=self._slack["signing_secret"],
            team_id=self._slack["team_id"],
            channels=self._slack["channels"],
            people=self._slack["people"],
            **{"line": LINE} | orders,
        )
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load"],
            input=json.dumps(asdict(whole)),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return Load(**json.loads(done.stdout))
