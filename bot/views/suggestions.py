"""The private answers to someone who writes to the bot, and the suggestion that a message is a win."""

from typing import Any

from bot.domain.markup import find_people
from bot.domain.text_to_bot import Topic, topic
from bot.domain.wins import Mention
from bot.views import refusals
from bot.views.format import Block, Message, actions, button, message, paragraph, section
from bot.views.settings_change import emoji as shown_emoji
from bot.views.translations import Translations
from bot.views.win_form import NOTHING_KEPT, OPEN_WIN_FORM


def answer(t: Translations, text: str, *, unsaved_id: int) -> Message:
    """Answer what someone wrote to the bot (people as tokens), which is kept as `unsaved_id`."""
    kept, new = str(unsaved_id), NOTHING_KEPT
    save_this, save_a_win = t.gettext("Save as a win"), t.gettext("Save a win")
    match topic(text, [Mention(user_id) for user_id in find_people(text)]):
        case Topic.WIN:
            return _with_button(
                t.gettext("Want to save that as a win? Nothing is saved or shared until you do."), save_this, kept
            )
        case Topic.GREETING:
            return _with_button(
                t.gettext("Hi! Tell me what went well in a few words, and I'll help you save it as a win."),
                save_a_win,
                new,
            )
        case Topic.QUESTION:
            return _with_button(
                t.gettext(
                    "I can't answer questions, but `/win help` shows what I can do. If that was a win, save it here:"
                ),
                save_this,
                kept,
            )
        case Topic.HELP:
            return _with_button(
                t.gettext(
                    "Tell me what went well, and I'll help you save it as a win. `/win help` shows what else I can do."
                ),
                save_a_win,
                new,
            )
        case Topic.UNCLEAR:
            return _with_button(
                t.gettext("What went well? Add a few words, and I'll help you save it as a win."), save_this, kept
            )
        case Topic.THANKS | Topic.COMMAND | Topic.OTHER_MESSAGE as other:
            return paragraph(_without_button(t)[other])


def _without_button(t: Translations) -> dict[Topic, str]:
    return {
        Topic.THANKS: t.gettext("You're welcome! Whenever something goes well, I'm here to save it."),
        Topic.COMMAND: t.gettext(
            "To run a command, start a new message with it, outside of threads. `/win help` shows the commands."
        ),
        Topic.OTHER_MESSAGE: t.gettext(
            "I can't read other messages. To save one, choose *Save as a win* in its *More actions* menu (⋮)."
        ),
    }


def suggestion(t: Translations, emoji: str, *, link: str, unsaved_id: int) -> Message:
    """Suggest to an author that their message is a win; `link` is its address, escaped."""
    text = t.gettext(
        "<{link}|Your message> got a {emoji}. Want to save it as a win? I haven't read it, so add what happened in "
        "the form.",
        link=link,
        emoji=shown_emoji(emoji),
    )
    return _with_button(text, t.gettext("Save as a win"), str(unsaved_id))


def welcome(t: Translations, *, can_write: bool, is_introduced: bool = False) -> Message:
    """Greet someone in their conversation with the bot; `can_write` says whether it reads what they write there.

    Someone who `is_introduced` has read what Winsome is in the message about a win that they are in.
    """
    what = (
        t.gettext("You can save wins of your own, too.")
        if is_introduced
        else t.gettext("Hi, I'm Winsome! I collect your team's small wins and share them in a roundup.")
    )
    how = (
        t.gettext("Tell me about one here, or type `/win` and a few words in any channel. No win is too small.")
        if can_write
        else t.gettext("To save one, type `/win` and a few words in any channel. No win is too small.")
    )
    who = t.gettext("Nothing is saved or shared until you say so, and `/win help` shows what else I can do.")
    return _with_button(f"{what} {how}\n{who}", t.gettext("Save a win"), NOTHING_KEPT)


def own_message(t: Translations) -> dict[str, Any]:
    """Say in a modal that a message of the bot's own can't be saved."""
    text = t.gettext("That's one of my own messages, so there's nothing to save. To save a win, type `/win`.")
    return refusals.error_modal(t, paragraph(text))


def _with_button(text: str, label: str, value: str) -> Message:
    open_form: Block = button(label, action_id=OPEN_WIN_FORM, value=value)
    return message(text, [section(text), actions(open_form)])
