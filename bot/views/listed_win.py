"""A win in a list that one person reads."""

from datetime import datetime

from bot.domain.wins import Win
from bot.views.format import Names, cheered_by, date_and_time
from bot.views.permalinks import Permalink, view_message_link
from bot.views.translations import Translations
from bot.views.win_line import extras, headline, where


def listed_win(t: Translations, win: Win, names: Names, *, zone: str, permalink: Permalink, now: datetime) -> str:
    """Return a win as it is listed for someone who may see it, escaped."""
    details = [
        date_and_time(t, win.created_at, zone),
        where(t, win, now=now),
        *extras(t, win, names),
        cheered_by(t, win.cheered_by, names),
        view_message_link(t, win, permalink),
    ]
    return f"{headline(t, win, names)}\n{' · '.join(filter(None, details))}"
