"""The entries of the settings form as plain texts, and their conversion from and to ChannelSettings.

An entry is kept while others change, even if the form does not show it: the weekdays of a weekly roundup are still
there after a look at monthly ones.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.channel_state import ChannelState, schedule_state
from bot.domain.editions import Edition
from bot.domain.recurrence import (
    MONTH_INTERVALS,
    Daily,
    InvalidRule,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rule,
    Weekday,
    Weekly,
)
from bot.domain.schedules import FALLBACK_ZONE, Schedule, is_zone
from bot.domain.win_emoji import parse_emoji

MAX_MANAGERS = 100
"""The most people that a field of Slack's can show as chosen."""


class Cadence(StrEnum):
    """The type of a rule."""

    DAILY = "daily"
    WEEKLY = "weekly"
    ON_DAY = "on_day"
    """On a date of the month."""
    ON_WEEKDAY = "on_weekday"
    """On the first Monday, or the last Friday, of the month."""


class RoundupStatus(StrEnum):
    """Whether roundups come."""

    ON = "on"
    OFF = "off"
    PAUSED = "paused"
    """As they are when the form is opened: until a date, or until someone resumes them."""


JOINS_WORKSPACE_ROUNDUP = "workspace"
"""The entry that lets the workspace's roundup include a channel's wins, beside the editions that it gets."""
MORE_OPTIONS = (*map(str, Edition), JOINS_WORKSPACE_ROUNDUP)


class InvalidForm(Exception):
    """The entries are not valid settings. `fields` are the names of those that are missing or invalid."""

    def __init__(self, *fields: str) -> None:
        super().__init__(*fields)
        self.fields = fields


@dataclass(frozen=True)
class SettingsFormData:
    """The entries, each as text: weekdays as codes ("FR"), days and intervals as numbers, dates in ISO format.

    `posts_in` is the target channel, which may be the form's own. `starts_on` is the date that intervals count from.
    `emoji` is as someone types it, with colons or without. `more` is what is chosen of MORE_OPTIONS.
    """

    state: str = RoundupStatus.ON
    cadence: str = Cadence.WEEKLY
    weekdays: tuple[str, ...] = ("FR",)
    weekday: str = "FR"
    place: str = "-1"
    day: str = "1"
    every_weeks: str = "1"
    every_months: str = "1"
    starts_on: str | None = None
    at: str | None = "16:00"
    zone: str | None = None
    posts_in: str | None = None
    quiet: str = QuietPolicy.SILENT
    reminds: str = "no"
    managers: tuple[str, ...] = ()
    emoji: str | None = None
    more: tuple[str, ...] = ()

    @property
    def needs_start_date(self) -> bool:
        """Whether the rule has an interval that counts from a date."""
        intervals = {Cadence.WEEKLY: self.every_weeks, Cadence.DAILY: "1"}
        return intervals.get(Cadence(self.cadence), self.every_months) != "1"

    @property
    def is_well_typed(self) -> bool:
        """Whether each entry has the right type, and the form can show it."""
        lists = (self.weekdays, self.managers, self.more)
        others = {name: value for name, value in vars(self).items() if name not in ("weekdays", "managers", "more")}
        return (
            all(isinstance(each, tuple) and all(isinstance(one, str) for one in each) for each in lists)
            and all(isinstance(each, str) or (each is None and name in _OPTIONAL) for name, each in others.items())
            and self.cadence in set(Cadence)
            and (self.zone is None or is_zone(self.zone))
            and (self.starts_on is None or _is_date(self.starts_on))
            and (self.at is None or _is_time(self.at))
        )

    def updated(self, fields: Mapping[str, Any]) -> "SettingsFormData":
        """Return the entries updated with `fields`; unknown names are ignored."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in fields.items()
            if name in SettingsFormData.__dataclass_fields__ and (value is not None or name in _OPTIONAL)
        }
        return replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """Return the entries as JSON values."""
        return asdict(self)

    def local_date(self, now: datetime) -> date:
        """Return the date at `now` (aware) in the zone that is entered, or in UTC if none is."""
        return now.astimezone(ZoneInfo(self.zone if self.zone and is_zone(self.zone) else FALLBACK_ZONE)).date()

    def to_settings(self, current: ChannelSettings, *, channel_id: str, today: date) -> ChannelSettings:
        """Return the settings of these entries; `current` are those that the form was opened with.

        `today` is the date in the channel's zone. Raises InvalidForm.
        """
        invalid = [name for name, is_valid in self._checks() if not is_valid]
        if invalid:
            raise InvalidForm(*invalid)
        assert self.zone is not None, "it was checked"
        assert self.at is not None, "it was checked"
        rule = self._to_rule()
        current_schedule = current.schedule
        if self.needs_start_date and self.starts_on is not None:
            starts_on = date.fromisoformat(self.starts_on)
        else:
            starts_on = current_schedule.starts_on if rule == current_schedule.rule else today
        schedule = Schedule(rule, starts_on, time.fromisoformat(self.at), self.zone)
        schedule = schedule.skipping(*(day for day in current_schedule.skipped_dates if schedule.falls_on(day)))
        if self.state == RoundupStatus.OFF:
            schedule = schedule.turned_off()
        elif self.state == RoundupStatus.PAUSED or schedule_state(current_schedule, today) is ChannelState.ON:
            # A pause that is over is kept, too.
            paused_until, is_paused = current_schedule.paused_until, current_schedule.is_paused
            schedule = replace(schedule, paused_until=paused_until, is_paused=is_paused)
        return ChannelSettings(
            schedule,
            target_channel_id=None if self.posts_in == channel_id else self.posts_in,
            quiet_policy=QuietPolicy(self.quiet),
            wants_reminder=self.reminds == "yes",
            manager_ids=frozenset(self.managers),
            win_emoji=parse_emoji(self.emoji or "") or None,
            editions=frozenset(edition for edition in Edition if edition in self.more),
            joins_workspace_roundup=JOINS_WORKSPACE_ROUNDUP in self.more,
        )

    def _checks(self) -> list[tuple[str, bool]]:
        return [
            ("weekdays", bool(self.weekdays) or self.cadence not in (Cadence.DAILY, Cadence.WEEKLY)),
            ("at", _is_time(self.at)),
            ("zone", is_zone(self.zone)),
            ("posts_in", bool(self.posts_in)),
            ("starts_on", self.starts_on is None or _is_date(self.starts_on)),
            ("cadence", self._is_valid_rule()),
            ("state", self.state in set(RoundupStatus)),
            ("quiet", self.quiet in set(QuietPolicy)),
            ("managers", len(self.managers) <= MAX_MANAGERS),
            ("emoji", parse_emoji(self.emoji or "") is not None),
            ("more", set(self.more) <= set(MORE_OPTIONS)),
        ]

    def _is_valid_rule(self) -> bool:
        if not self.weekdays and self.cadence in (Cadence.DAILY, Cadence.WEEKLY):
            return True  # reported for the weekdays
        try:
            self._to_rule()
        except (InvalidRule, ValueError, KeyError):
            return False
        return True

    def _to_rule(self) -> Rule:
        match Cadence(self.cadence):
            case Cadence.DAILY:
                return Daily(tuple(WEEKDAY_BY_CODE[code] for code in self.weekdays))
            case Cadence.WEEKLY:
                return Weekly(tuple(WEEKDAY_BY_CODE[code] for code in self.weekdays), int(self.every_weeks))
            case Cadence.ON_DAY:
                return MonthlyOnDay(int(self.day), int(self.every_months))
            case Cadence.ON_WEEKDAY:
                return MonthlyOnWeekday(int(self.place), WEEKDAY_BY_CODE[self.weekday], int(self.every_months))


_OPTIONAL = ("starts_on", "at", "zone", "posts_in", "emoji")
WEEKDAY_BY_CODE = {weekday.code: weekday for weekday in Weekday}
_STATUS_BY_STATE = {
    ChannelState.ON: RoundupStatus.ON,
    ChannelState.PAUSED_UNTIL: RoundupStatus.PAUSED,
    ChannelState.PAUSED: RoundupStatus.PAUSED,
    ChannelState.OFF: RoundupStatus.OFF,
}
MONTH_INTERVAL_OPTIONS = tuple(str(number) for number in MONTH_INTERVALS)


def from_settings(settings: ChannelSettings, *, channel_id: str, today: date) -> SettingsFormData:
    """Return the entries for these settings; `today` is the date in the channel's zone."""
    schedule = settings.schedule
    return replace(
        _from_rule(schedule.rule),
        state=_STATUS_BY_STATE[schedule_state(schedule, today)],
        starts_on=schedule.starts_on.isoformat(),
        at=f"{schedule.local_time:%H:%M}",
        zone=schedule.zone,
        posts_in=settings.target_channel_id or channel_id,
        quiet=settings.quiet_policy,
        reminds="yes" if settings.wants_reminder else "no",
        managers=tuple(sorted(settings.manager_ids)),
        emoji=f":{settings.win_emoji}:" if settings.win_emoji else None,
        more=chosen_more(settings),
    )


def chosen_more(settings: ChannelSettings) -> tuple[str, ...]:
    """Return which of MORE_OPTIONS are chosen, in their order."""
    joins = (JOINS_WORKSPACE_ROUNDUP,) if settings.joins_workspace_roundup else ()
    return (*(str(edition) for edition in Edition if edition in settings.editions), *joins)


def _from_rule(rule: Rule) -> SettingsFormData:
    match rule:
        case Daily(weekdays):
            return SettingsFormData(cadence=Cadence.DAILY, weekdays=tuple(day.code for day in weekdays))
        case Weekly(weekdays, interval):
            codes = tuple(day.code for day in weekdays)
            return SettingsFormData(cadence=Cadence.WEEKLY, weekdays=codes, weekday=codes[0], every_weeks=str(interval))
        case MonthlyOnDay(day, interval):
            return SettingsFormData(cadence=Cadence.ON_DAY, day=str(day), every_months=str(interval))
        case MonthlyOnWeekday(nth, weekday, interval):
            return SettingsFormData(
                cadence=Cadence.ON_WEEKDAY,
                place=str(nth),
                weekday=weekday.code,
                weekdays=(weekday.code,),
                every_months=str(interval),
            )


def _is_time(text: str | None) -> bool:
    try:
        local_time = time.fromisoformat(text or "")
    except ValueError:
        return False
    return local_time == local_time.replace(second=0, microsecond=0, tzinfo=None)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
