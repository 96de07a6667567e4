"""An onlooker at what channels are told of their next roundup: the date that is announced is the date that fires.

It looks after each commit that may have moved a date, and works the dates out by `Schedule.following`, which is what
people are shown.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.domain.audit_log import AuditAction
from bot.domain.schedules import Schedule
from bot.storage import channels
from bot.storage.channels import Channel
from bot.storage.deliveries import REMINDER
from bot.storage.tables import audit_log, deliveries, roundups

Place = tuple[str, str]
MOVES = tuple(
    kind.value
    for kind in (
        AuditAction.CONFIGURED,
        AuditAction.SETTINGS_CHANGED,
        AuditAction.BOT_LEFT,
        AuditAction.BOT_RETURNED,
        AuditAction.BECAME_PRIVATE,
    )
)
"""What may move a date; each says which one is next."""
MAY_MOVE = ("INSERT INTO audit", "INSERT INTO roundups", "UPDATE channels")
"""How the statements begin that may move a date."""


@dataclass(frozen=True)
class Told:
    """What a channel was told: its next roundup, and on which local `day` that is."""

    due_at: datetime | None = None
    day: date | None = None


class Promises:
    """What every channel was told, and, in `broken`, where something else came."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.set_up_since: dict[Place, int] = {}
        """The last delivery before a channel was set up: from then on it has an owner."""
        self._told: defaultdict[Place, Told] = defaultdict(Told)
        self._days: defaultdict[Place, set[date]] = defaultdict(set)
        self._reminded: set[tuple[Place, datetime | None]] = set()
        self._seen = {audit_log: 0, roundups: 0, deliveries: 0}

    def look(self, connection: Connection, teams: tuple[str, ...], now: datetime) -> None:
        """Compare what a commit did, at `now` by the bot's clock, with what was promised before."""
        entries, made, owed = (self._new(connection, table) for table in (audit_log, roundups, deliveries))
        for team_id in teams:
            for channel in channels.of_team(connection, team_id):
                place = (team_id, channel.channel_id)
                if channel.unavailable_reason is not None and channel.next_due_at is not None:
                    self.broken.append(f"{channel.next_due_at} is due where the bot can't post")
                moved = [row for row in entries.get(place, ()) if row.kind in MOVES]
                scheduled = [row for row in made.get(place, ()) if row.posted_by is None]
                if moved:
                    self._is_changed(connection, channel, moved, scheduled, now)
                elif scheduled or channel.next_due_at != self._told[place].due_at:
                    self._is_due(channel, scheduled, now)
                for row in owed.get(place, ()):
                    if row.kind == REMINDER:
                        self._is_reminded(channel)

    def _new(self, connection: Connection, table: Any) -> dict[Place, list[Any]]:
        found: defaultdict[Place, list[Any]] = defaultdict(list)
        for row in connection.execute(select(table).where(table.c.id > self._seen[table]).order_by(table.c.id)):
            self._seen[table] = row.id
            found[row.team_id, row.channel_id].append(row)
        return found

    def _is_changed(
        self, connection: Connection, channel: Channel, entries: list[Any], scheduled: list[Any], now: datetime
    ) -> None:
        place = (channel.team_id, channel.channel_id)
        if entries[-1].next_due_at != channel.next_due_at:
            self.broken.append(f"{entries[-1].next_due_at} is announced, and {channel.next_due_at} is due")
        if scheduled:
            self.broken.append("a change makes no roundup")
        kinds = {entry.kind for entry in entries}
        if AuditAction.CONFIGURED.value in kinds:
            self.set_up_since[place] = connection.execute(select(func.max(deliveries.c.id))).scalar_one() or 0
        before = self._told[place]
        is_over = before.due_at is not None and before.due_at <= now
        if is_over and channel.unavailable_reason is None and not _is_kept(channel, before):
            self.broken.append(f"{before.due_at} was promised, and a change at {now} made it {channel.next_due_at}")
        if channel.next_due_at is None or channel.next_due_at != before.due_at:
            self._tell(channel)

    def _tell(self, channel: Channel) -> None:
        due_at = channel.next_due_at
        told = Told() if due_at is None else Told(due_at, channel.schedule.date_of(due_at))
        self._told[channel.team_id, channel.channel_id] = told

    def _is_due(self, channel: Channel, scheduled: list[Any], now: datetime) -> None:
        """A beat went on to the next date, with or without a roundup: nothing else moves one."""
        place = (channel.team_id, channel.channel_id)
        before = self._told[place]
        if before.due_at is None or before.due_at > now:
            self.broken.append(f"{before.due_at} was promised, and at {now} it became {channel.next_due_at}")
            self._tell(channel)
            return
        *_, last, following = _until(channel.schedule, before.due_at, now)
        if [row.due_at for row in scheduled] not in ([], [last]):
            self.broken.append(f"{before.due_at} was promised, and {[row.due_at for row in scheduled]} came at {now}")
        if channel.next_due_at != following:
            self.broken.append(f"{following} follows {last}, and {channel.next_due_at} is due")
        for row in scheduled:
            day = before.day if row.due_at == before.due_at else channel.schedule.date_of(row.due_at)
            assert day is not None, "what was promised has a day"
            if day in self._days[place]:
                self.broken.append(f"{day} has two roundups")
            self._days[place].add(day)
        self._tell(channel)

    def _is_reminded(self, channel: Channel) -> None:
        this = ((channel.team_id, channel.channel_id), channel.next_due_at)
        if channel.settings is None or not channel.settings.sends_reminder:
            self.broken.append("nobody asked for a reminder")
        if this in self._reminded or channel.next_due_at is None:
            self.broken.append(f"{channel.next_due_at} is not to be reminded of")
        self._reminded.add(this)


def _is_kept(channel: Channel, before: Told) -> bool:
    """Whether a roundup that is overdue still comes on its day, or as promised; a pause or a skipped date takes it."""
    assert before.day is not None, "what was promised has a day"
    if not channel.schedule.allows(before.day) or channel.next_due_at == before.due_at:
        return True
    return channel.next_due_at is not None and channel.schedule.date_of(channel.next_due_at) <= before.day


def _until(schedule: Schedule, due_at: datetime, now: datetime) -> Iterator[datetime | None]:
    """Yield the dates that people are shown from `due_at` on: those that are over at `now`, and the one after them."""
    shown: datetime | None = due_at
    while shown is not None and shown <= now:
        yield shown
        shown = next(iter(schedule.upcoming(shown, 2)[1:]), None)
    yield shown
