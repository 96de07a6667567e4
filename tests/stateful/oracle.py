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
from bot.domain.deliveries import DeliveryKind
from bot.domain.roundups import REGULAR, RoundupKind
from bot.domain.schedules import Schedule
from bot.storage import channels, wins
from bot.storage.channels import Channel
from bot.storage.tables import audit_log, deliveries, roundup_items, roundups
from tests.stateful.bot import GRACE

ChannelKey = tuple[str, str]
ACTIONS_THAT_MOVE = (
    AuditAction.CONFIGURED,
    AuditAction.SETTINGS_CHANGED,
    AuditAction.BOT_LEFT,
    AuditAction.BOT_RETURNED,
    AuditAction.BECAME_PRIVATE,
)
"""What may move a date; each says which one is next."""
STATEMENTS_THAT_MOVE = ("INSERT INTO audit", "INSERT INTO roundups", "UPDATE channels")
"""How the statements begin that may move a date."""


@dataclass(frozen=True)
class Announced:
    """What a channel was told: its next roundup, and on which local `day` that is."""

    due_at: datetime | None = None
    day: date | None = None


class Oracle:
    """What every channel was told, and, in `broken`, where something else came."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.configured_since: dict[ChannelKey, int] = {}
        """The last delivery before a channel was set up: from then on it has an owner."""
        self.left: defaultdict[ChannelKey, set[int]] = defaultdict(set)
        """The wins (ids) that a channel's next roundup leaves for the one after."""
        self._announced: defaultdict[ChannelKey, Announced] = defaultdict(Announced)
        self._days: defaultdict[ChannelKey, set[date]] = defaultdict(set)
        self._reminded: set[tuple[ChannelKey, datetime | None]] = set()
        self._last_ids = {audit_log: 0, roundups: 0, deliveries: 0}

    def check(self, connection: Connection, teams: tuple[str, ...], now: datetime) -> None:
        """Compare what a commit did, at `now` by the bot's clock, with what was promised before."""
        entries, new_roundups, new_deliveries = (
            self._new_rows(connection, table) for table in (audit_log, roundups, deliveries)
        )
        for team_id in teams:
            for channel in channels.of_team(connection, team_id):
                channel_key = (team_id, channel.channel_id)
                if channel.unavailable_reason is not None and channel.next_due_at is not None:
                    self.violations.append(f"{channel.next_due_at} is due where the bot can't post")
                moved = [row for row in entries.get(channel_key, ()) if row.action in ACTIONS_THAT_MOVE]
                scheduled = [row for row in new_roundups.get(channel_key, ()) if row.kind is RoundupKind.SCHEDULED]
                if moved:
                    self._check_change(connection, channel, moved, scheduled, now)
                elif scheduled or channel.next_due_at != self._announced[channel_key].due_at:
                    self._check_due(connection, channel, scheduled, now)
                told = [row.id for row in new_roundups.get(channel_key, ()) if row.kind in REGULAR]
                self._check_left(connection, channel_key, told)
                for row in new_deliveries.get(channel_key, ()):
                    if row.kind == DeliveryKind.REMINDER:
                        self._check_reminder(channel)

    def _new_rows(self, connection: Connection, table: Any) -> dict[ChannelKey, list[Any]]:
        found: defaultdict[ChannelKey, list[Any]] = defaultdict(list)
        for row in connection.execute(select(table).where(table.c.id > self._last_ids[table]).order_by(table.c.id)):
            self._last_ids[table] = row.id
            found[row.team_id, row.channel_id].append(row)
        return found

    def _check_change(
        self, connection: Connection, channel: Channel, entries: list[Any], scheduled: list[Any], now: datetime
    ) -> None:
        channel_key = (channel.team_id, channel.channel_id)
        if entries[-1].next_due_at != channel.next_due_at:
            self.violations.append(f"{entries[-1].next_due_at} is announced, and {channel.next_due_at} is due")
        if scheduled:
            self.violations.append("a change makes no roundup")
        if any(entry.action is AuditAction.CONFIGURED for entry in entries):
            self.configured_since[channel_key] = connection.execute(select(func.max(deliveries.c.id))).scalar_one() or 0
        before = self._announced[channel_key]
        is_over = before.due_at is not None and before.due_at <= now
        if is_over and channel.unavailable_reason is None and not _is_honoured(channel, before):
            self.violations.append(f"{before.due_at} was promised, and a change at {now} made it {channel.next_due_at}")
        if channel.next_due_at is None or channel.next_due_at != before.due_at:
            self._record_announced(channel)

    def _record_announced(self, channel: Channel) -> None:
        due_at = channel.next_due_at
        announced = Announced() if due_at is None else Announced(due_at, channel.schedule.date_of(due_at))
        self._announced[channel.team_id, channel.channel_id] = announced

    def _check_due(self, connection: Connection, channel: Channel, scheduled: list[Any], now: datetime) -> None:
        """A beat went on to the next date, with or without a roundup: nothing else moves one."""
        channel_key = (channel.team_id, channel.channel_id)
        before = self._announced[channel_key]
        if before.due_at is None or before.due_at > now:
            self.violations.append(f"{before.due_at} was promised, and at {now} it became {channel.next_due_at}")
            self._record_announced(channel)
            return
        *_, last, following = _dates_until(channel.schedule, before.due_at, now)
        if last != before.due_at:
            self._check_left_no_longer(connection, channel_key, is_in_time=last is not None and now - last <= GRACE)
        elif not scheduled:
            self.left.pop(channel_key, None)
        if [row.due_at for row in scheduled] not in ([], [last]):
            self.violations.append(
                f"{before.due_at} was promised, and {[row.due_at for row in scheduled]} came at {now}"
            )
        if channel.next_due_at != following:
            self.violations.append(f"{following} follows {last}, and {channel.next_due_at} is due")
        for row in scheduled:
            day = before.day if row.due_at == before.due_at else channel.schedule.date_of(row.due_at)
            assert day is not None, "what was promised has a day"
            if day in self._days[channel_key]:
                self.violations.append(f"{day} has two roundups")
            self._days[channel_key].add(day)
        self._record_announced(channel)

    def _check_left(self, connection: Connection, channel_key: ChannelKey, roundup_ids: list[int]) -> None:
        """What was left for the roundup after the next one is not in the next one."""
        if roundup_ids:
            in_them = select(roundup_items.c.win_id).where(roundup_items.c.roundup_id.in_(roundup_ids))
            if told := self.left[channel_key].intersection(connection.scalars(in_them)):
                self.violations.append(f"{sorted(told)} were left for later, and the next roundup tells them")
            self.left.pop(channel_key)

    def _check_left_no_longer(self, connection: Connection, channel_key: ChannelKey, *, is_in_time: bool) -> None:
        """The date of the roundup that was to leave wins is over, so the one that comes, if it is in time, has them."""
        left = self.left.pop(channel_key, set())
        still_open = {win.id for win in wins.open_in(connection, *channel_key)}
        if is_in_time and (untold := left & still_open):
            self.violations.append(f"{sorted(untold)} were left for the roundup that came, which does not tell them")

    def _check_reminder(self, channel: Channel) -> None:
        occurrence = ((channel.team_id, channel.channel_id), channel.next_due_at)
        if channel.settings is None or not channel.settings.sends_reminder:
            self.violations.append("nobody asked for a reminder")
        if occurrence in self._reminded or channel.next_due_at is None:
            self.violations.append(f"{channel.next_due_at} is not to be reminded of")
        self._reminded.add(occurrence)


def _is_honoured(channel: Channel, before: Announced) -> bool:
    """Whether a roundup that is overdue still comes on its day, or as promised; a pause or a skipped date takes it."""
    assert before.day is not None, "what was promised has a day"
    if not channel.schedule.allows(before.day) or channel.next_due_at == before.due_at:
        return True
    return channel.next_due_at is not None and channel.schedule.date_of(channel.next_due_at) <= before.day


def _dates_until(schedule: Schedule, due_at: datetime, now: datetime) -> Iterator[datetime | None]:
    """Yield the dates that people are shown from `due_at` on: those that are over at `now`, and the one after them."""
    due: datetime | None = due_at
    while due is not None and due <= now:
        yield due
        due = next(iter(schedule.upcoming(due, 2)[1:]), None)
    yield due
