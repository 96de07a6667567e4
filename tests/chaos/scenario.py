"""A scene: a stand-in Slack, a database in which roundups are due, and the comparison of the two."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import OperationalError

from bot.config import Settings
from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryKind
from bot.domain.editions import Edition
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Draft, Mention
from bot.domain.workspaces import Workspace
from bot.slack.manifest import manifest
from bot.storage import channels, status, tables, users, wins, workspaces
from bot.storage.database import engine
from bot.storage.users import User
from bot.storage.wins import NewWin
from slack_standin import Clock, StandIn
from slack_standin.model.messages import Message
from slack_standin.model.workspace import Channel
from tests.chaos.bots import SETTLE_SECONDS, BotOptions
from tests.databases import Databases, filling_engine
from tests.people import ANA
from tests.team import NO_WIN_LIMITS

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
DUE = datetime(2030, 3, 8, 16, 0, tzinfo=UTC)
HISTORY = ("channels:history", "groups:history")
POLL_SECONDS = 0.05
UNSETTLED = ("pending", "sending", "unknown")
DIRECT = (DeliveryKind.OWNER_ALERT, DeliveryKind.CREDIT_NOTE)
"""The direct messages that a row may lead to."""


@dataclass(frozen=True)
class Verdict:
    """What was lost and doubled, by the messages that Slack has; `unsettled` is what is still pending in the database.

    `untrue` counts the deliveries that the database calls posted as a message which Slack does not have. (Direct
    messages are left out.)
    """

    lost: int
    doubled: int
    unsettled: int
    not_in_slack: int

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unsettled or self.not_in_slack)

    def numbers(self) -> dict[str, float]:
        return {"lost": self.lost, "doubled": self.doubled, "unsettled": self.unsettled, "untrue": self.not_in_slack}


class Scenario:
    """A workspace with Ana in each of its channels, and a database."""

    def __init__(
        self, databases: Databases, database: str, folder: Path, *, transport: str = "http", **slack: Any
    ) -> None:
        self.database_url = databases.make(database)
        self.folder = folder
        self.clock_file = folder / "clock"
        self.clock = Clock(self.clock_file)
        self.clock.move_to(MONDAY, force=True)
        self.transport = transport
        self.slack = StandIn(_manifest(transport), clock=self.clock, limits=False, strict_arguments=True, **slack)
        self.channels: list[Channel] = []
        self.ana = self.slack.add_person(**ANA)
        self.engine: Engine = engine(self.database_url, writes=False)

    def bot_options(
        self,
        *,
        settle: float = SETTLE_SECONDS,
        log_level: str = "WARNING",
        win_limits: Mapping[str, int] = NO_WIN_LIMITS,
        **more: Any,
    ) -> BotOptions:
        """What a bot of this scene is told. Ana may save as many wins as a row wants, unless it is about that."""
        settings: dict[str, Any] = {
            "bot_token": self.slack.bot_token,
            "slack_api_url": self.slack.api_url,
            "database_url": self.database_url,
            "port": 0,
            "health_port": 0,
            "log_level": log_level,
            "settle_seconds": settle,
            **win_limits,
        }
        if self.transport == "socket":
            settings["app_token"] = self.slack.app_token
        else:
            settings["signing_secret"] = self.slack.signing_secret
        known = {name: value for name, value in settings.items() if name in Settings.__dataclass_fields__}
        return BotOptions(Settings(**known), self.clock_file, self.folder / "log", **more)

    def fill(
        self,
        number: int,
        *,
        wins_each: int = 1,
        set_up_at: datetime = MONDAY,
        editions: frozenset[Edition] = frozenset(),
    ) -> list[Channel]:
        """Add channels whose first roundup is due on the Friday after, usually at `DUE`, each with open wins."""
        first = len(self.channels)
        new_channels = [self.slack.add_channel(f"team{first + one}", members=[self.ana]) for one in range(number)]
        self.channels += new_channels
        writing_engine = filling_engine(self.database_url)
        try:
            with writing_engine.begin() as connection:
                self._fill(connection, new_channels, wins_each, set_up_at, editions)
        finally:
            writing_engine.dispose()
        return new_channels

    def _fill(
        self,
        connection: Connection,
        new_channels: list[Channel],
        wins_each: int,
        set_up_at: datetime,
        editions: frozenset[Edition],
    ) -> None:
        team = self.slack.team_id
        workspaces.save(connection, Workspace(team, None, "Acme", "https://acme.slack.com/", self.slack.bot_user_id))
        ana = User(team, self.ana.id, "ana", "UTC", is_active=True, is_admin=True, is_guest=False)
        users.save(connection, ana, now=set_up_at + timedelta(days=365))
        schedule = Schedule(FRIDAY_AFTERNOON[0], set_up_at.date(), FRIDAY_AFTERNOON[1], "UTC")
        fridays = ChannelSettings(schedule, editions=editions)
        for channel in new_channels:
            stored = channels.lock(connection, team, channel.id)
            channels.save_settings(connection, stored, fridays, user_id=self.ana.id, now=set_up_at)
        self._log(connection, new_channels, range(wins_each), set_up_at)

    def save_wins(self, name: object) -> None:
        """Let each channel have one more win, now, while no bot runs or beside it."""
        writing_engine = filling_engine(self.database_url)
        try:
            with writing_engine.begin() as connection:
                self._log(connection, self.channels, [name], self.clock.now())
        finally:
            writing_engine.dispose()

    def _log(self, connection: Connection, among: list[Channel], names: Iterable[object], at: datetime) -> None:
        new = [
            NewWin(
                Draft(win_text(channel, name), (), (), None),
                self.slack.team_id,
                channel.id,
                f"{channel.id}-{name}",
                Mention(self.ana.id, "ana"),
                at,
            )
            for channel in among
            for name in names
        ]
        for start in range(0, len(new), 200):
            wins.add_all(connection, new[start : start + 200])

    def posted_messages(self) -> list[Message]:
        """Every message that the bot's posts became in our channels, those that were deleted later too."""
        return [message for channel in self.channels for message in channel.messages if message.metadata]

    def counts(self) -> dict[str, int]:
        """The deliveries by state."""
        with self.engine.connect() as connection:
            return status.delivery_counts(connection)

    async def wait_until_settled(self, *, within: float, roundups: int) -> bool:
        """Wait until nothing is pending in the database and it has that many deliveries; False if it never does."""

        def is_settled() -> bool:
            try:
                counts = self.counts()
            except OperationalError:  # the database is not there just now
                return False
            return sum(counts.values()) >= roundups and not any(counts.get(state) for state in UNSETTLED)

        return await eventually(is_settled, within=within)

    def judge(self, among: Sequence[Channel] | None = None, *, parts: int = 1) -> Verdict:
        """Compare Slack with the database, when each channel (all, if not told) was to have so many messages."""
        posted = self.posted_messages()
        keys = Counter(key_of(message) for message in posted)
        lost = doubled = 0
        for channel in self.channels if among is None else among:
            count = sum(1 for message in channel.messages if message.metadata)
            lost += max(0, parts - count)
            doubled += max(0, count - parts)
        known_messages = {(message.channel, message.ts, key_of(message)) for message in posted}
        with self.engine.connect() as connection:
            rows = connection.execute(select(tables.deliveries).where(tables.deliveries.c.kind.not_in(DIRECT))).all()
        not_in_slack = sum(
            row.state == "posted" and (row.channel_id, row.ts, row.key) not in known_messages for row in rows
        )
        repeated = sum(number - 1 for number in keys.values())
        return Verdict(lost, max(doubled, repeated), sum(row.state in UNSETTLED for row in rows), not_in_slack)


def win_text(channel: Channel, name: object) -> str:
    """What a win says that no one typed; no other one's words hold it."""
    return f"win {name} of {channel.name}."


def key_of(message: Message) -> str:
    """The delivery's key in a message's metadata."""
    assert message.metadata is not None, "only the bot's own posts are asked"
    return str(message.metadata["event_payload"]["key"])


async def eventually(holds: Callable[[], bool], *, within: float) -> bool:
    """Look again and again whether something holds; False if it does not in time."""
    ends_at = time.monotonic() + within
    while time.monotonic() < ends_at:
        if holds():
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False


def _manifest(transport: str) -> dict[str, Any]:
    """The bot's manifest, the optional scopes granted."""
    app_manifest = manifest(request_url="https://winsome.test/slack/events" if transport == "http" else None)
    scopes = app_manifest["oauth_config"]["scopes"]
    scopes.pop("bot_optional", None)
    scopes["bot"] = list(dict.fromkeys([*scopes["bot"], *HISTORY]))
    return app_manifest


@asynccontextmanager
async def open_scenario(databases: Databases, database: str, **more: Any) -> AsyncIterator[Scenario]:
    """A scene, whose Slack answers until its end."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(databases, database, Path(folder), **more)
        await scenario.slack.start()
        try:
            yield scenario
        finally:
            await scenario.slack.stop()
            scenario.engine.dispose()
