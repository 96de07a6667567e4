"""The buttons of a win: to edit or delete it, to thank people, to take one's name out, and to see its climb."""

from collections.abc import Sequence

from bot.domain.text import on_one_line
from bot.domain.wins import Mention, Win
from bot.views.format import Block, actions, button, confirmation, name, section
from bot.views.translations import Translations

EDIT = "edit_win"
EDIT_IN_LIST = "edit_listed_win"
UNDO_IN_LIST = "undo_listed_win"
OPEN_CLIMB = "open_climb"
MAX_LABEL_NAME = 40
"""The most characters of a name on a button."""


def climb_buttons(t: Translations, win: Win) -> list[Block]:
    """Make the button that opens the page of a win's climb; none for a win in no climb."""
    return [] if win.climb is None else [climb_button(t, win.climb.id, win.climb.name)]


def climb_button(t: Translations, climb_id: int, climb_name: str) -> Block:
    """Make the button that opens the page of a climb."""
    label = t.gettext("See the climb “{climb}”", climb=on_one_line(climb_name))
    return button(t.gettext("See the climb"), action_id=OPEN_CLIMB, value=str(climb_id), accessibility_label=label)


def with_climb_button(t: Translations, win: Win, line: str) -> Block:
    """Make the section of a win in a list, with the button that opens its climb, if it is in one."""
    found = climb_buttons(t, win)
    return section(line, accessory=found[0]) if found else section(line)


def with_buttons(line: str, buttons: Sequence[Block]) -> list[Block]:
    """Make a line with its button beside it, or with several below it."""
    if len(buttons) == 1:
        return [section(line, accessory=buttons[0])]
    return [section(line), *([actions(*buttons)] if buttons else [])]


def edit_button(t: Translations, win_id: int, *, action_id: str) -> Block:
    """Make the button that opens the form in which a win is edited."""
    label = t.gettext("Edit this win")
    return button(t.gettext("Edit"), action_id=action_id, value=str(win_id), accessibility_label=label)


def thank_buttons(t: Translations, win_id: int, people: Sequence[Mention], *, action_ids: Sequence[str]) -> list[Block]:
    """Make a button for each of these people, which thanks them for a win. Each has an id of its own."""
    return [
        button(
            t.gettext("Thank {name}", name=name(t, person, {}, limit=MAX_LABEL_NAME)),
            action_id=action_id,
            value=f"{win_id}:{person.user_id}",
        )
        for action_id, person in zip(action_ids, people, strict=False)
    ]


def leave_button(t: Translations, *, action_id: str, value: str, effect: str) -> Block:
    """Make the button that takes one's own name out of a win, and asks first: the `effect` is what that does."""
    label = t.gettext("Remove me")
    return button(
        label,
        action_id=action_id,
        value=value,
        accessibility_label=t.gettext("Remove me from this win"),
        confirm=confirmation(t, t.gettext("Remove yourself from this win?"), effect, confirm=label),
    )


def delete_button(t: Translations, win: Win, *, action_id: str) -> Block:
    """Make the button that deletes a win, and asks first."""
    delete = t.gettext("Delete")
    return button(
        delete,
        action_id=action_id,
        value=str(win.id),
        accessibility_label=t.gettext("Delete this win"),
        confirm=confirmation(
            t, t.gettext("Delete this win?"), _what_is_deleted(t, win), confirm=delete, is_danger=True
        ),
    )


def _what_is_deleted(t: Translations, win: Win) -> str:
    if win.is_private:
        return t.gettext("You'll get your text back.")
    if win.message_ts is None:  # it was not announced, or in a message that the bot can't remove
        return t.gettext("It won't be in any roundup. You'll get your text back.")
    if not win.cheered_by:
        return t.gettext("It'll be removed from its channel and from any roundup. You'll get your text back.")
    return t.ngettext(
        "It'll be removed from its channel and from any roundup, with its {count} cheer. You'll get your text back.",
        "It'll be removed from its channel and from any roundup, with its {count} cheers. You'll get your text back.",
        win.cheered_by.count,
    )
