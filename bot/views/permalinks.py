"""Links to messages in Slack."""

from collections.abc import Callable

from bot.domain.wins import Win
from bot.views.translations import Translations

Permalink = Callable[[str, str], str]
"""Returns the URL of a message from its channel and ts."""


def message_link(t: Translations, permalink: Permalink, channel_id: str | None, ts: str | None) -> str:
    """Return a link to a message, or "" if it is not in Slack."""
    if not (channel_id and ts):
        return ""
    label = t.gettext("View message")
    return f"<{permalink(channel_id, ts)}|{label}>"


def view_message_link(t: Translations, win: Win, permalink: Permalink) -> str:
    """Return a link to a win's announcement, or "" if it has none."""
    return message_link(t, permalink, win.channel_id, win.message_ts)
