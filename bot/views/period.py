"""The dates of a period, as short as they can be said."""

from datetime import date
from functools import lru_cache

from babel.dates import format_date

from bot.views.format import full_date
from bot.views.translations import Translations


@lru_cache(maxsize=256)  # many roundups are of the same week, and Babel takes a while
def period(t: Translations, first: date, last: date) -> str:
    """Return a period's first and last date, or its only one, with the month once and the years if they differ."""
    if first.year != last.year:
        return t.pgettext("period", "{first} – {last}", first=full_date(t, first), last=full_date(t, last))
    start = format_date(first, t.pgettext("date pattern of CLDR", "MMMM d"), locale=t.locale)
    if first == last:
        return start
    if first.month != last.month:
        end = format_date(last, t.pgettext("date pattern of CLDR", "MMMM d"), locale=t.locale)
        return t.pgettext("period", "{first} – {last}", first=start, last=end)
    end = format_date(last, t.pgettext("date pattern of CLDR, the end of a period in one month", "d"), locale=t.locale)
    return t.pgettext("period in one month", "{first}–{last}", first=start, last=end)
