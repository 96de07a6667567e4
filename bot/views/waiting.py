"""What an author reads about a win that isn't shared yet: the same for all people it waits for, whatever they say."""

from datetime import datetime

from bot.domain.wins import Win
from bot.views.format import channel
from bot.views.translations import Translations


def waiting(t: Translations, channel_id: str, *, is_in_group: bool = False) -> str:
    """Say that a win has just begun to wait; a group conversation has no name to show."""
    if is_in_group:
        return t.gettext("Waiting to be shared in this conversation. There's nothing you need to do.")
    return t.gettext("Waiting to be shared in {channel}. There's nothing you need to do.", channel=channel(channel_id))


def held(t: Translations, win: Win, *, now: datetime, is_in_group: bool = False) -> str:
    """Say what becomes of a held win; "" for any other."""
    if win.held_until is None or win.is_private or win.channel_id is None:
        return ""
    if win.waits(now):
        return waiting(t, win.channel_id, is_in_group=is_in_group)
    return t.gettext("Only you and the people in it can see this.")


def held_in_list(t: Translations, win: Win, *, now: datetime) -> str:
    """Say the same in a line of a list; "" for a win that isn't held."""
    if win.held_until is None or win.is_private or win.channel_id is None:
        return ""
    if win.waits(now):
        return t.gettext("Waiting to be shared in {channel}", channel=channel(win.channel_id))
    return t.gettext(":lock: Only you and the people in it can see this")
