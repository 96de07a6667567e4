"""What people read when someone says "I was part of this": the note to the author, and the answers to the press."""

from bot.domain.joining import JoinedNote
from bot.domain.wins import Mention, Win
from bot.views.format import (
    Block,
    Message,
    Names,
    button,
    confirmation,
    context,
    list_people,
    message,
    name,
    paragraph,
    section,
    win_text,
)
from bot.views.owner_alert import with_opt_out
from bot.views.permalinks import Permalink, view_message_link
from bot.views.translations import Translations

LEAVE = "leave_win"
REMOVE = "remove_from_win"
MAX_BUTTONS = 10
"""The most people that the note has a button for; the form of the win has all of them."""


def joined_note(t: Translations, note: JoinedNote, names: Names, *, permalink: Permalink) -> Message:
    """Tell an author who says that they were part of the win, with a button for each that takes them out again."""
    win = note.win
    lines = [_joined(t, win, names)]
    if note.removed:
        people = list_people(t, note.removed, names, limit=MAX_BUTTONS)
        lines.append(t.gettext("You removed {people}.", people=people))
    about = [t.gettext("Your win: {text}", text=win_text(t, win, names)), view_message_link(t, win, permalink)]
    footer = " · ".join(filter(None, about))
    if len(win.joined) == 1:
        rows = [section(lines[0], accessory=_remove(t, win, win.joined[0], names)), *map(section, lines[1:])]
    else:
        rows = [*map(section, lines), *(_row(t, win, person, names) for person in win.joined[:MAX_BUTTONS])]
    return with_opt_out(t, "\n".join([*lines, footer]), [*rows, context(footer)], is_opted_out=note.is_opted_out)


def _row(t: Translations, win: Win, person: Mention, names: Names) -> Block:
    return section(list_people(t, [person], names, limit=1), accessory=_remove(t, win, person, names))


def _joined(t: Translations, win: Win, names: Names) -> str:
    if not win.joined:
        return t.gettext("No one who added themselves to your win is in it anymore.")
    people = list_people(t, win.joined, names, limit=MAX_BUTTONS)
    return t.ngettext(
        "{people} says they were part of your win.",
        "{people} say they were part of your win.",
        len(win.joined),
        people=people,
    )


def _remove(t: Translations, win: Win, person: Mention, names: Names) -> Block:
    who = name(t, person, names)
    question = t.gettext("Remove {person} from this win?", person=who)
    effect = t.gettext("They won't be named in it, and can't add themselves again. They aren't told.")
    dialog = confirmation(t, question, effect, confirm=t.gettext("Remove"), is_danger=True)
    return button(
        t.gettext("Remove"),
        action_id=REMOVE,
        value=f"{win.id}:{person.user_id}",
        accessibility_label=t.gettext("Remove {person}", person=who),
        confirm=dialog,
    )


def already_joined(t: Translations, key: str) -> Message:
    """Reply to a second press, with a button that takes the first one back."""
    text = t.gettext("You're already in this win.")
    return message(text, [section(text, accessory=button(t.gettext("Remove me"), action_id=LEAVE, value=key))])


def already_theirs(t: Translations) -> Message:
    """Reply to the author, or to someone whom the author credits."""
    return paragraph(t.gettext("This win is already yours."))


def removed_by_author(t: Translations) -> Message:
    """Reply to someone whom the author has taken out of the win."""
    return paragraph(
        t.gettext("The person who shared this win removed you from it. If that's a mistake, ask them to add you.")
    )


def joined_unnamed(t: Translations) -> Message:
    """Tell someone who joined a win and prefers not to be named what others read."""
    return paragraph(t.gettext("You're in this win. Others read “a teammate”, because you asked not to be named."))


def joined_unseen(t: Translations) -> Message:
    """Confirm that someone joined a win whose message the bot can't update."""
    return paragraph(t.gettext("You're in this win now, but I can't update the message to show it."))


def left(t: Translations) -> Message:
    """Confirm that someone took their name out of a win."""
    return paragraph(t.gettext("You're not in this win anymore."))


def left_but_shown(t: Translations) -> Message:
    """Say that someone is out of a win, and that its message may still name them."""
    return paragraph(
        t.gettext(
            "You're not in this win anymore. I can't change its message in the channel, though, so your name may still "
            "be there. A workspace admin can delete that message in Slack."
        )
    )
