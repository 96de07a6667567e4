"""The buttons that cheer a win, in the messages that show it."""

from bot.domain.win_size import MAX_PEOPLE
from bot.domain.wins import Win
from bot.views.format import Block, Names, button, name
from bot.views.translations import Translations

CHEER = "cheer"
CHEER_TOLD_WIN = "cheer_told_win"
CHEER_LISTED_WIN = "cheer_listed_win"


def cheer_button(t: Translations, win: Win, names: Names, *, key: str) -> Block:
    """Make the button under a win's announcement; `key` is that of the message."""
    label = _accessibility_label(t, win, names)
    return button(t.gettext(":clap: Cheer"), action_id=CHEER, value=key, accessibility_label=label)


def cheer_told_win_button(t: Translations, win: Win, names: Names, *, key: str) -> Block:
    """Make the button beside a win in a message that tells several, such as a roundup; `key` is that of the message."""
    label = _accessibility_label(t, win, names)
    return button(":clap:", action_id=CHEER_TOLD_WIN, value=f"{key} {win.id}", accessibility_label=label)


def cheer_listed_win_button(t: Translations, win: Win, names: Names) -> Block:
    """Make the button beside a win that Home lists."""
    label = _accessibility_label(t, win, names)
    return button(t.gettext(":clap: Cheer"), action_id=CHEER_LISTED_WIN, value=str(win.id), accessibility_label=label)


def _accessibility_label(t: Translations, win: Win, names: Names) -> str:
    named = [person for person in win.whose if not person.is_unnamed]
    if not named:
        return t.gettext("Cheer a teammate's win")
    people = t.join_and([name(t, person, names) for person in named[:MAX_PEOPLE]])
    return t.gettext("Cheer {author}'s win", author=people)
