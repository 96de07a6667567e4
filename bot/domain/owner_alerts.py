"""Owner alerts: what a channel's owner reads when deliveries of the channel need attention."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit_log import AuditEntry
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.slack_errors import ErrorMeaning


@dataclass(frozen=True)
class StuckDelivery:
    """A delivery that an owner alert mentions, in its current state.

    `due_at` is when the roundup is due (UTC), None for an announcement. `zone` is the channel's, None if it has none.
    `target_channel_id` is where the message is posted, which for a roundup may be another channel.
    `ts` is the message, None if it is not in Slack. `shows_hidden` is whether it shows an undone or private win,
    `is_of_workspace` whether it is the workspace's roundup, and `channel_id` the channel that gets it. `thread_ts` is
    the thread that a link to it leads into, None if it is in none, or in one that may tell who "a teammate" is.
    `refusal` is what `error` means, if that is known. It stands for `similar_count` other messages, too.
    """

    key: str
    kind: DeliveryKind
    channel_id: str
    state: DeliveryState
    error: str | None
    due_at: datetime | None
    zone: str | None
    target_channel_id: str | None = None
    ts: str | None = None
    shows_hidden: bool = False
    is_of_workspace: bool = False
    thread_ts: str | None = None
    refusal: ErrorMeaning | None = None
    similar_count: int = 0

    @property
    def looks_back(self) -> bool:
        """Whether it tells wins that roundups have told, so that none is lost with it."""
        return self.kind == DeliveryKind.EDITION

    @property
    def is_change_refused(self) -> bool:
        """Whether the message is in Slack, and Slack refused to update or delete it."""
        return self.state is DeliveryState.POSTED and self.error is not None

    @property
    def lacks_cheers_only(self) -> bool:
        """Whether its refused change would only have shown who cheers."""
        return self.is_change_refused and not self.shows_hidden


@dataclass(frozen=True)
class OwnerAlert:
    """All that one alert mentions, the oldest first: deliveries, and what happened to channels.

    `is_opted_out`: its reader has stopped such alerts.
    """

    stuck_deliveries: tuple[StuckDelivery, ...]
    audit_entries: tuple[AuditEntry, ...] = ()
    is_opted_out: bool = False

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show it."""
        return tuple(user_id for entry in self.audit_entries for user_id in entry.user_ids)
