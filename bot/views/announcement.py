"""The one short message that tells a channel of a win."""

from bot.domain.wins import Win
from bot.views.format import Message, Names, button, cheered_by, context, escape, message, name, section, win_text

CHEER = "cheer"


def announcement(win: Win, names: Names, *, key: str, cheerer_ids: tuple[str, ...] = ()) -> Message:
    """Tell a win; `key` goes with its Cheer button, `pressed_by` are those who pressed it.

    Reactions are not repeated in words: Slack shows them under the message.
    """
    author = name(win.author, names)
    text = win_text(win, names)
    cheers = cheered_by(cheerer_ids, names)
    cheer = button(":clap: Cheer", action_id=CHEER, value=key, accessibility_label=f"Cheer this win of {author}")
    blocks = [section(f":sparkles: *{escape(author)}:* {text}", accessory=cheer)]
    if cheers:
        blocks.append(context(cheers))
    return message(" · ".join(filter(None, [f"{escape(author)}: {text}", cheers])), blocks)
