"""What a message says instead of its text, where Slack does not let the bot delete it."""

from bot.views.format import Message, context, message
from bot.views.translations import Translations


def withdrawn(t: Translations) -> Message:
    """Say that the message was deleted."""
    text = t.gettext("This message was deleted.")
    return message(text, [context(text)])
