"""A look back: someone's own win of a year ago, in their words."""

from zoneinfo import ZoneInfo

from bot.domain.look_back import LookBack
from bot.domain.wins import WinKind
from bot.views.format import (
    MAX_TEXT_BYTES,
    Block,
    Message,
    Names,
    actions,
    button,
    cheered_by,
    context,
    full_date,
    message,
    section,
)
from bot.views.permalinks import Permalink, view_message_link
from bot.views.translations import Translations
from bot.views.win_line import DETAILS, extras, what

STOP, RESUME = "look_back_stop", "look_back_resume"
ON_FROM_HOME, OFF_FROM_HOME = "home_look_back_on", "home_look_back_off"


def look_back(t: Translations, about: LookBack, names: Names, *, key: str, permalink: Permalink) -> Message:
    """Show a win to its author a year later; `key` is the value of the button."""
    win = about.win
    day = full_date(t, win.created_at.astimezone(ZoneInfo(about.zone)).date())
    title = (
        t.gettext(":seedling: *About a year ago, on {date}, you learned:*", date=day)
        if win.kind is WinKind.LEARNING
        else t.gettext("*About a year ago, on {date}, you had this win:*", date=day)
    )
    note = (
        t.gettext("You asked me for one of your wins from a year ago each month. Only you can see this.")
        if about.wants_look_back
        else t.gettext("I won't send you these anymore.")
    )
    for detail in DETAILS:
        shown = what(t, win, names, detail)
        cheers = cheered_by(t, win.cheered_by, names, limit=detail.cheerers)
        link = "" if win.is_private else view_message_link(t, win, permalink, is_bare=detail.is_bare)
        footer = " · ".join(filter(None, [*extras(t, win, names, detail, names_author=False), cheers, link]))
        text = "\n".join(filter(None, [title, shown, footer, note]))
        if len(text.encode()) <= MAX_TEXT_BYTES:
            break
    return message(
        text,
        [
            section(title),
            section(shown),
            *([context(footer)] if footer else []),
            context(note),
            _stop_or_resume(t, about, key),
        ],
    )


def _stop_or_resume(t: Translations, about: LookBack, key: str) -> Block:
    stop = button(t.gettext("Stop these messages"), action_id=STOP, value=key)
    resume = button(t.gettext("Turn messages back on"), action_id=RESUME, value=key)
    return actions(stop if about.wants_look_back else resume)


def look_back_on_home(t: Translations, *, wants_look_back: bool) -> list[Block]:
    """Offer looks back on Home, or a button that stops them."""
    if wants_look_back:
        text = t.gettext("Each month, I send you one of your wins from about a year ago. Only you see it.")
        stop = t.gettext("Stop sending me wins from a year ago")
        choice = button(t.gettext("Stop"), action_id=OFF_FROM_HOME, value="-", accessibility_label=stop)
    else:
        text = t.gettext(
            "What did you get done a year ago? I can send you one of your own wins from then each month. Only you see "
            "it."
        )
        start = t.gettext("Send me one of my wins from a year ago each month")
        choice = button(t.gettext("Send me one"), action_id=ON_FROM_HOME, value="-", accessibility_label=start)
    return [section(text, accessory=choice)]
