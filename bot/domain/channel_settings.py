"""A channel's settings: its schedule, where its roundup goes, what happens in a quiet week, and who may change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.editions import Edition, parse_editions
from bot.domain.recurrence import Daily, Rule, parse_rule
from bot.domain.schedules import FALLBACK_ZONE, FRIDAY_AFTERNOON, Schedule


class Conflict(Exception):
    """The settings were changed after the form that is now submitted was opened."""


class TurnsOff(Exception):
    """Roundups would be turned off, and the actor has not confirmed that yet."""


class WouldLeak(Exception):
    """A private channel's roundup would be posted where people outside the channel read it."""


class UnknownTarget(Exception):
    """Slack does not show the bot the target channel, or the channel itself: the bot may not be in it."""


class TargetForbidden(Exception):
    """The actor may not change the settings of the target channel. `helper_names` are of people who may."""

    def __init__(self, helper_names: Sequence[str] = ()) -> None:
        super().__init__()
        self.helper_names = tuple(helper_names)


class ChannelUnreachable(Exception):
    """The bot can't post in the target channel."""

    def __init__(self, unavailable_reason: Unavailability) -> None:
        super().__init__(unavailable_reason)
        self.unavailable_reason = unavailable_reason


class QuietPolicy(StrEnum):
    """What happens when a roundup is due and there are no open wins."""

    SILENT = "silent"
    LINE = "line"
    """One friendly line that blames no one."""


@dataclass(frozen=True)
class ChannelSettings:
    """A channel's settings. `target_channel_id` is another channel that gets the roundup, None for the channel itself.

    `wants_reminder` asks for a line on the day before, which a daily roundup never has. The users in `manager_ids` may
    change the settings, as admins and the channel's creator may. A reaction with `win_emoji` (a name without colons)
    suggests that a message is a win. The workspace's roundup may tell the wins of a public channel that
    `joins_workspace_roundup`.
    """

    schedule: Schedule
    target_channel_id: str | None = None
    quiet_policy: QuietPolicy = QuietPolicy.SILENT
    wants_reminder: bool = False
    manager_ids: frozenset[str] = field(default_factory=frozenset)
    win_emoji: str | None = None
    editions: frozenset[Edition] = field(default_factory=frozenset)
    joins_workspace_roundup: bool = False

    @property
    def is_shown_elsewhere(self) -> bool:
        """Whether other channels show its wins, as those of a private channel may not be."""
        return self.target_channel_id is not None or self.joins_workspace_roundup

    def with_schedule(self, schedule: Schedule) -> "ChannelSettings":
        """Return the settings with another schedule."""
        return replace(self, schedule=schedule)

    @property
    def sends_reminder(self) -> bool:
        """Whether there is a reminder on the day before: never for a daily roundup."""
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
            "is_off": schedule.is_off,
            "skipped": sorted(day.isoformat() for day in schedule.skipped_dates),
            "posts_in": self.target_channel_id,
            "quiet": self.quiet_policy.value,
            "reminds": self.wants_reminder,
            "managers": sorted(self.manager_ids),
            "emoji": self.win_emoji,
            "editions": sorted(self.editions),
            "joins": self.joins_workspace_roundup,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ChannelSettings":
        """Read what `to_json` returned. Raises KeyError, TypeError or ValueError (InvalidRule too) otherwise."""
        paused_until = data["paused_until"]
        return cls(
            Schedule(
                rule=parse_rule(data["rule"]),
                starts_on=date.fromisoformat(data["starts_on"]),
                local_time=time.fromisoformat(data["at"]),
                zone=data["zone"],
                paused_until=date.fromisoformat(paused_until) if paused_until else None,
                is_paused=data["is_paused"],
                is_off=data.get("is_off", False),  # the oldest entries of the audit log don't have it
                skipped_dates=frozenset(date.fromisoformat(day) for day in data["skipped"]),
            ),
            target_channel_id=data["posts_in"],
            quiet_policy=QuietPolicy(data["quiet"]),
            wants_reminder=data["reminds"],
            manager_ids=frozenset(data["managers"]),
            # Older entries of the audit log don't have these.
            win_emoji=data.get("emoji"),
            editions=parse_editions(data.get("editions", ())),
            joins_workspace_roundup=data.get("joins", False),
        )


@dataclass(frozen=True)
class WorkspaceDefaults:
    """The settings of a workspace's new channels. `zone` is None for that of the person who sets the channel up.

    The workspace's own roundup comes by the same rule, in `roundup_channel_id`; None for no such roundup.
    """

    rule: Rule = FRIDAY_AFTERNOON[0]
    local_time: time = FRIDAY_AFTERNOON[1]
    zone: str | None = None
    quiet_policy: QuietPolicy = QuietPolicy.SILENT
    roundup_channel_id: str | None = None

    def default_settings(self, *, zone: str | None, today: date) -> ChannelSettings:
        """Return the settings to propose to a person whose own zone is `zone` (None if Slack gives none)."""
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
            "roundup_in": self.roundup_channel_id,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "WorkspaceDefaults":
        """Read what `to_json` returned; older entries of the audit log don't have `roundup_in`."""
        return cls(
            parse_rule(data["rule"]),
            time.fromisoformat(data["at"]),
            data["zone"],
            QuietPolicy(data["quiet"]),
            data.get("roundup_in"),
        )
