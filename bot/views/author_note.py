"""What the author of a win reads when Slack refuses to show it, or to stop showing it."""

from bot.domain.author_notes import AuthorNote
from bot.views.format import Message, Names, channel, context, message, section, win_text
from bot.views.owner_alert import with_opt_out
from bot.views.permalinks import Permalink
from bot.views.refused_delivery import change_refusal, post_refusal, view_message
from bot.views.translations import Translations


def not_shared(t: Translations, note: AuthorNote, names: Names, *, is_direct: bool) -> Message:
    """Say that a win could not be shared in its channel, and why, and that it is saved."""
    if note.is_in_group:
        text = t.gettext(
            "Your win is saved, but I couldn't share it in that group conversation, because I'm not in it. To share "
            "it, use `/win` in a channel."
        )
        return _note(t, note, names, text, is_direct=is_direct)
    title = t.gettext("I couldn't share your win in {channel}.", channel=channel(note.win.channel_id or ""))
    reason = post_refusal(t, note.refused[0])
    saved = t.gettext("Your win is still saved for the next roundup.")
    return _note(t, note, names, f"{title} {reason} {saved}", is_direct=is_direct)


def not_removed(t: Translations, note: AuthorNote, names: Names, *, permalink: Permalink, is_direct: bool) -> Message:
    """Say that a win is deleted or private, and which messages still show it."""
    title = t.gettext("Your win is deleted, but Slack didn't let me remove it from the channel.")
    if not note.win.is_undone:
        title = t.gettext("Your win is private now, but Slack didn't let me remove it from the channel.")
    shown = [
        " ".join(filter(None, [change_refusal(t, delivery), view_message(t, delivery, permalink)]))
        for delivery in note.refused
    ]
    advice = t.gettext("A workspace admin can delete the message.")
    return _note(t, note, names, "\n".join([title, *shown, advice]), is_direct=is_direct)


def _note(t: Translations, note: AuthorNote, names: Names, text: str, *, is_direct: bool) -> Message:
    win = t.gettext("Your win: {text}", text=win_text(t, note.win, names))
    all_text, blocks = f"{text}\n{win}", [section(text), context(win)]
    return with_opt_out(t, all_text, blocks, is_opted_out=note.is_opted_out) if is_direct else message(all_text, blocks)
