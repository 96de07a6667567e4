"""How a channel is set up: its schedule, where its roundup goes, what a quiet week brings, and who may change that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.schedules import FALLBACK_ZONE, FRIDAY_AFTERNOON, Daily, Rule, Schedule, parse_rule


class Conflict(Exception):
    """Somebody changed the settings since they were shown to whoever changes them now."""


class WouldLeak(Exception):
    """A private channel's roundup would be read by people who are not in it."""


class UnknownTarget(Exception):
    """Slack says nothing of the channel that a roundup is to go to, or nothing of its own: the bot may not be in it."""


class TargetForbidden(Exception):
    """Whoever sends a roundup to another channel may not change that one's settings."""


class ChannelUnreachable(Exception):
    """The bot can't post in the channel that a roundup is to go to."""

    def __init__(self, unavailable_reason: Unavailability) -> None:
        super().__init__(unavailable_reason)
        self.unavailable_reason = unavailable_reason


class QuietPolicy(StrEnum):
    """What happens when a roundup is due and there is no win to tell."""

    SILENT = "silent"
    LINE = "line"
    """One friendly line, which blames nobody."""


@dataclass(frozen=True)
class ChannelSettings:
    """A channel's settings. `posts_in` is another channel that gets the roundup, None for the channel itself.

    `reminds` asks for a line on the day before, which a daily roundup never has; `managers` (user ids) may change all
    this beside admins and the channel's creator. A schedule that `is_paused` is what people call switched off.
    """

    schedule: Schedule
    target_channel_id: str | None = None
    quiet_policy: QuietPolicy = QuietPolicy.SILENT
    wants_reminder: bool = False
    manager_ids: frozenset[str] = field(default_factory=frozenset)

    def with_schedule(self, schedule: Schedule) -> "ChannelSettings":
        """Return the settings with another schedule."""
        return replace(self, schedule=schedule)

    @property
    def sends_reminder(self) -> bool:
        """Whether there is a line on the day before: never before a daily roundup, which would come with the last."""
        return self.wants_reminder and not isinstance(self.schedule.rule, Daily)

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
            "posts_in": self.target_channel_id,
            "quiet": self.quiet_policy.value,
            "reminds": self.wants_reminder,
            "managers": sorted(self.manager_ids),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ChannelSettings":
        """Read what `to_json` returned. Raises KeyError, TypeError or ValueError (also RuleIsUnknown) for others."""
        paused_until = data["paused_until"]
        return cls(
            Schedule(
                rule=parse_rule(data["rule"]),
                starts_on=date.fromisoformat(data["starts_on"]),
                local_time=time.fromisoformat(data["at"]),
                zone=data["zone"],
                paused_until=date.fromisoformat(paused_until) if paused_until else None,
                is_paused=data["is_paused"],
                skipped_dates=frozenset(date.fromisoformat(day) for day in data["skipped"]),
            ),
            target_channel_id=data["posts_in"],
            quiet_policy=QuietPolicy(data["quiet"]),
            wants_reminder=data["reminds"],
            manager_ids=frozenset(data["managers"]),
        )


@dataclass(frozen=True)
class WorkspaceDefaults:
    """What a workspace's new channels begin with; `zone` None is that of whoever sets the channel up."""

    rule: Rule = FRIDAY_AFTERNOON[0]
    local_time: time = FRIDAY_AFTERNOON[1]
    zone: str | None = None
    quiet_policy: QuietPolicy = QuietPolicy.SILENT

    def default_settings(self, *, zone: str | None, today: date) -> ChannelSettings:
        """Return the settings to propose to somebody whose own zone is `zone` (None where Slack gives none)."""
        return ChannelSettings(
            Schedule(self.rule, today, self.local_time, self.zone or zone or FALLBACK_ZONE),
            quiet_policy=self.quiet_policy,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the defaults as JSON values, for the audit log."""
        return {
            "rule": self.rule.rrule,
            "at": f"{self.local_time:%H:%M}",
            "zone": self.zone,
            "quiet": self.quiet_policy.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "WorkspaceDefaults":
        """Read what `to_json` returned."""
        return cls(parse_rule(data["rule"]), time.fromisoformat(data["at"]), data["zone"], QuietPolicy(data["quiet"]))
