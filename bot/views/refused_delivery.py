"""Why Slack refused to post, update or delete a message, and what a person can do about it.

What can't be deleted says so instead.
"""

from bot.domain.owner_alerts import StuckDelivery
from bot.domain.slack_errors import ErrorMeaning
from bot.views.format import Message, code, context, message
from bot.views.permalinks import Permalink, message_link
from bot.views.translations import Translations


def post_refusal(t: Translations, delivery: StuckDelivery) -> str:  # noqa: PLR0911 - one for each meaning
    """Return why Slack refused a post, escaped, and what to do first."""
    match delivery.refusal:
        case ErrorMeaning.NOT_IN_CHANNEL:
            return t.gettext("I'm not in that channel. Type `/invite @Winsome` there.")
        case ErrorMeaning.CHANNEL_NOT_FOUND:
            return t.gettext("I can't find that channel. If it still exists, type `/invite @Winsome` there.")
        case ErrorMeaning.CHANNEL_ARCHIVED:
            return t.gettext("The channel is archived. Unarchive it.")
        case ErrorMeaning.POSTING_RESTRICTED:
            return t.gettext("Your workspace settings don't let me post there. Ask an admin to allow it.")
        case ErrorMeaning.CHANNEL_READ_ONLY:
            return t.gettext("The channel is read-only. Ask an admin to let me post there.")
        case ErrorMeaning.THREADS_ONLY:
            return t.gettext("Only replies are allowed in that channel. Ask an admin to let me post there.")
        case ErrorMeaning.MISSING_SCOPE:
            return t.gettext(
                "I'm missing a permission. Ask the person who installed Winsome to add it and reinstall the app "
                "(`winsome doctor` shows which one)."
            )
    if not delivery.error:
        return t.gettext("Slack didn't accept it and gave no reason. Wait a few minutes.")
    return t.gettext(
        "Slack didn't accept it ({error}). Ask the person who runs Winsome to fix that.", error=code(delivery.error)
    )


def change_refusal(t: Translations, delivery: StuckDelivery) -> str:
    """Return why Slack refused an update or a deletion, escaped, and what makes the bot try again."""
    match delivery.refusal:
        case ErrorMeaning.CHANGE_FORBIDDEN:
            return t.gettext("Your workspace settings don't allow it.")
        case ErrorMeaning.EDIT_WINDOW_CLOSED:
            return t.gettext("It's too old to be edited in this workspace.")
        case ErrorMeaning.CHANNEL_ARCHIVED:
            return t.gettext("The channel is archived. I'll try again when it's unarchived.")
        case ErrorMeaning.NOT_IN_CHANNEL | ErrorMeaning.CHANNEL_NOT_FOUND:
            return t.gettext(
                "I can't see that channel. If it still exists, type `/invite @Winsome` there and I'll try again."
            )
    return t.gettext("Slack's reason: {error}.", error=code(delivery.error or ""))


def view_message(t: Translations, delivery: StuckDelivery, permalink: Permalink) -> str:
    """Return a link to the message, or "" if it is not in Slack."""
    return message_link(t, permalink, delivery.target_channel_id, delivery.ts, thread_ts=delivery.thread_ts)


def withdrawn(t: Translations) -> Message:
    """Say that a message was deleted, in place of the text of one that Slack doesn't let the bot delete."""
    text = t.gettext("This message was deleted.")
    return message(text, [context(text)])
