"""How a channel is set up: its schedule, where its roundup goes, what a quiet week brings, and who may change that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.schedules import FALLBACK_ZONE, FRIDAY_AFTERNOON, Daily, Rule, Schedule, parse_rule


class ChangedMeanwhile(Exception):
    """Somebody changed the settings since they were shown to whoever changes them now."""


class WouldLeak(Exception):
    """A private channel's roundup would be read by people who are not in it."""


class TargetIsNotKnown(Exception):
    """Slack says nothing of the channel that a roundup is to go to, or nothing of its own: the bot may not be in it."""


class TargetIsNotYours(Exception):
    """Whoever sends a roundup to another channel may not change that one's settings."""


class IsAway(Exception):
    """The bot can't post in the channel that a roundup is to go to."""

    def __init__(self, away: Unavailability) -> None:
        super().__init__(away)
        self.away = away


class Quiet(StrEnum):
    """What happens when a roundup is due and there is no win to tell."""

    SILENT = "silent"
    LINE = "line"
    """One friendly line, which blames nobody."""


@dataclass(frozen=True)
class Setup:
    """A channel's settings. `posts_in` is another channel that gets the roundup, None for the channel itself.

    `reminds` asks for a line on the day before, which a daily roundup never has; `managers` (user ids) may change all
    this beside admins and the channel's creator. A schedule that `is_paused` is what people call switched off.
    """

    schedule: Schedule
    posts_in: str | None = None
    quiet: Quiet = Quiet.SILENT
    reminds: bool = False
    managers: frozenset[str] = field(default_factory=frozenset)

    def with_schedule(self, schedule: Schedule) -> "Setup":
        """Return the settings with another schedule."""
        return replace(self, schedule=schedule)

    @property
    def reminds_really(self) -> bool:
        """Whether there is a line on the day before: never before a daily roundup, which would come with the last."""
        return self.reminds and not isinstance(self.schedule.rule, Daily)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values, for the audit log and for buttons."""
        schedule = self.schedule
        return {
            "rule": schedule.rule.rrule,
            "starts_on": schedule.starts_on.isoformat(),
            "at": f"{schedule.local_time:%H:%M}",
            "zone": schedule.zone,
            "paused_until": schedule.paused_until.isoformat() if schedule.paused_until else None,
            "is_paused": schedule.is_paused,
            "skipped": sorted(day.isoformat() for day in schedule.skipped_dates),
            "posts_in": self.posts_in,
            "quiet": self.quiet.value,
            "reminds": self.reminds,
            "managers": sorted(self.managers),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Setup":
        """Read what `to_json` returned. Raises KeyError, TypeError or ValueError (also RuleIsUnknown) for others."""
        until = kept["paused_until"]
        return cls(
            Schedule(
                rule=parse_rule(kept["rule"]),
                starts_on=date.fromisoformat(kept["starts_on"]),
                local_time=time.fromisoformat(kept["at"]),
                zone=kept["zone"],
                paused_until=date.fromisoformat(until) if until else None,
                is_paused=kept["is_paused"],
                skipped_dates=frozenset(date.fromisoformat(day) for day in kept["skipped"]),
            ),
            posts_in=kept["posts_in"],
            quiet=Quiet(kept["quiet"]),
            reminds=kept["reminds"],
            managers=frozenset(kept["managers"]),
        )


@dataclass(frozen=True)
class Defaults:
    """What a workspace's new channels begin with; `zone` None is that of whoever sets the channel up."""

    rule: Rule = FRIDAY_AFTERNOON[0]
    at: time = FRIDAY_AFTERNOON[1]
    zone: str | None = None
    quiet: Quiet = Quiet.SILENT

    def proposal(self, *, zone: str | None, today: date) -> Setup:
        """Return the settings to propose to somebody whose own zone is `zone` (None where Slack gives none)."""
        return Setup(Schedule(self.rule, today, self.at, self.zone or zone or FALLBACK_ZONE), quiet=self.quiet)

    def to_json(self) -> dict[str, Any]:
        """Return the defaults as JSON values, for the audit log."""
        return {"rule": self.rule.rrule, "at": f"{self.at:%H:%M}", "zone": self.zone, "quiet": self.quiet.value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Defaults":
        """Read what `to_json` returned."""
        return cls(parse_rule(kept["rule"]), time.fromisoformat(kept["at"]), kept["zone"], Quiet(kept["quiet"]))
