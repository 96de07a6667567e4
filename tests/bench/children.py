"""The bench's side of its processes: start a server, put load on it, and look at its memory."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from bot.domain.channel_settings import ChannelSettings
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.workspaces import Workspace
from bot.storage import channels, users, workspaces
from bot.storage.users import User
from tests.bench.load import Load, LoadOptions
from tests.databases import Databases, filling_engine

HOST = "127.0.0.1"
PATH = "/slack/events"
LINE = "fixed flaky build {number} with <@{credited}|ben> #quality"
"""What people type: the example that the command itself shows, as Slack sends it."""
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0
LOG_TAIL = 4000
"""How many characters of the bot's log are shown when something failed."""
POLL_SECONDS = 0.005
"""Seconds between two looks whether a bot that starts listens already."""


class StartFailed(Exception):
    """A bot that ended, or was silent, before it listened."""


@dataclass(frozen=True)
class Server:
    """A running child: its process id, and where it takes requests."""

    pid: int
    url: str

    @property
    def resident(self) -> int:
        """Its resident memory, in bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProcessLookupError(self.pid)


@contextmanager
def ready(name: str, **options: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Start a process of `servers.py`, wait for what it says when it is ready, and end it with the block."""
    command = [sys.executable, "-m", "tests.bench.servers", name, json.dumps(options)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.pid, json.loads(process.stdout.readline())
            process.stdin.close()
            process.wait(timeout=STOP_TIMEOUT)
        finally:
            process.kill()


class Bench:
    """What every row is measured with: a Slack, and fresh databases of the kinds that were asked for."""

    def __init__(self, slack: dict[str, Any], databases: Databases, kinds: tuple[str, ...]) -> None:
        self._slack = slack
        self.databases = databases
        self.kinds = kinds

    def database(self, kind: str) -> str:
        """Make a fresh, migrated database and return its URL."""
        return self.databases.make(kind)

    def team_database(self, kind: str) -> str:
        """Make a database in which the channels of our Slack are set up, and return its URL: no one is offered that."""
        url = self.database(kind)
        now = datetime.now(UTC)
        rule = Weekly((Weekday((now + timedelta(days=3)).weekday()),))  # not while we measure
        settings = ChannelSettings(Schedule(rule, now.date(), time_of_day(16), "UTC"))
        team_id, by = self._slack["team_id"], self._slack["people"][0]
        writing_engine = filling_engine(url)
        with writing_engine.begin() as connection:
            workspaces.save(connection, Workspace(team_id, None, "Acme", "https://acme.test/", "U0BOT"))
            for user_id in self._slack["people"]:  # a team that has used it for a while: who they are is known
                person = User(team_id, user_id, user_id, "UTC", is_active=True, is_admin=False, is_guest=False)
                users.save(connection, person, now=now)
            for each in self._slack["channels"]:
                channels.save_settings(
                    connection, channels.lock(connection, team_id, each), settings, user_id=by, now=now
                )
        writing_engine.dispose()
        return url

    @contextmanager
    def bolt(self, *, process_before_response: bool) -> Iterator[Server]:
        """Run a Bolt app without any storage."""
        account = {name: self._slack[name] for name in ("api_url", "bot_token", "signing_secret")}
        with ready("bolt", **account, process_before_response=process_before_response) as (pid, ready_message):
            yield Server(pid, ready_message["url"])

    @contextmanager
    def winsome(self, database_url: str, *, module: str = "bot", **more: str) -> Iterator[Server]:
        """Run the bot as `winsome run` does, and wait until it listens; `more` is set in its environment."""
        port = _free_port()
        environ = os.environ | {
            "SLACK_BOT_TOKEN": self._slack["bot_token"],
            "SLACK_SIGNING_SECRET": self._slack["signing_secret"],
            "SLACK_API_URL": self._slack["api_url"],
            "SLACK_APP_TOKEN": "",
            "DATABASE_URL": database_url,
            "HOST": HOST,
            "PORT": str(port),
            "HEALTH_PORT": "0",
            "WINS_PER_MINUTE": "0",
            "WINS_PER_HOUR": "0",
            **more,
        }
        command = [sys.executable, "-m", module, "run"]
        with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, env=environ, stderr=log) as process:
            try:
                _wait_for(port, process)
                yield Server(process.pid, f"http://{HOST}:{port}{PATH}")
                process.terminate()
                process.wait(timeout=STOP_TIMEOUT)
            except Exception as error:
                log.seek(0)
                error.add_note("The bot wrote at last:\n" + log.read()[-LOG_TAIL:])
                raise
            finally:
                process.kill()

    def load_options(self, running: Server, **orders: Any) -> LoadOptions:
        """Orders for the people of our Slack (see Orders)."""
        whole: dict[str, Any] = {
            "url": running.url,
            "signing_secret": self._slack["signing_secret"],
            "team_id": self._slack["team_id"],
            "channels": self._slack["channels"],
            "people": self._slack["people"],
            "line": LINE,
        }
        return LoadOptions(**whole | orders)

    def load(self, running: Server, *, during: Callable[[], object] | None = None, **orders: Any) -> Load:
        """Let people type (see LoadOptions), and return what was measured; with a rate, `during` may end it early."""
        orders["until_closed"] = during is not None
        command = [sys.executable, "-m", "tests.bench.load"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asdict(self.load_options(running, **orders))) + "\n")
            process.stdin.flush()
            if during is not None:
                during()
            process.stdin.close()
            measured = process.stdout.read()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return Load(**json.loads(measured))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < ends_at:
        try:
            socket.create_connection((HOST, port)).close()
        except ConnectionRefusedError:
            time.sleep(POLL_SECONDS)
        else:
            return
    raise StartFailed
