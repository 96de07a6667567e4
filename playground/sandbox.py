"""The stand-in Slack and the real bot in it, as one thing that can be set up, disturbed, reset and closed."""

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
from playground.data_dir import Shelf, Unusable
from playground.feed import Event, Feed
from playground.player import Play
from playground.scenario import Script
from playground.serializers import Shape
from slack_standin import Clock, Person, StandIn, Unreadable, serve_control
from slack_standin.api.methods import METHODS

logger = logging.getLogger(__name__)

SCENE = "four-weeks"
FRIDAY, AT = 4, time_of_day(16)
LONGEST_STOP = 60.0
"""Seconds that the bot has for what is due, when time is passed: a machine may be busy."""
LONGEST_UNDER_A_FAULT = 4.0
"""Seconds that it has where something is wrong with Slack: it may never be done."""
BETWEEN_WRITES = 1.0
"""Seconds between two times that the state is kept: a power cut takes so much with it."""
NEVER_SPOILT = {"apps.connections.open"}
"""What goes on under a fault, or the bot could not even be told of anything."""
Listener = Callable[[list[Event]], None]


SETTLE_SECONDS = "5"
"""How soon the bot looks for what Slack left open: nobody at the page waits for a minute."""


class Stage:
    """One playground. `on_change` hears of events, `on_state` whenever `state()` says something new."""

    def __init__(self, scene: str = SCENE, *, first_day: date | None = None, keep: Path | None = None) -> None:
        self.manifest = launcher.manifest()
        self.scene = scene
        self._first_day = first_day
        self._keep = keep
        self._everything = AsyncExitStack()
        self._child: AsyncExitStack | None = None
        self._process: Process | None = None
        self._faults: set[str] = set()
        self._troubled = False
        self._progress: str | None = None
        self.control_url = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._moving = asyncio.Lock()
        self.ready = asyncio.Event()
        self.on_change: Listener = lambda _events: None
        self.on_state: Callable[[], None] = lambda: None
        self.slack: StandIn
        self.feed: Feed
        self.status: BotStatus

    # Up and down

    async def open(self, *, empty: bool = False) -> None:
        """Start Slack with a team in it, or with what was kept; the bot and the past come while this returns.

        Raises scenario.Unreadable or Unusable.
        """
        told = self._script(empty=empty)
        self.ready.clear()
        self._faults.clear()
        self._written, self._written_at = 0, 0.0
        self._shelf = self._open_shelf()
        self.slack = StandIn(self.manifest, clock=Clock(self._shelf.clock), workspace_name="Small Wins Ltd")
        self.status = BotStatus(self._shelf.folder, self.slack.clock.now)
        await self.slack.start()
        self._everything.push_async_callback(self.slack.stop)
        port = urlsplit(self.control_url).port or 0
        self.control_url = await self._everything.enter_async_context(serve_control(self.slack, port=port))
        home = self.slack.world.workspaces[self.slack.team_id]
        home.install(self.slack.world.manifest.scopes)
        play = None
        if kept := self._shelf.read():
            self._take_up(kept)
        else:
            play = Play(told, self.slack)
            play.begin()
            for person in play.people.values():
                self.slack.open_dm(person)
        self.feed = Feed(self.slack)
        tasks = (self._watch_changes(), self._watch_state(), self._tell(None if empty else play))
        self._tasks = [asyncio.create_task(task) for task in tasks]

    async def close(self) -> None:
        """Stop the bot and Slack; what they knew stays on the shelf, if it is kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self.stop_bot()
        self._save()
        await self._everything.aclose()
        self._everything = AsyncExitStack()

    async def reset(self, *, empty: bool) -> None:
        """Begin anew: with the prepared team and its past, or with the team alone."""
        self.ready.clear()
        await self.close()
        if self._keep is not None:
            with contextlib.closing(Shelf(self._keep, is_kept=True)) as shelf:
                shelf.clear()
        await self.open(empty=empty)

    def _open_shelf(self) -> Shelf:
        folder = self._keep or Path(self._everything.enter_context(tempfile.TemporaryDirectory(prefix="winsome-")))
        return self._everything.enter_context(contextlib.closing(Shelf(folder, is_kept=self._keep is not None)))

    def _take_up(self, kept: Shape) -> None:
        try:
            self.slack.take_up(kept)
        except Unreadable as error:
            raise Unusable(f"what is kept there can't be read: {error}") from None

    def _save(self) -> None:
        """Keep what Slack knows, unless the past is not told to its end: then it is told anew."""
        if not (self.ready.is_set() and self._progress is None and self._shelf.is_kept):
            return
        changed = self.slack.world.feed.number
        if changed != self._written:
            self._shelf.write(self.slack.keep())
            self._written, self._written_at = changed, time.monotonic()

    # The bot's process

    async def start_bot(self, *, hurried: bool = False) -> None:
        """Start the bot, if it does not run."""
        if self._process is not None:
            return
        self._child = AsyncExitStack()
        self.status.forget_address()
        environment = {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "DATABASE_URL": f"sqlite:///{self._shelf.database}",
            "HEALTH_PORT": "0",
            "SETTLE_SECONDS": SETTLE_SECONDS,
            "LOG_LEVEL": "WARNING",
        }
        self._process = await self._child.enter_async_context(
            launcher.process(
                environment,
                clock_file=self._shelf.clock,
                folder=self._shelf.folder,
                hurried=hurried,
                log=self._shelf.log,
            )
        )
        self.on_state()

    async def _let_the_bot_rest(self) -> None:
        """Let the bot, which has hurried through the past, start again at its usual pace."""
        assert self._process is not None, "somebody has told the past"
        self._progress = "Starting Winsome…"
        launcher.take_your_time(self._process, folder=self._shelf.folder)
        await self.slack.wait_for(lambda: not self.slack.socket.connections, timeout=30)
        await self.slack.wait_connected(timeout=30)

    async def stop_bot(self) -> None:
        """Stop the bot as an operator would."""
        child, self._child, self._process = self._child, None, None
        if child is not None:
            await child.aclose()
            self.status.forget_address()
            self.on_state()

    async def kill_bot(self) -> None:
        """End the bot's process at once, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            await self.status.refresh()
            os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        await self.stop_bot()

    # Time

    def friday(self) -> datetime:
        """Return the next Friday, 16:00, where the team's first person lives."""
        return next_friday(self.slack.clock.now(), ZoneInfo(self._zone()))

    async def pass_time(self, until: datetime) -> None:
        """Move the clock, and stop whenever a roundup is due on the way, so that each comes in its time."""
        async with self._moving:
            await self._let_the_bot_finish()
            while (due := self._next_stop(until)) is not None:
                self._move_clock(due)
                await self._let_the_bot_finish()
            self._move_clock(until)

    def _next_stop(self, until: datetime) -> datetime | None:
        """Return the next moment before `until` at which the bot has something to do, if it is there to do it."""
        if not self._bot_runs():
            return None
        due = self.status.last.next_due(after=self.slack.clock.now())
        return None if due is None or due >= until else due

    def _move_clock(self, to: datetime) -> None:
        self.slack.clock.move_on(to)
        self.on_state()

    async def _let_the_bot_finish(self) -> None:
        began = time.monotonic()
        while self._bot_runs() and not await self.status.is_idle():
            if time.monotonic() - began > (LONGEST_UNDER_A_FAULT if self._faults else LONGEST_STOP):
                return
            await asyncio.sleep(POLL_SECONDS)

    # Faults

    def set_fault(self, kind: str, *, on: bool) -> None:
        """Let Slack be down (`down`), or answer 429 (`limited`), until told otherwise."""
        self._faults = (self._faults | {kind}) if on else (self._faults - {kind})
        self.slack.clear_faults()
        for method in [*METHODS, "response_url"]:
            if method in NEVER_SPOILT:
                continue
            if "down" in self._faults:
                self.slack.fault(method, "http_500_before", times=None)
            elif "limited" in self._faults:
                self.slack.fault(method, "rate_limited", times=None, retry_after=5)
        self.on_state()

    # What the page shows of all this

    def state(self) -> Shape:
        """Return the clock, when roundups are due, the bot's health, the faults, and how far the past is told."""
        runs = self._bot_runs()
        return {
            "now": self.slack.clock.now().timestamp(),
            "friday": self.friday().timestamp(),
            "roundups": {channel: due.timestamp() for channel, due in self.status.last.roundups.items()},
            "zone": self._zone(),
            "bot": "running" if runs and self.slack.socket.connections else "starting" if runs else "stopped",
            "faults": sorted(self._faults),
            "progress": self._progress,
            "counts": self._counts(),
            "ready": self.ready.is_set(),
        }

    # Inside

    def _script(self, *, empty: bool) -> Script:
        name = SCENE if empty and self.scene == SCENE else self.scene
        first = self._first_day
        if first is None and name == SCENE:
            today = datetime.now(UTC).date()
            first = today - timedelta(days=today.weekday(), weeks=3)
        told = scenario.load(name, first=first)
        return Script(told.people, told.channels, told.steps[-1:]) if empty else told

    async def _tell(self, past: Play | None) -> None:
        """Start the bot, and let it live through its past first, if there is one to tell."""
        try:
            self._progress = "Playing back three weeks of history…" if past else None
            await self.start_bot(hurried=past is not None)
            await self.slack.wait_connected(timeout=30)
            if past:
                self.slack.limits.enabled = False
                await past.play(self.status.wait_until_idle)
                self._forget_what_was_private()
                await self._let_the_bot_rest()
                self.slack.limits.enabled = True
            self._progress = None
        except TimeoutError:
            self._progress = "Couldn't load the sample history. Winsome didn't respond."
        except ValueError:
            # Somebody in it did what Slack does not let them do: the team is there all the same.
            logger.exception("the past broke off")
            self._progress = "Couldn't load the sample history."
        self.ready.set()
        self.on_state()

    async def _watch_changes(self) -> None:
        """Report every change, and save the state every second or so."""
        while True:
            self.on_change(self.feed.look())
            if time.monotonic() - self._written_at > BETWEEN_WRITES:
                self._save()
            await self._wait_for_change()

    async def _watch_state(self) -> None:
        """Report when `state()` has changed: in a task of its own, for the bot may be slow to say how it is."""
        known: Shape = {}
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
            await self.slack.world.changes.wait_for(_a_change(), timeout=1)

    def _forget_what_was_private(self) -> None:
        """Take ephemeral messages away, which in Slack don't outlive the day."""
        for home in self.slack.world.workspaces.values():
            for channel in home.channels.values():
                for message in channel.messages:
                    if message.ephemeral_to:
                        message.deleted = True
                        home.touch(message)
        self.slack.world.changes.signal()

    def _counts(self) -> Shape | None:
        """The counts of wins and messages while something is wrong, and until the bot has caught up.

        `as_of` is when the bot reported them (in seconds since 1970), where it does not answer now.
        """
        is_wrong = self.ready.is_set() and (bool(self._faults) or not self._bot_runs())
        if not (is_wrong or self._troubled):
            return None
        status = self.status.last
        counts = status.pending_counts()
        self._troubled = is_wrong or not self.status.is_current or counts["waiting"] > 0
        as_of = None if self.status.is_current else status.at.timestamp()
        return counts | {"as_of": as_of} if self._troubled else None

    def _bot_runs(self) -> bool:
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


def _a_change() -> Callable[[], bool]:
    """A condition that holds from the second time that it is asked: once something has happened."""
    asked = iter([False])
    return lambda: next(asked, True)


@contextlib.asynccontextmanager
async def staged(scene: str = SCENE, *, first_day: date | None = None) -> AsyncIterator[Stage]:
    """A stage that is closed at the end."""
    stage = Stage(scene, first_day=first_day)
    try:
        await stage.open()
        yield stage
    finally:
        await stage.close()
