"""What the errors of Slack's API mean to Winsome. Which error means what is a table in `bot/slack/errors.py`."""

from enum import Enum, auto


class ErrorMeaning(Enum):
    """What an error says about the request, the bot, or what the request was about."""

    RATE_LIMITED = auto()
    """Nothing was done. Slack says when to try again."""
    OUTCOME_UNKNOWN = auto()
    """Part of the request may have been done."""
    INVALID_TOKEN = auto()
    """Nothing was done. The bot can do nothing at all with this token."""
    ACCESS_DENIED = auto()
    """Nothing was done. The token is good, but the workspace or its organization lets the bot do nothing for now."""

    MISSING_SCOPE = auto()
    NOT_IN_CHANNEL = auto()
    CHANNEL_NOT_FOUND = auto()
    """The channel does not exist, or it is private and the bot is not in it."""
    CHANNEL_ARCHIVED = auto()
    POSTING_RESTRICTED = auto()
    """The workspace's settings do not let the bot post in the channel."""
    CHANNEL_READ_ONLY = auto()
    THREADS_ONLY = auto()
    """The channel takes replies only."""
    NO_THREAD = auto()
    """The message to reply to is not there, or takes no replies."""

    BLOCKS_REFUSED = auto()
    """Slack can't show the blocks of the message, which may be for a picture that it can't load."""

    MESSAGE_GONE = auto()
    """The message to change or delete is not there."""
    CHANGE_FORBIDDEN = auto()
    """The workspace's settings do not let the bot update or delete its message."""
    EDIT_WINDOW_CLOSED = auto()
    """The workspace's settings do not let a message of this age be updated."""
    USER_UNKNOWN = auto()
    """Slack knows no such user, or does not show them to the bot."""
    VIEW_REFUSED = auto()
    """Slack will not show this view, however often it is sent."""
