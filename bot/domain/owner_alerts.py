"""A note: what somebody who set a channel up is told when messages there need them."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit_log import AuditEntry


@dataclass(frozen=True)
class Matter:
    """A delivery that a note tells of, and how far it is by now.

    `due_at` is when the roundup was promised (UTC), None for an announcement; `zone` the channel's, None while it has
    none. `kind`, `state` and `error` are the delivery's own, and `posts_in` is where it is to be read, which for a
    roundup may be another channel.
    """

    key: str
    kind: str
    channel_id: str
    state: str
    error: str | None
    due_at: datetime | None
    zone: str | None
    posts_in: str | None = None


@dataclass(frozen=True)
class Note:
    """All that one note tells of, the oldest first: deliveries, and what happened to channels.

    It `is_last` when its reader wants no more of them.
    """

    matters: tuple[Matter, ...]
    news: tuple[AuditEntry, ...] = ()
    is_last: bool = False

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose name is needed to show it."""
        return tuple(person for change in self.news for person in change.user_ids)
