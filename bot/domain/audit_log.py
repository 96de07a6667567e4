"""Changes: what the audit log keeps of what people did to settings, and of what Slack did to channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class AuditAction(StrEnum):
    """What happened. `before` and `after` of the change hold a `Setup` where nothing else is said."""

    CONFIGURED = "configured"
    """A channel was set up for the first time."""
    SETTINGS_CHANGED = "settings_changed"
    """Its settings were changed: a pause and a skipped date as well."""
    OWNER_CHANGED = "owner_changed"
    """Somebody answers for the channel from now on (`{"owner": user id}`)."""
    POSTED_EARLY = "posted_early"
    """A roundup was posted before its time (`{"wins": number, "roundup_id": id}`)."""
    DELIVERY_RESOLVED = "delivery_resolved"
    """Somebody said what becomes of a message (`{"state": ...}` of the delivery)."""
    DEFAULTS_CHANGED = "defaults_changed"
    """The workspace's defaults were changed (`Defaults`)."""
    BOT_LEFT = "bot_left"
    """The bot can't post in the channel any more (`{"unavailable_reason": an Unavailability}`)."""
    BOT_RETURNED = "bot_returned"
    """It can again (the same before)."""
    CHANNEL_ID_CHANGED = "channel_id_changed"
    """Slack gave the channel another id (`{"channel_id": ...}`)."""
    BECAME_PRIVATE = "became_private"
    """The channel became private, so its roundup stays in it (`Setup`)."""


class Unavailability(StrEnum):
    """Why the bot can't post in a channel."""

    REMOVED = "removed"
    ARCHIVED = "archived"
    DELETED = "deleted"


Snapshot = Mapping[str, Any]


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the audit log. `actor_id` is None where Slack did not say who; `at` is UTC.

    `channel_id` is None for the workspace's own settings; `before` and `after` are JSON values: see `Kind`.
    """

    id: int
    team_id: str
    channel_id: str | None
    actor_id: str | None
    action: AuditAction
    before: Snapshot | None
    after: Snapshot | None
    created_at: datetime
    next_due_at: datetime | None = None
    """When (UTC) the next roundup was promised with it; None for never."""

    @property
    def user_ids(self) -> tuple[str, ...]:
        """Everybody whose name is needed to tell it."""
        manager_ids = {
            user_id for snapshot in (self.before, self.after) for user_id in (snapshot or {}).get("managers", ())
        }
        return tuple(filter(None, [self.actor_id, *sorted(manager_ids)]))
