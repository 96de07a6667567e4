"""A note: what somebody who set a channel up is told when messages there need them."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit_log import AuditEntry
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.slack_errors import ErrorMeaning


@dataclass(frozen=True)
class StuckDelivery:
    """A delivery that a note tells of, and how far it is by now.

    `due_at` is when the roundup was promised (UTC), None for an announcement; `zone` the channel's, None while it has
    none. `kind`, `state` and `error` are the delivery's own, and `posts_in` is where it is to be read, which for a
    roundup may be another channel. `refusal` is what `error` means, if that is known.
    """

    key: str
    kind: DeliveryKind
    channel_id: str
    state: DeliveryState
    error: str | None
    due_at: datetime | None
    zone: str | None
    target_channel_id: str | None = None
    refusal: ErrorMeaning | None = None


@dataclass(frozen=True)
class OwnerAlert:
    """All that one note tells of, the oldest first: deliveries, and what happened to channels.

    It `is_last` when its reader wants no more of them.
    """

    stuck_deliveries: tuple[StuckDelivery, ...]
    audit_entries: tuple[AuditEntry, ...] = ()
    is_opted_out: bool = False

    @property
    def user_ids(self) -> tuple[str, ...]:
        """Everybody whose name is needed to show it."""
        return tuple(user_id for entry in self.audit_entries for user_id in entry.user_ids)
