"""A sandbox: the stand-in Slack with the real bot in it, to be opened, disturbed, reset and closed as one."""

import asyncio
import contextlib
import logging
import os
import signal
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playground import launcher, scenario
from playground.bot_status import POLL_SECONDS, BotStatus
from playground.data_dir import DataDir, UnusableFolder
from playground.feed import Event, Feed
from playground.player import Player
from playground.scenario import Scenario
from playground.serializers import Json
from slack_standin import Clock, Person, StandIn, UnreadableState, serve_control
from slack_standin.api.methods import METHODS
from slack_standin.api.methods.method import ApiError
from slack_standin.model.ledger import MANY_LINES

logger = logging.getLogger(__name__)

DEFAULT_SCENARIO = "four-weeks"
FRIDAY, AT = 4, time_of_day(16)
MAX_WAIT = 60.0
"""Seconds the bot has to finish its work whenever the clock moves; the machine may be busy."""
MAX_WAIT_UNDER_FAULT = 4.0
"""The same under a simulated problem, where the bot may never finish."""
SAVE_INTERVAL = 1.0
"""Seconds between two writes of the state: a power cut loses at most that much."""
FAULT_FREE_METHODS = {"apps.connections.open"}
"""Methods that work under every fault: without a connection the bot would receive nothing."""
Listener = Callable[[list[Event]], None]

CONNECT_TIMEOUT = 30.0
"""Seconds that the bot may take to start and connect."""
SETTLE_SECONDS = "5"
"""How soon the bot reconciles a post of unknown outcome. The default of a minute is long for a demo."""


class Sandbox:
    """One playground. `on_change` is called with new events, `on_state` whenever `state()` has changed."""

    def __init__(
        self, scenario: str = DEFAULT_SCENARIO, *, first_day: date | None = None, keep: Path | None = None
    ) -> None:
        self.manifest = launcher.manifest()
        self.scenario = scenario
        self._first_day = first_day
        self._keep = keep
        self._resources = AsyncExitStack()
        self._child: AsyncExitStack | None = None
        self._process: Process | None = None
        self._faults: set[str] = set()
        self._had_problem = False
        self._progress: str | None = None
        self.control_url = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._clock_lock = asyncio.Lock()
        self._bot_lock = asyncio.Lock()
        self.ready = asyncio.Event()
        self.on_change: Listener = lambda _events: None
        self.on_state: Callable[[], None] = lambda: None
        self.slack: StandIn
        self.feed: Feed
        self.status: BotStatus

    # Life cycle

    async def open(self, *, empty: bool = False) -> None:
        """Start Slack with a new team or with the saved state, and the bot in the background.

        `ready` is set once the sample history has been replayed. Raises InvalidScenario or UnusableFolder.
        """
        week = self._load_scenario(empty=empty)
        self.ready.clear()
        self._faults.clear()
        self._written, self._written_at = 0, 0.0
        self._data_dir = self._open_data_dir()
        self.slack = StandIn(
            self.manifest,
            clock=Clock(self._data_dir.clock),
            workspace_name="Small Wins Ltd",
            ledger_lines=MANY_LINES,
        )
        self.status = BotStatus(self._data_dir.folder, self.slack.clock.now)
        self._resources.push_async_callback(self.slack.stop)  # first: to start may be broken off, too
        await self.slack.start()
        port = urlsplit(self.control_url).port or 0
        self.control_url = await self._resources.enter_async_context(serve_control(self.slack, port=port))
        player = None
        if state := self._data_dir.read():
            self._load_state(state)
        else:
            player = Player(week, self.slack)
            player.begin()
            for person in player.people.values():
                self.slack.open_dm(person)
        home = self.slack.world.workspaces[self.slack.team_id]
        home.install(self.slack.world.manifest.scopes)
        self.feed = Feed(self.slack)
        tasks = (self._watch_changes(), self._watch_state(), self._replay(None if empty else player))
        self._tasks = [asyncio.create_task(task) for task in tasks]

    async def close(self) -> None:
        """Stop the bot and Slack, after saving the state if it is kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self.stop_bot()
        self._save()
        await self._resources.aclose()
        self._resources = AsyncExitStack()

    async def reset(self, *, empty: bool) -> None:
        """Start over with the sample team and its history, or with the team alone.

        Raises InvalidScenario or OSError, before anything is closed, if the scenario was changed or deleted meanwhile.
        """
        self._load_scenario(empty=empty)
        self.ready.clear()
        await self.close()
        if self._keep is not None:
            with contextlib.closing(DataDir(self._keep, is_kept=True)) as data_dir:
                data_dir.clear()
        await self.open(empty=empty)

    def _open_data_dir(self) -> DataDir:
        folder = self._keep or Path(self._resources.enter_context(tempfile.TemporaryDirectory(prefix="winsome-")))
        return self._resources.enter_context(contextlib.closing(DataDir(folder, is_kept=self._keep is not None)))

    def _load_state(self, state: Json) -> None:
        try:
            self.slack.load_state(state)
        except UnreadableState as error:
            raise UnusableFolder(f"its state can't be read: {error}") from None

    def _save(self) -> None:
        """Save Slack's state. An unfinished replay is not saved: the next run starts it again."""
        if not (self.ready.is_set() and self._progress is None and self._data_dir.is_kept):
            return
        changed = self.slack.world.feed.number
        if changed != self._written:
            self._data_dir.write(self.slack.dump_state())
            self._written, self._written_at = changed, time.monotonic()

    # The bot's process

    async def start_bot(self, *, fast_forward: bool = False) -> None:
        """Start the bot, unless it runs. It may have ended by itself."""
        async with self._bot_lock:
            if self._is_bot_running():
                return
            await self._end_process()
            self.status.forget_address()
            self._child = AsyncExitStack()
            environment = {
                "SLACK_BOT_TOKEN": self.slack.bot_token,
                "SLACK_APP_TOKEN": self.slack.app_token,
                "SLACK_API_URL": self.slack.api_url,
                "DATABASE_URL": f"sqlite:///{self._data_dir.database}",
                "HEALTH_PORT": "0",
                "SETTLE_SECONDS": SETTLE_SECONDS,
                "LOG_LEVEL": "WARNING",
            }
            self._process = await self._child.enter_async_context(
                launcher.process(
                    environment,
                    clock_file=self._data_dir.clock,
                    folder=self._data_dir.folder,
                    fast_forward=fast_forward,
                    log=self._data_dir.log,
                )
            )
        self.on_state()

    async def _end_fast_forward(self) -> None:
        """Restart the bot at its usual pace after the replay."""
        assert self._process is not None, "the replay runs in a bot"
        self._progress = "Starting Winsome…"
        launcher.end_fast_forward(self._process, folder=self._data_dir.folder)
        await self.slack.wait_for(lambda: not self.slack.socket.connections, timeout=CONNECT_TIMEOUT)
        await self.slack.wait_connected(timeout=CONNECT_TIMEOUT)

    async def stop_bot(self) -> None:
        """Stop the bot as an operator would."""
        async with self._bot_lock:
            await self._end_process()

    async def kill_bot(self) -> None:
        """Kill the bot's process, like a power cut."""
        async with self._bot_lock:
            if self._process is not None and self._process.returncode is None:
                await self.status.refresh()
                with contextlib.suppress(ProcessLookupError):  # it has ended just now
                    os.kill(self._process.pid, signal.SIGKILL)
                await self._process.wait()
            await self._end_process()

    async def _end_process(self) -> None:
        """Stop the bot's process if there is one, and forget it."""
        child, self._child, self._process = self._child, None, None
        if child is not None:
            await child.aclose()
            self.status.forget_address()
            self.on_state()

    # Time

    def friday(self) -> datetime:
        """Return the next Friday, 16:00, in the first person's time zone."""
        return next_friday(self.slack.clock.now(), ZoneInfo(self._zone()))

    async def pass_time(self, until: datetime) -> None:
        """Move the clock, with a stop at each due time on the way, so that each roundup is posted on time."""
        async with self._clock_lock:
            await self._wait_until_idle()
            while (due := self._next_due(until)) is not None:
                self._move_clock(due)
                await self._wait_until_idle()
            self._move_clock(until)

    def _next_due(self, until: datetime) -> datetime | None:
        """Return the next due time before `until`; None if there is none or the bot does not run."""
        if not self._is_bot_running():
            return None
        due = self.status.last.next_due(after=self.slack.clock.now())
        return None if due is None or due >= until else due

    def _move_clock(self, to: datetime) -> None:
        self.slack.clock.move_on(to)
        self.on_state()

    async def _wait_until_idle(self) -> None:
        began = time.monotonic()
        while self._is_bot_running() and not await self.status.is_idle():
            if time.monotonic() - began > (MAX_WAIT_UNDER_FAULT if self._faults else MAX_WAIT):
                return
            await asyncio.sleep(POLL_SECONDS)

    # Faults

    def set_fault(self, kind: str, *, on: bool) -> None:
        """Make every API call fail (`down`) or answer 429 (`limited`), or end that."""
        self._faults = (self._faults | {kind}) if on else (self._faults - {kind})
        self.slack.clear_faults()
        for method in [*METHODS, "response_url"]:
            if method in FAULT_FREE_METHODS:
                continue
            if "down" in self._faults:
                self.slack.fault(method, "http_500_before", times=None)
            elif "limited" in self._faults:
                self.slack.fault(method, "rate_limited", times=None, retry_after=5)
        self.on_state()

    # State for the page

    def state(self) -> Json:
        """Return the clock, due times, the bot's health, faults and the progress of the replay."""
        runs = self._is_bot_running()
        return {
            "now": self.slack.clock.now().timestamp(),
            "friday": self.friday().timestamp(),
            "roundups": {
                channel: due.timestamp()
                for (team, channel), due in self.status.last.roundups.items()
                if team == self.slack.team_id
            },
            "zone": self._zone(),
            "bot": "running" if runs and self.slack.socket.connections else "starting" if runs else "stopped",
            "faults": sorted(self._faults),
            "progress": self._progress,
            "counts": self._counts(),
            "ready": self.ready.is_set(),
        }

    def _load_scenario(self, *, empty: bool) -> Scenario:
        name = DEFAULT_SCENARIO if empty and self.scenario == DEFAULT_SCENARIO else self.scenario
        first = self._first_day
        if first is None and name == DEFAULT_SCENARIO:
            today = datetime.now(UTC).date()
            first = today - timedelta(days=today.weekday(), weeks=3)
        week = scenario.load(name, first=first)
        return Scenario(week.people, week.channels, week.steps[-1:]) if empty else week

    async def _replay(self, history: Player | None) -> None:
        """Start the bot, and replay the sample history if there is one."""
        try:
            self._progress = "Playing back the team's history…" if history else None
            await self.start_bot(fast_forward=history is not None)
            await self.slack.wait_connected(timeout=CONNECT_TIMEOUT)
            if history:
                self.slack.limits.enabled = False
                await history.play(self.status.wait_until_idle)
                self._delete_ephemeral_messages()
                await self._end_fast_forward()
                self.slack.limits.enabled = True
            self._progress = None
        except TimeoutError:
            self._progress = "Couldn't load the sample history. Winsome didn't respond."
        except (ValueError, ApiError):
            # A step did something that Slack doesn't allow. The team is there all the same.
            logger.exception("the replay failed")
            self._progress = "Couldn't load the sample history."
        self.ready.set()
        self.on_state()

    async def _watch_changes(self) -> None:
        """Report every change, and save the state every second or so."""
        while True:
            self.on_change(self.feed.poll())
            if time.monotonic() - self._written_at > SAVE_INTERVAL:
                self._save()
            await self._wait_for_change()

    async def _watch_state(self) -> None:
        """Report changes of `state()`. In a task of its own, because the bot may be slow to answer."""
        known: Json = {}
        while True:
            await self.status.refresh()
            state = {name: value for name, value in self.state().items() if name not in ("now", "friday")}
            if state != known:
                known = state
                self.on_state()
            await self._wait_for_change()

    async def _wait_for_change(self) -> None:
        """Return after a change in Slack, or after a second without one."""
        with contextlib.suppress(TimeoutError):
            await self.slack.world.changes.wait_for(_after_next_change(), timeout=1)

    def _delete_ephemeral_messages(self) -> None:
        """Delete ephemeral messages: in Slack they don't survive a reload."""
        for home in self.slack.world.workspaces.values():
            for channel in home.channels.values():
                for message in channel.messages:
                    if message.ephemeral_to:
                        message.deleted = True
                        home.touch(message)
        self.slack.world.changes.signal()

    def _counts(self) -> Json | None:
        """Return counts of wins and messages while something is wrong, and until the bot has caught up.

        `as_of` is when the bot reported them, in seconds since 1970; None if it answers now.
        """
        is_wrong = self.ready.is_set() and (bool(self._faults) or not self._is_bot_running())
        if not (is_wrong or self._had_problem):
            return None
        status = self.status.last
        counts = status.pending_counts()
        self._had_problem = is_wrong or not self.status.is_current or counts["waiting"] > 0
        as_of = None if self.status.is_current else status.at.timestamp()
        return counts | {"as_of": as_of} if self._had_problem else None

    def _is_bot_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _people(self) -> list[Person]:
        homes = self.slack.world.workspaces.values()
        return [person for home in homes for person in home.people.values() if not person.is_bot]

    def _zone(self) -> str:
        return next((person.tz for person in self._people() if person.tz), "UTC")


def next_friday(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next Friday, 16:00, in a zone."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=(FRIDAY - local.weekday()) % 7)
    at = datetime.combine(day, AT, tzinfo=zone)
    return (at if at > now else datetime.combine(day + timedelta(days=7), AT, tzinfo=zone)).astimezone(UTC)


def _after_next_change() -> Callable[[], bool]:
    """Return a condition that is false at first and true when it is checked again, after a change."""
    asked = iter([False])
    return lambda: next(asked, True)


@contextlib.asynccontextmanager
async def running_sandbox(*, first_day: date | None = None) -> AsyncIterator[Sandbox]:
    """Open a sandbox, and close it at the end."""
    sandbox = Sandbox(first_day=first_day)
    try:
        await sandbox.open()
        yield sandbox
    finally:
        await sandbox.close()
