"""The states, kinds and operations of a delivery: one message that the bot posts to Slack."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """What is known of a delivery's post."""

    PENDING = "pending"
    """Certainly not posted."""
    SENDING = "sending"
    """The request is under way; its response is not in yet."""
    POSTED = "posted"
    """Slack has the message, and `ts` says where. There is no `ts` if a person said that the message is there."""
    UNKNOWN = "unknown"
    """The message may be in Slack. The reconciler searches for it after the settle time."""
    NEEDS_REVIEW = "needs_review"
    """The message may be in Slack, but the bot can't search for it. A person has to look."""
    POSTED_VIA_RESPONSE_URL = "posted_via_response_url"
    """Posted through the command's response_url, so it has no `ts`."""
    REJECTED = "rejected"
    """Slack refused it; `error` says why."""
    CANCELLED = "cancelled"
    """Never posted, and no longer needed."""
    DELETED = "deleted"
    """Deleted from Slack."""
    ABANDONED = "abandoned"
    """A roundup that would have come too late. Its wins are open again."""


MAY_BE_POSTED = (DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.NEEDS_REVIEW)
"""The states in which Slack may or may not have the message."""

UNSENT = (DeliveryState.PENDING, DeliveryState.REJECTED)
"""The states in which Slack certainly does not have the message, and may still get it."""

NEEDS_ATTENTION = (DeliveryState.NEEDS_REVIEW, DeliveryState.REJECTED)
"""The states that a person has to resolve."""


class DeliveryKind(StrEnum):
    """What a message is about."""

    ANNOUNCEMENT = "announcement"
    """A win."""
    ROUNDUP = "roundup"
    """One part of a roundup."""
    EDITION = "edition"
    """A look back at a month, a quarter or a year, or the workspace's roundup."""
    OWNER_ALERT = "owner_alert"
    """A direct message to a channel's owner about deliveries that need attention, or about the channel."""
    OFFER = "offer"
    """An ephemeral message that proposes a schedule to one person in a channel without one."""
    REMINDER = "reminder"
    """A line on the day before a roundup."""
    SETTINGS_CHANGE = "settings_change"
    """A line that tells a channel how its settings were changed."""
    NOT_SHARED = "not_shared"
    """A private message that tells an author that Slack refused their win's announcement."""
    NOT_REMOVED = "not_removed"
    """A private message that tells an author that Slack refused to remove a win that they undid."""
    ANSWER = "answer"
    """An ephemeral message that answers someone who mentions the bot."""
    DIRECT_ANSWER = "direct_answer"
    """The answer to someone who writes to the bot directly."""
    SUGGESTION = "suggestion"
    """An ephemeral message that suggests to an author that their message is a win."""
    WELCOME = "welcome"
    """A direct message that greets someone when they first open their conversation with the bot."""
    FORM_BUTTON = "form_button"
    """A direct message with a button that opens the form of a win, to someone for whom Slack did not open it."""
    CREDIT = "credit"
    """A direct message that tells someone of a win that they are in: their first one, or one that waits for a yes."""
    CREDIT_NOTE = "credit_note"
    """A direct message that tells someone, a day after roundups, what came of the wins that they are in."""
    LOOK_BACK = "look_back"
    """A direct message that shows someone a win of theirs of a year ago."""
    CLIMB_REACHED = "climb_reached"
    """A line that tells a channel that a climb has reached its goal."""
    JOINED = "joined"
    """A direct message that tells an author who says that they were part of the win."""


class PendingOp(StrEnum):
    """What is to be done next with a message in Slack."""

    POST = "post"
    UPDATE = "update"
    DELETE = "delete"
