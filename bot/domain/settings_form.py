"""What somebody enters into the form of a channel's settings: plain texts, made from a Setup and made into one.

An entry stays as it was entered while others change, also where the form does not show it just now: the weekdays of a
weekly roundup are still there when somebody looks at monthly ones and comes back.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from enum import StrEnum
from typing import Any

from bot.domain.channel_settings import Quiet, Setup
from bot.domain.pause_dates import is_resting
from bot.domain.schedules import (
    MONTHS_APART,
    Daily,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rule,
    RuleIsUnknown,
    Schedule,
    Weekday,
    Weekly,
    is_zone,
)

MOST_MANAGERS = 100
"""The most people that Slack shows as chosen in a field."""


class Cadence(StrEnum):
    """What kind of schedule it is."""

    DAILY = "daily"
    WEEKLY = "weekly"
    ON_DAY = "on_day"
    """On a date of the month."""
    ON_WEEKDAY = "on_weekday"
    """On the first Monday, or the last Friday, of the month."""


class State(StrEnum):
    """Whether roundups come."""

    ON = "on"
    OFF = "off"
    PAUSED = "paused"
    """Until a date that was chosen elsewhere."""


class Incomplete(Exception):
    """Entries that make no settings. `fields` are the names of those that are missing or wrong."""

    def __init__(self, *fields: str) -> None:
        super().__init__(*fields)
        self.fields = fields


@dataclass(frozen=True)
class Entries:
    """The entries, each as text: weekdays as their codes ("FR"), days and intervals as numbers, a date as ISO has it.

    `posts_in` is always a channel, that of the form for itself. `starts_on` is what every second week is counted from.
    """

    state: str = State.ON
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
    quiet: str = Quiet.SILENT
    reminds: str = "no"
    managers: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it matters from which day the weeks or months are counted."""
        apart = {Cadence.WEEKLY: self.every_weeks, Cadence.DAILY: "1"}
        return apart.get(Cadence(self.cadence), self.every_months) != "1"

    @property
    def is_sound(self) -> bool:
        """Whether each entry is of its type, and a form can show them: what is none of its choices can't be chosen."""
        lists = (self.weekdays, self.managers)
        others = {name: value for name, value in vars(self).items() if name not in ("weekdays", "managers")}
        return (
            all(isinstance(each, tuple) and all(isinstance(one, str) for one in each) for each in lists)
            and all(isinstance(each, str) or (each is None and name in _MAY_BE_EMPTY) for name, each in others.items())
            and self.cadence in set(Cadence)
            and (self.zone is None or is_zone(self.zone))
            and (self.starts_on is None or _is_date(self.starts_on))
            and (self.at is None or _is_time(self.at))
        )

    def entered(self, fields: Mapping[str, Any]) -> "Entries":
        """Return the entries with what was entered into `fields`; names that are no entry are left out."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in fields.items()
            if name in Entries.__dataclass_fields__ and (value is not None or name in _MAY_BE_EMPTY)
        }
        return replace(self, **known)

    def to_json(self) -> dict[str, Any]:
        """Return the entries as JSON values."""
        return asdict(self)

    def setup(self, base: Setup, *, channel_id: str, today: date) -> Setup:
        """Return the settings that these entries make, where `base` are those that the form began with.

        `today` is the date in the channel's zone. Raises Incomplete.
        """
        wrong = [name for name, is_right in self._checked() if not is_right]
        if wrong:
            raise Incomplete(*wrong)
        assert self.zone is not None, "it was checked"
        assert self.at is not None, "it was checked"
        rule = self._rule()
        kept = base.schedule
        if self.counts and self.starts_on is not None:
            starts_on = date.fromisoformat(self.starts_on)
        else:
            starts_on = kept.starts_on if rule == kept.rule else today
        schedule = Schedule(rule, starts_on, time.fromisoformat(self.at), self.zone)
        schedule = schedule.skipping(*(day for day in kept.skipped if schedule.falls_on(day)))
        if self.state == State.OFF:
            schedule = schedule.paused(None)
        elif self.state == State.PAUSED or not is_resting(kept, today):
            schedule = replace(schedule, paused_until=kept.paused_until)  # one that is over stays where it was
        return Setup(
            schedule,
            posts_in=None if self.posts_in == channel_id else self.posts_in,
            quiet=Quiet(self.quiet),
            reminds=self.reminds == "yes",
            managers=frozenset(self.managers),
        )

    def _checked(self) -> list[tuple[str, bool]]:
        return [
            ("weekdays", bool(self.weekdays) or self.cadence not in (Cadence.DAILY, Cadence.WEEKLY)),
            ("at", _is_time(self.at)),
            ("zone", is_zone(self.zone)),
            ("posts_in", bool(self.posts_in)),
            ("starts_on", self.starts_on is None or _is_date(self.starts_on)),
            ("cadence", self._is_rule()),
            ("state", self.state in set(State)),
            ("quiet", self.quiet in set(Quiet)),
            ("managers", len(self.managers) <= MOST_MANAGERS),
        ]

    def _is_rule(self) -> bool:
        if not self.weekdays and self.cadence in (Cadence.DAILY, Cadence.WEEKLY):
            return True  # that is said of the weekdays
        try:
            self._rule()
        except (RuleIsUnknown, ValueError, KeyError):
            return False
        return True

    def _rule(self) -> Rule:
        match Cadence(self.cadence):
            case Cadence.DAILY:
                return Daily(tuple(WEEKDAYS[code] for code in self.weekdays))
            case Cadence.WEEKLY:
                return Weekly(tuple(WEEKDAYS[code] for code in self.weekdays), int(self.every_weeks))
            case Cadence.ON_DAY:
                return MonthlyOnDay(int(self.day), int(self.every_months))
            case Cadence.ON_WEEKDAY:
                return MonthlyOnWeekday(int(self.place), WEEKDAYS[self.weekday], int(self.every_months))


_MAY_BE_EMPTY = ("starts_on", "at", "zone", "posts_in")
WEEKDAYS = {weekday.code: weekday for weekday in Weekday}
EVERY_MONTHS = tuple(str(number) for number in MONTHS_APART)


def of_setup(setup: Setup, *, channel_id: str, today: date) -> Entries:
    """Return the entries that make these settings; `today` is the date in the channel's zone."""
    schedule = setup.schedule
    state = State.OFF if schedule.is_paused else State.PAUSED if is_resting(schedule, today) else State.ON
    return replace(
        _of_rule(schedule.rule),
        state=state,
        starts_on=schedule.starts_on.isoformat(),
        at=f"{schedule.at:%H:%M}",
        zone=schedule.zone,
        posts_in=setup.posts_in or channel_id,
        quiet=setup.quiet,
        reminds="yes" if setup.reminds else "no",
        managers=tuple(sorted(setup.managers)),
    )


def _of_rule(rule: Rule) -> Entries:
    match rule:
        case Daily(weekdays):
            return Entries(cadence=Cadence.DAILY, weekdays=tuple(day.code for day in weekdays))
        case Weekly(weekdays, every):
            codes = tuple(day.code for day in weekdays)
            return Entries(cadence=Cadence.WEEKLY, weekdays=codes, weekday=codes[0], every_weeks=str(every))
        case MonthlyOnDay(day, every):
            return Entries(cadence=Cadence.ON_DAY, day=str(day), every_months=str(every))
        case MonthlyOnWeekday(number, weekday, every):
            return Entries(
                cadence=Cadence.ON_WEEKDAY,
                place=str(number),
                weekday=weekday.code,
                weekdays=(weekday.code,),
                every_months=str(every),
            )


def _is_time(text: str | None) -> bool:
    try:
        at = time.fromisoformat(text or "")
    except ValueError:
        return False
    return at == at.replace(second=0, microsecond=0, tzinfo=None)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
