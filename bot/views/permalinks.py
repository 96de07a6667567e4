"""Links to messages in Slack."""

from collections.abc import Callable

from bot.domain.wins import Win
from bot.views.translations import Translations

Permalink = Callable[[str, str], str]
"""Returns the URL of a message from its channel and ts."""


def message_url(permalink: Permalink, channel_id: str, ts: str, *, thread_ts: str | None = None) -> str:
    """Return the address of a message, escaped. Slack shows one in a thread only if its address names the thread."""
    in_thread = f"?thread_ts={thread_ts}&amp;cid={channel_id}" if thread_ts and thread_ts != ts else ""
    return f"{permalink(channel_id, ts)}{in_thread}"


def message_link(
    t: Translations, permalink: Permalink, channel_id: str | None, ts: str | None, *, thread_ts: str | None = None
) -> str:
    """Return a link to a message, or "" if it is not in Slack."""
    if not (channel_id and ts):
        return ""
    label = t.gettext("View message")
    return f"<{message_url(permalink, channel_id, ts, thread_ts=thread_ts)}|{label}>"


def view_message_link(t: Translations, win: Win, permalink: Permalink, *, is_bare: bool = False) -> str:
    """Return a link to a win's announcement, or "" if it has none; one that `is_bare` names no thread."""
    thread_ts = None if is_bare else win.linked_thread_ts
    return message_link(t, permalink, win.channel_id, win.message_ts, thread_ts=thread_ts)
