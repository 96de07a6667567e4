"""The audit log: what people did to settings, and what Slack did to channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class AuditAction(StrEnum):
    """What happened. `before` and `after` of the entry hold ChannelSettings unless another content is given here."""

    CONFIGURED = "configured"
    """A channel was set up for the first time."""
    SETTINGS_CHANGED = "settings_changed"
    """Its settings were changed, also by a pause or a skipped date."""
    OWNER_CHANGED = "owner_changed"
    """The channel has another owner (`{"owner": user id}`)."""
    POSTED_EARLY = "posted_early"
    """A roundup was posted early (`{"wins": number, "roundup_id": id}`)."""
    NEXT_ROUNDUP_CHANGED = "next_roundup_changed"
    """The note of the next roundup, or which wins it leaves, was changed (`{"note": text or None, "left": number}`)."""
    DELIVERY_RESOLVED = "delivery_resolved"
    """A person resolved a delivery that needed attention (`{"state": ...}` of the delivery)."""
    DEFAULTS_CHANGED = "defaults_changed"
    """The workspace's defaults were changed (`WorkspaceDefaults`)."""
    BOT_LEFT = "bot_left"
    """The bot can no longer post in the channel (`{"unavailable_reason": Unavailability}`)."""
    BOT_RETURNED = "bot_returned"
    """It can again (the same before)."""
    CHANNEL_ID_CHANGED = "channel_id_changed"
    """Slack gave the channel another id (`{"channel_id": ...}`)."""
    BECAME_PRIVATE = "became_private"
    """The channel became private, so its roundup stays in it."""


class Unavailability(StrEnum):
    """Why the bot can't post in a channel."""

    REMOVED = "removed"
    ARCHIVED = "archived"
    DELETED = "deleted"


Snapshot = Mapping[str, Any]


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the audit log. `actor_id` is None if Slack did not say who acted; `created_at` is UTC.

    `channel_id` is None for the workspace's own settings. `before` and `after` are JSON values: see `AuditAction`.
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
    """When (UTC) the next roundup was due after the change; None for never."""

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show it."""
        manager_ids = {
            user_id for snapshot in (self.before, self.after) for user_id in (snapshot or {}).get("managers", ())
        }
        return tuple(filter(None, [self.actor_id, *sorted(manager_ids)]))
