"""The form "Just this time": a note for the next roundup alone, and the wins that it leaves for the one after."""

from typing import Any

from bot.domain.markup import with_names
from bot.domain.next_roundup import MAX_CHOICES, MAX_NOTE_LENGTH, NextRoundup
from bot.domain.text import cut, on_one_line
from bot.domain.wins import Win
from bot.views.format import Names, context, name, section
from bot.views.inputs import field, modal, multi_select
from bot.views.teammates import without_unnamed
from bot.views.translations import Translations

CALLBACK_ID = "next_roundup"
NOTE, LEFT = "note", "left"
MAX_LABEL_LENGTH = 75


def form(t: Translations, upcoming: NextRoundup, names: Names, *, private_metadata: str) -> dict[str, Any]:
    """Ask for the note and the wins; `private_metadata` comes back with what is entered."""
    note: dict[str, Any] = {"type": "plain_text_input", "multiline": True, "max_length": MAX_NOTE_LENGTH}
    if upcoming.note:
        note["initial_value"] = upcoming.note
    blocks = [
        section(t.gettext("This changes the next roundup only. The ones after it won't change.")),
        field(
            NOTE,
            t.gettext("A note at the top"),
            note,
            hint=t.gettext("One or two sentences, signed with your name. Leave it empty for no note."),
            dispatch_action=False,
            optional=True,
        ),
    ]
    if upcoming.wins:
        labels = {str(win.id): _label(t, win, names) for win in upcoming.wins}
        chosen = [str(win.id) for win in upcoming.wins if win.id in upcoming.left_ids]
        label = t.gettext("Leave for the roundup after that")
        hint = (
            t.gettext("Only the newest {count} wins fit in this list.", count=MAX_CHOICES) if upcoming.has_more else ""
        )
        blocks.append(multi_select(LEFT, label, labels, chosen, hint=hint, dispatch_action=False, optional=True))
        blocks.append(
            context(t.gettext("No one is told which wins you leave. Admins see how many in the change history."))
        )
    title, submit = t.gettext("Just this time"), t.gettext("Save changes")
    return modal(t, CALLBACK_ID, title, blocks, private_metadata=private_metadata, submit=submit)


def saved(t: Translations, upcoming: NextRoundup) -> dict[str, Any]:
    """Say what the next roundup will have and leave."""
    sentences = [
        t.gettext("The next roundup will start with your note.")
        if upcoming.note
        else t.gettext("The next roundup won't have a note.")
    ]
    if upcoming.left_ids:
        sentences.append(
            t.ngettext(
                "It'll leave {count} win for the roundup after that.",
                "It'll leave {count} wins for the roundup after that.",
                len(upcoming.left_ids),
            )
        )
    sentences.append(t.gettext("Use `/wins preview` to see it."))
    return modal(t, "next_roundup_saved", t.gettext("Just this time"), [section(" ".join(sentences))])


def too_long(t: Translations) -> str:
    """Say that a note has no room in a roundup."""
    return t.gettext("That's too long for a roundup. Keep it to one or two sentences.")


def _label(t: Translations, win: Win, names: Names) -> str:
    """Return whose win it is and the beginning of its text, as plain text."""
    people = t.join_and([name(t, person, names) for person in win.whose[:2]])
    written = without_unnamed(t, win.text, win.everyone)
    text = with_names(written, {person.user_id: name(t, person, names) for person in (win.author, *win.everyone)})
    label = t.gettext("{author}: {text}", author=people, text=on_one_line(text))
    return label if len(label) <= MAX_LABEL_LENGTH else cut(label, MAX_LABEL_LENGTH - 1) + "…"
