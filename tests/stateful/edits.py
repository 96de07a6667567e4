"""What people do to a channel's settings in the machine: each edit makes new settings of those that are there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from hypothesis import strategies as st

from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.editions import Edition
from bot.domain.recurrence import Daily, MonthlyOnDay, MonthlyOnWeekday, Rule, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.storage.channels import Channel

Edit = Callable[[Channel, datetime], ChannelSettings]
"""edit(channel, now): the settings that someone asks for."""

RULES: tuple[Rule, ...] = (
    Weekly((Weekday.FRIDAY,)),
    Daily(),
    Weekly((Weekday.MONDAY, Weekday.THURSDAY), interval=2),
    MonthlyOnDay(31),
    MonthlyOnWeekday(-1, Weekday.FRIDAY, interval=3),
)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu", "UTC")
OTHER_CHANNEL = {"C1": "C2", "C2": "C1"}
"""For each channel the one that its roundup may go to instead."""


def settings_of(channel: Channel, now: datetime) -> ChannelSettings:
    """Return the settings that are there, or those that are proposed where no one has said yes."""
    return channel.settings or ChannelSettings(Schedule(RULES[0], now.date(), time(16, 30), ZONES[0]))


@dataclass(frozen=True)
class Moves:
    """Another time of day, zone or rule; None leaves what is there."""

    rule: Rule | None
    hour: int | None
    zone: str | None

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        before = settings_of(channel, now)
        schedule = before.schedule
        at = schedule.local_time if self.hour is None else time(self.hour, 30)
        return before.with_schedule(
            replace(schedule, rule=self.rule or schedule.rule, local_time=at, zone=self.zone or schedule.zone)
        )


@dataclass(frozen=True)
class Begins:
    """Settings of one's own, from today on, and not tomorrow."""

    rule: Rule
    hour: int
    zone: str

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        today = now.date()
        schedule = Schedule(self.rule, today, time(self.hour, 30), self.zone)
        return settings_of(channel, now).with_schedule(schedule.skipping(today + timedelta(days=1)))


@dataclass(frozen=True)
class Pauses:
    """A pause of so many days, or with no end."""

    days: int | None

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        before = settings_of(channel, now)
        today = before.schedule.local_date(now)
        until = None if self.days is None else today + timedelta(days=self.days)
        return before.with_schedule(before.schedule.resumed().paused(until))


@dataclass(frozen=True)
class Resumes:
    """No pause any more."""

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        before = settings_of(channel, now)
        return before.with_schedule(before.schedule.resumed())


@dataclass(frozen=True)
class Skips:
    """Not this time: without the date that is waited for. With `brings_back`, every skipped date is one again."""

    brings_back: bool

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        before = settings_of(channel, now)
        schedule = before.schedule
        if self.brings_back:
            return before.with_schedule(replace(schedule, skipped_dates=frozenset()))
        if channel.next_due_at is None:
            return before
        return before.with_schedule(schedule.skipping(schedule.date_of(channel.next_due_at)))


@dataclass(frozen=True)
class Chooses:
    """What a quiet week brings, the line on the day before, and who else may change this."""

    quiet: QuietPolicy
    sends_reminder: bool
    names_managers: bool

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        managers = frozenset({f"U2{channel.team_id}", f"U3{channel.team_id}"}) if self.names_managers else frozenset()
        return replace(
            settings_of(channel, now), quiet_policy=self.quiet, wants_reminder=self.sends_reminder, manager_ids=managers
        )


@dataclass(frozen=True)
class Sends:
    """The roundup comes in the other channel of the workspace, if there is one, or at home again."""

    elsewhere: bool

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        target_channel_id = OTHER_CHANNEL.get(channel.channel_id) if self.elsewhere else None
        return replace(settings_of(channel, now), target_channel_id=target_channel_id)


@dataclass(frozen=True)
class LooksBack:
    """These looks back, or none."""

    editions: frozenset[Edition]

    def __call__(self, channel: Channel, now: datetime) -> ChannelSettings:
        return replace(settings_of(channel, now), editions=self.editions)


_hours = st.sampled_from([0, 2, 9, 16, 23])
_rules = st.sampled_from(RULES)
_zones = st.sampled_from(ZONES)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Begins, _rules, _hours, _zones),
    st.builds(Moves, st.none(), _hours, st.none()),
    st.builds(Moves, st.one_of(st.none(), _rules), st.one_of(st.none(), _hours), st.one_of(st.none(), _zones)),
    st.builds(Pauses, st.sampled_from([None, 0, 1, 5])),
    st.builds(Resumes),
    st.builds(Skips, st.booleans()),
    st.builds(Sends, st.sampled_from([True, True, False])),
    st.builds(LooksBack, st.sampled_from([frozenset(), frozenset({Edition.QUARTERLY}), frozenset(Edition)])),
    st.builds(Chooses, st.sampled_from(QuietPolicy), st.booleans(), st.booleans()),
)
