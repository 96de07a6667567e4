"""The short message that announces a win in its channel."""

from bot.domain.wins import Win
from bot.views.format import Message, Names, button, cheered_by, context, escape, message, name, section, win_text
from bot.views.translations import Translations

CHEER = "cheer"


def announcement(t: Translations, win: Win, names: Names, *, key: str, cheerer_ids: tuple[str, ...] = ()) -> Message:
    """Announce a win; `key` is the value of its Cheer button, `cheerer_ids` are those who pressed it.

    Reactions are not listed: Slack shows them under the message.
    """
    author = name(t, win.author, names)
    text = win_text(t, win, names)
    cheers = cheered_by(t, cheerer_ids, names)
    cheer = button(
        t.gettext(":clap: Cheer"),
        action_id=CHEER,
        value=key,
        accessibility_label=t.gettext("Cheer {author}'s win", author=author),
    )
    author = escape(author)
    blocks = [section(t.gettext(":sparkles: *{author}:* {text}", author=author, text=text), accessory=cheer)]
    if cheers:
        blocks.append(context(cheers))
    return message(" · ".join(filter(None, [t.gettext("{author}: {text}", author=author, text=text), cheers])), blocks)
